# SPDX-License-Identifier: Apache-2.0
"""10,000 yanks of 2,000 crates in one sweep: how many messages that makes, how long they take, what memory."""

import base64
import contextlib
import json
import os
import threading
import time

from yb.process import memory_kb
from yb.stage import check
from yb.tiny import Tiny, TinyRegistry, reply
from yw.index import checksum, compact
from yw.wait import wait_for

VERSIONS = 5  # of each crate
DRAIN_S = 600  # at the most
ROUTES = {  # how it is said: keys of the route
    "each alone": {},
    "by crate, group_wait 5s": {"group_by": "crate", "group_wait": "5s"},
    "by registry, group_wait 5s": {"group_by": "registry", "group_wait": "5s"},
}


def lines_of(crate, yanked):
    return [compact({"name": crate, "vers": f"1.0.{n}", "deps": [], "cksum": checksum(f"{crate} {n}"), "features": {},
                     "yanked": yanked}) for n in range(VERSIONS)]


class Inbox:
    """Events by message, as they came."""

    def __init__(self, folder):
        self.messages, self.events = [], 0
        self._lock = threading.Lock()
        self.server = Tiny(self._answer)
        self.close = self.server.close
        self.secret_file = folder / "inbox.secret"
        with open(os.open(self.secret_file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(f"whsec_{base64.b64encode(os.urandom(32)).decode()}\n")

    def notifier(self):
        return {"plugin": "webhook", "url": f"{self.server.url}/hook", "secret_file": str(self.secret_file),
                "messages_per_minute": 60000}

    def _answer(self, _path, _headers, body, _came_ns):
        seqs = [event["seq"] for event in json.loads(body)["data"]["events"]]
        with self._lock:
            self.messages.append(seqs)
            self.events += len(seqs)
        return reply(204), None


def drain(bench, route, crates):
    """(messages, seconds from the poll to the last one, peak memory in MB)"""
    with contextlib.closing(TinyRegistry()) as registry, contextlib.closing(Inbox(bench.folder)) as inbox, \
            bench.daemon() as daemon:
        for crate in crates:
            registry.put(crate, lines_of(crate, False))
        daemon.configure(registry.index_url, crates, poll_interval="7d", notifiers={"inbox": inbox.notifier()},
                         routes=[route | {"notify": ["inbox"]}])
        daemon.start()
        daemon.wait_for_polls(len(crates))
        for crate in crates:
            registry.put(crate, lines_of(crate, True))
        began = time.monotonic()
        answer = daemon.api("POST", "/v1/poll", {})
        check(answer.status == 202, f"poll: {answer}")
        wait_for(lambda: inbox.events >= len(crates) * VERSIONS, "every yank is told", timeout=DRAIN_S)
        took_s = time.monotonic() - began
        peak_mb = memory_kb(daemon.process.pid, "VmHWM") / 1024
        told = [seq for message in inbox.messages for seq in message]
        check(sorted(told) == list(range(1, len(told) + 1)), "not every yank was told once")
        check(all(message == sorted(message) for message in inbox.messages), "a message is not in order")
        daemon.stop()
    return len(inbox.messages), took_s, peak_mb


def measure(bench, report):
    crates = [f"burst-{i}" for i in range(2 * bench.yanks)]
    raw = {}
    for name, route in ROUTES.items():
        messages, took_s, peak_mb = drain(bench, route, crates)
        what = f"{len(crates) * VERSIONS} yanks of {len(crates)} crates, {name}"
        report.row("burst", f"{what}: messages", messages)
        report.row("burst", f"{what}: all told after", took_s, "s")
        report.row("burst", f"{what}: peak memory", peak_mb, "MB")
        raw[name] = {"messages": messages, "s": took_s, "mb": peak_mb}
    report.raw("burst", raw)
