# SPDX-License-Identifier: Apache-2.0
"""yankwatchd --once: a sweep, deliver what is due, an exit status for cron and CI."""

import concurrent.futures
import contextlib
import sqlite3
import time

import pytest

from yw.server import HANG
from yw.wait import wait_for


@pytest.fixture
def swept(registry, receiver, daemon):
    """A daemon's folder after a first sweep."""
    registry.index.put("demo", "1.0.0")
    daemon.configure(registry.index_url, ["demo"], notifiers={"hook": receiver.notifier()})
    assert daemon.run("--once").returncode == 0
    return daemon


def test_once_ends_well_when_all_is_polled_and_delivered(swept, registry, receiver):
    registry.index.yank("demo", "1.0.0")
    done = swept.run("--once")
    assert done.returncode == 0, done.stderr
    assert [event["event"] for event in receiver.events()] == ["yanked"]
    assert not swept.socket.exists()


def test_once_tells_that_a_receiver_did_not_take_it_and_the_next_one_delivers(swept, registry, receiver):
    registry.index.yank("demo", "1.0.0")
    receiver.answers = [500] * 1000
    assert swept.run("--once").returncode == 1
    receiver.answers = []
    wait_for(lambda: swept.run("--once").returncode == 0, "a later one finds it due and delivers it")
    assert len(receiver.accepted()) == 1
    assert len({request.id for request in receiver.requests}) == 1


def test_once_tells_that_a_crate_could_not_be_polled(swept, registry):
    registry.answer("de/mo/demo", 500)
    done = swept.run("--once")
    assert done.returncode == 1
    assert "demo" in done.stderr


def test_once_tells_that_a_registry_could_not_be_reached(swept, registry):
    registry.answer("config.json", 503)
    assert swept.run("--once").returncode == 1


def delivered(daemon):
    with contextlib.closing(sqlite3.connect(f"file:{daemon.state}/yankwatch.sqlite?mode=ro", uri=True)) as database:
        return database.execute("SELECT count(*) FROM notification WHERE state = 2").fetchone()[0]


def test_once_waits_for_no_group_but_tells_all_of_it_in_one_message(registry, receiver, daemon):
    versions = ["1.0.0", "1.1.0"]
    for version in versions:
        registry.index.put("demo", version)
    hook = receiver.notifier()
    daemon.configure(registry.index_url, ["demo"], notifiers={"hook": hook},
                     routes=[{"notify": ["hook"], "group_wait": "1h"}])
    assert daemon.run("--once").returncode == 0
    for version in versions:
        registry.index.yank("demo", version)
    done = daemon.run("--once")
    assert done.returncode == 0, done.stderr
    assert [[event["version"] for event in request.events] for request in receiver.requests] == [versions]


def test_once_ends_the_wait_of_a_group_when_the_last_poll_has_ended(registry, receiver, daemon):
    """The notifier has asked before that, and found the group gathering."""
    crates = ["demo", "other", "slow"]
    for crate in crates:
        registry.index.put(crate, "1.0.0")
    daemon.configure(registry.index_url, crates, notifiers={"hook": receiver.notifier()}, routes=[
        {"notify": ["hook"], "crates": ["demo"], "group_wait": "1h"}, {"notify": ["hook"], "crates": ["other"]}])
    assert daemon.run("--once").returncode == 0
    registry.index.yank("demo", "1.0.0")
    registry.index.yank("other", "1.0.0")
    registry.answer("sl/ow/slow", HANG)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        swept = pool.submit(daemon.run, "--once")
        wait_for(lambda: delivered(daemon), "what waits for nothing is told, and so the notifier asks for more")
        assert [event["crate"] for event in receiver.events()] == ["other"]
        registry.answer("sl/ow/slow", None)
        assert swept.result().returncode == 0
    assert [event["crate"] for event in receiver.events()] == ["other", "demo"]


def test_once_leaves_a_digest_to_its_time(swept, registry, receiver):
    in_six_hours = time.strftime("%H:%M", time.gmtime(time.time() + 6 * 3600))
    swept.env["TZ"] = "UTC"
    swept.configure(registry.index_url, ["demo"], notifiers={"hook": receiver.notifier()},
                    routes=[{"notify": ["hook"], "digest": f"daily at {in_six_hours}"}])
    registry.index.yank("demo", "1.0.0")
    assert swept.run("--once").returncode == 0
    assert not receiver.requests


def test_once_does_not_run_beside_a_daemon(swept):
    swept.start()
    done = swept.run("--once")
    assert done.returncode == 1
    assert "another yankwatchd" in done.stderr
    swept.stop()


def test_once_asks_for_the_reason_before_it_tells(registry, receiver, daemon):
    api = registry.web_api
    registry.index.put("demo", "1.0.0")
    daemon.configure(registry.index_url, ["demo"], notifiers={"hook": receiver.notifier()},
                     registry={"contact": "someone@yankwatch.test", "reasons": {"from": "crates.io"}})
    assert daemon.run("--once").returncode == 0
    api.yank("demo", "1.0.0", "leaks memory", by="octavia")
    registry.index.yank("demo", "1.0.0")
    done = daemon.run("--once")
    assert done.returncode == 0, done.stderr
    (event,) = receiver.events()
    assert (event["event"], event["reason"]["text"]) == ("yanked", "leaks memory")


def test_once_waits_for_a_reason_no_longer_than_it_may(registry, receiver, daemon):
    registry.index.put("demo", "1.0.0")
    daemon.configure(registry.index_url, ["demo"], notifiers={"hook": receiver.notifier()}, registry={
        "contact": "someone@yankwatch.test", "reasons": {"from": "crates.io", "wait": "2s"}})
    assert daemon.run("--once").returncode == 0
    registry.web_api.hang()
    registry.index.yank("demo", "1.0.0")
    done = daemon.run("--once")
    assert done.returncode == 0, done.stderr
    assert [event["event"] for event in receiver.events()] == ["yanked"]
    assert len(registry.web_api.asked) == 1
    registry.web_api.mend()
