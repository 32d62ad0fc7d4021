# SPDX-License-Identifier: Apache-2.0
"""The way of a crate from real cargo to history and webhook: everything once, in order, with its evidence."""

import json

import pytest

from yw.daemon import kinds
from yw.wait import wait_for

WHOLE_WAY = [("crate_created", None), ("published", "1.0.0"), ("yanked", "1.0.0"), ("unyanked", "1.0.0"),
             ("yanked", "1.0.0")]


@pytest.fixture
def watching(registry, receiver, daemon):
    """A daemon that polls by itself and knows that the crate demo is not there."""
    daemon.configure(registry.index_url, ["demo"], poll_interval="100ms", notifiers={"hook": receiver.notifier()})
    daemon.start()
    wait_for(lambda: daemon.watches() == {"demo": "absent"}, "the daemon has seen that demo is not there")
    yield daemon
    daemon.stop()


def see(daemon, count):
    wait_for(lambda: daemon.status()["database"]["events"] >= count, f"the daemon has seen {count} events")


def test_what_cargo_does_is_told_once_and_in_order(watching, registry, cargo, receiver):
    lines = [None]
    for action, seen in [(cargo.publish, 2), (cargo.yank, 3), (cargo.unyank, 4), (cargo.yank, 5)]:
        action("demo", "1.0.0")
        see(watching, seen)
        lines.append(registry.index.line("demo", "1.0.0"))
    wait_for(lambda: len(receiver.accepted()) >= 5, "five webhooks")
    watching.poll()

    history = [json.loads(line) for line in watching.client("history", "--json").stdout.splitlines()]
    assert kinds(history) == WHOLE_WAY
    assert [event["seq"] for event in history] == [1, 2, 3, 4, 5]
    assert len({event["id"] for event in history}) == 5
    assert [event["evidence"].get("line") for event in history] == lines
    assert receiver.events() == history
    assert len(receiver.requests) == 5, "each is sent once"
    assert len({request.id for request in receiver.requests}) == 5
    for request in receiver.requests:
        receiver.verify(request)


def test_the_webhook_is_a_cloudevent(watching, cargo, receiver):
    cargo.publish("demo", "1.0.0")
    request = wait_for(receiver.accepted, "a webhook")[0]
    document = json.loads(request.body)
    assert request.headers["content-type"] == "application/cloudevents+json"
    assert (document["specversion"], document["id"]) == ("1.0", request.id)
    assert document["data"]["events"] == watching.events()[:1]


def test_a_start_in_between_tells_nothing_twice(watching, registry, cargo, receiver):
    cargo.publish("demo", "1.0.0")
    see(watching, 2)
    wait_for(lambda: len(receiver.accepted()) == 2, "two webhooks")
    watching.stop()
    cargo.yank("demo", "1.0.0")
    watching.start()
    wait_for(lambda: len(receiver.accepted()) == 3, "the yank's webhook")
    watching.poll()
    assert kinds(watching.events()) == WHOLE_WAY[:3]
    assert len(receiver.requests) == 3


def test_a_route_takes_what_it_asks_for(registry, folder, receiver, daemon):
    """One that stops, one by severity: only what is left over reaches the third."""
    registry.index.put("demo", "1.0.0")
    hook = receiver.notifier()
    daemon.configure(registry.index_url, ["demo"], notifiers={"first": hook, "second": hook, "third": hook}, routes=[
        {"events": ["published"], "notify": ["first"], "stop": True},
        {"min_severity": "high", "notify": ["second"]},
        {"crates": ["d*o"], "registries": ["internal"], "notify": ["third"]}])
    daemon.start()
    daemon.poll()
    registry.index.put("demo", "1.1.0")
    registry.index.yank("demo", "1.0.0")
    daemon.poll()
    wait_for(lambda: daemon.status()["outbox"]["delivered"] == 3, "all is delivered")
    sent = {(json.loads(request.body)["source"], request.events[0]["event"]) for request in receiver.requests}
    assert sent == {("yankwatch/first", "published"), ("yankwatch/second", "yanked"), ("yankwatch/third", "yanked")}
    daemon.stop()
