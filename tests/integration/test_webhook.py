# SPDX-License-Identifier: Apache-2.0
"""The plugin webhook against a real HTTP receiver. Nothing waits for time to pass but for a deadline that is itself
under test."""

import base64
import contextlib
import email.utils
import hashlib
import hmac
import http.server
import json
import socket
import ssl
import subprocess
import threading
import time

import pytest

from yw.runner import DOCUMENT, OF_A_REGISTRY, PATIENCE


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


def secret_file(folder, content, mode=0o600, name="secret"):
    path = folder / name
    path.write_text(content)
    path.chmod(mode)
    return str(path)


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


def verify(secret, headers, body):
    """The algorithm of the Standard Webhooks specification, from the receiver's side."""
    key = base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    expected = hmac.digest(key, signed, hashlib.sha256)
    versions = [one.split(",", 1) for one in headers["webhook-signature"].split(" ")]
    return any(version == "v1" and hmac.compare_digest(base64.b64decode(mac), expected) for version, mac in versions)


WHSEC = "whsec_" + base64.b64encode(bytes(range(24))).decode()


@pytest.mark.parametrize("secret", [WHSEC, "plain text"])
def test_a_signature_verifies(start, receiver, tmp_path, secret):
    runner = start("webhook")
    runner.open(url=receiver.url(), secret_file=secret_file(tmp_path, secret + "\n"))
    assert runner.deliver()["outcome"] == "ok"
    _, headers, body = receiver.requests[0]
    assert verify(secret, headers, body)
    assert not verify(secret, headers, body + b" ")
    assert not verify("whsec_" + base64.b64encode(bytes(24)).decode(), headers, body)
    assert " " not in headers["webhook-signature"]


def test_while_a_secret_is_rotated_receivers_with_either_verify(start, receiver, tmp_path):
    """The steps of the README: both secrets, then the new one alone."""
    old, new = "the old one", WHSEC
    files = {name: secret_file(tmp_path, secret, name=name) for name, secret in [("old", old), ("new", new)]}
    for options, known_by_old, known_by_new in [
            ({"secret_file": files["old"]}, True, False),
            ({"secret_file": files["new"], "previous_secret_file": files["old"]}, True, True),
            ({"secret_file": files["new"]}, False, True)]:
        runner = start("webhook")
        assert runner.open(url=receiver.url(), **options)["type"] == "opened"
        assert runner.deliver()["outcome"] == "ok"
        _, headers, body = receiver.requests[-1]
        assert (verify(old, headers, body), verify(new, headers, body)) == (known_by_old, known_by_new)


@pytest.mark.parametrize("content, mode, text", [
    ("\n", 0o600, "secret: it is empty"), ("whsec_???", 0o600, "not base64"), ("x", 0o604, "others may read")])
def test_a_secret_that_is_not_fit_is_refused(start, tmp_path, content, mode, text):
    runner = start("webhook")
    failed = runner.open(url="http://127.0.0.1/", secret_file=secret_file(tmp_path, content, mode))
    assert failed["type"] == "failed" and text in failed["text"]
    assert runner.process.wait(PATIENCE) == 1


@pytest.mark.parametrize("key", ["url", "proxy"])
@pytest.mark.parametrize("url", ["http://user:sesame@127.0.0.1:99999", "http://user:sesame@[::1", "http://sesame:x"])
def test_a_url_that_is_none_is_refused_without_what_is_in_it(start, tmp_path, key, url):
    """curl's own error for a proxy has the password in it."""
    options = {"url": "http://127.0.0.1/", f"{key}_file": secret_file(tmp_path, url)}
    runner = start("webhook")
    failed = runner.open(**{name: it for name, it in options.items() if (name, key) != ("url", "url")})
    assert failed["type"] == "failed" and failed["text"].startswith(f"{key}: it is no URL"), failed
    assert "sesame" not in failed["text"]
    assert runner.process.wait(PATIENCE) == 1


@pytest.mark.parametrize("status, outcome", [
    (204, "ok"), (400, "reject"), (404, "reject"), (408, "retry"), (425, "retry"), (500, "retry"), (599, "retry")])
def test_statuses_decide(hook, receiver, status, outcome):
    receiver.answer = reply(status)
    result = hook.deliver()
    assert (result["outcome"], result["text"]) == (outcome, f"HTTP {status}")


def test_410_puts_the_notifier_out_of_service_and_says_so(hook, receiver):
    receiver.answer = reply(410, b"moved out\r\n")
    result = hook.deliver()
    assert (result["outcome"], result["text"]) == (
        "disable", "HTTP 410 (it wants nothing more): moved out")


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


# ---- more headers ----


def test_more_headers_arrive_from_the_list_and_from_the_secret_file(start, receiver, tmp_path):
    runner = start("webhook")
    file = secret_file(tmp_path, "Authorization: Bearer s3cret\r\nX-Key: k\n")
    assert runner.open(url=receiver.url(), headers=["X-Team: sec", "Accept: text/plain"],
                       secret_headers_file=file)["type"] == "opened"
    assert runner.deliver()["outcome"] == "ok"
    _, headers, _ = receiver.requests[0]
    assert [headers.get_all(name) for name in ("X-Team", "Accept", "Authorization", "X-Key")] == [
        ["sec"], ["text/plain"], ["Bearer s3cret"], ["k"]]


@pytest.mark.parametrize("line, text", [
    ("X-Team", 'each is "Name: value"'), ("X-Team: a\r\nX-Evil: b", "line end"), ("webhook-id: 1", "not yours to set"),
    ("Host: other.example", "not yours to set"), ("X-Team:", "without a value")])
def test_a_header_that_cannot_be_sent_is_refused_when_the_notifier_starts(start, line, text):
    runner = start("webhook")
    failed = runner.open(url="http://127.0.0.1/", headers=[line])
    assert failed["type"] == "failed" and failed["text"].startswith("headers: ") and text in failed["text"]
    assert runner.process.wait(PATIENCE) == 1


# ---- through a proxy ----


def test_a_proxy_is_asked_for_the_whole_url(start, receiver):
    runner = start("webhook")
    assert runner.open(url="http://hooks.invalid/x", proxy=receiver.url().removesuffix("/hook"))["type"] == "opened"
    assert runner.deliver()["outcome"] == "ok"
    assert [path for path, _, _ in receiver.requests] == ["http://hooks.invalid/x"]


def test_a_proxy_sees_nothing_of_what_goes_to_an_https_receiver(start, receiver, tmp_path, monkeypatch):
    asked = []

    def do_connect(handler):
        asked.append((handler.path, dict(handler.headers)))
        handler.send_error(502)

    monkeypatch.setattr(Handler, "do_CONNECT", do_connect, raising=False)
    runner = start("webhook")
    runner.open(url="https://hooks.invalid/x", proxy=receiver.url().removesuffix("/hook"),
                secret_file=secret_file(tmp_path, "s"), headers=["X-Team: sec"])
    result = runner.deliver()
    assert result["outcome"] == "retry" and result["text"].startswith("no answer: ")
    ((path, headers),) = asked
    assert path == "hooks.invalid:443"
    assert {name.lower() for name in headers} <= {"host", "user-agent", "proxy-connection"}


# ---- addresses ----


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"])
def test_public_addresses_alone_means_that_no_other_is_connected_to(start, receiver, host):
    runner = start("webhook")
    assert runner.open(url=f"http://{host}:{receiver.server_port}/", addresses="public")["type"] == "opened"
    result = runner.deliver()
    assert result["outcome"] == "retry" and result["text"].endswith(" is not a public address")
    assert not receiver.requests


@pytest.mark.parametrize("options, text", [
    ({"addresses": "private"}, "addresses: must be any or public"),
    ({"addresses": "public", "proxy": "http://127.0.0.1:1"}, "addresses: public cannot be kept through a proxy")])
def test_a_policy_of_addresses_that_cannot_be_kept_is_refused(start, options, text):
    runner = start("webhook")
    assert text in runner.open(url="http://127.0.0.1/", **options)["text"]
    assert runner.process.wait(PATIENCE) == 1
