# SPDX-License-Identifier: Apache-2.0
"""`yankwatch check` of a lockfile of 880 packages: with every crate known, and with none known yet."""

import json
import statistics
import subprocess
import time

from yb.stage import PATIENCE, check
from yw.daemon import CLIENT
from yw.lockfile import locked, lockfile, member

PACKAGES, YANKED = 880, 5  # as crates.io's own lockfile; and so many of them are bad
EDGES = 3  # of each package, to those behind it
ROUNDS = 20  # of check and status, after each first check
BUDGET = 50  # requests a second, when nothing else is configured
SAYS_NO = 1  # the exit code when something is wrong


def choose(bench, count):
    """[(crate, its line)]: the last good version of each, but for a few."""
    names = bench.index.names.read_text().split()
    bad, good = [], []
    for name in names[::max(1, len(names) // (2 * count))]:
        lines = [json.loads(line) for line in bench.file(name).read_text().splitlines()]
        yanked = next((line for line in lines if line["yanked"]), None)
        usable = next((line for line in reversed(lines) if not line["yanked"]), None)
        if yanked and len(bad) < YANKED:
            bad.append((name, yanked))
        elif usable and len(good) < count - YANKED:
            good.append((name, usable))
    check(bad and len(good) == count - YANKED, "the index has not what the lockfile needs")
    return bad + good


def write_lockfile(bench, chosen):
    source = bench.nginx.index_url
    names = sorted(name for name, _ in chosen)
    behind = {name: names[i + 1:i + 1 + EDGES] for i, name in enumerate(names)}
    packages = [locked(source, name, line["vers"], *behind[name], cksum=line["cksum"]) for name, line in chosen]
    file = bench.folder / "Cargo.lock"
    file.write_text(lockfile(member("app", *names[:EDGES], names[len(names) // 2]), *packages))
    return file


def run(daemon, *arguments, code=0):
    """(seconds of the whole process, its output)"""
    began = time.monotonic()
    done = subprocess.run([CLIENT, "--socket", daemon.socket, *arguments], capture_output=True, timeout=PATIENCE,
                          check=False)
    took_s = time.monotonic() - began
    check(done.returncode == code, f"{arguments[0]} ended with {done.returncode}: {done.stderr.decode()}")
    return took_s, done.stdout


def check_once(daemon, file, chosen):
    took_s, said = run(daemon, "check", "--timeout", "10m", "--format", "json", str(file), code=SAYS_NO)
    document = json.loads(said)
    yanked = {name for name, line in chosen if line["yanked"]}
    check(document["known"] == len(chosen) and {it["crate"] for it in document["findings"]} == yanked,
          f"not {len(chosen)} packages with {len(yanked)} findings: {said[:200]}")
    return took_s


def first_check(bench, file, chosen, registry):
    """By a daemon that knows nothing: (seconds, pairs of check and status with all known unless `registry` is given)"""
    with bench.daemon() as daemon:
        daemon.configure(bench.nginx.index_url, [], ca_file=bench.nginx.ca_file, poll_interval="7d", registry=registry)
        daemon.start()
        took_s = check_once(daemon, file, chosen)
        pairs = []
        for i in range(0 if registry else ROUNDS):
            halves = [lambda: ("check", check_once(daemon, file, chosen)),
                      lambda: ("status", run(daemon, "status")[0])]
            pairs.append(dict(half() for half in (halves if i % 2 else reversed(halves))))
        daemon.stop()
    return took_s, pairs


def p99(values):
    return sorted(values)[min(len(values) - 1, int(0.99 * len(values)))]


def measure(bench, report):
    chosen = choose(bench, min(PACKAGES, bench.made["crates"] // 4))
    file = write_lockfile(bench, chosen)
    names = bench.folder / "locked-names"
    names.write_text("".join(f"{name}\n" for name, _ in chosen))
    bench.floor("sync", names)  # the files are in the page cache for both
    firsts = []
    for _ in range(bench.pairs("check")):
        first_s, pairs = first_check(bench, file, chosen, None)
        firsts.append({"daemon": first_s, "floor": bench.floor("sync", names)["wall_s"], "known": pairs})
    known = [pair for first in firsts for pair in first["known"]]
    polite_s, _ = first_check(bench, file, chosen, {"requests_per_second": BUDGET})
    what = f"{len(chosen)} packages"
    report.row("check", f"{what}, all known: median", 1e3 * statistics.median(it["check"] for it in known), "ms",
               1e3 * statistics.median(it["status"] for it in known), [it["check"] / it["status"] for it in known])
    report.row("check", f"{what}, all known: p99", 1e3 * p99([it["check"] for it in known]), "ms",
               1e3 * p99([it["status"] for it in known]),
               [p99([it["check"] for it in known]) / p99([it["status"] for it in known])])
    report.row("check", f"{what}, none known", statistics.median(it["daemon"] for it in firsts), "s",
               statistics.median(it["floor"] for it in firsts), [it["daemon"] / it["floor"] for it in firsts])
    report.row("check", f"{what}, none known, {BUDGET} requests a second", polite_s, "s", len(chosen) / BUDGET,
               [polite_s * BUDGET / len(chosen)])
    report.raw("check", {"first": firsts, "polite_s": polite_s})
