# SPDX-License-Identifier: Apache-2.0
"""How long the loop is held up: by a first sync, and while the whole history of many events is read."""

import concurrent.futures
import subprocess
import threading

from yb.stage import PATIENCE, Bench, check
from yw.daemon import CLIENT

CRATES = 20000  # whose versions are all yanked


def yank_everything(bench):
    """In the files that nginx serves. How many yanks that makes."""
    yanks = 0
    for name in bench.index.names.read_text().split():
        file = bench.file(name)
        before = file.read_bytes()
        yanks += before.count(b'"yanked":false')
        file.write_bytes(before.replace(b'"yanked":false', b'"yanked":true'))
    check(yanks == bench.made["versions"] - bench.made["yanked"], "not every line could be changed")
    return yanks


def read_history(daemon, events):
    """All of it, by the client, with one sweep after the other under way."""
    ended = threading.Event()

    def sweep_on():
        while not ended.is_set():
            daemon.sweep()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        sweeps = pool.submit(sweep_on)
        try:
            done = subprocess.run([CLIENT, "--socket", daemon.socket, "--json", "history", "--after", "0"],
                                  stdout=subprocess.PIPE, check=True, timeout=PATIENCE)
        finally:
            ended.set()
        sweeps.result()
    check(done.stdout.count(b"\n") == events, f"the history has not {events} events")


def put_rows(report, what, loop):
    for key, value in sorted(loop.items()):
        report.row("loop", f"{what}: {key}", value)


def measure(bench, report):
    put_rows(report, "first sync", bench.synced().loop)
    small = Bench(min(CRATES, bench.made["crates"]), seed=2)
    try:
        with small.daemon() as daemon:
            daemon.sync(small.made)
            yanks = yank_everything(small)
            daemon.sweep()
            check(daemon.status()["database"]["events"] == yanks, f"not {yanks} events were recorded")
            put_rows(report, f"{yanks} yanks", daemon.status()["loop"])
            daemon.stop()
            daemon.start()  # its longest turn begins anew
            daemon.wait_for_polls(small.made["crates"])
            before = daemon.status()["loop"]
            read_history(daemon, yanks)
            after = daemon.status()["loop"]
            daemon.stop()
    finally:
        small.close()
    put_rows(report, "start, before the query", before)
    put_rows(report, f"query of {yanks} events, sweeps", after)
    report.raw("loop", {"sync": bench.synced().loop, "before": before, "after": after, "events": yanks})
