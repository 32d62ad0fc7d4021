# SPDX-License-Identifier: Apache-2.0
"""How a registry is asked: with its token and nobody else's, and not oftener than agreed."""

import time

import pytest

from yw.index import path_of
from yw.server import HANG
from yw.wait import wait_for

TOKEN = "a-token-of-the-tests"


@pytest.fixture
def token_file(folder):
    file = folder / "token"
    file.write_text(TOKEN + "\n")
    file.chmod(0o600)
    return str(file)


def test_a_private_registry_is_asked_with_its_token(registry, daemon, token_file):
    registry.token = TOKEN
    registry.index.configure(**{"auth-required": True})
    registry.index.put("demo", "1.0.0")
    daemon.configure(registry.index_url, ["demo"], registry={"token_file": token_file},
                     log={"target": "stderr", "level": "debug"})
    daemon.start()
    assert daemon.poll()["failed"] == 0
    assert daemon.watches() == {"demo": "present"}
    daemon.stop()
    assert TOKEN not in daemon.log()


def test_without_its_token_a_registry_says_where_to_get_one(registry, daemon):
    registry.token = TOKEN
    daemon.configure(registry.index_url, ["demo"])
    daemon.start()
    assert daemon.poll()["failed"] == 1
    error = daemon.status()["registries"][0]["last_error"]["text"]
    assert "401" in error and "token_file" in error and f"{registry.url}/me" in error
    daemon.stop()


def test_a_registry_that_wants_a_token_is_not_asked_without(registry, daemon):
    registry.index.configure(**{"auth-required": True})
    daemon.configure(registry.index_url, ["demo"])
    daemon.start()
    assert daemon.poll()["failed"] == 1
    assert "needs a token_file" in daemon.status()["registries"][0]["last_error"]["text"]
    assert {path for path, _ in registry.asked} == {"config.json"}
    daemon.stop()


def test_a_reload_brings_a_new_token(registry, daemon, token_file, folder):
    registry.token = TOKEN + "-rotated"
    daemon.configure(registry.index_url, ["demo"], registry={"token_file": token_file})
    daemon.start()
    assert daemon.poll()["failed"] == 1
    (folder / "token").write_text(TOKEN + "-rotated")
    daemon.reload()
    wait_for(lambda: daemon.poll()["failed"] == 0, "the new token is used")
    daemon.stop()


def test_a_token_never_goes_over_plain_http_to_another_machine(daemon, token_file):
    daemon.configure("sparse+http://registry.example/", ["demo"], registry={"token_file": token_file})
    done = daemon.run("--check-config")
    assert done.returncode == 2
    assert "token_file: would be sent in the clear" in done.stderr


def test_requests_stay_within_their_budget(registry, daemon):
    crates = [f"crate-{n}" for n in range(60)]
    for crate in crates:
        registry.index.put(crate, "1.0.0")
    daemon.configure(registry.index_url, crates, registry={"requests_per_second": 50})
    begin = time.monotonic()
    daemon.start()
    daemon.poll()
    took = time.monotonic() - begin
    asked = len(registry.asked)
    assert asked >= 61
    assert asked <= 50 * (took + 0.1) + 2, "a tenth of a second may be spent in advance"
    daemon.stop()


def test_an_absence_that_cannot_be_checked_in_a_pause_holds_no_round(registry, daemon):
    for crate in ("alpha", "beta"):
        registry.index.put(crate, "1.0.0")
    daemon.configure(registry.index_url, ["alpha", "beta"], confirm="1h")
    daemon.start()
    daemon.poll()
    for crate in ("alpha", "beta"):
        registry.answer(path_of(crate), HANG)
    later = daemon.api("POST", "/v1/poll", {"wait": 1})
    assert later.status == 202
    registry.answer(path_of("beta"), 429)
    wait_for(lambda: "paused_until" in daemon.status()["registries"][0], "the registry pauses")
    registry.answer(path_of("alpha"), 404)
    ended = daemon.api("POST", "/v1/poll", {"wait": 30, "round": later.document["round"]})
    assert (ended.status, ended.document["failed"]) == (200, 2)
    daemon.stop()
