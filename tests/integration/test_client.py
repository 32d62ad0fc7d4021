# SPDX-License-Identifier: Apache-2.0
"""yankwatch, the client, against a small daemon of our own that answers as docs/SOCKET.md says.

Every command, for people and as JSON; errors and exit codes; paging; and that text from a registry never
reaches the terminal as it came.
"""
import json
import os
import re
import signal
import subprocess
from datetime import datetime, timedelta, timezone

import pytest

from yw.standin import (CHECKSUM, CLIENT, HOSTILE, STATUS, UNSAFE, Daemon, Problem, Raw, crate, environment, event, good,
                        json_lines, lines, on_terminal, run, version, watch)


@pytest.fixture
def daemon(tmp_path):
    it = Daemon(tmp_path)
    yield it
    it.stop()


# ---------------------------------------------------------------- history


def test_history_shows_aligned_lines_newest_last(daemon):
    daemon.events = [event(1), event(2, event="metadata_changed", severity="low", crate="x"),
                     event(3, registry="crates-io", event="crate_deleted", version=None, versions=["1", "2"])]
    del daemon.events[2]["version"]
    assert lines(daemon, "history") == [
        "2026-11-21T11:30:00+02:00  yanked            high  internal   demo 1.0.1",
        "2026-11-21T11:30:00+02:00  metadata_changed  low   internal   x 1.0.2",
        "2026-11-21T11:30:00+02:00  crate_deleted     high  crates-io  demo (2 versions)"]


def test_history_json_is_what_the_daemon_sent(daemon):
    daemon.events = [event(1), event(2, evidence={"line": "{\"vers\": \"1\"}"}, findings=[], usable_versions=2**40)]
    assert json_lines(daemon, "history") == daemon.events


def test_history_shows_the_newest_hundred_and_says_that_there_are_more(daemon):
    daemon.events = [event(n) for n in range(1, 151)]
    result = run(daemon.socket, "--json", "history")
    assert [json.loads(line)["seq"] for line in result.stdout.splitlines()] == list(range(51, 151))
    assert result.returncode == 0
    assert result.stderr == "yankwatch: history: there are older events: --limit or --since shows them\n"


def test_history_with_a_limit_pages_through_next(daemon):
    daemon.events = [event(n) for n in range(1, 2501)]
    result = run(daemon.socket, "--json", "history", "--limit", "2200")
    assert [json.loads(line)["seq"] for line in result.stdout.splitlines()] == list(range(301, 2501))
    assert ["limit=1000", "limit=1000", "limit=200"] == [re.search("limit=[0-9]+", r[1])[0] for r in daemon.requests]


@pytest.mark.parametrize("place", [("--since", "7d"), ("--after", "0")])
def test_history_from_a_place_on_goes_to_the_end(daemon, place):
    daemon.events = [event(n) for n in range(1, 2501)]
    assert [e["seq"] for e in json_lines(daemon, "history", *place)] == list(range(1, 2501))


def test_history_forward_says_where_to_go_on(daemon):
    daemon.events = [event(n) for n in range(1, 50)]
    result = run(daemon.socket, "--json", "history", "--after", "10", "--limit", "5")
    assert [json.loads(line)["seq"] for line in result.stdout.splitlines()] == [11, 12, 13, 14, 15]
    assert result.stderr == "yankwatch: history: there are more events: --after 15 goes on\n"


def test_history_reversed_is_newest_first(daemon):
    daemon.events = [event(n) for n in range(1, 6)]
    assert [e["seq"] for e in json_lines(daemon, "history", "--reverse")] == [5, 4, 3, 2, 1]


def test_history_pages_stay_aligned(daemon):
    daemon.events = [event(1, registry="a-long-registry")] + [event(n) for n in range(2, 1002)]
    shown = lines(daemon, "history", "--after", "0")
    assert len({line.index("demo") for line in shown}) == 1


def test_history_sends_its_filters_percent_encoded(daemon):
    good(daemon, "history", "--crate", "a&b", "--registry=r s", "--version", "1.0.0+b", "--event", "yanked,unyanked",
         "--since", "2026-11-20", "--until", "2026-11-21T10:00:00+01:00")
    path = daemon.requests[0][1]
    assert "version=1.0.0%2Bb" in path and "crate=a%26b" in path
    assert daemon.query_of_last() == {
        "crate": "a&b", "registry": "r s", "version": "1.0.0+b", "event": "yanked,unyanked", "limit": "1000",
        "since": "2026-11-19T22:00:00.000Z", "until": "2026-11-21T09:00:00.000Z"}


def test_history_takes_the_times_it_prints(daemon):
    good(daemon, "history", "--since", "2026-11-21 11:30:00", "--until", "2026-11-21T11:30:00+02:00")
    assert daemon.query_of_last()["since"] == daemon.query_of_last()["until"] == "2026-11-21T09:30:00.000Z"


def test_history_takes_times_ago(daemon):
    before = datetime.now(timezone.utc)
    good(daemon, "history", "--since", "2h")
    since = datetime.fromisoformat(daemon.query_of_last()["since"].replace("Z", "+00:00"))
    assert abs(before - timedelta(hours=2) - since) < timedelta(minutes=1)


def test_history_without_events_prints_nothing(daemon):
    assert good(daemon, "history") == ""


# ---------------------------------------------------------------- show


def test_show_tells_the_crate_and_its_versions(daemon):
    daemon.put(crate())
    assert lines(daemon, "show", "demo") == [
        "crate                 demo",
        "registry              internal",
        "state                 present",
        "index                 https://crates.example/index/",
        "last changed          2026-11-20T10:00:00+02:00",
        "waits since           -",
        "listed by             configuration, socket",
        "usable versions       2",
        "lines not understood  0",
        "repeated lines        1",
        "",
        "VERSION      STATE    CHANGED                    CHECKSUM",
        "1.0.0        ok       -                          0123456789ab",
        "1.0.1+build  yanked   2026-11-21T11:30:00+02:00  0123456789ab",
        "1.0.2        deleted  -                          0123456789ab"]


def test_show_json_is_the_daemons_document(daemon):
    daemon.put(crate(), crate(registry="crates-io"))
    assert json_lines(daemon, "show", "demo") == [crate(), crate(registry="crates-io")]


def test_show_in_a_registry_asks_that_one_only(daemon):
    daemon.put(crate(), crate(registry="crates-io"))
    assert json_lines(daemon, "show", "demo", "--registry", "crates-io") == [crate(registry="crates-io")]
    assert [r[1] for r in daemon.requests] == ["/v1/crates/crates-io/demo"]


def test_show_of_several_registries_shows_each(daemon):
    daemon.put(crate(), crate(registry="crates-io"))
    shown = good(daemon, "show", "demo")
    assert shown.count("\n\ncrate ") == 1 and "internal\n" in shown and "crates-io\n" in shown


def test_show_of_a_version_goes_on_where_a_registry_lacks_it(daemon):
    daemon.put(crate(versions=[]), crate(registry="crates-io"))
    result = run(daemon.socket, "--json", "show", "demo@1.0.0")
    assert json.loads(result.stdout)["registry"] == "crates-io"
    assert (result.returncode, result.stderr) == (1, "yankwatch: 1.0.0: no such version of this crate in internal\n")


def test_show_of_a_version_tells_it_with_its_events(daemon):
    daemon.put(crate())
    daemon.events = [event(1, version="1.0.0"), event(2, version="1.0.1+build")]
    assert lines(daemon, "show", "demo@1.0.1+build") == [
        "crate     demo",
        "version   1.0.1+build",
        "registry  internal",
        "state     yanked",
        "changed   2026-11-21T11:30:00+02:00",
        f"checksum  {CHECKSUM}",
        "",
        "2026-11-21T11:30:00+02:00  yanked  high  internal  demo 1.0.1+build"]
    assert "version=1.0.1%2Bbuild" in daemon.requests[-1][1]


def test_show_json_of_a_version_is_one_object(daemon):
    daemon.put(crate())
    daemon.events = [event(2, version="1.0.1+build")]
    assert json_lines(daemon, "show", "demo@1.0.1+build") == [
        crate()["versions"][1] | {"registry": "internal", "crate": "demo", "events": daemon.events}]


def test_show_of_what_is_not_there_says_so(daemon):
    daemon.put(crate())
    for arguments, text in [
            (["nope"], "nope: not watched: `yankwatch watch add nope` adds it"),
            (["serd", "--registry", "internal"], "serd: not watched in internal (did you mean serde_json, serde?)"),
            (["demo@9.9.9"], "9.9.9: no such version of this crate in internal")]:
        result = run(daemon.socket, "show", *arguments)
        assert (result.returncode, result.stdout, result.stderr) == (1, "", f"yankwatch: {text}\n")


def test_names_stay_one_segment_of_the_path(daemon):
    run(daemon.socket, "show", "../a/b?c", "--registry", "..")
    assert daemon.requests[0][1] == "/v1/crates/../..%2Fa%2Fb%3Fc"


# ---------------------------------------------------------------- status


def test_status_tells_everything_at_a_glance(daemon):
    shown = lines(daemon, "status")
    assert re.fullmatch(r"yankwatchd 0\.1\.0, up [0-9]+(ms|s|m|h|d): healthy, but needs attention", shown[0])
    columns = [re.split("  +", line.strip()) for line in shown]
    assert ["internal", "ok", "3", "2026-11-21T11:28:30+02:00", "1m", "2s", "1", "4", "5", "2"] in columns
    assert ["internal", "9", "7", "0", "0", "1", "2.0 KiB", "2026-11-21T11:29:00+02:00", "-"] in columns
    assert ["crates-io", "failing", "12", "-", "30s", "0s", "0", "0", "0", "0"] in columns
    assert ["crates-io", "90", "70", "0", "20", "0", "0 B", "-", "-"] in columns
    assert ["hook", "webhook", "pausing", "3", "1", "0", "4", "0", "2", "-"] in columns
    assert ["4", "0", "3", "0", "2", "1"] in columns
    assert ["3", "3", "84.0 KiB", "0 B"] in columns
    assert ["-", "1", "-", "-", "-"] in columns
    errors = shown.index("last errors")
    assert shown[errors + 1:shown.index("registries") - 1] == [
        "  2026-11-21T11:28:00+02:00  crates-io  connection refused",
        "  2026-11-21T11:27:00+02:00  hook       status 500"]
    assert errors < shown.index("registries") < shown.index("polls") < shown.index("notifiers") < shown.index("database")


def ago(seconds):
    """What resolve() makes a time of."""
    return f"{seconds} seconds ago"


def resolve(document):
    def moment(match):
        at = datetime.now(timezone.utc) - timedelta(seconds=int(match[1]))
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    return json.loads(re.sub("([0-9]+) seconds ago", moment, json.dumps(document)))


def of_registry(**changes):
    return {"registries": [STATUS["registries"][0] | {"unparsed": 0, "failing": 0, "late_ms": 0, "swept_at": ago(50)} | changes]}


def of_notifier(**changes):
    return {"notifiers": [{"notifier": "hook", "plugin": "webhook", "state": "idle", "waiting": 0, "dead": 0} | changes]}


TROUBLES = [
    (of_registry(), []),
    (of_registry(state="blind", last_error={"text": "timed out", "at": ago(9)}, failing=3, swept_at=ago(9999)) | {"healthy": False},
     ["internal is blind, a yank would not be seen: timed out"]),
    (of_registry(state="incident"), ["internal has lost many crates at once, or its config.json: deletions are held back, ask who "
                                     "runs it"]),
    (of_registry(state="failing"), ["internal fails"]),
    (of_registry(swept_at=ago(200)), []),
    (of_registry(swept_at=ago(270)), ["internal is behind: not every crate was polled well for 4m (a sweep takes 1m); the log names "
                                      "those that fail"]),
    (of_registry(swept_at=ago(270), watches=6000, requests_per_second=50), []),
    (of_registry(paused_until="2030-01-01T00:00:00Z"), ["internal is not asked before 2030-01-01T02:00:00+02:00"]),
    (of_registry(reasons={"api": "https://crates.io", "state": "paused", "requests": 3, "failures": 1,
                          "paused_until": "2030-01-01T00:00:00Z",
                          "last_error": {"text": "HTTP 403", "at": "2026-11-21T09:27:00.000Z"}}),
     ["internal: why versions were yanked is not asked before 2030-01-01T02:00:00+02:00, its web API said: HTTP 403"]),
    (of_registry(failing=1), ["1 crate of internal could not be polled the last time: the log names it"]),
    (of_registry(unparsed=2), ["2 crates of internal have index lines that cannot be read or repeat a version: see `yankwatch show "
                               "CRATE`"]),
    (of_registry(reasons={"state": "ok", "last_error": {"text": "HTTP 503", "at": ago(9)}}), []),
    (of_notifier(due_since=ago(500)), []),
    (of_notifier(due_since=ago(7300), waiting=2, last_error={"text": "status 500", "at": ago(3)}),
     ["hook: 2 notifications wait, the oldest for 2h: status 500"]),
    (of_notifier(group_due_at=ago(300)), ["hook: a group was to be complete 5m ago and still gathers"]),
    (of_notifier(group_due_at="2030-01-01T00:00:00Z"), []),
    ({"config": {"file": "c", "last_error": {"text": "c:7: no", "at": ago(9)}}},
     ["the last reload was refused, the configuration before it is in force: c:7: no"]),
    ({"tracker": {"altered_at": 17}}, ["the history was not what was signed when the daemon started, at event 17 or before: "
                                       "`yankwatch verify` names the first that is wrong"]),
    ({"tracker": {"failed_commits": 2}}, ["2 commits failed since the start: is the disk full? The log says why"]),
    ({"tracker": {"queue": 1000, "places": 1024}}, ["the tracker does not keep up, 1000 of 1024 places are taken"]),
    ({"database": {"wal_bytes": 300 << 20}}, ["the database's write-ahead log has 300 MiB: somebody reads from it for long"]),
    ({"healthy": False}, ["it starts, or is about to end"]),
]


@pytest.mark.parametrize("changes, told", TROUBLES)
def test_status_says_first_what_is_wrong_and_what_to_do(changes, told, daemon):
    daemon.answers["/v1/status"] = {"version": "0.2.0", "healthy": True} | resolve(changes)
    shown = lines(daemon, "status")
    assert shown[1:(shown + [""]).index("")] == told


@pytest.mark.parametrize("changes, words", [
    ({}, "healthy"), (of_registry(unparsed=2), "healthy"), ({"outbox": {"dead": 1}}, "healthy, but needs attention"),
    (of_notifier(disabled_at="2026-11-21T09:30:00Z"), "healthy, but needs attention"), ({"healthy": False}, "unhealthy")])
def test_status_says_in_its_first_line_whether_to_read_on(changes, words, daemon):
    daemon.answers["/v1/status"] = {"version": "0.2.0", "healthy": True} | resolve(changes)
    assert lines(daemon, "status")[0] == f"yankwatchd 0.2.0: {words}"


def test_status_fits_a_terminal_of_100_columns(daemon):
    daemon.answers["/v1/status"] = STATUS | {"notifiers": [STATUS["notifiers"][0] | {"unconfined": ["network", "local_sockets"]}]}
    shown = on_terminal(daemon, "status", columns=100, TERM="dumb")
    assert max(len(line) for line in shown.splitlines()) <= 100
    assert re.search("^  internal +ok +3 +[0-9]+ (h|d) ago ", shown, re.M), shown


def test_status_json_is_one_object(daemon):
    assert json_lines(daemon, "status") == [STATUS]


def test_status_of_a_daemon_that_is_not_well(daemon):
    daemon.answers["/v1/status"] = {"version": "0.2.0", "healthy": False, "registries": []}
    assert lines(daemon, "status") == ["yankwatchd 0.2.0: unhealthy", "it starts, or is about to end"]


@pytest.mark.parametrize("state, told", [("idle", []), ("pausing", ["hook does not run: the plugin cannot start: service"])])
def test_status_says_first_which_notifier_does_not_run(state, told, daemon):
    hook = {"notifier": "hook", "state": state, "last_error": {"text": "the plugin cannot start: service", "at": "…"}}
    daemon.answers["/v1/status"] = {"version": "0.2.0", "healthy": True, "notifiers": [hook]}
    shown = lines(daemon, "status")
    assert shown[1:shown.index("")] == told


@pytest.mark.parametrize("dropped, told", [(0, []), (1, ["log: 1 line dropped"]), (70, ["log: 70 lines dropped"])])
def test_status_tells_of_lines_that_the_log_lacks(dropped, told, daemon):
    daemon.answers["/v1/status"] = {"version": "0.2.0", "healthy": True, "log": {"dropped": dropped}}
    assert lines(daemon, "status") == ["yankwatchd 0.2.0: healthy", *told]


# ---------------------------------------------------------------- watch


def test_watch_list_prints_every_page(daemon):
    daemon.watches = [watch(f"crate-{n}") for n in range(1500)]
    shown = lines(daemon, "watch", "list")
    assert len(shown) == 1500
    assert re.split("  +", shown[7]) == ["internal", "crate-7", "present", "configuration, socket"]


def test_watch_list_filters_and_prints_json(daemon):
    daemon.watches = [watch("a"), watch("b"), watch("b", "crates-io", "absent")]
    rows = json_lines(daemon, "watch", "list", "b", "--registry", "crates-io")
    assert [(r["registry"], r["crate"], r["state"]) for r in rows] == [("crates-io", "b", "absent")]


def test_watch_add_polls_and_tells_what_is_there(daemon):
    daemon.put(crate("serde"), crate("typo", state="absent", versions=[]),
               crate("serde_jsn", state="absent", versions=[], near=["serde_json"]),
               crate("later", state="unknown", versions=[]))
    daemon.poll = {"polled": 4, "changed": 1, "unchanged": 2, "failed": 1,
                   "errors": [{"registry": "internal", "crate": "later", "text": "status 503"}]}
    assert lines(daemon, "watch", "add", "--registry", "internal", "serde", "typo", "serde_jsn", "later") == [
        "watching serde in internal: 2 versions, 1 yanked",
        "typo is not in internal: watched, you are told when it appears",
        "serde_jsn is not in internal: watched, you are told when it appears (did you mean serde_json?)",
        "watching later in internal: not seen yet: status 503"]
    names = ["serde", "typo", "serde_jsn", "later"]
    assert daemon.requests[:2] == [
        ("POST", "/v1/watches", {"registry": "internal", "crates": names}),
        ("POST", "/v1/poll", {"registry": "internal", "crates": names, "wait": True})]


def test_watch_add_json_prints_each_crate(daemon):
    daemon.put(crate("serde"))
    assert json_lines(daemon, "watch", "add", "serde") == [crate("serde")]


def test_watch_add_that_is_refused_says_why(daemon):
    daemon.answers["/v1/watches"] = Problem(403, "watch: not allowed: join yankwatch-admin")
    result = run(daemon.socket, "watch", "add", "serde")
    assert (result.returncode, result.stderr) == (1, "yankwatch: watch: not allowed: join yankwatch-admin\n")


def test_watch_remove_finds_the_registry(daemon):
    daemon.put(crate("serde"))
    assert lines(daemon, "watch", "remove", "serde") == ["no longer watching serde in internal"]
    assert daemon.requests[-1][:2] == ("DELETE", "/v1/watches/internal/serde")
    assert json_lines(daemon, "watch", "remove", "serde", "--registry", "internal") == [
        {"registry": "internal", "crate": "serde", "removed": True}]


def test_watch_remove_does_not_guess_between_registries(daemon):
    daemon.put(crate("serde"), crate("serde", "crates-io"))
    result = run(daemon.socket, "watch", "remove", "serde")
    assert result.returncode == 2
    assert result.stderr == "yankwatch: serde: watched in several registries: say which one with --registry\n"


# ---------------------------------------------------------------- poll


def test_poll_does_not_wait_unless_asked(daemon):
    assert lines(daemon, "poll", "--all") == ["polling 3 crates"]
    assert daemon.requests == [("POST", "/v1/poll", {})]


def test_poll_waits_and_tells_the_results(daemon):
    daemon.poll = {"polled": 1, "changed": 1, "unchanged": 0, "failed": 0, "errors": []}
    assert lines(daemon, "poll", "--wait", "demo", "--registry", "internal") == [
        "polled 1 crate: 1 changed, 0 unchanged, 0 failed"]
    assert daemon.requests == [("POST", "/v1/poll", {"registry": "internal", "crates": ["demo"], "wait": True})]
    assert json_lines(daemon, "poll", "--wait", "demo") == [daemon.poll]


def test_poll_asks_again_while_the_round_is_not_over(daemon):
    end = {"polled": 3, "changed": 0, "unchanged": 3, "failed": 0, "errors": []}
    daemon.poll = [{"polled": 3, "round": 7}, {"polled": 3, "round": 7}, end]
    assert lines(daemon, "poll", "--wait", "--all") == ["polled 3 crates: 0 changed, 3 unchanged, 0 failed"]
    again = ("POST", "/v1/poll", {"round": 7, "wait": True})
    assert daemon.requests == [("POST", "/v1/poll", {"wait": True}), again, again]


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_poll_that_failed_in_part_exits_1(daemon, form):
    daemon.poll = {"polled": 3, "changed": 0, "unchanged": 2, "failed": 1,
                   "errors": [{"registry": "internal", "crate": "demo", "text": "status 503"}]}
    result = run(daemon.socket, "poll", "--all", "--wait", *form)
    assert (result.returncode, result.stderr) == (1, "yankwatch: poll: 1 of 3 failed\n")
    assert "status 503" in result.stdout


def test_poll_of_a_name_that_is_not_watched_tells_near_ones(daemon):
    daemon.answers["/v1/poll"] = Problem(404, "serde_jsn: not watched", near=["serde_json"])
    result = run(daemon.socket, "poll", "serde_jsn")
    assert (result.returncode, result.stderr) == (
        1, "yankwatch: serde_jsn: not watched (did you mean serde_json?)\n")


# ---------------------------------------------------------------- text from outside, colour, times


HOSTILE_COMMANDS = [["history"], ["status"], ["show", "demo", "--registry", "internal"], ["show", "demo@1.0.0"],
                    ["watch", "list"], ["watch", "add", "demo"], ["watch", "remove", "demo"],
                    ["poll", "--all", "--wait"]]


@pytest.fixture
def hostile(daemon):
    bad = crate(index=HOSTILE, state=HOSTILE, listed_by=[HOSTILE], last_modified=HOSTILE, near=[HOSTILE],
                versions=[version("1.0.0", changed_at=HOSTILE, checksum=HOSTILE), version(HOSTILE)])
    daemon.put(bad | {"state": "absent"})
    daemon.watches = [watch() | {"state": HOSTILE, "registry": "internal"}]
    daemon.events = [event(1, registry=HOSTILE, event=HOSTILE, severity=HOSTILE, at=HOSTILE, version="1.0.0"),
                     event(2, crate=HOSTILE, version=HOSTILE)]
    error = {"text": HOSTILE, "at": HOSTILE}
    daemon.answers["/v1/status"] = STATUS | {
        "version": HOSTILE, "registries": [{"registry": HOSTILE, "state": HOSTILE, "last_error": error}],
        "notifiers": [{"notifier": HOSTILE, "plugin": HOSTILE, "state": HOSTILE, "last_error": error}]}
    daemon.poll = {"polled": 1, "changed": 1, "unchanged": 0, "failed": 0,
                   "errors": [{"registry": HOSTILE, "crate": HOSTILE, "text": HOSTILE}]}
    return daemon


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["human", "json"])
@pytest.mark.parametrize("command", HOSTILE_COMMANDS, ids=" ".join)
def test_hostile_text_never_reaches_the_terminal_raw(hostile, command, form):
    result = run(hostile.socket, *form, *command)
    assert result.returncode == 0, result.stderr
    assert not UNSAFE.search(result.stdout) and not UNSAFE.search(result.stderr)
    assert not re.search("^forged", result.stdout, re.MULTILINE)


def test_hostile_text_survives_in_json(hostile):
    assert json_lines(hostile, "history") == hostile.events


def test_hostile_text_on_a_terminal_is_escaped_between_our_colours(hostile):
    shown = on_terminal(hostile, "history")
    assert not UNSAFE.search(re.sub("\x1b\\[[0-9;]*m", "", shown))
    assert "\\u{1b}[31m" in shown


@pytest.mark.parametrize("problem", [Problem(404, HOSTILE, near=[HOSTILE]), Problem(500, HOSTILE)])
def test_hostile_errors_are_escaped(daemon, problem):
    daemon.answers["/v1/status"] = problem
    result = run(daemon.socket, "status")
    assert result.returncode == 1 and result.stderr.count("\n") == 1
    assert not UNSAFE.search(result.stderr) and "forged" in result.stderr


def test_arguments_are_escaped_in_errors(daemon):
    result = run(daemon.socket, HOSTILE)
    assert result.returncode == 2 and not UNSAFE.search(result.stderr)


def test_colour_and_local_time_are_for_terminals_only(daemon):
    daemon.events = [event(1)]
    assert on_terminal(daemon, "history") == (
        "\x1b[1mAT\x1b[0m                   \x1b[1mEVENT\x1b[0m   \x1b[1mSEVERITY\x1b[0m  \x1b[1mREGISTRY\x1b[0m  \x1b[1mCRATE\x1b[0m\n"
        "2026-11-21 11:30:00  \x1b[33myanked\x1b[0m  \x1b[31mhigh\x1b[0m      internal  demo 1.0.1\n")
    plain = ("AT                   EVENT   SEVERITY  REGISTRY  CRATE\n"
             "2026-11-21 11:30:00  yanked  high      internal  demo 1.0.1\n")
    assert on_terminal(daemon, "history", NO_COLOR="1") == plain
    assert on_terminal(daemon, "history", TERM="dumb") == plain
    assert "\x1b" not in good(daemon, "history")


def test_wide_names_keep_the_columns(daemon):
    daemon.watches = [watch("日本"), watch("abcd")]
    assert lines(daemon, "watch", "list") == ["internal  日本  present  configuration, socket",
                                              "internal  abcd  present  configuration, socket"]


# ---------------------------------------------------------------- failures


def test_no_daemon_says_which_socket_and_what_to_do(tmp_path):
    missing = str(tmp_path / "no.sock")
    result = run(missing, "status")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (f"yankwatch: {missing}: No such file or directory: is yankwatchd running? "
                             "may you read the socket: group yankwatch?\n")


def test_the_socket_comes_from_the_environment(daemon):
    result = subprocess.run([CLIENT, "--json", "status"], capture_output=True, text=True, check=False,
                            env=environment(YANKWATCH_SOCKET=daemon.socket))
    assert result.returncode == 0 and json.loads(result.stdout) == STATUS


@pytest.mark.parametrize("answer", [Raw(b""), Raw(b"<html>"), Raw(b"[1]"), Raw(b'{"a":1,"a":2}'), Raw(b'{"a":"\xff"}'),
                                    Raw(b'{"version":"1"} x')])
def test_an_answer_that_breaks_the_contract_is_a_failure(daemon, answer):
    daemon.answers["/v1/status"] = answer
    result = run(daemon.socket, "status")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(f"yankwatch: {daemon.socket}: the answer is not understood: ")


def test_an_answer_above_the_limit_is_a_failure(daemon):
    daemon.answers["/v1/status"] = Raw(b" " * (64 * 1024 * 1024 + 1))
    result = run(daemon.socket, "status")
    assert result.returncode == 1 and "the answer is above 67108864 bytes" in result.stderr


def test_a_problem_without_words_tells_the_status(daemon):
    daemon.answers["/v1/status"] = Problem(503)
    assert run(daemon.socket, "status").stderr == "yankwatch: no\n"
    daemon.answers["/v1/status"].document = {}
    assert run(daemon.socket, "status").stderr == "yankwatch: the daemon answered with status 503\n"


def test_a_question_that_the_daemon_refuses_is_a_usage_error(daemon):
    daemon.answers["/v1/events"] = Problem(400, "event: boom: not a kind of event")
    result = run(daemon.socket, "history", "--event", "boom")
    assert (result.returncode, result.stderr) == (2, "yankwatch: event: boom: not a kind of event\n")


@pytest.mark.parametrize("arguments", [
    [], ["bogus"], ["watch"], ["watch", "bogus"], ["show"], ["show", "a", "b"], ["show", "@1"], ["show", "a@"],
    ["poll"], ["poll", "--all", "a"], ["watch", "add"], ["status", "extra"], ["history", "--bogus"], ["-x"],
    ["history", "--limit"], ["history", "--limit", "0"], ["history", "--limit", "x"], ["history", "--after", "-1"],
    ["history", "--since", "yesterday"], ["history", "--since", "2026-13-01"], ["--json=yes", "status"],
    ["help", "bogus"], ["x" * 200], ["watch", "x" * 200]], ids=" ".join)
def test_usage_errors_exit_2_and_ask_nothing(daemon, arguments):
    result = run(daemon.socket, *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("yankwatch: ") and result.stderr.count("\n") == 1
    assert daemon.requests == []


@pytest.mark.parametrize("arguments, text", [
    (["poll"], "poll: which crates: name them, or say --all"),
    (["poll", "--all", "demo"], "poll: --all and names: one or the other")], ids=["none", "both"])
def test_poll_says_what_to_ask_for(arguments, text, daemon):
    assert run(daemon.socket, *arguments).stderr == f"yankwatch: {text}\n"


def test_a_reader_that_leaves_ends_it_quietly(daemon):
    daemon.events = [event(1)]
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run([CLIENT, "--socket", daemon.socket, "history"], stdout=writer, stderr=subprocess.PIPE,
                            env=environment(), restore_signals=False, check=False)  # SIGPIPE is ignored here
    os.close(writer)
    assert (result.returncode, result.stderr) == (-signal.SIGPIPE, b"")


def test_a_full_disk_is_a_failure(daemon):
    with open("/dev/full", "wb") as full:
        result = subprocess.run([CLIENT, "--socket", daemon.socket, "status"], stdout=full, stderr=subprocess.PIPE,
                                env=environment(), check=False)
    assert (result.returncode, result.stderr) == (1, b"yankwatch: standard output: No space left on device\n")


# ---------------------------------------------------------------- help


def test_help_lists_commands_and_options_from_their_tables(daemon):
    overview = good(daemon, "help")
    assert overview == good(daemon, "--help")
    for word in ("status", "history", "show CRATE[@VERSION]", "watch add CRATE…", "poll", "--socket PATH", "--json"):
        assert word in overview
    assert "--after SEQ" in good(daemon, "help", "history") == good(daemon, "history", "--help")
    assert good(daemon, "help", "watch").count("usage: yankwatch watch ") == 3
    assert good(daemon, "help", "watch", "add").startswith("usage: yankwatch watch add [OPTION…] CRATE…\n")


def test_version_is_told(daemon):
    assert re.fullmatch(r"yankwatch [0-9]+\.[0-9]+\.[0-9]+\n", good(daemon, "--version"))


def test_options_may_stand_anywhere_and_end_with_two_dashes(daemon):
    daemon.put(crate())
    assert json_lines(daemon, "show", "--registry=internal", "--", "demo") == [crate()]
    result = run(daemon.socket, "show", "--registry", "internal", "--", "--help")
    assert result.returncode == 1 and daemon.requests[-1][1] == "/v1/crates/internal/--help"
