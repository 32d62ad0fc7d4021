# SPDX-License-Identifier: Apache-2.0
"""A crate at a past moment: what `at=` says is what the daemon said then."""

import json
import random
import sqlite3

import pytest

from yw.client import bad, good
from yw.clock import STILL

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
    return document["state"], [(it["version"], it["deleted"]) + (() if it["deleted"] else (it["checksum"], it["yanked"]))
                               for it in document["versions"]]


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
        moments.append((clock.rfc3339(), {crate: seen(crate_at(clocked_daemon, crate)) for crate in CRATES}))
        clock.advance(DAY_S)
        for crate in dice.sample(CRATES, 4):
            for _ in range(dice.randint(1, 3)):
                change(registry.index, crate, dice)
    return clocked_daemon, moments
