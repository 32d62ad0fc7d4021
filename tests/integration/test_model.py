# SPDX-License-Identifier: Apache-2.0
"""Random histories of a registry against a model of the rules (yw/history.py, yw/oracle.py), wave by wave.

YANKWATCH_SEED draws another history, YANKWATCH_MODEL="crates waves" sets its size. A difference is shown with the
crate's file before and after.
"""

import collections
import json
import os
import random
import time

import pytest

from yw.clock import STILL
from yw.history import CrateHistory
from yw.index import path_of
from yw.oracle import CrateOracle, Event, meaning

SEED = int(os.environ.get("YANKWATCH_SEED", "4711"))
CRATES, WAVES = (int(it) for it in os.environ.get("YANKWATCH_MODEL", "50 50").split())
CONFIRM_S = 600
ADVANCES_S = [0, 0, 0, 250, 650]  # between two waves
DAY_S, DAYS = 25 * 3600, 5  # and a few times so long, for older copies that stand
CLOSE_S = 60  # a poll may take so long
LONG_AGO_S = 30 * 24 * 3600  # the files' times stay behind the clock


class World:
    """The registry, the daemon that watches it, and what that must have recorded."""

    def __init__(self, confirm_s, nginx, daemon, clock):
        self.dice = random.Random(f"{SEED} {confirm_s}")
        self.index, self.daemon, self.clock = nginx.index, daemon, clock
        modified = int(time.time()) - LONG_AGO_S
        names = [f"crate-{n:04}" for n in range(CRATES)]
        self.crates = {name: CrateHistory(name, self.dice, modified) for name in names}
        self.oracles = {name: CrateOracle(name, confirm_s) for name in self.crates}
        self.days, self.seq, self.told = 0, 0, collections.Counter()
        self.before = {}  # the files of the wave before, for people
        for crate in self.crates.values():
            self._serve(crate)

    def _serve(self, crate):
        file = self.index.folder / path_of(crate.name)
        if crate.body is None:
            file.unlink(missing_ok=True)
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_name(f".{file.name}.new")
        new.write_bytes(crate.body)
        os.utime(new, (crate.modified, crate.modified))
        new.replace(file)

    def move_on(self):
        self.before = {name: (crate.body, crate.modified) for name, crate in self.crates.items()}
        for crate in self.dice.sample(list(self.crates.values()), max(1, CRATES * 2 // 5)):
            crate.step(self.dice)
            self._serve(crate)
        self.clock.advance(self.dice.choice(ADVANCES_S))
        if self.days < DAYS and self.dice.random() < 0.05:
            self.days += 1
            self.look(f"before day {self.days}")
            self.clock.advance(DAY_S)

    def restart(self, wave):
        self.daemon.kill9()
        self.daemon.start()
        self.look(f"{wave}, restarted")

    def look(self, wave):
        """Polls; what the daemon recorded must be what the model says."""
        while any(oracle.is_close(self.clock.now(), CLOSE_S) for oracle in self.oracles.values()):
            self.clock.advance(CLOSE_S)
        now = self.clock.now()
        polled = self.daemon.poll()
        looks = {name: oracle.look(self.crates[name], now) for name, oracle in self.oracles.items()}
        expected = {name: collections.Counter(events) for name, (events, _) in looks.items() if events}
        recorded = self._recorded()
        for name in self.crates:
            if expected.get(name) != recorded.get(name):
                pytest.fail(self._explain(wave, name, expected.get(name), recorded.get(name)))
        failed = {name for name, (_, well) in looks.items() if not well}
        assert (polled["failed"], polled["changed"]) == (len(failed), len(expected)), polled
        for events in expected.values():
            self.told.update(event.event for event in events.elements())

    def _recorded(self):
        """{crate: multiset of its events} since the last time; the seqs have no gap."""
        recorded = collections.defaultdict(collections.Counter)
        after = self.seq
        while after is not None:
            page = self.daemon.get(f"/v1/events?limit=1000&after={after}")
            for event in page["events"]:
                self.seq += 1
                assert event["seq"] == self.seq
                if "crate" in event:  # those of the registry have a test of their own
                    recorded[event["crate"]][event_of(event)] += 1
            after = page["next"]
        return recorded

    def check_state(self):
        """What the daemon knows of each crate now."""
        waiting = 0
        for name, oracle in self.oracles.items():
            shown = self.daemon.get(f"/v1/crates/internal/{name}")
            known = {vers: (not it.there, it.yanked, it.cksum) for vers, it in oracle.versions.items()}
            versions = {it["version"]: (it["deleted"], it["yanked"], it["checksum"]) for it in shown["versions"]}
            state = shown["state"], versions, "waits_since" in shown
            assert state == (oracle.state, known, oracle.pending is not None), self._explain(None, name, known, versions)
            if not oracle.pending:
                assert shown["unparsed_lines"] == oracle.bad, name
            waiting += oracle.pending is not None
        assert self.daemon.status()["registries"][0]["waiting"] == waiting

    def _explain(self, wave, name, expected, recorded):
        crate, oracle = self.crates[name], self.oracles[name]
        expected, recorded = collections.Counter(expected), collections.Counter(recorded)
        before = self.before.get(name, (None, None))
        return "\n".join([
            f"YANKWATCH_SEED={SEED} YANKWATCH_MODEL='{CRATES} {WAVES}', wave {wave}, {name}: it differs",
            f"missing: {expected - recorded}", f"extra: {recorded - expected}", f"before, of {before[1]}:", *lines(before[0]),
            f"after, of {crate.modified}:", *lines(crate.body),
            f"which means: {meaning(crate.file) if crate.file else 'nothing'}", f"the model after it: {vars(oracle)}"])


def lines(body):
    return [f"    {line}" for line in body.split(b"\n")] if body is not None else ["    no file"]


def event_of(event):
    detail = {"crate_deleted": lambda: tuple(sorted(event["versions"])),
              "metadata_changed": lambda: tuple(sorted(event["changed"])),
              "published": lambda: event.get("previous", {}).get("checksum"),
              "checksum_changed": lambda: event["previous"]["checksum"]}.get(event["event"], lambda: None)()
    return Event(event["crate"], event["event"], event.get("version"), event.get("checksum"),
                 event.get("yanked") if "version" in event else None, detail)


@pytest.mark.parametrize("confirm_s", [0, CONFIRM_S])
def test_a_random_history_is_recorded_as_the_rules_say(confirm_s, nginx, clocked_daemon, clock, tell):
    daemon = clocked_daemon
    world = World(confirm_s, nginx, daemon, clock)
    daemon.configure(nginx.index_url, list(world.crates), ca_file=nginx.ca_file, confirm=f"{confirm_s}s",
                     poll_interval="7d")
    daemon.env |= STILL  # a crate that failed is not tried again but by the model's looks
    daemon.start()
    world.look("baseline")
    assert not world.told, "the baseline is quiet"
    for wave in range(1, WAVES + 1):
        if world.dice.random() < 0.03:
            world.restart(wave)
        world.move_on()
        world.look(wave)
        if wave % 25 == 0 or wave == WAVES:
            world.check_state()
    tell(f"YANKWATCH_SEED={SEED}: {CRATES} crates, {WAVES} waves, {sum(world.told.values())} events as expected "
         f"{dict(world.told)}")
    assert all(world.told[kind] for kind in ("published", "yanked", "unyanked", "crate_deleted", "crate_created",
                                             "version_deleted", "checksum_changed", "metadata_changed"))
    shown = json.loads(daemon.client("--json", "show", "crate-0000").stdout)
    assert shown["crate"] == "crate-0000"
    daemon.stop()
