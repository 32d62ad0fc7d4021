# SPDX-License-Identifier: Apache-2.0
"""yankwatch-notify as yankwatchd drives it: frames on descriptor 3, a real plugin,
a real HTTP receiver or program at the other end. Nothing waits for time to pass but
for a deadline that is itself under test."""

import base64
import contextlib
import email.utils
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("YANKWATCH_BUILD", ROOT / "build"))
NOTIFY = BUILD / "bin" / "yankwatch-notify"
PATIENCE = 30  # seconds until a test that hangs is a failure

# Bytes that a JSON library would not write like this: they must arrive as they are.
DOCUMENT = '{ "events":[{"id":"evt_1","seq":1.0,"at":"2026-11-21T09:30:00.123Z","crate":"d\\u0065mo"}]}'
OF_A_REGISTRY = ('{"events":[{"id":"evt_2","seq":2,"at":"2026-11-21T09:30:00.123Z","registry":"r",'
                 '"event":"registry_incident"}]}')


def plugin(name):
    ours = BUILD / "plugins" / f"{name}.so"
    return ours if ours.exists() else BUILD / "tests" / "plugins" / f"{name}.so"


class Runner:
    """One yankwatch-notify with our end of its channel."""

    def __init__(self, name, env=None):
        self.channel, theirs = socket.socketpair()
        self.channel.settimeout(PATIENCE)
        with theirs:
            # Popen passes a descriptor on under its number; the runner wants it as 3.
            become = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.execv(sys.argv[2], sys.argv[2:])"
            self.process = subprocess.Popen(
                [sys.executable, "-ISc", become, str(theirs.fileno()), NOTIFY, plugin(name)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()], env={**os.environ, **(env or {})})

    def send_raw(self, data):
        self.channel.sendall(struct.pack("<I", len(data)) + data)

    def send(self, **frame):
        self.send_raw(json.dumps(frame).encode())

    def receive_bytes(self, count):
        data = b""
        while len(data) < count:
            piece = self.channel.recv(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def receive(self):
        (length,) = struct.unpack("<I", self.receive_bytes(4))
        return json.loads(self.receive_bytes(length))

    def open(self, **options):
        self.send(type="open", notifier="sec-hook", options=options)
        return self.receive()

    def deliver(self, document=DOCUMENT, ident="ntf_1", attempt=1, deadline_ms=20000, subject="[high] demo"):
        """The result; frames of the type log before it are kept in self.logged."""
        head = {"type": "deliver", "id": ident, "attempt": attempt, "deadline_ms": deadline_ms, "subject": subject}
        self.send_raw((json.dumps(head)[:-1] + ',"document":' + document + "}").encode())
        self.logged = []
        while (frame := self.receive())["type"] == "log":
            self.logged.append(frame)
        return frame

    def end(self):
        """Closes the channel and returns the exit status."""
        self.channel.close()
        return self.process.wait(PATIENCE)


@pytest.fixture
def start():
    runners = []

    def make(name, env=None):
        runners.append(Runner(name, env))
        return runners[-1]

    yield make
    try:
        # Who still runs ends cleanly: a sanitizer's complaint of close() shows here.
        assert not any(runner.end() for runner in runners if runner.process.poll() is None)
    finally:
        for runner in runners:
            runner.process.kill()


class Receiver(http.server.ThreadingHTTPServer):
    """Answers each POST as `answer`, a function of the handler, says."""

    daemon_threads = True
    block_on_close = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests = []
        self.answer = reply(200)
        self.test_over = threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def url(self, scheme="http"):
        return f"{scheme}://127.0.0.1:{self.server_port}/hook"

    def handle_error(self, request, client_address):
        pass  # a client that hangs up is what some tests are about


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, self.headers, body))
        self.server.answer(self)

    def log_message(self, *args):
        pass


def reply(status, body=b"", **headers):
    def answer(handler):
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.fixture
def receiver():
    with Receiver() as server:
        yield server
        server.test_over.set()
        server.shutdown()


@pytest.fixture
def hook(start, receiver):
    runner = start("webhook")
    assert runner.open(url=receiver.url())["type"] == "opened"
    return runner


def secret_file(folder, content, mode=0o600):
    path = folder / "secret"
    path.write_text(content)
    path.chmod(mode)
    return str(path)


# ---- the runner ----


def test_describe_prints_one_json_object():
    done = subprocess.run([NOTIFY, "--describe", plugin("webhook")], capture_output=True, check=True)
    said = json.loads(done.stdout)
    assert (said["abi"], said["name"]) == (1, "webhook")
    rows = {row["name"]: row for row in said["options"]}
    assert rows["url"]["required"] and rows["url"]["or_file"] and rows["url"]["type"] == "url"
    assert rows["secret"]["secret"] and not rows["secret"]["required"]
    assert rows["ca_file"]["type"] == "path"


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
    assert runner.logged == [{"type": "log", "level": "info", "text": "one\nline"}]
    large = '{"events":[' + ",".join(['{"seq":1}'] * 100000) + "]}"
    assert runner.deliver(document=large)["text"] == "100000 events recorded"
    assert (tmp_path / "out").read_text() == DOCUMENT + "\n" + large + "\n"
    assert runner.end() == 0


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


# ---- webhook ----


def test_a_ca_file_that_cannot_be_read_is_refused(start):
    runner = start("webhook")
    assert "ca_file" in runner.open(url="https://127.0.0.1/", ca_file="/nonexistent/ca.pem")["text"]
    assert runner.process.wait(PATIENCE) == 1


def test_a_webhook_is_a_cloudevent_around_the_document(hook, receiver):
    assert hook.deliver() == {"type": "result", "id": "ntf_1", "outcome": "ok", "retry_after_ms": 0, "text": "HTTP 200"}
    hook.deliver(attempt=2)
    (path, headers, body), (_, _, again) = receiver.requests
    assert path == "/hook" and body == again
    assert headers["Content-Type"] == "application/cloudevents+json"
    assert headers["webhook-id"] == "ntf_1" and abs(int(headers["webhook-timestamp"]) - time.time()) < PATIENCE
    assert "webhook-signature" not in headers
    event = json.loads(body)
    assert event.pop("data") == json.loads(DOCUMENT) and DOCUMENT.encode() in body
    assert event == {"specversion": "1.0", "id": "ntf_1", "source": "yankwatch/sec-hook",
                     "type": "io.yankwatch.notification.v1", "time": "2026-11-21T09:30:00.123Z",
                     "datacontenttype": "application/json"}


@pytest.mark.parametrize("secret, key", [
    ("whsec_" + base64.b64encode(bytes(range(24))).decode() + "\n", bytes(range(24))), ("plain text\n", b"plain text")])
def test_a_signature_verifies(start, receiver, tmp_path, secret, key):
    runner = start("webhook")
    runner.open(url=receiver.url(), secret_file=secret_file(tmp_path, secret))
    assert runner.deliver()["outcome"] == "ok"
    _, headers, body = receiver.requests[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == "v1," + mac


@pytest.mark.parametrize("content, mode, text", [
    ("\n", 0o600, "secret: it is empty"), ("whsec_???", 0o600, "not base64"), ("x", 0o604, "others may read")])
def test_a_secret_that_is_not_fit_is_refused(start, tmp_path, content, mode, text):
    runner = start("webhook")
    failed = runner.open(url="http://127.0.0.1/", secret_file=secret_file(tmp_path, content, mode))
    assert failed["type"] == "failed" and text in failed["text"]
    assert runner.process.wait(PATIENCE) == 1


@pytest.mark.parametrize("status, outcome", [
    (204, "ok"), (400, "reject"), (404, "reject"), (408, "retry"), (425, "retry"), (500, "retry"), (599, "retry")])
def test_statuses_decide(hook, receiver, status, outcome):
    receiver.answer = reply(status)
    result = hook.deliver()
    assert (result["outcome"], result["text"]) == (outcome, f"HTTP {status}")


def test_410_says_that_the_receiver_is_gone(hook, receiver):
    receiver.answer = reply(410, b"moved out\r\n")
    result = hook.deliver()
    assert (result["outcome"], result["text"]) == ("reject", "HTTP 410 (the receiver is gone): moved out")


def test_a_pause_is_asked_for_in_seconds_or_as_a_date(hook, receiver):
    for status, asked, low, high in [
            (503, "7", 7, 7), (429, "999999", 3600, 3600), (503, "soon", 0, 0),
            (503, email.utils.formatdate(time.time() + 600, usegmt=True), 500, 600)]:
        receiver.answer = reply(status, b"busy \x1b[31m", Retry_After=asked)
        result = hook.deliver()
        assert result["outcome"] == "retry" and result["text"] == f"HTTP {status}: busy \\x1b[31m"
        assert low * 1000 <= result["retry_after_ms"] <= high * 1000


def test_a_redirect_is_not_followed(hook, receiver):
    receiver.answer = reply(307, Location="/elsewhere")
    result = hook.deliver()
    assert (result["outcome"], result["text"]) == ("reject", "HTTP 307 (redirects are not followed)")
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhal"])
def test_a_receiver_that_hangs_is_given_up_before_the_deadline(hook, receiver, begin):
    def hang(handler):
        handler.wfile.write(begin)
        handler.wfile.flush()
        handler.server.test_over.wait()

    receiver.answer = hang
    began = time.monotonic()
    result = hook.deliver(deadline_ms=1000)
    assert time.monotonic() - began < 1
    assert result["outcome"] == "retry" and result["text"].startswith("no answer: ")
    receiver.answer = reply(200)
    assert hook.deliver()["outcome"] == "ok"


def test_a_gigabyte_of_answer_is_not_read(hook, receiver):
    sent = []

    def flood(handler):
        handler.send_response(500)
        handler.send_header("Content-Length", str(1 << 30))
        handler.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(1 << 14):
                handler.wfile.write(b"x" * 65536)
                sent.append(65536)

    receiver.answer = flood
    assert hook.deliver()["text"] == "HTTP 500: " + "x" * 200
    assert sum(sent) < 64 << 20


def test_endless_headers_are_not_read(hook, receiver):
    def flood(handler):
        handler.send_response(200)
        with contextlib.suppress(OSError):
            while True:
                handler.wfile.write(b"X-Filler: " + b"x" * 1000 + b"\r\n")

    receiver.answer = flood
    assert hook.deliver()["outcome"] == "retry"


def test_nobody_at_the_port_is_a_retry(start):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    runner = start("webhook")
    runner.open(url=f"http://127.0.0.1:{port}/")
    result = runner.deliver()
    assert result["outcome"] == "retry" and result["text"].startswith("no answer: ")


def test_proxies_of_the_environment_are_ignored(start, receiver):
    runner = start("webhook", env={"http_proxy": "http://127.0.0.1:1/", "ALL_PROXY": "http://127.0.0.1:1/"})
    runner.open(url=receiver.url())
    assert runner.deliver()["outcome"] == "ok"


def test_the_url_may_come_from_a_credential(start, receiver, tmp_path):
    (tmp_path / "hook").write_text(receiver.url() + "\n")
    runner = start("webhook", env={"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert runner.open(url_file="credential:hook")["type"] == "opened"
    assert runner.deliver()["outcome"] == "ok"


def test_only_the_ca_file_is_trusted(start, receiver, tmp_path):
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
                   check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    receiver.socket = context.wrap_socket(receiver.socket, server_side=True, do_handshake_on_connect=False)
    for options, outcome in [({}, "retry"), ({"ca_file": str(cert)}, "ok")]:
        runner = start("webhook")
        runner.open(url=receiver.url("https"), **options)
        assert runner.deliver()["outcome"] == outcome


def test_a_webhook_is_told_of_a_registry_as_a_whole(hook, receiver):
    assert hook.deliver(OF_A_REGISTRY)["outcome"] == "ok"
    ((_, _, body),) = receiver.requests
    assert json.loads(body)["data"] == json.loads(OF_A_REGISTRY)


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
    result = runner.deliver(ident="ntf_7", attempt=3)
    assert (result["outcome"], result["text"]) == ("ok", "exit status 0")
    arguments, environment, document = json.loads(out.read_text())
    assert arguments == [str(out), "$HOME `id`"] and document == DOCUMENT
    environment.pop("LC_CTYPE", None)  # Python's own
    assert environment == {"PATH": os.environ["PATH"], "YANKWATCH_ID": "ntf_7", "YANKWATCH_ATTEMPT": "3",
                           "YANKWATCH_SUBJECT": "[high] demo", "YANKWATCH_NOTIFIER": "sec-hook"}


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
    skip_without_landlock(runner.open(url=receiver.url(), ca_file=str(ca_file)))
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
    done = attempt("webhook", f"url={receiver.url()}")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "result      ok: HTTP 200")
    assert json.loads(receiver.requests[0][2])["data"]["events"][0]["crate"] == "demo-crate"


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
