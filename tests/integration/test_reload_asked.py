# SPDX-License-Identifier: Apache-2.0
"""`yankwatch reload`: the daemon reads its configuration again, and whoever asks is told what comes of it."""

import concurrent.futures
import json

import pytest

from yw.client import bad, good
from yw.daemon import UnixConnection


@pytest.fixture
def watching(registry, daemon):
    registry.index.put("alpha", "1.0.0")
    registry.index.put("beta", "1.0.0")
    daemon.configure(registry.index_url, ["alpha"])
    daemon.start()
    yield daemon
    daemon.stop()


def test_what_is_told_is_in_force(registry, watching):
    for crates in (["alpha", "beta"], ["beta"], ["alpha"]):
        watching.configure(registry.index_url, crates)
        assert good(watching, "reload") == f"{watching.config}: in force\n"
        assert sorted(watching.watches()) == crates
    assert json.loads(good(watching, "--json", "reload")) == {"reloaded": True, "file": str(watching.config)}


def test_every_fault_is_told_and_the_old_one_stays(registry, watching):
    watching.configure(registry.index_url, ["alpha", "beta"], colour="red", retry={"first": "soon"})
    checked = watching.run("--check-config")
    assert checked.returncode == 2
    done = watching.client("reload")
    assert done.returncode == 1 and "the old one stays in force" in done.stdout
    assert done.stderr.splitlines() == [line for line in checked.stderr.splitlines() if str(watching.config) in line]
    assert len(done.stderr.splitlines()) == 2
    assert list(watching.watches()) == ["alpha"]
    assert watching.status()["config"]["last_error"]
    answer = json.loads(watching.client("--json", "reload").stdout)
    assert answer["reloaded"] is False and len(answer["errors"]) == 2
    watching.configure(registry.index_url, ["alpha"])
    good(watching, "reload")
    assert "last_error" not in watching.status()["config"]


def test_a_file_that_is_gone_is_told(watching):
    before = watching.config.read_text()
    watching.config.unlink()
    assert str(watching.config) in bad(watching, 1, "reload")
    watching.write(before)
    good(watching, "reload")


def test_many_who_ask_at_once_are_all_answered(registry, watching):
    def ask(number):
        return watching.api("POST", "/v1/reload").document["reloaded"]
    for crates in (["beta"], ["alpha"]) * 5:
        watching.configure(registry.index_url, crates)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            assert all(pool.map(ask, range(8)))
        assert list(watching.watches()) == crates, "whoever asked after the change has seen it"


def test_who_does_not_wait_leaves_nothing(registry, daemon):
    daemon.configure(registry.index_url, [])
    daemon.start()
    for _ in range(10):
        connection = UnixConnection(daemon.socket)
        connection.request("POST", "/v1/reload")
        connection.close()
    daemon.stop()
