# SPDX-License-Identifier: Apache-2.0
"""What scripts/quickstart CRATE… does: watches crates of crates.io, or of another index, until it is interrupted."""

import argparse
import os
import pathlib
import signal
import sys
import tempfile
import time

from yw.daemon import Daemon

CRATES_IO = "sparse+https://index.crates.io/"
LOOK_S = 1  # how often the history is looked at
CONTACT = """quickstart: crates.io wants to know whom to ask when something is wrong with our requests.
Say your e-mail address: YANKWATCH_CONTACT=you@example.com scripts/quickstart CRATE…"""


def ask_contact(index):
    contact = os.environ.get("YANKWATCH_CONTACT")
    if not contact and index == CRATES_IO and sys.stdin.isatty():
        contact = input("Your e-mail address, for the operators of crates.io (it goes into the User-Agent): ").strip()
    if not contact and index == CRATES_IO:
        sys.exit(CONTACT)
    return contact


def configure(daemon, options, contact):
    registry = {"index": options.index, "poll_interval": "60s" if options.index == CRATES_IO else "1s"}
    daemon.write({"state_dir": str(daemon.state), "socket": {"path": str(daemon.socket)}, "log": {"target": "stderr"},
                  "registries": {"crates-io" if options.index == CRATES_IO else "registry":
                                 registry | ({"contact": contact} if contact else {})},
                  "watch": [{"registry": "crates-io" if options.index == CRATES_IO else "registry",
                             "crates": options.crates}]})
    checked = daemon.run("--check-config")
    if checked.returncode:
        sys.exit(f"quickstart: {checked.stderr.strip()}")


class Follower:
    """Tells what is new: the first look's end, events, errors."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.seen, self.error, self.ready = 0, None, False

    def look(self):
        status = self.daemon.status()
        self._tell_error(status["registries"][0].get("last_error"))
        if not self.ready and "unknown" not in self.daemon.watches().values():
            self.ready = True
            print(self.daemon.client("watch", "list").stdout)
            print("From now on what happens is shown here; Ctrl-C ends it.", flush=True)
        if status["database"]["events"] > self.seen:
            print(self.daemon.client("history", "--after", str(self.seen)).stdout, end="", flush=True)
            self.seen = status["database"]["events"]

    def _tell_error(self, error):
        if error and error != self.error:
            self.error = error
            print(f"{error['at']}  {error['text']}", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(prog="quickstart")
    parser.add_argument("--index", default=CRATES_IO)
    parser.add_argument("crates", nargs="+")
    options = parser.parse_args()
    contact = ask_contact(options.index)
    for number in (signal.SIGINT, signal.SIGTERM):  # also where the shell had ignored SIGINT for us
        signal.signal(number, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="yankwatch-") as folder:
        daemon = Daemon(pathlib.Path(folder) / "yankwatch", env=dict(os.environ))  # its proxies, too
        try:
            configure(daemon, options, contact)
            daemon.start()
            print(f"Watching {', '.join(options.crates)} in {options.index}: the first look makes no events.\n", flush=True)
            follower = Follower(daemon)
            while True:
                follower.look()
                time.sleep(LOOK_S)
        except KeyboardInterrupt:
            print()
            daemon.stop()
        finally:
            daemon.end()


if __name__ == "__main__":
    main()
