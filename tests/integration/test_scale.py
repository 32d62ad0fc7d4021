# SPDX-License-Identifier: Apache-2.0
"""Thousands of watches: what comes and goes costs what changes, and the loop has its turns meanwhile."""

import hashlib

import pytest

from yw.wait import wait_for

NAMES = [f"crate-{i:05}" for i in range(3000)]


@pytest.fixture
def many(registry, daemon, folder):
    """A daemon with a crates_file of NAMES, of which every thousandth exists; .list() changes the file."""
    for name in NAMES[::1000]:
        registry.index.put(name, "1.0.0")
    file = folder / "crates.txt"

    def write(names):
        file.write_text("".join(f"{name}\n" for name in names))
    daemon.list = write
    write(NAMES)
    daemon.configure(registry.index_url, [], watch=[{"registry": "internal", "crates_file": str(file)}])
    daemon.start()
    return daemon


def watched(daemon):
    (registry,) = daemon.status()["registries"]
    return registry["watches"]


def test_watches_come_and_go_while_the_first_sweep_is_under_way(many, registry):
    assert many.api("POST", "/v1/watches", {"crates": ["a-first", "crate-00500x", "z-last"]}).status == 200
    many.list(NAMES[1::2])
    many.reload()
    wait_for(lambda: watched(many) == 1503, "half of them are gone")
    many.list(NAMES)
    many.reload()
    wait_for(lambda: watched(many) == 3003, "and there again")
    assert many.api("DELETE", "/v1/watches/internal/a-first").status == 204
    result = many.poll()
    assert (result["polled"], result["failed"]) == (3002, 0)
    registry.index.yank(NAMES[2000], "1.0.0")
    assert many.poll(NAMES[2000])["changed"] == 1
    loop = many.status()["loop"]
    assert 0 < loop["longest_turn_cpu_us"] and loop["turn_p999_us"] <= loop["longest_turn_us"]
    many.stop()


def test_two_who_poll_all_share_the_requests(many, registry):
    many.poll()
    before = len(registry.asked)
    assert many.api("POST", "/v1/poll", {}).status == 202
    assert many.poll()["polled"] == 3000
    assert len(registry.asked) - before < 2 * len(NAMES)
    many.stop()


def test_an_unchanged_start_writes_nothing(many):
    def content():
        return hashlib.sha256((many.state / "yankwatch.sqlite").read_bytes()).hexdigest()
    many.poll()
    many.stop()
    before = content()
    many.start()
    assert many.poll()["unchanged"] == 3000
    many.reload()
    wait_for(lambda: " reload: watching 3000 " in many.log(), "the same configuration is in force again")
    many.stop()
    assert content() == before
