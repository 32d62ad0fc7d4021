# SPDX-License-Identifier: Apache-2.0
"""What a stale copy could also show is confirmed first, an older copy says nothing, and a yank is told at once."""

import os

import pytest

from yw.daemon import kinds
from yw.index import path_of
from yw.wait import wait_for

LONG = "1h"   # longer than any test
SHORT = "1s"  # a test waits for it


@pytest.fixture
def crate(registry):
    """demo with a yanked and a usable version, last changed at a time that same_age() repeats."""
    registry.index.put("demo", "1.0.0", yanked=True)
    registry.index.put("demo", "1.1.0")
    return registry.index


def age(index):
    return os.stat(index.file("demo")).st_mtime


def set_age(index, seconds):
    os.utime(index.file("demo"), (seconds, seconds))


def same_age(index, change):
    """A change that Last-Modified does not show."""
    before = age(index)
    change()
    set_age(index, before)


def start(daemon, registry, confirm, **keys):
    daemon.configure(registry.index_url, ["demo"], confirm=confirm, **keys)
    daemon.start()
    daemon.poll()
    return daemon


GUARDED = {
    "an un-yank": (lambda index: index.yank("demo", "1.0.0", False), [("unyanked", "1.0.0")]),
    "a deleted version": (lambda index: index.delete_version("demo", "1.1.0"), [("version_deleted", "1.1.0")]),
    "other metadata": (lambda index: index.put("demo", "1.1.0", links="z"), [("metadata_changed", "1.1.0")]),
}
guarded = pytest.mark.parametrize("change, told", GUARDED.values(), ids=GUARDED)


@guarded
def test_it_waits_when_no_validator_is_newer(change, told, crate, registry, daemon):
    start(daemon, registry, LONG)
    same_age(crate, lambda: change(crate))
    for _ in range(3):
        daemon.poll()
    assert daemon.events() == []
    daemon.stop()


@guarded
def test_it_is_told_after_the_time_of_confirmation(change, told, crate, registry, daemon):
    start(daemon, registry, SHORT, poll_interval="100ms")
    same_age(crate, lambda: change(crate))
    wait_for(daemon.events, "the change is believed")
    assert kinds(daemon.events()) == told
    daemon.stop()


@guarded
def test_it_waits_to_the_end_of_that_time_and_is_seen_to_wait(change, told, crate, registry, clocked_daemon, clock):
    daemon = start(clocked_daemon, registry, "10m")
    same_age(crate, lambda: change(crate))
    daemon.poll()
    waits_since = daemon.get("/v1/crates/internal/demo")["waits_since"]
    for seconds in (0, 590):
        clock.advance(seconds)
        daemon.poll()
        assert daemon.events() == []
        assert daemon.status()["registries"][0]["waiting"] == 1
        assert daemon.get("/v1/crates/internal/demo")["waits_since"] == waits_since
    clock.advance(11)
    daemon.poll()
    assert kinds(daemon.events()) == told
    assert daemon.status()["registries"][0]["waiting"] == 0
    assert "waits_since" not in daemon.get("/v1/crates/internal/demo")
    daemon.stop()


@guarded
def test_it_is_believed_at_once_when_last_modified_is_newer(change, told, crate, registry, daemon):
    start(daemon, registry, LONG)
    change(crate)
    daemon.poll()
    assert kinds(daemon.events()) == told
    daemon.stop()


def test_a_yank_is_told_at_once_beside_what_waits(crate, registry, daemon):
    start(daemon, registry, LONG)
    same_age(crate, lambda: (crate.yank("demo", "1.0.0", False), crate.yank("demo", "1.1.0")))
    daemon.poll()
    daemon.poll()
    assert kinds(daemon.events()) == [("yanked", "1.1.0")]
    versions = {row["version"]: row["yanked"] for row in daemon.get("/v1/crates/internal/demo")["versions"]}
    assert versions == {"1.0.0": True, "1.1.0": True}, "the un-yank is not believed yet"
    daemon.stop()


def test_what_waits_is_kept_whole_though_a_line_holds_a_zero_byte(crate, registry, daemon):
    start(daemon, registry, SHORT, poll_interval="100ms")
    file = crate.file("demo")
    changed = file.read_bytes().replace(b'"yanked":true', b'"yanked":false')
    same_age(crate, lambda: file.write_bytes(b"\0\n" + changed))
    wait_for(daemon.events, "the un-yank is believed")
    assert kinds(daemon.events()) == [("unyanked", "1.0.0")]
    daemon.stop()


def test_a_yank_is_told_at_once_though_its_metadata_wait(crate, registry, daemon):
    start(daemon, registry, LONG)
    same_age(crate, lambda: crate.put("demo", "1.1.0", yanked=True, links="z"))
    daemon.poll()
    (event,) = daemon.events()
    assert (event["event"], event["yanked"]) == ("yanked", True)
    assert daemon.get("/v1/crates/internal/demo")["versions"][1]["yanked"] is True
    daemon.stop()


def test_a_crate_that_is_gone_waits_and_is_told_once(crate, registry, daemon):
    start(daemon, registry, SHORT, poll_interval="100ms")
    registry.answer(path_of("demo"), 404)
    wait_for(daemon.events, "the absence is believed")
    daemon.poll()
    assert kinds(daemon.events()) == [("crate_deleted", None)]
    daemon.stop()


def test_a_304_that_no_copy_was_named_for_confirms_nothing(crate, registry, clocked_daemon, clock):
    daemon = start(clocked_daemon, registry, "10m")
    registry.answer(path_of("demo"), 404)
    daemon.poll()
    registry.answer(path_of("demo"), 304)
    clock.advance(601)
    assert daemon.poll()["failed"] == 1
    assert daemon.events() == []
    daemon.stop()


def test_a_contrary_look_drops_what_waits(crate, registry, daemon):
    start(daemon, registry, LONG)
    registry.answer(path_of("demo"), 404)
    daemon.poll()
    registry.answer(path_of("demo"), None)
    daemon.poll()
    daemon.stop()
    start(daemon, registry, "0s")
    assert daemon.events() == [], "nothing of the absence is left"
    daemon.stop()


def test_a_crate_that_was_away_is_published_again_not_altered(crate, registry, daemon):
    start(daemon, registry, LONG)
    old = daemon.get("/v1/crates/internal/demo")["versions"][1]["checksum"]
    registry.answer(path_of("demo"), 404)
    daemon.poll()
    registry.answer(path_of("demo"), None)
    crate.put("demo", "1.1.0", cksum="ab" * 32)
    daemon.poll()
    (event,) = daemon.events()
    assert (event["event"], event["version"], event["previous"]["checksum"]) == ("published", "1.1.0", old)
    daemon.stop()


def test_what_waits_survives_a_crash(crate, registry, daemon):
    start(daemon, registry, LONG)
    same_age(crate, lambda: crate.yank("demo", "1.0.0", False))
    daemon.poll()
    daemon.kill9()
    asked = len(registry.asked)
    start(daemon, registry, "1ms")
    assert kinds(daemon.events()) == [("unyanked", "1.0.0")], "its first sighting was before the crash"
    statuses = {status for path, status in registry.asked[asked:] if path == path_of("demo")}
    assert statuses == {304}, "the reply that waited was kept, its validators were sent"
    daemon.stop()


def test_an_older_copy_says_nothing_not_even_a_yank(crate, registry, daemon):
    start(daemon, registry, "0s")
    new = age(crate)
    crate.yank("demo", "1.1.0")
    crate.delete_version("demo", "1.0.0")
    set_age(crate, new - 300)
    daemon.poll()
    assert daemon.events() == []
    assert daemon.status()["registries"][0]["stale"] == 1
    daemon.stop()


def serve(index, copy):
    lines, seconds = copy
    index.put_lines("demo", lines)
    set_age(index, seconds)


@pytest.fixture
def copies(crate):
    """The copy of before a yank, and the one that is true."""
    old = crate.lines("demo"), age(crate)
    crate.yank("demo", "1.1.0")
    return old, (crate.lines("demo"), age(crate))


def test_an_older_copy_that_stands_for_a_day_is_accepted(copies, crate, registry, clocked_daemon, clock):
    old, new = copies
    daemon = start(clocked_daemon, registry, LONG, poll_interval="7d")
    serve(crate, old)
    daemon.poll()
    clock.advance(23 * 3600)
    daemon.poll()
    assert daemon.events() == []
    clock.advance(3601)
    daemon.poll()
    assert kinds(daemon.events()) == [("unyanked", "1.1.0")]
    daemon.stop()


@pytest.mark.parametrize("restarted", [False, True])
def test_an_older_copy_is_not_accepted_after_a_day_that_has_seen_the_newer(
        restarted, copies, crate, registry, clocked_daemon, clock):
    old, new = copies
    daemon = start(clocked_daemon, registry, LONG, poll_interval="7d")
    for hours in (0, 12, 13):
        clock.advance(hours * 3600)
        serve(crate, old)
        daemon.poll()
        if restarted:
            daemon.kill9()
        serve(crate, new)
        if restarted:
            daemon.start()
        daemon.poll()
    assert daemon.events() == []
    daemon.stop()


def test_an_older_copy_is_not_accepted_after_a_day_that_has_seen_one_that_waits(
        copies, crate, registry, clocked_daemon, clock):
    old, new = copies
    daemon = start(clocked_daemon, registry, "24h", poll_interval="7d")
    for hours in (0, 12, 13):
        clock.advance(hours * 3600)
        serve(crate, old)
        daemon.poll()
        serve(crate, new)
        same_age(crate, lambda: crate.yank("demo", "1.0.0", False))
        daemon.poll()
    assert kinds(daemon.events()) == [("unyanked", "1.0.0")]
    daemon.stop()


def test_an_edge_that_is_behind_makes_no_flip_flop(crate, registry, daemon):
    start(daemon, registry, LONG)
    old, old_age = crate.lines("demo"), age(crate)
    crate.yank("demo", "1.1.0")
    new, new_age = crate.lines("demo"), age(crate)
    for lines, seconds in [(new, new_age), (old, old_age)] * 3:
        crate.put_lines("demo", lines)
        set_age(crate, seconds)
        daemon.poll()
    assert kinds(daemon.events()) == [("yanked", "1.1.0")]
    daemon.stop()
