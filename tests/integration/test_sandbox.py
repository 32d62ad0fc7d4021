# SPDX-License-Identifier: Apache-2.0
"""A hostile plugin beside a good one, under the real daemon: whatever it does is contained, and told.

The deeds and what becomes of them are in yw/hostile.py. What a kernel has no means for is told as such; that path is
tested with the means taken away, in tests/plugins/test_notify_sandbox.c.
"""

import os
import socket
import subprocess

import pytest

from yw import processes
from yw.daemon import BUILD, CHECKOUT
from yw.hostile import DEEDS, ENDED, KILLED, table
from yw.wait import wait_for
from yw.without import LANDLOCK_CREATE_RULESET, without

NOTIFY = BUILD / "bin" / "yankwatch-notify"
PLUGINS = BUILD / "tests" / "plugins"


def confined():
    """What a plugin that needs nothing is told to be confined in, here."""
    done = subprocess.run([NOTIFY, "--try", PLUGINS / "hostile.so", "does=fill_stdout"], capture_output=True, text=True,
                          check=False)
    return next(line for line in done.stdout.splitlines() if line.startswith("confined")).split()[1:]


@pytest.fixture
def whole():
    if len(confined()) < 7:
        pytest.skip(f"this kernel or build confines only {confined()}")


class Watch:
    """A FIFO that the hostile plugin's child holds open for as long as it lives."""

    def __init__(self, path):
        os.mkfifo(path)
        self.path, self.reader = path, os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def nobody_holds_it(self):
        """A FIFO that was never opened, or by nobody any more, reads as at its end."""
        try:
            return os.read(self.reader, 1) == b""
        except BlockingIOError:
            return False

    def close(self):
        os.close(self.reader)


@pytest.fixture
def watches(folder):
    made = []

    def make():
        made.append(Watch(folder / f"held{len(made)}"))
        return made[-1]

    yield make
    for it in made:
        it.close()


@pytest.mark.parametrize("plugin", ["hostile", "hostile-programs"])
def test_a_hostile_plugin_is_contained(whole, plugin, folder, registry, receiver, daemon, watches):
    registry.index.put("demo", "1.0.0")
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    deeds = [it for it in DEEDS if plugin == "hostile" or it.programs is not None]
    expected, held, notifiers = {}, [], {"good": receiver.notifier()}
    for number, it in enumerate(deeds):
        targets = {"database": daemon.state / "yankwatch.sqlite",
                   "beside": daemon.state / "new", "secret": receiver.secret_file, "socket": daemon.socket,
                   "elsewhere": elsewhere / "file", "port": listener.getsockname()[1], "": "",
                   "fifo": folder / f"held{len(held)}"}
        if it.target == "fifo":
            held.append(watches())
        name = f"{it.deed}-{number}"
        expected[name] = it.result if plugin == "hostile" else it.of_programs()
        notifiers[name] = {"plugin": str(PLUGINS / f"{plugin}.so"), "timeout": "1s", "does": it.deed,
                           "target": str(targets[it.target])}
    daemon.configure(registry.index_url, ["demo"], notifiers=notifiers, retry={"first": "1h", "max": "1h"})
    daemon.start()
    daemon.poll()
    registry.index.yank("demo", "1.0.0")
    daemon.poll()

    def results():
        found = {row["notifier"]: row.get("last_error", {}).get("text") for row in daemon.status()["notifiers"]}
        # The end of its channel is sometimes seen before how the process ended.
        return {name: ENDED if it.startswith(ENDED) else it for name, it in found.items() if name in expected}

    def all_tried():
        return all(daemon.notifier(name)["retried"] for name in expected)

    wait_for(all_tried, "every deed was tried")
    wait_for(receiver.accepted, "the good notifier delivers")
    for name, result in results().items():
        assert result == expected[name] or (result, expected[name]) == (ENDED, KILLED), name
    for it in held:
        wait_for(it.nobody_holds_it, "no child of the plugin is left")
    with pytest.raises(BlockingIOError):
        listener.accept()
    listener.close()
    assert (elsewhere / "file").exists() == (plugin == "hostile-programs")
    assert not (daemon.state / "new").exists()
    assert [event["event"] for event in daemon.events()] == ["yanked"]
    daemon.stop()
    assert not processes.runners()


def test_the_table_of_the_documentation_is_what_was_tried():
    """`cd tests/integration && python3 -m yw.hostile` prints it."""
    assert table() in (CHECKOUT / "docs" / "PLUGINS.md").read_text(encoding="utf-8")


def test_what_is_not_confined_stands_in_the_status(whole, receiver, daemon):
    daemon.configure("sparse+http://127.0.0.1:1/", [], notifiers={
        "hook": receiver.notifier(), "log": {"plugin": "syslog"}})
    daemon.start()
    wait_for(lambda: daemon.notifier("log")["state"] == daemon.notifier("hook")["state"] == "idle", "both are open")
    assert daemon.notifier("hook")["unconfined"] == []
    assert daemon.notifier("hook")["confined"] == ["files", "local_sockets", "programs", "processes", "system_calls",
                                                   "memory"]
    assert daemon.notifier("log")["unconfined"] == ["local_sockets"]
    daemon.stop()


def test_a_kernel_without_landlock_is_told(whole, receiver, daemon, monkeypatch):
    monkeypatch.setattr("yw.daemon.WRAP", without(LANDLOCK_CREATE_RULESET))
    daemon.configure("sparse+http://127.0.0.1:1/", [], notifiers={
        "hook": receiver.notifier(), "program": {"plugin": "exec", "program": "/bin/true"}})
    daemon.start()
    monkeypatch.undo()
    wait_for(lambda: daemon.notifier("hook")["state"] == daemon.notifier("program")["state"] == "idle", "both are open")
    assert daemon.notifier("hook")["unconfined"] == ["files"]
    assert daemon.notifier("program")["unconfined"] == ["files", "local_sockets", "processes"]
    for command in (["status"], ["notifier", "list"]):
        (head,) = [line for line in daemon.client(*command).stdout.splitlines() if "NOTIFIER" in line]
        (row,) = [line for line in daemon.client(*command).stdout.splitlines() if " program" in f" {line}" and "exec" in line]
        assert row[head.index("NOT CONFINED"):].startswith("files, local_sockets, processes")
    daemon.stop()
