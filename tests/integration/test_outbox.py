# SPDX-License-Identifier: Apache-2.0
"""Notifications that cannot be delivered: the fallback, notifiers out of service or removed; silences; heartbeats."""

import contextlib
import json

import pytest

from yw.daemon import kinds
from yw.receiver import Receiver
from yw.wait import wait_for

DAY_S = 24 * 3600
GIVE_UP_S = 3 * DAY_S
RETRY = {"first": "5s", "max": "1h", "give_up": "72h", "fallback": "spare"}


@pytest.fixture
def spare(folder):
    (folder / "spare").mkdir()
    with contextlib.closing(Receiver(folder / "spare")) as it:
        yield it


@pytest.fixture
def outbox(registry, receiver, spare, clocked_daemon):
    """A daemon of `demo` and `other` whose yanks go to "hook", with the fallback "spare", after the baseline."""
    for crate in ("demo", "other"):
        for version in ("1.0.0", "1.1.0"):
            registry.index.put(crate, version)
    clocked_daemon.spare = {"spare": spare.notifier()}
    clocked_daemon.hook = {"hook": receiver.notifier()}

    def configure(**keys):
        keys = {"notifiers": clocked_daemon.hook | clocked_daemon.spare, "routes": [{"notify": ["hook"]}],
                "retry": RETRY} | keys
        clocked_daemon.configure(registry.index_url, ["demo", "other"], poll_interval="7d", **keys)

    clocked_daemon.reconfigure = configure
    configure()
    clocked_daemon.start()
    clocked_daemon.poll()
    return clocked_daemon


def yank(registry, daemon, version="1.0.0", crate="demo"):
    registry.index.yank(crate, version)
    daemon.poll(crate)


def states(daemon, notifier="hook"):
    return [it["state"] for it in
            reversed(daemon.get(f"/v1/notifications?notifier={notifier}&limit=1000")["notifications"])]


def document(request):
    return json.loads(request.body)["data"]


def check_told(spare, notifier, versions):
    wait_for(lambda: len(spare.accepted()) >= len(versions), "the fallback is told")
    assert [event["version"] for event in spare.events()] == versions
    for request in spare.accepted():
        assert document(request)["kind"] == "undelivered"
        assert document(request)["undelivered"]["notifier"] == notifier


# ---- the fallback


def test_what_a_receiver_refuses_goes_to_the_fallback(outbox, registry, receiver, spare):
    receiver.answers = [400]
    yank(registry, outbox)
    check_told(spare, "hook", ["1.0.0"])
    assert "400" in document(spare.requests[0])["undelivered"]["text"]
    assert states(outbox) == ["dead"]
    subject, = {it["subject"] for it in outbox.get("/v1/notifications?notifier=spare")["notifications"]}
    assert subject == "not delivered to hook: [high] demo 1.0.0 yanked"


def test_a_fallback_has_no_fallback(outbox, registry, receiver, spare):
    receiver.usual, spare.usual = 400, 400
    yank(registry, outbox)
    wait_for(lambda: states(outbox, "spare") == ["dead"], "the fallback's is dead, too")
    assert states(outbox) == ["dead"]
    assert (len(receiver.requests), len(spare.requests)) == (1, 1)


# ---- out of service


def switch_off(outbox, registry, receiver):
    receiver.answers = [410]
    yank(registry, outbox)
    wait_for(lambda: "out of service" in outbox.log(), "the notifier is out of service")


def test_a_receiver_that_is_gone_gets_nothing_more_until_its_notifier_is_enabled(outbox, registry, receiver, clock):
    switch_off(outbox, registry, receiver)
    yank(registry, outbox, "1.1.0")
    clock.advance(2 * 3600)
    yank(registry, outbox, crate="other")
    assert states(outbox) == ["due", "due", "due"]
    assert len(receiver.requests) == 1
    assert f"notification {receiver.requests[0].id} to hook, attempt 1: waits: HTTP 410" in outbox.log()
    assert outbox.api("POST", "/v1/notifiers/hook/enable").status == 200
    wait_for(lambda: states(outbox) == ["delivered"] * 3, "all that waited is delivered")
    assert kinds(event for event in receiver.events() if event["crate"] == "demo") == [
        ("yanked", "1.0.0"), ("yanked", "1.1.0")]


def test_out_of_service_survives_a_restart(outbox, registry, receiver):
    switch_off(outbox, registry, receiver)
    outbox.stop()
    outbox.start()
    yank(registry, outbox, crate="other")
    outbox.poll()
    assert states(outbox) == ["due", "due"]
    assert len(receiver.requests) == 1


def test_what_waited_too_long_goes_to_the_fallback(outbox, registry, receiver, spare, clock):
    switch_off(outbox, registry, receiver)
    yank(registry, outbox, "1.1.0")
    clock.advance(GIVE_UP_S - 3600)
    outbox.poll()
    assert states(outbox) == ["due", "due"]
    clock.advance(3700)
    check_told(spare, "hook", ["1.0.0", "1.1.0"])
    assert states(outbox) == ["dead", "dead"]


# ---- nobody looked after it


def test_what_waited_while_the_daemon_was_down_is_tried_before_it_is_given_up(outbox, registry, receiver, spare, clock):
    receiver.usual = 500
    yank(registry, outbox)
    wait_for(lambda: states(outbox) == ["due"] and receiver.requests, "it is tried")
    outbox.stop()
    tried = len(receiver.requests)
    clock.advance(GIVE_UP_S + 2 * 3600)
    outbox.start()
    wait_for(lambda: len(receiver.requests) > tried, "it is tried again")
    wait_for(lambda: states(outbox) == ["due"], "a failure does not end it at once")
    receiver.usual = 200
    clock.advance(60)
    wait_for(lambda: states(outbox) == ["delivered"], "it is delivered after all")
    assert not spare.requests


# ---- removed


def test_a_removed_notifiers_notifications_wait_and_then_go_to_the_fallback(outbox, registry, receiver, spare, clock):
    receiver.usual = 500
    yank(registry, outbox)
    wait_for(lambda: receiver.requests, "it is tried")
    outbox.reconfigure(notifiers=outbox.spare, routes=[{"notify": ["spare"], "events": ["crate_deleted"]}])
    outbox.reload()
    wait_for(lambda: "reload: watching" in outbox.log(), "the reload is over")
    wait_for(lambda: states(outbox) == ["due"], "its attempt is over")
    clock.advance(GIVE_UP_S - 3600)
    outbox.poll()
    assert states(outbox) == ["due"]
    assert not spare.requests
    clock.advance(3700)
    check_told(spare, "hook", ["1.0.0"])
    assert "does not have this notifier" in document(spare.requests[0])["undelivered"]["text"]


def test_a_removed_notifier_that_comes_back_goes_on(outbox, registry, receiver, clock):
    receiver.answers = [500]
    yank(registry, outbox)
    wait_for(lambda: receiver.requests, "it is tried")
    outbox.reconfigure(notifiers=outbox.spare, routes=[{"notify": ["spare"], "events": ["crate_deleted"]}])
    outbox.reload()
    wait_for(lambda: outbox.log().count("reload: watching") == 1, "the reload is over")
    wait_for(lambda: states(outbox) == ["due"], "its attempt is over")
    clock.advance(DAY_S)
    outbox.reconfigure()
    outbox.reload()
    wait_for(lambda: states(outbox) == ["delivered"], "it is delivered after all")
    assert len({request.id for request in receiver.requests}) == 1


# ---- silences


def silence(daemon, ends="1h", **match):
    answer = daemon.api("POST", "/v1/silences", match | {"comment": "known", "author": "eve", "ends": ends})
    assert answer.status in (200, 201), answer
    return answer.document


def test_a_silence_holds_back_what_it_matches_and_is_counted(outbox, registry, receiver, clock):
    silence(outbox, crate="dem*")
    yank(registry, outbox)
    yank(registry, outbox, crate="other")
    wait_for(lambda: states(outbox) == ["silenced", "delivered"], "one is told")
    assert [event["crate"] for event in receiver.events()] == ["other"]
    clock.advance(3601)
    yank(registry, outbox, "1.1.0")
    wait_for(lambda: len(receiver.accepted()) == 2, "the silence is over")
    assert kinds(receiver.events()[1:]) == [("yanked", "1.1.0")]
    held, = {it["held_back"] for it in outbox.get("/v1/silences")["silences"]}
    assert held == 1


def test_a_silence_stops_what_is_retried(outbox, registry, receiver, clock):
    receiver.usual = 500
    yank(registry, outbox)
    wait_for(lambda: receiver.requests, "it is tried")
    wait_for(lambda: states(outbox) == ["due"], "and is to be tried again")
    silence(outbox, ends="1d", crate="demo")
    clock.advance(60)
    wait_for(lambda: states(outbox) == ["silenced"], "the retry is held back")
    assert len(receiver.requests) == 1


# ---- heartbeats


def test_a_heartbeat_comes_when_its_time_has_passed(outbox, registry, receiver, clock):
    outbox.reconfigure(heartbeat={"notify": "hook", "every": "1d"})
    outbox.reload()
    wait_for(lambda: "reload: watching" in outbox.log(), "the reload is over")
    outbox.poll()
    yank(registry, outbox)
    wait_for(receiver.accepted, "the yank comes")
    clock.advance(DAY_S - 600)
    outbox.stop()
    outbox.start()
    outbox.poll()
    assert len(receiver.requests) == 1
    clock.advance(700)
    wait_for(lambda: len(receiver.accepted()) == 2, "the heartbeat comes")
    beat = document(receiver.requests[1])
    assert beat["kind"] == "heartbeat"
    assert beat["events"] == []
    assert beat["watching"] == {"registries": 1, "crates": 2, "events": 1, "blind": []}
    clock.advance(DAY_S)
    wait_for(lambda: len(receiver.accepted()) == 3, "and the next")
    assert document(receiver.requests[2])["watching"]["events"] == 0
