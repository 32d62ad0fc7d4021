# SPDX-License-Identifier: Apache-2.0
"""docs/PLUGINS.md as who writes a plugin reads it: its example is taken from the page, built in a clean folder with
nothing but the installed header, and run by the installed yankwatch-notify and by a daemon."""

import os
import re
import socket
import subprocess
import threading

import pytest

from yw.daemon import BUILD, CHECKOUT
from yw.wait import PATIENCE, wait_for

PAGE = CHECKOUT / "docs" / "PLUGINS.md"
LINES_MAX = 80


def example():
    return re.search(r"^```c\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)[1]


class Wall:
    """The receiver of line.c: keeps what each connection said, answers with `answer`."""

    def __init__(self):
        self.said, self.answer = [], b"ok\n"
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = str(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self):
        while True:
            peer, _ = self._socket.accept()
            with peer, peer.makefile("rwb") as stream:
                head = stream.readline().decode().split()
                if not head:
                    return
                self.said.append((head, [stream.readline().decode().strip() for _ in range(int(head[2]))]))
                stream.write(self.answer)

    def close(self):
        socket.create_connection(self._socket.getsockname()).close()  # says nothing: the end
        self._thread.join(PATIENCE)
        self._socket.close()


@pytest.fixture
def wall():
    it = Wall()
    yield it
    it.close()


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """What `cmake --install` puts on a system, in a folder of its own."""
    root = tmp_path_factory.mktemp("root")
    subprocess.run(["cmake", "--install", BUILD], env=os.environ | {"DESTDIR": str(root)}, check=True,
                   capture_output=True)
    return next(root.rglob("yankwatch-notify")), next(root.rglob("notifier.h")).parent.parent


@pytest.fixture
def line(installed, folder):
    """line.so, and a file with its token."""
    _, include = installed
    (folder / "line.c").write_text(example())
    subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden", "-o", "line.so",
                    "line.c", f"-I{include}"], cwd=folder, check=True)
    token = folder / "line.token"
    token.write_text("sesame\n")
    token.chmod(0o600)
    return folder / "line.so", token


@pytest.fixture
def attempt(installed, folder):
    notify, _ = installed

    def run(*arguments):
        return subprocess.run([notify, "--try", "./line.so", *arguments], cwd=folder, env={}, capture_output=True,
                              text=True, timeout=PATIENCE, check=False)
    return run


def test_the_example_is_short():
    assert example().count("\n") < LINES_MAX


def test_the_example_delivers_a_sample_by_hand(line, wall, attempt):
    _, token = line
    done = attempt("address=127.0.0.1", f"port={wall.port}", f"token_file={token}")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "result      ok: answer: ok"
    assert wall.said == [(["sesame", "ntf_sample", "1"], ["yanked demo-crate 1.2.3"])]


def test_the_page_shows_what_a_trial_prints(line, wall, attempt):
    done = attempt("address=127.0.0.1", f"port={wall.port}")
    if len(done.stdout.splitlines()[2].split()) < 7:
        pytest.skip("this kernel or build has less of a sandbox")
    assert f"```\n{done.stdout}```\n" in PAGE.read_text(encoding="utf-8")


def test_the_example_says_why_it_cannot(line, wall, attempt):
    assert attempt().stderr == "yankwatch-notify: address: is required\n"
    wall.answer = b"no\n"
    done = attempt("address=127.0.0.1", f"port={wall.port}")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "result      retry: answer: no")
    done = attempt("address=127.0.0.1", "port=1")
    assert done.stdout.splitlines()[-1] == "result      retry: cannot connect"


def test_the_example_runs_under_a_daemon(line, wall, registry, daemon):
    plugin, token = line
    registry.index.put("demo", "1.0.0")
    daemon.configure(registry.index_url, ["demo"], notifiers={
        "wall": {"plugin": str(plugin), "address": "127.0.0.1", "port": wall.port, "token_file": str(token)}})
    daemon.start()
    daemon.poll()
    registry.index.yank("demo", "1.0.0")
    daemon.poll()
    wait_for(lambda: daemon.notifier("wall")["delivered"], "the line came")
    ((head, events),) = wall.said
    assert (head[0], head[2], events) == ("sesame", "1", ["yanked demo 1.0.0"])
    daemon.stop()
