# SPDX-License-Identifier: Apache-2.0
"""Nineteen days of real crates.io history, wave by wave over TLS and HTTP/2: what is recorded is what happened.

Behind edges that are stale, cut replies short or fail, each wave is polled until it is quiet. An ordinary run
watches some of the crates and polls those that changed and a few more; with YANKWATCH_LONG (scripts/long-tests) it is
all of them.

The data is not part of this project. It is looked for beside the checkout, in shared/, or where YANKWATCH_SHARED says.
"""

import collections
import contextlib
import json
import os
import pathlib
import random
import subprocess
import sys

import pytest

from yw.daemon import CHECKOUT
from yw.edges import STALE_S, Edges
from yw.index import path_of

SHARED = pathlib.Path(os.environ.get("YANKWATCH_SHARED", CHECKOUT.parent / "shared"))
DATA, REPLAY = SHARED / "data" / "crates-io", SHARED / "tools" / "replay.py"
SEED = int(os.environ.get("YANKWATCH_SEED", "4711"))
LONG = bool(os.environ.get("YANKWATCH_LONG"))
ALL_EVENTS = 3897
WATCHED, OTHERS = 400, 30  # in an ordinary run: crates; those that did not change and are polled with each wave, too
CONFIRM_S = STALE_S + 60
POLLED_AT_ONCE = 200  # so few that all that fail are told

pytestmark = pytest.mark.skipif(
    not (REPLAY.exists() and DATA.exists()) or bool(os.environ.get("YANKWATCH_WRAP")),
    reason=f"no history to replay in {SHARED}, or too slow under YANKWATCH_WRAP")


def replay(*args):
    done = subprocess.run([sys.executable, REPLAY, *args], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.fixture
def history(nginx, daemon):
    """A daemon that knows the starting index; next_wave() moves that on."""
    replay("init", DATA, nginx.index.folder)
    daemon.configure(nginx.index_url, replay("names", DATA), ca_file=nginx.ca_file)
    daemon.start()
    assert daemon.poll()["failed"] == 0
    assert daemon.events() == [], "the baseline is quiet"
    yield daemon
    daemon.stop()


def next_wave(index):
    """The transitions that the next wave makes, as a multiset; None after the last."""
    head, *transitions = (json.loads(line) for line in replay("wave", DATA, index.folder))
    if head.get("done"):
        return None
    return collections.Counter((it["crate"], it["event"], it["version"]) for it in transitions)


def recorded_since(daemon, seq):
    """(multiset of what was recorded after seq, the last seq); the seqs have no gap."""
    events = daemon.client("--json", "history", "--after", str(seq), "--limit", "100000").stdout.splitlines()
    events = [json.loads(line) for line in events]
    assert [event["seq"] for event in events] == list(range(seq + 1, seq + 1 + len(events)))
    told = [(it["crate"], it["event"], it.get("version")) for it in events if "crate" in it]  # not the registry's own
    return collections.Counter(told), seq + len(events)


def check_waves(daemon, index, settle, watched=None):
    """Returns how many events there were."""
    seq, total = 0, 0
    while (expected := next_wave(index)) is not None:
        expected = collections.Counter({it: n for it, n in expected.items() if watched is None or it[0] in watched})
        settle(daemon)
        recorded, seq = recorded_since(daemon, seq)
        assert recorded == expected, f"missing {expected - recorded}, extra {recorded - expected}"
        total += sum(expected.values())
    assert total == seq
    return seq


def poll_all(daemon):
    assert daemon.poll()["failed"] == 0


def test_every_wave_is_recorded_as_it_was(history, nginx):
    assert check_waves(history, nginx.index, poll_all) == ALL_EVENTS


def test_every_wave_is_recorded_when_the_daemon_is_killed_in_its_middle(history, nginx):
    dice = random.Random(SEED)

    def kill_and_poll(daemon):
        assert daemon.api("POST", "/v1/poll", {}).status == 202
        daemon.kill9(dice.uniform(0, 0.1))
        daemon.start()
        poll_all(daemon)

    assert check_waves(history, nginx.index, kill_and_poll) == ALL_EVENTS


def poll_some(daemon, crates):
    """Returns those that failed; all that were asked for together, when there are more than are told."""
    failed = []
    for first in range(0, len(crates), POLLED_AT_ONCE):
        asked = crates[first:first + POLLED_AT_ONCE]
        answer = daemon.poll(*asked)
        told = [error["crate"] for error in answer.get("errors", [])]
        failed += told if len(told) == answer["failed"] else asked
    return failed


def poll_well(daemon, crates, clock):
    """Polls these until each has been polled well."""
    while crates := poll_some(daemon, crates):
        clock.advance(10)  # a pause of the registry is over then


def poll_until_quiet(daemon, crates, clock, dice):
    """While edges may be stale, once they are not, and until nothing waits."""
    changed_at = clock.now()
    while clock.now() <= changed_at + STALE_S:
        poll_some(daemon, crates)
        clock.advance(dice.uniform(60, STALE_S))
    poll_well(daemon, crates, clock)
    while daemon.status()["registries"][0]["waiting"]:
        clock.advance(CONFIRM_S)
        poll_well(daemon, crates, clock)


@pytest.mark.parametrize("last_modified", [True, False], ids=["with Last-Modified", "with ETags only"])
def test_every_wave_is_recorded_from_edges_that_are_stale_or_fail(last_modified, folder, clock, clocked_daemon, tell):
    print(f"YANKWATCH_SEED={SEED}")
    dice, daemon, names = random.Random(SEED), clocked_daemon, replay("names", DATA)
    watched = names if LONG else dice.sample(names, WATCHED)
    with contextlib.closing(Edges(folder / "edges", clock, SEED, last_modified)) as edges:
        replay("init", DATA, edges.index.folder)
        edges.publish()
        daemon.configure(edges.index_url, watched, confirm=f"{CONFIRM_S}s", poll_interval="1h" if LONG else "7d")
        daemon.start()
        poll_well(daemon, watched, clock)

        def settle(daemon):
            paths = set(edges.publish())
            changed = [name for name in watched if LONG or path_of(name) in paths]
            others = dice.sample(watched, OTHERS)
            poll_until_quiet(daemon, list(dict.fromkeys([*changed, *others])), clock, dice)

        events = check_waves(daemon, edges.index, settle, set(watched))
        tell(f"YANKWATCH_SEED={SEED}: {len(watched)} crates, {events} events as expected; requests met {dict(edges.met)}")
        assert events == ALL_EVENTS or not LONG
        assert all(edges.met[fate] for fate in ("stale", "cut", "unavailable"))
        daemon.stop()
