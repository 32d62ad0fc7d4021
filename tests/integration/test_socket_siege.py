# SPDX-License-Identifier: Apache-2.0
"""Clients that mean no good, or read as slowly as they can: the daemon's memory and WAL stay bounded, others are
served, and afterwards nothing of it is left. `-s` or not, the figures are printed."""

import contextlib
import os
import socket
import subprocess
import threading
import time

import pytest

from yw.index import checksum, compact
from yw.stream import NDJSON, Tail, dawdler, export, figures
from yw.wait import PATIENCE, wait_for

CRATES, VERSIONS = 40, 500  # so many events, of a kB each
USERS = [None, 60001, 60002, 60003]
EACH = 16  # 64 in all: half of them find no place, as STREAMS_PER_USER is 8
LAZY = 8  # descriptors of SQLite's four readers, which open the WAL when they are used for the first time
WAL_MAX = 48 << 20  # a checkpoint comes at 16 MB; one that waits for a query's end comes a little later
GROWTH_MAX_KB = 64 << 10  # of 32 streams with a quarter of a MB each, and libmicrohttpd's threads
ENDLESS = 1 << 30

# Asks on many connections and reads a byte now and then, so that no idle time runs out.
SLOW = """
import socket, sys, select
path, count = sys.argv[1], int(sys.argv[2])
held, refused = [], 0
for number in range(count):
    it = socket.socket(socket.AF_UNIX)
    it.settimeout(20)
    try:
        it.connect(path)
        request = ("GET /v1/events HTTP/1.1\\r\\nHost: x\\r\\nAccept: application/x-ndjson\\r\\n\\r\\n" if number % 2 else
                   "GET /v1/stream?after=0 HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
        it.sendall(request.encode())
        line = it.recv(15)
    except OSError:
        line = b""
    if b" 200" in line:
        held.append(it)
    else:
        refused += 1
        it.close()
print(len(held), refused, flush=True)
while not select.select([sys.stdin], [], [], 0.2)[0]:
    for it in held:
        it.recv(1)
"""


@pytest.fixture
def empty(daemon, registry):
    daemon.configure(registry.index_url, [])
    daemon.start()
    return daemon


@pytest.fixture
def full(daemon, registry):
    """With 20,000 events."""
    crates = [f"crate{number}" for number in range(CRATES)]
    for crate in crates:
        registry.index.put(crate, "1.0.0")
    daemon.configure(registry.index_url, crates, socket={"path": str(daemon.socket), "mode": "0666"})
    daemon.start()
    daemon.poll()
    for crate in crates:
        registry.index.put_lines(crate, [line(crate, number) for number in range(VERSIONS + 1)])
    daemon.poll()
    return daemon


def line(crate, number, **fields):
    return compact({"name": crate, "vers": f"1.0.{number}", "deps": [], "cksum": checksum(f"{crate}{number}"),
                    "features": {"padding": ["x" * 60] * 4}, "yanked": False} | fields)


def wal_bytes(daemon):
    return daemon.status()["database"]["wal_bytes"]


def is_back(daemon, before):
    now = figures(daemon)
    return now.descriptors <= before.descriptors + LAZY and now.threads <= before.threads


def settle(daemon):
    """Figures when no connection is open."""
    daemon.get("/healthz")
    last = None

    def same():
        nonlocal last
        now = figures(daemon)
        steady = last is not None and (now.descriptors, now.threads) == (last.descriptors, last.threads)
        last = now
        return steady
    wait_for(same, "descriptors and threads stay")
    return last


class Writer:
    """Adds events all the time: each crate's 1.0.1 is yanked, or taken back."""

    def __init__(self, daemon, registry):
        self.daemon, self.registry, self.stop = daemon, registry, threading.Event()
        self.wal_max, self.slowest_s, self.events = 0, 0.0, 0
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        yanked = False
        while not self.stop.is_set():
            yanked = not yanked
            for number in range(CRATES):
                crate = f"crate{number}"
                self.registry.index.yank(crate, "1.0.1", yanked=yanked)
            begin = time.monotonic()
            self.events += self.daemon.poll()["changed"]
            self.wal_max = max(self.wal_max, wal_bytes(self.daemon))
            self.slowest_s = max(self.slowest_s, time.monotonic() - begin)

    def end(self):
        self.stop.set()
        self.thread.join()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be several users: run it as root")
def test_64_slow_readers_cost_little_and_hold_up_nobody(full, registry, tell):
    daemon = full
    before = settle(daemon)
    with contextlib.ExitStack() as stack:
        readers = [stack.enter_context(subprocess.Popen(
            ["/usr/bin/python3", "-Ic", SLOW, daemon.socket, str(EACH)], cwd="/", stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, **({"user": user, "group": user, "extra_groups": []} if user else {})))
            for user in USERS[1:]]
        answered = [tuple(map(int, reader.stdout.readline().split())) for reader in readers]
        assert all(held == 8 and refused == EACH - 8 for held, refused in answered), answered
        # root's own: seven, so that one of its streams is there to be fast.
        mine = [stack.enter_context(contextlib.closing(dawdler(daemon, "/v1/events", NDJSON))) for _ in range(6)]
        assert all(it.recv(15) == b"HTTP/1.1 200 OK" for it in mine)
        writer = Writer(daemon, registry)
        try:
            wait_for(lambda: writer.events >= 2000, "the history grows by 2,000 events")
            begin = time.monotonic()
            events = len(export(daemon)) - 1
            export_s = time.monotonic() - begin
            assert events >= CRATES * VERSIONS
            with contextlib.closing(Tail(daemon)) as tail:
                assert tail.next()["seq"] > events
            during = figures(daemon)
        finally:
            writer.end()
            for reader in readers:
                with contextlib.suppress(BrokenPipeError):
                    reader.stdin.close()
    tell(f"{sum(held for held, _ in answered) + 6} slow streams of 64 asked for ({sum(r for _, r in answered)} refused): memory "
         f"{before.rss_kb} → {during.rss_kb} kB, WAL at most {writer.wal_max >> 20} MB, {writer.events} events added, "
         f"slowest poll of {CRATES} crates {writer.slowest_s:.3f} s; beside it an export of {events} events in {export_s:.2f} s")
    assert during.rss_kb - before.rss_kb < GROWTH_MAX_KB
    assert writer.wal_max < WAL_MAX
    wait_for(lambda: is_back(daemon, before), "descriptors and threads are as before")
    daemon.stop()


@pytest.mark.skipif(not os.environ.get("YANKWATCH_LONG"), reason="waits 30 seconds: scripts/long-tests")
def test_who_reads_nothing_is_cut_off_and_sees_it_and_who_waits_is_not(full):
    """A stream that nobody reads ends by itself (API_IDLE_S), and never looks whole; one that has nothing to say says
    so every 15 seconds."""
    daemon = full
    with contextlib.closing(dawdler(daemon, "/v1/events", NDJSON)) as it, contextlib.closing(Tail(daemon)) as waiting:
        it.settimeout(2 * PATIENCE)
        before = settle(daemon)
        wait_for(lambda: figures(daemon).threads < before.threads, "its connection is closed", 2 * PATIENCE)
        text = b""
        with contextlib.suppress(ConnectionResetError):
            while data := it.recv(1 << 20):
                text += data
        assert text.startswith(b"HTTP/1.1 200") and b'{"head":' not in text and not text.endswith(b"0\r\n\r\n")
        assert waiting._message()[""] == "", "a comment"
    daemon.stop()


def test_ten_thousand_connections_in_a_row(empty, tell):
    daemon = empty
    before = settle(daemon)
    begin = time.monotonic()
    refused = 0
    for number in range(10_000):
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as it:
            it.settimeout(PATIENCE)
            it.connect(str(daemon.socket))
            if number % 3 == 0:
                continue  # half-open and gone
            try:
                it.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + (b"\r\n" if number % 3 == 1 else b""))
                if number % 3 == 1:
                    refused += not it.recv(64).startswith(b"HTTP/1.1 200")
            except (BrokenPipeError, ConnectionResetError):
                refused += 1  # those that are gone have kept their places for a moment
    elapsed = time.monotonic() - begin
    wait_for(lambda: is_back(daemon, before), "descriptors and threads are as before")
    after = figures(daemon)
    tell(f"10,000 connections in {elapsed:.1f} s, {refused} of them closed for want of a place: "
         f"memory {before.rss_kb} → {after.rss_kb} kB")
    assert after.rss_kb - before.rss_kb < 16 << 10
    assert daemon.get("/healthz") == {"healthy": True}
    daemon.stop()


def send_all(connection, pieces):
    """What the daemon says while, and after, it is sent all that; b"" when it just hangs up."""
    sent = 0
    try:
        for piece in pieces:
            connection.sendall(piece)
            sent += len(piece)
    except (BrokenPipeError, ConnectionResetError):
        pass
    with contextlib.suppress(ConnectionResetError, BrokenPipeError):
        return sent, connection.recv(65536)
    return sent, b""


def chunks():
    piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    for _ in range(ENDLESS // 65536):
        yield piece


@pytest.mark.parametrize("path, name", [("/v1/poll", "small"), ("/v1/check", "lockfile")])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_a_gigabyte_is_refused_and_not_kept(path, name, chunked, empty, tell):
    daemon = empty
    before = settle(daemon)
    with contextlib.closing(dawdler(daemon, "/healthz")) as it:
        it.recv(4096)
        length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {ENDLESS}"
        it.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\n{length}\r\n\r\n".encode())
        most = 0

        def pieces():
            nonlocal most
            for number, piece in enumerate(chunks() if chunked else (b"x" * 65536 for _ in range(ENDLESS // 65536))):
                if number % 256 == 0:
                    most = max(most, figures(daemon).rss_kb)
                yield piece
            if chunked:
                yield b"0\r\n\r\n"
        sent, answer = send_all(it, pieces())
    tell(f"{name} body, {'chunked' if chunked else 'of known length'}: {sent >> 20} MB sent, answer {answer[:12]}, "
         f"memory {before.rss_kb} → {most} kB at most")
    assert answer[:12] in (b"HTTP/1.1 413", b"")
    assert most - before.rss_kb < 40 << 10  # a lockfile of 16 MB, and what grows by doubling
    assert daemon.get("/healthz") == {"healthy": True}
    wait_for(lambda: is_back(daemon, before), "descriptors and threads are as before")
    daemon.stop()


BAD = [
    b"POST /v1/poll HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
    b"POST /v1/poll HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc",
    b"POST /v1/poll HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n",
    b"POST /v1/poll HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\n{}x\r\n0\r\n\r\n",
    b"POST /v1/poll HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /v1/poll HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    b"GET /v1/events HTTP/9.9\r\n\r\n",
    b"GET  HTTP/1.1\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,
    b"\r\n" * 20_000,
    b"GET /v1/events?" + b"a" * 60_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % number for number in range(20_000)) + b"\r\n",
    b"GET /healthz HTTP/1.1\r\nX: " + b"y" * 1_000_000,
    b"GET /v1/events?crate=%00%ff%fe HTTP/1.1\r\nHost: x\r\nAccept: application/x-ndjson\r\n\r\n",
    b"GET /v1/stream HTTP/1.1\r\nHost: x\r\nLast-Event-ID: -1\r\n\r\n",
    b"GET /v1/stream?after=99999999999999999999 HTTP/1.1\r\nHost: x\r\n\r\n",
]


@pytest.mark.parametrize("number", range(len(BAD)))
def test_what_is_no_request_does_no_harm(number, empty):
    daemon = empty
    before = settle(daemon)
    for _ in range(20):
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as it:
            it.settimeout(PATIENCE)
            it.connect(str(daemon.socket))
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                it.sendall(BAD[number])
                it.shutdown(socket.SHUT_WR)
            answer = b""
            with contextlib.suppress(ConnectionResetError):
                answer = it.recv(4096)
            assert not answer.startswith(b"HTTP/1.1 200"), answer
    assert daemon.get("/healthz") == {"healthy": True}
    wait_for(lambda: is_back(daemon, before), "descriptors and threads are as before")
    daemon.stop()


@pytest.mark.parametrize("length", [1, 25, 26, 27, 60, 106, 107])
def test_a_client_may_be_bound_to_a_path_of_any_length(length, empty, folder):
    """libevent's server aborted at 26 (CVE-2026-63388)."""
    daemon = empty
    os.chdir(folder)
    name = "p" * length
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as it:
        it.settimeout(PATIENCE)
        it.bind(name)
        it.connect(str(daemon.socket))
        it.sendall(b"GET /v1/events?limit=1 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert it.recv(4096).startswith(b"HTTP/1.1 200")
    os.chdir("/")
    daemon.stop()


def test_streams_that_are_cut_in_the_middle_leave_nothing(full, tell):
    daemon = full
    before = settle(daemon)
    asked = 0
    for number in range(300):
        path, headers = (("/v1/events", NDJSON), ("/v1/stream?after=0", {}), ("/v1/stream", {}))[number % 3]
        with contextlib.closing(dawdler(daemon, path, headers)) as it:
            asked += it.recv(4096).startswith(b"HTTP/1.1 200")
            if number % 6 == 0:
                it.shutdown(socket.SHUT_WR)  # only its own half: it may still read
                assert it.recv(4096)
    wait_for(lambda: is_back(daemon, before), "descriptors and threads are as before")
    after = figures(daemon)
    tell(f"300 streams cut off, {asked} of them had begun: memory {before.rss_kb} → {after.rss_kb} kB")
    assert asked > 100
    *events, last = export(daemon)
    assert last["head"]["seq"] == len(events) >= CRATES * VERSIONS
    daemon.stop()
