# SPDX-License-Identifier: Apache-2.0
"""How a registry's web API is asked for the reasons of yanks: in what form, how often, and what becomes of its answers.
What is made of a reason stands in test_reasons.py."""

import contextlib
import json
import threading
import time

import pytest

from yw.wait import wait_for
from yw.web_api import WebApi

CONTACT = "someone@yankwatch.test"
TOKEN = "a-token-of-the-tests"


def reasons(url=None, **keys):
    """The keys of a registry that asks that API; None: the one of its config.json."""
    return {"contact": CONTACT, "reasons": {"from": "crates.io"} | ({"api_url": url} if url else {}) | keys}


def put(registry, api, crates, versions=("1.0.0",)):
    """Crates with these versions, in the index and in the API."""
    for crate in crates:
        api.publish(crate, *versions)
        registry.index.put_lines(crate, [])
        for version in versions:
            registry.index.put(crate, version)


def yank(registry, api, crates, versions=("1.0.0",), message="broken"):
    for crate in crates:
        for version in versions:
            api.yank(crate, version, message)
            registry.index.yank(crate, version)


def start(daemon, registry, api, crates, versions=("1.0.0",), **keys):
    """It watches crates with these versions, after its baseline; `keys`: of `reasons`."""
    put(registry, api, crates, versions)
    daemon.configure(registry.index_url, crates, registry=reasons(api.url, **keys))
    daemon.start()
    daemon.poll()
    return daemon


def status_of(daemon):
    return daemon.status()["registries"][0]["reasons"]


class Haste:
    """A clock that runs: `speed_s` seconds in every few milliseconds, until the block ends."""

    def __init__(self, clock, speed_s=0.25):
        self.clock, self.speed_s = clock, speed_s
        self._end = threading.Event()

    def __enter__(self):
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def _run(self):
        while not self._end.wait(0.005):
            self.clock.advance(self.speed_s)

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()


# ---------------------------------------------------------------- what is asked


def test_all_versions_of_a_crate_are_one_request(registry, web_api, clocked_daemon, clock):
    versions = ["1.0.0", "1.0.1+build.5", "2.0.0-rc.1"]
    start(clocked_daemon, registry, web_api, ["demo"], versions)
    yank(registry, web_api, ["demo"], versions)
    with Haste(clock):
        clocked_daemon.poll()
        wait_for(lambda: web_api.requests("owners"), "whose crate it is was asked, too")
    (asked,) = web_api.requests("versions")
    assert sorted(asked.nums) == versions
    assert asked.path.startswith("/api/v1/crates/demo/versions?nums")
    assert "1.0.1%2Bbuild.5" in asked.path
    assert (asked.method, asked.status) == ("GET", 200)
    assert asked.headers["user-agent"].startswith("yankwatch/")
    assert CONTACT in asked.headers["user-agent"]
    assert "authorization" not in asked.headers
    (owners,) = web_api.requests("owners")
    assert (owners.path, owners.status) == ("/api/v1/crates/demo/owners", 200)
    clocked_daemon.stop()


def test_the_api_is_that_of_config_json(registry, clocked_daemon, clock):
    put(registry, registry.web_api, ["demo"])
    registry.web_api.clock = clock
    clocked_daemon.configure(registry.index_url, ["demo"], registry=reasons())
    clocked_daemon.start()
    clocked_daemon.poll()
    assert status_of(clocked_daemon)["api"] == registry.url
    yank(registry, registry.web_api, ["demo"])
    with Haste(clock):
        clocked_daemon.poll()
        wait_for(registry.web_api.requests, "it is asked")
    clocked_daemon.stop()


@pytest.mark.parametrize("api", [None, "", "ftp://127.0.0.1", "http://", 7])
def test_without_an_api_nothing_is_asked(api, registry, clocked_daemon, clock):
    put(registry, registry.web_api, ["demo"])
    registry.index.configure(dl=f"{registry.url}/dl", **({} if api is None else {"api": api}))
    clocked_daemon.configure(registry.index_url, ["demo"], registry=reasons())
    clocked_daemon.start()
    clocked_daemon.poll()
    yank(registry, registry.web_api, ["demo"])
    clocked_daemon.poll()
    assert status_of(clocked_daemon) == {"state": "none"}
    clocked_daemon.stop()
    assert not registry.web_api.asked


def test_from_none_asks_nothing(registry, clocked_daemon):
    put(registry, registry.web_api, ["demo"])
    clocked_daemon.configure(registry.index_url, ["demo"])
    clocked_daemon.start()
    clocked_daemon.poll()
    assert "reasons" not in clocked_daemon.status()["registries"][0]
    clocked_daemon.stop()


@pytest.mark.parametrize("own", [True, False])
def test_a_token_is_sent_to_the_index_s_own_host_alone(own, registry, web_api, clocked_daemon, clock, folder):
    (folder / "token").write_text(TOKEN)
    (folder / "token").chmod(0o600)
    api = registry.web_api if own else web_api
    put(registry, api, ["demo"])
    clocked_daemon.configure(registry.index_url, ["demo"], registry=reasons(registry.url if own else web_api.url) |
                             {"token_file": str(folder / "token")})
    clocked_daemon.start()
    clocked_daemon.poll()
    yank(registry, api, ["demo"])
    with Haste(clock):
        clocked_daemon.poll()
        wait_for(lambda: api.requests("owners"), "versions and owners were asked")
    assert [asked.headers.get("authorization") for asked in api.asked] == [TOKEN if own else None] * 2
    clocked_daemon.stop()
    assert TOKEN not in clocked_daemon.log()


@pytest.mark.parametrize("trusted", [True, False])
def test_an_api_of_another_host_is_believed_by_the_registry_s_authority(trusted, registry, clocked_daemon, clock,
                                                                       authority):
    with contextlib.closing(WebApi(clock).serve(authority=authority)) as api:
        put(registry, api, ["demo"])
        clocked_daemon.configure(registry.index_url, ["demo"], registry=reasons(api.url),
                                 ca_file=authority / "ca.pem" if trusted else None)
        clocked_daemon.start()
        clocked_daemon.poll()
        yank(registry, api, ["demo"])
        with Haste(clock):
            clocked_daemon.poll()
            if trusted:
                wait_for(api.requests, "it is asked")
            else:
                wait_for(lambda: status_of(clocked_daemon)["failures"], "it is not believed")
                assert "certificate" in status_of(clocked_daemon)["last_error"]["text"]
                assert not api.asked
        clocked_daemon.stop()


# ---------------------------------------------------------------- how often


def test_two_thousand_yanks_at_once_stay_within_the_budget(registry, web_api, clocked_daemon, clock, tell):
    """In the daemon's time, which runs: no window of a second has more than one request, and 100 crates of 20
    yanked versions each take one request a crate for their texts, before anything else; owners follow with the first look
    after it."""
    crates = [f"crate-{n}" for n in range(100)]
    versions = [f"1.0.{n}" for n in range(20)]
    daemon = clocked_daemon
    start(daemon, registry, web_api, crates, versions)
    begin = clock.now()
    yank(registry, web_api, crates, versions)
    with Haste(clock, 0.5):
        daemon.poll()
        wait_for(lambda: len(web_api.requests("owners")) == 100, "every crate was asked for", 120)
    assert sum(event["event"] == "yanked" for event in daemon.events()) == 2000
    first = web_api.requests()[:100]
    assert [len(asked.nums) for asked in first] == [20] * 100
    assert {asked.crate for asked in first} == set(crates)
    took = clock.now() - begin
    tell(f"2,000 yanks of 100 crates: {len(web_api.asked)} requests in {took:.0f} s of the daemon's time, "
         f"at most {web_api.busiest()} in any second")
    assert web_api.busiest() == 1
    assert status_of(daemon)["requests"] == len(web_api.asked)
    daemon.stop()


def test_in_real_time_there_is_one_request_a_second(registry, web_api, daemon, tell):
    crates = [f"crate-{n}" for n in range(20)]
    web_api.clock = time
    start(daemon, registry, web_api, crates)
    yank(registry, web_api, crates)
    daemon.poll()
    wait_for(lambda: len(web_api.asked) == 6, "some requests")
    gaps = [later.at - earlier.at for earlier, later in zip(web_api.asked, web_api.asked[1:])]
    tell(f"six requests: gaps of {min(gaps):.3f} to {max(gaps):.3f} s")
    assert web_api.busiest() == 1
    daemon.stop()


def test_registries_of_one_api_share_its_budget(registry, web_api, clocked_daemon, clock):
    crates = [f"crate-{n}" for n in range(10)]
    put(registry, web_api, crates)
    daemon = clocked_daemon
    daemon.configure(registry.index_url, crates, registry=reasons(web_api.url, requests_per_second=5))
    config = json.loads(daemon.config.read_text())
    config["registries"]["other"] = config["registries"]["internal"] | reasons(f"{web_api.url}/", requests_per_second=2)
    config["watch"].append({"registry": "other", "crates": crates})
    daemon.write(config)
    daemon.start()
    daemon.poll()
    yank(registry, web_api, crates)
    with Haste(clock, 0.1):
        daemon.poll()
        wait_for(lambda: len(web_api.requests()) == 20, "both registries asked for each crate")
    assert web_api.busiest() <= 2
    assert {row["reasons"]["requests"] for row in daemon.status()["registries"]} == {len(web_api.asked)}
    daemon.stop()


def test_a_restart_and_a_reload_bring_no_burst(registry, web_api, clocked_daemon, clock):
    crates = [f"crate-{n}" for n in range(12)]
    daemon = start(clocked_daemon, registry, web_api, crates)
    yank(registry, web_api, crates)
    with Haste(clock, 0.1):
        daemon.poll()
        for ends in (daemon.stop, daemon.kill9, daemon.stop):
            before = len(web_api.asked)
            wait_for(lambda n=before: len(web_api.asked) > n, "it is asked")
            ends()
            daemon.start()
            daemon.reload()
        before = len(web_api.asked)
        daemon.reload()
        wait_for(lambda: len(web_api.asked) > before + 2, "it goes on")
    assert web_api.busiest() == 1
    daemon.stop()


# ---------------------------------------------------------------- when it refuses


@pytest.mark.parametrize("status, headers, pause_s", [(403, {}, 60), (429, {}, 60), (503, {}, 60),
                                                      (503, {"Retry_After": "7"}, 7), (429, {"Retry_After": "0"}, 45),
                                                      (429, {"Retry_After": "99999999"}, 3600)])
def test_a_refusal_pauses_the_api_alone(status, headers, pause_s, registry, web_api, clocked_daemon, clock):
    crates = ["alpha", "beta"]
    daemon = start(clocked_daemon, registry, web_api, crates)
    web_api.fail(status, **headers)
    yank(registry, web_api, crates)
    with Haste(clock, 0.1):
        daemon.poll()
        wait_for(lambda: status_of(daemon)["state"] == "paused", "it pauses")
    assert f"HTTP {status}" in status_of(daemon)["last_error"]["text"]
    assert len(web_api.asked) == 1
    polls = daemon.status()["registries"][0]
    assert (polls["state"], "paused_until" in polls) == ("ok", False)
    assert daemon.poll()["failed"] == 0, "the index is polled as before"
    web_api.mend()
    asked = web_api.asked[0].at
    with Haste(clock, pause_s / 20):
        wait_for(lambda: len(web_api.asked) > 1, "it is asked again")
    assert web_api.asked[1].at - asked >= pause_s * 0.999
    with Haste(clock, 0.5):
        wait_for(lambda: len(web_api.requests("owners")) == 2, "nothing was lost")
        wait_for(lambda: status_of(daemon)["state"] == "ok", "and it is well again")
    assert daemon.log().count("asks us to wait") == 1
    assert daemon.log().count("answers again") == 1
    daemon.stop()


def test_a_crate_that_is_refused_holds_up_no_other(registry, web_api, clocked_daemon, clock):
    """A firewall in front of the API dislikes its name, or a version of it."""
    crates = ["alpha", "beta"]
    daemon = start(clocked_daemon, registry, web_api, crates)
    web_api.refuse("alpha", 403)
    yank(registry, web_api, ["alpha"])
    daemon.poll()
    yank(registry, web_api, ["beta"])
    with Haste(clock, 2):
        daemon.poll()
        wait_for(lambda: "beta" in [asked.crate for asked in web_api.requests("owners")], "the other crate is asked for")
        asked = len(web_api.requests())
        wait_for(lambda: len(web_api.requests()) > asked, "and the first one again")
    assert web_api.busiest() == 1
    daemon.stop()


def test_refused_owners_make_no_pause_longer(registry, web_api, clocked_daemon, clock):
    """A private API that shows versions to all, and owners to nobody."""
    crates = [f"crate-{n}" for n in range(6)]
    daemon = start(clocked_daemon, registry, web_api, crates, recheck=["1d"])
    for crate in crates:
        web_api.refuse(crate, 403, "owners")
    yank(registry, web_api, crates)
    begin = clock.now()
    with Haste(clock, 2):
        daemon.poll()
        wait_for(lambda: len(web_api.requests("owners")) == 6, "every crate is asked for")
    assert clock.now() - begin < 6 * 90
    wait_for(lambda: all(event.get("reason", {}).get("text") == "broken" for event in daemon.events()),
             "what they said is stored")
    daemon.stop()


def test_pauses_grow(registry, web_api, clocked_daemon, clock):
    daemon = start(clocked_daemon, registry, web_api, ["demo"])
    web_api.fail(503, Retry_After="10")
    yank(registry, web_api, ["demo"])
    with Haste(clock, 1):
        daemon.poll()
        wait_for(lambda: len(web_api.asked) == 6, "it is asked again and again")
    times = [asked.at for asked in web_api.asked]
    pauses = [later - earlier for earlier, later in zip(times, times[1:])]
    assert min(pauses) >= 10 * 0.999, "never sooner than it asks for"
    assert pauses[-1] > 4 * pauses[0]
    daemon.stop()


# ---------------------------------------------------------------- bad answers


BAD = {
    "nothing": b"", "a page": b"<html>", "no list": b"{}", "another type": b'{"versions":7}',
    "too deep": b'{"versions":[' + b"[" * 100000, "too many values": b'{"versions":[' + b"0," * 3000000 + b"0]}",
    "too large": b" " * (9 << 20), "no UTF-8": b'{"versions":[{"num":"1.0.0","yanked":true,"yank_message":"\xff"}]}',
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_a_bad_answer_is_counted_and_the_others_are_asked(body, registry, web_api, clocked_daemon, clock):
    crates = ["alpha", "beta"]
    daemon = start(clocked_daemon, registry, web_api, crates)
    web_api.put_raw("alpha", body)
    yank(registry, web_api, crates)
    with Haste(clock):
        daemon.poll()
        wait_for(lambda: "beta" in [asked.crate for asked in web_api.requests("owners")], "the other crate is asked for")
        wait_for(lambda: status_of(daemon)["failures"], "it is counted")
    assert "last_error" in status_of(daemon)
    assert web_api.busiest() == 1
    daemon.stop()


def test_a_reply_that_is_too_large_is_asked_for_in_parts(registry, web_api, clocked_daemon, clock):
    """Versions with thousands of features each: one request for all of them would be above the limit."""
    versions = [f"1.0.{n}" for n in range(8)]
    put(registry, web_api, ["demo"], versions)
    for version in versions:
        web_api.adorn("demo", version, padding="x" * (3 << 20))
    daemon = clocked_daemon
    daemon.configure(registry.index_url, ["demo"], registry=reasons(web_api.url))
    daemon.start()
    daemon.poll()
    yank(registry, web_api, ["demo"], versions)
    with Haste(clock):
        daemon.poll()
        wait_for(lambda: {num for asked in web_api.asked for num in asked.nums if len(asked.nums) <= 2} ==
                 set(versions), "every version was in a reply that could be taken")
    assert web_api.busiest() == 1
    daemon.stop()


def test_a_crate_that_the_api_does_not_have_is_no_fault_of_the_api(registry, web_api, clocked_daemon, clock):
    put(registry, web_api, ["beta"])
    registry.index.put("alpha", "1.0.0")
    daemon = clocked_daemon
    daemon.configure(registry.index_url, ["alpha", "beta"], registry=reasons(web_api.url))
    daemon.start()
    daemon.poll()
    registry.index.yank("alpha", "1.0.0")
    yank(registry, web_api, ["beta"])
    with Haste(clock):
        daemon.poll()
        wait_for(lambda: {asked.crate: asked.status for asked in web_api.requests()} == {"alpha": 404, "beta": 200},
                 "both crates are asked for")
        wait_for(lambda: web_api.requests("owners"), "and the owners of the one that is there")
    assert (status_of(daemon)["state"], status_of(daemon)["failures"]) == ("ok", 0)
    daemon.stop()


def test_a_redirect_is_not_followed(registry, web_api, clocked_daemon, clock):
    daemon = start(clocked_daemon, registry, web_api, ["demo"])
    web_api.fail(302, Location=f"{registry.url}/api/v1/crates/demo/versions")
    yank(registry, web_api, ["demo"])
    with Haste(clock):
        daemon.poll()
        wait_for(lambda: status_of(daemon)["failures"], "it failed")
    assert "redirect" in status_of(daemon)["last_error"]["text"]
    assert not registry.web_api.asked
    daemon.stop()


def test_an_api_that_hangs_delays_no_poll(registry, web_api, clocked_daemon, clock):
    put(registry, web_api, ["demo"], ["1.0.0", "1.0.1"])
    daemon = clocked_daemon
    daemon.configure(registry.index_url, ["demo"], registry=reasons(web_api.url))
    daemon.start()
    daemon.poll()
    web_api.hang()
    yank(registry, web_api, ["demo"])
    with Haste(clock, 0.1):
        daemon.poll()
        wait_for(lambda: web_api.asked, "it is asked")
    registry.index.yank("demo", "1.0.1")
    assert daemon.poll()["changed"] == 1
    assert len(web_api.asked) == 1
    daemon.stop()
