# SPDX-License-Identifier: Apache-2.0
"""The daemon is killed at every system call between a poll and the record of a delivery: nothing is lost. One receiver
is told each event by itself, the other gets groups.

YANKWATCH_KILL_S       how long (20; scripts/crash-matrix takes all the time that it needs)
YANKWATCH_KILL_POINTS  at least so many points (0), beginning again with the first when all were visited
YANKWATCH_SEED         the order of the points
"""

import contextlib
import itertools
import os
import random
import shutil
import time

import pytest

from yw import kills
from yw.daemon import kinds
from yw.receiver import Receiver

SECONDS = float(os.environ.get("YANKWATCH_KILL_S", "20"))
POINTS = int(os.environ.get("YANKWATCH_KILL_POINTS", "0"))
SEED = int(os.environ.get("YANKWATCH_SEED", "1"))
VERSIONS = 3  # that one run yanks
RUNS_MAX = 20  # until all is told

needs_strace = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed (scripts/deps test)")


class Story:
    """A crate whose versions are yanked and un-yanked, and two receivers that are told."""

    def __init__(self, registry, receivers, daemon):
        self.registry, self.receivers, self.daemon = registry, receivers, daemon
        self.yanked = False
        self.changes = 0
        self.command = [daemon.program, "--config", daemon.config, "--once"]
        for n in range(VERSIONS):
            registry.index.put("demo", f"1.0.{n}")

    def change(self):
        """Every version is yanked, or un-yanked."""
        self.yanked = not self.yanked
        for n in range(VERSIONS):
            self.registry.index.yank("demo", f"1.0.{n}", self.yanked)
        self.changes += 1

    def run(self, point=None):
        return kills.run(self.command, self.daemon.env, self.daemon.folder, point)

    def told(self, receiver):
        return len({event["id"] for event in receiver.events()})

    def finish(self):
        """Runs that nobody kills, until both receivers know all."""
        for _ in range(RUNS_MAX):
            done = self.daemon.run("--once")
            if all(self.told(it) == self.changes * VERSIONS for it in self.receivers):
                return
        raise AssertionError(f"lost: {[self.told(it) for it in self.receivers]} of {self.changes * VERSIONS} events "
                             f"were told; the last run ended with {done.returncode}:\n{done.stderr}")


def repeats(receiver, before):
    """How many of the notifications since `before` came once more: at most the one that was on its way, so it comes
    again as the next one, with the same bytes."""
    came = [(request.id, request.body) for request in receiver.accepted()[before:]]
    once = [these for these, _ in itertools.groupby(came)]
    assert len({ident for ident, _ in once}) == len(once), f"one came again later: {[ident for ident, _ in came]}"
    assert len(came) - len(once) <= 1, f"more than one came again: {[ident for ident, _ in came]}"
    return len(came) - len(once)


def visit(story, point):
    """One change, one death, and what it takes to get over it. True when there was a death."""
    before = [len(it.accepted()) for it in story.receivers]
    answers = random.Random(f"{SEED} {point}").choice([[], [], [500], [503, 500]])
    for receiver in story.receivers:
        receiver.answers = list(answers)
    story.change()
    _, trace = story.run(point)
    for receiver in story.receivers:
        receiver.answers = []
    story.finish()
    return kills.was_hit(trace), sum(repeats(it, count) for it, count in zip(story.receivers, before))


def check_history(daemon, changes):
    daemon.start()
    events = daemon.events()
    per_change = [kinds(events[n * VERSIONS:(n + 1) * VERSIONS]) for n in range(changes)]
    for n, change in enumerate(per_change):
        assert sorted(change) == [("unyanked" if n % 2 else "yanked", f"1.0.{v}") for v in range(VERSIONS)], n
    assert len(events) == changes * VERSIONS, "each is seen once"
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1)), "and counted without a gap"
    assert daemon.status()["outbox"] | {"delivered": 0} == dict.fromkeys(daemon.status()["outbox"], 0)
    daemon.stop()


@pytest.fixture
def two_receivers(folder):
    with contextlib.ExitStack() as stack:
        folders = [folder / f"receiver{n}" for n in range(2)]
        for it in folders:
            it.mkdir()
        yield [stack.enter_context(contextlib.closing(Receiver(it))) for it in folders]


@needs_strace
def test_nothing_is_lost_wherever_it_dies(registry, two_receivers, daemon, tell):
    notifiers = {f"hook-{n}": it.notifier() for n, it in enumerate(two_receivers)}
    routes = [{"notify": ["hook-0"]}, {"notify": ["hook-1"], "group_by": "crate", "group_wait": "5s"}]
    daemon.configure(registry.index_url, ["demo"], notifiers=notifiers, routes=routes,
                     retry={"first": "100ms", "max": "100ms"})
    story = Story(registry, two_receivers, daemon)
    assert daemon.run("--once").returncode == 0, "the baseline"
    story.change()
    _, trace = story.run()
    every = kills.points(trace)
    story.finish()
    random.Random(SEED).shuffle(every)

    until = time.monotonic() + SECONDS
    visited = deaths = again = 0
    while time.monotonic() < until or visited < POINTS:
        dead, repeated = visit(story, every[visited % len(every)])
        visited, deaths, again = visited + 1, deaths + dead, again + repeated
        if deaths % 500 == 0 and dead:
            tell(f"{visited} points, {deaths} deaths, {again} repeats, 0 lost")
    check_history(daemon, story.changes)
    tell(f"{len(every)} points (seed {SEED}): {visited} visited, {deaths} deaths, {story.changes * VERSIONS} events to 2 "
         f"receivers, {again} notifications came twice, 0 lost")
