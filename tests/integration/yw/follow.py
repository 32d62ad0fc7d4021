# SPDX-License-Identifier: Apache-2.0
"""What scripts/quickstart CRATE… and scripts/quickstart Cargo.lock do: a daemon in a temporary folder that watches
crates, or what a lockfile has, on crates.io or in another index, until it is interrupted."""

import argparse
import os
import pathlib
import signal
import sys
import tempfile
import time
import tomllib

from yw.daemon import Daemon
from yw.follow_lockfile import LockfileFollower, project_of
from yw.follower import CrateFollower

CRATES_IO = "sparse+https://index.crates.io/"
LOOK_S = 1  # how often it is looked at what the daemon knows
CONTACT = """quickstart: crates.io wants to know whom to ask when something is wrong with our requests.
Say your e-mail address: YANKWATCH_CONTACT=you@example.com scripts/quickstart …"""


def ask_contact():
    contact = os.environ.get("YANKWATCH_CONTACT")
    if not contact and sys.stdin.isatty():
        contact = input("Your e-mail address, for the operators of crates.io (it goes into the User-Agent): ").strip()
    return contact or sys.exit(CONTACT)


def is_lockfile(word):
    return word.endswith((".lock", ".json")) or pathlib.Path(word).is_file()


def read_options():
    parser = argparse.ArgumentParser(prog="scripts/quickstart")
    parser.add_argument("--index", metavar="URL", help="instead of crates.io; of a lockfile: a mirror of it")
    parser.add_argument("--cargo-config", metavar="FILE", help="cargo's config.toml, for the lockfile's registries")
    parser.add_argument("what", nargs="+", help="crates, or one lockfile")
    options = parser.parse_args()
    options.lockfile = next((pathlib.Path(word).absolute() for word in options.what if is_lockfile(word)), None)
    if options.lockfile and len(options.what) > 1:
        parser.error("either crates or one lockfile")
    if options.lockfile and not os.access(options.lockfile, os.R_OK):
        parser.error(f"{options.lockfile}: there is no such file, or it may not be read")
    if options.cargo_config and (options.index or not options.lockfile):
        parser.error("--cargo-config goes with a lockfile and without --index")
    return options


# ---- the configuration


def replaces_crates_io(file):
    """Does cargo ask another index than crates.io's for its packages?"""
    try:
        tree = tomllib.loads(pathlib.Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # the daemon's check of the configuration tells what is wrong, and where
        return False
    return "replace-with" in tree.get("source", {}).get("crates-io", {})


def registries(options):
    if options.index and options.index != CRATES_IO:
        mirror = {"mirror_of": ["crates.io"]} if options.lockfile else {}
        return {"registry": {"index": options.index, "poll_interval": "1s"} | mirror}
    if options.cargo_config and replaces_crates_io(options.cargo_config):
        return {}
    return {"crates-io": {"index": CRATES_IO, "poll_interval": "60s", "contact": ask_contact()}}


def sources(options):
    """What is watched, and where."""
    named = registries(options)
    if not options.lockfile:
        return {"registries": named, "watch": [{"registry": next(iter(named)), "crates": options.what}]}
    cargo = {"from_cargo_config": str(pathlib.Path(options.cargo_config).absolute())} if options.cargo_config else {}
    return cargo | ({"registries": named} if named else {}) | {"projects": [project_of(options.lockfile)]}


def configure(daemon, options):
    daemon.write({"state_dir": str(daemon.state), "socket": {"path": str(daemon.socket)}, "log": {"target": "stderr"}}
                 | sources(options))
    checked = daemon.run("--check-config")
    if checked.returncode:
        sys.exit(f"quickstart: {checked.stderr.strip()}")


# ---- the whole


def follow(daemon, options):
    configure(daemon, options)
    daemon.start()
    follower = LockfileFollower(daemon, options.lockfile) if options.lockfile else CrateFollower(daemon, options.what)
    try:
        follower.begin()
        while True:
            follower.look()
            time.sleep(LOOK_S)
    except KeyboardInterrupt:
        print()
        daemon.stop()
        follower.end()


def main():
    options = read_options()
    for number in (signal.SIGINT, signal.SIGTERM):  # also where the shell had ignored SIGINT for us
        signal.signal(number, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="yankwatch-") as folder:
        daemon = Daemon(pathlib.Path(folder) / "yankwatch", env=dict(os.environ))  # its proxies, too
        try:
            follow(daemon, options)
        except KeyboardInterrupt:  # before there was anything to show
            sys.exit(130)
        finally:
            daemon.end()


if __name__ == "__main__":
    main()
