# SPDX-License-Identifier: Apache-2.0
"""yankwatch-notify and the plugin exec: frames on descriptor 3, real plugins, a real program. Nothing waits for time to
pass but for a deadline that is itself under test."""

import json
import os
import pathlib
import signal
import struct
import subprocess
import sys

import pytest

from yw.runner import DOCUMENT, NOTIFY, OF_A_REGISTRY, PATIENCE, plugin


# ---- the runner ----


def test_describe_prints_one_json_object():
    done = subprocess.run([NOTIFY, "--describe", plugin("webhook")], capture_output=True, check=True)
    said = json.loads(done.stdout)
    assert (said["abi"], said["name"]) == (1, "webhook")
    rows = {row["name"]: row for row in said["options"]}
    assert rows["url"]["required"] and rows["url"]["or_file"] and rows["url"]["type"] == "url"
    assert rows["secret"]["secret"] and not rows["secret"]["required"]
    assert rows["ca_file"]["type"] == "path"


def test_describe_prints_into_a_file(tmp_path):
    with open(tmp_path / "declared", "wb") as out:
        subprocess.run([NOTIFY, "--describe", plugin("webhook")], stdout=out, check=True)
    assert json.loads((tmp_path / "declared").read_bytes())["name"] == "webhook"


@pytest.mark.parametrize("arguments, status", [
    ([], 2), (["--describe"], 2), (["--wrong", "x.so"], 2), (["a.so", "b.so"], 2), (["--version", "x"], 2), (["--try"], 2),
    (["--version"], 0), (["--help"], 0), (["--describe", "/nonexistent.so"], 1), (["/nonexistent.so"], 1)])
def test_exit_status_tells_usage_from_failure(arguments, status):
    done = subprocess.run([NOTIFY, *arguments], capture_output=True, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == status


def test_the_end_of_the_channel_ends_the_runner_cleanly(start, tmp_path):
    runner = start("record")
    opened = runner.open(path=str(tmp_path / "out"))
    assert (opened["type"], opened["plugin"], opened["version"]) == ("opened", "record", "1")
    assert runner.end() == 0
    assert start("record").end() == 0


def test_documents_arrive_byte_for_byte_and_log_lines_come_out(start, tmp_path):
    runner = start("record")
    runner.open(path=str(tmp_path / "out"), names=["a"], count=3, flag=False)
    result = runner.deliver(subject="one\nline")
    assert result == {"type": "result", "id": "ntf_1", "outcome": "ok", "retry_after_ms": 0, "text": "1 events recorded"}
    assert runner.logged == [{"type": "log", "level": "info", "text": "one line"}]
    large = '{"events":[' + ",".join(['{"seq":1}'] * 100000) + "]}"
    assert runner.deliver(document=large)["text"] == "100000 events recorded"
    assert (tmp_path / "out").read_text() == DOCUMENT + "\n" + large + "\n"
    assert runner.end() == 0


def test_a_plugin_of_the_first_release_runs(start):
    """Its structs are smaller than today's (tests/plugins/abi_1_first.h)."""
    runner = start("oldest")
    assert runner.open()["needs"] == []
    for _ in range(2):
        assert runner.deliver() == {"type": "result", "id": "ntf_1", "outcome": "ok", "retry_after_ms": 0,
                                    "text": f"ntf_1 1 {len(DOCUMENT)} evt_1 demo"}
    assert runner.end() == 0


def test_a_try_shows_nothing_to_the_terminal_that_is_not_text():
    done = subprocess.run([NOTIFY, "--try", plugin("chat"), "url=http://127.0.0.1:1/", "service=\x1b]0;x\x07\u202e"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "service: there is no \\u{1b}]0;x\\u{7}\\u{202e}, only slack" in done.stderr


@pytest.mark.parametrize("options, text", [
    ({}, "path: is required"),
    ({"path": "/nonexistent/out"}, "/nonexistent/out: cannot be opened"),
    ({"path": "/dev/null", "colour": "red"}, "colour: the plugin has no such option"),
    ({"path": "/dev/null", "token": "inline"}, "token: a secret is never inline"),
    ({"path": "/dev/null", "token_file": "credential:none"}, "the service has no credentials")])
def test_bad_options_are_told_and_end_the_runner(start, options, text):
    runner = start("record")
    failed = runner.open(**options)
    assert failed["type"] == "failed" and text in failed["text"]
    assert runner.process.wait(PATIENCE) == 1


def test_a_file_that_is_no_plugin_is_told(start):
    runner = start("no-such-plugin")
    assert "cannot be loaded" in runner.open()["text"]
    assert runner.process.wait(PATIENCE) == 1


@pytest.mark.parametrize("data", [b"null", b"[]", b"{}", b'{"type":"deliver"}', b"\xff", b"\xef\xbb\xbf{}",
                                  b'{"type":"open"}'])
def test_frames_that_make_no_sense_end_the_runner(start, data):
    runner = start("record")
    runner.send_raw(data)
    assert runner.receive()["type"] == "failed"
    assert runner.process.wait(PATIENCE) == 1


def test_a_frame_above_the_limit_ends_the_runner(start):
    runner = start("record")
    runner.channel.sendall(struct.pack("<I", (8 << 20) + 1))
    assert "a frame of 8388609 bytes" in runner.receive()["text"]
    assert runner.process.wait(PATIENCE) == 1


@pytest.mark.parametrize("options, head, said", [
    ({}, {}, {"outcome": "ok", "text": "state <>"}),
    ({"again": 60000, "left": "a ü\n"}, {"state": "b"},
     {"outcome": "ok", "again_after_ms": 60000, "state": "a ü\n", "text": "state <b>"}),
    ({"outcome": 1, "again": 60000, "left": "c"}, {}, {"outcome": "retry", "state": "c", "text": "state <>"}),
    ({"outcome": 3}, {}, {"outcome": "disable", "text": "state <>"}),
    ({"outcome": 1, "broken": True}, {},
     {"outcome": "retry", "text": "the plugin left a state that is not UTF-8 of less than 4096 bytes: dropped"})])
def test_a_result_carries_what_the_next_attempt_needs(start, options, head, said):
    runner = start("answer")
    assert runner.open(**options)["type"] == "opened"
    assert runner.deliver(**head) == {"type": "result", "id": "ntf_1", "retry_after_ms": 0} | said


def test_a_plugin_that_crashes_takes_only_the_runner_with_it(start):
    runner = start("crash")
    runner.open()
    with pytest.raises((EOFError, ConnectionResetError)):
        runner.deliver()
    assert runner.process.wait(PATIENCE) == -signal.SIGABRT


def test_what_a_plugin_writes_into_the_channel_is_no_frame(start):
    runner = start("garbage")
    runner.open()
    runner.send(type="deliver", id="n", attempt=1, deadline_ms=1000, subject="", document={"events": []})
    assert struct.unpack("<I", runner.receive_bytes(4))[0] > 8 << 20
    runner.process.kill()  # as the daemon does
    assert runner.process.wait(PATIENCE) == -signal.SIGKILL


# ---- exec ----


@pytest.fixture
def program(start):
    """Opens exec with a Python program and returns its runner."""

    def make(code, *arguments):
        runner = start("exec")
        assert runner.open(program=sys.executable, args=["-c", code, *arguments])["type"] == "opened"
        return runner

    return make


def test_a_program_gets_document_arguments_and_environment(program, tmp_path):
    out = tmp_path / "out.json"
    runner = program("import json,os,sys; json.dump([sys.argv[1:], dict(os.environ), sys.stdin.read()],"
                     " open(sys.argv[1], 'w')); print('not seen')", str(out), "$HOME `id`")
    result = runner.deliver(ident="ntf_7", attempt=3, created_at="2026-11-21T09:30:01.000Z", follows="ntf_6")
    assert (result["outcome"], result["text"]) == ("ok", "exit status 0")
    arguments, environment, document = json.loads(out.read_text())
    assert arguments == [str(out), "$HOME `id`"] and document == DOCUMENT
    environment.pop("LC_CTYPE", None)  # Python's own
    assert environment == {"PATH": os.environ["PATH"], "YANKWATCH_ID": "ntf_7", "YANKWATCH_ATTEMPT": "3",
                           "YANKWATCH_SUBJECT": "[high] demo", "YANKWATCH_NOTIFIER": "sec-hook",
                           "YANKWATCH_KIND": "events", "YANKWATCH_SEVERITY": "info",
                           "YANKWATCH_CREATED_AT": "2026-11-21T09:30:01.000Z", "YANKWATCH_FOLLOWS": "ntf_6"}


def test_a_program_may_read_plain_words_instead(start, tmp_path):
    runner = start("exec")
    assert runner.open(program="/bin/sh", args=["-c", 'cat > "$0"; echo "${YANKWATCH_FOLLOWS-none}" >> "$0"',
                                                str(tmp_path / "out")], input="text")["type"] == "opened"
    assert runner.deliver(OF_A_REGISTRY)["outcome"] == "ok"
    subject, rest = (tmp_path / "out").read_text().split("\n", 1)
    assert subject == "[high] demo" and rest.startswith("\nthe registry r has lost many crates")
    assert rest.endswith("look: yankwatch status\nnone\n")


def test_an_input_that_is_not_known_is_refused(start):
    runner = start("exec")
    assert runner.open(program="/bin/true", input="xml")["text"] == "input: must be document or text"
    assert runner.process.wait(PATIENCE) == 1


def test_a_program_is_told_of_a_registry_as_a_whole(program, tmp_path):
    runner = program("import pathlib,sys; pathlib.Path(sys.argv[1]).write_text(sys.stdin.read())",
                     str(tmp_path / "out"))
    assert runner.deliver(OF_A_REGISTRY)["outcome"] == "ok"
    assert (tmp_path / "out").read_text() == OF_A_REGISTRY


@pytest.mark.parametrize("code, outcome, text", [
    ("raise SystemExit(65)", "reject", "exit status 65"),
    ("raise SystemExit(1)", "retry", "exit status 1"),
    ("import sys; sys.exit('bad\\ttoken')", "retry", "exit status 1: bad\\x09token"),
    ("import os; os.kill(os.getpid(), 9)", "retry", "killed by signal 9"),
    ("import os; os.close(0); os.close(2)", "ok", "exit status 0"),
    ("import sys; sys.stdout.write('x' * 10**7)", "ok", "exit status 0"),
    ("import sys; sys.stderr.write('x' * 10**7)", "ok", "exit status 0: " + "x" * 512)])
def test_the_end_of_a_program_decides(program, code, outcome, text):
    result = program(code).deliver()
    assert (result["outcome"], result["text"]) == (outcome, text)


def test_a_program_need_not_read_its_input(program):
    large = '{"events":[' + ",".join(['{"seq":1}'] * 100000) + "]}"
    runner = program("pass")
    assert [runner.deliver(document=large)["outcome"] for _ in range(3)] == ["ok"] * 3


def test_a_program_that_cannot_be_started_is_a_retry(start):
    runner = start("exec")
    runner.open(program="/nonexistent/program")
    result = runner.deliver()
    assert (result["outcome"], result["text"]) == ("retry", "cannot be run: No such file or directory")


@pytest.mark.parametrize("last, outcome, text", [
    ("signal.pause()", "retry", "killed: not done before the deadline"), ("pass", "ok", "exit status 0")])
def test_nothing_of_the_program_outlives_the_delivery(program, tmp_path, last, outcome, text):
    fifo = tmp_path / "held"
    os.mkfifo(fifo)
    held = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    # The child of the program holds the FIFO, stdin and stderr, and ignores polite signals.
    runner = program("import os, signal, sys; held = os.open(sys.argv[1], os.O_WRONLY)\n"
                     "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                     "if os.fork() == 0: signal.pause()\n" + last, str(fifo))
    result = runner.deliver(deadline_ms=1500)
    assert (result["outcome"], result["text"]) == (outcome, text)
    os.set_blocking(held, True)
    with os.fdopen(held) as reader:
        assert reader.read() == ""  # the end of file comes when the last holder is dead
    assert runner.end() == 0


def test_a_program_does_not_inherit_the_channel(program):
    runner = program("import os, sys; sys.exit(' '.join(sorted(os.listdir('/proc/self/fd'))))")
    # 3 is the folder that is being listed.
    assert runner.deliver()["text"] == "exit status 1: 0 1 2 3"


# ---- the sandbox: what a file is, not what it is called ----


def replace(path, text):
    new = path.with_name("new")
    new.write_text(text)
    new.rename(path)


def skip_without_landlock(opened):
    if "files" not in opened["confined"]:
        pytest.skip("this kernel or build has no Landlock")


def test_a_file_of_an_option_that_was_replaced_ends_the_runner(start, receiver, tmp_path):
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes(pathlib.Path("/etc/ssl/certs/ca-certificates.crt").read_bytes())
    runner = start("webhook")
    skip_without_landlock(runner.open(url=receiver.url, ca_file=str(ca_file)))
    assert runner.deliver()["outcome"] == "ok"
    replace(ca_file, ca_file.read_text())
    failed = runner.deliver()
    assert (failed["type"], failed["text"]) == ("failed", f"{ca_file} was replaced: a new process reads the new one")
    assert runner.end() == 1


def test_a_program_that_failed_beside_what_is_hidden_gets_a_new_process_when_files_came(start, tmp_path):
    secret, late = tmp_path / "secret", tmp_path / "late"
    secret.write_text("x")
    options = {"program": "/bin/cat", "args": [str(late)]}
    runner = start("exec")
    runner.send(type="open", notifier="n", options=options, hidden=[str(secret)])
    skip_without_landlock(runner.receive())
    late.write_text("it is there")
    result = runner.deliver()
    assert (result["outcome"], "Permission denied" in result["text"]) == ("retry", True)
    assert runner.receive()["text"] == f"{tmp_path} changed: a new process sees what is new in it"
    assert runner.end() == 1
    runner = start("exec")
    runner.send(type="open", notifier="n", options=options, hidden=[str(secret)])
    runner.receive()
    assert runner.deliver()["outcome"] == "ok"


def test_a_plugin_may_make_the_file_that_it_writes_anew(start, tmp_path):
    out = tmp_path / "out"
    for _ in range(2):  # as after a rotation
        runner = start("record")
        runner.open(path=str(out))
        assert runner.deliver()["outcome"] == "ok"
        assert out.read_text() == DOCUMENT + "\n"
        out.unlink()


# ---- a trial by hand ----


def attempt(name, *arguments):
    return subprocess.run([NOTIFY, "--try", plugin(name), *arguments], capture_output=True, text=True, check=False)


def test_a_trial_delivers_a_sample(receiver):
    done = attempt("webhook", f"url={receiver.url}")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "result      ok: HTTP 204")
    assert receiver.requests[0].events[0]["crate"] == "demo-crate"


@pytest.mark.parametrize("arguments, text", [
    (["record"], "path: is required"), (["record", "path"], "path: KEY=VALUE is needed"),
    (["record", "path=/dev/null", "count=few"], "count: must be of the type integer"),
    (["record", "path=/dev/null", "path=/dev/null"], "path: is given twice"),
    (["record", "path=/dev/null", "color=red"], "color: the plugin has no such option"),
    (["crash"], "no answer: the plugin's process ended"), (["no-such"], "cannot be loaded")])
def test_a_trial_that_cannot_be_says_why(arguments, text):
    done = attempt(*arguments)
    assert done.returncode == 1 and text in done.stderr


def test_a_trial_takes_options_of_every_type(tmp_path):
    done = attempt("record", f"path={tmp_path / 'out'}", "names=a", "count=3", "names=b", "flag=false")
    assert done.returncode == 0 and "log         info: [high] demo-crate 1.2.3 yanked" in done.stdout
