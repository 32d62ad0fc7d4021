# SPDX-License-Identifier: Apache-2.0
"""What people read of projects' findings: in a file, a record and plain words, told again, and held back by silences."""

import json
import sys

import pytest

from yw.index import dependency
from yw.lockfile import locked, lockfile, member
from yw.wait import wait_for

DAY = 86400
END = "====\n"
APPEND = f"import sys; open(sys.argv[1], 'ab').write(sys.stdin.buffer.read() + {END.encode()!r})"


@pytest.fixture
def lock(folder, registry):
    """Writes a project's lockfile: "app" depends on `demo` by way of `client`."""
    registry.index.put("client", "1.0.0", deps=[dependency("demo", "^1.2")])
    for version in "1.2.3", "1.2.4":
        registry.index.put("demo", version)

    def write(project, demo):
        source, path = registry.index_url, folder / f"{project}.lock"
        path.write_text(lockfile(member("app", "client"), locked(source, "client", "1.0.0", "demo"),
                                 locked(source, "demo", demo)))
        return {"name": project, "team": "sec", "lockfile": str(path)}
    return write


class Told:
    """Notifiers of three kinds, and what each was told."""

    def __init__(self, folder, rsyslog):
        folder.mkdir()  # of its own: beside what the sandbox hides a program makes no file
        self._lines, self._texts, self.records = folder / "events.jsonl", folder / "texts", rsyslog.records
        self.notifiers = {
            "lines": {"plugin": "file", "path": str(self._lines)},
            "log": {"plugin": "syslog", "to": rsyslog.targets["unix"]},
            "words": {"plugin": "exec", "program": sys.executable, "args": ["-c", APPEND, str(self._texts)],
                      "input": "text"}}

    def texts(self, count):
        """The messages' lines, when so many have come."""
        wait_for(lambda: self._texts.exists() and self._texts.read_text().count(END) == count, f"{count} texts")
        return [text.strip().splitlines() for text in self._texts.read_text().split(END)[:count]]

    def lines(self, count):
        wait_for(lambda: self._lines.exists() and self._lines.read_text().count("\n") == count, f"{count} lines")
        return [json.loads(line) for line in self._lines.read_text().splitlines()]


@pytest.fixture
def told(folder, rsyslog):
    return Told(folder / "out", rsyslog)


@pytest.fixture
def watching(clocked_daemon, registry):
    def start(told, *projects, **keys):
        clocked_daemon.configure(registry.index_url, [], poll_interval="7d", projects=list(projects),
                                 notifiers=told.notifiers, **keys)
        clocked_daemon.start()
        wait_for(lambda: list(clocked_daemon.watches().values()) == ["present"] * 2, "all crates are looked at")
        return clocked_daemon
    return start


def test_a_finding_and_its_end_are_told_in_plain_words(watching, registry, lock, told):
    registry.index.yank("demo", "1.2.3")
    daemon = watching(told, lock("payments", "1.2.3"))
    [text] = told.texts(1)
    assert text[:3] == ["[high] payments locks demo 1.2.3, which is yanked", "",
                        "payments locks demo 1.2.3, which is yanked in internal"]
    [project] = [line for line in text if "projects: " in line]  # whether client's requirement is known already or not
    assert project.startswith("  projects: payments (team sec) locks it, through client: high; ")
    assert project.endswith("; cargo would pick 1.2.4")
    assert "  run: cargo update -p demo --precise 1.2.4" in text and not any("detail" in line for line in text)
    [line] = told.lines(1)
    assert (line["event"], line["project"], line["findings"][0]["state"]) == ("finding_opened", "payments", "yanked")
    [record] = told.records(1)
    assert 'project="payments" team="sec"] payments locks demo 1.2.3, which is yanked in internal; ' in record["text"]
    lock("payments", "1.2.4")
    daemon.reload()
    text = told.texts(2)[1]
    assert (text[0], text[2]) == ("[info] payments no longer uses demo 1.2.3", "payments no longer uses demo 1.2.3")
    assert not any(label in line for line in text for label in ("run:", "instead:", "locks it"))
    daemon.stop()


def test_a_reminder_says_that_it_is_still_open_and_for_whom(watching, registry, lock, told, clock):
    daemon = watching(told, lock("payments", "1.2.3"), lock("web", "1.2.3"), remind="7d",
                      routes=[{"notify": list(told.notifiers), "min_severity": "high"}])
    registry.index.yank("demo", "1.2.3")
    daemon.poll("demo")
    [text] = told.texts(1)
    assert text[0] == "[high] demo 1.2.3 yanked: payments and 1 more lock it"
    lock("web", "1.2.4")
    daemon.reload()
    assert told.texts(2)[1][0] == "[info] web no longer uses demo 1.2.3"
    clock.advance(7 * DAY + 120)
    text = told.texts(3)[2]
    assert text[0] == "reminder: a finding is still open: [high] demo 1.2.3 yanked: payments locks it"
    assert [line for line in text if line.startswith("still open since 20") and line.endswith(
        "Z: demo 1.2.3 was yanked from internal")]
    assert [line for line in text if "projects: " in line] == [
        "  projects: payments (team sec) locks it, through client: high; cargo would pick 1.2.4"]
    line = told.lines(3)[2]
    assert (line["kind"], line["event"]) == ("reminder", "yanked")
    assert [finding["project"] for finding in line["findings"]] == ["payments"]
    [shown] = [it for it in daemon.get("/v1/notifications?notifier=words")["notifications"] if it["kind"] == "reminder"]
    assert (shown["subject"], shown["event_count"]) == (text[0], 1)
    daemon.stop()


def test_a_silence_of_one_project_hides_no_yank_from_another(watching, registry, lock, told):
    daemon = watching(told, lock("payments", "1.2.3"), lock("web", "1.2.3"))
    done = daemon.client("silence", "add", "--project", "pay*", "--until", "2h", "--comment", "known")
    assert done.returncode == 0, done.stderr
    registry.index.yank("demo", "1.2.3")
    daemon.poll("demo")
    [text] = told.texts(1)
    assert text[0] == "[high] demo 1.2.3 yanked: payments and 1 more lock it"
    lock("payments", "1.2.4")
    daemon.reload()
    wait_for(lambda: len(daemon.get("/v1/notifications?state=silenced")["notifications"]) == 3, "payments is silenced")
    lock("web", "1.2.4")
    daemon.reload()
    assert told.texts(2)[1][0] == "[info] web no longer uses demo 1.2.3"
    daemon.stop()
