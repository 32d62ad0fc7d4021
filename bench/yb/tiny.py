# SPDX-License-Identifier: Apache-2.0
"""An HTTP/1.1 server that does as little as it can between a byte and its time stamp (monotonic nanoseconds)."""

import contextlib
import email.utils
import json
import socket
import threading
import time

from yw.index import path_of


class Tiny:
    """`answer(path, headers, body, came_ns)` gives (bytes to send, a function that is told when they were sent)."""

    def __init__(self, answer):
        self._answer = answer
        self._connections = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self):
        with contextlib.suppress(OSError):  # closed
            while True:
                connection, _ = self._listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._connections.add(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, contextlib.suppress(OSError):
            while request := read_request(connection):
                reply, sent = self._answer(*request)
                connection.sendall(reply)
                sent_ns = time.monotonic_ns()
                if sent:
                    sent(sent_ns)
        self._connections.discard(connection)


def read_request(connection):
    """(path, headers, body, when its first byte came); None when there is no more. Nobody pipelines."""
    came_ns, read = None, b""
    while b"\r\n\r\n" not in read:
        part = connection.recv(65536)
        came_ns = came_ns or time.monotonic_ns()
        if not part:
            return None
        read += part
    head, _, body = read.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    return first.split(" ")[1], headers, body, came_ns


def reply(status, body=b"", **headers):
    """Header names are written with _ for -."""
    lines = [f"HTTP/1.1 {status} -", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    if status not in (204, 304):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


class TinyRegistry:
    """Crates in memory; `sent[crate]` is when the last byte of its last reply was sent."""

    def __init__(self):
        self._files, self.sent, self.came = {}, {}, {}
        self._modified = int(time.time()) - 100000
        self._server = Tiny(self._answer)
        self.index_url = f"sparse+{self._server.url}/index/"
        self.close = self._server.close

    def put(self, crate, lines):
        self._modified += 1
        self._files[path_of(crate)] = (crate, "".join(f"{line}\n" for line in lines).encode(), self._modified)

    def _answer(self, path, headers, _body, came_ns):
        path = path.removeprefix("/index/")
        if path == "config.json":
            self.came.setdefault("config.json", came_ns)
            return reply(200, json.dumps({"dl": "https://localhost/dl"}).encode()), None
        self.came.setdefault("crate", came_ns)
        if path not in self._files:
            return reply(304 if "if-none-match" in headers else 404), None
        crate, body, modified = self._files[path]
        etag = f'"{modified}"'
        if headers.get("if-none-match") == etag:
            return reply(304, ETag=etag), None
        date = email.utils.formatdate(modified, usegmt=True)
        return reply(200, body, ETag=etag, Last_Modified=date), lambda at_ns: self.sent.update({crate: at_ns})
