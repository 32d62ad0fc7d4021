# SPDX-License-Identifier: Apache-2.0
"""Random questions to a history, and who asks them: one connection that stays, as little Python as can be."""

import contextlib
import datetime
import json
import random
import socket
import sqlite3
import time
import urllib.parse

from yb.stage import check

HOUR_MS, DAY_MS = 3600000, 86400000


class Asker:
    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self.close = self._socket.close

    def get(self, path):
        """Milliseconds from the first byte sent to the last one read; only 200 will do."""
        began_ns = time.monotonic_ns()
        status, _ = self._ask(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        took_ms = (time.monotonic_ns() - began_ns) / 1e6
        check(status == 200, f"{path}: {status}")
        return took_ms

    def post(self, path, document):
        body = json.dumps(document).encode()
        status, answer = self._ask(f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                   f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        return status, json.loads(answer)

    def _ask(self, request):
        self._socket.sendall(request)
        read = b""
        while (end := read.find(b"\r\n\r\n")) < 0:
            read += self._receive()
        head = read[:end].lower()
        at = head.index(b"content-length:") + len(b"content-length:")
        left = int(head[at:].split(b"\r\n", 1)[0]) - (len(read) - end - 4)
        parts = [read[end + 4:]]
        while left > 0:
            parts.append(self._receive())
            left -= len(parts[-1])
        return int(head.split(b" ", 2)[1]), b"".join(parts)

    def _receive(self):
        part = self._socket.recv(1 << 20)
        check(part, "the daemon has closed the connection")
        return part


def moment(ms):
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc).isoformat(timespec="milliseconds").replace(
        "+00:00", "Z")


def path(**arguments):
    return "/v1/events?" + urllib.parse.urlencode(arguments)


def window(draw, made, length_ms):
    since_ms = draw.randrange(made["from_ms"], made["to_ms"] - length_ms)
    return {"since": moment(since_ms), "until": moment(since_ms + length_ms)}


def questions(database, made, rounds):
    """(what is asked, paths). Crates and versions are those of random events, so that the large ones come more often."""
    draw = random.Random(1)
    sql = ("SELECT e.id, e.version, c.name FROM event e JOIN crate c ON c.id = e.crate WHERE e.seq >= ? AND c.name <> ''"
           " AND e.version <> '' ORDER BY e.seq LIMIT 1")
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        seqs = [draw.randrange(1, made["events"] - 1000) for _ in range(rounds)]
        drawn = [connection.execute(sql, [seq]).fetchone() for seq in seqs]
        large = [name for name, in connection.execute(
            "SELECT c.name FROM (SELECT crate, count(*) AS n FROM event GROUP BY 1 ORDER BY 2 DESC LIMIT 20) t"
            " JOIN crate c ON c.id = t.crate")]
        projects = [name for name, in connection.execute("SELECT DISTINCT project FROM event_project")]
    span = range(rounds)
    yield "nothing (healthz)", ["/healthz"] * rounds
    yield "a crate's", [path(crate=crate) for _, _, crate in drawn]
    yield "a crate's, newest 10", [path(crate=crate, reverse="true", limit=10) for _, _, crate in drawn]
    yield "one of the 20 largest crates'", [path(crate=draw.choice(large)) for _ in span]
    yield "a crate's yanks", [path(crate=crate, event="yanked") for _, _, crate in drawn]
    yield "a crate's of 30 days", [path(crate=crate, **window(draw, made, 30 * DAY_MS)) for _, _, crate in drawn]
    yield "a version's", [path(crate=crate, version=version) for _, version, crate in drawn]
    yield "of one hour", [path(**window(draw, made, HOUR_MS)) for _ in span]
    yield "of one day, newest first", [path(reverse="true", **window(draw, made, DAY_MS)) for _ in span]
    yield "since a moment", [path(since=window(draw, made, DAY_MS)["since"]) for _ in span]
    yield "a page of 1000", [path(after=seq, limit=1000) for seq in seqs]
    yield "yanks of a small registry since", [path(registry="internal", event="yanked",
                                                   since=window(draw, made, DAY_MS)["since"]) for _ in span]
    yield "of a kind that is rare, of a year", [path(event="checksum_changed,registry_incident",
                                                     **window(draw, made, 365 * DAY_MS)) for _ in span]
    yield "a project's, newest first", [path(project=draw.choice(projects), reverse="true") for _ in span]
    yield "a version that no crate has (a page)", [path(version="99.99.99", after=seq) for seq in seqs]
    yield "one event", [f"/v1/events/{event}" for event, _, _ in drawn]
    yield "status", ["/v1/status"] * rounds
    yield "metrics", ["/metrics"] * rounds
