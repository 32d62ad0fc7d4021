# SPDX-License-Identifier: Apache-2.0
"""/metrics: Prometheus' own promtool takes it, it tells what the status tells, and to ask costs the same however much there is."""

import re
import shutil
import sqlite3
import subprocess

import pytest

from yw import lockfile
from yw.daemon import UnixConnection
from yw.index import path_of
from yw.wait import wait_for

PROMTOOL = shutil.which("promtool")


@pytest.fixture
def busy(registry, receiver, daemon):
    """demo is watched and locked by payments; its yank was told, that of other is a dead letter."""
    for crate in ("demo", "other"):
        registry.index.put(crate, "1.0.0")
        registry.index.put(crate, "1.0.1")
    daemon.configure(registry.index_url, ["demo", "other"], notifiers={"hook": receiver.notifier()},
                     routes=[{"notify": ["hook"], "events": ["yanked"]}])
    daemon.start()
    locks = lockfile.lockfile(lockfile.member("app", "demo"), lockfile.locked(registry.index_url, "demo", "1.0.0"))
    assert daemon.api("PUT", "/v1/projects/payments", locks.encode()).status == 200
    daemon.poll()
    registry.index.yank("demo", "1.0.0")
    daemon.poll("demo")
    wait_for(lambda: daemon.notifier("hook")["delivered"] == 1, "the yank of demo is told")
    receiver.answers = [400]
    registry.index.yank("other", "1.0.0")
    daemon.poll("other")
    wait_for(lambda: daemon.notifier("hook")["dead"] == 1, "that of other is a dead letter")
    yield daemon
    daemon.stop()


def scrape(daemon):
    connection = UnixConnection(daemon.socket)
    try:
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("Content-Type")) == (200, "text/plain; version=0.0.4; charset=utf-8")
        return answer.read().decode()
    finally:
        connection.close()


def samples(text):
    """{'yankwatch_registry_watches{registry="internal"}': 3.0…}"""
    return {name: float(value) for name, value in re.findall(r"^([^#\s]+(?:{.*})?) (\S+)$", text, re.M)}


@pytest.mark.skipif(not PROMTOOL, reason="no promtool (Debian's prometheus): /metrics is not held against it")
def test_promtool_finds_nothing_to_say(busy):
    text = scrape(busy)
    done = subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    bad = text.replace("yankwatch_events_total counter", "yankwatch_events_total gauge")
    done = subprocess.run([PROMTOOL, "check", "metrics"], input=bad, capture_output=True, text=True, check=False)
    assert done.returncode == 3, "and it can say no"


def test_metrics_tell_what_the_status_tells(busy):
    found, status = samples(scrape(busy)), busy.status()
    [internal] = status["registries"]
    assert found['yankwatch_registry_watches{registry="internal"}'] == internal["watches"] == 2
    assert found['yankwatch_registry_state{registry="internal",state="ok"}'] == 1
    assert found['yankwatch_registry_requests_total{registry="internal"}'] == internal["requests"] >= 5
    assert found['yankwatch_registry_received_bytes_total{registry="internal"}'] == internal["received_bytes"] > 500
    assert found['yankwatch_registry_interval_seconds{registry="internal"}'] == 3600
    assert found['yankwatch_registry_swept_timestamp_seconds{registry="internal"}'] > 1.7e9
    assert found['yankwatch_events_total{event="yanked"}'] == status["database"]["events_by_kind"]["yanked"] == 2
    assert found['yankwatch_findings{severity="high"}'] == status["findings"]["high"] == 1
    assert found['yankwatch_notifications{state="dead"}'] == 1
    assert found['yankwatch_notifier_delivered_total{notifier="hook"}'] == 1
    assert found['yankwatch_notifier_dead_letters{notifier="hook"}'] == 1
    assert found["yankwatch_healthy"] == found["yankwatch_config_last_reload_successful"] == 1
    assert found["yankwatch_database_bytes"] == status["database"]["bytes"]


def test_what_is_counted_is_what_is_there(busy, registry):
    """The triggers' counts, after all that happened, against the tables themselves."""
    registry.index.yank("demo", "1.0.0", yanked=False)
    busy.poll("demo")
    wait_for(lambda: not busy.status()["findings"], "the finding is resolved")
    with sqlite3.connect(busy.state / "yankwatch.sqlite") as database:
        def rows(sql):
            return sorted(database.execute(sql).fetchall())

        assert rows("SELECT kind, n FROM event_count") == rows("SELECT kind, count(*) FROM event GROUP BY 1")
        assert rows("SELECT notifier, state, kind, n FROM outbox_count WHERE n > 0") == rows(
            "SELECT notifier, state, kind, count(*) FROM notification GROUP BY 1, 2, 3")
        assert not rows("SELECT * FROM finding_count WHERE n <> 0")
        assert rows("SELECT count(*) > 0 FROM finding") == [(1,)]
    database.close()


def test_a_sweep_is_over_when_every_crate_was_polled_well(registry, daemon):
    def poll(crate):
        daemon.poll(crate)
        [internal] = daemon.status()["registries"]
        return internal.get("swept_at"), internal["failing"]

    for crate in ("demo", "other"):
        registry.index.put(crate, "1.0.0")
    registry.answer(path_of("other"), 500)
    daemon.configure(registry.index_url, ["demo", "other"])
    daemon.start()
    daemon.poll()
    assert poll("other") == (None, 1)
    registry.answer(path_of("other"), None)
    swept, failing = poll("other")
    assert swept and not failing
    assert poll("other")[0] == swept, "demo was not polled since"
    assert poll("demo")[0] > swept
    daemon.stop()
