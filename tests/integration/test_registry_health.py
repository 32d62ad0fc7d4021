# SPDX-License-Identifier: Apache-2.0
"""The registry as a whole: many crates that vanish at once are its incident, not their deletion; and it says when it is blind."""

import shutil

import pytest

from yw.daemon import kinds
from yw.index import path_of
from yw.wait import wait_for

NAMES = [f"crate-{n:02}" for n in range(60)]
INCIDENT, BACK, BLIND = ("registry_incident", None), ("registry_back", None), ("registry_blind", None)


@pytest.fixture
def watched(registry, daemon):
    """start(names, …): a daemon that has seen each of them."""
    def start(names=NAMES, **keys):
        for name in names:
            registry.index.put(name, "1.0.0")
        daemon.configure(registry.index_url, names, **keys)
        daemon.start()
        daemon.poll()
        return daemon
    yield start
    daemon.stop()


def hide(registry, names):
    """They answer 404, and come back as they were by show()."""
    for name in names:
        registry.answer(path_of(name), 404)


def show(registry, names):
    for name in names:
        registry.answer(path_of(name), None)


def registry_state(daemon):
    return daemon.status()["registries"][0]["state"]


def test_a_quarter_gone_at_once_is_one_alarm_and_no_deletion(watched, registry):
    daemon = watched(confirm="1h")
    hide(registry, NAMES[:30])
    daemon.poll()
    assert kinds(daemon.events()) == [INCIDENT]
    (event,) = daemon.events()
    assert event["severity"] == "medium" and event["registry"] == "internal" and "crate" not in event
    assert "of 60 crates are gone at once" in event["detail"]
    assert registry_state(daemon) == "incident"
    daemon.poll()
    show(registry, NAMES[:30])
    daemon.poll()
    assert kinds(daemon.events()) == [INCIDENT, BACK]
    assert registry_state(daemon) == "ok"


def test_an_incident_holds_back_what_confirm_would_let_through(watched, registry):
    daemon = watched(poll_interval="100ms", confirm="1s")
    hide(registry, NAMES)
    wait_for(lambda: kinds(daemon.events()) == [INCIDENT], "the incident")
    polls = daemon.status()["registries"][0]["polls"]
    seen = daemon.events()[0]["at"]
    registry.index.yank("crate-00", "1.0.0")
    wait_for(lambda: daemon.status()["registries"][0]["polls"] > polls + 20 * len(NAMES), f"two seconds after {seen}")
    assert kinds(daemon.events()) == [INCIDENT]
    show(registry, NAMES)
    wait_for(lambda: len(daemon.events()) == 3, "the yank of meanwhile and the end")
    assert sorted(kinds(daemon.events())[1:], key=str) == sorted([("yanked", "1.0.0"), BACK], key=str)


def test_a_deletion_that_stands_beside_the_incident_is_told_after_it(watched, registry):
    daemon = watched(poll_interval="100ms", confirm="500ms")
    shutil.move(registry.index.file(NAMES[0]), registry.folder / "gone")
    hide(registry, NAMES[1:40])
    wait_for(lambda: INCIDENT in kinds(daemon.events()), "the incident")
    before = kinds(daemon.events())
    show(registry, NAMES[1:40])
    wait_for(lambda: ("crate_deleted", None) in kinds(daemon.events()), "the deletion")
    assert kinds(daemon.events()) == [*before, BACK, ("crate_deleted", None)]
    assert daemon.events()[-1]["crate"] == NAMES[0]


def test_with_deletions_believed_at_once_an_incident_is_still_seen(watched, registry):
    daemon = watched(registry={"requests_per_second": 50})
    hide(registry, NAMES)
    daemon.poll()
    told = kinds(daemon.events())
    assert INCIDENT in told and told.count(("crate_deleted", None)) < 20


def test_crates_that_fail_after_a_restart_do_not_end_an_incident(watched, registry):
    daemon = watched(confirm="1s", poll_interval="200ms")
    hidden = NAMES[:22]
    hide(registry, hidden)
    wait_for(lambda: kinds(daemon.events()) == [INCIDENT], "the incident")
    daemon.kill9()
    for name in hidden:
        registry.answer(path_of(name), 503)
    daemon.start()
    wait_for(lambda: len(registry.asked) > 20 * len(NAMES), "the others are polled again and again")
    hide(registry, hidden)
    polls = len(registry.asked)
    wait_for(lambda: len(registry.asked) > polls + 20 * len(NAMES), "and again")
    assert kinds(daemon.events()) == [INCIDENT]


def test_a_registry_without_watches_has_no_trouble(watched, registry):
    daemon = watched(NAMES[:4], confirm="1h")
    hide(registry, NAMES[:4])
    daemon.poll()
    assert kinds(daemon.events()) == [INCIDENT]
    daemon.configure(registry.index_url, [], confirm="1h")
    daemon.reload()
    wait_for(lambda: daemon.status()["healthy"], "nothing is wrong any more")


def test_few_crates_gone_are_deletions(watched, registry):
    daemon = watched()
    hide(registry, NAMES[:14])
    daemon.poll()
    assert kinds(daemon.events()) == 14 * [("crate_deleted", None)]


def test_in_a_small_registry_all_must_be_gone(watched, registry):
    daemon = watched(NAMES[:4], confirm="1h")
    hide(registry, NAMES[:3])
    daemon.poll()
    assert daemon.events() == []
    hide(registry, NAMES[:4])
    daemon.poll()
    assert kinds(daemon.events()) == [INCIDENT]


def test_names_that_were_never_there_do_not_count(registry, daemon):
    for name in NAMES[:2]:
        registry.index.put(name, "1.0.0")
    daemon.configure(registry.index_url, NAMES, confirm="1h")
    daemon.start()
    daemon.poll()
    daemon.poll()
    assert daemon.events() == []
    assert daemon.status()["registries"][0]["missing"] == 0


def test_a_restart_in_the_middle_tells_nothing_twice_and_deletes_nothing(watched, registry):
    daemon = watched(confirm="1s", poll_interval="200ms")
    hide(registry, NAMES)
    wait_for(lambda: kinds(daemon.events()) == [INCIDENT], "the incident")
    for _ in range(3):
        daemon.kill9()
        daemon.start()
        daemon.poll()
        daemon.poll()
    assert kinds(daemon.events()) == [INCIDENT]
    show(registry, NAMES)
    wait_for(lambda: kinds(daemon.events()) == [INCIDENT, BACK], "its end")


def test_a_config_json_that_is_gone_is_an_incident(watched, registry):
    daemon = watched(NAMES[:2], poll_interval="100ms")
    registry.answer("config.json", 404)
    hide(registry, NAMES[:1])  # so that config.json is asked for
    wait_for(lambda: kinds(daemon.events()) == [INCIDENT], "the incident")
    assert "config.json" in daemon.events()[0]["detail"]
    registry.answer("config.json", None)
    show(registry, NAMES[:1])
    wait_for(lambda: kinds(daemon.events()) == [INCIDENT, BACK], "its end")


@pytest.mark.parametrize("status", [503, 429, 200], ids=["refused", "limited", "empty"])
def test_a_registry_that_cannot_be_polled_is_told_once(status, watched, registry):
    daemon = watched(NAMES[:2], poll_interval="100ms", registry={"blind_after": "1s"})
    for name in NAMES[:2]:
        registry.answer(path_of(name), status)
    registry.index.put(NAMES[0], "1.1.0")
    registry.index.put(NAMES[1], "1.1.0")
    wait_for(lambda: kinds(daemon.events()) == [BLIND], "it is blind")
    (event,) = daemon.events()
    assert event["severity"] == "medium" and event["since"] <= event["at"] and event["detail"]
    assert registry_state(daemon) == "blind"
    daemon.kill9()
    daemon.start()
    wait_for(lambda: daemon.status()["registries"][0]["state"] == "blind", "it is blind again")
    assert kinds(daemon.events()) == [BLIND]
    show(registry, NAMES[:2])
    daemon.kill9()  # so that no pause is waited for
    daemon.start()
    wait_for(lambda: len(daemon.events()) == 4, "it is back")
    assert kinds(daemon.events()).count(BACK) == 1


def test_one_broken_crate_makes_nobody_blind(registry, clocked_daemon, clock):
    for name in NAMES[:5]:
        registry.index.put(name, "1.0.0")
    clocked_daemon.configure(registry.index_url, NAMES[:5], registry={"blind_after": "1m"}, poll_interval="12h")
    clocked_daemon.start()
    clocked_daemon.poll()
    registry.answer(path_of(NAMES[0]), 500)
    for _ in range(3):  # within the hour: no step of the clock may fall into a request for config.json
        clocked_daemon.poll(NAMES[0])
        clock.advance(600)
    assert clocked_daemon.poll()["failed"] == 1
    assert clocked_daemon.events() == []
    clocked_daemon.stop()


def test_the_operator_gets_an_alert_of_it(watched, registry, receiver):
    daemon = watched(NAMES[:3], confirm="1h",
                     notifiers={"hook": receiver.notifier()},
                     routes=[{"events": ["registry_incident", "registry_back"], "notify": ["hook"]}])
    hide(registry, NAMES[:3])
    daemon.poll()
    wait_for(lambda: len(receiver.requests) == 1, "the alert")
    assert "registry_incident" in daemon.client("history").stdout
