# SPDX-License-Identifier: Apache-2.0
"""SIGHUP at bad moments: while polls and deliveries are under way, many at once, over files that are half written."""

import concurrent.futures
import contextlib
import json
import pathlib
import sqlite3

import pytest

from yw.daemon import kinds
from yw.index import path_of
from yw.receiver import HANG
from yw.registry import Registry
from yw.wait import wait_for


def reload_and_wait(daemon):
    """SIGHUP; returns when the new configuration is in force."""
    def times():
        return daemon.log().count(" reload: watching ")
    before = times()
    daemon.reload()
    wait_for(lambda: times() > before, "the configuration is in force")


# ---------------------------------------------------------------- watches


@pytest.mark.parametrize("number", [1, 2, 1000])
def test_a_reload_exchanges_every_watch(number, registry, daemon):
    before, after = ([f"{letter}{i:03}" for i in range(number)] for letter in "ab")
    for crate in (before[-1], after[-1]):
        registry.index.put(crate, "1.0.0")
    daemon.configure(registry.index_url, before)
    daemon.start()
    assert sorted(daemon.watches()) == before
    daemon.configure(registry.index_url, after)
    reload_and_wait(daemon)
    assert sorted(daemon.watches()) == after
    daemon.poll(after[-1])
    registry.index.yank(after[-1], "1.0.0")
    daemon.poll(after[-1])
    assert [(event["crate"], event["event"]) for event in daemon.events()] == [(after[-1], "yanked")]
    daemon.stop()


def test_a_reload_exchanges_every_watch_while_its_poll_is_under_way(registry, daemon):
    for crate in ("alpha", "beta"):
        registry.index.put(crate, "1.0.0")
    registry.answer(path_of("alpha"), HANG)
    daemon.configure(registry.index_url, ["alpha"])
    daemon.start()
    wait_for(lambda: is_asked_for_crates(daemon), "alpha is asked for")
    daemon.configure(registry.index_url, ["beta"])
    reload_and_wait(daemon)
    registry.answer(path_of("alpha"), None)
    wait_for(lambda: daemon.watches() == {"beta": "present"}, "only beta is watched")
    daemon.poll()
    assert daemon.events() == []
    daemon.stop()


def is_asked_for_crates(daemon):
    (registry,) = daemon.status()["registries"]
    return registry["state"] == "ok" and registry["in_flight"] > 0


# ---------------------------------------------------------------- a registry that moves


@pytest.fixture
def mirror(folder):
    it = Registry(folder / "mirror")
    yield it
    it.close()


def test_the_etag_of_the_old_index_is_not_shown_to_the_new_one(registry, mirror, daemon):
    """Both serve the same bytes under the same ETag; a 304 would say nothing about an index never seen."""
    for it in (registry, mirror):
        it.index.put("demo", "1.0.0")
    daemon.configure(registry.index_url, ["demo"])
    daemon.start()
    daemon.poll()
    daemon.configure(mirror.index_url, ["demo"])
    reload_and_wait(daemon)
    daemon.poll()
    assert daemon.watches() == {"demo": "present"}
    mirror.index.yank("demo", "1.0.0")
    daemon.poll()
    assert kinds(daemon.events()) == [("yanked", "1.0.0")]
    daemon.stop()


def test_an_answer_of_the_old_index_is_not_taken_for_one_of_the_new(registry, mirror, daemon):
    registry.index.put("demo", "1.0.0")
    mirror.index.put("demo", "2.0.0")
    registry.answer(path_of("demo"), HANG)
    daemon.configure(registry.index_url, ["demo"])
    daemon.start()
    wait_for(lambda: is_asked_for_crates(daemon), "demo is asked for")
    daemon.configure(mirror.index_url, ["demo"])
    reload_and_wait(daemon)
    registry.answer(path_of("demo"), None)
    daemon.poll()
    daemon.poll()
    assert daemon.events() == []
    assert [row["version"] for row in daemon.get("/v1/crates/internal/demo")["versions"]] == ["2.0.0"]
    daemon.stop()


def test_who_waits_for_a_poll_is_answered_though_registry_and_crate_are_exchanged(registry, mirror, daemon):
    registry.index.put("alpha", "1.0.0")
    mirror.index.put("beta", "1.0.0")
    daemon.configure(registry.index_url, ["alpha"])
    daemon.start()
    daemon.poll()
    registry.answer(path_of("alpha"), HANG)
    with concurrent.futures.ThreadPoolExecutor() as threads:
        poll = threads.submit(daemon.poll)
        wait_for(lambda: is_asked_for_crates(daemon), "alpha is asked for")
        daemon.configure(mirror.index_url, ["beta"])
        reload_and_wait(daemon)
        registry.answer(path_of("alpha"), None)
        assert poll.result()["polled"] == 1
    daemon.stop()


def test_a_watch_by_the_socket_waits_until_its_registry_is_configured_again(registry, daemon):
    for crate in ("alpha", "beta"):
        registry.index.put(crate, "1.0.0")
    daemon.configure(registry.index_url, ["alpha"])
    daemon.start()
    assert daemon.api("POST", "/v1/watches", {"crates": ["beta"]}).status == 200
    text = daemon.config.read_text()
    daemon.write(text.replace('"internal"', '"other"'))
    reload_and_wait(daemon)
    assert daemon.poll()["polled"] == 1
    daemon.write(text)
    reload_and_wait(daemon)
    assert daemon.poll()["polled"] == 2
    registry.index.yank("beta", "1.0.0")
    daemon.poll()
    assert [(event["crate"], event["event"]) for event in daemon.events()] == [("beta", "yanked")]
    daemon.stop()


def test_a_registry_that_left_and_came_back_within_one_transaction_is_watched_as_before(registry, mirror, daemon):
    registry.index.put("alpha", "1.0.0")
    mirror.index.put("beta", "1.0.0")
    daemon.configure(registry.index_url, ["alpha"])
    without = daemon.config.read_text()
    daemon.write(json.loads(without) | {"registries": json.loads(without)["registries"] | {
        "mirror": {"index": mirror.index_url, "poll_interval": "1h"}}})
    both = daemon.config.read_text()
    daemon.start()
    assert daemon.api("POST", "/v1/watches", {"registry": "mirror", "crates": ["beta"]}).status == 200
    assert daemon.poll()["polled"] == 2
    with tracker_held_up(daemon):
        for number, config in enumerate([without, both], 2):
            daemon.write(config)
            daemon.reload()
            wait_for(lambda: queue(daemon) >= number, "it was read and waits")
    wait_for(lambda: daemon.log().count(" reload: watching ") == 2, "both were in force")
    assert daemon.poll()["polled"] == 2
    daemon.stop()


@contextlib.contextmanager
def tracker_held_up(daemon):
    """One job is at the database, which somebody else writes to; what comes meanwhile is one transaction later."""
    with (contextlib.closing(sqlite3.connect(daemon.state / "yankwatch.sqlite", isolation_level=None)) as database,
          concurrent.futures.ThreadPoolExecutor() as threads):
        wait_for(lambda: queue(daemon) == 0, "nothing is under way")
        database.execute("BEGIN IMMEDIATE")
        threads.submit(daemon.get, "/healthz")
        wait_for(lambda: queue(daemon) == 1, "a job waits for the database")
        yield
        database.execute("ROLLBACK")


def queue(daemon):
    return daemon.status()["tracker"]["queue"]


# ---------------------------------------------------------------- notifiers


def test_a_notifier_that_was_mended_while_its_delivery_hung_delivers(registry, receiver, daemon):
    registry.index.put("demo", "1.0.0")
    wrong = receiver.notifier(url=f"{receiver.url}/wrong", timeout="2s")
    receiver.answers.append(HANG)
    daemon.configure(registry.index_url, ["demo"], notifiers={"hook": wrong})
    daemon.start()
    daemon.poll()
    registry.index.yank("demo", "1.0.0")
    daemon.poll()
    wait_for(lambda: receiver.requests, "the delivery hangs")
    daemon.configure(registry.index_url, ["demo"], notifiers={"hook": receiver.notifier(timeout="3s")})
    reload_and_wait(daemon)
    wait_for(receiver.accepted, "the mended one delivers")
    assert [event["event"] for event in receiver.events()] == ["yanked"]
    assert len({request.id for request in receiver.requests}) == 1, "all attempts are of one notification"
    daemon.stop()


def children(daemon):
    """The command lines of the daemon's processes."""
    tasks = pathlib.Path(f"/proc/{daemon.process.pid}/task")
    pids = [pid for task in tasks.iterdir() for pid in (task / "children").read_text().split()]
    files = [pathlib.Path(f"/proc/{pid}/cmdline") for pid in pids]
    return [file.read_bytes() for file in files if file.exists()]


def test_no_process_stays_of_a_notifier_that_was_reloaded(registry, receiver, daemon):
    """Ten times, each while events are claimed and delivered."""
    names = ["first", "second", "third"]
    registry.index.put("demo", "1.0.0")
    for times in range(10):
        notifiers = {name: receiver.notifier(timeout=f"{5 + times}s") for name in names}
        daemon.configure(registry.index_url, ["demo"], notifiers=notifiers)
        if times == 0:
            daemon.start()
            daemon.poll()
        registry.index.yank("demo", "1.0.0", yanked=times % 2 == 0)
        daemon.poll()
        if times > 0:
            reload_and_wait(daemon)
    wait_for(lambda: daemon.status()["outbox"]["delivered"] == 30, "every event reached every notifier")
    wait_for(lambda: sum(b"yankwatch-notify" in line for line in children(daemon)) == len(names),
             "there is one process for each notifier")
    daemon.stop()


# ---------------------------------------------------------------- many at once


def test_a_storm_of_reloads_over_good_and_broken_files_harms_nothing(registry, daemon):
    for crate in ("alpha", "omega"):
        registry.index.put(crate, "1.0.0")
    daemon.configure(registry.index_url, ["alpha"])
    daemon.start()
    good = daemon.config.read_text()
    for times in range(30):
        half = good[:len(good) * (times % 10) // 10]
        daemon.write([good, half, "registries: [", good.replace("alpha", f"crate{times}")][times % 4])
        daemon.reload()
    daemon.configure(registry.index_url, ["omega"])
    daemon.reload()
    wait_for(lambda: list(daemon.watches()) == ["omega"], "the last good one is in force")
    daemon.write("registries: {}\n")
    daemon.reload()
    wait_for(lambda: f"{daemon.config}:1: registries" in daemon.log(), "the fault is told")
    assert daemon.get("/healthz") == {"healthy": True}
    assert daemon.poll()["failed"] == 0
    assert daemon.watches() == {"omega": "present"}
    daemon.stop()


def test_a_shorter_interval_counts_from_the_reload_on(registry, daemon):
    registry.index.put("demo", "1.0.0")
    daemon.configure(registry.index_url, ["demo"], poll_interval="1h")
    daemon.start()
    daemon.poll()
    daemon.configure(registry.index_url, ["demo"], poll_interval="100ms")
    daemon.reload()
    registry.index.yank("demo", "1.0.0")
    wait_for(daemon.events, "the yank is seen without being asked for")
    daemon.stop()


def test_a_crates_file_is_a_bulk_watch_until_somebody_names_a_crate(registry, daemon, folder):
    for crate in ("alpha", "beta"):
        registry.index.put(crate, "1.0.0")
    names = folder / "crates.txt"
    names.write_text("# what we depend on\nalpha\r\n\nbeta\n")
    files = [{"registry": "internal", "crates_file": str(names)}]
    daemon.configure(registry.index_url, [], watch=files)
    daemon.start()
    daemon.poll()
    assert daemon.watches() == {"alpha": "present", "beta": "present"}
    daemon.configure(registry.index_url, [], watch=[*files, {"registry": "internal", "crates": ["beta"]}])
    daemon.reload()
    wait_for(lambda: daemon.get("/v1/crates/internal/beta")["listed_by"] == ["configuration"], "beta is named")
    for crate, lister in {"alpha": "a crates_file of the configuration", "beta": "the configuration"}.items():
        refused = daemon.api("DELETE", f"/v1/watches/internal/{crate}")
        assert refused.status == 409 and refused.document["detail"].startswith(f"{lister} lists {crate} of internal")
    for crate in ("alpha", "beta"):
        registry.index.yank(crate, "1.0.0")
    daemon.poll()
    assert {event["crate"]: event["severity"] for event in daemon.events()} == {"alpha": "low", "beta": "high"}
    names.write_text("beta\n")
    daemon.reload()
    wait_for(lambda: daemon.watches() == {"beta": "present"}, "alpha is not listed any more")
    daemon.stop()


def test_a_rotated_secret_signs_from_the_reload_on(registry, receiver, daemon):
    registry.index.put("demo", "1.0.0")
    daemon.configure(registry.index_url, ["demo"], notifiers={"hook": receiver.notifier()})
    daemon.start()
    daemon.poll()
    receiver.rotate_secret()
    reload_and_wait(daemon)
    registry.index.yank("demo", "1.0.0")
    daemon.poll()
    (request,) = wait_for(receiver.accepted, "the webhook came")
    receiver.verify(request)
    daemon.stop()


# ---------------------------------------------------------------- another index


@pytest.fixture
def other(folder):
    with contextlib.closing(Registry(folder / "other")) as it:
        it.index.put("demo", "1.0.0")
        yield it


def move(daemon, registry, **keys):
    daemon.configure(registry.index_url, ["demo"], **keys)
    reload_and_wait(daemon)


def crates_asked(registry):
    return [path for path, _ in registry.asked if path != "config.json"]


def test_another_index_is_asked_at_once(registry, other, daemon):
    registry.index.put("demo", "1.0.0")
    daemon.configure(registry.index_url, ["demo"], poll_interval="7d")
    daemon.start()
    daemon.poll()
    move(daemon, other, poll_interval="7d")
    wait_for(lambda: crates_asked(other), "the new baseline does not wait for the old interval")
    daemon.stop()


def test_the_config_of_the_old_index_does_not_open_the_new_one(registry, other, daemon):
    registry.index.put("demo", "1.0.0")
    registry.answer("config.json", HANG)
    other.answer("config.json", 404)
    daemon.configure(registry.index_url, ["demo"], poll_interval="100ms")
    daemon.start()
    wait_for(lambda: daemon.status()["registries"][0]["in_flight"] == 1, "config.json is asked for")
    move(daemon, other, poll_interval="100ms")
    registry.answer("config.json", None)
    wait_for(lambda: len(other.asked) >= 2, "the new index is asked for its config.json, more than once")
    assert crates_asked(other) == []
    daemon.stop()


def test_a_round_ends_when_the_registry_moves_to_an_index_that_is_not_there(registry, other, daemon):
    registry.index.put("demo", "1.0.0")
    other.answer("config.json", 404)
    daemon.configure(registry.index_url, ["demo"])
    daemon.start()
    daemon.poll()
    registry.answer(path_of("demo"), HANG)
    later = daemon.api("POST", "/v1/poll", {"wait": 1})
    assert later.status == 202
    move(daemon, other)
    registry.answer(path_of("demo"), None)
    ended = daemon.api("POST", "/v1/poll", {"wait": 30, "round": later.document["round"]})
    assert (ended.status, ended.document["failed"]) == (200, 1)
    daemon.stop()
