# SPDX-License-Identifier: Apache-2.0
"""Whose certificates a registry is believed by: those of its own `ca_file`, as the configuration says now."""

import contextlib

import pytest

from test_reload import reload_and_wait
from yw.index import Index
from yw.nginx import Nginx, make_authority

KEPT_OPEN = "keepalive_timeout 60s;"
RESUMED = "keepalive_requests 1; ssl_session_cache shared:sessions:1m;"  # a connection for each request, of one session


@pytest.fixture
def other_authority(folder):
    it = folder / "other-authority"
    it.mkdir()
    make_authority(it)
    return it


@pytest.fixture
def serve(folder):
    """A factory of servers; each has the crate "demo"."""
    with contextlib.ExitStack() as stack:
        def start(authority, directives=""):
            number = len(list(folder.glob("nginx*")))
            it = Nginx(folder / f"nginx{number}", Index(folder / f"served{number}"), authority, directives)
            stack.callback(it.stop)
            it.index.put("demo", "1.0.0")
            return it
        yield start


def configure(daemon, **registries):
    """Each by its server and the authority that it is believed by; "demo" is watched in all."""
    daemon.configure("http://localhost/", [], registries={
        name: {"index": server.index_url, "ca_file": str(authority / "ca.pem"), "poll_interval": "1h",
               "requests_per_second": 100000}
        for name, (server, authority) in registries.items()
    }, watch=[{"registry": name, "crates": ["demo"]} for name in registries])


def failing(daemon):
    """The registries whose last poll was refused for their certificate."""
    failed = daemon.poll()["failed"]
    names = [row["registry"] for row in daemon.status()["registries"]
             if "certificate" in row.get("last_error", {}).get("text", "")]
    assert len(names) == failed
    return names


def test_two_registries_are_each_believed_by_their_own_authority(serve, authority, other_authority, daemon):
    configure(daemon, one=(serve(authority), authority), two=(serve(other_authority), other_authority))
    daemon.start()
    assert failing(daemon) == []
    daemon.stop()


def test_a_registry_is_not_believed_by_the_authority_of_another(serve, authority, other_authority, daemon):
    one = (serve(authority), authority)
    configure(daemon, one=one)
    daemon.start()
    assert failing(daemon) == []
    configure(daemon, one=one, two=(serve(authority), other_authority))
    reload_and_wait(daemon)
    assert failing(daemon) == ["two"]
    daemon.stop()


@pytest.mark.parametrize("connections", [KEPT_OPEN, RESUMED])
def test_nor_when_both_have_the_same_host(connections, serve, authority, other_authority, daemon):
    server = serve(authority, connections)
    configure(daemon, one=(server, authority), two=(server, other_authority))
    daemon.start()
    assert failing(daemon) == ["two"]
    daemon.stop()


@pytest.mark.parametrize("connections", [KEPT_OPEN, RESUMED])
def test_an_authority_that_was_taken_away_is_believed_no_longer(connections, serve, authority, other_authority, daemon):
    server = serve(authority, connections)
    configure(daemon, one=(server, authority))
    daemon.start()
    assert failing(daemon) == []
    configure(daemon, one=(server, other_authority))
    reload_and_wait(daemon)
    assert failing(daemon) == ["one"]
    daemon.stop()


def test_an_authority_that_a_reload_brings_is_believed(serve, authority, other_authority, daemon):
    server = serve(authority)
    configure(daemon, one=(server, other_authority))
    daemon.start()
    assert failing(daemon) == ["one"]
    configure(daemon, one=(server, authority))
    reload_and_wait(daemon)
    assert daemon.poll()["failed"] == 0
    daemon.stop()
