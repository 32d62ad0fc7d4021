# SPDX-License-Identifier: Apache-2.0
"""What a person does with alerts, by the socket and by the client, with a real daemon and a real receiver."""

import concurrent.futures
import json
import re
from datetime import datetime, timedelta, timezone

import pytest

from yw.client import bad, good
from yw.server import HANG
from yw.wait import wait_for


@pytest.fixture
def alerting(registry, receiver, daemon):
    """demo and other are watched; a yank of either goes to hook at once. Mail is the one that is never used."""
    for crate in ("demo", "other"):
        registry.index.put(crate, "1.0.0")
        registry.index.put(crate, "1.1.0")
    daemon.configure(registry.index_url, ["demo", "other"],
                     notifiers={"hook": receiver.notifier(), "mail": receiver.notifier()},
                     routes=[{"crates": ["quiet*"], "notify": ["mail"], "group_wait": "30s"},
                             {"events": ["yanked"], "notify": ["hook"], "stop": True},
                             {"min_severity": "critical", "notify": ["mail"], "digest": "daily at 08:30"}])
    daemon.start()
    daemon.poll()
    yield daemon
    daemon.stop()


def yank(daemon, registry, crate="demo", version="1.0.0"):
    registry.index.yank(crate, version)
    daemon.poll(crate)


def notifications(daemon, query=""):
    return daemon.get(f"/v1/notifications?limit=1000{query}")["notifications"]


def in_state(daemon, state, number=1):
    wait_for(lambda: len(notifications(daemon, f"&state={state}")) == number, f"{number} are {state}")
    return notifications(daemon, f"&state={state}")


def expect_problem(answer, status, *words):
    assert (answer.status, answer.type) == (status, "application/problem+json"), answer.document
    for word in words:
        assert word in answer.document["detail"]


# ---------------------------------------------------------------- notifications


def test_a_delivered_one_is_told_with_its_event_and_attempt(alerting, registry):
    yank(alerting, registry)
    [row] = in_state(alerting, "delivered")
    assert (row["notifier"], row["kind"], row["attempt"], row["event_count"]) == ("hook", "events", 1, 1)
    assert "demo 1.0.0" in row["subject"]
    whole = alerting.get(f"/v1/notifications/{row['id']}")
    [attempt] = whole["attempts"]
    assert (attempt["number"], attempt["outcome"]) == (1, "ok")
    assert attempt["duration_ms"] >= 0
    [event] = whole["events"]
    assert (event["crate"], event["version"], event["event"]) == ("demo", "1.0.0", "yanked")
    assert whole["silenced"] == {}


def test_every_attempt_is_kept_with_its_answer(alerting, registry, receiver):
    receiver.answers = [500, 503]
    yank(alerting, registry)
    [row] = in_state(alerting, "delivered")
    attempts = alerting.get(f"/v1/notifications/{row['id']}")["attempts"]
    assert [(one["number"], one["outcome"]) for one in attempts] == [(1, "retry"), (2, "retry"), (3, "ok")]
    assert "500" in attempts[0]["text"] and "503" in attempts[1]["text"]
    assert attempts[0]["at"] < attempts[0]["due_at"] <= attempts[1]["at"]
    shown = good(alerting, "notifications", "show", row["id"])
    assert len(re.findall(r"^ +[123] .* (retry|ok) ", shown, re.M)) == 3, shown


def test_a_dead_letter_is_seen_and_sent_again(alerting, registry, receiver):
    receiver.answers = [400]
    yank(alerting, registry)
    [dead] = in_state(alerting, "dead")
    assert "1 dead letter: see `yankwatch notifications --state dead`" in good(alerting, "status")
    assert alerting.notifier("hook")["dead"] == 1
    assert dead["id"] in good(alerting, "notifications", "--state", "dead")
    assert "is due now" in good(alerting, "notifications", "retry", dead["id"])
    [again] = in_state(alerting, "delivered")
    assert again["id"] == dead["id"]
    assert [event["version"] for event in receiver.events()] == ["1.0.0"]
    assert len(alerting.get(f"/v1/notifications/{dead['id']}")["attempts"]) == 2
    assert "dead letter" not in good(alerting, "status")


def test_what_is_delivered_is_not_sent_again(alerting, registry, receiver):
    yank(alerting, registry)
    [row] = in_state(alerting, "delivered")
    expect_problem(alerting.api("POST", f"/v1/notifications/{row['id']}/retry"), 409)
    assert bad(alerting, 1, "notifications", "retry", row["id"])
    assert len(receiver.requests) == 1


def test_notifications_are_filtered_and_come_in_pages(alerting, registry):
    for crate, version in (("demo", "1.0.0"), ("other", "1.0.0"), ("demo", "1.1.0")):
        yank(alerting, registry, crate, version)
    in_state(alerting, "delivered", 3)
    of_demo = notifications(alerting, "&crate=demo")
    assert [re.search("1[.]..", row["subject"])[0] for row in of_demo] == ["1.1.", "1.0."]
    first = alerting.get("/v1/notifications?limit=2")
    second = alerting.get(f"/v1/notifications?limit=2&after={first['next']}")
    assert [len(page["notifications"]) for page in (first, second)] == [2, 1]
    assert second["next"] is None
    assert notifications(alerting, "&notifier=mail") == []
    assert 'there is no notifier "hok", did you mean "hook"?' in bad(alerting, 1, "notifications", "--notifier", "hok")
    assert "(did you mean demo?)" in bad(alerting, 1, "notifications", "--crate", "demoo")
    rows = [json.loads(line) for line in good(alerting, "--json", "notifications", "--crate", "demo").splitlines()]
    assert rows == of_demo[::-1]


@pytest.mark.parametrize("path, words", [
    ("/v1/notifications?state=lost", ["lost", "gathering", "dead"]),
    ("/v1/notifications?limit=0", ["limit"]),
    ("/v1/notifications?colour=red", ["colour", "notifier"]),
])
def test_what_a_filter_does_not_know_is_refused(path, words, alerting):
    expect_problem(alerting.api("GET", path), 400, *words)


def test_a_notification_that_is_not_there_is_told(alerting):
    expect_problem(alerting.api("GET", "/v1/notifications/ntf_no"), 404, "ntf_no")
    expect_problem(alerting.api("POST", "/v1/notifications/ntf_no/retry"), 404)
    assert "ntf_no" in bad(alerting, 1, "notifications", "show", "ntf_no")


# ---------------------------------------------------------------- silences


def test_a_silence_holds_back_and_says_what(alerting, registry, receiver):
    said = good(alerting, "silence", "add", "--crate", "demo", "--until", "2h", "--comment", "known, ticket 123")
    ident = said.split(":")[0]
    yank(alerting, registry)
    yank(alerting, registry, "other")
    [silenced] = in_state(alerting, "silenced")
    wait_for(receiver.events, "the other one is told")
    assert [event["crate"] for event in receiver.events()] == ["other"]
    whole = alerting.get(f"/v1/notifications/{silenced['id']}")
    assert list(whole["silenced"].values()) == [ident]
    [row] = alerting.get("/v1/silences")["silences"]
    assert (row["id"], row["state"], row["crate"], row["held_back"]) == (ident, "active", "demo", 1)
    assert (row["author"], row["comment"]) == ("root", "known, ticket 123")
    ends_in = datetime.fromisoformat(row["ends_at"].replace("Z", "+00:00")) - datetime.now(timezone.utc)
    assert timedelta(minutes=110) < ends_in <= timedelta(hours=2)
    shown = good(alerting, "silence", "list")
    assert re.search(f"{ident} +active .* 1 +root +crate demo +known, ticket 123", shown), shown


def test_a_silence_that_is_removed_holds_nothing_back_and_stays_listed(alerting, registry, receiver):
    ident = good(alerting, "silence", "add", "--event", "yanked,unyanked", "--version", "1.0.0", "--until", "1d",
                 "--comment", "a test", "--author", "alice").split(":")[0]
    assert good(alerting, "silence", "remove", ident) == f"{ident} is over\n"
    expect_problem(alerting.api("DELETE", f"/v1/silences/{ident}"), 409)
    yank(alerting, registry)
    in_state(alerting, "delivered")
    assert len(receiver.events()) == 1
    [row] = alerting.get("/v1/silences?state=removed")["silences"]
    assert (row["author"], row["events"], row["version"]) == ("alice", ["yanked", "unyanked"], "1.0.0")
    assert alerting.get("/v1/silences?state=active")["silences"] == []
    assert good(alerting, "silence", "list", "--state", "active") == ""


@pytest.mark.parametrize("body, word", [
    ({"comment": "c", "ends": "2h"}, "silence everything"),
    ({"crate": "demo", "ends": "2h"}, "comment"),
    ({"crate": "demo", "comment": "c"}, "ends"),
    ({"crate": "demo", "comment": "c", "ends": "soon"}, "soon"),
    ({"crate": "demo", "comment": "c", "ends": "2020-01-01T00:00:00Z"}, "future"),
    ({"crate": "demo", "comment": "c", "ends": "400d"}, "400d"),
    ({"crate": "demo", "comment": "c", "ends": "2999-01-01T00:00:00Z"}, "year"),
    ({"events": ["yankd"], "comment": "c", "ends": "2h"}, "yankd"),
    ({"events": [7], "comment": "c", "ends": "2h"}, "event"),
    ({"crate": "demo", "events": [], "comment": "c", "ends": "2h"}, "at least one"),
    ({"registry": "internl", "comment": "c", "ends": "2h"}, 'did you mean "internal"'),
    ({"crates": ["demo"], "comment": "c", "ends": "2h"}, "crates"),
    ({"crate": 7, "comment": "c", "ends": "2h"}, "crate"),
    (None, "ends"),
])
def test_a_silence_that_is_not_whole_is_refused(body, word, alerting):
    expect_problem(alerting.api("POST", "/v1/silences", body), 400, word)
    assert alerting.get("/v1/silences")["silences"] == []


@pytest.mark.parametrize("arguments, word", [
    (["--crate", "demo", "--comment", "c"], "--until"),
    (["--crate", "demo", "--until", "2h"], "--comment"),
    (["--crate", "demo", "--until", "later", "--comment", "c"], "later"),
    (["--until", "2h", "--comment", "c"], "silence everything"),
])
def test_the_client_says_what_a_silence_lacks(arguments, word, alerting):
    assert word in bad(alerting, 2, "silence", "add", *arguments)


def test_a_silence_of_a_crate_that_nobody_knows_stands_but_is_told(alerting):
    done = alerting.client("silence", "add", "--crate", "demmo", "--until", "1h", "--comment", "c")
    assert done.returncode == 0
    assert done.stderr == ('yankwatch: silence add: crate: "demmo" is not watched, and never was'
                           ' (did you mean demo?)\n')
    assert len(alerting.get("/v1/silences?state=active")["silences"]) == 1


# ---------------------------------------------------------------- notifiers


def test_a_test_message_is_sent_and_its_answer_told(alerting, receiver):
    assert re.fullmatch("hook: delivered in [0-9.]+m?s.*\n", good(alerting, "notifier", "test", "hook"))
    [request] = receiver.requests
    receiver.verify(request)
    assert receiver.events() == []
    [row] = notifications(alerting)
    assert (row["kind"], row["state"]) == ("test", "delivered")
    assert row["id"] == request.id


def test_a_test_message_that_is_refused_fails(alerting, receiver):
    receiver.answers = [403]
    assert re.match("yankwatch: hook: not delivered [(]reject[)]: .*403", bad(alerting, 1, "notifier", "test", "hook"))
    receiver.answers = [500]
    done = alerting.client("--json", "notifier", "test", "hook")
    assert done.returncode == 1
    assert json.loads(done.stdout)["outcome"] == "retry"


def test_a_receiver_that_hangs_is_told_at_the_deadline(alerting, receiver):
    config = json.loads(alerting.config.read_text())
    config["notifiers"]["hook"]["timeout"] = "1s"
    alerting.write(config)
    alerting.reload()
    wait_for(lambda: alerting.log().count("reload: watching") == 1, "the reload is done")
    receiver.answers = [HANG]
    assert "yankwatch: hook: not delivered (retry): " in bad(alerting, 1, "notifier", "test", "hook")


def test_two_tests_at_once_get_an_answer_each(alerting, receiver):
    receiver.answers = [204, 403]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda _: alerting.api("POST", "/v1/notifiers/hook/test").document, range(2)))
    assert sorted(answer["outcome"] for answer in answers) == ["ok", "reject"]
    assert len({answer["notification"] for answer in answers}) == 2


def test_who_waits_for_a_test_does_not_hold_up_the_end(alerting, receiver):
    receiver.answers = [HANG]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waits = pool.submit(alerting.client, "notifier", "test", "hook")
        wait_for(lambda: receiver.requests, "the test message is on its way")
        ends = pool.submit(alerting.stop)
        receiver.release()
        ends.result()
        assert waits.result().returncode == 1
    alerting.start()


def test_a_notifier_that_is_misspelt_is_told_with_its_neighbour(alerting):
    for what in ("test", "enable"):
        assert 'did you mean "hook"' in bad(alerting, 1, "notifier", what, "hok")
        expect_problem(alerting.api("POST", f"/v1/notifiers/zzzzzz/{what}"), 404, "hook, mail")


def test_a_notifier_that_is_switched_off_is_seen_and_taken_back(alerting, registry, receiver):
    receiver.answers = [410]
    yank(alerting, registry)
    wait_for(lambda: alerting.notifier("hook")["state"] == "disabled", "the notifier is switched off")
    hook = alerting.notifier("hook")
    assert "410" in hook["disabled_text"]
    assert hook["disabled_at"]
    assert re.search("hook is switched off since .*410.*: `yankwatch notifier enable hook`", good(alerting, "status"))
    assert re.search("^hook +webhook +disabled ", good(alerting, "notifier", "list"), re.M)
    expect_problem(alerting.api("POST", "/v1/notifiers/hook/test"), 409)
    yank(alerting, registry, "other")
    assert alerting.notifier("hook")["waiting"] == 2
    assert good(alerting, "notifier", "enable", "hook") == "hook is in service again\n"
    in_state(alerting, "delivered", 2)
    assert "switched off" not in good(alerting, "status")
    assert alerting.notifier("hook")["state"] in ("idle", "busy")


# ---------------------------------------------------------------- routes


def explain(daemon, query):
    return daemon.get(f"/v1/routes/explain?{query}")


def test_a_route_is_explained(alerting):
    told = explain(alerting, "crate=demo&version=1.0.0")
    assert told["event"] == {"registry": "internal", "crate": "demo", "watched": True, "version": "1.0.0",
                             "event": "yanked", "severity": "high"}
    assert [(row["matches"], row["notify"]) for row in told["routes"]] == [
        (False, ["mail"]), (True, ["hook"]), (False, ["mail"])]
    assert told["routes"][0]["why"] == "crates: demo matches none of quiet*"
    assert told["routes"][2]["why"] == f"not asked: the route of line {told['routes'][1]['line']} stops it"
    assert told["notifiers"] == [{"notifier": "hook", "route": 1, "when": "at once"}]


@pytest.mark.parametrize("query, notifiers", [
    ("crate=quiet-one", [("mail", "30s after the first of its crate"), ("hook", "at once")]),
    ("crate=demo&event=checksum_changed", [("mail", "daily at 08:30, by crate")]),
    ("crate=demo&event=published", []),
    ("crate=demo&event=crate_deleted&severity=critical", [("mail", "daily at 08:30, by crate")]),
    ("event=registry_blind", []),
])
def test_where_an_event_goes(query, notifiers, alerting):
    told = explain(alerting, query)
    assert sorted((row["notifier"], row["when"]) for row in told["notifiers"]) == sorted(notifiers)


def test_the_explanation_is_what_happens(alerting, registry, receiver):
    """Whoever is named gets the event, and nobody else."""
    yank(alerting, registry)
    in_state(alerting, "delivered")
    assert {row["notifier"] for row in notifications(alerting)} == {
        row["notifier"] for row in explain(alerting, "crate=demo&event=yanked")["notifiers"]}
    assert len(receiver.events()) == 1


@pytest.mark.parametrize("query, status, word", [
    ("version=1.0.0", 400, "crate"),
    ("crate=de/mo", 400, "crate"),
    ("crate=demo&event=yankd", 400, "yankd"),
    ("crate=demo&severity=bad", 400, "bad"),
    ("crate=demo&registry=internl", 404, "internal"),
    ("crate=demo&event=registry_blind", 400, "registry as a whole"),
])
def test_a_question_that_makes_no_sense_is_refused(query, status, word, alerting):
    expect_problem(alerting.api("GET", f"/v1/routes/explain?{query}"), status, word)


def test_the_client_explains_routes_and_silences(alerting):
    good(alerting, "silence", "add", "--crate", "de*", "--until", "1h", "--comment", "not now")
    shown = good(alerting, "route", "explain", "demo@1.0.0")
    assert shown.startswith("[high] demo 1.0.0 yanked in internal\n")
    assert re.search("^ +1 +[0-9]+ +matches +hook", shown, re.M), shown
    assert re.search("held back by sil_[0-9a-f]+ until .*: not now", shown), shown
    assert "no route leads it to a notifier" in good(alerting, "route", "explain", "demo", "--event", "published")
    assert "in internal (where it is not watched)\n" in good(alerting, "route", "explain", "unknown")
    assert "which crate" in bad(alerting, 2, "route", "explain")


# ---------------------------------------------------------------- history


def test_a_crate_that_nobody_knows_is_told_with_its_neighbours(alerting, registry):
    assert "demo" in bad(alerting, 1, "history", "--crate", "demmo")
    expect_problem(alerting.api("GET", "/v1/events?crate=demmo"), 404)
    assert good(alerting, "history", "--crate", "demo") == ""
    registry.index.put("gone", "1.0.0")
    good(alerting, "watch", "add", "gone")
    good(alerting, "watch", "remove", "gone")
    assert good(alerting, "history", "--crate", "gone") == ""
