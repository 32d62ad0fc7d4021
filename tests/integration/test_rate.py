# SPDX-License-Identifier: Apache-2.0
"""How fast a backlog goes to a receiver: messages_per_minute of its notifier."""

from yw.wait import wait_for


def test_a_backlog_goes_one_by_one(registry, receiver, clocked_daemon, clock):
    daemon = clocked_daemon
    for n in range(5):
        registry.index.put("demo", f"1.0.{n}")
    daemon.configure(registry.index_url, ["demo"], notifiers={"hook": receiver.notifier(messages_per_minute=1)})
    daemon.start()
    daemon.poll()
    for n in range(5):
        registry.index.yank("demo", f"1.0.{n}")
    daemon.poll()
    wait_for(receiver.accepted, "the first goes at once")
    for sent in range(1, 5):
        clock.advance(45)  # a minute each, of which ten seconds were saved up
        daemon.poll()
        assert daemon.status()["outbox"]["due"] == 5 - sent, "not yet"
        clock.advance(15)
        wait_for(lambda n=sent: len(receiver.accepted()) == n + 1, "the next")
    assert [event["version"] for event in receiver.events()] == [f"1.0.{n}" for n in range(5)]
    daemon.stop()


def test_a_burst_goes_at_once(registry, receiver, clocked_daemon):
    """Ten seconds' worth: with 600 a minute, a hundred."""
    daemon = clocked_daemon
    for n in range(100):
        registry.index.put("demo", f"1.0.{n}")
    daemon.configure(registry.index_url, ["demo"], notifiers={"hook": receiver.notifier()})
    daemon.start()
    daemon.poll()
    for n in range(100):
        registry.index.yank("demo", f"1.0.{n}")
    daemon.poll()
    wait_for(lambda: len(receiver.accepted()) == 100, "all of them")
    daemon.stop()
