# SPDX-License-Identifier: Apache-2.0
"""yankwatch check: lockfiles that real cargo made, against a real daemon and a registry."""

import json
import re
import threading

import pytest

from yw import lockfile, sarif
from yw.index import dependency, path_of
from yw.server import HANG
from yw.wait import wait_for


@pytest.fixture
def watching(registry, daemon):
    """A daemon that watches nothing; http-client needs demo, of which 1.2.3 is the newest."""
    for version in ("1.0.0", "1.2.3", "2.0.0"):
        registry.index.put("demo", version)
    registry.index.put("http-client", "0.3.1", deps=[dependency("demo", "^1.2")])
    daemon.configure(registry.index_url, [])
    daemon.start()
    yield daemon
    daemon.stop()


@pytest.fixture
def app(cargo, watching):
    return cargo.project("app", {"http-client": "0.3"})


def check(daemon, folder, *arguments):
    return daemon.client("check", str(folder / "Cargo.lock"), *arguments)


def found(daemon, folder, code=1):
    done = check(daemon, folder, "--format", "json")
    assert (done.returncode, done.stderr) == (code, ""), done
    return json.loads(done.stdout)


def yank(daemon, registry, version="1.2.3"):
    registry.index.yank("demo", version)
    if "demo" in daemon.watches():
        daemon.poll("demo")


def test_a_good_lockfile_is_looked_at_and_watched_for_a_day(watching, app):
    done = check(watching, app)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "2 packages looked at: nothing is wrong with them\n"
    assert watching.watches() == {"demo": "present", "http-client": "present"}
    assert watching.events() == [] and watching.get("/v1/projects") == {"projects": []}, "nothing is kept"


@pytest.mark.parametrize("before", [True, False], ids=["watched before", "not watched before"])
def test_a_yanked_version_is_told_with_what_to_do(watching, app, registry, cargo, before):
    registry.index.put("demo", "1.2.4")
    if before:
        found(watching, app, 0)
    yank(watching, registry)
    done = check(watching, app)
    assert (done.returncode, done.stderr) == (1, "")
    assert re.sub("since .*", "since then", done.stdout).splitlines() == [
        "high demo 1.2.3 is yanked in internal" + (" since then" if "since" in done.stdout else ""),
        "    path      app > http-client > demo",
        "    requires  ^1.2",
        "    then      cargo would pick 1.2.4",
        "    run       cargo update -p demo --precise 1.2.4",
        "",
        "2 packages looked at: 1 high"]
    command = re.search("run +cargo (.*)", done.stdout)[1]
    cargo.run_in(app, *command.split())
    assert found(watching, app, 0)["findings"] == []


def test_no_compatible_version_is_left(watching, app, registry):
    yank(watching, registry)
    [finding] = found(watching, app)["findings"]
    assert (finding["severity"], finding["state"], finding["locked"]) == ("critical", "yanked", True)
    assert "would_pick" not in finding and "command" not in finding
    assert "no usable version is left that every requirement allows" in check(watching, app).stdout


def test_a_deleted_and_a_missing_version(watching, app, registry):
    registry.index.delete_version("demo", "1.2.3")
    [finding] = found(watching, app)["findings"]
    assert finding["state"] == "missing"
    registry.index.put("demo", "1.2.3")
    watching.poll("demo")
    assert found(watching, app, 0)["findings"] == []
    registry.index.delete_version("demo", "1.2.3")
    watching.poll("demo")
    [finding] = found(watching, app)["findings"]
    assert finding["state"] == "deleted"


def test_a_crate_that_is_not_there_at_all(watching, app, registry):
    registry.index.delete_crate("demo")
    [finding] = found(watching, app)["findings"]
    assert (finding["crate"], finding["state"]) == ("demo", "missing")


def test_another_checksum(watching, app):
    file = app / "Cargo.lock"
    name, checksum = re.search('name = "(demo)".*?checksum = "(.*?)"', file.read_text(), re.DOTALL).groups()
    file.write_text(file.read_text().replace(checksum, "0" * 64))
    [finding] = found(watching, app)["findings"]
    assert (name, finding["state"], finding["severity"]) == ("demo", "checksum_differs", "critical")


@pytest.mark.parametrize("fail_on, code", [("high", 1), ("critical", 0)])
def test_what_is_below_fail_on_is_told_and_forgiven(watching, app, registry, fail_on, code):
    registry.index.put("demo", "1.2.4")
    yank(watching, registry)
    done = check(watching, app, "--fail-on", fail_on)
    assert (done.returncode, done.stderr) == (code, "") and "demo 1.2.3 is yanked" in done.stdout


def test_it_cannot_tell_while_a_crate_is_not_looked_at(watching, app, registry):
    registry.answer(path_of("demo"), HANG)
    try:
        done = check(watching, app, "--timeout", "300ms")
        assert done.returncode == 2
        assert done.stdout == "1 of 2 packages looked at: nothing is wrong with them\n"
        assert "1 crate was not looked at, or not understood: demo" in done.stderr
        answer = watching.api("POST", "/v1/check?wait=1", (app / "Cargo.lock").read_bytes())
        assert (answer.status, answer.document["known"]) == (202, 1)
        assert answer.document["unknown"] == [{"registry": "internal", "crate": "demo"}]
    finally:
        registry.answer(path_of("demo"), None)
    assert found(watching, app, 0)["known"] == 2


def test_a_line_that_cannot_be_read_is_not_good(watching, app, registry):
    registry.index.put_lines("demo", [*registry.index.lines("demo")[:1], '{"name":"demo","vers":"1.2.3","cksum":7}'])
    done = check(watching, app)
    assert done.returncode == 2 and "not understood: demo" in done.stderr


def test_packages_of_other_places_are_not_looked_at(watching, app):
    with open(app / "Cargo.lock", "a", encoding="utf-8") as file:
        file.write('\n[[package]]\nname = "of-git"\nversion = "1.0.0"\nsource = "git+https://git.example/x#0123"\n'
                   '\n[[package]]\nname = "of-another"\nversion = "1.0.0"\nsource = "sparse+https://other.example/"\n'
                   f'checksum = "{"0" * 64}"\n')
    done = check(watching, app)
    assert done.returncode == 0
    assert done.stdout.splitlines()[1] == ("2 packages are of no configured registry, and not looked at: 1 registry, 1 git; "
                                           "not configured: sparse+https://other.example/")


def test_a_bad_lockfile_is_told_with_its_line_and_changes_nothing(watching, app):
    file = app / "Cargo.lock"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines[:6], "<<<<<<< HEAD", *lines[6:]]))
    done = check(watching, app)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"yankwatch: {file}: line 7: ")
    assert watching.watches() == {}


def test_sarif_and_github_point_at_the_package(watching, app, registry):
    registry.index.put("demo", "1.2.4")
    yank(watching, registry)
    line = (app / "Cargo.lock").read_text().splitlines().index('name = "demo"') + 1
    [result] = sarif.valid(check(watching, app, "--format", "sarif").stdout)["results"]
    assert (result["ruleId"], result["level"]) == ("yanked", "error")
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": line}
    done = check(watching, app, "--format", "github")
    assert done.returncode == 1
    assert f",line={line},title=high%3A demo 1.2.3 is yanked in internal::" in done.stdout


HOSTILE = "9.9.9%0A::error::x\u202e\u009b2J\U000e0041[a](b){0}"


@pytest.mark.parametrize("form", ["human", "json", "sarif", "github"])
def test_a_hostile_version_is_told_and_does_nothing(watching, app, registry, form):
    with open(app / "Cargo.lock", "a", encoding="utf-8") as file:
        file.write(f'\n[[package]]\nname = "demo"\nversion = "{HOSTILE}"\nsource = "{registry.index_url}"\n')
    done = check(watching, app, "--format", form)
    assert (done.returncode, done.stderr) == (1, "") and done.stdout.replace("\n", "").isprintable()
    if form == "github":
        assert [line[:13] for line in done.stdout.splitlines()] == ["::error file="]
    if form == "sarif":
        [result] = sarif.valid(done.stdout)["results"]
        assert result["message"]["text"].isprintable(), "whoever shows it shows no more than it says"


def test_what_cargo_metadata_prints_is_judged_too(watching, app, registry, cargo):
    registry.index.put("demo", "1.2.4")
    yank(watching, registry)
    (app / "metadata.json").write_text(METADATA.replace("INDEX", registry.index_url))
    done = watching.client("check", str(app / "metadata.json"), "--format", "github")
    assert done.returncode == 1, done
    assert "demo 1.2.3 is yanked" in done.stdout and "line=" not in done.stdout


METADATA = json.dumps({
    "packages": [
        {"id": "path+file:///x#app@0.1.0", "name": "app", "version": "0.1.0", "source": None,
         "dependencies": [{"name": "demo", "req": "^1.2", "kind": None, "source": "INDEX"}]},
        {"id": "INDEX#demo@1.2.3", "name": "demo", "version": "1.2.3", "source": "INDEX", "dependencies": []}],
    "workspace_members": ["path+file:///x#app@0.1.0"],
    "resolve": {"nodes": [
        {"id": "path+file:///x#app@0.1.0", "deps": [{"name": "demo", "pkg": "INDEX#demo@1.2.3", "dep_kinds": [
            {"kind": None, "target": None}]}], "dependencies": ["INDEX#demo@1.2.3"]},
        {"id": "INDEX#demo@1.2.3", "deps": [], "dependencies": []}], "root": "path+file:///x#app@0.1.0"},
    "version": 1})


def test_many_checks_at_a_time(watching, app, registry):
    yank(watching, registry)
    answers = [check(watching, app, "--json") for _ in range(3)]
    assert {done.returncode for done in answers} == {1}
    assert len({done.stdout for done in answers}) == 1


def lockfile_of(registry, numbers):
    packages = "".join(f'\n[[package]]\nname = "crate-{i}"\nversion = "1.0.0"\nsource = "{registry.index_url}"\n'
                       f'checksum = "{"0" * 64}"\n' for i in numbers)
    return f"version = 4\n{packages}".encode()


def test_what_nobody_has_looked_at_has_its_limits(watching, registry):
    registry.answer("config.json", HANG)  # nothing is polled
    try:
        for first in range(0, 100000, 10000):
            assert watching.api("POST", "/v1/check", lockfile_of(registry, range(first, first + 10000))).status == 202
        answer = watching.api("POST", "/v1/check", lockfile_of(registry, [100000]))
        assert answer.status == 503 and "100000 crates are watched already" in answer.document["detail"]
        assert watching.api("POST", "/v1/check", lockfile_of(registry, range(5000))).status == 202
    finally:
        registry.answer("config.json", None)


def test_more_crates_than_one_lockfile_may_have_looked_at(watching, registry):
    answer = watching.api("POST", "/v1/check", lockfile_of(registry, range(10001)))
    assert answer.status == 413 and "10001 packages" in answer.document["detail"]
    assert watching.watches() == {}


@pytest.mark.parametrize("query", ["wait=121", "wait=x", "waits=1"])
def test_an_argument_that_is_wrong_is_told(watching, query):
    answer = watching.api("POST", f"/v1/check?{query}", b"x")
    assert answer.status == 400 and "wait" in answer.document["detail"]


def test_the_end_of_the_daemon_does_not_wait_for_a_check(registry, app, watching):
    registry.answer(path_of("demo"), HANG)
    try:
        answers = []

        def ask():
            answers.append(watching.client("check", str(app / "Cargo.lock")))
        asking = threading.Thread(target=ask)
        asking.start()
        wait_for(lambda: "demo" in watching.watches(), "the check is waiting")
        watching.stop()
        asking.join()
        assert answers[0].returncode == 2
    finally:
        registry.answer(path_of("demo"), None)
        watching.start()


def test_crates_that_are_only_checked_wait_for_those_that_are_watched(registry, daemon, folder):
    """Of twenty requests a second one goes to `demo`, which is due each second, whatever a check has to look at."""
    for crate in ["demo", *(f"other{i}" for i in range(100))]:
        registry.index.put(crate, "1.0.0")
    daemon.configure(registry.index_url, ["demo"], poll_interval="1s", registry={"requests_per_second": 20})
    daemon.start()
    packages = [lockfile.locked(registry.index_url, f"other{i}", "1.0.0") for i in range(100)]
    (folder / "Cargo.lock").write_text(lockfile.lockfile(lockfile.member("app", *(it.name for it in packages)), *packages))
    assert check(daemon, folder).returncode == 0
    asked = [path for path, _ in registry.asked]
    others = [i for i, path in enumerate(asked) if "other" in path]
    assert len(others) >= 100
    assert asked[others[0]:others[-1]].count(path_of("demo")) >= 3
    watched = [watch["listed_by"] for watch in daemon.get("/v1/watches?crate=other1")["watches"]]
    assert watched == [["check"]]
    daemon.api("POST", "/v1/watches", {"registry": "internal", "crates": ["other1"]})
    asked = len(registry.asked)
    wait_for(lambda: [path for path, _ in registry.asked[asked:]].count(path_of("other1")) >= 2, "it is watched as others are")
