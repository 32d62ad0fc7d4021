# SPDX-License-Identifier: Apache-2.0
"""A registry that can break every rule: answers by the book, unless it was told to answer otherwise.

Faulty() speaks HTTP/1.1; Faulty(authority) TLS, with a certificate that can be exchanged; with h2=True HTTP/2, in as many
frames as it takes to break that, too. What a fault does is a function that gets the request.
"""

import contextlib
import email.utils
import hashlib
import json
import socket
import ssl
import struct
import subprocess
import time

from yw.index import checksum, compact, path_of
from yw.server import Handler, Server

CONFIG = "/config.json"


def line_of(crate, version, **fields):
    return compact({"name": crate, "vers": version, "deps": [], "cksum": checksum(f"{crate} {version}"), "features": {},
                    "yanked": False} | fields).encode() + b"\n"


class Faulty:
    def __init__(self, authority=None, h2=False):
        self.config = b'{"dl": "https://localhost/dl"}'
        self.lines = {}  # {"/de/mo/demo": [line…]}
        self.asked = []  # (path, headers)
        self.before = {}  # the bodies before the last change
        self.etags = True
        self._faults = {}
        self.behind_s = 600  # of what changes; 0: it has changed just now
        self._modified = int(time.time()) - 600
        self.elsewhere = None  # another server's URL
        self.certificates = {"good": (authority / "localhost.pem", authority / "localhost.key")} if authority else {}
        self._authority = authority
        self.tls = None
        if authority:
            self.use_certificate("good", h2)
        self._server = Server(H2Exchange if h2 else Exchange, self)
        self.url = self._server.url
        self.index_url = f"sparse+http{'s' if authority else ''}://localhost:{self._server.server_port}/"

    def close(self):
        self._server.stop()

    # ---- what is true

    def put(self, crate, *versions):
        self.lines["/" + path_of(crate)] = [line_of(crate, version) for version in versions]

    def yank(self, crate, version):
        path = "/" + path_of(crate)
        self.before[path] = self.body(path)
        self._modified = max(self._modified + 1, int(time.time()) - self.behind_s)
        self.lines[path] = [line_of(crate, version, yanked=True) if json.loads(line)["vers"] == version else line
                            for line in self.lines[path]]

    def body(self, path):
        return self.config if path == CONFIG else b"".join(self.lines[path])

    def validators(self, body):
        etag = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"'} if self.etags else {}
        return etag | {"Last_Modified": self.modified(0)}

    def modified(self, seconds_later):
        return email.utils.formatdate(self._modified + seconds_later, usegmt=True)

    # ---- what is said instead

    def fail(self, answer, paths=None):
        """From now on; None: all is well again. Paths: every crate's, unless named."""
        self._faults = {path: answer for path in paths or self.lines} if answer else {}

    def fault_of(self, path):
        return self._faults.get(path)

    def use_certificate(self, name, h2=False):
        """None: no TLS at all, on the same port."""
        if name is None:
            self.tls = None
            return
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if name not in self.certificates:
            self.certificates[name] = sign(self._authority, name, **BAD_CERTIFICATES[name])
        context.load_cert_chain(*self.certificates[name])
        if h2:
            context.set_alpn_protocols(["h2"])
        self.tls = context


BAD_CERTIFICATES = {
    "expired": {"days": "-1", "host": "localhost"},
    "wrong host": {"days": "2", "host": "elsewhere.example"},
}


def sign(authority, name, days, host):
    """A certificate that the authority should not have given; (certificate, key)."""
    def openssl(*args):
        subprocess.run(["openssl", *args], cwd=authority, capture_output=True, timeout=60, check=True)
    base = name.replace(" ", "-")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={host}",
            "-addext", f"subjectAltName=DNS:{host}", "-keyout", f"{base}.key", "-out", f"{base}.csr")
    openssl("x509", "-req", "-in", f"{base}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-copy_extensions", "copy", "-days", days, "-out", f"{base}.pem")
    return authority / f"{base}.pem", authority / f"{base}.key"


class Exchange(Handler):
    """One HTTP/1.1 connection."""

    def setup(self):
        tls = self.server.owner.tls
        if tls:
            self.request.settimeout(30)
            self.request = tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def do_GET(self):
        registry = self.server.owner
        registry.asked.append((self.path, dict(self.headers.items())))
        fault = registry.fault_of(self.path)
        if fault:
            fault(self)
        elif self.path != CONFIG and self.path not in registry.lines:
            self.say(404, b"")
        elif registry.etags and self.headers.get("If-None-Match") == registry.validators(self.truth)["ETag"]:
            self.say(304)
        else:
            self.say()
        if registry.certificates:
            self.close_connection = True  # so that the next request looks at the certificate again

    @property
    def truth(self):
        """What an honest answer holds."""
        return self.server.owner.body(self.path)

    @property
    def old(self):
        """The same before the last change."""
        return self.server.owner.before.get(self.path, self.truth)

    def later(self, seconds):
        return self.server.owner.modified(seconds)

    def say(self, status=200, body=None, date=True, **headers):
        """As an honest answer, but for what is given; a header that is None is left out."""
        body = self.truth if body is None else body
        validators = self.server.owner.validators(self.truth) if status in (200, 206, 304) else {}
        length = {} if status in (204, 304) else {"Content_Length": str(len(body))}
        self.send_response_only(status)
        for name, value in (({"Date": self.date_time_string()} if date else {}) | validators | length | headers).items():
            if value is not None:
                self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if status not in (204, 304):
            self.wfile.write(body)

    def say_raw(self, text):
        """Bytes that need not be HTTP; then the connection ends."""
        self.wfile.write(text)
        self.hang_up()

    def hang_up(self):
        self.close_connection = True

    def reset(self):
        """Ends the connection with RST instead of FIN."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with contextlib.suppress(OSError):
            self.connection.close()
        self.close_connection = True


# ---- HTTP/2 (RFC 9113), as much of it as one client needs

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
END_STREAM, ACK, END_HEADERS = 1, 1, 4
INTERNAL_ERROR = struct.pack(">I", 2)
PREFACE = 24  # bytes
STATUS_200, LITERAL = b"\x88", b"\0"  # of HPACK (RFC 7541): the rest of it is not needed


class H2Exchange(Exchange):
    """One HTTP/2 connection. The header blocks that come are not read: the first request is for config.json, all
    others are for the only crate there is."""

    def handle(self):
        self.read(PREFACE)
        self.frame(SETTINGS, 0, 0, b"")
        self.close_connection = False
        with contextlib.suppress(EOFError, OSError):
            while not self.close_connection:
                self.take_frame()

    def read(self, count):
        content = self.rfile.read(count)
        if len(content) < count:
            raise EOFError
        return content

    def take_frame(self):
        head = self.read(9)
        payload = self.read(int.from_bytes(head[:3], "big"))
        kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big")
        if kind in (SETTINGS, PING) and not flags & ACK:
            self.frame(kind, ACK, 0, payload if kind == PING else b"")
        elif kind == HEADERS:
            self.answer(stream)

    def answer(self, stream):
        registry = self.server.owner
        self.stream = stream
        (self.path,) = registry.lines if registry.asked else [CONFIG]
        registry.asked.append((self.path, {}))
        fault = registry.fault_of(self.path)
        if fault:
            fault(self)
        else:
            self.begin(len(self.truth))
            self.part(self.truth, END_STREAM)

    def frame(self, kind, flags, stream, payload):
        self.wfile.write(len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload)

    def begin(self, content_length):
        """The head of an answer: 200."""
        validators = self.server.owner.validators(self.truth)
        fields = {"content-length": str(content_length), "etag": validators["ETag"],
                  "last-modified": validators["Last_Modified"], "date": self.date_time_string()}
        block = STATUS_200 + b"".join(LITERAL + text(name) + text(value) for name, value in fields.items())
        self.frame(HEADERS, END_HEADERS, self.stream, block)

    def part(self, content, flags=0):
        self.frame(DATA, flags, self.stream, content)


def text(value):
    """An HPACK string, not compressed."""
    return bytes([len(value)]) + value.encode()
