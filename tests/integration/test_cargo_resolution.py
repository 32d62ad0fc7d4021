# SPDX-License-Identifier: Apache-2.0
"""What yankwatch says that cargo would pick is what `cargo update -p NAME@VERSION` picks, in random registries and workspaces
(yw/resolution.py). See docs/decisions/013-impact.md for what is modelled.

YANKWATCH_LONG=1   400 of them; otherwise 20
YANKWATCH_SEED=N   draws others
"""

import concurrent.futures
import json
import os
import random
import subprocess

import pytest

from yw.cargo import Cargo, find_cargo
from yw.daemon import BUILD
from yw.resolution import Case, Need, dependents, metadata_of, publish
from yw.wait import wait_for

CASES = 400 if os.environ.get("YANKWATCH_LONG") else 20
SEED = int(os.environ.get("YANKWATCH_SEED", random.SystemRandom().randrange(10**9)))
WORKERS = 4
NOTHING_FITS = ["failed to select a version", "no matching package named"]  # the latter: its index file is empty
PROGRAM = BUILD / "bin" / "yankwatch-test-impact"


@pytest.fixture(autouse=True)
def only_with_cargo():
    try:
        find_cargo()
    except FileNotFoundError as error:
        pytest.skip(str(error))


def ask(lockfile, crate, version, description):
    done = subprocess.run([PROGRAM, lockfile, crate, version], input=description, capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    answer["picks"] = {demand["requirement"]: demand.get("pick") for demand in answer["demands"]}
    return answer


def update(case, bad):
    """What cargo makes of it: who depends on which version now; None: nothing fits."""
    done = case.cargo.run(case.workspace, "update", "-p", f"{case.crate}@{bad}")
    if done.returncode == 0:
        return dependents(case.workspace, case.crate)
    assert any(reason in done.stderr for reason in NOTHING_FITS), done.stderr
    return None


def expected(before, edges, picks, bad):
    """Who would depend on which version, by these picks."""
    after = {package: versions - {bad} for package, versions in before.items()}
    for package, _, requirement in edges:
        after[package] = after[package] | {picks.get(requirement)}
    return after


def compare(case, answer, edges, bad):
    """The difference between what is said and what cargo does, for people; None: there is none."""
    before = dependents(case.workspace, case.crate)
    after = update(case, bad)
    would = expected(before, edges, answer["picks"], bad) if answer.get("would_pick") else None
    if after is not None:
        # What only the bad version itself led to is gone with it.
        would = {package: versions for package, versions in (would or {}).items() if package in after}
    if after == would:
        return None
    return f"{case.workspace.name}: {bad} of {case.versions}, edges {edges}: said {answer}, cargo {after}"


def draw_case(number, seed, registry, cargo, folder):
    """One that can be resolved, with its metadata."""
    for attempt in range(100):
        case = Case(f"{number}-{attempt}", f"{seed} {number} {attempt}", registry, cargo, folder)
        metadata = metadata_of(case) if case.make() else None
        if metadata:
            return case, metadata
    raise AssertionError("nothing that is drawn can be resolved")


def with_assumed(case, metadata, bad):
    """The same workspace, where the members demand just what is assumed of them."""
    other = case.copy("-assumed")
    edges = metadata.edges_to(case.crate, bad)
    assumed = {(name, alias) for (name, _), alias, _ in edges if name in case.members}
    other.members = {name: [need._replace(requirement=f"^{bad}") if (name, need.alias) in assumed else need for need in needs]
                     for name, needs in case.members.items()}
    for name in other.members:
        other.write_member(name)
    return other, [(package, alias, f"^{bad}" if package[0] in case.members else requirement)
                   for package, alias, requirement in edges]


def question_cargo(number, registry, cargo, folder):
    """(differences, what the case was like)"""
    case, metadata = draw_case(number, SEED, registry, cargo, folder)
    file = case.workspace / "metadata.json"
    file.write_text(metadata.text)
    bad = case.go_bad()
    edges = metadata.edges_to(case.crate, bad)
    assumed, assumed_edges = with_assumed(case, metadata, bad)
    said = ask(file, case.crate, bad, case.description())
    said_assumed = ask(assumed.workspace / "Cargo.lock", case.crate, bad, case.description())
    assert said["locked"] and not said["assumed"]
    held = set(case.locked()) - {bad}
    likeness = {"nothing fits": not said.get("would_pick"), "split": said["splits"] and bool(said.get("would_pick")),
                "assumed": said_assumed["assumed"], "held": bool(held & set(said["picks"].values())),
                "several demands": len(said["picks"]) > 1}
    differences = [compare(case, said, edges, bad), compare(assumed, said_assumed, assumed_edges, bad)]
    return [difference for difference in differences if difference], likeness


def test_cargo_picks_what_is_said(registry, folder, tell):
    homes = [Cargo(folder / f"cargo{i}", registry) for i in range(WORKERS)]  # cargo locks its home
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        results = list(pool.map(lambda number: question_cargo(number, registry, homes[number % WORKERS], folder), range(CASES)))
    differences = [difference for found, _ in results for difference in found]
    figures = {word: sum(likeness[word] for _, likeness in results) for word in results[0][1]}
    tell(f"seed {SEED}, {2 * CASES} questions, {len(differences)} differences; {figures}")
    assert not differences, "\n".join(differences)
    assert CASES < 400 or all(figures.values()), "what is drawn does not reach every case"


MANUAL = [  # the manual of cargo-yank: bar has 1.5.0, 1.5.1, 1.5.2, 2.0.0, 3.0.0; (yanked, requirement, locked, taken)
    ("1.5.0", "1.5.0", "1.5.0", "1.5.2"), ("1.5.0", "=1.5.0", "1.5.0", None),
    ("1.5.1", "1.5.0", "1.5.1", "1.5.2"), ("1.5.2", "1.5.0", "1.5.2", "1.5.1"),
    ("2.0.0", "2.0.0", "2.0.0", None), ("3.0.0", ">=1.5.0", "3.0.0", "2.0.0"),
]


@pytest.mark.parametrize("yanked, requirement, locked, taken", MANUAL)
def test_the_manual_of_cargo_yank_holds(registry, cargo, daemon, folder, yanked, requirement, locked, taken):
    """Asked of the model, of `yankwatch impact` before the yank, of the yank's event, and of cargo after it."""
    case = Case(0, 0, registry, cargo, folder)
    case.crate, case.members, case.versions = "bar", {"foo": [Need("bar", "bar", requirement)]}, {}
    case.write_member("foo")
    for version in ["1.5.0", "1.5.1", "1.5.2", "2.0.0", "3.0.0"]:
        publish(registry, "bar", version)
        case.versions[version] = version != yanked
    workspace = case.workspace
    (workspace / "Cargo.toml").write_text('[workspace]\nmembers = ["foo"]\nresolver = "2"\n')
    assert case.cargo.run(workspace, "generate-lockfile").returncode == 0
    assert case.cargo.run(workspace, "update", "-p", "bar", "--precise", locked).returncode == 0
    metadata = metadata_of(case)
    file = workspace / "metadata.json"
    file.write_text(metadata.text)
    impact = impact_of(daemon, registry, file, yanked)
    assert (impact["would_pick"], impact["requirements"]) == (taken, [metadata.edges_to("bar", locked)[0][2]])
    registry.index.yank("bar", yanked)
    daemon.poll("bar")
    event = daemon.events()[-1]
    assert (event["event"], event["findings"][0].get("would_pick")) == ("yanked", taken)
    assert event["severity"] == ("high" if taken else "critical")
    assert ask(file, "bar", yanked, case.description()).get("would_pick") == taken
    done = update(case, yanked)
    assert done == (taken and {("foo", "0.1.0"): {taken}})


def impact_of(daemon, registry, lockfile, version):
    """What `yankwatch impact` says of the one project."""
    daemon.configure(registry.index_url, [])
    daemon.start()
    assert daemon.client("project", "put", "foo", str(lockfile)).returncode == 0
    wait_for(lambda: daemon.watches() == {"bar": "present"}, "the crate is looked at")
    done = daemon.client("--json", "impact", f"bar@{version}")
    assert done.returncode == 0, done
    [finding] = json.loads(done.stdout)["findings"]
    return {"would_pick": finding.get("would_pick"), "requirements": finding["requirements"]}
