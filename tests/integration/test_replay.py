# SPDX-License-Identifier: Apache-2.0
"""Nineteen days of real crates.io history, wave by wave over TLS and HTTP/2: what is recorded is what happened.

The data is not part of this project. It is looked for beside the checkout, in shared/, or where YANKWATCH_SHARED says.
"""

import collections
import json
import os
import pathlib
import random
import subprocess
import sys

import pytest

from yw.daemon import CHECKOUT

SHARED = pathlib.Path(os.environ.get("YANKWATCH_SHARED", CHECKOUT.parent / "shared"))
DATA, REPLAY = SHARED / "data" / "crates-io", SHARED / "tools" / "replay.py"
SEED = int(os.environ.get("YANKWATCH_SEED", "4711"))

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


def next_wave(nginx):
    """The transitions that the next wave makes, as a multiset; None after the last."""
    head, *transitions = (json.loads(line) for line in replay("wave", DATA, nginx.index.folder))
    if head.get("done"):
        return None
    return collections.Counter((it["crate"], it["event"], it["version"]) for it in transitions)


def recorded_since(daemon, seq):
    """(multiset of what was recorded after seq, the last seq); the seqs have no gap."""
    events = daemon.client("--json", "history", "--after", str(seq), "--limit", "100000").stdout.splitlines()
    events = [json.loads(line) for line in events]
    assert [event["seq"] for event in events] == list(range(seq + 1, seq + 1 + len(events)))
    return collections.Counter((it["crate"], it["event"], it.get("version")) for it in events), seq + len(events)


def check_waves(daemon, nginx, settle):
    seq, total = 0, collections.Counter()
    while (expected := next_wave(nginx)) is not None:
        settle(daemon)
        recorded, seq = recorded_since(daemon, seq)
        assert recorded == expected
        total += expected
    assert sum(total.values()) == 3897 == seq


def poll_all(daemon):
    assert daemon.poll()["failed"] == 0


def test_every_wave_is_recorded_as_it_was(history, nginx):
    check_waves(history, nginx, poll_all)


def test_every_wave_is_recorded_when_the_daemon_is_killed_in_its_middle(history, nginx):
    dice = random.Random(SEED)

    def kill_and_poll(daemon):
        assert daemon.api("POST", "/v1/poll", {}).status == 202
        daemon.kill9(dice.uniform(0, 0.1))
        daemon.start()
        poll_all(daemon)

    check_waves(history, nginx, kill_and_poll)
