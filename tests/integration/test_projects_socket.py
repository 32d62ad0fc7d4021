# SPDX-License-Identifier: Apache-2.0
"""Projects that are sent by the socket: what their lockfiles hold is watched, what is wrong with it is told."""

import json

import pytest

from yw import lockfile
from yw.client import bad, good
from yw.daemon import kinds
from yw.index import dependency
from yw.wait import wait_for


@pytest.fixture
def watching(registry, receiver, daemon):
    for version in ("1.2.3", "1.2.4", "2.0.0"):
        registry.index.put("demo", version)
    registry.index.put("http-client", "0.3.1", deps=[dependency("demo", "^1.2")])
    daemon.configure(registry.index_url, [], notifiers={"hook": receiver.notifier(), "web": receiver.notifier()},
                     routes=[{"projects": ["payments"], "notify": ["hook"]}, {"teams": ["web*"], "notify": ["web"]}])
    daemon.start()
    yield daemon
    daemon.stop()


@pytest.fixture
def app(cargo, watching):
    """Its Cargo.lock has demo 1.2.3."""
    folder = cargo.project("app", {"http-client": "0.3"})
    cargo.run_in(folder, "update", "-p", "demo", "--precise", "1.2.3")
    return folder


def put(daemon, folder, name="payments", team="sec"):
    return good(daemon, "project", "put", name, str(folder / "Cargo.lock"), "--team", team)


def look(daemon):
    """Until each crate that is watched was looked at."""
    wait_for(lambda: "unknown" not in daemon.watches().values(), "every crate is looked at")


def findings(daemon, query=""):
    return daemon.get(f"/v1/findings?limit=1000{query}")["findings"]


def put_and_yank(daemon, registry, folder, **who):
    put(daemon, folder, **who)
    look(daemon)
    registry.index.yank("demo", "1.2.3")
    daemon.poll("demo")


def test_what_a_project_locks_is_watched(watching, app):
    assert put(watching, app) == "payments added: 3 packages, 2 of them watched\n"
    look(watching)
    assert watching.watches() == {"demo": "present", "http-client": "present"}
    [project] = watching.get("/v1/projects")["projects"]
    [lockfile] = project.pop("lockfiles")
    assert project == {"name": "payments", "team": "sec", "origin": "socket", "findings": {}}
    assert (lockfile["format"], lockfile["packages"], lockfile["matched"]) == ("cargo-lock", 3, 2)
    assert "path" not in lockfile and "fault" not in lockfile
    assert put(watching, app) == "payments updated: 3 packages, 2 of them watched\n"
    assert watching.events() == []
    assert good(watching, "project", "list").split()[:4] == ["payments", "sec", "socket", "none"]


def test_a_yank_is_a_finding_until_the_project_moves(watching, registry, app, cargo):
    put_and_yank(watching, registry, app)
    [finding] = findings(watching)
    event = finding.pop("event")
    finding.pop("since")
    assert finding == {
        "registry": "internal", "crate": "demo", "version": "1.2.3", "state": "yanked", "project": "payments",
        "team": "sec", "locked": True, "requirements": ["^1.2"], "severity": "high", "would_pick": "1.2.4",
        "path": ["app", "http-client", "demo"], "command": "cargo update -p demo --precise 1.2.4"}
    assert event == watching.events()[0]["id"]
    assert watching.get("/v1/projects")["projects"][0]["findings"] == {"high": 1}
    cargo.run_in(app, *finding["command"].split()[1:])
    put(watching, app)
    assert findings(watching) == []
    assert kinds(watching.events()) == [("yanked", "1.2.3"), ("finding_resolved", "1.2.3")]


def test_a_project_that_comes_with_a_bad_version(watching, registry, app):
    registry.index.yank("demo", "1.2.3")
    put(watching, app)
    [event] = wait_for(lambda: watching.events("&project=payments"), "a finding is told")
    assert (event["event"], event["project"], event["severity"]) == ("finding_opened", "payments", "high")
    assert findings(watching)[0]["event"] == event["id"]
    assert "finding_opened" in good(watching, "history", "--project", "payments")
    answer = watching.api("GET", "/v1/events?project=other")
    assert answer.status == 404 and "other" in answer.document["detail"]
    assert "high demo 1.2.3 is yanked in internal" in good(watching, "findings")


def test_findings_are_filtered(watching, registry, app):
    put_and_yank(watching, registry, app)
    put(watching, app, "shop", "web1")
    wait_for(lambda: len(findings(watching)) == 2, "both have one")
    assert {it["project"] for it in findings(watching, "&project=shop")} == {"shop"}
    assert watching.get("/v1/projects/shop/findings")["findings"] == findings(watching, "&project=shop")
    assert findings(watching, "&min_severity=critical") == []
    assert len(findings(watching, "&min_severity=high")) == 2
    page = watching.get("/v1/findings?limit=1")
    rest = watching.get(f"/v1/findings?limit=1&after={page['next']}")
    assert {it["project"] for it in page["findings"] + rest["findings"]} == {"payments", "shop"}
    assert rest["next"] is None
    assert "no findings" in good(watching, "findings", "--min-severity", "critical")
    assert len(good(watching, "--json", "findings").splitlines()) == 2


def test_what_is_not_there_is_told(watching):
    for path in ("/v1/findings?project=paymets", "/v1/projects/paymets/findings"):
        answer = watching.api("GET", path)
        assert answer.status == 404 and "paymets" in answer.document["detail"]
    assert watching.api("DELETE", "/v1/projects/paymets").status == 404
    assert "severity" in bad(watching, 2, "findings", "--min-severity", "loud")
    assert "paymets" in bad(watching, 1, "findings", "--project", "paymets")
    assert "paymets" in bad(watching, 1, "project", "remove", "paymets")


@pytest.mark.parametrize("name", ["", ".", "..", "a b", "é", "a" * 129, "a%2Fb", "a%0Ab", "a%00b"])
def test_a_name_that_is_none(watching, app, name):
    answer = watching.api("PUT", f"/v1/projects/{name if '%' in name else quote(name)}",
                          (app / "Cargo.lock").read_bytes())
    assert answer.status in (400, 404)
    assert watching.get("/v1/projects") == {"projects": []}


def test_a_nul_ends_no_name(watching, app):
    good(watching, "project", "put", "web", str(app / "Cargo.lock"))
    assert watching.api("DELETE", "/v1/projects/web%00x").status == 404
    assert watching.api("GET", "/v1/findings?project=web%00x").status == 404
    assert watching.api("GET", "/v1/findings?project=web").status == 200


def quote(name):
    return "".join(c if c.isalnum() and c.isascii() or c == "." else "".join(f"%{b:02X}" for b in c.encode()) for c in name)


def test_names_of_all_their_letters(watching, app):
    for name in ("a", "A-b_c.9", "." + "x" * 127):
        put(watching, app, name)
    assert len(watching.get("/v1/projects")["projects"]) == 3


def test_a_bad_lockfile_leaves_all_as_it_was(watching, app):
    put(watching, app)
    look(watching)
    before = watching.get("/v1/projects")
    (app / "Cargo.lock").write_text((app / "Cargo.lock").read_text() + "[[package]\n")
    told = bad(watching, 2, "project", "put", "payments", str(app / "Cargo.lock"))
    assert f"{app}/Cargo.lock: line " in told
    assert watching.get("/v1/projects") == before


def test_a_project_is_removed(watching, registry, app):
    put_and_yank(watching, registry, app)
    assert good(watching, "project", "remove", "payments").startswith("payments is removed")
    assert watching.get("/v1/projects") == {"projects": []}
    assert findings(watching) == []
    assert kinds(watching.events())[-1] == ("finding_resolved", "1.2.3")
    assert set(watching.watches()) == {"demo", "http-client"}, "for another day"
    assert kinds(watching.events("&project=payments")) == [("yanked", "1.2.3"), ("finding_resolved", "1.2.3")]


def test_a_project_of_the_configuration_is_not_sent(registry, daemon, cargo):
    registry.index.put("demo", "1.2.3")
    app = cargo.project("app", {"demo": "1"})
    daemon.configure(registry.index_url, [], projects=[
        {"name": "payments", "team": "sec", "lockfile": str(app / "Cargo.lock")}])
    daemon.start()
    wait_for(lambda: daemon.get("/v1/projects")["projects"], "its lockfile is read")
    told = bad(daemon, 1, "project", "put", "payments", str(app / "Cargo.lock"))
    assert "payments" in told and "configuration" in told
    assert "configuration" in bad(daemon, 1, "project", "remove", "payments")
    [project] = daemon.get("/v1/projects")["projects"]
    assert (project["origin"], project["lockfiles"][0]["path"]) == ("configuration", str(app / "Cargo.lock"))
    daemon.stop()


def test_impact_of_a_yank_to_come_and_of_one_that_is(watching, registry, app):
    put(watching, app)
    look(watching)
    before = watching.get("/v1/impact/internal/demo/1.2.3")
    assert (before["yanked"], before["usable_versions"]) == (False, 2)
    assert before["replacement"]["version"] == "1.2.4" and before["replacement"]["compatible"] is True
    [finding] = before["findings"]
    assert (finding["project"], finding["severity"], finding["would_pick"]) == ("payments", "high", "1.2.4")
    assert "crate" not in finding
    registry.index.yank("demo", "1.2.3")
    watching.poll("demo")
    assert watching.get("/v1/impact/internal/demo/1.2.3") == before | {"yanked": True}
    shown = good(watching, "impact", "demo@1.2.3")
    assert "high payments (team sec) locks it" in shown and "cargo would pick 1.2.4" in shown
    assert "it hits no project" in good(watching, "impact", "demo@2.0.0", "--registry", "internal")
    assert json.loads(good(watching, "--json", "impact", "demo@1.2.3")) == before | {"yanked": True}
    registry.index.delete_version("demo", "1.2.3")
    watching.poll("demo")
    shown = good(watching, "impact", "demo@1.2.3")
    assert shown.startswith("demo 1.2.3 in internal is deleted: 2 usable versions are left without it, the best is 1.2.4\n")
    assert "critical payments (team sec) locks it" in shown


def test_impact_of_what_is_not_there(watching, app):
    put(watching, app)
    look(watching)
    answer = watching.api("GET", "/v1/impact/internal/demmo/1.2.3")
    assert answer.status == 404 and answer.document["near"] == ["demo"]
    answer = watching.api("GET", "/v1/impact/internal/demo/9.9.9")
    assert answer.status == 404 and "9.9.9" in answer.document["detail"] and "near" not in answer.document
    assert "did you mean demo" in bad(watching, 1, "impact", "demmo@1.2.3", "--registry", "internal")


def explain(daemon, *arguments):
    return json.loads(good(daemon, "--json", "route", "explain", "demo@1.2.3", *arguments))


def notifiers(explained):
    return [it["notifier"] for it in explained["notifiers"]]


def test_where_a_projects_finding_would_go_is_explained(watching, app):
    put(watching, app)
    look(watching)
    explained = explain(watching)
    assert notifiers(explained) == ["hook"] and "project" not in explained["event"]
    assert (explained["event"]["hits"], explained["event"]["severity"]) == (["payments"], "high")
    assert explain(watching, "--event", "version_deleted")["event"]["severity"] == "critical"
    assert "hits payments\n" in good(watching, "route", "explain", "demo@1.2.3")
    explained = explain(watching, "--project", "payments")
    assert notifiers(explained) == ["hook"] and explained["event"]["project"] == "payments"
    assert explain(watching, "--project", "other")["event"]["severity"] == "low"
    assert notifiers(explain(watching, "--project", "payments", "--team", "web2")) == ["hook", "web"]
    assert notifiers(explain(watching, "--project", "shop", "--event", "finding_opened")) == []
    assert "project: is missing" in bad(watching, 2, "route", "explain", "demo", "--event", "finding_opened")
    assert "team: of which project" in bad(watching, 2, "route", "explain", "demo", "--team", "x")
    assert "hits none" in bad(watching, 2, "route", "explain", "--event", "registry_blind", "--project", "x")


def test_a_hostile_lockfile_does_not_keep_others_waiting(registry, daemon, folder):
    """2000 versions that are not there, and 999 packages that may mean each of them."""
    registry.index.put("demo", "1.2.3")
    daemon.configure(registry.index_url, ["demo"])
    daemon.start()
    daemon.poll("demo")
    missing = [lockfile.locked(registry.index_url, "demo", f"0.0.{i}") for i in range(2000)]
    wants = [lockfile.member(f"c{i}", "demo") for i in range(999)]
    (folder / "Cargo.lock").write_text(lockfile.lockfile(*missing, *wants))
    put(daemon, folder)

    def found():
        return daemon.get("/v1/projects")["projects"][0]["findings"]
    wait_for(lambda: sum(found().values()) == 2000 and found()["high"] > 0, "what nobody has weighed is told, too")
    daemon.stop()


def test_the_table_of_the_cargo_yank_manual(registry, daemon, folder):
    """bar, each of its versions asked for in turn: whom a yank would hit, and what cargo would pick instead."""
    wants = {"caret": ("1.5.0", "1.5.2"), "exact": ("=1.5.0", "1.5.0"), "two": ("2.0.0", "2.0.0")}
    versions = ["1.5.0", "1.5.1", "1.5.2", "2.0.0", "3.0.0"]
    for version in versions:
        registry.index.put("bar", version)
    daemon.configure(registry.index_url, [])
    daemon.start()
    for name, (requirement, locked) in wants.items():
        registry.index.put(f"uses-{name}", "1.0.0", deps=[dependency("bar", requirement)])
        (folder / "Cargo.lock").write_text(lockfile.lockfile(
            lockfile.member("app", f"uses-{name}"), lockfile.locked(registry.index_url, f"uses-{name}", "1.0.0", "bar"),
            lockfile.locked(registry.index_url, "bar", locked)))
        assert daemon.client("project", "put", name, str(folder / "Cargo.lock")).returncode == 0
    wait_for(lambda: len(daemon.watches()) == 4 and set(daemon.watches().values()) == {"present"}, "all are looked at")

    def hits(version):
        found = daemon.get(f"/v1/impact/internal/bar/{version}")["findings"]
        return {it["project"]: (it["locked"], it["severity"], it.get("would_pick")) for it in found}
    assert {version: hits(version) for version in versions} == {
        "1.5.0": {"exact": (True, "critical", None), "caret": (False, "medium", "1.5.2")},
        "1.5.1": {"caret": (False, "medium", "1.5.2")},
        "1.5.2": {"caret": (True, "high", "1.5.1")},
        "2.0.0": {"two": (True, "critical", None)},
        "3.0.0": {}}
