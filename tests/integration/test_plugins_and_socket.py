# SPDX-License-Identifier: Apache-2.0
"""A plugin's program has the daemon's user, whom the socket takes for an admin: it is known by its process, and refused.

The plugin exec is the one that is given local sockets, and programs that connect to any of them.
"""

import json
import stat

import pytest

from yw.wait import wait_for

HEAD = """#!/usr/bin/python3 -I
import http.client, json, os, socket, sys, time
path, told = sys.argv[1:]

def connect():
    it = socket.socket(socket.AF_UNIX)
    it.connect(path)
    return it

def ask(method, target):
    connection = http.client.HTTPConnection("localhost")
    connection.sock = connect()
    connection.request(method, target, b'{"crates": ["gamma"]}' if method == "POST" else None)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())["detail"]

def tell(what):
    with open(told + ".new", "w") as file:
        json.dump(what, file)
    os.rename(told + ".new", told)
"""
ASK = "tell([ask('GET', '/v1/status'), ask('POST', '/v1/watches')])"
# The one that connected is gone before the daemon can look at it; its socket lives on in its parent.
ASK_FROM_THE_GRAVE = """
ours, theirs = socket.socketpair(socket.AF_UNIX)
pid = os.fork()
if pid == 0:
    mine = connect()
    socket.send_fds(theirs, [b"x"], [mine.fileno()])
    os._exit(0)
os.waitpid(pid, 0)
_, fds, _, _ = socket.recv_fds(ours, 1, 1)
connect = lambda: socket.socket(fileno=fds[0])
tell([ask('POST', '/v1/watches')])
"""
ASK_AS_AN_ORPHAN = """
between = os.fork()
if between == 0:
    between = os.getpid()
    if os.fork() > 0:
        os._exit(0)
    while os.getppid() == between:
        time.sleep(0.01)
    tell([ask('POST', '/v1/watches')])
    os._exit(0)
while not os.path.exists(told):
    time.sleep(0.01)
"""
TAKE_ALL_PLACES = """
held = []
for i in range(200):
    try:
        held.append(connect())
    except OSError:
        break
tell(len(held))
while os.path.exists(told):
    time.sleep(0.01)
"""


@pytest.fixture
def run_program(folder, registry, daemon):
    """Runs this Python as the program of a notification; what it has told."""
    (folder / "out").mkdir()
    program, told = folder / "out" / "program", folder / "out" / "told"

    def run(text):
        program.write_text(HEAD + text)
        program.chmod(stat.S_IRWXU)
        registry.index.put("demo", "1.0.0")
        daemon.configure(registry.index_url, ["demo"], notifiers={
            "program": {"plugin": "exec", "program": str(program), "args": [str(daemon.socket), str(told)]}})
        daemon.start()
        daemon.poll()
        registry.index.yank("demo", "1.0.0")
        daemon.poll()
        wait_for(told.exists, "the program has told")
        return json.loads(told.read_text())

    return run


@pytest.mark.parametrize("text", [ASK, ASK_FROM_THE_GRAVE, ASK_AS_AN_ORPHAN])
def test_a_program_of_a_notifier_is_refused_by_the_socket(text, run_program, daemon):
    for status, detail in run_program(text):
        assert (status, detail) == (403, "plugins, and the programs that they run, have no access to this socket")
    assert list(daemon.watches()) == ["demo"]


def test_a_program_takes_no_place_of_its_users(run_program, folder, daemon):
    assert run_program(TAKE_ALL_PLACES) > 0
    assert daemon.status()["healthy"]
    (folder / "out" / "told").unlink()
    wait_for(lambda: daemon.notifier("program")["delivered"], "the program has ended")
