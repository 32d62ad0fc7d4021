# SPDX-License-Identifier: Apache-2.0
"""What scripts/quickstart shows: a yank by real cargo of what a project locks, and all that yankwatch makes of it. On
loopback, in a temporary folder that is removed at the end."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import textwrap
import time

from yw.cargo import Cargo
from yw.daemon import CLIENT, Daemon, kinds
from yw.receiver import Receiver
from yw.registry import Registry
from yw.wait import wait_for

CRATE, BAD, GOOD = "demo-crate", "1.0.0", "1.0.1"
PROJECT = "payments"
SHOWN_HEADERS = ["content-type", "webhook-id", "webhook-timestamp", "webhook-signature"]
CONFIGURATION = """\
state_dir: {folder}/state
socket: {{path: {folder}/socket}}
log: {{target: stderr}}
registries:
  internal: {{index: "{index}", poll_interval: 200ms}}
projects:
  - {{name: {project}, lockfile: {lockfile}}}
notifiers:
  sec-hook: {{plugin: webhook, url: "{hook}", secret_file: {secret}}}
routes:
  - {{notify: [sec-hook]}}
"""


def bold(text):
    plain = not sys.stdout.isatty() or os.environ.get("NO_COLOR")
    return text if plain else f"\x1b[1m{text}\x1b[0m"


class Narrator:
    """Numbers the headlines, indents the rest."""

    def __init__(self):
        self.number = 0

    def step(self, headline):
        self.number += 1
        print(f"\n{bold(f'{self.number}  {headline}')}\n")

    def tell(self, text):
        print(textwrap.indent(text.rstrip(), "   "), flush=True)


def start(folder, narrator, stack):
    registry = stack.enter_context(contextlib.closing(Registry(folder / "registry", behind_s=5)))
    receiver = stack.enter_context(contextlib.closing(Receiver(folder)))
    cargo = Cargo(folder / "cargo", registry)
    cargo.publish(CRATE, BAD)
    project = cargo.project(PROJECT, {CRATE: "1"})
    daemon = Daemon(folder / "yankwatch")
    stack.callback(daemon.end)
    daemon.write(CONFIGURATION.format(folder=daemon.folder, index=registry.index_url, project=PROJECT,
                                      lockfile=project / "Cargo.lock", hook=receiver.url, secret=receiver.secret_file))
    daemon.start()
    wait_for(lambda: daemon.watches() == {CRATE: "present"}, "the first look at the crate")
    narrator.step(f"yankwatchd watches what the project {PROJECT} locks: {CRATE} {BAD}, of a registry of ours")
    narrator.tell(daemon.config.read_text())
    return cargo, receiver, daemon


def act(cargo, receiver, narrator):
    """Publishes and yanks; returns how long the yank took to reach the receiver."""
    narrator.step(f"cargo publishes {GOOD} and yanks {BAD}")
    for action, version, words, seen in [(cargo.publish, GOOD, "publish", 1), (cargo.yank, BAD, "yank", 2)]:
        said = action(CRATE, version)
        since = time.time()
        narrator.tell(f"$ cargo {words} --registry internal" + ("" if seen == 1 else f" {CRATE}@{BAD}"))
        narrator.tell("\n".join(line for line in said.splitlines() if line.split()[0] in ("Published", "Yank")))
        wait_for(lambda seen=seen: len(receiver.accepted()) >= seen, f"the webhook of {words}")
    return max(0, receiver.accepted()[-1].at - since)


def show_webhook(receiver, took_s, narrator):
    request = receiver.accepted()[-1]
    receiver.verify(request)
    narrator.step(f"The webhook's receiver had the yank after {took_s * 1000:.0f} ms (a poll comes every 200 ms)")
    narrator.tell("POST /hook\n" + "\n".join(f"{name}: {request.headers[name]}" for name in SHOWN_HEADERS))
    narrator.tell("(the signature is right: HMAC-SHA256 over id, timestamp and body, by the receiver's own reckoning)")
    narrator.tell("\n" + json.dumps(json.loads(request.body), indent=2))


def show_commands(daemon, narrator):
    for command in (["findings"], ["history"], ["show", CRATE], ["verify"], ["status"]):
        narrator.step(f"yankwatch {' '.join(command)}")
        done = subprocess.run([CLIENT, "--socket", daemon.socket, *command], capture_output=True, text=True, timeout=60,
                              env=daemon.env, check=True)
        narrator.tell(done.stdout)


def demo(folder):
    narrator = Narrator()
    with contextlib.ExitStack() as stack:
        cargo, receiver, daemon = start(folder, narrator, stack)
        took_s = act(cargo, receiver, narrator)
        show_webhook(receiver, took_s, narrator)
        show_commands(daemon, narrator)
        assert kinds(receiver.events()) == [("published", GOOD), ("yanked", BAD)]
        daemon.stop()


def main():
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(prefix="yankwatch-") as folder:
        try:
            demo(pathlib.Path(folder))
        except KeyboardInterrupt:
            sys.exit(130)
        except (AssertionError, OSError) as error:
            sys.exit(f"quickstart: {error}")
    print("\nAll of it has been ended and removed. Your own: scripts/quickstart Cargo.lock")


if __name__ == "__main__":
    main()
