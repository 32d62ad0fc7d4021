# SPDX-License-Identifier: Apache-2.0
"""A crate at a past moment: what `at=` says is what the daemon said then."""

import datetime
import json
import random

import pytest

from yw.client import bad, good
from yw.wait import wait_for

CRATES = [f"crate-{n}" for n in range(6)]
WAVES = 25
VERSIONS = 6
DAY_S = 24 * 3600


def change(index, crate, dice):
    """One of all the ways in which a crate may change."""
    versions = [json.loads(line)["vers"] for line in index.lines(crate)]
    away = [f"1.{n}.0" for n in range(VERSIONS) if f"1.{n}.0" not in versions]
    way = dice.randrange(10)
    if not versions or (way < 3 and away):
        index.put(crate, dice.choice(away), yanked=dice.random() < 0.3, cksum=f"{dice.randrange(3):064x}")
    elif way < 6:
        index.yank(crate, dice.choice(versions), dice.random() < 0.5)
    elif way < 7:
        index.put(crate, dice.choice(versions), cksum=f"{dice.randrange(3):064x}", yanked=dice.random() < 0.5)
    elif way < 8:
        index.put(crate, dice.choice(versions), links=f"of-{dice.randrange(9)}")
    elif way < 9 and len(versions) > 1:
        index.delete_version(crate, dice.choice(versions))
    else:
        index.delete_crate(crate)


def seen(document):
    """What `at` has to tell: of versions that are gone only that they are."""
    return document["state"], [
        (it["version"], it["deleted"]) + (() if it["deleted"] else (it["checksum"], it["yanked"]))
        for it in document["versions"]]


def rfc3339(seconds):
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def crate_at(daemon, crate, at=None):
    return daemon.get(f"/v1/crates/internal/{crate}" + (f"?at={at}" if at else ""))


@pytest.fixture(name="lived")
def fixture_lived(clocked_daemon, clock, registry):
    """(daemon, [(moment, {crate: what it was})])"""
    dice = random.Random(4711)
    for crate in CRATES[1:]:
        registry.index.put(crate, "1.0.0")
        registry.index.put(crate, "1.1.0", yanked=True)
    clocked_daemon.configure(registry.index_url, CRATES)
    clocked_daemon.start()
    moments = []
    for _ in range(WAVES):
        clocked_daemon.poll()
        clock.advance(1)
        moments.append((rfc3339(clock.now()), {crate: seen(crate_at(clocked_daemon, crate)) for crate in CRATES}))
        clock.advance(DAY_S)
        for crate in dice.sample(CRATES, 4):
            for _ in range(dice.randint(1, 3)):
                change(registry.index, crate, dice)
    return clocked_daemon, moments


def check(daemon, moments):
    known = lost = 0
    for moment, crates in moments:
        for crate, was in crates.items():
            document = crate_at(daemon, crate, moment)
            for version, is_now in zip(document["versions"], was[1]):
                known += "yanked" in version
                if "yanked" not in version:  # it went with its crate, and no event of its own was before
                    lost += 1
                    version["yanked"] = is_now[-1]
            assert seen(document) == was, (crate, moment, daemon.events(f"&crate={crate}"))
    assert lost < known / 3, "crates of this test go and come back all the time"


def test_at_a_moment_a_crate_is_what_it_was(lived):
    daemon, moments = lived
    kinds = {event["event"] for event in daemon.events()}
    assert kinds == {"published", "yanked", "unyanked", "version_deleted", "crate_deleted", "crate_created",
                     "checksum_changed", "metadata_changed"}
    check(daemon, moments)


def test_pruned_publishes_are_known_still(lived):
    """Their time and version stay."""
    daemon, moments = lived
    before = len(daemon.events())
    config = json.loads(daemon.config.read_text())
    daemon.write(config | {"retention": {"published": "7d"}})
    daemon.reload()
    wait_for(lambda: len(daemon.events()) < before - 10, "old publishes are pruned")
    check(daemon, moments)
    assert json.loads(daemon.client("verify", "--json").stdout)["pruned"] > 10


def test_what_was_before_the_first_look_is_not_known(lived):
    daemon, moments = lived
    answer = daemon.api("GET", "/v1/crates/internal/crate-1?at=2020-01-01T00:00:00Z")
    since = crate_at(daemon, "crate-1", moments[0][0])["since"]
    assert (answer.status, answer.document["detail"]) == (
        400, f"at: crate-1 in internal is known since {since}: nobody looked before")
    assert daemon.api("GET", "/v1/crates/internal/crate-1?at=2200-01-01").document["detail"] == (
        "at: that moment is still to come")
    assert daemon.api("GET", "/v1/crates/internal/nothing?at=2026-01-01").status == 404
    assert "nobody looked before" in daemon.client("show", "crate-1", "--at", "2020-01-01").stderr
    assert "--at: soon: no time" in bad(daemon, 2, "show", "crate-1", "--at", "soon")


def test_show_says_it_for_people(lived):
    daemon, moments = lived
    moment = moments[0][0]
    said = good(daemon, "show", "crate-1", "--at", moment)
    assert "known since" in said
    rows = [line.split()[:2] for line in said.split("VERSION")[1].splitlines()[1:]]
    words = {True: "yanked", False: "ok", None: "unknown"}
    assert rows == [[it["version"], words[it.get("yanked")]] for it in crate_at(daemon, "crate-1", moment)["versions"]]
    lines = good(daemon, "show", "crate-1@1.1.0", "--at", moment).splitlines()
    assert lines[3].split()[:2] == ["state", "yanked"]
    assert any(line.startswith("at ") for line in lines) and lines[-1], "no blank line at the end"
    late = moments[-1][0]
    document = json.loads(good(daemon, "show", "crate-1@1.0.0", "--at", late, "--json"))
    assert all(event["at"] <= late for event in document["events"])
