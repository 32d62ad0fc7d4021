# SPDX-License-Identifier: Apache-2.0
"""What people see: every table fits its terminal, whatever its width and whatever stands in it."""
import os
import pty
import re
import subprocess
import threading
import unicodedata

import pytest

from yw.daemon import CLIENT
from yw.standin import STATUS, Daemon, crate, environment, event, good, on_terminal, version, watch

LONG = "a-crate-with-a-name-that-is-as-long-as-crates-io-allows-it-to-be"
WIDE = "支払いシステム が 壊れた 🚀 e\u0301te\u0301 支払いシステムが壊れた支払いシステムが壊れた"
WIDTHS = [40, 80, 160]

NOTIFICATION = {"id": "ntf_0123456789abcdef0123456789abcdef", "notifier": "security-mail", "state": "dead",
                "created_at": "2026-11-21T09:30:00.000Z", "attempt": 12, "event_count": 3, "subject": WIDE,
                "attempts": [{"number": 1, "at": "2026-11-21T09:30:00.000Z", "duration_ms": 30000, "outcome": "retry",
                              "due_at": "2026-11-21T09:31:00.000Z", "text": "HTTP 503: " + WIDE}]}
SILENCE = {"id": "7", "state": "active", "ends_at": "2026-12-01T00:00:00.000Z", "author": "an-author", "held_back": 3,
           "crate": LONG, "comment": WIDE}
COMMANDS = ["history", "status", "show demo", "show demo@1.0.0", "watch list", "notifications", "silence list",
            "notifier list", "poll --all --wait", "help", "help history", "help silence add"]


@pytest.fixture
def daemon(tmp_path):
    it = Daemon(tmp_path)
    it.events = [event(1), event(2, event="replacement_available", severity="critical", crate=LONG, version="1.0.0"),
                 event(3, version="1.0.0-alpha.1+build.20261121.with.much.behind.it")]
    it.put(crate(versions=[version("1.0.0", changed_at="2026-11-21T09:30:00.123Z"), version("1.0.0-" + "rc." * 12)]))
    it.watches = [watch("demo"), watch(LONG, "crates-io", "absent")]
    it.poll = {"polled": 1, "changed": 0, "unchanged": 0, "failed": 0,
               "errors": [{"registry": "internal", "crate": LONG, "text": WIDE}]}
    it.answers |= {"/v1/notifications": {"notifications": [NOTIFICATION], "next": None},
                   "/v1/silences": {"silences": [SILENCE]}, "/v1/status": STATUS,
                   "/v1/notifiers": {"notifiers": STATUS["notifiers"]}}
    yield it
    it.stop()


def width(line):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def shown(daemon, command, columns, **changes):
    return on_terminal(daemon, *command.split(), columns=columns, NO_COLOR="1", **changes)


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("command", COMMANDS)
def test_everything_fits(daemon, command, columns):
    lines = shown(daemon, command, columns).splitlines()
    for line in lines[command == "status":]:  # its first line, in several colours, is the terminal's to break
        assert width(line) <= columns or max(map(len, line.split())) > columns / 2, line
        assert line == line.rstrip()


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_cut_where_there_is_room(daemon, command):
    assert "…" not in shown(daemon, command, 200).replace("CRATE…", "").replace("K,…", "").replace("ID…", "").replace(
        ", …", "").replace("OPTION…", "")


def test_columns_says_how_wide_it_is(daemon):
    assert shown(daemon, "history", 160, COLUMNS="40") == shown(daemon, "history", 40)
    assert shown(daemon, "history", 40, COLUMNS="nonsense") == shown(daemon, "history", 40)


def test_a_column_in_which_nothing_stands_is_left_out_on_a_terminal(daemon):
    assert "NOT CONFINED" not in shown(daemon, "notifier list", 160)
    daemon.answers["/v1/notifiers"] = {"notifiers": [STATUS["notifiers"][0], STATUS["notifiers"][0] | {"unconfined": ["files"]}]}
    assert "NOT CONFINED" in shown(daemon, "notifier list", 160)


def test_an_id_is_never_cut(daemon):
    for columns in WIDTHS:
        assert NOTIFICATION["id"] in shown(daemon, "notifications", columns)


def test_wide_characters_take_their_columns(daemon):
    lines = shown(daemon, "notifications", 50).splitlines()
    assert re.sub(r"\s", "", WIDE) in re.sub(r"\s", "", "".join(lines))


def test_times_have_their_age_beside_them(daemon):
    assert re.search(r"changed +2026-11-21 11:30:00 \((in )?\d+ (d|h|min|s)( ago)?\)\n", shown(daemon, "show demo@1.0.0", 80))


@pytest.mark.parametrize("command, none", [
    ("history", "events"), ("history --since 1d", "events"), ("watch list", "watches"), ("notifications", "notifications"),
    ("silence list", "silences"), ("notifier list", "notifiers"), ("project list", "projects")])
def test_a_person_is_told_that_there_is_nothing(daemon, command, none):
    daemon.events, daemon.watches = [], []
    daemon.answers |= {f"/v1/{key}": {key: [], "next": None} for key in ("notifications", "silences", "notifiers", "projects")}
    assert shown(daemon, command, 80) == f"no {none}\n"
    assert shown(daemon, f"--json {command}", 80) == "" == good(daemon, *command.split())


def test_a_poll_that_takes_longer_says_how_long(daemon):
    """Until it is over; then nothing of that is left."""
    released = threading.Event()
    daemon.answers["/v1/poll"] = lambda: released.wait(60) and daemon.poll
    master, slave = pty.openpty()
    with subprocess.Popen([CLIENT, "--socket", daemon.socket, "poll", "--all", "--wait"], stdin=slave, stdout=slave,
                          stderr=slave, env=environment(TERM="xterm")) as process:
        os.close(slave)
        seen = b""
        while b"waiting for the daemon: 1s" not in seen:
            seen += os.read(master, 4096)
        released.set()
        while b"polled 1 crate" not in seen:
            seen += os.read(master, 4096)
        assert process.wait(60) == 0
    os.close(master)
    assert re.search(rb"waiting for the daemon: \d+s\x1b\[K\r\x1b\[Kpolled 1 crate", seen)
