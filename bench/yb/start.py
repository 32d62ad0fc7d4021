# SPDX-License-Identifier: Apache-2.0
"""A start with every watch and version already in the database: from exec to the first requests."""

import contextlib
import sqlite3
import statistics
import time

from yb import process
from yb.stage import check, patiently
from yb.tiny import TinyRegistry


def move_registry(daemon, index_url):
    """The database is of another address: it is told so, as else everything would be forgotten."""
    with contextlib.closing(sqlite3.connect(daemon.state / "yankwatch.sqlite")) as database:
        with database:
            database.execute("UPDATE registry SET index_url = ?", (index_url.removeprefix("sparse+"),))
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def start_once(bench):
    with contextlib.closing(TinyRegistry()) as registry, bench.daemon(bench.synced().state) as daemon:
        move_registry(daemon, registry.index_url)
        daemon.configure(registry.index_url, [], poll_interval="7d", watch=bench.watch())
        began_ns = time.monotonic_ns()
        daemon.start()
        patiently(lambda: "crate" in registry.came, "a crate is asked for")
        took = {"cpu_s": process.cpu_s(daemon.pid),
                "rss_mb": process.memory_kb(daemon.pid, "VmRSS") / 1024,
                "hwm_mb": process.memory_kb(daemon.pid, "VmHWM") / 1024,
                "config_s": (registry.came["config.json"] - began_ns) / 1e9,
                "crate_s": (registry.came["crate"] - began_ns) / 1e9}
        patiently(lambda: daemon.registry()["watches"] == bench.made["crates"], "every crate is watched")
        check(daemon.versions() == (bench.made["versions"], bench.made["yanked"]), "versions were forgotten")
        daemon.stop()
        return took


def measure(bench, report):
    starts = [start_once(bench) for _ in range(bench.pairs("start"))]
    report.row("start", "exec to the request of config.json", statistics.median(it["config_s"] for it in starts), "s")
    report.row("start", "exec to the first request of a crate", statistics.median(it["crate_s"] for it in starts), "s")
    report.row("start", "cpu by then", statistics.median(it["cpu_s"] for it in starts), "s")
    report.row("start", "RSS then", max(it["rss_mb"] for it in starts), "MB")
    report.row("start", "VmHWM then", max(it["hwm_mb"] for it in starts), "MB")
    report.raw("start", starts)
