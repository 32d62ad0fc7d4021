# SPDX-License-Identifier: Apache-2.0
"""From the last byte of the registry's reply to the first byte of the webhook. Both ends are threads of this process,
so one clock counts; what Python itself takes is in the figures."""

import base64
import contextlib
import json
import os
import queue
import statistics

from yb.stage import PATIENCE, check
from yb.tiny import Tiny, TinyRegistry, reply
from yw.index import checksum, compact, dependency

VERSIONS = ("1.0.0", "2.0.0")  # the first is yanked one crate after the other, the second in one burst


def lines_of(crate, yanked):
    return [compact({"name": crate, "vers": version, "deps": [dependency("serde")], "cksum": checksum(crate + version),
                     "features": {}, "yanked": version in yanked}) for version in VERSIONS]


class Hook:
    """What came: (crate, version, when its first byte was here)."""

    def __init__(self, folder):
        self.came = queue.Queue()
        self.server = Tiny(self._answer)
        self.close = self.server.close
        self.secret_file = folder / "hook.secret"
        with open(os.open(self.secret_file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(f"whsec_{base64.b64encode(os.urandom(32)).decode()}\n")

    def notifier(self):
        """As fast as it goes: how many messages a minute are too many is not what is measured."""
        return {"plugin": "webhook", "url": f"{self.server.url}/hook", "secret_file": str(self.secret_file),
                "messages_per_minute": 60000}

    def _answer(self, _path, _headers, body, came_ns):
        for event in json.loads(body)["data"]["events"]:
            self.take(event, came_ns)
        return reply(204), None

    def take(self, event, came_ns):
        check(event["event"] == "yanked", f"an event that nobody made: {event}")
        self.came.put((event["crate"], event["version"], came_ns))


def one_by_one(daemon, registry, hook, crates):
    took_ms = []
    for crate in crates:
        registry.put(crate, lines_of(crate, VERSIONS[:1]))
        answer = daemon.api("POST", "/v1/poll", {"crates": [crate]})
        check(answer.status == 202, f"poll: {answer}")
        name, version, came_ns = hook.came.get(timeout=PATIENCE)
        check((name, version) == (crate, VERSIONS[0]), f"{name} {version} was told instead of {crate}")
        took_ms.append((came_ns - registry.sent[crate]) / 1e6)
    return took_ms


def burst(daemon, registry, hook, crates):
    """(each one's milliseconds, seconds from the first reply to the last webhook)"""
    registry.sent.clear()
    for crate in crates:
        registry.put(crate, lines_of(crate, VERSIONS))
    answer = daemon.api("POST", "/v1/poll", {})
    check(answer.status == 202, f"poll: {answer}")
    came = [hook.came.get(timeout=PATIENCE) for _ in crates]
    check({(name, version) for name, version, _ in came} == {(crate, VERSIONS[1]) for crate in crates},
          "not every yank of the burst was told once")
    last_ns = max(came_ns for _, _, came_ns in came)
    return ([(came_ns - registry.sent[name]) / 1e6 for name, _, came_ns in came],
            (last_ns - min(registry.sent.values())) / 1e9)


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def measure(bench, report):
    crates = [f"latency-{i}" for i in range(bench.yanks)]
    with contextlib.closing(TinyRegistry()) as registry, contextlib.closing(Hook(bench.folder)) as hook, \
            bench.daemon() as daemon:
        for crate in crates:
            registry.put(crate, lines_of(crate, ()))
        daemon.configure(registry.index_url, crates, poll_interval="7d", notifiers={"hook": hook.notifier()})
        daemon.start()
        daemon.wait_for_polls(len(crates))
        alone_ms = one_by_one(daemon, registry, hook, crates)
        burst_ms, burst_s = burst(daemon, registry, hook, crates)
        check(hook.came.empty(), "something was told twice")
        daemon.stop()
    report.row("latency", f"{len(crates)} yanks one by one: p50", statistics.median(alone_ms), "ms")
    report.row("latency", f"{len(crates)} yanks one by one: p99", percentile(alone_ms, 0.99), "ms")
    report.row("latency", f"{len(crates)} yanks at once: p50", statistics.median(burst_ms), "ms")
    report.row("latency", f"{len(crates)} yanks at once: p99", percentile(burst_ms, 0.99), "ms")
    report.row("latency", f"{len(crates)} yanks at once: webhooks", len(crates) / burst_s, "/s")
    report.raw("latency", {"alone_ms": alone_ms, "burst_ms": burst_ms, "burst_s": burst_s})
