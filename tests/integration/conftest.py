# SPDX-License-Identifier: Apache-2.0
"""The fixtures: each gives one thing, started, and ends it after the test. See yw/__init__.py for what they are."""

import contextlib
import pathlib
import shutil
import tempfile

import pytest

from yw import processes
from yw.cargo import Cargo
from yw.clock import Clock
from yw.daemon import Daemon
from yw.index import Index
from yw.nginx import Nginx, make_authority
from yw.receiver import Receiver
from yw.registry import Registry
from yw.rsyslog import Rsyslog
from yw.runner import Runner
from yw.wait import wait_for
from yw.web_api import WebApi


@pytest.fixture(scope="session", autouse=True)
def nothing_is_left_running():
    """After the last test; orphans of killed daemons count, too."""
    processes.adopt_orphans()
    yield
    try:
        wait_for(lambda: not processes.children(), "every process that the tests started has ended")
    except AssertionError as error:
        left = processes.children()
        for pid in left:
            processes.end(pid)
        raise AssertionError(f"{error}; these were left: {left}") from None


def make_folder(prefix):
    """Short, for a socket's path has 107 bytes; and open to others, for tests with other users."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o755)
    return folder


@pytest.fixture
def folder():
    it = make_folder("yankwatch-test-")
    yield it
    shutil.rmtree(it)


@pytest.fixture(scope="session")
def authority():
    it = make_folder("yankwatch-ca-")
    make_authority(it)
    yield it
    shutil.rmtree(it)


@pytest.fixture
def registry(folder):
    with contextlib.closing(Registry(folder / "registry")) as it:
        yield it


@pytest.fixture
def web_api(clock):
    """A registry's web API on a host of its own, with the clock of clocked_daemon."""
    with contextlib.closing(WebApi(clock).serve()) as it:
        yield it


@pytest.fixture
def cargo(folder, registry):
    return Cargo(folder / "cargo", registry)


@pytest.fixture
def nginx(folder, authority):
    it = Nginx(folder / "nginx", Index(folder / "served"), authority)
    yield it
    it.stop()


@pytest.fixture
def receiver(folder):
    with contextlib.closing(Receiver(folder)) as it:
        yield it


@pytest.fixture
def rsyslog(folder):
    it = Rsyslog(folder / "rsyslog")
    yield it
    it.stop()


@pytest.fixture
def tell(capsys):
    """Prints a line that is seen also of a test that passes: seeds and figures."""
    def say(text):
        with capsys.disabled():
            print(f"\n{text}", flush=True)
    return say


@pytest.fixture
def clock(folder):
    with contextlib.closing(Clock(folder / "clock")) as it:
        yield it


@pytest.fixture
def make_daemon(folder):
    """A factory; the daemons get folders of their own. A failed test shows their logs."""
    daemons = []

    def make(clock=None):
        daemons.append(Daemon(folder / f"daemon{len(daemons)}", clock=clock))
        return daemons[-1]

    yield make
    for it in daemons:
        print(f"---- log of {it.folder.name}\n{it.log()}", end="")
    for it in daemons:
        it.end()


@pytest.fixture
def daemon(make_daemon):
    return make_daemon()


@pytest.fixture
def clocked_daemon(make_daemon, clock):
    return make_daemon(clock)


@pytest.fixture
def start():
    """A factory of runners, each with a plugin by its name."""
    runners = []

    def make(name, env=None, wrap=()):
        runners.append(Runner(name, env, wrap))
        return runners[-1]

    yield make
    try:
        # Who still runs ends cleanly: a sanitizer's complaint of close() shows here.
        assert not any(runner.end() for runner in runners if runner.process.poll() is None)
    finally:
        for runner in runners:
            runner.process.kill()
