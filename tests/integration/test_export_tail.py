# SPDX-License-Identifier: Apache-2.0
"""`yankwatch export` and `yankwatch tail`, against the daemon, and against one that breaks off."""

import csv
import io
import json
import os
import select
import signal
import socket
import subprocess
import threading

import pytest

from yw.client import bad, good
from yw.daemon import CLIENT
from yw.standin import UNSAFE, on_terminal
from yw.stream import export
from yw.wait import PATIENCE, wait_for

COLUMNS = ["seq", "id", "at", "registry", "crate", "version", "event", "severity", "project", "yanked", "checksum",
           "previous_checksum", "detail", "reason", "reason_by", "replacement", "projects_hit", "observed_at",
           "prev_hash", "hash"]


@pytest.fixture
def watching(registry, daemon):
    """Two crates, with four events."""
    for crate in ("alpha", "beta"):
        registry.index.put(crate, "1.0.0")
    daemon.configure(registry.index_url, ["alpha", "beta"])
    daemon.start()
    daemon.poll()
    for crate in ("alpha", "beta"):
        registry.index.put(crate, "1.1.0")
        registry.index.yank(crate, "1.0.0")
        daemon.poll(crate)
    yield daemon
    if daemon.process:
        daemon.stop()


# ---------------------------------------------------------------- export


def test_an_export_is_what_the_socket_gives(watching):
    lines = [json.loads(line) for line in good(watching, "export").splitlines()]
    assert lines == export(watching) and len(lines) == 5 and "head" in lines[-1]


@pytest.mark.parametrize("options, expected", [
    (["--crate", "beta"], [3, 4]), (["--event", "yanked"], [1, 3]), (["--after", "3"], [4]),
    (["--since", "1d"], [1, 2, 3, 4]), (["--until", "1d"], [])])
def test_an_export_has_filters(options, expected, watching):
    lines = [json.loads(line) for line in good(watching, "export", *options).splitlines()]
    assert [line["seq"] for line in lines[:-1]] == expected


def test_an_export_to_a_file_is_whole_or_not_there(watching, folder):
    file = folder / "history.jsonl"
    file.write_text("an older one")
    assert good(watching, "export", "--output", file) == ""
    assert file.read_text() == good(watching, "export")
    assert list(folder.glob("history*")) == [file]


def test_an_export_into_a_folder_that_is_not_there(watching, folder):
    assert f"{folder}/none/x" in bad(watching, 1, "export", "--output", folder / "none" / "x")


def test_an_export_to_a_full_disk_is_an_error(watching):
    assert "No space left on device" in bad(watching, 1, "export", "--output", "/dev/full")
    with open("/dev/full", "wb") as full:
        done = subprocess.run([CLIENT, "--socket", watching.socket, "export"], stdout=full, stderr=subprocess.PIPE,
                              env=watching.env, timeout=PATIENCE, check=False)
    assert done.returncode == 1 and b"No space left" in done.stderr


def test_a_table_has_a_row_for_each_event(watching):
    text = good(watching, "export", "--format", "csv")
    with_cr = subprocess.run([CLIENT, "--socket", watching.socket, "export", "--format", "csv"], env=watching.env,
                             capture_output=True, timeout=PATIENCE, check=True).stdout
    assert with_cr.count(b"\r\n") == 5 and text
    rows = list(csv.DictReader(io.StringIO(text)))
    events = export(watching)[:-1]
    assert list(rows[0]) == COLUMNS
    for row, event in zip(rows, events, strict=True):
        assert int(row["seq"]) == event["seq"]
        for key in ("id", "at", "registry", "crate", "version", "event", "severity", "checksum", "hash"):
            assert row[key] == event[key]
        assert row["yanked"] == str(event["yanked"]).lower()


@pytest.mark.parametrize("options, word", [
    (["--format", "xml"], "xml"), (["--after", "x"], "--after"), (["--since", "never"], "--since"),
    (["--event", "yankd"], "yankd")])
def test_an_export_that_makes_no_sense(options, word, watching, folder):
    assert word in bad(watching, 2, "export", "--output", folder / "out", *options)
    assert not list(folder.glob("out*"))


class Broken:
    """Plays a daemon that answers one request with these bytes and is gone."""

    def __init__(self, folder, answer):
        self.path, self.answer, self.env = str(folder / "broken"), answer, dict(os.environ)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        connection, _ = self.listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(self.answer)

    def client(self, *arguments):
        done = subprocess.run([CLIENT, "--socket", self.path, *arguments], capture_output=True, text=True,
                              timeout=PATIENCE, check=False)
        self.thread.join()
        self.listener.close()
        return done


def chunk(text):
    return f"{len(text.encode()):x}\r\n{text}\r\n".encode()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
EVENT = '{"id":"evt_1","seq":1,"event":"yanked","crate":"=cmd|calc","version":"1.0.0","registry":"a,\\"b\\"",' \
        '"at":"2026-11-21T09:30:00.000Z"}\n'
END = '{"head":null}\n'


@pytest.mark.parametrize("answer, word", [
    (HEAD + chunk(EVENT), "broken off"), (HEAD + chunk(EVENT + END), "broken off"),
    (HEAD + chunk(EVENT)[:-20], "broken off"), (HEAD + chunk(EVENT) + b"0\r\n\r\n", "in the middle"),
    (HEAD + chunk(EVENT + END[:-1]) + b"0\r\n\r\n", "in the middle"),
    (HEAD + chunk(EVENT + END + EVENT) + b"0\r\n\r\n", "behind its end"), (b"", "no answer")])
@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_what_is_broken_off_is_an_error_and_leaves_no_file(answer, word, form, folder):
    file = folder / "out"
    done = Broken(folder, answer).client("export", "--format", form, "--output", file)
    assert done.returncode == 1 and word in done.stderr, done
    assert not list(folder.glob("out*"))


def test_a_spreadsheet_sees_no_formula(folder):
    done = Broken(folder, HEAD + chunk(EVENT + END) + b"0\r\n\r\n").client("export", "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(done.stdout))
    assert (row["crate"], row["registry"]) == ("'=cmd|calc", 'a,"b"')


EVIL = '{"id":"evt_1","seq":1,"event":"yanked","reason":{"text":"\\u001b]0;evil\\u0007\\r\\n\\u202eevil\\u009b31m"}}\n'


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_an_export_does_nothing_to_a_terminal(form, folder):
    broken = Broken(folder, HEAD + chunk(EVIL + END) + b"0\r\n\r\n")
    broken.socket = broken.path
    shown = on_terminal(broken, "export", "--format", form).replace("\r\n", "\n")  # of the table's head
    broken.thread.join()
    broken.listener.close()
    assert shown.count("evil") == 2 and not UNSAFE.search(shown), ascii(shown)
    if form == "csv":  # one line for each event
        assert len(shown.splitlines()) == 2


# ---------------------------------------------------------------- tail


class Follower:
    """yankwatch tail in the background; its lines as they come."""

    def __init__(self, daemon, *options):
        self.process = subprocess.Popen([CLIENT, "--socket", daemon.socket, "--json", "tail", *options],
                                        env=daemon.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        bufsize=0)  # what was read ahead is not seen by select()

    def _line(self, pipe):
        ready, _, _ = select.select([pipe], [], [], PATIENCE)
        assert ready, "no line has come"
        return pipe.readline().decode()

    def next(self):
        return json.loads(self._line(self.process.stdout))

    def complaint(self):
        return self._line(self.process.stderr)

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        return self.end()

    def end(self):
        status = self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.process.stderr.close()
        return status


@pytest.fixture
def follow(watching):
    followers = []

    def begin(*options):
        followers.append(Follower(watching, *options))
        return followers[-1]
    yield begin
    for it in followers:
        it.process.kill()
        it.end()


def test_tail_shows_the_last_and_then_what_happens(watching, registry, follow):
    it = follow("--last", "2")
    assert [it.next()["seq"] for _ in range(2)] == [3, 4]
    registry.index.put("alpha", "1.2.0")
    watching.poll("alpha")
    assert it.next() == watching.events()[-1]
    assert it.interrupt() in (-signal.SIGINT, 130)


def test_tail_goes_on_when_the_daemon_comes_back(watching, registry, follow):
    it = follow("--last", "1", "--crate", "beta")
    assert it.next()["seq"] == 4
    for number in range(2, 5):
        watching.kill9() if number == 3 else watching.stop()
        assert "tries again" in it.complaint()
        watching.start()
        registry.index.put("beta", f"1.{number}.0")
        registry.index.put("alpha", f"1.{number}.0")
        watching.poll()
        event = it.next()
        assert (event["crate"], event["version"]) == ("beta", f"1.{number}.0")
        assert "connected again" in it.complaint()
    assert it.interrupt() in (-signal.SIGINT, 130)


def test_tail_begins_behind_an_event(watching, follow):
    it = follow("--after", "2")
    assert [it.next()["seq"] for _ in range(2)] == [3, 4]


def test_tail_ends_quietly_when_nobody_reads(watching, registry, follow):
    it = follow("--last", "1")
    it.next()
    it.process.stdout.close()
    registry.index.put("alpha", "1.2.0")
    watching.poll("alpha")
    assert it.process.wait(PATIENCE) == -signal.SIGPIPE
    assert it.process.stderr.read() == b""


def test_tail_for_people_has_the_columns_of_history(watching):
    with subprocess.Popen([CLIENT, "--socket", watching.socket, "tail", "--last", "4"], env=watching.env,
                          stdout=subprocess.PIPE, text=True) as process:
        shown = [process.stdout.readline().split() for _ in range(4)]
        process.send_signal(signal.SIGINT)
    assert shown == [line.split() for line in good(watching, "history").splitlines()]


@pytest.mark.parametrize("options, code, word", [
    (["--last", "0"], 2, "--last"), (["--last", "2", "--after", "1"], 2, "--after"), (["--crate", "alpah"], 1, "alpha"),
    (["--event", "yankd"], 2, "yankd"), (["--after", "99"], 1, "another")])
def test_a_tail_that_makes_no_sense(options, code, word, watching):
    assert word in bad(watching, code, "tail", *options)


def test_tail_of_no_daemon_fails_at_once(daemon):
    assert "is yankwatchd running?" in bad(daemon, 1, "tail")


def test_a_stopped_daemon_waits_for_no_tail(watching, follow):
    it = follow("--last", "1")
    it.next()
    watching.stop()
    assert "the daemon has gone" in it.complaint()
    wait_for(lambda: it.process.poll() is None, "it waits")
