# SPDX-License-Identifier: Apache-2.0
"""The harness itself: when one of these fails, look here before you look at the daemon."""

import base64
import http.client
import json
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from yw import processes
from yw.daemon import CHECKOUT
from yw.index import path_of
from yw.receiver import DROP
from yw.wait import wait_for


def get(url, **headers):
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers


def test_crates_have_the_paths_that_cargo_asks_for():
    assert [path_of(name) for name in ("a", "ab", "Abc", "demo", "Serde_JSON")] == [
        "1/a", "2/ab", "3/a/abc", "de/mo/demo", "se/rd/serde_json"]


def test_real_cargo_publishes_yanks_and_unyanks(registry, cargo):
    flags = []
    for action in (cargo.publish, cargo.yank, cargo.unyank, cargo.yank):
        action("demo", "1.0.0")
        flags.append(json.loads(registry.index.line("demo", "1.0.0"))["yanked"])
    assert flags == [False, True, False, True]
    assert get(f"{registry.url}/api/v1/crates/demo/1.0.0/download")[0] == 200


def test_a_version_cannot_be_published_twice(cargo):
    cargo.publish("demo", "1.0.0")
    with pytest.raises(AssertionError, match="already"):
        cargo.publish("demo", "1.0.0")


def test_the_registry_wants_its_token(registry):
    registry.index.put("demo", "1.0.0")
    request = urllib.request.Request(f"{registry.url}/api/v1/crates/demo/1.0.0/yank", method="DELETE")
    with pytest.raises(urllib.error.HTTPError, match="403") as refusal:
        urllib.request.urlopen(request, timeout=30)
    refusal.value.close()
    assert not json.loads(registry.index.line("demo", "1.0.0"))["yanked"]


def test_the_registry_answers_conditional_requests(registry):
    url = f"{registry.url}/index/{path_of('demo')}"
    registry.index.put("demo", "1.0.0")
    _, first = get(url)
    assert get(url, If_None_Match=first["ETag"])[0] == 304
    assert get(url, If_Modified_Since=first["Last-Modified"])[0] == 304
    registry.index.yank("demo", "1.0.0")
    assert get(url, If_None_Match=first["ETag"])[0] == 200
    assert get(url, If_Modified_Since=first["Last-Modified"])[0] == 200
    registry.index.yank("demo", "1.0.0", yanked=False)
    assert get(url)[1]["ETag"] == first["ETag"], "an un-yank brings the old bytes back"
    assert get(url)[1]["Last-Modified"] != first["Last-Modified"]


def test_the_registry_answers_wrongly_when_told(registry):
    registry.index.put("demo", "1.0.0")
    registry.answer(path_of("demo"), 451)
    assert get(f"{registry.url}/index/{path_of('demo')}")[0] == 451
    registry.answer(path_of("demo"), None)
    assert get(f"{registry.url}/index/{path_of('demo')}")[0] == 200
    assert get(f"{registry.url}/index/../crates")[0] == 404


def test_nginx_serves_the_index_over_tls_and_http2(nginx):
    nginx.index.put("demo", "1.0.0")
    url = nginx.index_url.removeprefix("sparse+") + path_of("demo")
    done = subprocess.run(["curl", "-sS", "--noproxy", "*", "--cacert", nginx.ca_file, "-w", "%{http_version}", url],
                          capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == nginx.index.line("demo", "1.0.0") + "\n2"
    assert wait_for(nginx.requests, "it is in the log") == [(200, "HTTP/2.0", "/index/de/mo/demo")]


def send(receiver, body, **headers):
    connection = http.client.HTTPConnection(receiver.url.split("/")[2], timeout=30)
    try:
        connection.request("POST", "/hook", body, {name.replace("_", "-"): value for name, value in headers.items()})
        return connection.getresponse().status
    finally:
        connection.close()


def test_the_receiver_answers_as_told_and_keeps_all(receiver):
    receiver.answers = [500, DROP]
    body = json.dumps({"data": {"events": [{"seq": 1}]}})
    assert send(receiver, body, webhook_id="a") == 500
    with pytest.raises(http.client.RemoteDisconnected):
        send(receiver, body, webhook_id="b")
    assert send(receiver, body, webhook_id="c") == 204
    assert [(request.id, request.status) for request in receiver.requests] == [("a", 500), ("b", None), ("c", 204)]
    assert receiver.events() == [{"seq": 1}]


def test_the_receiver_knows_the_signature_of_the_specification(receiver):
    """The example that the Standard Webhooks libraries agree on."""
    receiver.key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    send(receiver, '{"test": 2432232314}', webhook_id="msg_p5jXN8AQM9LWM0D4loKWxJek", webhook_timestamp="1614265330",
         webhook_signature="v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    (request,) = receiver.requests
    with pytest.raises(AssertionError, match="timestamp"):
        receiver.verify(request)
    request.at = 1614265331
    receiver.verify(request)
    request.body += b" "
    with pytest.raises(AssertionError, match="signature"):
        receiver.verify(request)


def test_the_registry_runs_by_hand(folder):
    with subprocess.Popen([sys.executable, "-m", "yw.registry", "--dir", folder / "r", "--port", "0"],
                          stdout=subprocess.PIPE, text=True, cwd=CHECKOUT / "tests" / "integration") as process:
        assert get(process.stdout.readline().strip() + "/index/config.json")[0] == 200
        process.terminate()
        assert process.wait(30) == 0


def test_orphans_are_found(folder):
    subprocess.run(["sh", "-c", "sleep 1000 & echo $! >pid"], cwd=folder, timeout=30, check=True)
    pid = int((folder / "pid").read_text())
    wait_for(lambda: "sleep 1000" in processes.children().get(pid, ""), "the orphan is a child of ours")
    processes.end(pid)
    wait_for(lambda: pid not in processes.children(), "the orphan has ended")
