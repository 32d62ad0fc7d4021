# SPDX-License-Identifier: Apache-2.0
"""Plugins that misbehave: they harm nobody else, and their process comes back.

tests/plugins has one that aborts in deliver(), one that never returns from it, and one that writes garbage to the
daemon. That none of them holds up the loop is read from the daemon's own measure of its longest turn. A turn takes
well under a millisecond; the bound is generous, so that a busy machine is no failure, but far below any timeout.
"""

import pytest

from yw import processes
from yw.daemon import BUILD
from yw.wait import wait_for

MISBEHAVING = ["crash", "garbage", "hang"]


@pytest.fixture
def start(registry, receiver, daemon):
    """A daemon with a good notifier and the one that is named; a version was yanked."""
    def with_plugin(name, timeout="1s"):
        registry.index.put("demo", "1.0.0")
        bad = {"plugin": str(BUILD / "tests" / "plugins" / f"{name}.so"), "timeout": timeout}
        daemon.configure(registry.index_url, ["demo"], notifiers={"good": receiver.notifier(), "bad": bad})
        daemon.start()
        daemon.poll()
        registry.index.yank("demo", "1.0.0")
        daemon.poll()
        return daemon
    return with_plugin


@pytest.mark.parametrize("plugin", MISBEHAVING)
def test_others_deliver_beside_a_plugin_that_misbehaves(plugin, start, registry, receiver):
    daemon = start(plugin)
    wait_for(receiver.accepted, "the good notifier delivers")
    wait_for(lambda: daemon.notifier("bad").get("last_error"), "the bad one has failed")
    registry.index.put("demo", "1.1.0")
    daemon.poll()
    wait_for(lambda: len(receiver.accepted()) == 2, "the good notifier still delivers")
    assert daemon.notifier("good")["restarts"] == 0
    daemon.stop()


@pytest.mark.parametrize("plugin", MISBEHAVING)
def test_the_process_of_a_plugin_that_misbehaves_comes_back(plugin, start):
    daemon = start(plugin)
    wait_for(lambda: daemon.notifier("bad")["restarts"] >= 1, "it is started again")
    wait_for(lambda: daemon.notifier("bad")["retried"] >= 2, "and tries again")
    assert daemon.status()["outbox"]["dead"] == 0
    daemon.stop()


def test_a_daemon_stops_in_the_middle_of_a_delivery(start):
    daemon = start("hang", timeout="2s")
    wait_for(lambda: daemon.notifier("bad")["state"] == "busy", "the plugin hangs")
    daemon.stop()
    assert not processes.runners()


def test_no_plugin_outlives_a_daemon_that_was_killed(start):
    daemon = start("hang", timeout="30s")
    wait_for(lambda: daemon.notifier("bad")["state"] == "busy", "the plugin hangs")
    daemon.kill9()
    wait_for(lambda: not processes.runners(), "every yankwatch-notify has ended")


def test_a_program_gets_the_document(registry, folder, daemon):
    """The plugin exec, once through the whole daemon."""
    registry.index.put("demo", "1.0.0")
    (folder / "out").mkdir()  # not beside the state_dir: there a program makes no files
    told = folder / "out" / "told"
    program = {"plugin": "exec", "program": "/bin/sh", "args": ["-c", f"cat >{told}.new && mv {told}.new {told}"]}
    daemon.configure(registry.index_url, ["demo"], notifiers={"program": program})
    daemon.start()
    daemon.poll()
    registry.index.yank("demo", "1.0.0")
    daemon.poll()
    wait_for(told.exists, "the program has run")
    assert told.read_text().count('"event":"yanked"') == 1
    daemon.stop()
