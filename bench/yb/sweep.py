# SPDX-License-Identifier: Apache-2.0
"""Everything is unchanged: what one sweep takes, against libcurl alone; and that memory does not grow."""

import statistics
import time

from yb import process
from yb.stage import RSS_LIMIT_MB, check


def sweep_once(daemon, crates):
    """One sweep of nothing but 304s."""
    before = daemon.registry()
    cpu_s, wall_s = process.cpu_s(daemon.pid), time.monotonic()
    daemon.sweep()
    took = {"cpu_s": process.cpu_s(daemon.pid) - cpu_s, "wall_s": time.monotonic() - wall_s}
    after = daemon.registry()
    check(after["not_modified"] - before["not_modified"] == crates == after["polls"] - before["polls"],
          f"a sweep was not {crates} times 304: {before} {after}")
    return took


def measure(bench, report):
    crates = bench.made["crates"]
    pairs = []
    with bench.daemon(bench.synced().state) as daemon:
        daemon.start()
        daemon.wait_for_polls(crates)  # of the start
        rss_mb = [process.memory_kb(daemon.pid, "VmRSS") / 1024]
        for i in range(bench.pairs("sweep")):
            halves = [lambda: ("daemon", sweep_once(daemon, crates)), lambda: ("floor", bench.floor("sweep"))]
            pairs.append(dict(half() for half in (halves if i % 2 else reversed(halves))))
            rss_mb.append(process.memory_kb(daemon.pid, "VmRSS") / 1024)
        daemon.stop()
    for unit in ("cpu_s", "wall_s"):
        report.row("sweep", f"{unit.removesuffix('_s')} of one sweep, all 304", *[
            statistics.median(pair["daemon"][unit] for pair in pairs), "s",
            statistics.median(pair["floor"][unit] for pair in pairs),
            [pair["daemon"][unit] / pair["floor"][unit] for pair in pairs]])
    report.row("sweep", "RSS after the start's sweep", rss_mb[0], "MB", limit=RSS_LIMIT_MB)
    report.row("sweep", f"RSS after {len(pairs)} more", rss_mb[-1], "MB", limit=RSS_LIMIT_MB)
    report.raw("sweep", {"pairs": pairs, "rss_mb": rss_mb})
