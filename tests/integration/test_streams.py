# SPDX-License-Identifier: Apache-2.0
"""Answers by stream: the whole history as lines, events as they happen, and how both end."""

import contextlib
import json
import threading
import urllib.parse

import pytest

from yw.daemon import kinds
from yw.stream import NDJSON, Tail, ask, export, figures
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
    if daemon.process:
        daemon.stop()


@pytest.fixture
def flip(watching, registry):
    """Yanks or un-yanks 1.0.0 of a crate: one event each time."""
    yanked = dict.fromkeys(CRATES, False)

    def once(crate="alpha"):
        yanked[crate] = not yanked[crate]
        registry.index.yank(crate, "1.0.0", yanked=yanked[crate])
        watching.poll(crate)
    return once


@pytest.fixture
def tail(watching):
    with contextlib.ExitStack() as stack:
        yield lambda *args, **named: stack.enter_context(contextlib.closing(Tail(watching, *args, **named)))


def seqs(events):
    return [event["seq"] for event in events]


# ---------------------------------------------------------------- one event


def test_one_event_is_asked_for_by_its_id(watching, flip):
    flip()
    flip("beta")
    for event in watching.events():
        assert watching.get(f"/v1/events/{event['id']}") == event
    answer = watching.api("GET", "/v1/events/evt_none")
    assert answer.status == 404 and '"evt_none"' in answer.document["detail"]


# ---------------------------------------------------------------- export


def test_an_export_has_every_event_and_ends_with_the_head(watching, flip):
    for _ in range(3):
        flip()
        flip("beta")
    *events, last = export(watching)
    assert events == watching.events() and len(events) == 6
    assert last["head"]["hash"] == events[-1]["hash"] and last["head"]["seq"] == 6


@pytest.mark.parametrize("query, expected", [
    ("?crate=beta", [2, 4]), ("?event=unyanked", [3, 4]), ("?after=3", [4]), ("?registry=elsewhere", []),
    ("?crate=alpha&event=yanked", [1]), ("?after=99", [])])
def test_an_export_has_the_filters_of_history(query, expected, watching, flip):
    for crate in (*CRATES, *CRATES):
        flip(crate)
    *events, last = export(watching, query)
    assert seqs(events) == expected
    assert last["head"]["seq"] == 4


def test_an_export_by_time(watching, flip):
    for _ in range(3):
        flip()
    moment = urllib.parse.quote(watching.events()[1]["at"])
    assert seqs(export(watching, f"?since={moment}")[:-1]) == [2, 3]
    assert seqs(export(watching, f"?until={moment}")[:-1]) == [1]


def test_an_empty_history_is_an_export_of_its_head_alone(watching):
    assert export(watching) == [{"head": None}]


@pytest.mark.parametrize("query, status, word", [
    ("?limit=5", 400, "limit"), ("?reverse=true", 400, "reverse"), ("?event=yankd", 400, "yankd"),
    ("?crat=x", 400, "crat"), ("?crate=alpah", 404, "alpah"), ("?project=none", 404, "none")])
def test_what_an_export_cannot_be_asked_is_told_before_it_begins(query, status, word, watching):
    connection, answer = ask(watching, "/v1/events" + query, NDJSON)
    with contextlib.closing(connection):
        assert answer.status == status and answer.getheader("Content-Type") == "application/problem+json"
        assert word in json.loads(answer.read())["detail"]


# ---------------------------------------------------------------- events as they happen


def test_an_event_is_pushed_when_it_is_committed(watching, flip, tail):
    flip()
    it = tail()
    assert it.begin["id"] == "1", "it begins now"
    for _ in range(3):
        flip()
        assert it.next() == watching.events()[-1]
    assert it.last_id == "4"


@pytest.mark.parametrize("query, last_event_id, expected", [
    ("?after=0", None, [1, 2, 3]), ("?after=2", None, [3]), ("", "1", [2, 3]), ("?after=0", "2", [3])])
def test_a_stream_goes_on_where_it_was_left(query, last_event_id, expected, watching, flip, tail):
    for _ in range(2):
        flip()
    it = tail(query, last_event_id=last_event_id)
    flip()
    assert seqs(it.take(len(expected))) == expected


def test_a_stream_has_filters(watching, flip, tail):
    of_beta, unyanked = tail("?crate=beta"), tail("?event=unyanked")
    for crate in (*CRATES, *CRATES):
        flip(crate)
    assert seqs(of_beta.take(2)) == [2, 4]
    assert seqs(unyanked.take(2)) == [3, 4]


def test_many_streams_miss_nothing_and_see_nothing_twice(watching, flip, tail):
    tails = [tail() for _ in range(8)]
    for number in range(40):
        flip(CRATES[number % 2])
    for it in tails:
        assert seqs(it.take(40)) == list(range(1, 41))


def test_streams_that_begin_in_the_midst_of_it_have_the_whole(watching, flip, tail):
    """Each from the start, while events are added: what is read from the database joins what is new."""
    found = []

    def read():
        with contextlib.closing(Tail(watching, "?after=0")) as it:
            found.append(seqs(it.take(60)))
    readers = []
    for number in range(60):
        flip(CRATES[number % 2])
        if number % 12 == 0:
            readers.append(threading.Thread(target=read))
            readers[-1].start()
    for reader in readers:
        reader.join()
    assert found == [list(range(1, 61))] * 5


@pytest.mark.parametrize("query, header, status, word", [
    ("?after=x", None, 400, "after"), ("", "x", 400, "Last-Event-ID"), ("?after=7", None, 409, "after 7"),
    ("?since=2026-01-01T00:00:00Z", None, 400, "since"), ("?crate=alpah", None, 404, "alpah")])
def test_what_a_stream_cannot_be_asked_is_told(query, header, status, word, watching):
    connection, answer = ask(watching, "/v1/stream" + query, {"Last-Event-ID": header} if header else {})
    with contextlib.closing(connection):
        assert answer.status == status
        assert word in json.loads(answer.read())["detail"]


# ---------------------------------------------------------------- limits and ends


def test_a_users_ninth_stream_is_refused_until_another_ends(watching, flip, tail):
    tails = [tail() for _ in range(8)]
    connection, answer = ask(watching, "/v1/stream")
    with contextlib.closing(connection):
        assert answer.status == 429 and "8 streams" in json.loads(answer.read())["detail"]
    assert watching.get("/healthz") == {"healthy": True}
    tails[0].close()
    wait_for(lambda: is_let_in(watching), "a place is free again, though nothing happened on the stream")
    flip()
    assert tails[1].next()["seq"] == 1


def is_let_in(daemon):
    connection, answer = ask(daemon, "/v1/stream")
    with contextlib.closing(connection):
        return answer.status == 200


def test_a_daemon_that_stops_ends_its_streams_at_once(watching, flip, tail):
    it = tail()
    flip()
    assert it.next()["seq"] == 1
    watching.stop()
    assert it.next() is None


def test_streams_leave_nothing_behind(watching, flip):
    before = figures(watching)
    for _ in range(30):
        with contextlib.closing(Tail(watching)):
            pass
        export(watching)
    flip()
    wait_for(lambda: figures(watching).descriptors <= before.descriptors + 1 and
             figures(watching).threads <= before.threads + 1, "descriptors and threads are as before")


def test_kinds_are_those_of_the_history(watching, flip):
    flip()
    flip()
    assert kinds(export(watching)[:-1]) == [("yanked", "1.0.0"), ("unyanked", "1.0.0")]
