# SPDX-License-Identifier: Apache-2.0
"""A registry behind the edges of a CDN: some answers are minutes old, some are cut short, some are a 503.

It serves a folder with an index, as publish() found it: each file's history is kept with the time of each copy, and
that time is the copy's Last-Modified. A stale answer is what was true a while before, its absence and its validators
included. What a request meets depends on the seed, its path and how many came for that path before, not on the order
of requests. asyncio by hand, since a sweep is thousands of requests.
"""

import asyncio
import collections
import email.utils
import hashlib
import os
import random
import threading

from yw.index import Index

STALE_S = 600  # how far an edge is behind at most
RATES = {"stale": 0.05, "cut": 0.02, "unavailable": 0.02}
REASONS = {200: "OK", 304: "Not Modified", 404: "Not Found", 503: "Service Unavailable"}

Copy = collections.namedtuple("Copy", "since body etag modified")  # body None: there is no such file
NO_FILE = Copy(0, None, None, None)


class Edges:
    def __init__(self, folder, clock, seed, last_modified=True, rates=None):
        self.index = Index(folder)
        self.clock, self.seed, self.last_modified = clock, seed, last_modified
        self.rates = RATES if rates is None else rates
        self.met = collections.Counter()  # what requests met
        self._files, self._copies, self._asked = {}, {}, collections.Counter()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        listening = self._loop.create_server(lambda: Connection(self), "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(listening, self._loop).result(30)
        self.index_url = f"sparse+http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/"

    def close(self):
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # ---- what is there

    def publish(self):
        """What the folder holds now is true from now on; the first time: since ever. Returns the paths that changed."""
        found = dict(visible_files(self.index.folder))
        changed = [path for path in found.keys() | self._files.keys() if found.get(path) != self._files.get(path)]
        now, first = self.clock.now(), not self._files
        for path in changed:
            body = (self.index.folder / path).read_bytes() if path in found else None
            etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"' if path in found else None
            copy = Copy(0 if first else now, body, etag, email.utils.formatdate(int(now), usegmt=True))
            self._copies[path] = (*self._copies.get(path, ()), copy)
        self._files = found
        return changed

    def _find(self, path, age_s):
        then = self.clock.now() - age_s
        return next((copy for copy in reversed(self._copies.get(path, ())) if copy.since <= then), NO_FILE)

    # ---- what is answered

    def answer(self, path, etag):
        """To a request that names a copy's ETag: the bytes, and whether the connection ends after them."""
        self._asked[path] += 1
        dice = random.Random(f"{self.seed} {path} {self._asked[path]}")
        fate = self._draw(dice)
        self.met[fate] += 1
        if fate == "unavailable":
            return head(503, {"Retry-After": "1"} if dice.random() < 0.1 else {}, 0), False
        copy = self._find(path, dice.uniform(0, STALE_S) if fate == "stale" else 0)
        status = 404 if copy.body is None else 304 if copy.etag == etag else 200
        body = copy.body if status == 200 else b""
        if fate == "cut":
            return cut(status, self._validators(copy), body, dice), True
        return head(status, self._validators(copy), len(body)) + body, False

    def _draw(self, dice):
        drawn = dice.random()
        for fate, rate in self.rates.items():
            if drawn < rate:
                return fate
            drawn -= rate
        return "well"

    def _validators(self, copy):
        if copy.body is None:
            return {}
        return {"ETag": copy.etag} | ({"Last-Modified": copy.modified} if self.last_modified else {})


def visible_files(folder, prefix=""):
    """(path, what tells that it has changed) of each"""
    for entry in os.scandir(folder):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from visible_files(entry.path, f"{prefix}{entry.name}/")
        else:
            about = entry.stat()
            yield f"{prefix}{entry.name}", (about.st_ino, about.st_mtime_ns, about.st_size)


def head(status, fields, length):
    fields = fields | ({} if status == 304 else {"Content-Length": length, "Content-Type": "text/plain"})
    lines = [f"HTTP/1.1 {status} {REASONS[status]}", *(f"{name}: {value}" for name, value in fields.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def cut(status, fields, body, dice):
    """The first part of that answer, of either way to send one; often what came is whole lines."""
    if not body:
        return head(status, fields, 0)[:-10]
    part = body[:dice.randrange(len(body))]
    if dice.random() < 0.5:
        part = part[:part.rfind(b"\n") + 1]
    if dice.random() < 0.5:
        return head(status, fields, len(body)) + part
    chunked = head(status, fields | {"Transfer-Encoding": "chunked"}, 0).replace(b"Content-Length: 0\r\n", b"")
    return chunked + (b"%x\r\n%s\r\n" % (len(part), part) if part else b"")


class Connection(asyncio.Protocol):
    def __init__(self, edges):
        self.edges, self.received, self.transport = edges, b"", None

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.received += data
        while b"\r\n\r\n" in self.received and not self.transport.is_closing():
            request, _, self.received = self.received.partition(b"\r\n\r\n")
            line, *fields = request.decode("latin-1").split("\r\n")
            fields = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
            answer, ends = self.edges.answer(line.split(" ")[1].lstrip("/"), fields.get("if-none-match"))
            self.transport.write(answer)
            if ends:
                self.transport.close()
