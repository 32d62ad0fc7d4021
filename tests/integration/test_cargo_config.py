# SPDX-License-Identifier: Apache-2.0
"""`from_cargo_config`: what real cargo is told of its registries is all that the daemon has to be told."""

import subprocess

import pytest

from yw.registry import TOKEN
from yw.wait import wait_for


@pytest.fixture
def home(cargo):
    """Of cargo: it has published with these two files."""
    cargo.publish("demo", "1.0.0")
    home = cargo.folder / "home"
    (home / "credentials.toml").chmod(0o600)
    return home


def configuration(daemon, home, **keys):
    return {"state_dir": str(daemon.state), "socket": {"path": str(daemon.socket)}, "log": {"target": "stderr"},
            "from_cargo_config": str(home / "config.toml"), "watch": [{"registry": "internal", "crates": ["demo"]}]} | keys


def test_cargos_registry_is_polled_with_cargos_token(home, registry, daemon):
    registry.token = TOKEN
    registry.index.configure(**{"auth-required": True})
    daemon.write(configuration(daemon, home))
    assert daemon.run("--check-config").returncode == 0
    daemon.start()
    assert daemon.poll()["failed"] == 0
    assert daemon.watches() == {"demo": "present"}
    daemon.stop()
    assert TOKEN not in daemon.log()


def test_a_project_behind_a_mirror_is_watched_there(home, cargo, registry, daemon, folder):
    """cargo itself replaces crates.io, and its Cargo.lock speaks of crates.io all the same."""
    with open(home / "config.toml", "a", encoding="utf-8") as config:
        config.write(f'[source.crates-io]\nreplace-with = "near"\n[source.near]\nregistry = "{registry.index_url}"\n')
    project = folder / "project"
    (project / "src").mkdir(parents=True)
    (project / "src" / "lib.rs").touch()
    (project / "Cargo.toml").write_text('[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n'
                                        '[dependencies]\ndemo = "1"\n')
    done = subprocess.run([cargo.program, "generate-lockfile"], cwd=project, env=cargo.env, capture_output=True, text=True,
                          timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "registry+https://github.com/rust-lang/crates.io-index" in (project / "Cargo.lock").read_text()
    daemon.write(configuration(daemon, home, watch=[],
                               projects=[{"name": "app", "lockfile": str(project / "Cargo.lock")}]))
    checked = daemon.run("--check-config")
    assert checked.returncode == 0, checked.stderr
    assert "near" not in checked.stderr, "it is the registry that is named already"
    daemon.start()
    wait_for(lambda: "demo" in daemon.watches(), "the lockfile's crate is watched")
    daemon.poll()
    assert daemon.watches() == {"demo": "present"}
    daemon.stop()


def test_faults_name_cargos_file_and_its_line(home, daemon):
    config, credentials = home / "config.toml", home / "credentials.toml"
    daemon.write(configuration(daemon, home))
    credentials.chmod(0o644)
    assert f"{credentials}: " in daemon.run("--check-config").stderr
    credentials.chmod(0o600)
    config.write_text(config.read_text() + "[registries.internal]\n")
    done = daemon.run("--check-config")
    assert done.returncode == 2
    assert f"{config}:3: no TOML: " in done.stderr
    assert TOKEN not in done.stderr
