# SPDX-License-Identifier: Apache-2.0
"""Projects: what their lockfiles hold is watched, and what is wrong with it becomes findings, events and alerts, once."""

import random

import pytest

from yw.index import dependency
from yw.lockfile import locked, lockfile, member
from yw.receiver import Receiver
from yw.wait import wait_for

DAY = 86400
PROJECT = "payments"


class Project:
    """A workspace "app" that depends on `demo` by way of `client`, which demands ^1.2."""

    def __init__(self, folder, registry):
        self.path = folder / "Cargo.lock"
        self.source = registry.index_url

    def lock(self, demo="1.2.3", cksum=None, more=()):
        """None: it has no demo any more."""
        packages = [member("app", "client"), locked(self.source, "client", "1.0.0", *(["demo"] if demo else [])), *more]
        if demo:
            packages.append(locked(self.source, "demo", demo, cksum=cksum))
        self.path.write_text(lockfile(*packages))

    def entry(self, **keys):
        return {"name": PROJECT, "team": "sec", "lockfile": str(self.path)} | keys


@pytest.fixture
def project(folder, registry):
    registry.index.put("client", "1.0.0", deps=[dependency("demo", "^1.2")])
    for version in ["1.2.2", "1.2.3", "1.2.4", "2.0.0"]:
        registry.index.put("demo", version)
    it = Project(folder, registry)
    it.lock()
    return it


@pytest.fixture
def watching(registry, receiver, clocked_daemon, project):
    """The daemon, started with the project alone, after its first look at all crates."""
    def start(crates=(), **keys):
        keys = {"notifiers": {"hook": receiver.notifier()}, "projects": [project.entry()]} | keys
        clocked_daemon.configure(registry.index_url, list(crates), poll_interval="7d", **keys)
        clocked_daemon.start()
        wait_for(lambda: set(clocked_daemon.watches().values()) == {"present"}, "all crates are looked at")
        return clocked_daemon
    return start


def findings(daemon, query=""):
    return daemon.get(f"/v1/findings{query}")["findings"]


def reread(daemon, condition, what):
    daemon.reload()
    wait_for(condition, what)


def kinds(daemon):
    return [(event["event"], event["crate"], event.get("version")) for event in daemon.events()]


def yank(registry, daemon, version, yanked=True, crate="demo"):
    registry.index.yank(crate, version, yanked)
    daemon.poll(crate)


# ---- watches follow projects


def test_what_is_locked_is_watched_and_a_day_longer(watching, project, clock):
    daemon = watching()
    assert set(daemon.watches()) == {"client", "demo"}
    project.lock(demo=None)
    reread(daemon, lambda: "1 finding" not in daemon.log() and daemon.log().count(f"project {PROJECT}:") == 2,
           "the lockfile is read again")
    clock.advance(DAY - 120)
    wait_for(lambda: set(daemon.watches()) == {"client", "demo"}, "demo is still watched")
    clock.advance(240)
    wait_for(lambda: set(daemon.watches()) == {"client"}, "demo is not watched any more")


def test_a_crate_that_is_listed_by_name_stays(watching, project, clock):
    daemon = watching(crates=["demo"])
    project.lock(demo=None)
    reread(daemon, lambda: daemon.log().count(f"project {PROJECT}:") == 2, "the lockfile is read again")
    clock.advance(2 * DAY)
    wait_for(lambda: daemon.get("/v1/crates/internal/demo")["listed_by"] == ["configuration"], "no lockfile holds it")


# ---- a yank


def test_a_yank_says_whom_it_hits_and_what_to_move_to(watching, registry, receiver):
    daemon = watching()
    yank(registry, daemon, "1.2.3")
    wait_for(lambda: receiver.requests, "the alert comes")
    event = receiver.requests[0].events[0]
    assert (event["event"], event["severity"], event["usable_versions"]) == ("yanked", "high", 3)
    assert event["replacement"] == {"version": "1.2.4", "compatible": True,
                                    "command": "cargo update -p demo --precise 1.2.4"}
    assert event["findings"] == [{
        "project": PROJECT, "team": "sec", "locked": True, "requirements": ["^1.2"], "severity": "high",
        "would_pick": "1.2.4", "path": ["app", "client", "demo"], "command": "cargo update -p demo --precise 1.2.4"}]
    assert daemon.events()[-1] == event
    finding = findings(daemon)[0]
    assert (finding["project"], finding["version"], finding["state"], finding["event"]) == (
        PROJECT, "1.2.3", "yanked", event["id"])
    yank(registry, daemon, "1.2.3", False)
    wait_for(lambda: not findings(daemon), "it is over")
    assert kinds(daemon) == [("yanked", "demo", "1.2.3"), ("unyanked", "demo", "1.2.3"),
                             ("finding_resolved", "demo", "1.2.3")]


def test_a_yank_without_a_replacement_is_critical_until_one_is_published(watching, registry, receiver):
    daemon = watching(routes=[{"notify": ["hook"], "min_severity": "high"}])
    for version in ["1.2.2", "1.2.4", "1.2.3"]:
        yank(registry, daemon, version)
    events = daemon.events()
    assert [event["severity"] for event in events] == ["medium", "medium", "critical"]
    assert "would_pick" not in events[2]["findings"][0]
    assert events[2]["replacement"] == {"version": "2.0.0", "compatible": False}
    registry.index.put("demo", "1.2.5")
    daemon.poll("demo")
    event = daemon.events()[-1]
    assert (event["event"], event["project"], event["findings"][0]["would_pick"]) == (
        "replacement_available", PROJECT, "1.2.5")
    assert findings(daemon)[0]["severity"] == "high"
    wait_for(lambda: len(receiver.requests) == 2, "who was told of the yank is told this, whatever the routes say")
    assert [it.events[0]["event"] for it in receiver.requests] == ["yanked", "replacement_available"]


def test_a_version_that_is_only_allowed_is_a_medium_finding(watching, registry):
    daemon = watching()
    yank(registry, daemon, "1.2.4")
    event = daemon.events()[-1]
    assert event["severity"] == "medium"
    assert (event["findings"][0]["locked"], event["findings"][0]["requirements"]) == (False, ["^1.2"])
    assert findings(daemon) == []
    yank(registry, daemon, "2.0.0")
    event = daemon.events()[-1]
    assert event["severity"] == "low" and "findings" not in event


def test_a_project_that_moves_off_resolves_its_finding(watching, registry, receiver, project):
    daemon = watching(routes=[{"notify": ["hook"], "min_severity": "high"}])
    yank(registry, daemon, "1.2.3")
    project.lock("1.2.4")
    reread(daemon, lambda: not findings(daemon), "the finding is resolved")
    event = daemon.events()[-1]
    assert (event["event"], event["severity"], event["project"]) == ("finding_resolved", "info", PROJECT)
    wait_for(lambda: [it.events[0]["event"] for it in receiver.requests] == ["yanked", "finding_resolved"],
             "who was told of the yank is told that")


@pytest.fixture
def teams(folder):
    """A receiver for each team."""
    receivers = {}
    for team in ["sec", "web"]:
        (folder / team).mkdir()
        receivers[team] = Receiver(folder / team)
    yield receivers
    for it in receivers.values():
        it.close()


def test_who_is_told_of_one_project_hears_nothing_more_of_another(watching, registry, teams, folder, project):
    other = Project(folder / "other", registry)
    other.path.parent.mkdir()
    other.lock("1.2.3")
    notifiers = {name: receiver.notifier() for name, receiver in teams.items()}
    daemon = watching(notifiers=notifiers, projects=[project.entry(), other.entry(name="tools", team="web")],
                      routes=[{"teams": [name], "notify": [name], "min_severity": "high"} for name in notifiers])
    for version in ["1.2.2", "1.2.4", "1.2.3"]:
        yank(registry, daemon, version)
    registry.index.put("demo", "1.2.5")
    daemon.poll("demo")
    other.lock("1.2.5")
    reread(daemon, lambda: len(findings(daemon)) == 1, "one project moves off")

    def told(team):
        return [(event["event"], event.get("project")) for request in teams[team].requests for event in request.events]
    wait_for(lambda: told("web") == [("yanked", None), ("replacement_available", "tools"), ("finding_resolved", "tools")],
             "team web is told of its own project alone")
    assert told("sec") == [("yanked", None), ("replacement_available", PROJECT)]


def test_an_unyank_is_told_once(watching, registry, receiver):
    daemon = watching()
    yank(registry, daemon, "1.2.3")
    yank(registry, daemon, "1.2.3", False)
    registry.index.put("demo", "3.0.0")
    daemon.poll("demo")
    wait_for(lambda: receiver.requests and receiver.requests[-1].events[0]["event"] == "published", "all is told")
    assert [it.events[0]["event"] for it in receiver.requests] == ["yanked", "unyanked", "published"]
    assert len(daemon.events("&event=finding_resolved")) == 1


# ---- bad from the start


def test_a_version_that_is_bad_already_is_told_once(watching, registry, project, receiver, clock):
    registry.index.yank("demo", "1.2.3", True)
    daemon = watching()
    wait_for(lambda: receiver.requests, "the alert comes")
    event = receiver.requests[0].events[0]
    assert (event["event"], event["project"], event["severity"]) == ("finding_opened", PROJECT, "high")
    assert event["findings"][0]["state"] == "yanked"
    daemon.kill9()
    daemon.start()
    daemon.poll()
    assert kinds(daemon) == [("finding_opened", "demo", "1.2.3")]
    project.lock("1.2.3", more=[member("other", "client")])
    reread(daemon, lambda: daemon.log().count(f"project {PROJECT}:") == 2, "the lockfile is read again")
    clock.advance(120)
    daemon.poll()
    assert kinds(daemon) == [("finding_opened", "demo", "1.2.3")]


def test_another_checksum_than_the_lockfile_has_is_critical(watching, project):
    project.lock(cksum="ab" * 32)
    daemon = watching()
    wait_for(lambda: kinds(daemon) == [("finding_opened", "demo", "1.2.3")], "it is told")
    assert daemon.events()[0]["severity"] == "critical"
    assert findings(daemon)[0]["state"] == "checksum_differs"


def test_a_version_that_the_index_does_not_have_is_told_when_it_stays_away(watching, project, clock, registry):
    project.lock("1.9.0")
    daemon = watching(registry={"confirm": {"unyanked": "10m", "deleted": "10m"}})
    clock.advance(300)
    daemon.poll()
    assert kinds(daemon) == [] and findings(daemon) == []
    clock.advance(400)
    wait_for(lambda: kinds(daemon) == [("finding_opened", "demo", "1.9.0")], "it is told")
    assert daemon.events()[0]["severity"] == "critical"
    registry.index.put("demo", "1.9.0")
    daemon.poll("demo")
    assert [kind for kind, _, _ in kinds(daemon)] == ["finding_opened", "published", "finding_resolved"]


def test_a_version_that_is_published_while_we_look_is_never_told(watching, project, clock, registry):
    project.lock("1.9.0")
    daemon = watching(registry={"confirm": {"unyanked": "10m", "deleted": "10m"}})
    clock.advance(300)
    registry.index.put("demo", "1.9.0")
    daemon.poll("demo")
    clock.advance(900)
    daemon.poll()
    assert kinds(daemon) == [("published", "demo", "1.9.0")]


def test_a_deleted_crate_hits_all_who_lock_a_version_of_it(watching, registry):
    daemon = watching()
    registry.index.delete_crate("demo")
    daemon.poll("demo")
    event = daemon.events()[-1]
    assert (event["event"], event["severity"]) == ("crate_deleted", "critical")
    assert event["findings"][0]["project"] == PROJECT
    assert [it["state"] for it in findings(daemon)] == ["deleted"]


# ---- time


def test_what_stays_open_is_told_again_after_a_while(watching, registry, receiver, clock):
    daemon = watching(remind="7d")
    yank(registry, daemon, "1.2.3")
    wait_for(lambda: len(receiver.requests) == 1, "the alert comes")
    clock.advance(6 * DAY)
    daemon.poll()
    assert len(receiver.requests) == 1
    clock.advance(DAY + 120)
    wait_for(lambda: len(receiver.requests) == 2, "the reminder comes")
    assert receiver.requests[1].events[0]["event"] == "yanked"
    yank(registry, daemon, "1.2.3", False)
    wait_for(lambda: receiver.requests[-1].events[0]["event"] == "unyanked", "it is over")
    told = len(receiver.requests)
    clock.advance(8 * DAY)
    daemon.poll()
    assert len(receiver.requests) == told


# ---- other configurations


def test_a_project_that_is_configured_no_more_is_forgotten(watching, registry, receiver):
    daemon = watching()
    yank(registry, daemon, "1.2.3")
    daemon.configure(registry.index_url, ["client"], poll_interval="7d", notifiers={"hook": receiver.notifier()})
    reread(daemon, lambda: not daemon.get("/v1/projects")["projects"], "the project is gone")
    assert kinds(daemon)[-1] == ("finding_resolved", "demo", "1.2.3")
    assert findings(daemon) == []


def test_a_source_that_becomes_known_by_a_mirror(watching, project, registry, receiver):
    project.source = "registry+https://github.com/rust-lang/crates.io-index"
    project.lock()
    registry.index.yank("demo", "1.2.3", True)
    registry.index.put("other", "1.0.0")
    daemon = watching(crates=["other"])
    assert set(daemon.watches()) == {"other"}
    daemon.configure(registry.index_url, ["other"], poll_interval="7d", notifiers={"hook": receiver.notifier()},
                     projects=[project.entry()], registry={"mirror_of": ["crates.io"]})
    reread(daemon, lambda: kinds(daemon) == [("finding_opened", "demo", "1.2.3")], "its crates are watched")
    assert set(daemon.watches()) == {"client", "demo", "other"}


def test_a_faulty_lockfile_leaves_what_was_read_before(watching, project, registry):
    daemon = watching()
    project.path.write_text("<<<<<<< HEAD\n" + project.path.read_text())
    reread(daemon, lambda: "fault" in daemon.get("/v1/projects")["projects"][0]["lockfiles"][0], "the fault is told")
    fault = daemon.get("/v1/projects")["projects"][0]["lockfiles"][0]["fault"]
    assert "line 1" in fault["text"] and "merge conflict" in fault["text"]
    yank(registry, daemon, "1.2.3")
    assert daemon.events()[-1]["findings"][0]["project"] == PROJECT
    project.lock()
    reread(daemon, lambda: "fault" not in daemon.get("/v1/projects")["projects"][0]["lockfiles"][0], "it is well again")
    assert len(findings(daemon)) == 1


# ---- crashes


def test_findings_after_kills_are_those_without_them(watching, registry, project, tell):
    """The lockfile changes, versions are yanked and un-yanked, and the daemon is killed at any moment between."""
    seed = random.SystemRandom().randrange(10**9)
    draw = random.Random(seed)
    tell(f"seed {seed}")
    daemon = watching()
    versions = ["1.2.2", "1.2.3", "1.2.4"]
    yanked, locked_now, flips = set(), "1.2.3", 0
    for _ in range(25):
        if draw.random() < 0.4:
            locked_now = draw.choice(versions)
            project.lock(locked_now)
            daemon.reload()
        else:
            version = draw.choice(versions)
            yanked ^= {version}
            flips += 1
            registry.index.yank("demo", version, version in yanked)
            daemon.api("POST", "/v1/poll", {"crates": ["demo"]})
        daemon.kill9(draw.random() * 0.02)
        daemon.start()
        daemon.poll("demo")  # each flip is seen, so that they can be counted
    expected = [locked_now] if locked_now in yanked else []
    wait_for(lambda: [it["version"] for it in findings(daemon)] == expected, f"the findings are {expected}")
    told = [event["event"] for event in daemon.events()]
    assert told.count("yanked") + told.count("unyanked") == flips, "each is told once"
    opened = sum(1 for event in daemon.events() if event["event"] == "finding_opened" or (
        event["event"] == "yanked" and event.get("findings", [{}])[0].get("locked")))
    assert opened - told.count("finding_resolved") == len(expected), "what was opened is resolved, once"
