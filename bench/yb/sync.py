# SPDX-License-Identifier: Apache-2.0
"""The first sync, from an empty database until every version is durable, against libcurl receiving the same files."""

import statistics

from yb.stage import RSS_LIMIT_MB


def measure(bench, report):
    bench.floor("sync")  # the files are in the page cache for both from here on
    pairs = []
    for i in range(bench.pairs("sync")):
        halves = [lambda: ("daemon", bench.sync_once()), lambda: ("floor", bench.floor("sync"))]
        pairs.append(dict(half() for half in (halves if i % 2 else reversed(halves))))
    for unit in ("wall_s", "cpu_s"):
        report.row("sync", f"{unit.removesuffix('_s')} of the first sync", *[
            statistics.median(pair["daemon"][unit] for pair in pairs), "s",
            statistics.median(pair["floor"][unit] for pair in pairs),
            [pair["daemon"][unit] / pair["floor"][unit] for pair in pairs]])
    report.row("sync", "RSS at its end", max(pair["daemon"]["rss_mb"] for pair in pairs), "MB", limit=RSS_LIMIT_MB)
    report.row("sync", "VmHWM at its end", max(pair["daemon"]["hwm_mb"] for pair in pairs), "MB")
    report.raw("sync", pairs)
