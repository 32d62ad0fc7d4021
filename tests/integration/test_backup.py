# SPDX-License-Identifier: Apache-2.0
"""`yankwatch backup`: a copy of the database that a daemon starts on, taken while it is written to."""

import contextlib
import os
import shutil
import sqlite3
import stat
import subprocess
import threading

import pytest

from yw.client import bad, good
from yw.daemon import CLIENT, UnixConnection
from yw.stream import ask, export, figures
from yw.wait import PATIENCE, wait_for

NOBODY = 65534


@pytest.fixture
def watching(registry, daemon):
    for number in range(40):
        registry.index.put(f"crate{number}", "1.0.0")
    daemon.configure(registry.index_url, [f"crate{number}" for number in range(40)])
    daemon.start()
    daemon.poll()
    yield daemon
    if daemon.process:
        daemon.stop()


def fill(daemon, megabytes):
    """A table of no meaning makes the database large; with the daemon stopped."""
    daemon.stop()
    with contextlib.closing(sqlite3.connect(daemon.state / "yankwatch.sqlite")) as database:
        database.execute("CREATE TABLE ballast (bytes BLOB)")
        for _ in range(megabytes):
            database.execute("INSERT INTO ballast VALUES (randomblob(1000000))")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    daemon.start()


def leftovers(daemon):
    return list(daemon.state.glob("*.backup*"))


def test_a_daemon_starts_on_a_backup(watching, registry, make_daemon, folder):
    registry.index.yank("crate1", "1.0.0")
    watching.poll()
    file = folder / "copy.sqlite"
    assert str(file) in good(watching, "backup", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not leftovers(watching)
    other = make_daemon()
    other.configure(registry.index_url, [f"crate{number}" for number in range(40)])
    shutil.copy(file, other.state / "yankwatch.sqlite")
    other.start()
    assert other.events() == watching.events() and len(other.events()) == 1
    registry.index.yank("crate2", "1.0.0")
    other.poll()
    assert [event["crate"] for event in other.events()] == ["crate1", "crate2"]
    other.stop()


def test_a_backup_is_whole_while_the_history_grows(watching, registry, folder):
    """Copies one after the other: each is sound, and has all that was committed before it was asked for."""
    fill(watching, 60)
    done = threading.Event()

    def write():
        yanked = False
        while not done.is_set():
            yanked = not yanked
            for number in range(40):
                registry.index.yank(f"crate{number}", "1.0.0", yanked=yanked)
            watching.poll()
    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(4):
            before = len(watching.events())
            wait_for(lambda: len(watching.events()) > before, "the history grows")
            known = watching.events()
            file = folder / f"copy{number}.sqlite"
            good(watching, "backup", file)
            with contextlib.closing(sqlite3.connect(file)) as copy:
                assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                ids = [row[0] for row in copy.execute("SELECT id FROM event ORDER BY seq")]
            later = [event["id"] for event in watching.events()]
            assert ids[:len(known)] == [event["id"] for event in known]
            assert later[:len(ids)] == ids
            file.unlink()
    finally:
        done.set()
        writer.join()


def test_a_second_backup_at_a_time_is_refused(watching, folder):
    fill(watching, 300)
    connection = ask_without_waiting(watching, "/v1/backup")
    with contextlib.closing(connection):
        wait_for(lambda: refuses(watching, folder), "the first one is being made")
        answer = connection.getresponse()
        assert answer.status == 200 and len(answer.read()) == int(answer.getheader("Content-Length")) > 300e6
    good(watching, "backup", folder / "after")


def refuses(daemon, folder):
    done = daemon.client("backup", folder / "second", "--force")
    return done.returncode == 1 and "another backup is being made" in done.stderr


def ask_without_waiting(daemon, path):
    connection = UnixConnection(daemon.socket)
    connection.request("GET", path)
    return connection


def test_who_goes_away_ends_his_backup(watching, folder):
    fill(watching, 100)
    before = figures(watching)
    for _ in range(5):
        ask_without_waiting(watching, "/v1/backup").close()
    wait_for(lambda: watching.client("backup", folder / "mine").returncode == 0, "nobody else's is being made")
    wait_for(lambda: figures(watching).descriptors <= before.descriptors + 8, "its descriptors are closed")
    assert not leftovers(watching)


def test_a_file_that_is_there_is_kept(watching, folder):
    file = folder / "copy.sqlite"
    file.write_text("precious")
    assert "--force" in bad(watching, 1, "backup", file)
    assert file.read_text() == "precious"
    good(watching, "backup", file, "--force")
    assert file.read_bytes().startswith(b"SQLite format 3")
    assert list(folder.glob("copy*")) == [file]


def test_a_name_that_will_not_do_is_named(watching, folder):
    nowhere = folder / "nowhere" / "copy"
    assert bad(watching, 1, "backup", nowhere) == f"yankwatch: {nowhere}: No such file or directory\n"
    for words in (["backup", "-"], ["export", "--output", "-"]):
        assert "-: no file's name" in bad(watching, 2, *words)


def test_a_backup_into_a_full_disk_leaves_nothing(watching):
    assert "No space left on device" in bad(watching, 1, "backup", "/dev/full", "--force")
    assert watching.get("/healthz") == {"healthy": True}


def test_what_a_killed_daemon_has_left_is_removed(watching):
    left = watching.state / "yankwatch.sqlite.backup"
    watching.stop()
    left.write_text("a part")
    watching.start()
    assert not left.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else: run it as root")
def test_a_backup_is_for_admins(registry, daemon):
    daemon.configure(registry.index_url, [], socket={"path": str(daemon.socket), "mode": "0666"})
    daemon.start()
    done = subprocess.run([CLIENT, "--socket", daemon.socket, "backup", "/tmp/yankwatch-nobody"], user=NOBODY,
                          group=NOBODY, extra_groups=[], cwd="/", capture_output=True, text=True, timeout=PATIENCE,
                          check=False)
    assert done.returncode == 1 and "admin_group" in done.stderr
    assert not os.path.exists("/tmp/yankwatch-nobody")
    connection, answer = ask(daemon, "/v1/stream")
    with contextlib.closing(connection):
        assert answer.status == 200
    assert export(daemon) == [{"head": None}]
    daemon.stop()
