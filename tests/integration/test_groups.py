# SPDX-License-Identifier: Apache-2.0
"""Groups and digests: a burst is one message that tells all of it in order, also across a restart, and the last state."""

import datetime
import sqlite3

import pytest

from yw.daemon import kinds
from yw.wait import wait_for

BURST = [f"0.{major}.{minor}" for major in range(10) for minor in range(10)]


@pytest.fixture
def watched(registry, receiver, clocked_daemon, clock):
    """A daemon of `demo` with one notifier, "hook", started with a route and after its baseline."""
    def start(crates=("demo",), versions=("1.0.0",), notifiers=None, routes=None, **route):
        for crate in crates:
            for version in versions:
                registry.index.put(crate, version)
        notifiers = notifiers or {"hook": receiver.notifier()}
        clocked_daemon.env["TZ"] = "UTC"
        clocked_daemon.configure(registry.index_url, list(crates), poll_interval="7d", notifiers=notifiers,
                                 routes=routes or [{"notify": list(notifiers)} | route])
        clocked_daemon.start()
        clocked_daemon.poll()
        return clocked_daemon
    return start


def states(daemon):
    return sorted(it["state"] for it in daemon.get("/v1/notifications?limit=1000")["notifications"])


def yank(registry, daemon, *versions, crate="demo", yanked=True):
    for version in versions:
        registry.index.yank(crate, version, yanked)
    daemon.poll(crate)


def check_one_message(receiver, versions):
    wait_for(lambda: receiver.requests, "the message comes")
    assert [event["version"] for event in receiver.requests[0].events] == list(versions)
    seqs = [event["seq"] for event in receiver.requests[0].events]
    assert seqs == sorted(seqs)


# ---- the wait


def test_100_yanks_within_a_minute_are_one_message_with_all_of_them_in_order(watched, registry, receiver, clock):
    daemon = watched(versions=BURST, group_wait="30s")
    for i in range(0, 100, 5):  # 20 polls, 1.4 s apart
        yank(registry, daemon, *BURST[i:i + 5])
        clock.advance(1.4)
    assert states(daemon) == ["gathering"]
    assert not receiver.requests
    clock.advance(30)
    check_one_message(receiver, BURST)
    wait_for(lambda: states(daemon) == ["delivered"], "it is delivered")
    assert len(receiver.requests) == 1
    assert len(daemon.events()) == 100


def test_an_open_group_survives_a_crash_and_takes_more(watched, registry, receiver, clock):
    daemon = watched(versions=["1.0.0", "1.1.0", "1.2.0"], group_wait="30s")
    yank(registry, daemon, "1.0.0")
    yank(registry, daemon, "1.1.0")
    daemon.kill9()
    daemon.start()
    yank(registry, daemon, "1.2.0")
    assert states(daemon) == ["gathering"]
    clock.advance(31)
    check_one_message(receiver, ["1.0.0", "1.1.0", "1.2.0"])


def test_a_group_that_became_due_while_nobody_ran_goes_out_at_the_start(watched, registry, receiver, clock):
    daemon = watched(group_wait="30s")
    yank(registry, daemon, "1.0.0")
    daemon.stop()
    clock.advance(3600)
    daemon.start()
    check_one_message(receiver, ["1.0.0"])


def test_an_open_group_keeps_its_schedule_across_a_reload(watched, registry, receiver, clock):
    daemon = watched(versions=["1.0.0", "1.1.0"], group_wait="30s")
    yank(registry, daemon, "1.0.0")
    daemon.configure(registry.index_url, ["demo"], poll_interval="7d", notifiers={"hook": receiver.notifier()},
                     routes=[{"notify": ["hook"]}])
    daemon.reload()
    wait_for(lambda: "reload: watching" in daemon.log(), "the reload is over")
    yank(registry, daemon, "1.1.0")  # by itself, at once
    check_one_message(receiver, ["1.1.0"])
    wait_for(lambda: states(daemon) == ["delivered", "gathering"], "the other one still gathers")
    clock.advance(31)
    wait_for(lambda: len(receiver.requests) == 2, "the group comes, too")
    assert [event["version"] for event in receiver.requests[1].events] == ["1.0.0"]


def test_each_crate_has_a_message_of_its_own(watched, registry, receiver, clock):
    daemon = watched(crates=["demo", "other"], group_wait="30s")
    yank(registry, daemon, "1.0.0")
    yank(registry, daemon, "1.0.0", crate="other")
    clock.advance(31)
    wait_for(lambda: len(receiver.requests) == 2, "two messages come")
    assert sorted(request.events[0]["crate"] for request in receiver.requests) == ["demo", "other"]


def test_a_registrys_burst_is_cut_at_1000_events_and_nothing_is_dropped(watched, registry, receiver, clock):
    daemon = watched(crates=["demo", "other"], group_wait="30s", group_by="registry")
    for crate in ("demo", "other"):
        line, = registry.index.lines(crate)
        registry.index.put_lines(crate, [line] + [line.replace("1.0.0", f"2.{i}.0") for i in range(1100)])
    daemon.poll()
    clock.advance(31)
    wait_for(lambda: len(receiver.events()) == 2200, "all events come")
    assert [len(request.events) for request in receiver.requests] == [1000, 1000, 200]
    assert [event["seq"] for event in receiver.events()] == list(range(1, 2201))


# ---- the last state


def test_a_yank_that_is_taken_back_within_the_wait_is_told_with_its_end(watched, registry, receiver, clock):
    daemon = watched(group_wait="30s")
    yank(registry, daemon, "1.0.0")
    yank(registry, daemon, "1.0.0", yanked=False)
    clock.advance(31)
    wait_for(lambda: receiver.requests, "the message comes")
    assert kinds(receiver.requests[0].events) == [("yanked", "1.0.0"), ("unyanked", "1.0.0")]
    subjects = [it["subject"] for it in daemon.get("/v1/notifications")["notifications"]]
    assert subjects == ["[high] demo 1.0.0: yanked, then un-yanked"]


def test_an_unyank_goes_to_who_was_told_of_the_yank_though_no_route_says_so(watched, registry, receiver):
    daemon = watched(versions=["1.0.0", "1.1.0"], events=["yanked"], crates=["demo"])
    yank(registry, daemon, "1.0.0")
    yank(registry, daemon, "1.0.0", yanked=False)
    wait_for(lambda: len(receiver.accepted()) == 2, "both come")
    assert kinds(receiver.events()) == [("yanked", "1.0.0"), ("unyanked", "1.0.0")]


def test_an_unyank_whose_yank_nobody_was_told_of_is_not_told(watched, registry, receiver):
    daemon = watched(versions=["1.0.0", "1.1.0"], routes=[{"events": ["yanked"], "crates": ["other*"],
                                                           "notify": ["hook"]},
                                                          {"events": ["published"], "notify": ["hook"]}])
    yank(registry, daemon, "1.0.0")
    yank(registry, daemon, "1.0.0", yanked=False)
    registry.index.put("demo", "2.0.0")
    daemon.poll()
    wait_for(lambda: receiver.requests, "what is published comes")
    assert kinds(receiver.events()) == [("published", "2.0.0")]


# ---- digests


def now(clock):
    return datetime.datetime.fromtimestamp(clock.now(), datetime.UTC)


def due_at(daemon):
    text, = {it["due_at"] for it in daemon.get("/v1/notifications?state=gathering")["notifications"]}
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def test_an_hourly_digest_comes_at_the_full_hour(watched, registry, receiver, clock):
    daemon = watched(versions=["1.0.0", "1.1.0"], digest="hourly")
    # Early in an hour, so that none begins between the two.
    clock.advance(3600 + 60 - now(clock).minute * 60 - now(clock).second)
    yank(registry, daemon, "1.0.0")
    due = due_at(daemon)
    assert (due.minute, due.second, due.microsecond) == (0, 0, 0)
    assert 0 < (due - now(clock)).total_seconds() <= 3600
    clock.advance(1800)
    yank(registry, daemon, "1.1.0")
    assert due_at(daemon) == due
    assert not receiver.requests
    clock.advance((due - now(clock)).total_seconds() + 1)
    check_one_message(receiver, ["1.0.0", "1.1.0"])


def test_a_daily_digest_comes_at_its_time_of_day_and_the_next_one_a_day_later(watched, registry, receiver, clock):
    daemon = watched(versions=["1.0.0", "1.1.0", "1.2.0"], digest="daily at 07:30")
    yank(registry, daemon, "1.0.0")
    yank(registry, daemon, "1.1.0")
    due = due_at(daemon)
    assert (due.hour, due.minute, due.second) == (7, 30, 0)
    clock.advance((due - now(clock)).total_seconds() + 1)
    check_one_message(receiver, ["1.0.0", "1.1.0"])
    yank(registry, daemon, "1.2.0")
    assert due_at(daemon) - due == datetime.timedelta(days=1)
    clock.advance(24 * 3600)
    wait_for(lambda: len(receiver.requests) == 2, "the next one comes")


def test_a_digest_does_not_hold_an_alert_back(watched, registry, receiver):
    daemon = watched(versions=["1.0.0", "1.1.0"], routes=[
        {"events": ["yanked"], "notify": ["hook"]}, {"notify": ["hook"], "digest": "daily"}])
    registry.index.put("demo", "2.0.0")
    daemon.poll()
    assert states(daemon) == ["gathering"]
    yank(registry, daemon, "1.0.0")
    wait_for(receiver.accepted, "the alert comes")
    assert kinds(receiver.events()) == [("yanked", "1.0.0")]


# ---- the database


def test_events_of_a_group_are_found_by_their_notification(watched, registry, receiver, clock):
    daemon = watched(versions=["1.0.0", "1.1.0"], group_wait="30s")
    yank(registry, daemon, "1.0.0")
    yank(registry, daemon, "1.1.0")
    clock.advance(31)
    wait_for(receiver.accepted, "the message comes")
    wait_for(lambda: states(daemon) == ["delivered"], "it is delivered")
    daemon.stop()
    with sqlite3.connect(daemon.state / "yankwatch.sqlite") as database:
        assert database.execute("SELECT notification, event FROM notification_event ORDER BY 1, 2").fetchall() == [
            (1, 1), (1, 2)]
        assert not database.execute("SELECT count(*) FROM outbox_line").fetchone()[0]
