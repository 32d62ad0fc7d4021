# SPDX-License-Identifier: Apache-2.0
"""A plugin that floods the daemon (tests/plugins/flood.c): memory does not grow, and others deliver all the same."""

import pathlib
import re

import pytest

from yw.daemon import BUILD, DAEMON
from yw.wait import SLOWER, wait_for


def growth_max_kb():
    """A sanitizer keeps what was freed, and so do valgrind and the like."""
    keeps = SLOWER > 1 or b"__asan_init" in DAEMON.read_bytes()
    return (400 if keeps else 24) << 10


def memory_kb(daemon):
    """The most that it ever had."""
    status = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1])


@pytest.mark.parametrize("what", ["lines", "frames", "endless"])
def test_a_plugin_that_floods_the_daemon_harms_nobody(what, registry, receiver, daemon):
    registry.index.put("demo", "1.0.0")
    bad = {"plugin": str(BUILD / "tests" / "plugins" / "flood.so"), "with": what, "timeout": "3s"}
    daemon.configure(registry.index_url, ["demo"], notifiers={"good": receiver.notifier(), "bad": bad})
    daemon.start()
    daemon.poll()
    before = memory_kb(daemon)
    registry.index.yank("demo", "1.0.0")
    daemon.poll()
    wait_for(lambda: daemon.notifier("bad")["state"] == "busy" or daemon.notifier("bad").get("last_error"), "it floods")
    for number in range(1, 6):
        registry.index.put("demo", f"1.{number}.0")
        daemon.poll()
    wait_for(lambda: len(receiver.events()) == 6, "the good notifier delivers beside it")
    wait_for(lambda: daemon.notifier("bad")["retried"] >= 1, "the flood has ended")
    assert daemon.notifier("good")["restarts"] == 0
    assert memory_kb(daemon) - before < growth_max_kb()
    daemon.stop()
