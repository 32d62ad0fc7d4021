# SPDX-License-Identifier: Apache-2.0
"""Registries that mean harm, or are ill: none breaks the daemon, starves another, or is left alone for too long."""

import concurrent.futures
import contextlib
import datetime
import json
import re
import threading
import time

import pytest

from yw.daemon import UnixConnection, kinds
from yw.server import Handler, Server
from yw.wait import SLOWER, wait_for

FIRST_PAUSE_S = 5 * 1.25  # with its jitter
LONGEST_PAUSE_S = 3600
REQUESTS_AT_ONCE = 64
SOON_S = 5 * SLOWER


class Odd:
    """A registry with a good config.json; all else is answered by answer(handler)."""

    def __init__(self, answer):
        self.answer = answer
        self.config = b'{"dl": "https://localhost/dl"}'
        self.asked = 0
        self._server = Server(OddHandler, self)
        self.index_url = f"sparse+{self._server.url}/"

    def close(self):
        self._server.stop()


class OddHandler(Handler):
    def do_GET(self):
        odd = self.server.owner
        if self.path == "/config.json":
            self.reply(200, odd.config)
        else:
            odd.asked += 1
            odd.answer(self)


@pytest.fixture
def make_odd():
    with contextlib.ExitStack() as stack:
        yield lambda answer: stack.enter_context(contextlib.closing(Odd(answer)))


@pytest.fixture
def hanging():
    """Something for Odd that gives no answer before the test ends; set() ends that sooner."""
    event = threading.Event()
    yield event
    event.set()


def hang_on(event, status=500):
    def answer(handler):
        event.wait()
        handler.reply(status)
    return answer


def lines(crate, **fields):
    line = {"name": crate, "vers": "1.0.0", "deps": [], "cksum": "0" * 64, "features": {}, "yanked": False} | fields
    return json.dumps(line).encode() + b"\n"


def state_of(daemon, name="internal"):
    return next(row for row in daemon.status()["registries"] if row["registry"] == name)


def pause_left_s(daemon):
    until = state_of(daemon).get("paused_until")
    return datetime.datetime.fromisoformat(until).timestamp() - time.time() if until else 0


def add_registries(daemon, index_urls, crates):
    """To what configure() has written."""
    config = json.loads(daemon.config.read_text())
    for number, index_url in enumerate(index_urls):
        config["registries"][f"other{number}"] = {"index": index_url, "poll_interval": "1h"}
        config["watch"].append({"registry": f"other{number}", "crates": crates})
    daemon.write(config)


# ---------------------------------------------------------------- registries that do not answer


@pytest.fixture
def told_of_a_yank(registry, receiver, daemon):
    """A daemon that has a yank to tell and is answered 503 so far."""
    registry.index.put("demo", "1.0.0")
    receiver.answers += [503] * 1000
    daemon.configure(registry.index_url, ["demo"], notifiers={"hook": receiver.notifier()})
    daemon.start()
    daemon.poll()
    registry.index.yank("demo", "1.0.0")
    daemon.poll()
    wait_for(lambda: receiver.requests, "the yank is told")
    return daemon


def test_registries_that_hang_together_take_no_place_of_health_and_alerts(told_of_a_yank, receiver, make_odd, hanging):
    """Twenty, with more watches together than the daemon has places for work."""
    daemon = told_of_a_yank
    hung = [make_odd(hang_on(hanging)) for _ in range(20)]
    add_registries(daemon, [odd.index_url for odd in hung], [f"crate{i}" for i in range(REQUESTS_AT_ONCE)])
    daemon.reload()
    wait_for(lambda: sum(row["in_flight"] for row in daemon.status()["registries"]) > 800, "requests hang")
    receiver.answers.clear()
    wait_for(receiver.accepted, "the yank is delivered", timeout=SOON_S)
    wait_for(lambda: daemon.status()["outbox"]["delivered"] == 1, "and noted as delivered", timeout=SOON_S)
    assert daemon.get("/healthz") == {"healthy": True}
    daemon.stop()


def test_one_large_registry_that_hangs_starves_nobody(registry, daemon, make_odd, hanging):
    registry.index.put("demo", "1.0.0")
    daemon.configure(registry.index_url, ["demo"])
    add_registries(daemon, [make_odd(hang_on(hanging)).index_url], [f"crate{i}" for i in range(1200)])
    daemon.start()
    wait_for(lambda: state_of(daemon, "other0")["in_flight"] == REQUESTS_AT_ONCE, "requests hang")
    daemon.poll("demo")
    registry.index.yank("demo", "1.0.0")
    daemon.poll("demo")
    assert kinds(daemon.events()) == [("yanked", "1.0.0")]
    assert daemon.get("/healthz") == {"healthy": True}
    daemon.stop()


def test_a_daemon_ends_soon_though_requests_hang_and_clients_wait_for_them(daemon, make_odd, hanging):
    daemon.configure(make_odd(hang_on(hanging)).index_url, [f"crate{i}" for i in range(100)])
    daemon.start()
    wait_for(lambda: state_of(daemon)["in_flight"] == REQUESTS_AT_ONCE, "requests hang")
    with concurrent.futures.ThreadPoolExecutor() as threads:
        polls = [threads.submit(daemon.api, "POST", "/v1/poll", {"wait": True}) for _ in range(4)]
        wait_for(lambda: all(poll.running() for poll in polls), "clients wait")
        begin = time.monotonic()
        daemon.stop()
        assert time.monotonic() - begin < SOON_S


# ---------------------------------------------------------------- registries that fail


def test_a_short_outage_costs_one_short_pause_however_much_was_in_flight(daemon, make_odd, hanging):
    odd = make_odd(hang_on(hanging))
    crates = [f"crate{i:02}" for i in range(REQUESTS_AT_ONCE)]
    daemon.configure(odd.index_url, crates)
    daemon.start()
    wait_for(lambda: state_of(daemon)["in_flight"] == REQUESTS_AT_ONCE, "all are asked for")
    hanging.set()
    wait_for(lambda: state_of(daemon)["in_flight"] == 0, "all have failed")
    assert state_of(daemon)["state"] == "failing"
    assert 0 < pause_left_s(daemon) <= FIRST_PAUSE_S
    odd.answer = lambda handler: handler.reply(200, lines(handler.path.rpartition("/")[2]))
    wait_for(lambda: "paused_until" not in state_of(daemon), "the pause is over")
    assert daemon.poll()["failed"] == 0
    assert set(daemon.watches().values()) == {"present"}
    assert state_of(daemon)["state"] == "ok"
    wait_for(lambda: "registry internal: answers again" in daemon.log(), "the end of the pause is logged")
    (pause,) = [line for line in daemon.log().splitlines() if "failures in a row, pauses for" in line]
    assert re.search(r"registry internal: 10 failures in a row, pauses for [1-9][0-9]* s: .", pause)
    daemon.stop()


def hammer(daemon, clients, times):
    """Many clients, each with so many polls that it waits for; what they were answered."""
    def client(_):
        with contextlib.closing(UnixConnection(daemon.socket)) as connection:
            return [ask_for_a_poll(connection) for _ in range(times)]
    with concurrent.futures.ThreadPoolExecutor(clients) as threads:
        return [answer for answers in threads.map(client, range(clients)) for answer in answers]


def ask_for_a_poll(connection):
    connection.request("POST", "/v1/poll", b'{"wait": true}', {"Content-Type": "application/json"})
    answer = connection.getresponse()
    document = json.loads(answer.read())
    assert answer.status == 200, document
    return document


def test_many_clients_may_poll_nothing(registry, daemon):
    daemon.configure(registry.index_url, [])
    daemon.start()
    assert {answer["polled"] for answer in hammer(daemon, clients=12, times=100)} == {0}
    daemon.stop()


@pytest.mark.parametrize("headers", [{}, {"Retry_After": "1"}, {"Retry_After": "60"}])
def test_many_clients_may_poll_a_registry_that_wants_fewer_requests(headers, daemon, make_odd):
    odd = make_odd(lambda handler: handler.reply(429, **headers))
    crates = [f"crate{i}" for i in range(20)]
    daemon.configure(odd.index_url, crates)
    daemon.start()
    for answer in hammer(daemon, clients=12, times=20):
        assert (answer["polled"], answer["failed"]) == (20, 20)
    assert odd.asked < 10 * len(crates), "the pause is kept"
    assert daemon.get("/healthz") == {"healthy": True}
    daemon.stop()


@pytest.mark.parametrize("asked", ["9223372036854775807", "99999999999999999999", "-1", "soon",
                                   "Fri, 31 Dec 9999 23:59:59 GMT", "Sat, 01 Jan 2147483647 00:00:00 GMT"])
def test_no_pause_that_a_registry_asks_for_is_longer_than_an_hour(asked, registry, daemon, make_odd):
    registry.index.put("demo", "1.0.0")
    daemon.configure(make_odd(lambda handler: handler.reply(429, Retry_After=asked)).index_url, ["crate"])
    add_registries(daemon, [registry.index_url], ["demo"])
    daemon.start()
    wait_for(lambda: pause_left_s(daemon) > 0, "the registry pauses")
    assert pause_left_s(daemon) <= LONGEST_PAUSE_S
    wait_for(lambda: ": asks us to wait, pauses for " in daemon.log(), "it is logged")
    assert daemon.poll("demo")["failed"] == 0, "another registry is polled"
    daemon.stop()


# ---------------------------------------------------------------- registries that lie


EVIL = {"bidirectional": "\u202eevil\u2066", "C1": "\u009bevil\u0085", "ESC": "\x1b[31mevil\x07", "lines": "evil\nERROR\r"}


@pytest.mark.parametrize("name", EVIL)
def test_no_text_of_an_index_reaches_the_log_as_it_is(name, daemon, make_odd):
    evil = EVIL[name]
    twice = json.dumps(evil, ensure_ascii=False).encode()
    content = [
        b'{"name":"demo",%s:1,%s:2}\n' % (twice, twice),
        lines("demo", vers=evil),
        lines("demo", **{"name": evil}),
        lines("demo", cksum=evil),
        lines("demo", **{evil: {evil: evil}}),
        f'{evil}\n'.encode(),
    ]
    odd = make_odd(lambda handler: handler.reply(200, content[handler.server.owner.turn]))
    daemon.configure(odd.index_url, ["demo"], log={"target": "stderr", "level": "debug"})
    odd.turn = 0
    daemon.start()
    for odd.turn in range(len(content)):
        daemon.poll()
    odd.config = content[0]
    daemon.stop()
    log = (daemon.folder / "log").read_bytes().decode()
    assert "evil" in log, "the log speaks of it"
    bad = [char for char in log if char != "\n" and not (char.isprintable() or char == " ")]
    assert bad == []
    assert not [line for line in log.splitlines() if line.startswith("ERROR")]


def test_a_line_that_is_too_long_for_a_notification_is_told_without_it(registry, receiver, daemon):
    registry.index.put("demo", "1.0.0", links="x" * (9 << 20))
    daemon.configure(registry.index_url, ["demo"], notifiers={"hook": receiver.notifier()})
    daemon.start()
    daemon.poll()
    registry.index.yank("demo", "1.0.0")
    daemon.poll()
    wait_for(receiver.accepted, "the yank is told")
    assert [(event["event"], event["version"]) for event in receiver.events()] == [("yanked", "1.0.0")]
    daemon.stop()


# ---------------------------------------------------------------- bodies that do not end

LARGEST = 32 << 20  # bytes of an index file, and half of the room for all bodies


def all_but_a_byte(event, begun):
    """The largest body there may be, without its last byte; notes in `begun` that the rest is sent or not wanted."""
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(LARGEST))
        handler.end_headers()
        with contextlib.suppress(OSError):
            handler.wfile.write(bytes(LARGEST - 1))
        begun.append(handler.path)
        event.wait()
        handler.close_connection = True
    return answer


@pytest.fixture
def beside(registry, make_odd, hanging, daemon):
    """A daemon with the good registry "internal", and so many others that hold all the room they get."""
    def start(number):
        begun = []
        odd = [make_odd(all_but_a_byte(hanging, begun)) for _ in range(number)]
        registry.index.put("demo", "1.0.0")
        daemon.configure(registry.index_url, ["demo"], poll_interval="1s")
        add_registries(daemon, [it.index_url for it in odd], ["one", "two"])
        daemon.start()
        daemon.poll("demo")
        wait_for(lambda: len(begun) >= 2 * number, "they have sent what they have")
        return daemon
    return start


def test_a_registry_whose_bodies_do_not_end_leaves_room_for_others(beside, registry):
    daemon = beside(1)
    registry.index.yank("demo", "1.0.0")
    assert daemon.poll("demo")["failed"] == 0
    assert kinds(daemon.events()) == [("yanked", "1.0.0")]
    daemon.stop()


def test_a_reply_that_finds_no_room_is_not_its_registrys_failure(beside, registry, hanging):
    daemon = beside(2)
    versions = [f"1.0.{number}" for number in range(1, 1000)]

    def refused():
        registry.index.put("demo", versions.pop(0))
        return daemon.poll("demo").get("errors")

    (error,) = wait_for(refused, "all has come that they have sent")
    assert "room" in error["text"]
    assert (state_of(daemon)["failures"], state_of(daemon)["state"]) == (0, "ok")
    hanging.set()
    last = ("published", f"1.0.{999 - len(versions)}")
    wait_for(lambda: last in kinds(daemon.events()), "it is asked for again, by itself")
    daemon.stop()
