# SPDX-License-Identifier: Apache-2.0
"""Bodies of the socket that are lockfiles: how large, how many at a time, how slow, and who may send one."""

import concurrent.futures
import contextlib
import os
import socket
import subprocess

import pytest

from yw.wait import PATIENCE, wait_for

BODY_MAX = 256 << 10
LOCKFILE_MAX = 16 << 20
NOBODY = 65534
PLACES = 2
# Says what it is answered before it has sent one byte of the body that it announces.
ASK_FIRST = """
import socket, sys
connection = socket.socket(socket.AF_UNIX)
connection.settimeout(30)
connection.connect(sys.argv[1])
connection.sendall(sys.argv[2].encode())
print(connection.recv(4096).decode().splitlines()[0])
"""


def head(method, path, size, more=""):
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n{more}\r\n"


@pytest.fixture
def running(registry, daemon):
    daemon.configure(registry.index_url, [], socket={"path": str(daemon.socket), "mode": "0666"})
    daemon.start()
    yield daemon
    daemon.stop()


class Slow:
    """A lockfile that comes in pieces."""

    def __init__(self, daemon, stack, size):
        self.left = size
        self.socket = stack.enter_context(contextlib.closing(socket.socket(socket.AF_UNIX)))
        self.socket.settimeout(PATIENCE)
        self.socket.connect(str(daemon.socket))
        self.socket.sendall(head("POST", "/v1/check", size).encode())

    def send(self, size=None):
        size = size or self.left
        self.socket.sendall(b"#" * size)
        self.left -= size

    def status(self):
        return int(self.socket.recv(65536).split()[1])


def status_of(daemon, size):
    return daemon.api("POST", "/v1/check", b"#" * size).status


@pytest.mark.parametrize("method, path", [("PUT", "/v1/projects/web"), ("POST", "/v1/check")])
@pytest.mark.parametrize("size, status", [(0, 400), (BODY_MAX + 1, 400), (LOCKFILE_MAX, 400), (LOCKFILE_MAX + 1, 413)])
def test_a_lockfile_has_16_MB(running, method, path, size, status):
    answer = running.api(method, path, b"#" * size)
    assert (answer.status, answer.type) == (status, "application/problem+json")
    assert "lockfile" in answer.document["detail"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else: run it as root")
@pytest.mark.parametrize("method, path, first", [
    ("PUT", "/v1/projects/web", "403 Forbidden"), ("POST", "/v1/check", "100 Continue"),
    ("POST", "/v1/nothing", "404 Not Found"), ("PUT", "/v1/check", "405 Method Not Allowed")])
def test_who_may_not_ask_is_told_before_the_body(running, method, path, first):
    request = head(method, path, LOCKFILE_MAX, "Expect: 100-continue\r\n")
    done = subprocess.run(["/usr/bin/python3", "-Ic", ASK_FIRST, running.socket, request], cwd="/", user=NOBODY,
                          group=NOBODY, extra_groups=[], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == f"HTTP/1.1 {first}\n"


def test_a_body_that_is_refused_is_dropped_and_the_answer_read(running):
    answer = running.api("POST", "/v1/nothing", b"#" * LOCKFILE_MAX)
    assert answer.status == 404


def test_two_large_ones_at_a_time(registry, clocked_daemon, clock):
    daemon = clocked_daemon
    daemon.configure(registry.index_url, [])
    daemon.start()
    with contextlib.ExitStack() as stack, concurrent.futures.ThreadPoolExecutor() as pool:
        slow = [Slow(daemon, stack, 1 << 20) for _ in range(PLACES)]
        for it in slow:
            it.send(BODY_MAX + (64 << 10))  # more than a socket holds: it has its place
        assert status_of(daemon, BODY_MAX) == 400, "a small one needs no place"
        third = pool.submit(status_of, daemon, BODY_MAX + 1)

        def over():
            clock.advance(1)
            return third.done()
        wait_for(over, "the third does not wait for ever")
        assert third.result() == 503
        slow[0].send()
        assert slow[0].status() == 400
        assert status_of(daemon, BODY_MAX + 1) == 400, "its place is free"
        slow[1].socket.close()
        wait_for(lambda: status_of(daemon, BODY_MAX + 1) == 400, "what is cut off leaves its place")
    daemon.stop()


def test_a_slow_one_loses_its_place(registry, clocked_daemon, clock):
    daemon = clocked_daemon
    daemon.configure(registry.index_url, [])
    daemon.start()
    with contextlib.ExitStack() as stack:
        slow = [Slow(daemon, stack, 2 << 20) for _ in range(PLACES)]
        for it in slow:
            it.send(1 << 20)
        clock.advance(61)
        for it in slow:
            it.send((1 << 20) - 1)
        assert status_of(daemon, BODY_MAX + 1) == 400
        for it in slow:
            it.send()
            assert it.status() == 408
    daemon.stop()
