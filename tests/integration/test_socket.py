# SPDX-License-Identifier: Apache-2.0
"""The socket's documents (docs/SOCKET.md): pages, filters, errors, watches and polls."""

import concurrent.futures
import json
import urllib.parse

import pytest

from yw.daemon import CHECKOUT, kinds
from yw.registry import HANG
from yw.wait import wait_for

CRATES = ["alpha", "beta"]


@pytest.fixture
def watching(registry, daemon):
    """A daemon that watches alpha and beta."""
    for crate in CRATES:
        registry.index.put(crate, "1.0.0")
    daemon.configure(registry.index_url, CRATES)
    daemon.start()
    daemon.poll()
    yield daemon
    daemon.stop()


@pytest.fixture
def history(watching, registry):
    """Seven events: five of alpha, then two of beta."""
    for version in ("1.1.0", "1.2.0", "1.3.0"):
        registry.index.put("alpha", version)
    registry.index.yank("alpha", "1.1.0")
    watching.poll("alpha")
    registry.index.yank("alpha", "1.1.0", yanked=False)
    watching.poll("alpha")
    registry.index.yank("beta", "1.0.0")
    registry.index.put("beta", "2.0.0")
    watching.poll("beta")
    events = watching.events()
    assert len(events) == 7
    return events


def expect_problem(answer, status):
    assert (answer.status, answer.type) == (status, "application/problem+json")
    assert answer.document["status"] == status
    assert answer.document["title"]
    assert answer.document["detail"]


# ---------------------------------------------------------------- events


def pages(daemon, query):
    """Every page of three events."""
    found, after = [], None
    while True:
        page = daemon.get(f"/v1/events?limit=3{query}" + (f"&after={after}" if after else ""))
        found.append(page["events"])
        after = page["next"]
        if after is None:
            return found


@pytest.mark.parametrize("query, expected", [
    ("", [[1, 2, 3], [4, 5, 6], [7]]),
    ("&reverse=true", [[7, 6, 5], [4, 3, 2], [1]]),
    ("&crate=beta", [[6, 7]]),
    ("&registry=internal&crate=alpha", [[1, 2, 3], [4, 5]]),
    ("&registry=elsewhere", [[]]),
])
def test_events_come_in_pages(query, expected, watching, history):
    assert [[event["seq"] for event in page] for page in pages(watching, query)] == expected


@pytest.mark.parametrize("query, expected", [
    ("version=1.1.0", [("published", "1.1.0"), ("yanked", "1.1.0"), ("unyanked", "1.1.0")]),
    ("event=unyanked", [("unyanked", "1.1.0")]),
    ("event=yanked,unyanked&crate=alpha", [("yanked", "1.1.0"), ("unyanked", "1.1.0")]),
])
def test_events_are_filtered(query, expected, watching, history):
    assert kinds(watching.get(f"/v1/events?{query}")["events"]) == expected


def test_events_are_filtered_by_time(watching, history):
    moment = urllib.parse.quote(history[-2]["at"])
    assert watching.get(f"/v1/events?since={moment}")["events"] == history[-2:]
    assert watching.get(f"/v1/events?until={moment}")["events"] == history[:-2]


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=-1", "limit=many", "after=x", "since=yesterday",
                                   "event=yankd", "reverse=yes"])
def test_a_filter_that_makes_no_sense_is_told(query, watching):
    expect_problem(watching.api("GET", f"/v1/events?{query}"), 400)


def test_a_kind_that_does_not_exist_is_answered_with_those_that_do(watching):
    detail = watching.api("GET", "/v1/events?event=yankd").document["detail"]
    assert '"yankd"' in detail and "published, yanked, unyanked" in detail and "registry_incident" in detail


@pytest.mark.parametrize("method, path, name, allowed", [
    ("GET", "/v1/events?crat=alpha", "crat", "crate"),
    ("GET", "/v1/watches?limit=1&state=absent", "state", "limit"),
    ("GET", "/v1/status?verbose", "verbose", None),
    ("POST", "/v1/poll?wait=true", "wait", None),
])
def test_an_argument_that_nobody_knows_is_told(method, path, name, allowed, watching):
    answer = watching.api(method, path)
    expect_problem(answer, 400)
    assert f'"{name}"' in answer.document["detail"]
    assert allowed is None or allowed in answer.document["detail"]


# ---------------------------------------------------------------- crates and errors


def test_a_crate_shows_its_versions_in_the_order_of_the_index(watching, history, registry):
    registry.index.delete_version("alpha", "1.2.0")
    watching.poll("alpha")
    crate = watching.get("/v1/crates/internal/alpha")
    assert (crate["registry"], crate["crate"], crate["state"]) == ("internal", "alpha", "present")
    assert crate["listed_by"] == ["configuration"]
    assert [(row["version"], row["deleted"]) for row in crate["versions"]] == [
        ("1.0.0", False), ("1.1.0", False), ("1.2.0", True), ("1.3.0", False)]
    assert crate["usable_versions"] == 3


def test_a_name_that_is_not_watched_is_answered_with_near_ones(watching):
    answer = watching.api("GET", "/v1/crates/internal/alpa")
    expect_problem(answer, 404)
    assert answer.document["near"] == ["alpha"]


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/", 404),
    ("GET", "/v1/nothing", 404),
    ("GET", "/v1/crates/internal", 404),
    ("GET", "/v1/events/", 404),
    ("DELETE", "/v1/watches/internal/gamma", 404),
    ("DELETE", "/v1/events", 405),
    ("POST", "/v1/status", 405),
    ("PUT", "/v1/watches", 405),
])
def test_what_is_not_there_is_a_problem_document(method, path, status, watching):
    expect_problem(watching.api(method, path), status)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"crates": "alpha"}', b'{"crates": [1]}', b'{"crates": ["a b"]}',
                                  b'{"crates": []}'])
def test_a_body_that_makes_no_sense_is_told(body, watching):
    expect_problem(watching.api("POST", "/v1/watches", body), 400)
    assert sorted(watching.watches()) == CRATES


@pytest.mark.parametrize("name, quoted", [("a b", "a b"), ("a\u202eb", "a\\u{202e}b"), ("x" * 90, "x" * 64 + "...")],
                         ids=["blank", "bidirectional", "long"])
def test_a_name_that_is_none_is_quoted_and_what_is_allowed_is_said(name, quoted, watching):
    answer = watching.api("POST", "/v1/watches", {"crates": ["alpha", name]})
    expect_problem(answer, 400)
    assert f'"{quoted}" is not a crate\'s name, allowed: 1 to 64 letters, digits, - and _' in answer.document["detail"]


@pytest.mark.parametrize("path, body, name", [
    ("/v1/poll", {"crate": "alpha"}, "crate"),
    ("/v1/poll", {"wait": "yes"}, "wait"),
    ("/v1/poll", {"wait": [1], "crates": ["alpha"]}, "wait"),
    ("/v1/poll", {"registry": ["internal"]}, "registry"),
    ("/v1/poll", {"crates": []}, "crates"),
    ("/v1/watches", {"crates": ["alpha"], "wait": True}, "wait"),
    ("/v1/watches", {"crates": ["alpha"], "Registry": "internal"}, "Registry"),
])
def test_a_member_that_nobody_knows_or_of_another_type_is_told(path, body, name, watching):
    before = watching.status()["registries"][0]["polls"]
    answer = watching.api("POST", path, body)
    expect_problem(answer, 400)
    assert name in answer.document["detail"]
    assert watching.status()["registries"][0]["polls"] == before, "and nothing is polled"


def test_a_body_that_is_too_large_is_refused(watching):
    answer = watching.api("POST", "/v1/watches", b" " * (17 << 20))
    expect_problem(answer, 413)
    assert watching.get("/healthz") == {"healthy": True}


# ---------------------------------------------------------------- watches


def test_a_watch_comes_and_goes(watching, registry):
    registry.index.put("gamma", "1.0.0")
    for added in (True, False):
        assert watching.api("POST", "/v1/watches", {"crates": ["gamma"]}).document == {
            "watches": [{"registry": "internal", "crate": "gamma", "added": added}]}
    wait_for(lambda: watching.watches().get("gamma") == "present", "it is polled at once")
    registry.index.yank("gamma", "1.0.0")
    watching.poll("gamma")
    assert kinds(watching.events()) == [("yanked", "1.0.0")]
    assert watching.api("DELETE", "/v1/watches/internal/gamma").status == 204
    assert sorted(watching.watches()) == CRATES
    expect_problem(watching.api("DELETE", "/v1/watches/internal/gamma"), 404)
    wait_for(lambda: "watch: gamma in internal removed by the socket" in watching.log(), "it is logged")
    assert watching.log().count("watch: gamma in internal added by the socket") == 1, "the second was no addition"


def test_a_watch_of_the_socket_survives_a_restart(watching):
    watching.api("POST", "/v1/watches", {"registry": "internal", "crates": ["gamma"]})
    watching.poll("gamma")
    watching.stop()
    watching.start()
    (watch,) = watching.get("/v1/watches?crate=gamma")["watches"]
    assert watch["listed_by"] == ["socket"]


def test_a_watch_that_was_removed_and_added_again_starts_with_a_baseline(watching, registry):
    registry.index.put("gamma", "1.0.0")
    watching.api("POST", "/v1/watches", {"crates": ["gamma"]})
    watching.poll("gamma")
    watching.api("DELETE", "/v1/watches/internal/gamma")
    registry.index.yank("gamma", "1.0.0")
    watching.api("POST", "/v1/watches", {"crates": ["gamma"]})
    watching.poll("gamma")
    assert watching.events() == []


def test_a_watch_of_the_configuration_cannot_be_removed(watching):
    expect_problem(watching.api("DELETE", "/v1/watches/internal/alpha"), 409)
    assert sorted(watching.watches()) == CRATES


def test_watches_come_in_pages(watching):
    first = watching.get("/v1/watches?limit=1")
    second = watching.get(f"/v1/watches?limit=1&after={first['next']}")
    assert [row["crate"] for page in (first, second) for row in page["watches"]] == CRATES
    assert second["next"] is None


# ---------------------------------------------------------------- status


def parts(status):
    """The keys of each of its objects; of a list's, those of any."""
    for name, part in {"": status, **status}.items():
        for item in part if isinstance(part, list) else [part]:
            if isinstance(item, dict):
                yield from ((name, key) for key in item)


OPTIONAL = ("last_error", "paused_until", "reasons", "swept_at", "high", "due_since", "group_due_at", "disabled_at",
            "disabled_text", "altered_at")


def test_the_status_has_the_keys_that_are_documented(watching, registry, receiver):
    text = (CHECKOUT / "docs/SOCKET.md").read_text(encoding="utf-8")
    documented = set(parts(json.loads(text.split("**Status.**\n```json\n")[1].split("```")[0])))
    optional = {pair for pair in documented if pair[1] in OPTIONAL}
    watching.configure(registry.index_url, CRATES, notifiers={"hook": receiver.notifier()})
    watching.reload()
    wait_for(lambda: [row["state"] for row in watching.status()["notifiers"]] == ["idle"], "the notifier is open")
    sent = set(parts(watching.status()))
    assert sent - documented == set()
    assert documented - sent <= optional


# ---------------------------------------------------------------- lines that cannot be read


def unparsed(daemon):
    return daemon.status()["registries"][0]["unparsed"]


def bad_lines(daemon, crate):
    shown = daemon.get(f"/v1/crates/internal/{crate}")
    return shown["unparsed_lines"], shown["doubled_lines"]


def test_the_status_counts_crates_with_lines_that_cannot_be_read(watching, registry):
    good = {crate: registry.index.lines(crate) for crate in CRATES}
    registry.index.put_lines("alpha", [*good["alpha"], "{", "{"])
    registry.index.put_lines("beta", good["beta"] * 2)
    watching.poll()
    assert unparsed(watching) == 2, "crates, not lines; one with a version twice is one of them"
    assert bad_lines(watching, "alpha") == (2, 0)
    assert bad_lines(watching, "beta") == (0, len(good["beta"]))
    registry.index.put_lines("beta", good["beta"])
    watching.poll()
    assert unparsed(watching) == 1
    watching.stop()
    registry.answer("al/ph/alpha", 500)
    watching.start()
    assert unparsed(watching) == 1, "it is remembered"
    registry.answer("al/ph/alpha", None)
    registry.index.put_lines("alpha", good["alpha"])
    watching.poll()
    assert unparsed(watching) == 0


def test_a_crate_that_is_not_watched_any_more_counts_no_more(watching, registry):
    registry.index.put_lines("gamma", ["{", *(line.replace("alpha", "gamma") for line in registry.index.lines("alpha"))])
    watching.api("POST", "/v1/watches", {"crates": ["gamma"]})
    watching.poll("gamma")
    assert unparsed(watching) == 1
    watching.api("DELETE", "/v1/watches/internal/gamma")
    assert unparsed(watching) == 0


# ---------------------------------------------------------------- polls


def test_a_poll_that_waits_says_what_came_of_it(watching, registry):
    registry.index.yank("alpha", "1.0.0")
    assert watching.poll() == {"polled": 2, "changed": 1, "unchanged": 1, "failed": 0, "errors": []}
    assert watching.poll("beta") == {"polled": 1, "changed": 0, "unchanged": 1, "failed": 0, "errors": []}


def test_a_poll_that_does_not_wait_is_done_soon(watching, registry):
    registry.index.yank("alpha", "1.0.0")
    answer = watching.api("POST", "/v1/poll", {"crates": ["alpha"]})
    assert (answer.status, answer.document) == (202, {"polled": 1})
    wait_for(watching.events, "it is polled")


def test_a_poll_of_what_is_not_watched_names_near_ones(watching):
    answer = watching.api("POST", "/v1/poll", {"crates": ["alpa"]})
    expect_problem(answer, 404)
    assert answer.document["near"] == ["alpha"]


def test_near_names_are_of_the_name_that_is_missing(watching):
    answer = watching.api("POST", "/v1/poll", {"crates": ["beta", "alpa", "gamma"]})
    expect_problem(answer, 404)
    assert answer.document["near"] == ["alpha"]
    assert "alpa is not watched" in answer.document["detail"]
    answer = watching.api("POST", "/v1/poll", {"registry": "elsewhere", "crates": ["alpa"]})
    expect_problem(answer, 404)
    assert "near" not in answer.document, "it is the registry that is not there"


def test_a_poll_that_takes_long_is_waited_for_again_and_again(watching, registry):
    registry.answer("be/ta/beta", HANG)
    later = watching.api("POST", "/v1/poll", {"wait": 1})
    assert (later.status, later.document) == (202, {"polled": 2, "round": 1})
    assert watching.api("POST", "/v1/poll", {"round": 1, "wait": 1}).document == later.document
    registry.answer("be/ta/beta", None)
    end = watching.api("POST", "/v1/poll", {"round": 1, "wait": True})
    assert (end.status, end.document["polled"], end.document["failed"]) == (200, 2, 0)
    expect_problem(watching.api("POST", "/v1/poll", {"round": 1, "wait": True}), 404)


def test_of_rounds_that_nobody_asks_for_again_the_youngest_are_remembered(watching, registry):
    registry.answer("be/ta/beta", HANG)
    with concurrent.futures.ThreadPoolExecutor(10) as threads:
        polls = [threads.submit(watching.api, "POST", "/v1/poll", {"wait": 1}) for _ in range(20)]
        assert sorted(poll.result().document["round"] for poll in polls) == list(range(1, 21))
    registry.answer("be/ta/beta", None)
    expect_problem(watching.api("POST", "/v1/poll", {"round": 4, "wait": True}), 404)
    for number in (5, 20):
        assert watching.api("POST", "/v1/poll", {"round": number, "wait": True}).document["polled"] == 2


@pytest.mark.parametrize("body", [{"wait": 0}, {"wait": 121}, {"round": 1}, {"round": 0, "wait": True},
                                  {"round": "x", "wait": True}])
def test_a_poll_that_asks_for_no_round_or_no_time_is_refused(watching, body):
    expect_problem(watching.api("POST", "/v1/poll", body), 400)


def test_a_poll_says_what_went_wrong(watching, registry):
    registry.answer("be/ta/beta", 500)
    result = watching.poll()
    assert (result["polled"], result["failed"]) == (2, 1)
    (error,) = result["errors"]
    assert (error["registry"], error["crate"]) == ("internal", "beta")
    assert "500" in error["text"]
