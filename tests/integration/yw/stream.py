# SPDX-License-Identifier: Apache-2.0
"""What the socket gives piece by piece: exports as lines, and server-sent events."""

import json
import os
import socket
import time
import types

from yw.daemon import UnixConnection
from yw.wait import PATIENCE

NDJSON = {"Accept": "application/x-ndjson"}


def ask(daemon, path, headers=None):
    """The connection and its answer, of which no more than the head was read."""
    connection = UnixConnection(daemon.socket)
    connection.request("GET", path, headers=headers or {})
    return connection, connection.getresponse()


def export(daemon, query=""):
    """All lines of an export that ends well."""
    connection, answer = ask(daemon, "/v1/events" + query, NDJSON)
    try:
        assert (answer.status, answer.getheader("Content-Type")) == (200, "application/x-ndjson"), answer.read()
        return [json.loads(line) for line in answer.read().splitlines()]
    finally:
        connection.close()


class Tail:
    """GET /v1/stream, read with patience."""

    def __init__(self, daemon, query="", last_event_id=None):
        self.connection, self.answer = ask(daemon, "/v1/stream" + query,
                                           {} if last_event_id is None else {"Last-Event-ID": str(last_event_id)})
        assert (self.answer.status, self.answer.getheader("Content-Type")) == (200, "text/event-stream"), \
            self.answer.read()
        self.last_id = None
        self.begin = self._message()  # where it begins

    def _message(self):
        """The fields up to an empty line; None at the end."""
        fields = {}
        while line := self.answer.readline():
            line = line.decode().removesuffix("\n")
            if not line:
                self.last_id = fields.get("id", self.last_id)
                return fields
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        return None

    def next(self):
        """The next event; None at the end of the stream."""
        end = time.monotonic() + PATIENCE
        while (fields := self._message()) is not None:
            assert time.monotonic() < end, "beats, and no event"
            if "data" in fields:
                document = json.loads(fields["data"])
                assert fields["id"] == str(document["seq"]) and fields["event"] == document["event"]
                return document
        return None

    def take(self, count):
        return [self.next() for _ in range(count)]

    def close(self):
        self.answer.close()
        self.connection.close()


def dawdler(daemon, path, headers=None, receive_buffer=4096):
    """A client that has asked and reads nothing."""
    it = socket.socket(socket.AF_UNIX)
    it.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    it.settimeout(PATIENCE)
    it.connect(str(daemon.socket))
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in (headers or {}).items())]
    it.sendall("\r\n".join([*lines, "", ""]).encode())
    return it


def figures(daemon):
    """What the daemon's process has: descriptors, threads, kB of memory."""
    with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as file:
        rows = dict(line.split(":", 1) for line in file)
    return types.SimpleNamespace(descriptors=len(os.listdir(f"/proc/{daemon.process.pid}/fd")),
                                 threads=int(rows["Threads"]), rss_kb=int(rows["VmRSS"].split()[0]))
