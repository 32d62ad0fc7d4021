# SPDX-License-Identifier: Apache-2.0
"""A stand-in for the daemon's socket, which answers as docs/SOCKET.md says with what a test puts into it; and the
client, run against it as people do: for a file, for a program and on a terminal."""
import fcntl
import http.server
import json
import os
import pty
import re
import socketserver
import struct
import subprocess
import termios
import threading
import urllib.parse

from yw.daemon import CLIENT

HOSTILE = "evil\x1b[31m\u202e\r\nforged\u009b0m\u2028end"
UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
CHECKSUM = "0123456789abcdef" * 4


def event(seq, **changes):
    return {"id": f"evt_{seq}", "seq": seq, "at": "2026-11-21T09:30:00.123Z", "registry": "internal",
            "crate": "demo", "version": f"1.0.{seq}", "event": "yanked", "severity": "high",
            "yanked": True} | changes


def version(name, **changes):
    return {"version": name, "checksum": CHECKSUM, "yanked": False, "deleted": False} | changes


def crate(name="demo", registry="internal", **changes):
    return {"registry": registry, "crate": name, "index": "https://crates.example/index/", "state": "present",
            "listed_by": ["configuration", "socket"], "last_modified": "2026-11-20T08:00:00.000Z",
            "usable_versions": 2, "unparsed_lines": 0, "doubled_lines": 1,
            "versions": [version("1.0.0"),
                         version("1.0.1+build", yanked=True, changed_at="2026-11-21T09:30:00.123Z"),
                         version("1.0.2", deleted=True)]} | changes


def watch(name="demo", registry="internal", state="present"):
    return {"registry": registry, "crate": name, "listed_by": ["configuration", "socket"], "state": state}


STATUS = {
    "version": "0.1.0", "started_at": "2026-11-21T09:30:00.000Z", "healthy": True,
    "registries": [
        {"registry": "internal", "index": "https://crates.example/index/", "state": "ok", "watches": 3,
         "missing": 4, "waiting": 5, "failing": 1, "in_flight": 1, "requests": 10, "received_bytes": 2048, "requests_per_second": 50,
         "polls": 9, "not_modified": 7, "stale": 0, "unparsed": 2, "failures": 0, "interval_ms": 60000, "late_ms": 2500,
         "swept_at": "2026-11-21T09:28:30.000Z", "last_success_at": "2026-11-21T09:29:00.000Z"},
        {"registry": "crates-io", "index": "https://index.crates.io/", "state": "failing", "watches": 12,
         "missing": 0, "waiting": 0, "failing": 0, "in_flight": 0, "requests": 90, "received_bytes": 0, "requests_per_second": 50,
         "polls": 90, "not_modified": 70, "stale": 0, "unparsed": 0, "failures": 20, "interval_ms": 30000, "late_ms": 0,
         "last_error": {"text": "connection refused", "at": "2026-11-21T09:28:00.000Z"}}],
    "tracker": {"queue": 0, "places": 1024, "jobs": 12, "commits": 9, "failed_commits": 0},
    "database": {"events": 3, "crates": 3, "bytes": 86016, "wal_bytes": 0},
    "findings": {"high": 1},
    "outbox": {"due": 4, "in_flight": 0, "delivered": 3, "dead": 0, "gathering": 2, "silenced": 1},
    "notifiers": [{"notifier": "hook", "plugin": "webhook", "state": "pausing", "delivered": 3, "retried": 1,
                   "rejected": 0, "waiting": 4, "dead": 0, "restarts": 2, "last_error": {"text": "status 500",
                                                                "at": "2026-11-21T09:27:00.000Z"}}],
}


class Problem(Exception):
    def __init__(self, status, detail=None, **more):
        super().__init__(detail)
        self.status = status
        self.document = {"title": "no", "status": status} | ({"detail": detail} if detail else {}) | more


class Raw(bytes):
    """An answer that is sent as it is, JSON or not."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def address_string(self):
        return "unix"

    def log_message(self, *args):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        is_json = self.headers.get("Content-Type") == "application/json"
        body = (json.loads(body) if is_json else body) if body else None
        self.server.daemon.requests.append((self.command, self.path, body))
        try:
            status, document = 200, self.server.daemon.answer(self.command, url.path, query, body)
            if isinstance(document, tuple):
                status, document = document
        except Problem as problem:
            status, document = problem.status, problem.document
        data = document if isinstance(document, Raw) else json.dumps(document, ensure_ascii=False).encode()
        self.send_response(204 if document is None else status)
        if document is not None:
            self.send_header("Content-Type", "application/json" if status < 400 else "application/problem+json")
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if document is not None:
            self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = answer


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class Daemon:
    """Answers from what a test puts into it; what stands in `answers` for a path goes before that: a document, a
    (status, document), an exception, what to call for one, or a list of these, one for each request."""

    def __init__(self, folder):
        self.socket = str(folder / "y.sock")
        self.requests = []
        self.answers = {}
        self.events, self.watches, self.crates, self.poll = [], [], {}, {}
        self.server = Server(self.socket, Handler)
        self.server.daemon = self
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def put(self, *crates):
        for document in crates:
            self.crates[document["registry"], document["crate"]] = document
            self.watches.append(watch(document["crate"], document["registry"], document["state"]))

    def answer(self, method, path, query, body):
        if path in self.answers:
            answer = self.answers[path]
            if isinstance(answer, list):
                answer = answer.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer() if callable(answer) else answer
        parts = [urllib.parse.unquote(part) for part in path.split("/")[2:]]
        return getattr(self, f"{method.lower()}_{parts[0]}")(parts[1:], query, body)

    @staticmethod
    def page(name, items, query):
        limit = int(query["limit"])
        assert 1 <= limit <= 1000
        more = len(items) > limit
        return {name: items[:limit], "next": str(items[limit - 1]["seq"]) if more else None}

    def get_status(self, _parts, _query, _body):
        return STATUS

    def get_events(self, _parts, query, _body):
        events = [e for e in self.events if all(e.get(k) == query[k] for k in ("crate", "version") if k in query)]
        if query.get("reverse") == "true":
            events = [e for e in reversed(events) if "after" not in query or e["seq"] < int(query["after"])]
        else:
            events = [e for e in events if "after" not in query or e["seq"] > int(query["after"])]
        return self.page("events", events, query)

    def get_watches(self, _parts, query, _body):
        rows = [w for w in self.watches if all(w[k] == query[k] for k in ("crate", "registry") if k in query)]
        rows = [w | {"seq": i} for i, w in enumerate(rows)]
        return self.page("watches", [w for w in rows if w["seq"] > int(query.get("after", -1))], query)

    def post_watches(self, _parts, _query, body):
        registry = body.get("registry", "internal")
        return {"watches": [{"registry": registry, "crate": c, "added": True} for c in body["crates"]]}

    def delete_watches(self, parts, _query, _body):
        if not any((w["registry"], w["crate"]) == tuple(parts) for w in self.watches):
            raise Problem(404, f"{parts[1]}: not watched in {parts[0]}")

    def get_crates(self, parts, _query, _body):
        if tuple(parts) not in self.crates:
            raise Problem(404, f"{parts[1]}: not watched in {parts[0]}", near=["serde_json", "serde"])
        return self.crates[tuple(parts)]

    def post_poll(self, _parts, _query, body):
        poll = self.poll.pop(0) if isinstance(self.poll, list) else self.poll
        return poll if body.get("wait") else {"polled": 3}

    def query_of_last(self):
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.requests[-1][1]).query))


def environment(**changes):
    env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "YANKWATCH_SOCKET")}
    return env | {"TZ": "EET-2", "TERM": "xterm", "http_proxy": "http://127.0.0.1:1"} | changes


def run(socket, *arguments, env=None, **options):
    return subprocess.run([CLIENT, "--socket", socket, *arguments], capture_output=True, text=True, timeout=60,
                          env=env or environment(), check=False, **options)


def good(daemon, *arguments):
    result = run(daemon.socket, *arguments)
    assert (result.returncode, result.stderr) == (0, ""), result
    return result.stdout


def lines(daemon, *arguments):
    return good(daemon, *arguments).splitlines()


def json_lines(daemon, *arguments):
    return [json.loads(line) for line in lines(daemon, "--json", *arguments)]


def on_terminal(daemon, *arguments, columns=0, **changes):
    """Standard output as a terminal would get it that has so many columns; 0: one that does not know."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen([CLIENT, "--socket", daemon.socket, *arguments], stdout=slave, stdin=slave,
                          env=environment(**changes)) as process:
        os.close(slave)
        chunks = []
        try:
            while chunk := os.read(master, 65536):
                chunks.append(chunk)
        except OSError:  # how a terminal says that the last writer has gone
            pass
        os.close(master)
        assert process.wait(60) == 0
    return b"".join(chunks).decode().replace("\r\n", "\n")
