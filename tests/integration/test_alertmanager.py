# SPDX-License-Identifier: Apache-2.0
"""The plugin alertmanager, as yankwatchd drives it, against a real Alertmanager."""

import datetime
import json

import pytest

from yw.alertmanager import PROGRAM, Alertmanager
from yw.runner import PATIENCE
from yw.server import Handler, Server
from yw.wait import wait_for

AT = "2026-11-21T09:30:00.123Z"
HOSTILE = "<script> \" \\ {{ .Labels }} \r\n \u202e \U0001f600 <!channel>"

needs_alertmanager = pytest.mark.skipif(not PROGRAM, reason="prometheus-alertmanager is not installed: scripts/deps test")


def event(number=1, kind="yanked", **more):
    return {"id": f"evt_{number}", "seq": number, "at": AT, "registry": "crates-io", "crate": "demo-crate",
            "version": f"1.0.{number}", "event": kind, "severity": "high", **more}


def now(**ahead):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def deliver(runner, *events, kind="events", **more):
    return runner.deliver(document=json.dumps({"kind": kind, "events": list(events)}), created_at=now(), **more)


@pytest.fixture
def alertmanager(folder):
    it = Alertmanager(folder / "alertmanager")
    yield it
    it.stop()


@pytest.fixture
def runner(start, alertmanager):
    it = start("alertmanager")
    assert it.open(url=alertmanager.url, link="https://wiki.example.com/yanks")["type"] == "opened"
    return it


def summary(alerts):
    return sorted((alert["labels"]["alertname"], alert["labels"].get("version")) for alert in alerts)


# ---- the real one


@needs_alertmanager
def test_a_yank_is_an_alert_until_its_unyank(alertmanager, runner):
    yank = event(reason={"text": "it panics", "by": "alice", "by_owner": True},
                 replacement={"version": "1.0.2", "compatible": True, "command": "cargo update -p demo-crate --precise 1.0.2"})
    told = deliver(runner, yank)
    assert (told["outcome"], told["again_after_ms"]) == ("ok", 300000)
    (alert,) = alertmanager.alerts()
    assert alert["labels"] == {"alertname": "YankwatchYanked", "severity": "high", "registry": "crates-io",
                               "crate": "demo-crate", "version": "1.0.1"}
    assert alert["annotations"]["summary"] == "demo-crate 1.0.1 was yanked from crates-io"
    assert "why: it panics (by alice, an owner of the crate)" in alert["annotations"]["description"]
    assert alert["annotations"]["run"] == "cargo update -p demo-crate --precise 1.0.2"
    assert alert["startsAt"] == AT and alert["generatorURL"] == "https://wiki.example.com/yanks"
    assert alert["endsAt"][:19] == told["state"][:19]
    ended = deliver(runner, yank, state=told["state"], ended={"evt_1": now()})
    assert (ended["outcome"], ended.get("again_after_ms", 0)) == ("ok", 0)
    wait_for(lambda: alertmanager.alerts() == [], "the alert is resolved")


@needs_alertmanager
def test_an_alert_stands_longer_than_the_resolve_timeout(alertmanager, runner):
    """Another client's alert, without an end, shows when that time is over."""
    deliver(runner, event())
    alertmanager.post([{"labels": {"alertname": "Other"}}])
    assert summary(alertmanager.alerts()) == [("Other", None), ("YankwatchYanked", "1.0.1")]
    wait_for(lambda: ("Other", None) not in summary(alertmanager.alerts()), "resolve_timeout is over")
    assert summary(alertmanager.alerts()) == [("YankwatchYanked", "1.0.1")]


@needs_alertmanager
def test_a_repeat_brings_back_what_a_restart_has_forgotten(alertmanager, runner):
    told = deliver(runner, event(), event(2))
    alertmanager.restart()
    assert alertmanager.alerts() == []
    again = deliver(runner, event(), event(2), state=told["state"])
    assert (again["outcome"], again["state"]) == ("ok", told["state"])
    assert summary(alertmanager.alerts()) == [("YankwatchYanked", "1.0.1"), ("YankwatchYanked", "1.0.2")]
    ends = {alert["endsAt"][:19] for alert in alertmanager.alerts()}
    assert ends == {told["state"][:19]}, "a repeat does not put the end off"


@needs_alertmanager
def test_a_repeat_that_fails_is_no_dead_letter(alertmanager, runner):
    told = deliver(runner, event())
    alertmanager.stop()
    failed = deliver(runner, event(), state=told["state"])
    assert (failed["outcome"], failed["again_after_ms"], failed["state"]) == ("ok", 300000, told["state"])
    assert "no answer" in failed["text"] and runner.logged
    ended = deliver(runner, event(), state=told["state"], ended={"evt_1": now()})
    assert (ended["outcome"], ended["again_after_ms"]) == ("ok", 300000), "the end is still to be told"
    alertmanager.start()
    alertmanager.post([{"labels": {"alertname": "YankwatchYanked", "severity": "high", "registry": "crates-io",
                                   "crate": "demo-crate", "version": "1.0.1"}, "endsAt": now(days=1)}])
    assert deliver(runner, event(), state=told["state"], ended={"evt_1": now()}).get("again_after_ms", 0) == 0
    wait_for(lambda: alertmanager.alerts() == [], "the alert is resolved")


@needs_alertmanager
def test_a_group_is_an_alert_for_each_event(alertmanager, runner):
    told = deliver(runner, *map(event, range(1, 101)), event(200, kind="published"))
    assert told["again_after_ms"] > 0 and len(alertmanager.alerts()) == 100
    half = {f"evt_{n}": now() for n in range(1, 51)}
    assert deliver(runner, *map(event, range(1, 101)), state=told["state"], ended=half)["again_after_ms"] > 0
    wait_for(lambda: len(alertmanager.alerts()) == 50, "half of them are resolved")


@needs_alertmanager
@pytest.mark.parametrize("kind, alertname", [
    ("crate_deleted", "YankwatchCrateDeleted"), ("checksum_changed", "YankwatchChecksumChanged"),
    ("registry_incident", "YankwatchRegistryIncident"), ("some_new_kind", "YankwatchSomeNewKind")])
def test_each_kind_has_its_name(alertmanager, runner, kind, alertname):
    deliver(runner, event(kind=kind))
    assert [alert["labels"]["alertname"] for alert in alertmanager.alerts()] == [alertname]


@needs_alertmanager
def test_a_hostile_text_arrives_as_text(alertmanager, runner):
    hostile = event(crate=HOSTILE, version=HOSTILE, reason={"text": HOSTILE, "by": HOSTILE})
    assert deliver(runner, hostile)["outcome"] == "ok"
    (alert,) = alertmanager.alerts()
    assert alert["labels"]["crate"] == HOSTILE and "\r" not in json.dumps(alert["annotations"])


@needs_alertmanager
@pytest.mark.parametrize("kind, alertname", [("test", "YankwatchTest"), ("heartbeat", "YankwatchHeartbeat")])
def test_a_message_without_events_is_an_alert_that_ends_by_itself(alertmanager, runner, kind, alertname):
    told = deliver(runner, kind=kind)
    assert (told["outcome"], told.get("again_after_ms", 0)) == ("ok", 0)
    assert [alert["labels"]["alertname"] for alert in alertmanager.alerts()] == [alertname]


@needs_alertmanager
def test_an_end_before_the_beginning_is_not_refused(alertmanager, runner):
    assert deliver(runner, event(at=now(hours=2)), ended={"evt_1": now()})["outcome"] == "ok"


# ---- what needs no real one


class Answers(Handler):
    def do_POST(self):
        self.server.owner.append((self.path, json.loads(self.body())))
        self.reply(self.server.status, b"why", Retry_After="9")


@pytest.fixture
def answers():
    it = Server(Answers, [])
    yield it
    it.stop()


@pytest.mark.parametrize("kind", ["published", "unyanked", "registry_back", "reason_changed"])
def test_what_is_no_state_of_things_is_no_alert(start, kind):
    runner = start("alertmanager")
    runner.open(url="http://127.0.0.1:1")
    told = deliver(runner, event(kind=kind))
    assert (told["outcome"], told.get("again_after_ms", 0)) == ("ok", 0) and "nothing to send" in told["text"]


@pytest.mark.parametrize("status, outcome", [(200, "ok"), (400, "reject"), (404, "reject"), (429, "retry"), (503, "retry")])
def test_the_first_answer_decides(start, answers, status, outcome):
    runner, answers.status = start("alertmanager"), status
    runner.open(url=f"{answers.url}/prefix/", repeat="10s", keep="1m")
    told = deliver(runner, event())
    assert (told["outcome"], told["retry_after_ms"]) == (outcome, 9000 if outcome == "retry" else 0)
    assert told.get("again_after_ms", 0) == (10000 if outcome == "ok" else 0)
    assert answers.owner[0][0] == "/prefix/api/v2/alerts"


def test_after_its_end_nothing_is_repeated(start, answers):
    runner, answers.status = start("alertmanager"), 200
    runner.open(url=answers.url)
    assert deliver(runner, event(), state=now(minutes=-1)[:19] + "Z").get("again_after_ms", 0) == 0
    answers.status = 503
    last = deliver(runner, event(), state=now(minutes=-1)[:19] + "Z")
    assert (last["outcome"], last.get("again_after_ms", 0)) == ("ok", 0)
    soon = deliver(runner, event(), state=now(seconds=100)[:19] + "Z")
    assert 0 < soon["again_after_ms"] <= 100000, "the last repeat is at the end, not after it"


@pytest.mark.parametrize("options, fault", [
    ({"repeat": "5"}, "repeat: must be 10s to 1h, like 5m"), ({"repeat": "2h"}, "repeat: must be"),
    ({"repeat": "99999999999999999999s"}, "repeat: must be"), ({"keep": "1w"}, "keep: must be 1m to 365d"),
    ({"keep": ""}, "keep: must be"), ({"url": "http://127.0.0.1:1/?x"}, "url: must be the server's")])
def test_bad_options_are_told(start, options, fault):
    runner = start("alertmanager")
    answer = runner.open(**{"url": "http://127.0.0.1:1"} | options)
    assert answer["type"] == "failed" and fault in answer["text"]
    assert runner.process.wait(PATIENCE) == 1


# ---- through the whole daemon


@needs_alertmanager
def test_an_unyank_in_the_registry_ends_its_alert_alone(alertmanager, registry, clocked_daemon, clock):
    daemon, both = clocked_daemon, ("1.0.0", "1.1.0")
    for version in both:
        registry.index.put("demo", version)
    daemon.configure(registry.index_url, ["demo"], notifiers={"am": {"plugin": "alertmanager", "url": alertmanager.url}})
    daemon.start()
    daemon.poll()
    for version in both:
        registry.index.yank("demo", version)
    daemon.poll()
    wait_for(lambda: summary(alertmanager.alerts()) == [("YankwatchYanked", version) for version in both], "both are raised")
    registry.index.yank("demo", "1.0.0", False)
    daemon.poll()
    clock.advance(300)
    daemon.poll()
    wait_for(lambda: summary(alertmanager.alerts()) == [("YankwatchYanked", "1.1.0")], "one is resolved")
    alertmanager.restart()
    clock.advance(300)
    daemon.poll()
    wait_for(lambda: summary(alertmanager.alerts()) == [("YankwatchYanked", "1.1.0")], "the other is raised again")
    daemon.stop()
