# SPDX-License-Identifier: Apache-2.0
"""A receiver that is down for 60 hours, in every way: when it was tried, that nothing is lost, that others are told.

Each row is one way to be down. The clock jumps from one attempt to the next; every sixth hour a version is yanked,
which another notifier is told at once. What was measured stands in docs/DELIVERY.md.

YANKWATCH_LONG=1      60 hours; otherwise 12
YANKWATCH_TABLE=FILE  adds the rows of the document's table
"""

import contextlib
import dataclasses
import datetime
import os
import pathlib
import socket

import pytest

from yw.receiver import DROP, Answer, Receiver
from yw.server import HANG
from yw.wait import wait_for

HOUR_S = 3600
DOWN_H = 60 if os.environ.get("YANKWATCH_LONG") else 12
TIMEOUT_S = 30  # of a notifier, unless it says otherwise
GIGABYTE = 1 << 30
FAR = float("inf")
EPOCH = "1970-01-01T00:00:00Z"
TABLE = os.environ.get("YANKWATCH_TABLE")


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    usual: object  # what it answers while it is down
    outcome: str = "retry"  # of each attempt in that time
    longest_s: int = HOUR_S * 5 // 4  # between two attempts: retry.max and its jitter


ROWS = [
    Row("500", 500),
    Row("503 with Retry-After: 1800", Answer(503, {"Retry_After": "1800"}), longest_s=1800),
    Row("429 with Retry-After: 86400", Answer(429, {"Retry_After": "86400"}), longest_s=HOUR_S),
    Row("closes the connection", DROP),
    Row("never answers", HANG),
    Row("500 and 1 GB", Answer(500, zeros=GIGABYTE)),
    Row("refuses connections", None),
]


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Siege:
    """A daemon with two notifiers, one whose receiver is down and one whose is not."""

    def __init__(self, registry, daemon, clock, down, well):
        self.registry, self.daemon, self.clock, self.down, self.well = registry, daemon, clock, down, well
        self.yanked = self.hung = 0

    def configure(self, down_url, retry=None):
        self.daemon.configure(self.registry.index_url, ["demo"], poll_interval="7d", registry={"blind_after": "1d"},
                              retry={"first": "5s", "max": "1h", "give_up": "72h"} | (retry or {}),
                              notifiers={"down": self.down.notifier(url=down_url), "well": self.well.notifier()})

    def start(self, down_url, retry=None):
        self.registry.index.put("demo", "1.0.0")
        self.configure(down_url, retry)
        self.daemon.start()
        self.daemon.poll()

    def reload(self):
        """Until it is in force: a clock that jumps meanwhile would time the plugins out."""
        before = self.daemon.status()["config"]
        self.daemon.reload()
        wait_for(lambda: self.daemon.status()["config"] != before, "the new configuration is in force")

    def yank(self):
        """Another version, which who is well is told without the clock's help."""
        version = f"2.0.{self.yanked}"
        self.registry.index.put("demo", version)
        self.daemon.poll()
        self.registry.index.yank("demo", version)
        self.daemon.poll()
        self.yanked += 1
        wait_for(lambda: any(it["version"] == version and it["event"] == "yanked" for it in self.well.events()),
                 f"the other notifier is told of {version}")

    def notifications(self, state=None):
        query = "&state=" + state if state else ""
        return self.daemon.get(f"/v1/notifications?notifier=down&limit=1000{query}")["notifications"]

    def attempts(self, ident):
        return self.daemon.get(f"/v1/notifications/{ident}")["attempts"]

    def next_due(self):
        """When the notifier that is down tries something again; now, while it does."""
        rows = self.notifications()  # all at one moment
        if any(it["state"] == "in_flight" for it in rows):
            return self.clock.now()
        dues = [seconds(it["due_at"]) for it in rows if it["state"] == "due" and "due_at" in it]
        return max(min(dues, default=FAR), seconds(self.daemon.notifier("down").get("paused_until", EPOCH)))

    def settle(self):
        """Whatever was due by now has been tried; who hangs is given up after the notifier's timeout."""
        def idle():
            if self.down.usual == HANG and len(self.down.requests) > self.hung and self.notifications("in_flight"):
                self.hung = len(self.down.requests)
                self.clock.advance(TIMEOUT_S)
            if self.daemon.notifier("down")["state"] == "pausing":
                self.clock.advance(1)  # its process was killed, and is started again after a pause
            return self.next_due() > self.clock.now()
        wait_for(idle, "every attempt that was due has ended")

    def pass_time(self, until):
        """From attempt to attempt."""
        self.settle()
        while (due := self.next_due()) < until:
            self.clock.advance(max(0, due - self.clock.now()) + 0.01)
            self.settle()
        self.clock.advance(max(0, until - self.clock.now()))


@pytest.fixture
def siege(registry, receiver, folder, clocked_daemon, clock):
    (folder / "well").mkdir()
    with contextlib.closing(Receiver(folder / "well")) as well:
        yield Siege(registry, clocked_daemon, clock, receiver, well)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def gaps(attempts):
    times = sorted(seconds(it["at"]) for it in attempts)
    return [after - before for before, after in zip(times, times[1:])]


def describe(row, attempts, notifications, came):
    first = ", ".join(f"{gap:.0f}" for gap in gaps(attempts)[:8])
    return (f"| {row.name} | {attempts[0]['text']} | {len(attempts)} | {first} | {max(gaps(attempts)):.0f} | "
            f"{came} of {notifications} |")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_it_has_all_in_the_end(siege, row, tell):
    down, clock = siege.down, siege.clock
    down.usual = row.usual
    port = free_port() if row.usual is None else None
    siege.start(f"http://127.0.0.1:{port}/hook" if port else down.url)
    began = clock.now()
    siege.yank()
    for hour in range(6, DOWN_H + 1, 6):
        siege.pass_time(began + hour * HOUR_S)
        if hour < DOWN_H:
            siege.yank()
    tried = [attempt for it in siege.notifications() for attempt in siege.attempts(it["id"])]

    assert not down.accepted() and {it["outcome"] for it in tried} == {row.outcome}
    assert max(gaps(tried)) <= row.longest_s + TIMEOUT_S + 5, "it is tried often enough"
    assert not siege.notifications("dead"), "nobody has given up"

    down.usual = 204
    if port:
        siege.configure(down.url)
        siege.reload()
    total = len(siege.well.events())
    siege.pass_time(clock.now() + 2 * HOUR_S)
    wait_for(lambda: len(down.events()) == total, "it has all")
    assert sorted(it["seq"] for it in down.events()) == sorted(it["seq"] for it in siege.well.events())
    ids = [request.id for request in down.accepted()]
    assert len(ids) == len(set(ids)), "each came once"
    text = describe(row, tried, len(siege.notifications()), len(ids))
    tell(text)
    if TABLE:
        with open(TABLE, "a", encoding="utf-8") as table:
            table.write(text + "\n")
    siege.daemon.stop()


def test_gone_for_good_puts_the_notifier_out_of_service(siege):
    """410: nothing more is sent until somebody enables it; what waited is delivered then."""
    siege.down.usual = 410
    siege.start(siege.down.url)
    siege.yank()
    wait_for(lambda: len(siege.down.requests) == 1, "it is tried once")
    siege.yank()
    wait_for(lambda: any(it.get("disabled_at") for it in siege.daemon.get("/v1/notifiers")["notifiers"]), "it is told")
    siege.clock.advance(12 * HOUR_S)
    siege.daemon.poll()
    assert len(siege.down.requests) == 1, "and never again"
    siege.down.usual = 204
    assert siege.daemon.api("POST", "/v1/notifiers/down/enable", {}).status == 200
    wait_for(lambda: len(siege.down.events()) == len(siege.well.events()), "all of it is delivered")
    siege.daemon.stop()


def test_given_up_goes_to_the_fallback(siege):
    siege.down.usual = 500
    siege.start(siege.down.url, retry={"give_up": "24h", "fallback": "well"})
    siege.yank()
    began = siege.clock.now()
    siege.pass_time(began + 26 * HOUR_S)
    wait_for(lambda: len(siege.notifications("dead")) == 2, "published and yanked are dead letters")
    wait_for(lambda: len(siege.well.accepted()) == 4, "and the fallback tells of them")
    assert siege.daemon.status()["outbox"]["dead"] == 2
    siege.daemon.stop()


def test_an_answer_after_the_deadline_comes_again_with_the_same_id(siege):
    siege.down.usual = HANG
    siege.start(siege.down.url)
    siege.yank()
    wait_for(lambda: siege.down.requests, "it is sent")
    siege.clock.advance(TIMEOUT_S)
    siege.down.usual = 204
    siege.down.release()
    siege.pass_time(siege.clock.now() + 60)
    wait_for(lambda: len(siege.down.events()) == len(siege.well.events()), "all came")
    assert siege.down.requests[0].id == siege.down.requests[1].id
    assert siege.down.requests[0].body == siege.down.requests[1].body
    siege.daemon.stop()


def test_a_gigabyte_of_answer_is_not_read(siege):
    siege.down.usual = Answer(200, zeros=GIGABYTE)
    siege.start(siege.down.url)
    siege.yank()
    wait_for(lambda: len(siege.notifications("delivered")) == 2, "an answer of 200 is a receipt, however long")
    runners = [pid for pid in pathlib.Path("/proc").glob("[0-9]*") if is_runner_of(pid, siege.daemon)]
    assert runners and all(peak_kb(pid) < 65536 for pid in runners), "nobody kept it"
    siege.daemon.stop()


def is_runner_of(pid, daemon):
    with contextlib.suppress(OSError):
        stat = (pid / "stat").read_text().rsplit(")", 1)[1].split()
        return int(stat[1]) == daemon.process.pid
    return False


def peak_kb(pid):
    return next(int(line.split()[1]) for line in (pid / "status").read_text().splitlines() if line.startswith("VmHWM"))
