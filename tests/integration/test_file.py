# SPDX-License-Identifier: Apache-2.0
"""The plugin file on a real file system: lines that are whole, whatever happens to the file meanwhile."""

import fcntl
import json
import os
import pathlib
import subprocess

import pytest

from yw.runner import DOCUMENT, PATIENCE

OWN_NAMESPACE = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
MOUNT = 'mount -t tmpfs -o size=64k,mode=700 none "$0" && exec "$@"'
LARGE = json.dumps({"events": [{"id": f"evt_{i}", "line": "x" * 1000} for i in range(200)]})


@pytest.fixture
def path(tmp_path):
    return tmp_path / "events.jsonl"


@pytest.fixture
def file(start, path):
    def make(**options):
        runner = start("file")
        assert runner.open(**{"path": str(path)} | options)["type"] == "opened"
        return runner

    return make


def lines(path):
    text = path.read_text()
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def test_each_event_is_a_line_and_keeps_what_it_said(file, path):
    runner = file()
    assert runner.deliver()["outcome"] == "ok"
    two = json.dumps({"events": [{"id": "evt_2", "crate": "a\nb\u2028"}, {"id": "evt_3"}]}, indent=2)
    assert runner.deliver(two, ident="ntf_2")["outcome"] == "ok"
    first = json.loads(DOCUMENT)["events"][0]
    assert lines(path) == [{"notification": "ntf_1"} | first, {"notification": "ntf_2", "id": "evt_2", "crate": "a\nb\u2028"},
                           {"notification": "ntf_2", "id": "evt_3"}]


def test_a_heartbeat_is_a_line_too(file, path):
    assert file().deliver('{"kind":"heartbeat","events":[],"since":"now"}')["outcome"] == "ok"
    assert lines(path) == [{"notification": "ntf_1", "kind": "heartbeat", "events": [], "since": "now"}]


@pytest.mark.parametrize("options, mode", [({}, 0o640), ({"mode": "0600"}, 0o600), ({"mode": "664"}, 0o664)])
def test_a_new_file_has_the_mode_that_was_asked_for_and_an_old_one_keeps_its_own(file, path, options, mode):
    old = os.umask(0o077)
    try:
        runner = file(**options)
    finally:
        os.umask(old)
    runner.deliver()
    assert path.stat().st_mode & 0o7777 == mode
    path.chmod(0o604)
    runner.deliver()
    assert path.stat().st_mode & 0o7777 == 0o604


def test_a_file_that_is_rotated_away_is_made_anew_without_a_signal(file, path):
    runner = file()
    runner.deliver()
    path.rename(f"{path}.1")
    runner.deliver(ident="ntf_2")
    assert [line["notification"] for line in lines(path)] == ["ntf_2"]
    assert [line["notification"] for line in lines(pathlib.Path(f"{path}.1"))] == ["ntf_1"]


def test_a_line_without_its_end_is_ended_first(file, path):
    path.write_text('{"notification":"ntf_0","cra')
    file().deliver()
    cut, whole = path.read_text().splitlines()
    assert cut == '{"notification":"ntf_0","cra' and json.loads(whole)["notification"] == "ntf_1"


def make_link(path):
    path.symlink_to("/dev/null")


@pytest.mark.parametrize("make, text", [
    (make_link, "it is a symbolic link"), (os.mkfifo, "it is no regular file"), (os.mkdir, "cannot be opened")])
def test_what_is_no_regular_file_is_not_written_to(file, path, make, text):
    make(path)
    result = file().deliver()
    assert result["outcome"] == "retry" and result["text"].startswith(f"{path}: {text}")


def test_a_folder_that_is_not_there_is_a_retry_that_names_the_file(file):
    result = file(path="/nonexistent/events.jsonl").deliver()
    assert (result["outcome"], result["text"]) == (
        "retry", "/nonexistent/events.jsonl: cannot be opened: No such file or directory")


def test_a_file_that_somebody_has_locked_is_left_alone(file, path):
    runner = file()
    runner.deliver()
    with open(path, "rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        result = runner.deliver()
        assert result["outcome"] == "retry" and "locked" in result["text"]
    assert runner.deliver()["outcome"] == "ok"
    assert len(lines(path)) == 2


def test_on_a_full_disk_half_a_notification_is_taken_back(start, tmp_path):
    if subprocess.run([*OWN_NAMESPACE, "sh", "-c", MOUNT, tmp_path, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no tmpfs can be mounted in a namespace of our own: run it as root, or allow user namespaces")
    runner = start("file", wrap=[*OWN_NAMESPACE, "sh", "-c", MOUNT, tmp_path])
    assert runner.open(path=str(tmp_path / "events"))["type"] == "opened"
    seen = pathlib.Path(f"/proc/{runner.process.pid}/root{tmp_path}/events")
    assert runner.deliver()["outcome"] == "ok"
    before = seen.read_bytes()
    result = runner.deliver(LARGE)
    assert (result["outcome"], result["text"]) == (
        "retry", f"{tmp_path}/events: cannot be written, what was is taken back: No space left on device")
    assert seen.read_bytes() == before
    assert runner.deliver(ident="ntf_2")["outcome"] == "ok"
    assert [line["notification"] for line in lines(seen)] == ["ntf_1", "ntf_2"]


@pytest.mark.parametrize("mode", ["0644 ", "rw", "0755", "0440", "07777", "9"])
def test_a_mode_that_makes_no_sense_is_refused(start, path, mode):
    runner = start("file")
    assert "mode: must be octal" in runner.open(path=str(path), mode=mode)["text"]
    assert runner.process.wait(PATIENCE) == 1
