# SPDX-License-Identifier: Apache-2.0
"""Projects of the configuration: their lockfiles are read, again when they change, and what they hold is watched."""

import os
import time

import pytest

from yw.lockfile import CRATES_IO, locked, lockfile, member
from yw.wait import wait_for

def put(file, text):
    """As a file that nobody writes any more."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    long_ago = time.time() - 3600
    os.utime(file, (long_ago, long_ago))


def put_locked(file, source, *crates):
    put(file, lockfile(member("app", *crates), *(locked(source, crate, "1.0.0") for crate in crates)))


@pytest.fixture
def own(registry):
    """The source of the registry's own packages."""
    for crate in ("alpha", "beta", "gamma"):
        registry.index.put(crate, "1.0.0")
    return f"sparse+{registry.index_url.removeprefix('sparse+')}"


def project(file, name="edge", **keys):
    return {"name": name, "lockfile": str(file)} | keys


# ---------------------------------------------------------------- --check-config


def test_a_check_warns_of_lockfiles_that_cannot_be_read(registry, own, daemon, folder):
    put_locked(folder / "good.lock", own, "alpha")
    put(folder / "torn.lock", "version = 4\n\n<<<<<<< HEAD\n")
    os.mkfifo(folder / "fifo.lock")
    files = ["good.lock", "torn.lock", "fifo.lock", "none.lock", "q*.lock"]
    daemon.configure(registry.index_url, [], projects=[project(folder / name) for name in files])
    done = daemon.run("--check-config")
    told = [line.split("].lockfile: ")[1] for line in done.stderr.splitlines()]
    assert done.returncode == 0
    assert told[0].startswith(f"{folder}/torn.lock: line 3: ")
    assert told[1:] == [f"{folder}/fifo.lock: is not a regular file",
                        f"{folder}/none.lock: cannot be opened: No such file or directory",
                        f"{folder}/q*.lock: matches no file"]
    assert done.stderr.startswith(f"warning: {daemon.config}:")
    assert list(daemon.state.iterdir()) == []


def test_a_route_of_a_project_that_nothing_configures_is_warned_of(registry, receiver, daemon, folder):
    put(folder / "a.lock", "version = 4\n")
    daemon.configure(registry.index_url, [], notifiers={"hook": receiver.notifier()},
                     routes=[{"notify": ["hook"], "projects": ["edg"], "teams": ["s*"]}],
                     projects=[project(folder / "a.lock", team="sec")])
    done = daemon.run("--check-config")
    assert done.returncode == 0
    assert 'routes[0].projects[0]: "edg" matches no project that is listed in projects' in done.stderr
    assert "teams" not in done.stderr


# ---------------------------------------------------------------- a daemon that runs


def test_what_lockfiles_hold_is_watched(registry, own, daemon, folder):
    put_locked(folder / "one.lock", own, "alpha", "omega")
    put_locked(folder / "many" / "b" / "Cargo.lock", own, "beta")
    put_locked(folder / "many" / "c" / "Cargo.lock", "sparse+https://elsewhere.example/", "gamma")
    daemon.configure(registry.index_url, [], projects=[
        project(folder / "one.lock"), project(folder / "many" / "*" / "Cargo.lock", "many")])
    daemon.start()
    wait_for(lambda: daemon.watches() == {"alpha": "present", "beta": "present", "omega": "absent"},
             "the crates of both projects are looked at")
    daemon.stop()


def test_a_mirror_stands_for_what_it_mirrors(registry, own, daemon, folder):
    put_locked(folder / "a.lock", CRATES_IO, "alpha")
    daemon.configure(registry.index_url, [], projects=[project(folder / "a.lock")],
                     registry={"mirror_of": ["crates.io"]})
    daemon.start()
    wait_for(lambda: daemon.watches() == {"alpha": "present"}, "the mirror is asked")
    daemon.stop()


def read_once(registry, own, daemon, folder):
    """A lockfile with `alpha`, which the daemon has read."""
    file = folder / "a.lock"
    put_locked(file, own, "alpha")
    daemon.configure(registry.index_url, [], projects=[project(file)])
    daemon.start()
    wait_for(lambda: "alpha" in daemon.watches(), "it was read")
    return file


def test_a_lockfile_that_changes_is_read_again(registry, own, clocked_daemon, clock, folder):
    file = read_once(registry, own, clocked_daemon, folder)
    put_locked(file, own, "beta")
    clock.advance(61)
    wait_for(lambda: clocked_daemon.watches().get("beta") == "present", "what is new is looked at")
    assert "alpha" in clocked_daemon.watches()  # for a day
    clocked_daemon.stop()


def test_a_lockfile_that_is_damaged_or_gone_changes_nothing(registry, own, clocked_daemon, clock, folder):
    file = read_once(registry, own, clocked_daemon, folder)
    put(file, "<<<<<<< HEAD\n")
    clock.advance(61)
    wait_for(lambda: f"{file}: line 1: " in clocked_daemon.log(), "the damage is told")
    file.unlink()
    clock.advance(61)
    wait_for(lambda: f"{file}: is not there any more" in clocked_daemon.log(), "the loss is told")
    clock.advance(25 * 3600)
    wait_for(lambda: clocked_daemon.poll()["polled"] == 1, "it is still watched after a day")
    put_locked(file, own, "beta")
    clock.advance(61)
    wait_for(lambda: "beta" in clocked_daemon.watches(), "it is back")
    assert clocked_daemon.log().count("is not there any more") == 1
    clocked_daemon.stop()


def test_a_reload_adds_a_project_and_drops_another(registry, own, clocked_daemon, clock, folder):
    """What nobody locks any more is watched for a day, and then not at all."""
    old, new = folder / "a.lock", folder / "b.lock"
    put_locked(old, own, "alpha", "beta")
    put_locked(new, own, "beta", "gamma")
    clocked_daemon.configure(registry.index_url, [], projects=[project(old)])
    clocked_daemon.start()
    wait_for(lambda: set(clocked_daemon.watches()) == {"alpha", "beta"}, "the first project is read")
    clocked_daemon.configure(registry.index_url, [], projects=[project(new, "other")])
    clocked_daemon.reload()
    wait_for(lambda: clocked_daemon.watches().get("gamma") == "present", "the second one is, too")
    assert "alpha" in clocked_daemon.watches()
    clock.advance(25 * 3600)
    wait_for(lambda: set(clocked_daemon.watches()) == {"beta", "gamma"}, "a day has passed")
    wait_for(lambda: clocked_daemon.status()["registries"][0]["watches"] == 2, "it is not polled any more")
    clocked_daemon.stop()


def test_a_version_that_is_locked_is_looked_at_once_more_and_whole(registry, own, clocked_daemon, clock, folder):
    """Its line says what it demands; its crate, which was watched before, is asked for without an ETag."""
    clocked_daemon.configure(registry.index_url, ["alpha"], projects=[project(folder / "a.lock")])
    clocked_daemon.start()
    wait_for(lambda: clocked_daemon.watches() == {"alpha": "present"}, "it was polled")
    clocked_daemon.poll()
    assert [status for path, status in registry.asked if path.endswith("alpha")] == [200, 304]
    put_locked(folder / "a.lock", own, "alpha")
    clock.advance(61)
    wait_for(lambda: [status for path, status in registry.asked if path.endswith("alpha")] == [200, 304, 200],
             "it is polled again, long before its interval has passed")
    clocked_daemon.poll()
    assert [status for path, status in registry.asked if path.endswith("alpha")] == [200, 304, 200, 304]
    clocked_daemon.stop()


def test_a_lockfile_that_nobody_may_read_is_told_and_the_others_are_read(registry, own, daemon, folder):
    put_locked(folder / "a.lock", own, "alpha")
    os.mkfifo(folder / "b.lock")
    daemon.configure(registry.index_url, [], projects=[project(folder / "b.lock"), project(folder / "a.lock")])
    daemon.start()
    wait_for(lambda: "alpha" in daemon.watches(), "one cannot be read, the other is")
    wait_for(lambda: f"project edge: {folder}/b.lock: is not a regular file" in daemon.log(), "what is wrong is told")
    daemon.stop()


def test_once_reads_lockfiles_before_it_polls(registry, own, daemon, folder):
    put_locked(folder / "a.lock", own, "alpha", "beta")
    daemon.configure(registry.index_url, [], projects=[project(folder / "a.lock")])
    done = daemon.run("--once")
    assert done.returncode == 0, done.stderr
    daemon.start()
    assert daemon.watches() == {"alpha": "present", "beta": "present"}
    daemon.stop()


def test_once_without_projects_polls_as_ever(registry, daemon):
    registry.index.put("demo", "1.0.0")
    daemon.configure(registry.index_url, ["demo"])
    assert daemon.run("--once").returncode == 0
