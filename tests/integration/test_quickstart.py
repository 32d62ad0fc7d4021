# SPDX-License-Identifier: Apache-2.0
"""scripts/quickstart, without its build: what it shows, and that it leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from yw.daemon import BUILD, CHECKOUT
from yw.lockfiles import read
from yw.wait import PATIENCE, wait_for


@pytest.fixture
def command(folder):
    """python -m yw.MODULE as scripts/quickstart runs it, with the test's folder for temporary files."""
    env = os.environ | {"YANKWATCH_BUILD": str(BUILD), "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"}
    return lambda module, *args: {"args": [sys.executable, "-m", module, *args], "env": env, "text": True,
                                  "cwd": CHECKOUT / "tests" / "integration", "stdin": subprocess.DEVNULL}


def test_the_demo_shows_a_yank_and_cleans_up(command, folder):
    done = subprocess.run(**command("yw.demo"), capture_output=True, timeout=2 * PATIENCE, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    for text in ("Yank demo-crate@1.0.0", "payments > demo-crate", "cargo update -p demo-crate --precise 1.0.1",
                 '"event": "yanked"', "webhook-signature: v1,", "the signature is right",
                 "yankwatch history"):
        assert text in done.stdout
    assert list(folder.iterdir()) == []


def test_crates_are_followed_until_an_interrupt(command, registry, folder):
    with open(folder / "said", "w") as said, subprocess.Popen(
            **command("yw.follow", "--index", registry.index_url, "demo"), stdout=said, stderr=said) as process:
        wait_for(lambda: "From now on" in (folder / "said").read_text(), "the first look is done")
        registry.index.put("demo", "1.0.0")
        wait_for(lambda: "crate_created" in (folder / "said").read_text(), "the event is shown")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    assert sorted(file.name for file in folder.iterdir()) == ["registry", "said"]


@pytest.fixture
def lockfile(folder, registry):
    """A real one, of whose packages from crates.io the registry has copies."""
    text = (CHECKOUT / "tests" / "data" / "lockfiles" / "sample.v3.lock").read_text()
    for package in read(text):
        if package["origin"] == "registry":
            registry.index.put(package["name"], package["version"], cksum=package["checksum"])
    file = folder / "app" / "Cargo.lock"
    file.parent.mkdir()
    file.write_text(text)
    return file


def test_a_lockfile_is_followed_until_an_interrupt(command, registry, folder, lockfile):
    registry.index.yank("petgraph", "0.6.0")
    with open(folder / "said", "w") as said, subprocess.Popen(
            **command("yw.follow", "--index", registry.index_url, str(lockfile)), stdout=said, stderr=said) as process:
        for text in ("are watched: 24\n", "From now on", "petgraph 0.6.0 is yanked in registry", "1 critical"):
            wait_for(lambda text=text: text in (folder / "said").read_text(), f"this is shown: {text}")
        registry.index.put("serde", "1.0.999")
        registry.index.yank("serde", "1.0.136")
        wait_for(lambda: "1 critical, 1 high" in (folder / "said").read_text(), "the new finding is shown")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    assert "run       cargo update -p serde --precise 1.0.999" in (folder / "said").read_text()
    assert f"- {{name: app, lockfile: {lockfile}}}" in (folder / "said").read_text()
    assert sorted(file.name for file in folder.iterdir()) == ["app", "registry", "said"]


def test_registries_are_taken_from_cargos_configuration(command, registry, folder, lockfile):
    config = folder / "config.toml"
    config.write_text('[source.crates-io]\nreplace-with = "mirror"\n'
                      f'[source.mirror]\nregistry = "{registry.index_url}"\n')
    with open(folder / "said", "w") as said, subprocess.Popen(
            **command("yw.follow", "--cargo-config", str(config), str(lockfile)), stdout=said, stderr=said) as process:
        wait_for(lambda: "From now on" in (folder / "said").read_text(), "the first looks are done")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    assert "are watched: 24\n" in (folder / "said").read_text()


def test_a_lockfile_that_cannot_be_read_is_told_with_its_line(command, registry, folder):
    (folder / "Cargo.lock").write_text("version = 4\n<<<<<<< HEAD\n")
    done = subprocess.run(**command("yw.follow", "--index", registry.index_url, str(folder / "Cargo.lock")),
                          capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1 and "Cargo.lock: lockfile: line 2: a merge conflict's marker" in done.stderr
    assert sorted(file.name for file in folder.iterdir()) == ["Cargo.lock", "registry"]


@pytest.mark.parametrize("crates", [True, False])
def test_without_a_network_it_says_so_and_ends(command, folder, lockfile, crates):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        index = f"sparse+http://127.0.0.1:{listener.getsockname()[1]}/"
    done = subprocess.run(**command("yw.follow", "--index", index, "serde" if crates else str(lockfile)),
                          capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1 and "Failed to connect" in done.stderr and "Is there a network?" in done.stderr
    assert sorted(file.name for file in folder.iterdir()) == ["app", "registry"]


def test_a_lockfile_that_is_not_there_is_told_before_the_build(folder):
    done = subprocess.run([CHECKOUT / "scripts" / "quickstart", "nothing.lock"], cwd=folder, capture_output=True,
                          text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout) == (2, "") and "nothing.lock: there is no such file" in done.stderr


@pytest.mark.parametrize("what", ["serde", "Cargo.lock"])
def test_crates_io_is_not_asked_without_a_contact(command, lockfile, what):
    what = command("yw.follow", str(lockfile) if what == "Cargo.lock" else what)
    what["env"].pop("YANKWATCH_CONTACT", None)
    done = subprocess.run(**what, capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1
    assert "YANKWATCH_CONTACT=you@example.com" in done.stderr


@pytest.mark.parametrize("script", ["scripts/deps", "scripts/lint", "scripts/quickstart", "scripts/test", ".ci/run"])
def test_the_scripts_are_plain_sh(script):
    subprocess.run(["sh", "-n", CHECKOUT / script], timeout=60, check=True)
    assert os.access(CHECKOUT / script, os.X_OK)
