# SPDX-License-Identifier: Apache-2.0
"""A disk that is full in the middle of a batch: nothing is stored by halves, and with space all is made up for.

The database lies in a small file system of its own, which only the daemon's mount namespace has, so that it goes
when the daemon goes; the test reaches it through /proc/PID/root.
"""

import os
import pathlib
import subprocess

import pytest

from yw import daemon as yw_daemon
from yw.wait import wait_for

OWN_NAMESPACE = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
MOUNT = 'mount -t tmpfs -o size=64m,mode=700 none "$0" && exec "$@"'
# Small ones share a batch with large ones, whose change is more than SQLite keeps in memory: it writes to the disk,
# and fails, in the middle of the batch. That rolls back what the small ones had stored before.
VERSIONS = {f"crate{i:02}": ["1.0.0", "1.1.0", "1.2.0", "1.3.0"] if i % 8 == 7 else ["1.0.0"] for i in range(32)}
YANKS = sorted((crate, "yanked", version) for crate, versions in VERSIONS.items() for version in versions)
LONG = "x" * 300_000


def can_mount(folder):
    done = subprocess.run([*OWN_NAMESPACE, "sh", "-c", MOUNT, folder, "true"], capture_output=True, timeout=60, check=False)
    return done.returncode == 0


class Disk:
    def __init__(self, daemon):
        self.filler = pathlib.Path(f"/proc/{daemon.process.pid}/root{daemon.state}/filler")

    def fill(self, left):
        """Leaves so many bytes."""
        about = os.statvfs(self.filler.parent)
        with open(self.filler, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, about.f_bavail * about.f_bsize - left)

    def free(self):
        self.filler.unlink()


@pytest.fixture
def disk(daemon, folder, registry, receiver, monkeypatch):
    """The daemon's, and the daemon runs."""
    if not can_mount(folder):
        pytest.skip("no tmpfs can be mounted in a namespace of our own: run it as root, or allow user namespaces")
    monkeypatch.setattr(yw_daemon, "WRAP", [*OWN_NAMESPACE, "sh", "-c", MOUNT, daemon.state, *yw_daemon.WRAP])
    for crate, versions in VERSIONS.items():
        for version in versions:
            registry.index.put(crate, version, links=LONG if len(versions) > 1 else None)
    daemon.configure(registry.index_url, list(VERSIONS), notifiers={"hook": receiver.notifier()})
    daemon.start()
    daemon.poll()
    return Disk(daemon)


def told(events):
    return sorted((event["crate"], event["event"], event["version"]) for event in events)


@pytest.mark.parametrize("left", [0, 100_000, 1_000_000, 2_500_000])
def test_what_a_full_disk_refused_is_made_up_for_once(left, disk, daemon, registry, receiver):
    disk.fill(left)
    for crate, _, version in YANKS:
        registry.index.yank(crate, version)
    poll = daemon.poll()
    assert poll["failed"] > 0
    assert len({event["crate"] for event in daemon.events()}) == poll["changed"], "what has failed is not stored"
    status = daemon.status()
    assert status["tracker"]["failed_commits"] > 0
    assert not status["healthy"] and status["registries"][0]["state"] == "failing"
    assert "full" in status["registries"][0]["last_error"]["text"]
    assert "no transaction is active" not in daemon.log(), "the rest of a batch is not tried on its own"
    disk.free()
    daemon.poll()
    events = daemon.events()
    assert told(events) == YANKS
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    wait_for(lambda: len(receiver.events()) >= len(YANKS), "every yank is told")
    assert told(receiver.events()) == YANKS, "and each once"
    assert daemon.poll()["changed"] == 0
    assert daemon.status()["healthy"]
    daemon.stop()


@pytest.mark.parametrize("left, with_database", [(100_000, False), (2_000_000, True)])
def test_a_backup_that_would_fill_the_disk_is_not_begun(left, with_database, disk, daemon, folder):
    """Also when it would just fit: a client may take hours to read it, and the daemon must store meanwhile."""
    about = daemon.status()["database"]
    disk.fill(left + with_database * (about["bytes"] + about["wal_bytes"]))
    done = daemon.client("backup", folder / "copy")
    assert done.returncode == 1 and "MB beside it" in done.stderr, done
    assert not (folder / "copy").exists()
    assert daemon.status()["tracker"]["failed_commits"] == 0, "no poll had to pay for it"
    disk.free()
    assert daemon.client("backup", folder / "copy").returncode == 0
    daemon.stop()
