# SPDX-License-Identifier: Apache-2.0
"""500 projects of 500 packages each, all of which lock one crate: until they are stored, and how long a yank of that
crate takes to reach them. Registry and webhook are threads of this process, as in `latency`."""

import contextlib
import random
import statistics
import time

from yb.latency import Hook
from yb.process import cpu_s, memory_kb
from yb.stage import PATIENCE, check, patiently
from yb.tiny import TinyRegistry
from yw.index import checksum, compact, dependency
from yw.lockfile import locked, lockfile, member

SHARED = "shared"  # what all of them lock
LOCKED, BETTER = "1.0.0", "1.0.1"
SIZE = (500, 500, 5000)  # projects, packages of each, crates that those are of
QUICK, LEAST_CRATES = (20, 20, 60), 1000  # the small sample's, and below what the index is one
ROUNDS = 5
STORED = "SELECT count(*) FROM lockfile WHERE digest IS NOT NULL"
OPEN = "SELECT count(*) FROM finding WHERE resolved_ms = 0"
ROUTE_LIMIT_MS = 500


def lines_of(crate, yanked=False):
    return [compact({"name": crate, "vers": version, "deps": [] if crate == SHARED else [dependency(SHARED, "^1.0")],
                     "cksum": checksum(f"{crate} {version}"), "features": {}, "yanked": yanked and version == LOCKED})
            for version in (LOCKED, BETTER)]


def write_projects(folder, index_url, n_projects, n_packages, crates):
    """(their entries in the configuration, the crates that they lock). Each package depends on what all have."""
    folder.mkdir()
    draw = random.Random(1)
    entries, all_locked = [], {SHARED}
    for i in range(n_projects):
        chosen = sorted(draw.sample(crates, n_packages - 1))
        all_locked.update(chosen)
        file = folder / f"{i}.lock"
        file.write_text(lockfile(member("app", *chosen), locked(index_url, SHARED, LOCKED),
                                 *(locked(index_url, name, LOCKED, SHARED) for name in chosen)))
        entries.append({"name": f"project-{i}", "lockfile": str(file)})
    return entries, all_locked


class ProjectsHook(Hook):
    """What came: (kind of event, how many projects it says that it hits, when its first byte was here)."""

    def take(self, event, came_ns):
        hit = len(event.get("findings", [])) + event.get("more_findings", 0)
        self.came.put((event["event"], hit, came_ns))


class Projects:
    """A daemon with all of them."""

    def __init__(self, daemon, registry, hook, n_projects):
        self.daemon, self.registry, self.hook, self.n_projects = daemon, registry, hook, n_projects

    def start(self, watched):
        """Until all lockfiles are stored, and until all crates were looked at, too."""
        began = time.monotonic()
        self.daemon.start()
        patiently(lambda: self.daemon.database(STORED) == self.n_projects, "all lockfiles are stored")
        stored_s = time.monotonic() - began
        self.daemon.wait_for_polls(watched)
        return {"stored_s": stored_s, "looked_s": time.monotonic() - began}

    def change(self, kind):
        """From the last byte of the reply to the answer that all is committed, and to the first byte of the webhook;
        the daemon's CPU time from the poll to the webhook."""
        self.registry.put(SHARED, lines_of(SHARED, kind == "yanked"))
        used_s = cpu_s(self.daemon.pid)
        answer = self.daemon.api("POST", "/v1/poll", {"crates": [SHARED], "wait": True})
        committed_ns = time.monotonic_ns()
        check(answer.status == 200, f"poll: {answer}")
        told, hit, came_ns = self.hook.came.get(timeout=PATIENCE)
        used_s = cpu_s(self.daemon.pid) - used_s
        check(told == kind and (kind != "yanked" or hit == self.n_projects), f"{told} of {hit} projects is told")
        sent_ns = self.registry.sent[SHARED]
        return {"commit": (committed_ns - sent_ns) / 1e6, "webhook": (came_ns - sent_ns) / 1e6, "cpu": used_s * 1e3}

    def round(self):
        """A yank and its end; who is told of that is not told of each finding."""
        yank = self.change("yanked")
        check(self.daemon.database(OPEN) == self.n_projects, "the yank did not open a finding of each project")
        unyank = self.change("unyanked")
        check(self.daemon.database(OPEN) == 0, "not every finding is over")
        return {"yanked": yank, "unyanked": unyank}

    def figures(self):
        """What it has become: memory, database, the loop's turns."""
        status = self.daemon.status()
        pid = self.daemon.pid
        return {"rss_mb": memory_kb(pid, "VmRSS") / 1024, "hwm_mb": memory_kb(pid, "VmHWM") / 1024,
                "database_mb": status["database"]["bytes"] / 1e6,
                "turn_ms": status["loop"]["longest_turn_cpu_us"] / 1e3}


def run(bench, registry, hook, size):
    n_projects, n_packages, n_crates = size
    crates = [f"crate-{i}" for i in range(n_crates)]
    for crate in [SHARED, *crates]:
        registry.put(crate, lines_of(crate))
    with bench.daemon() as daemon:
        entries, all_locked = write_projects(daemon.folder / "lockfiles", registry.index_url, n_projects, n_packages,
                                             crates)
        daemon.configure(registry.index_url, [], poll_interval="7d", projects=entries,
                         notifiers={"hook": hook.notifier()})
        projects = Projects(daemon, registry, hook, n_projects)
        start = projects.start(len(all_locked))
        before = projects.figures()
        rounds = [projects.round() for _ in range(ROUNDS)]
        after = projects.figures()
        check(hook.came.empty(), "something was told twice")
        daemon.stop()
    return {"start": start, "before": before, "rounds": rounds, "after": after}


def measure(bench, report):
    size = QUICK if bench.made["crates"] < LEAST_CRATES else SIZE
    with contextlib.closing(TinyRegistry()) as registry, contextlib.closing(ProjectsHook(bench.folder)) as hook:
        it = run(bench, registry, hook, size)
    what = f"{size[0]} projects of {size[1]} packages"
    report.row("projects", f"{what}: stored after", it["start"]["stored_s"], "s")
    report.row("projects", "all of their crates looked at after", it["start"]["looked_s"], "s")
    for kind in ("yanked", "unyanked"):
        for end, what in (("commit", "reply to COMMIT"), ("webhook", "reply to webhook"), ("cpu", "cpu of it")):
            took_ms = statistics.median(one[kind][end] for one in it["rounds"])
            limit = ROUTE_LIMIT_MS if kind == "yanked" and end != "cpu" else None
            report.row("projects", f"{kind}, all hit: {what}", took_ms, "ms", limit=limit)
    for when in ("before", "after"):
        report.row("projects", f"RSS {when} {ROUNDS} yanks", it[when]["rss_mb"], "MB")
    report.row("projects", "VmHWM", it["after"]["hwm_mb"], "MB")
    report.row("projects", "database", it["after"]["database_mb"], "MB")
    report.row("projects", "loop: longest turn in CPU, start", it["before"]["turn_ms"], "ms")
    report.row("projects", "loop: longest turn in CPU, with yanks", it["after"]["turn_ms"], "ms")
    report.raw("projects", it)
