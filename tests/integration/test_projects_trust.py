# SPDX-License-Identifier: Apache-2.0
"""Projects when something is in the way: what must be told is told all the same, and nothing that is not so."""

import json

import pytest

from yw.lockfile import locked, lockfile, member
from yw.wait import wait_for

MINUTE = 60


def kinds(daemon):
    return [(event["event"], event.get("project"), event["crate"], event.get("version")) for event in daemon.events()]


class Workspace:
    """A folder of lockfiles that lock `demo`, and the daemon that looks at them."""

    def __init__(self, folder, registry, receiver, daemon):
        self.folder, self.registry, self.receiver, self.daemon = folder, registry, receiver, daemon
        for version in ["1.2.2", "1.2.3", "1.2.4"]:
            registry.index.put("demo", version)

    def text(self, version="1.2.3", app="app"):
        return lockfile(member(app, "demo"), locked(self.registry.index_url, "demo", version))

    def lock(self, name, version="1.2.3"):
        (self.folder / name).parent.mkdir(exist_ok=True)
        (self.folder / name).write_text(self.text(version))
        return str(self.folder / name)

    def configure(self, projects, **keys):
        keys = {"notifiers": {"hook": self.receiver.notifier()}, "poll_interval": "7d"} | keys
        self.daemon.configure(self.registry.index_url, keys.pop("crates", []), projects=projects, **keys)

    def start(self, projects, **keys):
        self.configure(projects, **keys)
        self.daemon.start()
        wait_for(lambda: set(self.daemon.watches().values()) == {"present"}, "all crates are looked at")
        return self.daemon

    def yank(self, version, yanked=True):
        self.registry.index.yank("demo", version, yanked)
        self.daemon.poll("demo")


@pytest.fixture
def workspace(folder, registry, receiver, clocked_daemon):
    return Workspace(folder, registry, receiver, clocked_daemon)


def test_a_project_behind_a_thousand_lockfiles_is_told(workspace, receiver):
    """One with many lockfiles must not hide another from its route."""
    for i in range(1010):
        workspace.lock(f"many/{i:04}.lock")
    one = workspace.lock("one.lock")
    daemon = workspace.start([{"name": "a-many", "lockfile": str(workspace.folder / "many" / "*.lock")},
                              {"name": "the-last", "team": "sec", "lockfile": one}],
                             routes=[{"notify": ["hook"], "teams": ["sec"]}])
    wait_for(lambda: sum(len(it["lockfiles"]) for it in daemon.get("/v1/projects")["projects"]) == 1011,
             "all lockfiles are read")
    workspace.yank("1.2.3")
    wait_for(lambda: receiver.requests, "its team is told")
    event = receiver.requests[0].events[0]
    assert len(event["findings"]) + event["more_findings"] == 1011
    assert len(event["findings"]) > 900
    assert [it["event"] for it in daemon.events("&project=the-last")] == ["yanked"]


def test_a_configured_project_is_taken_in_when_the_sent_one_is_removed(workspace, clock):
    daemon = workspace.start([], crates=["demo"])
    assert daemon.api("PUT", "/v1/projects/payments", workspace.text("1.2.2").encode()).status in (200, 201)
    workspace.configure([{"name": "payments", "lockfile": workspace.lock("one.lock")}], crates=["demo"])
    daemon.reload()
    wait_for(lambda: "`yankwatch project remove payments` first" in daemon.log(), "it is refused, with what to do")
    assert daemon.api("DELETE", "/v1/projects/payments").status in (200, 204)
    clock.advance(2 * MINUTE)
    wait_for(lambda: [it["origin"] for it in daemon.get("/v1/projects")["projects"]] == ["configuration"],
             "the next look takes it in")
    workspace.yank("1.2.3")
    assert daemon.events()[-1]["findings"][0]["project"] == "payments"


def test_a_version_that_nobody_could_look_for_again_is_not_told_as_missing(workspace, clock, registry):
    """The registry went away: that a version just published was not in its index says nothing of it now."""
    path = workspace.lock("one.lock", "1.9.0")
    daemon = workspace.start([{"name": "payments", "lockfile": path}], confirm="10m")
    registry.answer("de/mo/demo", 500)
    clock.advance(11 * MINUTE)
    wait_for(lambda: ("de/mo/demo", 500) in registry.asked, "it is asked for")
    clock.advance(2 * MINUTE)
    daemon.poll("demo")
    assert kinds(daemon) == []
    registry.index.put("demo", "1.9.0")
    registry.answer("de/mo/demo", None)
    daemon.poll("demo")
    assert kinds(daemon) == [("published", None, "demo", "1.9.0")]


def test_a_version_that_was_missing_before_a_pause_is_looked_for_first(workspace, clock, registry):
    path = workspace.lock("one.lock", "1.9.0")
    daemon = workspace.start([{"name": "payments", "lockfile": path}], confirm="10m")
    daemon.stop()
    registry.index.put("demo", "1.9.0")
    clock.advance(60 * MINUTE)
    daemon.start()
    wait_for(lambda: kinds(daemon), "it is looked for")
    clock.advance(2 * MINUTE)
    daemon.poll()
    assert kinds(daemon) == [("published", None, "demo", "1.9.0")]


def test_a_crate_that_is_missing_is_told_after_a_look_that_confirms_it(workspace, clock, registry):
    path = workspace.folder / "one.lock"
    path.write_text(lockfile(member("app", "gone"), locked(registry.index_url, "gone", "1.0.0")))
    workspace.configure([{"name": "payments", "lockfile": str(path)}], confirm="10m")
    daemon = workspace.daemon
    daemon.start()
    wait_for(lambda: daemon.watches() == {"gone": "absent"}, "it is looked at")
    clock.advance(5 * MINUTE)
    daemon.poll()
    assert kinds(daemon) == []
    asked = len(registry.asked)
    clock.advance(7 * MINUTE)
    wait_for(lambda: kinds(daemon) == [("finding_opened", "payments", "gone", "1.0.0")], "it is told")
    assert len(registry.asked) > asked


def test_findings_have_the_same_ids_whatever_order_projects_came_in(workspace, folder, registry, receiver):
    """Two daemons that see the same must give the same ids."""
    workspace.registry.index.yank("demo", "1.2.3", True)
    daemon = workspace.start([], crates=["demo"])

    def ids(order):
        for name in order:
            assert daemon.api("PUT", f"/v1/projects/{name}", workspace.text().encode()).status in (200, 201)
        opened = {it["project"]: it["id"] for it in daemon.events() if it["event"] == "finding_opened"}
        daemon.stop()
        for file in daemon.state.iterdir():
            file.unlink()
        return opened

    first = ids(["a", "b"])
    daemon.start()
    wait_for(lambda: set(daemon.watches().values()) == {"present"}, "all crates are looked at")
    assert set(first) == {"a", "b"}
    assert ids(["b", "a"]) == first


def test_a_finding_of_a_registry_that_goes_does_not_say_that_the_project_moved(workspace, registry):
    workspace.registry.index.put("other", "1.0.0")
    path = workspace.lock("one.lock")
    daemon = workspace.start([{"name": "payments", "lockfile": path}])
    workspace.yank("1.2.3")
    workspace.configure([{"name": "payments", "lockfile": path}])
    config = json.loads(daemon.config.read_text())
    config["registries"] = {"else": config["registries"]["internal"] | {"index": "sparse+http://127.0.0.1:1/index/"}}
    daemon.write(config)
    daemon.reload()
    wait_for(lambda: kinds(daemon)[-1][0] == "finding_resolved", "what nobody watches is not open")
    event = daemon.events()[-1]
    assert event["detail"] == "it is not watched for the project any more"
    assert (event["findings"][0]["locked"], event["findings"][0]["watched"]) == (False, False)


def test_a_thousand_findings_of_one_version_are_resolved(workspace):
    """Each of them was told by a finding of its own."""
    workspace.registry.index.yank("demo", "1.2.3", True)
    daemon = workspace.start([], crates=["demo"])
    paths = [workspace.lock(f"many/{i:04}.lock") for i in range(1000)]
    workspace.configure([{"name": f"p{i}", "lockfile": path} for i, path in enumerate(paths)], crates=["demo"],
                        notifiers={}, routes=[])
    daemon.reload()
    wait_for(lambda: len(daemon.events()) == 1000,
             "all of them are told")
    workspace.yank("1.2.3", False)
    events = daemon.events()
    assert len(events) == 2001
    assert {it["project"] for it in events[1001:]} == {f"p{i}" for i in range(1000)}
