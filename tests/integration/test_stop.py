# SPDX-License-Identifier: Apache-2.0
"""How a daemon ends: clean, soon, and so that the next one can begin."""

import time

from yw.index import path_of
from yw.server import HANG
from yw.wait import SLOWER, wait_for

SOON_S = 5 * SLOWER  # a drain may take ten seconds, but only for what is being delivered


def test_it_leaves_no_socket(registry, daemon):
    daemon.configure(registry.index_url, [])
    daemon.start()
    assert daemon.socket.exists()
    daemon.stop()
    assert not daemon.socket.exists()


def is_asked_for(daemon):
    (registry,) = daemon.status()["registries"]
    return registry["state"] == "ok" and registry["in_flight"] == 1  # config.json has come: it is the crate's file


def test_it_ends_soon_when_a_crate_is_found_absent_meanwhile(registry, daemon):
    """An absence waits for a fresh config.json, which is not asked for any more."""
    registry.answer(path_of("demo"), HANG)
    daemon.configure(registry.index_url, ["demo"])
    daemon.start()
    wait_for(lambda: is_asked_for(daemon), "demo is asked for")
    daemon.process.terminate()
    wait_for(lambda: "signal 15" in daemon.log(), "the daemon has begun to end")
    begin = time.monotonic()
    registry.answer(path_of("demo"), 404)
    daemon.stop()
    assert time.monotonic() - begin < SOON_S


def test_it_starts_where_a_killed_one_has_left_its_socket(registry, daemon):
    daemon.configure(registry.index_url, [])
    daemon.start()
    daemon.kill9()
    assert daemon.socket.exists()
    daemon.start()
    daemon.stop()


def test_a_second_one_on_the_same_folder_is_refused(registry, daemon):
    daemon.configure(registry.index_url, [])
    daemon.start()
    done = daemon.run()
    assert done.returncode == 1
    assert "another yankwatchd" in done.stderr
    assert daemon.get("/healthz") == {"healthy": True}, "the first is none the worse"
    daemon.stop()
