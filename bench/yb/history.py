# SPDX-License-Identifier: Apache-2.0
"""A history of millions of events: questions on the socket, its export, its verification; and what the daemon is like
meanwhile, while a registry changes once a second."""

import contextlib
import json
import shutil
import subprocess
import threading
import time

from yb import process
from yb.questions import Asker, questions
from yb.stage import PATIENCE, PROGRAMS, check, patiently
from yb.tiny import TinyRegistry
from yw.index import checksum, compact

LIMIT_MS = {"a crate's": 5, "of one hour": 5, "of one day, newest first": 5, "a crate's of 30 days": 5}
CPU_LIMIT_MS = 10
WRITERS = 100  # crates of the registry that changes
SAMPLE_S = 0.25
LEAST_CRATES = 1000  # of the index, for the sizes that count
QUICK = {"events": 20000, "crates": 300}
SIZE = {"events": 10000000, "crates": 160000}


def lines_of(crate, yanked):
    return [compact({"name": crate, "vers": "1.0.0", "deps": [], "cksum": checksum(crate), "features": {},
                     "yanked": yanked})]


# ---- the history

def make(bench, size):
    """Its state folder; made now, or kept from a run before."""
    home = bench.home / f"history-{size['events']}-{size['crates']}"
    made = home / "made.json"
    if not made.exists():
        shutil.rmtree(home, ignore_errors=True)  # one that was not finished
        home.mkdir(parents=True)
        said = subprocess.run([PROGRAMS / "yankwatch-make-history", "--events", str(size["events"]), "--crates",
                               str(size["crates"]), home / "state"], stdout=subprocess.PIPE, check=True)
        made.write_bytes(said.stdout)
    return home / "state", json.loads(made.read_text())


def configure(bench, daemon, registry, writers):
    """crates.io's stand-in is the bench's index, watched as a whole; the other one changes."""
    daemon.write({
        "state_dir": str(daemon.state), "socket": {"path": str(daemon.socket)}, "log": {"target": "stderr"},
        "registries": {
            "crates-io": {"index": bench.nginx.index_url, "ca_file": str(bench.nginx.ca_file), "poll_interval": "7d",
                          "requests_per_second": 100000},
            "internal": {"index": registry.index_url, "poll_interval": "1s", "requests_per_second": 100000,
                         "confirm": {"unyanked": "0s", "deleted": "0s"}}},
        "watch": [{"registry": "crates-io", "crates_file": str(bench.index.names)},
                  {"registry": "internal", "crates": writers}]})


def warm(database):
    """Into the page cache, as far as memory goes: what is measured is no disk."""
    with open(database, "rb", buffering=0) as file:
        while file.read(1 << 24):
            pass


def settled(daemon):
    """Every crate was looked at, and nothing more is under way of the one that does not change."""
    status = daemon.status()
    (row,) = [row for row in status["registries"] if row["registry"] == "crates-io"]
    return row["in_flight"] == 0 and row["watches"] and status["tracker"]["queue"] == 0 and daemon.database(
        "SELECT NOT EXISTS (SELECT 1 FROM crate WHERE state = 0 AND listed <> 0 AND name <> '')")


def registry_row(status):
    return next(row for row in status["registries"] if row["registry"] == "internal")


# ---- while it goes on

class Load:
    """Yanks and un-yanks crates all the time, and looks at the daemon: how late polls are, how long the write-ahead
    log is."""

    def __init__(self, daemon, registry, crates):
        self.daemon, self.registry, self.crates = daemon, registry, crates
        self.late_ms, self.wal_bytes, self.samples = 0, 0, []
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=part) for part in (self._change, self._look)]

    def __enter__(self):
        self.events = self.daemon.status()["database"]["events"]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        for thread in self._threads:
            thread.join()
        self.events = self.daemon.status()["database"]["events"] - self.events

    def _change(self):
        yanked = False
        while not self._ended.wait(1):
            yanked = not yanked
            for crate in self.crates:
                self.registry.put(crate, lines_of(crate, yanked))

    def _look(self):
        began = time.monotonic()
        while not self._ended.wait(SAMPLE_S):
            status = self.daemon.status()
            late_ms, wal_bytes = registry_row(status)["late_ms"], status["database"]["wal_bytes"]
            self.samples.append((time.monotonic() - began, wal_bytes, late_ms))
            self.late_ms, self.wal_bytes = max(self.late_ms, late_ms), max(self.wal_bytes, wal_bytes)

    def figures(self):
        return {"late_ms": self.late_ms, "wal_mb": self.wal_bytes / 1e6, "events": self.events,
                "turn_ms": self.daemon.status()["loop"]["longest_turn_cpu_us"] / 1e3, "samples": self.samples}


def stream(*arguments):
    done = subprocess.run([PROGRAMS / "yankwatch-stream", *map(str, arguments)], capture_output=True, text=True,
                          timeout=PATIENCE, check=False)
    check(done.returncode == 0, done.stderr.strip())
    return json.loads(done.stdout)


def export(daemon, events):
    used_s = process.cpu_s(daemon.pid)
    figures = stream("read", daemon.socket, "/v1/events")
    check(figures["lines"] > events, f"the export has {figures['lines']} lines")
    return figures | {"daemon_cpu_s": process.cpu_s(daemon.pid) - used_s}


def verify(daemon):
    """Until it is done; None: this daemon does not."""
    asker, point, events, began = Asker(daemon.socket), {}, 0, time.monotonic()
    with contextlib.closing(asker):
        while True:
            status, document = asker.post("/v1/verify", point)
            if status == 404:
                return None
            check(status == 200 and "fault" not in document, f"verify: {document}")
            events += document["events"]
            if document["done"]:
                return {"events": events, "wall_s": time.monotonic() - began}
            point = {"after": document["seq"], "hash": document["hash"]}


# ---- the case

def ask(daemon, made, rounds, report):
    """Every kind of question, so many times; p50 and p99 in milliseconds."""
    figures = {}
    with contextlib.closing(Asker(daemon.socket)) as asker:
        for what, paths in questions(daemon.state / "yankwatch.sqlite", made, rounds):
            asker.get(paths[0])
            used_s = process.cpu_s(daemon.pid)
            took = sorted(asker.get(path) for path in paths)
            it = figures[what] = {"p50": took[len(took) // 2], "p99": took[int(len(took) * 0.99)], "max": took[-1],
                                  "cpu": 1e3 * (process.cpu_s(daemon.pid) - used_s) / len(took)}
            report.row("history", f"{what}: p99", it["p99"], "ms", limit=LIMIT_MS.get(what))
            report.row("history", f"{'':{len(what)}}  median", it["p50"], "ms")
            report.row("history", f"{'':{len(what)}}  CPU of the daemon", it["cpu"], "ms")
    return figures


def under_load(daemon, registry, writers, what, work, report):
    with Load(daemon, registry, writers) as load:
        done = work()
    it = load.figures()
    report.row("history", f"{what}: loop's longest turn in CPU", it["turn_ms"], "ms", limit=CPU_LIMIT_MS)
    report.row("history", f"{what}: a poll was late by", it["late_ms"], "ms")
    report.row("history", f"{what}: write-ahead log at most", it["wal_mb"], "MB")
    report.row("history", f"{what}: events added meanwhile", it["events"])
    return {"done": done} | it


def measure(bench, report):
    quick = bench.made["crates"] < LEAST_CRATES
    size = {key: bench.history.get(key) or (QUICK if quick else SIZE)[key] for key in SIZE}
    state, made = make(bench, size)
    database = state / "yankwatch.sqlite"
    report.row("history", f"{made['events']} events: database", database.stat().st_size / 1e6, "MB")
    writers = [f"writer-{i}" for i in range(WRITERS)]
    raw = {"made": made}
    with contextlib.closing(TinyRegistry()) as registry, bench.daemon() as daemon:
        for crate in writers:
            registry.put(crate, lines_of(crate, False))
        daemon.state.rmdir()
        daemon.state = state
        configure(bench, daemon, registry, writers)
        daemon.start()
        patiently(lambda: settled(daemon), "every crate was looked at")
        daemon.stop()
        daemon.start()  # the longest turn begins anew
        patiently(lambda: settled(daemon), "nothing is under way")
        warm(database)
        raw["questions"] = ask(daemon, made, 50 if quick else 1000, report)
        report.row("history", "loop's longest turn in CPU so far", daemon.status()["loop"]["longest_turn_cpu_us"] / 1e3, "ms")
        raw["export"] = under_load(daemon, registry, writers, "export", lambda: export(daemon, made["events"]), report)
        raw["verify"] = under_load(daemon, registry, writers, "verify", lambda: verify(daemon), report)
        report.row("history", "RSS", process.memory_kb(daemon.pid, "VmRSS") / 1024, "MB")
        daemon.stop()
    raw["step"], raw["copy"] = stream("step", database), stream("copy", raw["export"]["done"]["bytes"])
    put_streams(raw, report)
    report.raw("history", raw)


def put_streams(raw, report):
    done = raw["export"]["done"]
    rate = done["lines"] / done["wall_s"]
    step, copy = (done["lines"] / raw[floor]["wall_s"] for floor in ("step", "copy"))
    report.row("history", "export: events a second", rate, "", step, [rate / step])
    report.row("history", "  beside the bytes through a socket", rate, "", copy, [rate / copy])
    report.row("history", "export: MB a second", done["bytes"] / done["wall_s"] / 1e6)
    verified = raw["verify"]["done"]
    if verified:
        report.row("history", "verify: events a second", verified["events"] / verified["wall_s"])
