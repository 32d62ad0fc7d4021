# SPDX-License-Identifier: Apache-2.0
"""The benchmarks run, and fail when what they measure is not what they mean: a small sample, whose speed says nothing."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess

import pytest

from yw.daemon import BUILD, CHECKOUT
from yw.wait import SLOWER, wait_for

RUN = CHECKOUT / "bench" / "run"
MAKE_HISTORY = BUILD / "bench" / "yankwatch-make-history"
MAKE_INDEX = BUILD / "bench" / "yankwatch-make-index"
TIMEOUT_S = 240 * SLOWER
CASES = {"sync", "sweep", "observe", "start", "latency", "burst", "check", "projects", "loop",
         "history"}


@pytest.fixture
def bench(folder):
    """Starts bench/run; what it leaves in its temporary folder is seen."""
    temporary = folder / "tmp"
    temporary.mkdir()
    temporary.chmod(0o755)
    # The daemon is measured as it is: under valgrind the rest of the tests runs it.
    env = {name: value for name, value in os.environ.items() if name != "YANKWATCH_WRAP"}

    def start(*args):
        return subprocess.Popen([RUN, "--quick", "--json", folder / "results.json", *args], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, env=env | {"TMPDIR": str(temporary)})
    yield start
    assert not list(temporary.iterdir()), "something was left"


def make_index(folder, *args):
    done = subprocess.run([MAKE_INDEX, "--crates", "300", "--json", "--names", folder / "names", *args,
                           folder / "index"], capture_output=True, check=True)
    files = {file.relative_to(folder): (file.read_bytes(), file.stat().st_mtime)
             for file in folder.rglob("*") if file.is_file()}
    return json.loads(done.stdout), files


def test_an_index_follows_from_its_seed(folder):
    indexes = []
    for name, seed in (("a", "7"), ("b", "7"), ("c", "8")):
        (folder / name).mkdir()
        indexes.append(make_index(folder / name, "--seed", seed))
    assert indexes[0] == indexes[1]
    made, files = indexes[0]
    assert not files.keys() == indexes[2][1].keys(), "another seed, other crates"
    assert made["crates"] == 300 == len(set((folder / "a" / "names").read_text().split()))
    assert made["bytes"] == sum(len(body) for path, (body, _) in files.items()
                                if path.parts[0] == "index" and path.name != "config.json")


def test_an_index_is_not_written_over(folder):
    make_index(folder)
    again = subprocess.run([MAKE_INDEX, "--names", folder / "names", folder / "index"], capture_output=True, text=True,
                           check=False)
    assert again.returncode == 1 and "File exists" in again.stderr


def make_history(folder, seed):
    """What it said, and the events that there are."""
    done = subprocess.run([MAKE_HISTORY, "--events", "3000", "--crates", "200", "--seed", seed, folder],
                          capture_output=True, check=True)
    with contextlib.closing(sqlite3.connect(folder / "yankwatch.sqlite")) as database:
        return json.loads(done.stdout), database.execute("SELECT body, hash FROM event ORDER BY seq").fetchall()


def test_a_history_follows_from_its_seed_and_is_not_written_over(folder):
    made = [make_history(folder / name, seed) for name, seed in (("a", "7"), ("b", "7"), ("c", "8"))]
    assert made[0] == made[1] and made[0][1] != made[2][1]
    said, events = made[0]
    assert len(events) == 3000 == sum(said["kinds"].values()) and said["kinds"]["yanked"] > 50 and said["late"] > 0
    again = subprocess.run([MAKE_HISTORY, folder / "a"], capture_output=True, text=True, check=False)
    assert again.returncode == 1 and "File exists" in again.stderr


def test_every_case_measures(folder, bench):
    done = bench()
    output, errors = done.communicate(timeout=TIMEOUT_S)
    assert done.returncode == 0, output + errors
    results = json.loads((folder / "results.json").read_text())
    assert {row["case"] for row in results["rows"]} == CASES == results["raw"].keys()
    assert all(row["value"] > 0 for row in results["rows"] if row["case"] not in ("loop", "history")), output
    assert all(row["ratio"] > 0 for row in results["rows"] if row["floor"])


def test_a_run_fails_when_the_answers_are_others(folder, bench):
    bench("observe", "--dir", folder / "kept").communicate(timeout=TIMEOUT_S)
    (index,) = (folder / "kept").iterdir()
    names = (index / "names").read_text().split()
    damaged = next(file for file in index.rglob(names[0]) if file.is_file())
    damaged.write_bytes(damaged.read_bytes().replace(b'"cksum":"', b'"cksum":"x'))
    done = bench("sync", "--dir", folder / "kept")
    output, errors = done.communicate(timeout=TIMEOUT_S)
    assert done.returncode == 1 and "bytes" in errors, output + errors


def test_a_run_that_is_interrupted_leaves_nothing(folder, bench):
    done = bench("sweep", "--pairs", "1000000")
    for line in done.stdout:
        if line.startswith("case"):
            break
    wait_for(lambda: list((folder / "tmp").glob("*/daemon*/socket")), "a daemon runs")
    done.send_signal(signal.SIGINT)
    output, errors = done.communicate(timeout=TIMEOUT_S)
    assert done.returncode == 130, output + errors


def test_what_there_is_not_is_told(bench):
    done = bench("swep")
    _, errors = done.communicate(timeout=TIMEOUT_S)
    assert done.returncode == 2 and "there are: sync, sweep" in errors
