# SPDX-License-Identifier: Apache-2.0
"""What one client of the socket can take from the others, and what a start takes from whoever has the socket's path."""

import contextlib
import os
import socket
import subprocess

import pytest

from yw.wait import PATIENCE, SLOWER, wait_for

CONNECTIONS_OF_A_USER = 16
BODY_MAX = 256 << 10
NOBODY = 65534
SOON_S = 10 * SLOWER  # less than a connection may be idle
HOLD = """
import socket, sys
held = []
for _ in range(100):
    held.append(socket.socket(socket.AF_UNIX))
    held[-1].settimeout(5)
    try:
        held[-1].connect(sys.argv[1])
        held[-1].send(b"G")
    except OSError:
        pass
print("held", flush=True)
sys.stdin.read()
"""


# ---------------------------------------------------------------- connections and bodies


def connect(daemon, stack):
    connection = stack.enter_context(contextlib.closing(socket.socket(socket.AF_UNIX)))
    connection.settimeout(PATIENCE)
    connection.connect(str(daemon.socket))
    return connection


def is_served(connection):
    """False: it was closed instead."""
    try:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return connection.recv(4096).startswith(b"HTTP/1.1 200")
    except (BrokenPipeError, ConnectionResetError):
        return False


def test_a_users_17th_connection_is_closed_until_another_ends(registry, daemon):
    daemon.configure(registry.index_url, [])
    daemon.start()
    with contextlib.ExitStack() as stack:
        held = [wait_for_place(daemon, stack) for _ in range(CONNECTIONS_OF_A_USER)]
        for _ in range(100):
            assert not is_served(connect(daemon, stack))
        assert all(is_served(connection) for connection in held), "the first ones are none the worse"
        held[0].close()
        wait_for_place(daemon, stack)
    daemon.stop()


def wait_for_place(daemon, stack, timeout=PATIENCE):
    """A connection that is served; one that was closed before takes its place for a moment."""
    def attempt():
        with contextlib.suppress(BlockingIOError):  # so many wait already
            connection = connect(daemon, stack)
            return connection if is_served(connection) else None
    return wait_for(attempt, "a connection is served", timeout)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else: run it as root")
def test_a_user_who_takes_every_connection_keeps_nobody_from_the_socket(registry, daemon):
    daemon.configure(registry.index_url, [], socket={"path": str(daemon.socket), "mode": "0666"})
    daemon.start()
    with subprocess.Popen(["/usr/bin/python3", "-Ic", HOLD, daemon.socket], cwd="/", user=NOBODY, group=NOBODY,
                          extra_groups=[], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as hoarder:
        try:
            assert hoarder.stdout.readline() == "held\n"
            with contextlib.ExitStack() as stack:
                wait_for_place(daemon, stack, timeout=SOON_S)
        finally:
            hoarder.stdin.close()
    daemon.stop()


@pytest.mark.parametrize("size, status", [(BODY_MAX, 400), (BODY_MAX + 1, 413), (16 << 20, 413)])
def test_a_body_above_256_kB_is_refused(size, status, registry, daemon):
    daemon.configure(registry.index_url, [])
    daemon.start()
    answer = daemon.api("POST", "/v1/poll", b"x" * size)
    assert (answer.status, answer.type) == (status, "application/problem+json")
    assert daemon.get("/healthz") == {"healthy": True}
    daemon.stop()


# ---------------------------------------------------------------- what stands at socket.path


def listening(path, stack):
    it = stack.enter_context(contextlib.closing(socket.socket(socket.AF_UNIX)))
    it.bind(str(path))
    it.listen()


def datagrams(path, stack):
    it = stack.enter_context(contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)))
    it.bind(str(path))


def file(path, stack):
    path.write_text("somebody's own")


def directory(path, stack):
    path.mkdir()


def symlink(path, stack):
    path.symlink_to("somewhere-else")


@pytest.fixture
def notified(folder):
    """A service manager's end of NOTIFY_SOCKET: a function that gives all that was said so far."""
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as manager:
        manager.bind(str(folder / "notify"))
        manager.setblocking(False)
        said = []

        def read():
            with contextlib.suppress(BlockingIOError):
                while True:
                    said.append(manager.recv(4096).decode())
            return said
        yield read


@pytest.fixture
def managed(daemon, folder):
    daemon.env = daemon.env | {"NOTIFY_SOCKET": str(folder / "notify")}
    return daemon


def says_ready(notified):
    return any("READY=1" in said for said in notified())


def test_a_start_that_succeeds_says_ready(registry, managed, notified):
    managed.configure(registry.index_url, [])
    managed.start()
    wait_for(lambda: says_ready(notified), "READY=1 has come; a build without libsystemd never says it")
    managed.stop()


@pytest.mark.parametrize("occupy", [listening, datagrams, file, directory, symlink])
def test_a_start_takes_the_sockets_path_from_nobody(occupy, registry, managed, notified):
    registry.index.put("demo", "1.0.0")
    managed.configure(registry.index_url, ["demo"])
    with contextlib.ExitStack() as stack:
        occupy(managed.socket, stack)
        before = managed.socket.lstat()
        done = managed.run()
        after = managed.socket.lstat()
    assert done.returncode == 1, done.stderr
    assert str(managed.socket) in done.stderr
    assert "Sanitizer" not in done.stderr
    assert not says_ready(notified)
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)


def test_a_start_on_the_socket_of_another_daemon_is_refused(registry, make_daemon, folder, notified):
    """With a state_dir of its own, so that it is the socket that refuses it."""
    first, second = make_daemon(), make_daemon()
    first.configure(registry.index_url, [])
    first.start()
    second.configure(registry.index_url, ["demo"], socket={"path": str(first.socket)})
    second.env = second.env | {"NOTIFY_SOCKET": str(folder / "notify")}
    done = second.run()
    assert done.returncode == 1, done.stderr
    assert f"{first.socket}: another process answers on it" in done.stderr
    assert "Sanitizer" not in done.stderr
    assert not says_ready(notified)
    assert first.get("/healthz") == {"healthy": True}, "the first is none the worse"
    first.stop()
