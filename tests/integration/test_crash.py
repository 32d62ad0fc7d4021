# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments between a yank and its webhook: no alert is lost, and a repeat is known by its id.

YANKWATCH_KILLS  how many kills (50)
YANKWATCH_SEED   of the moments and answers; it stands in the failure's message
"""

import collections
import os
import random
import time

from yw.daemon import kinds
from yw.receiver import DROP
from yw.server import HANG
from yw.wait import wait_for

KILLS = int(os.environ.get("YANKWATCH_KILLS", "50"))
SEED = int(os.environ.get("YANKWATCH_SEED", "1"))
ANSWERS = [[HANG], [500, HANG], [DROP, 503, HANG], [HANG, HANG], []]  # the last: the kill races with a 204


def yank_and_poll(registry, daemon, version):
    registry.index.yank("demo", version)
    assert daemon.api("POST", "/v1/poll", {}).status == 202


def usual_s(registry, receiver, daemon):
    """How long it takes here from the poll to the webhook: the kills are spread over twice that."""
    start = time.monotonic()
    yank_and_poll(registry, daemon, "0.1.0")
    wait_for(receiver.accepted, "a first alert")
    return time.monotonic() - start


def told(receiver, version):
    return any(event["version"] == version for event in receiver.events())


def check_history(events, versions):
    assert kinds(events) == [("yanked", version) for version in versions], "each is seen once"
    assert [event["seq"] for event in events] == list(range(1, len(versions) + 1)), "and counted without a gap"


def check_requests(receiver, events):
    ids, bodies = collections.defaultdict(set), collections.defaultdict(set)
    for request in receiver.requests:
        receiver.verify(request)
        ids[request.events[0]["id"]].add(request.id)
        bodies[request.id].add(request.body)
    assert sorted(ids) == sorted(event["id"] for event in events), "every event was sent, and nothing else"
    assert {len(those) for those in ids.values()} == {1}, "repeats carry the same webhook-id"
    assert {len(those) for those in bodies.values()} == {1}, "and the same bytes"


def test_no_alert_is_lost_and_repeats_keep_their_id(registry, receiver, daemon):
    draw = random.Random(SEED)
    versions = ["0.1.0", *(f"1.0.{n}" for n in range(KILLS))]
    for version in versions:
        registry.index.put("demo", version)
    daemon.configure(registry.index_url, ["demo"], poll_interval="100ms", notifiers={"hook": receiver.notifier()})
    daemon.start()
    daemon.poll()
    moment_max_s = 2 * usual_s(registry, receiver, daemon)

    for version in versions[1:]:
        receiver.answers = list(draw.choice(ANSWERS))
        yank_and_poll(registry, daemon, version)
        daemon.kill9(after_s=draw.uniform(0, moment_max_s))
        receiver.answers = []
        receiver.release()
        daemon.start()
        wait_for(lambda: told(receiver, version), f"the alert of {version} came (seed {SEED})")

    wait_for(lambda: daemon.status()["outbox"]["delivered"] == len(versions), "all are known to have arrived")
    check_history(daemon.events(), versions)
    check_requests(receiver, daemon.events())
    daemon.stop()


def test_alerts_survive_a_receiver_that_is_away(registry, receiver, daemon):
    """Longer than the daemon lives: what was not accepted is sent by the next one."""
    registry.index.put("demo", "1.0.0")
    daemon.configure(registry.index_url, ["demo"], notifiers={"hook": receiver.notifier()})
    daemon.start()
    daemon.poll()
    receiver.answers = [500] * 1000
    registry.index.yank("demo", "1.0.0")
    daemon.poll()
    wait_for(lambda: len(receiver.requests) >= 3, "it is tried again")
    daemon.stop()
    receiver.answers = []
    daemon.start()
    wait_for(receiver.accepted, "the next daemon sends it")
    assert len({request.id for request in receiver.requests}) == 1
    daemon.stop()
