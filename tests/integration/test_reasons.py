# SPDX-License-Identifier: Apache-2.0
"""What becomes of a yank's reason: in the alert, in history, in `show`, to the letter; now, later, edited, cleared; by an
owner and by others; and what the audit trail alone shows. How the API is asked stands in test_reasons_api.py."""

import contextlib
import json
import sys

import pytest

from test_reasons_api import Haste, reasons
from yw.daemon import kinds
from yw.registry import Registry
from yw.wait import wait_for
from yw.web_api import stamp

KEEP = "import os, sys; open(sys.argv[1], 'a').write(os.environ['YANKWATCH_SUBJECT'] + '\\n' + sys.stdin.read() + '\\0')"
OWNER = "octavia"
OTHER = "registry-admin"
NOT_OWNER = "not an owner of the crate: probably a registry administrator"
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400


class Watched:
    """A daemon of `demo` 1.0.0 and 1.1.0 with one notifier for documents, one for words, after its baseline."""

    def __init__(self, registry, api, receiver, daemon, clock, folder):
        self.registry, self.api, self.receiver = registry, api, receiver
        self.daemon, self.clock, self.text = daemon, clock, folder / "words" / "told"
        self.text.parent.mkdir()  # in a folder with a secret a plugin makes no files

    def start(self, crates=("demo",), notifiers=None, versions=("1.0.0", "1.1.0"), wait="20s", recheck=("1m", "10m", "1h"),
              **keys):
        for crate in crates:
            self.api.publish(crate, *versions, by=OWNER)
            for version in versions:
                self.registry.index.put(crate, version)
        words = {"plugin": "exec", "program": sys.executable, "args": ["-c", KEEP, str(self.text)], "input": "text"}
        self.daemon.configure(self.registry.index_url, list(crates), poll_interval="7d",
                              registry=reasons(self.api.url, wait=wait, recheck=list(recheck)),
                              notifiers=notifiers or {"hook": self.receiver.notifier(), "words": words}, **keys)
        self.daemon.start()
        self.daemon.poll()
        return self

    def yank(self, *versions, message=None, by=OWNER, crate="demo", poll=True):
        for version in versions or ["1.0.0"]:
            self.api.yank(crate, version, message, by=by)
            self.registry.index.yank(crate, version)
        if poll:
            self.daemon.poll(crate)

    def haste(self, speed_s=0.25):
        return Haste(self.clock, speed_s)

    def told(self, n, what="told"):
        """The first n documents that the receiver took."""
        wait_for(lambda: len(self.receiver.events()) >= n, what)
        return self.receiver.events()[:n]

    def words(self, n):
        """The facts "why" and "why before" of the first n alerts."""
        wait_for(lambda: self.text.exists() and self.text.read_text().count("\0") >= n, "the words come")
        alerts = self.text.read_text().split("\0")[:n]
        return [[line.strip() for line in alert.splitlines() if line.strip().startswith("why")] for alert in alerts]

    def history(self):
        """What stands behind the time, kind, severity and registry of each line."""
        return [line.split("internal", 1)[1].strip() for line in self.daemon.client("history").stdout.splitlines()]

    def show(self, version="1.0.0"):
        return self.daemon.client("show", f"demo@{version}").stdout

    def version(self, version="1.0.0"):
        rows = self.daemon.get("/v1/crates/internal/demo")["versions"]
        return next(row for row in rows if row["version"] == version)


@pytest.fixture
def watched(registry, web_api, receiver, clocked_daemon, clock, folder):
    return Watched(registry, web_api, receiver, clocked_daemon, clock, folder)


def reason_lines(show):
    """What `show` says of the reason, and of who gave it."""
    return [next(line.removeprefix(head).strip() for line in show.splitlines() if line.startswith(f"{head} "))
            for head in ("reason", "given by")]


def texts(events):
    return [(event["event"], event.get("reason", {}).get("text")) for event in events]


# ---------------------------------------------------------------- at the yank


@pytest.mark.parametrize("by, owner, who", [(OWNER, True, "an owner of the crate"), (OTHER, False, NOT_OWNER)])
def test_a_reason_that_is_there_stands_in_the_alert(watched, by, owner, who):
    watched.start()
    with watched.haste():
        watched.yank(message="leaks keys", by=by)
        (event,) = watched.told(1)
    reason = event["reason"]
    assert (reason["text"], reason["by"], reason["by_owner"]) == ("leaks keys", by, owner)
    assert reason["at"] <= event["at"], "the exact time of the yank"
    assert watched.words(1) == [[f"why: leaks keys (by {by}, {who})"]]
    assert watched.history() == [f"demo 1.0.0: leaks keys (by {by}, {who})"]
    assert reason_lines(watched.show()) == ["leaks keys", f"{by}, {who}"]
    assert watched.version()["reason"] == reason | {"seen_at": watched.version()["reason"]["seen_at"]}
    assert "earlier_reasons" not in watched.version()
    assert watched.daemon.events()[0]["reason"] == reason
    assert kinds(watched.daemon.events()) == [("yanked", "1.0.0")]
    watched.daemon.stop()


def test_that_none_was_given_is_told_at_once_too(watched):
    watched.start()
    with watched.haste(0.05):
        began = watched.clock.now()
        watched.yank()
        (event,) = watched.told(1)
        assert watched.clock.now() - began < 20, "it did not wait in vain"
    assert (event["reason"]["text"], event["reason"]["by"]) == (None, OWNER)
    assert watched.words(1) == [[f"why: no reason given (by {OWNER}, an owner of the crate)"]]
    assert watched.history() == [f"demo 1.0.0: no reason given (by {OWNER}, an owner of the crate)"]
    watched.daemon.stop()


def test_without_actions_nobody_is_named(watched):
    """The administrator's command line leaves neither text nor action."""
    watched.start()
    with watched.haste():
        watched.yank(by=None)
        (event,) = watched.told(1)
    assert event["reason"] == {"text": None}
    assert watched.words(1) == [["why: no reason given"]]
    watched.daemon.stop()


def test_a_yank_that_was_taken_back_names_nobody_for_the_next(watched):
    """The next one is by the administrator's command line, which leaves no action."""
    now = watched.clock.now()
    watched.api.publish("demo", "1.0.0", by=OWNER)
    watched.api.yank("demo", "1.0.0", at=now - 5000)
    watched.api.unyank("demo", "1.0.0", at=now - 4000)
    rows = watched.api._versions["demo"]["1.0.0"]["audit_actions"][:]
    watched.start()
    watched.api._versions["demo"]["1.0.0"]["audit_actions"] = rows
    with watched.haste():
        watched.yank(by=None)
        (event,) = watched.told(1)
    assert event["reason"] == {"text": None}
    assert watched.words(1) == [["why: no reason given"]]
    watched.daemon.stop()


def test_members_of_a_team_are_not_called_strangers(watched):
    watched.api.teams["demo"] = ["github:org:team"]
    watched.start()
    with watched.haste():
        watched.yank(message="broken", by="someone-of-the-team")
        (event,) = watched.told(1)
    assert "by_owner" not in event["reason"]
    assert watched.words(1) == [["why: broken (by someone-of-the-team)"]]
    watched.daemon.stop()


def test_who_has_become_an_owner_today_is_one(watched):
    """The owners were asked an hour before, of an earlier yank."""
    watched.start(recheck=["30d"])
    with watched.haste():
        watched.yank("1.0.0")
        watched.told(1)
    watched.clock.advance(HOUR_S)
    watched.api.owners["demo"].append("newcomer")
    with watched.haste():
        watched.yank("1.1.0", by="newcomer")
        (_, event) = watched.told(2)
    assert (event["reason"]["by"], event["reason"]["by_owner"]) == ("newcomer", True)
    watched.daemon.stop()


# ---------------------------------------------------------------- later


def test_an_alert_goes_without_it_after_the_wait_and_the_news_follow(watched):
    watched.start()
    watched.api.hang()
    watched.yank(message="late", by=OTHER)
    assert not watched.receiver.requests
    watched.clock.advance(19)
    watched.daemon.poll()
    assert not watched.receiver.requests, "it waits"
    watched.clock.advance(2)
    (event,) = watched.told(1, "without its reason")
    assert "reason" not in event
    watched.api.mend()
    with watched.haste():
        first, news = watched.told(2, "its reason")
    assert (news["event"], news["severity"]) == ("reason_changed", "info")
    assert (news["reason"]["text"], news["reason"]["by_owner"]) == ("late", False)
    assert news["previous"] == {"reason": {"text": None}}
    assert "api" in news["evidence"]
    assert first["event"] == "yanked"
    assert watched.words(2) == [[], [f"why: late (by {OTHER}, {NOT_OWNER})", "why before: no reason given"]]
    assert watched.history() == [f"demo 1.0.0: late (by {OTHER}, {NOT_OWNER})"] * 2
    watched.daemon.stop()


def test_added_edited_and_cleared_by_a_plain_re_yank(watched):
    watched.start(recheck=["1m"] * 6)
    with watched.haste():
        watched.yank()
        watched.told(1)
        watched.api.yank("demo", "1.0.0", "added later")
        watched.told(2)
        watched.api.yank("demo", "1.0.0", "edited", by=OTHER)
        watched.told(3)
        watched.api.yank("demo", "1.0.0")  # cargo yank
        watched.told(4)
    owner = f"(by {OWNER}, an owner of the crate)"
    assert texts(watched.receiver.events()) == [("yanked", None), ("reason_changed", "added later"),
                                                ("reason_changed", "edited"), ("reason_changed", None)]
    assert watched.words(4) == [
        [f"why: no reason given {owner}"],
        [f"why: added later {owner}", "why before: no reason given"],
        [f"why: edited (by {OTHER}, {NOT_OWNER})", "why before: added later"],
        [f"why: no reason given {owner}", "why before: edited"]]
    headlines = [line for line in watched.text.read_text().splitlines() if "yanking" in line]
    assert headlines == ["a reason for yanking demo 1.0.0 from internal was given",
                         "the reason for yanking demo 1.0.0 from internal was changed",
                         "the reason for yanking demo 1.0.0 from internal was taken away"]
    earlier = watched.version()["earlier_reasons"]
    assert [row["text"] for row in earlier] == [None, "added later", "edited"]
    assert [row["until"] for row in earlier] == [row["seen_at"] for row in earlier[1:] + [watched.version()["reason"]]]
    for row in earlier:
        then = json.loads(watched.daemon.client("show", "demo@1.0.0", "--at", row["seen_at"], "--json").stdout)
        assert [then["reason"]["text"], then["events"][0]["reason"]["text"]] == [row["text"]] * 2
    show = watched.show()
    assert reason_lines(show) == ["no reason given", f"{OWNER}, an owner of the crate"]
    before = [line.split() for line in show[show.index("earlier reasons"):].splitlines()[2:5]]
    assert [line[-2:] for line in before] == [["reason", "given"], ["added", "later"], ["administrator", "edited"]]
    assert kinds(watched.daemon.events()) == [("yanked", "1.0.0")] + [("reason_changed", "1.0.0")] * 3
    assert watched.daemon.client("verify").returncode == 0
    watched.daemon.stop()


def test_an_unyank_ends_it_and_says_who(watched):
    watched.start()
    with watched.haste():
        watched.yank(message="oops")
        watched.told(1)
        watched.api.unyank("demo", "1.0.0", by=OTHER)
        watched.registry.index.yank("demo", "1.0.0", False)
        watched.daemon.poll()
        watched.told(2)
        wait_for(lambda: "reason" in watched.daemon.events()[1], "who it was")
    assert watched.history() == [f"demo 1.0.0: oops (by {OWNER}, an owner of the crate)", f"demo 1.0.0: by {OTHER}, {NOT_OWNER}"]
    assert "reason" not in watched.version()
    assert [row["text"] for row in watched.version()["earlier_reasons"]] == ["oops"]
    asked = len(watched.api.asked)
    watched.clock.advance(2 * HOUR_S)
    watched.daemon.poll()
    assert len(watched.api.asked) == asked, "nothing more is asked"
    watched.daemon.stop()


def test_news_go_to_whoever_was_told_of_the_yank(watched, receiver):
    watched.start(notifiers={"hook": receiver.notifier()}, routes=[{"notify": ["hook"], "min_severity": "high"}])
    with watched.haste():
        watched.yank()
        watched.told(1)
        watched.api.yank("demo", "1.0.0", "now I say it")
        assert texts(watched.told(2)) == [("yanked", None), ("reason_changed", "now I say it")]
    watched.daemon.stop()


# ---------------------------------------------------------------- hostile


HOSTILE = "\u202egpj.exe\x07\x1b[31m@here <script>alert(1)</script>\r\nBcc: all@example.com\r\n\r\n" + "A" * 100_000


def test_100_kb_of_hostile_text(watched):
    watched.start()
    with watched.haste():
        watched.yank(message=HOSTILE, by=OTHER)
        (event,) = watched.told(1)
        told = watched.text
    assert event["reason"]["text"] == HOSTILE[:8190]  # of 8192 bytes: the first character has three
    assert event["reason"]["cut"] is True
    ((why,),) = watched.words(1)
    safe = "\\u{202e}gpj.exe\\u{7}\\u{1b}[31m@here <script>alert(1)</script> Bcc: all@example.com AAAA"
    assert why.startswith(f"why: {safe}"), why[:200]
    assert why.endswith(f"AAA\u2026 (by {OTHER}, {NOT_OWNER})")
    assert len(why) < 1400
    raw = told.read_text()
    assert not any(character in raw for character in "\u202e\x07\x1b\r")
    for shown in (watched.history()[0], watched.show()):
        assert "\\u{202e}gpj.exe\\u{7}\\u{1b}[31m@here <script>alert(1)</script>\\u{d}\\u{a}Bcc:" in shown
        assert not any(character in shown for character in "\u202e\x07\x1b\r")
    assert len(watched.history()[0]) < 600
    assert watched.history()[0].endswith(f"A... (by {OTHER}, {NOT_OWNER})")
    assert reason_lines(watched.show())[1] == f"{OTHER}, {NOT_OWNER}"
    watched.api.yank("demo", "1.0.0", HOSTILE + "!", by=OTHER)  # behind the cut
    with watched.haste():
        assert watched.told(2)[1]["event"] == "reason_changed"
    assert "\x1b" not in watched.daemon.log()
    watched.daemon.stop()


# ---------------------------------------------------------------- waiting


def test_later_events_of_the_crate_do_not_pass_the_alert_that_waits(watched):
    watched.start()
    watched.api.hang()
    watched.yank()
    watched.registry.index.delete_version("demo", "1.0.0")
    watched.daemon.poll()
    assert kinds(watched.daemon.events()) == [("yanked", "1.0.0"), ("version_deleted", "1.0.0")]
    assert not watched.receiver.requests
    watched.clock.advance(21)
    assert kinds(watched.told(2)) == [("yanked", "1.0.0"), ("version_deleted", "1.0.0")]
    watched.daemon.stop()


def test_a_group_goes_by_its_own_time_when_all_reasons_are_there(watched, receiver):
    watched.start(routes=[{"notify": ["hook"], "group_by": "crate", "group_wait": "5m"}],
                  notifiers={"hook": receiver.notifier()})
    with watched.haste(0.05):
        watched.yank("1.0.0", "1.1.0", message="both")
        wait_for(lambda: all("reason" in event for event in watched.daemon.events()), "the reasons are there")
    assert not receiver.requests
    watched.clock.advance(301)
    assert texts(watched.told(2)) == [("yanked", "both")] * 2
    assert len(receiver.requests) == 1
    watched.daemon.stop()


def test_a_group_waits_for_its_last_yank(watched, receiver):
    watched.start(routes=[{"notify": ["hook"], "group_by": "crate", "group_wait": "30s"}],
                  notifiers={"hook": receiver.notifier()})
    watched.api.hang()
    watched.yank("1.0.0")
    watched.clock.advance(25)
    watched.yank("1.1.0")
    watched.clock.advance(10)
    watched.daemon.poll()
    assert not receiver.requests, "35 s: the second one waits until 45"
    watched.clock.advance(11)
    assert kinds(watched.told(2)) == [("yanked", "1.0.0"), ("yanked", "1.1.0")]
    watched.daemon.stop()


@pytest.mark.parametrize("end", ["kill9", "stop"])
def test_waits_and_reasons_outlive_the_daemon(watched, end):
    watched.start()
    watched.api.hang()
    watched.yank(message="after the restart")
    getattr(watched.daemon, end)()
    assert not watched.receiver.requests
    watched.api.mend()
    watched.daemon.start()
    assert not watched.receiver.requests
    with watched.haste(0.05):
        (event,) = watched.told(1)
    assert event["reason"]["text"] == "after the restart"
    assert kinds(watched.daemon.events()) == [("yanked", "1.0.0")]
    watched.daemon.stop()


def test_an_answer_from_before_a_yank_is_not_its_reason(watched):
    """It was under way when the version was un-yanked and yanked again."""
    watched.start(recheck=["1m"] * 3)
    with watched.haste():
        watched.yank(message="of the first time")
        watched.told(1)
        wait_for(lambda: watched.api.requests("owners"), "all was asked")
    watched.api.hang()
    asked = len(watched.api.asked)
    with watched.haste():
        wait_for(lambda: len(watched.api.asked) > asked, "it is looked at again")
    watched.api.put_raw("demo", watched.api._versions_of("demo", []))
    watched.registry.index.yank("demo", "1.0.0", False)
    watched.daemon.poll()
    watched.clock.advance(1)
    watched.yank(message="of the second time")
    watched.api.mend()
    wait_for(lambda: watched.api.asked[asked].status, "the old answer goes out")
    watched.daemon.poll()
    watched.api.put_raw("demo", None)
    with watched.haste(0.05):
        assert texts(watched.told(3)) == [("yanked", "of the first time"), ("unyanked", None),
                                          ("yanked", "of the second time")]
    watched.daemon.stop()


def test_a_failing_api_is_asked_again(watched):
    watched.start()
    watched.api.put_raw("demo", b"not JSON")
    watched.yank(message="at last")
    with watched.haste():
        assert texts(watched.told(1)) == [("yanked", None)]
        watched.api.put_raw("demo", None)
        assert texts(watched.told(2)) == [("yanked", None), ("reason_changed", "at last")]
    watched.daemon.stop()


# ---------------------------------------------------------------- API and index differ, and the audit trail


def test_the_index_decides_what_is_yanked(watched):
    watched.start()
    watched.registry.index.yank("demo", "1.0.0")  # the API does not know it yet
    watched.daemon.poll()
    with watched.haste():
        assert "reason" not in watched.told(1)[0]
        watched.api.yank("demo", "1.0.0", "now it does")
        assert texts(watched.told(2))[1] == ("reason_changed", "now it does")
    watched.daemon.stop()


def test_flips_between_two_polls_come_from_the_audit_trail(watched):
    watched.start()
    watched.clock.advance(DAY_S)
    now = watched.clock.now()
    flips = [("yank", now - 300), ("unyank", now - 200), ("yank", now - 100)]
    watched.api.yank("demo", "1.0.0", by=OTHER, at=flips[0][1])
    watched.api.unyank("demo", "1.0.0", at=flips[1][1])
    watched.api.yank("demo", "1.0.0", "for good", at=flips[2][1])
    watched.registry.index.yank("demo", "1.0.0")
    watched.daemon.poll()
    with watched.haste():
        watched.told(1)
        wait_for(lambda: len(watched.daemon.events()) == 3, "the flips")
    seen, first, second = watched.daemon.events()
    assert kinds([seen, first, second]) == [("yanked", "1.0.0"), ("yanked", "1.0.0"), ("unyanked", "1.0.0")]
    assert "source" not in seen
    for event, (_, at), by in ((first, flips[0], OTHER), (second, flips[1], OWNER)):
        assert event["source"] == "audit_trail"
        assert event["at"][:22] == stamp(at)[:22]
        assert event["reason"]["by"] == by
        assert event["evidence"]["api"].startswith(watched.api.url)
    assert len({event["id"] for event in (seen, first, second)}) == 3
    assert watched.history()[1:] == [f"demo 1.0.0: by {OTHER}; told by the audit trail alone",
                                     f"demo 1.0.0: by {OWNER}; told by the audit trail alone"]
    assert watched.daemon.client("verify").returncode == 0
    assert seen["reason"]["at"][:22] == stamp(flips[2][1])[:22]
    watched.registry.index.yank("demo", "1.0.0", False)
    watched.api.unyank("demo", "1.0.0")
    with watched.haste():
        watched.daemon.poll()
        assert kinds(watched.told(2)) == [("yanked", "1.0.0"), ("unyanked", "1.0.0")], "nobody is told of flips that are over"
        wait_for(lambda: "reason" in watched.daemon.events()[3], "who it was")
    assert len(watched.daemon.events()) == 4, "none twice"
    watched.daemon.stop()


def test_flips_of_one_moment_have_ids_of_their_own(watched):
    """A registry may say so; a history with one id twice would look like a forged one for ever."""
    watched.start()
    watched.clock.advance(DAY_S)
    now = watched.clock.now()
    for act, at in (("yank", 300), ("unyank", 300), ("yank", 300), ("unyank", 200), ("yank", 100)):
        getattr(watched.api, act)("demo", "1.0.0", at=now - at)
    watched.registry.index.yank("demo", "1.0.0")
    watched.daemon.poll()
    with watched.haste():
        watched.told(1)
        wait_for(lambda: len(watched.daemon.events()) >= 4, "the flips")
    ids = [event["id"] for event in watched.daemon.events()]
    assert len(set(ids)) == len(ids)
    verified = watched.daemon.client("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    watched.daemon.stop()


def test_what_was_before_the_baseline_is_not_told(watched):
    now = watched.clock.now()
    watched.api.publish("demo", "1.0.0")
    watched.api.yank("demo", "1.0.0", at=now - 5000)
    watched.api.unyank("demo", "1.0.0", at=now - 4000)
    rows = watched.api._versions["demo"]["1.0.0"]["audit_actions"][:]
    watched.start()
    watched.api._versions["demo"]["1.0.0"]["audit_actions"] = rows
    with watched.haste():
        watched.yank(message="new")
        watched.told(1)
    assert kinds(watched.daemon.events()) == [("yanked", "1.0.0")]
    watched.daemon.stop()


# ---------------------------------------------------------------- another crate of that name


def yanked_for(watched, message):
    watched.start(recheck=["30d"])
    with watched.haste():
        watched.yank(message=message)
        watched.told(1)
    assert watched.version()["reason"]["text"] == message


def test_a_reason_does_not_outlive_its_crate(watched):
    yanked_for(watched, "of the first one")
    watched.registry.index.delete_crate("demo")
    watched.daemon.poll()
    watched.clock.advance(DAY_S)
    watched.daemon.poll()
    assert "crate_deleted" in [event["event"] for event in watched.daemon.events()]
    watched.registry.index.put("demo", "1.0.0", yanked=True)
    watched.daemon.poll()
    assert watched.version()["yanked"]
    assert "reason" not in watched.version()
    assert [row["text"] for row in watched.version()["earlier_reasons"]] == ["of the first one"]
    watched.daemon.stop()


def test_a_reason_does_not_outlive_its_registry(watched, folder):
    yanked_for(watched, "of the first one")
    with contextlib.closing(Registry(folder / "other")) as other:
        other.index.put("demo", "1.0.0", yanked=True)
        config = json.loads(watched.daemon.config.read_text())
        config["registries"]["internal"]["index"] = other.index_url
        watched.daemon.write(config)
        assert watched.daemon.api("POST", "/v1/reload").document["reloaded"]
        assert "start with a new baseline" in watched.daemon.log()
        watched.daemon.poll()
        assert watched.version()["yanked"]
        assert "reason" not in watched.version()
        watched.daemon.stop()


# ---------------------------------------------------------------- in the index line


def test_a_text_in_the_index_line_is_a_reason_and_no_metadata(registry, receiver, daemon):
    registry.index.put("demo", "1.0.0")
    daemon.configure(registry.index_url, ["demo"], notifiers={"hook": receiver.notifier()})
    daemon.start()
    daemon.poll()
    for n, message in enumerate(("in the line", "edited there", None), 1):
        registry.index.put("demo", "1.0.0", yanked=True, yank_message=message)
        daemon.poll()
        wait_for(lambda n=n: len(receiver.events()) == n, "an alert")
    assert texts(receiver.events()) == [("yanked", "in the line"), ("reason_changed", "edited there"), ("reason_changed", None)]
    assert receiver.events()[1]["evidence"]["line"].startswith("{")
    assert receiver.events()[1]["previous"] == {"reason": {"text": "in the line"}}
    assert [line.split("internal", 1)[1].strip() for line in daemon.client("history").stdout.splitlines()] == [
        "demo 1.0.0: no reason given", "demo 1.0.0: edited there", "demo 1.0.0: no reason given"]
    daemon.stop()


# ---------------------------------------------------------------- projects


def test_a_project_that_locks_what_was_yanked_before_gets_the_reason(watched, folder):
    watched.api.publish("demo", "1.0.0", by=OWNER)
    watched.api.yank("demo", "1.0.0", "of long ago", by=OTHER)
    watched.registry.index.put("demo", "1.0.0", yanked=True)
    watched.registry.index.put("demo", "1.1.0")
    watched.daemon.configure(watched.registry.index_url, ["demo"], poll_interval="7d", registry=reasons(watched.api.url))
    watched.daemon.start()
    watched.daemon.poll()
    assert not watched.daemon.events()
    checksum = json.loads(watched.registry.index.line("demo", "1.0.0"))["cksum"]
    (folder / "Cargo.lock").write_text(
        f'version = 4\n[[package]]\nname = "app"\nversion = "0.1.0"\ndependencies = ["demo"]\n'
        f'[[package]]\nname = "demo"\nversion = "1.0.0"\nsource = "{watched.registry.index_url}"\n'
        f'checksum = "{checksum}"\n')
    assert watched.daemon.client("project", "put", "payments", str(folder / "Cargo.lock")).returncode == 0
    with watched.haste():
        wait_for(lambda: watched.daemon.events() and "reason" in watched.daemon.events()[0], "the reason")
    (event,) = watched.daemon.events()
    assert (event["event"], event["reason"]["text"]) == ("finding_opened", "of long ago")
    assert json.dumps(watched.version()["reason"]).count("of long ago") == 1
    asked = len(watched.api.requests())
    watched.clock.advance(40 * DAY_S)
    watched.daemon.poll()
    assert len(watched.api.requests()) == asked, "once is enough"
    watched.daemon.stop()
