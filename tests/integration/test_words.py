# SPDX-License-Identifier: Apache-2.0
"""The words and the files that a yank ends in, from a registry through the whole daemon."""

import json
import sys

from yw.wait import wait_for

KEEP = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read())"


def test_a_yank_is_a_line_of_a_file_a_record_and_plain_words(daemon, registry, folder, rsyslog):
    out = folder / "out"  # of its own: beside what the sandbox hides a program makes no file
    out.mkdir()
    lines, text = out / "events.jsonl", out / "text"
    registry.index.put("demo", "1.0.0")
    daemon.configure(registry.index_url, ["demo"], notifiers={
        "lines": {"plugin": "file", "path": str(lines)},
        "log": {"plugin": "syslog", "to": rsyslog.targets["unix"]},
        "words": {"plugin": "exec", "program": sys.executable, "args": ["-c", KEEP, str(text)], "input": "text"}})
    daemon.start()
    daemon.poll()
    registry.index.yank("demo", "1.0.0")
    daemon.poll()
    (event,) = daemon.events()
    wait_for(lambda: lines.exists() and lines.read_text().endswith("\n"), "a line")
    line = json.loads(lines.read_text())
    assert line.pop("notification") and line == event
    (record,) = rsyslog.records(1)
    assert record["text"].endswith("demo 1.0.0 was yanked from internal; instead: no usable version left") and event["id"] in record["text"]
    wait_for(lambda: text.exists() and text.read_text().endswith("look: yankwatch show demo@1.0.0\n"), "the whole text")
    subject, blank, headline, severity = text.read_text().splitlines()[:4]
    assert (subject, blank, headline, severity) == (
        "[high] demo 1.0.0 yanked", "", "demo 1.0.0 was yanked from internal", "  severity: high")
    daemon.stop()
