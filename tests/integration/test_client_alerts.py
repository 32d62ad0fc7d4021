# SPDX-License-Identifier: Apache-2.0
"""yankwatch's commands for alerts against a stand-in for the daemon: columns, JSON, exit codes, hostile text."""

import json

import pytest

from yw.standin import HOSTILE, STATUS, UNSAFE, Daemon, Problem, event, good, json_lines, lines, on_terminal, run


@pytest.fixture
def daemon(tmp_path):
    it = Daemon(tmp_path)
    yield it
    it.stop()


def notification(number, **changes):
    return {"id": f"ntf_{number}", "notifier": "hook", "kind": "events", "state": "delivered",
            "created_at": "2026-11-21T09:30:00.123Z", "attempt": 1, "event_count": 1,
            "subject": f"[high] demo 1.0.{number} yanked", "seq": number} | changes


def silence(**changes):
    return {"id": "sil_1", "state": "active", "crate": "demo*", "version": "1.2.3", "events": ["yanked", "unyanked"],
            "author": "alice", "comment": "known", "created_at": "2026-11-21T09:30:00.000Z",
            "ends_at": "2026-11-22T09:30:00.000Z", "held_back": 2} | changes


# ---------------------------------------------------------------- notifications


def test_notifications_are_aligned_lines_newest_last(daemon):
    daemon.answers["/v1/notifications"] = {"notifications": [
        notification(2, state="dead", attempt=12, notifier="a-longer-one"),
        {k: v for k, v in notification(1, state="gathering", attempt=0, event_count=100).items() if k != "subject"}],
        "next": None}
    assert lines(daemon, "notifications", "--state", "dead", "--notifier", "a b", "--crate", "demo") == [
        "2026-11-21T11:30:00+02:00  ntf_1  hook          gathering   0  100  -",
        "2026-11-21T11:30:00+02:00  ntf_2  a-longer-one  dead       12    1  [high] demo 1.0.2 yanked"]
    assert daemon.query_of_last() == {"state": "dead", "notifier": "a b", "crate": "demo", "limit": "100"}


def test_older_notifications_are_hinted_at(daemon):
    daemon.answers["/v1/notifications"] = {"notifications": [notification(1), notification(2)], "next": "2"}
    result = run(daemon.socket, "--json", "notifications", "--limit", "2")
    assert [json.loads(line)["seq"] for line in result.stdout.splitlines()] == [2, 1]
    assert result.stderr == "yankwatch: notifications: there are older ones: --limit shows them\n"


@pytest.mark.parametrize("limit", ["0", "many", "100001"])
def test_a_limit_that_is_none_is_told(daemon, limit):
    result = run(daemon.socket, "notifications", "--limit", limit)
    assert (result.returncode, result.stderr) == (2, f"yankwatch: --limit: {limit}: not a number from 1 to 100000\n")


def test_one_is_shown_with_attempts_and_events(daemon):
    daemon.answers["/v1/notifications/ntf_1"] = notification(
        1, state="due", due_at="2026-11-21T10:00:00.000Z", kind="undelivered", origin="ntf_0", attempts=[
            {"number": 1, "at": "2026-11-21T09:30:01.000Z", "duration_ms": 35, "outcome": "retry",
             "due_at": "2026-11-21T10:00:00.000Z", "text": "status 500: no"},
            {"number": 2, "at": "2026-11-21T10:00:00.000Z"}],
        events=[event(1), event(2)], silenced={"evt_2": "sil_1"})
    assert lines(daemon, "notifications", "show", "ntf_1") == [
        "id            ntf_1",
        "notifier      hook",
        "about         undelivered",
        "tells of      ntf_0",
        "state         due",
        "subject       [high] demo 1.0.1 yanked",
        "created       2026-11-21T11:30:00+02:00",
        "next attempt  2026-11-21T12:00:00+02:00",
        "",
        "attempts",
        "  ATTEMPT  AT                         TOOK  OUTCOME  AGAIN AT                   ANSWER",
        "        1  2026-11-21T11:30:01+02:00  35ms  retry    2026-11-21T12:00:00+02:00  status 500: no",
        "        2  2026-11-21T12:00:00+02:00     -  -        -                          -",
        "",
        "events",
        "  AT                         EVENT   SEVERITY  REGISTRY  CRATE",
        "  2026-11-21T11:30:00+02:00  yanked  high      internal  demo 1.0.1",
        "  2026-11-21T11:30:00+02:00  yanked  high      internal  demo 1.0.2",
        "",
        "evt_2 was held back by sil_1"]


def test_a_retry_goes_to_its_path(daemon):
    daemon.answers["/v1/notifications/a%2Fb/retry"] = notification(1, state="due")
    assert good(daemon, "notifications", "retry", "a/b") == (
        "a/b is due now: `yankwatch notifications show a/b` tells what comes of it\n")
    assert daemon.requests[-1][:2] == ("POST", "/v1/notifications/a%2Fb/retry")


# ---------------------------------------------------------------- silences


def test_silences_are_listed_newest_last(daemon):
    second = silence(id="sil_2", state="removed", held_back=0, registry="internal", project="edge", comment="x")
    for key in ("crate", "version", "events"):
        del second[key]
    daemon.answers["/v1/silences"] = {"silences": [silence(), second]}
    assert lines(daemon, "silence", "list") == [
        "sil_2  removed  2026-11-22T11:30:00+02:00  0  alice  registry internal, project edge               x",
        "sil_1  active   2026-11-22T11:30:00+02:00  2  alice  crate demo*, version 1.2.3, yanked, unyanked  known"]
    assert json_lines(daemon, "silence", "list") == [second, silence()]


def test_a_silence_is_sent_whole(daemon):
    daemon.answers["/v1/silences"] = silence()
    said = good(daemon, "silence", "add", "--crate", "demo*", "--version", "1.2.3", "--registry", "internal", "--project",
                "edge", "--event", "yanked,unyanked", "--until", "2026-11-22 11:30", "--comment", "a \"b\"", "--author",
                "bob")
    assert said == "sil_1: silent until 2026-11-22T11:30:00+02:00\n"
    assert daemon.requests == [("POST", "/v1/silences", {
        "crate": "demo*", "version": "1.2.3", "registry": "internal", "project": "edge", "comment": "a \"b\"",
        "author": "bob", "events": ["yanked", "unyanked"], "ends": "2026-11-22T09:30:00.000Z"})]


def test_silences_are_removed_one_after_the_other(daemon):
    daemon.answers["/v1/silences/sil_1"] = None
    daemon.answers["/v1/silences/sil_2"] = Problem(409, "sil_2 is over already")
    result = run(daemon.socket, "--json", "silence", "remove", "sil_1", "sil_2")
    assert (result.returncode, json.loads(result.stdout)) == (1, {"id": "sil_1", "removed": True})
    assert result.stderr == "yankwatch: sil_2 is over already\n"


# ---------------------------------------------------------------- notifiers and routes


def test_notifiers_are_listed_with_their_heads(daemon):
    daemon.answers["/v1/notifiers"] = {"notifiers": [
        {"notifier": "hook", "plugin": "webhook", "state": "disabled", "delivered": 3, "retried": 1, "rejected": 0,
         "waiting": 4, "dead": 1, "restarts": 2, "unconfined": ["network", "files"],
         "disabled_at": "2026-11-21T09:30:00.000Z", "disabled_text": "410"}]}
    assert lines(daemon, "notifier", "list") == [
        "NOTIFIER  PLUGIN   STATE     DELIVERED  RETRIED  REJECTED  WAITING  DEAD  RESTARTS  NOT CONFINED",
        "hook      webhook  disabled          3        1         0        4     1         2  network, files"]


@pytest.mark.parametrize("outcome, code", [("ok", 0), ("retry", 1), ("reject", 1), ("disable", 1)])
def test_a_tests_exit_code_says_whether_it_was_delivered(daemon, outcome, code):
    daemon.answers["/v1/notifiers/hook/test"] = {"notifier": "hook", "notification": "ntf_1", "outcome": outcome,
                                                 "duration_ms": 1500, "text": HOSTILE}
    result = run(daemon.socket, "notifier", "test", "hook")
    assert result.returncode == code
    assert (result.stdout != "") == (code == 0)
    assert (result.stderr != "") == (code == 1)
    assert not UNSAFE.search(result.stdout + result.stderr)


def test_a_route_is_explained_in_two_tables(daemon):
    daemon.answers["/v1/routes/explain"] = {
        "event": {"registry": "internal", "crate": "demo", "watched": True, "version": "1.2.3", "event": "unyanked",
                  "severity": "info"},
        "routes": [{"route": 0, "line": 31, "matches": False, "notify": ["mail"], "why": "events: no"},
                   {"route": 1, "line": 35, "matches": True, "notify": ["hook", "mail"]}],
        "notifiers": [{"notifier": "hook", "route": 1, "when": "at once"}], "follows_yank": True,
        "silences": [silence()]}
    assert lines(daemon, "route", "explain", "demo@1.2.3", "--event", "unyanked") == [
        "[info] demo 1.2.3 unyanked in internal",
        "",
        "routes",
        "  ROUTE  LINE  MATCHES  NOTIFIERS   WHY",
        "      0    31  no       mail        events: no",
        "      1    35  matches  hook, mail  -",
        "",
        "notifiers",
        "  NOTIFIER  ROUTE  WHEN",
        "  hook          1  at once",
        "",
        "it goes to every notifier that was told of the yank, too",
        "",
        "held back by sil_1 until 2026-11-22T11:30:00+02:00: known"]
    assert daemon.query_of_last() == {"crate": "demo", "version": "1.2.3", "event": "unyanked"}


def test_the_status_says_first_what_needs_a_person(daemon):
    notifier = STATUS["notifiers"][0] | {"state": "disabled", "disabled_at": "2026-11-21T09:30:00.000Z",
                                         "disabled_text": "410 Gone"}
    daemon.answers["/v1/status"] = STATUS | {"outbox": STATUS["outbox"] | {"dead": 2}, "notifiers": [notifier]}
    assert lines(daemon, "status")[2:4] == [
        "2 dead letters: see `yankwatch notifications --state dead`",
        "hook is switched off since 2026-11-21T11:30:00+02:00, 410 Gone: `yankwatch notifier enable hook` takes it back"]


# ---------------------------------------------------------------- what all have


def test_a_command_of_two_words_may_begin_with_another(daemon):
    daemon.answers["/v1/notifications"] = {"notifications": [], "next": None}
    assert good(daemon, "notifications") == ""
    result = run(daemon.socket, "notifications", "shwo", "ntf_1")
    assert (result.returncode, result.stderr) == (2, "yankwatch: notifications: one argument too many: shwo\n")
    assert "notifications retry" in good(daemon, "help", "notifications")
    assert run(daemon.socket, "notifications", "show").returncode == 2


def test_text_from_outside_never_reaches_the_terminal_as_it_came(daemon):
    daemon.answers |= {
        "/v1/notifications": {"notifications": [notification(1, subject=HOSTILE, notifier=HOSTILE)], "next": None},
        "/v1/notifications/ntf_1": notification(1, subject=HOSTILE, attempts=[
            {"number": 1, "at": "2026-11-21T09:30:01.000Z", "duration_ms": 1, "outcome": "retry", "text": HOSTILE}],
            events=[event(1, crate=HOSTILE)], silenced={HOSTILE: HOSTILE}),
        "/v1/silences": {"silences": [silence(comment=HOSTILE, author=HOSTILE, crate=HOSTILE)]},
        "/v1/notifiers": {"notifiers": [{"notifier": HOSTILE, "plugin": HOSTILE, "state": HOSTILE}]},
        "/v1/routes/explain": {"event": {"crate": HOSTILE}, "routes": [{"notify": [HOSTILE], "why": HOSTILE}],
                               "notifiers": [], "silences": [silence(comment=HOSTILE)]},
        "/v1/status": STATUS | {"notifiers": [{"notifier": HOSTILE, "disabled_at": HOSTILE, "disabled_text": HOSTILE}]},
    }
    for command in (["notifications"], ["notifications", "show", "ntf_1"], ["silence", "list"], ["notifier", "list"],
                    ["route", "explain", "demo"], ["status"]):
        shown = on_terminal(daemon, *command, NO_COLOR="1")
        assert "forged" in shown
        assert not UNSAFE.search(shown), (command, shown)
