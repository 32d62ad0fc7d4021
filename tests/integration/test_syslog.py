# SPDX-License-Identifier: Apache-2.0
"""The plugin syslog against a real rsyslog, and against receivers that misbehave."""

import contextlib
import json
import socket
import ssl
import struct
import subprocess
import threading

import pytest

from yw.runner import PATIENCE

EVENT = {"id": "evt_1", "seq": 7, "at": "2026-11-21T09:30:00.123Z", "registry": "crates-io", "crate": "demo-crate",
         "version": "1.2.3", "event": "yanked", "severity": "high"}
HOSTILE = EVENT | {"id": "evt_2", "seq": 8, "crate": "a\"]\r\n<13>1 - - evil - - - b",
                   "reason": {"text": "x\n<13>1 - - evil - - - \u202ey]\"\\", "by": "m"}}
TEXT = "demo-crate 1.2.3 was yanked from crates-io"


def document(*events, **more):
    return json.dumps({"events": events, **more})


@pytest.fixture
def send(start):
    """Opens the plugin, delivers, and returns the result."""

    def make(to, *events, deadline_ms=20000, **options):
        runner = start("syslog")
        opened = runner.open(to=to, **options)
        assert opened["type"] == "opened", opened
        return runner.deliver(document(*events), deadline_ms=deadline_ms)

    return make


@pytest.mark.parametrize("target", ["udp", "tcp"])
def test_rsyslog_understands_every_part_of_a_record(rsyslog, send, target):
    result = send(rsyslog.targets[target], EVENT, HOSTILE, facility="local3")
    read = ", and read to their end" if target == "tcp" else ""
    assert (result["outcome"], result["text"]) == ("ok", f"2 records sent{read}")
    plain, hostile = rsyslog.records(2)
    assert plain == {"priority": str(19 * 8 + 3), "time": "2026-11-21T09:30:00.123Z", "host": socket.gethostname(),
                     "program": "yankwatch", "kind": "yanked", "text": TEXT,
                     "data": '[yankwatch@32473 notification="ntf_1" event="yanked" severity="high" id="evt_1" seq="7" '
                             'registry="crates-io" crate="demo-crate" version="1.2.3"]'}
    assert 'crate="a\\"\\]\\\\x0d\\\\x0a<13>1 - - evil - - - b"' in hostile["data"]
    assert hostile["program"] == "yankwatch"
    assert hostile["text"].endswith('; why: x <13>1 - - evil - - - \\u{202e}y]"\\\\ (by m)')


def test_the_local_socket_is_spoken_to_as_the_c_library_does(rsyslog, send):
    assert send(rsyslog.targets["unix"], EVENT)["outcome"] == "ok"
    (record,) = rsyslog.records(1)
    assert (record["priority"], record["program"]) == ("27", "yankwatch")
    assert record["text"].startswith(' [yankwatch@32473 notification="ntf_1"') and record["text"].endswith(TEXT)


def test_cef_arrives_as_the_text_of_a_record(rsyslog, send):
    assert send(rsyslog.targets["tcp"], EVENT, format="cef")["outcome"] == "ok"
    (record,) = rsyslog.records(1)
    assert record["data"] == "-" and record["text"].startswith("CEF:0|yankwatch|yankwatch|")
    assert f"|yanked|{TEXT}|8|externalId=evt_1 start=1795253400123 " in record["text"]


def test_a_group_of_a_thousand_arrives_whole_and_in_order(rsyslog, send):
    events = [EVENT | {"seq": i, "version": f"1.2.{i}"} for i in range(1000)]
    assert send(rsyslog.targets["tcp"], *events)["text"] == "1000 records sent, and read to their end"
    said = [record["data"] for record in rsyslog.records(1000)]
    assert all(f' seq="{i}" ' in data for i, data in enumerate(said))


def test_a_heartbeat_is_one_record_and_what_could_not_be_delivered_has_one_before_its_events(rsyslog, start):
    runner = start("syslog")
    runner.open(to=rsyslog.targets["tcp"])
    assert runner.deliver(document(kind="heartbeat", watching={"crates": 3}), subject="still watching")["outcome"] == "ok"
    assert runner.deliver(document(EVENT, kind="undelivered", undelivered={"notifier": "hook", "text": "HTTP 500"}),
                          subject="not delivered")["text"].startswith("2 records")
    kinds = [(record["kind"], record["text"]) for record in rsyslog.records(3)]
    assert kinds == [("heartbeat", "still watching; watching: 3 crates"),
                     ("undelivered", "not delivered; undelivered: hook could not deliver this; last answer: HTTP 500"),
                     ("yanked", TEXT)]


# ---- receivers that are not there, or not well ----


class Receiver:
    """A TCP receiver in a thread: takes one connection and does with it what `serve` says."""

    def __init__(self, serve, context=None):
        self.received = b""
        self.test_over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(PATIENCE)
        self._thread = threading.Thread(target=self._run, args=(serve, context))
        self._thread.start()
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"

    def _run(self, serve, context):
        with contextlib.suppress(OSError):
            connection, _ = self._listener.accept()
            connection.settimeout(PATIENCE)
            with connection if context is None else context.wrap_socket(connection, server_side=True) as it:
                serve(self, it)

    def stop(self):
        self.test_over.set()
        self._listener.close()
        self._thread.join()


@pytest.fixture
def receive():
    receivers = []

    def make(serve, context=None):
        receivers.append(Receiver(serve, context))
        return receivers[-1]

    yield make
    for it in receivers:
        it.stop()


def read_all(receiver, connection):
    while data := connection.recv(65536):
        receiver.received += data


def reset(receiver, connection):
    receiver.received = connection.recv(10)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def keep_open(receiver, connection):
    read_all(receiver, connection)
    receiver.test_over.wait(PATIENCE)


def talk_without_end(receiver, connection):
    read_all(receiver, connection)
    while not receiver.test_over.is_set():
        connection.sendall(b"x" * 65536)


def sip(receiver, connection):
    while not receiver.test_over.is_set() and (data := connection.recv(1000)):
        receiver.received += data
        receiver.test_over.wait(0.01)


def test_octets_are_counted(receive, send):
    receiver = receive(read_all)
    assert send(f"tcp://{receiver.address}", EVENT, HOSTILE)["outcome"] == "ok"
    rest = receiver.received
    for ident in (b"evt_1", b"evt_2"):
        count, _, rest = rest.partition(b" ")
        record, rest = rest[:int(count)], rest[int(count):]
        assert record.startswith(b"<27>1 ") and ident in record and b"\n" not in record
    assert rest == b""


def test_a_receiver_that_breaks_off_gets_it_again(receive, send):
    receiver = receive(reset)
    result = send(f"tcp://{receiver.address}", *[EVENT] * 1000)
    assert result["outcome"] == "retry"


def test_a_receiver_that_does_not_close_its_end_has_it_all_the_same(receive, send):
    receiver = receive(keep_open)
    result = send(f"tcp://{receiver.address}", EVENT, deadline_ms=1000)
    assert (result["outcome"], result["text"]) == ("ok", "1 record sent")


def test_a_receiver_that_reads_nothing_is_given_up_before_the_deadline(receive, send):
    receiver = receive(lambda receiver, connection: receiver.test_over.wait(PATIENCE))
    result = send(f"tcp://{receiver.address}", *[EVENT] * 30000, deadline_ms=2000)
    assert (result["outcome"], result["text"]) == ("retry", "cannot send: not in time")


def test_a_receiver_that_talks_without_end_has_it_all_the_same(receive, send):
    receiver = receive(talk_without_end)
    result = send(f"tcp://{receiver.address}", EVENT, deadline_ms=1000)
    assert (result["outcome"], result["text"]) == ("ok", "1 record sent")


def test_a_receiver_that_takes_a_little_at_a_time_is_given_up_before_the_deadline(receive, send):
    receiver = receive(sip)
    result = send(f"tcp://{receiver.address}", *[EVENT] * 30000, deadline_ms=2000)
    assert (result["outcome"], result["text"]) == ("retry", "cannot send: not in time")


@pytest.mark.parametrize("to, text", [
    ("unix:///nonexistent/log", "/nonexistent/log: No such file or directory"),
    ("tcp://127.0.0.1:1", "127.0.0.1: Connection refused"), ("tls://127.0.0.1:1", "127.0.0.1: Connection refused")])
def test_nobody_there_is_a_retry_that_says_where(send, to, text):
    result = send(to, EVENT)
    assert (result["outcome"], result["text"]) == ("retry", text)


def test_a_host_that_is_not_known_is_a_retry(send):
    result = send("tcp://logs.invalid", EVENT)
    assert result["outcome"] == "retry" and result["text"].startswith("logs.invalid: ")


@pytest.mark.parametrize("options, text", [
    ({"to": "logs.example.com"}, "to: must be unix:///PATH"), ({"to": "udp://a:0"}, "to: a port"),
    ({"format": "json"}, "format: must be rfc5424 or cef"), ({"facility": "kern"}, "facility: must be"),
    ({"to": "tcp://a", "ca_file": "/ca.pem"}, "of use with tls:// alone"),
    ({"to": "tls://a", "ca_file": "/nonexistent"}, "ca_file: it cannot be read"),
    ({"to": "tls://a", "cert_file": "/nonexistent"}, "one is of no use without the other")])
def test_options_that_make_no_sense_are_refused(start, options, text):
    runner = start("syslog")
    failed = runner.open(**options)
    assert failed["type"] == "failed" and text in failed["text"]
    assert runner.process.wait(PATIENCE) == 1


# ---- TLS ----


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """Self-signed, each with its key: {name: (certificate, key)}."""
    folder = tmp_path_factory.mktemp("certificates")

    def make(name, alternative):
        cert, key = folder / f"{name}.pem", folder / f"{name}.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", f"/CN={name}", "-addext", f"subjectAltName={alternative}", "-keyout", key, "-out", cert],
                       check=True, capture_output=True)
        key.chmod(0o600)
        return str(cert), str(key)

    return {"server": make("server", "IP:127.0.0.1"), "other": make("other", "DNS:other.example"),
            "client": make("client", "DNS:client.example")}


def server_context(certificates, name="server", clients=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificates[name])
    if clients:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(certificates[clients][0])
    return context


def test_tls_to_a_receiver_that_is_known_by_the_ca_file(receive, send, certificates):
    receiver = receive(read_all, server_context(certificates))
    result = send(f"tls://{receiver.address}", EVENT, ca_file=certificates["server"][0])
    assert (result["outcome"], result["text"]) == ("ok", "1 record sent, and read to their end")
    assert b"evt_1" in receiver.received


@pytest.mark.parametrize("name, trusted, text", [
    ("server", None, "self-signed certificate"), ("server", "other", "self-signed certificate"),
    ("other", "other", "IP address mismatch")])
def test_tls_to_anybody_else_sends_nothing(receive, send, certificates, name, trusted, text):
    receiver = receive(read_all, server_context(certificates, name))
    options = {"ca_file": certificates[trusted][0]} if trusted else {}
    result = send(f"tls://{receiver.address}", EVENT, **options)
    assert result["outcome"] == "retry" and f"TLS: {text}" in result["text"]
    assert receiver.received == b""


@pytest.mark.parametrize("shown, outcome", [("client", "ok"), ("other", "retry"), (None, "retry")])
def test_a_receiver_may_ask_for_our_certificate(receive, send, certificates, shown, outcome):
    receiver = receive(read_all, server_context(certificates, clients="client"))
    options = dict(zip(("cert_file", "key_file"), certificates[shown])) if shown else {}
    result = send(f"tls://{receiver.address}", EVENT, ca_file=certificates["server"][0], **options)
    assert result["outcome"] == outcome, result
