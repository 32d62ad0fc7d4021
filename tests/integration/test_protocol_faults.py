# SPDX-License-Identifier: Apache-2.0
"""Whatever a registry answers: nothing false is recorded, the operator is told, and the truth is recorded once, after it or
in spite of it. The rows are in yw/faults.py."""

import contextlib
import pathlib
import re

import pytest

from yw.daemon import BUILD, CHECKOUT, WRAP, kinds
from yw.faults import FAULTS, document
from yw.faulty import CONFIG, Faulty
from yw.wait import wait_for

CRATE = "/v1/crates/internal/demo"
YANK, NEXT_YANK = ("yanked", "1.1.0"), ("yanked", "1.0.0")
USABLE, YANKED = (False, False), (True, False)  # (yanked, deleted)
TOKEN = "a-token-of-the-tests"
MEMORY_MAX = 128 << 20  # bytes: more than the largest reply and what it is unpacked into
IS_LEAN = BUILD.name == "build" and not WRAP  # sanitizers and valgrind take memory of their own


@pytest.fixture
def make_faulty(authority):
    with contextlib.ExitStack() as stack:
        def make(**keys):
            return stack.enter_context(contextlib.closing(Faulty(**keys)))
        yield make


@pytest.fixture(params=FAULTS)
def fault(request):
    return FAULTS[request.param]


@pytest.fixture
def registry(fault, authority, make_faulty):
    """That will have the fault. demo has two versions."""
    it = make_faulty(**({} if fault.server == "http" else {"authority": authority, "h2": fault.server == "h2"}))
    it.etags = fault.etags
    it.elsewhere = make_faulty().url
    for crate in fault.crates:
        it.put(crate, "1.0.0", "1.1.0")
    return it


@pytest.fixture
def watching(daemon, registry, fault, authority, folder):
    """The daemon, not started yet."""
    token_file = folder / "token"
    token_file.write_text(TOKEN)
    token_file.chmod(0o600)
    daemon.configure(registry.index_url, fault.crates, confirm="10m",
                     ca_file=None if fault.server == "http" else authority / "ca.pem",
                     registry={"token_file": str(token_file)} if fault.token else {})
    return daemon


def break_it(registry, fault):
    crates = list(registry.lines)
    if fault.answer:
        registry.fail(fault.answer, {"crate": crates, "config": [CONFIG], "both": [CONFIG, *crates]}[fault.on])
    if fault.certificate != "good":
        registry.use_certificate(fault.certificate)


def heal(registry, fault, daemon):
    """And the next change is one of now: a date that was in the future is over. What is over before it was told is
    not told."""
    if fault.incident:
        wait_for(lambda: any(event["event"] == "registry_incident" for event in daemon.events()), "it is told")
    registry.fail(None)
    registry.behind_s = 0
    if fault.certificate != "good":
        registry.use_certificate("good")
    if fault.pauses:
        restart(daemon)


def restart(daemon):
    daemon.stop()
    daemon.start()


def versions(daemon):
    return {row["version"]: (row["yanked"], row["deleted"]) for row in daemon.get(CRATE)["versions"]}


def of_crates(daemon):
    return kinds(event for event in daemon.events() if "crate" in event)


def expect_an_incident_if_it_is_one(daemon, fault):
    expected = ["registry_incident", "registry_back"] if fault.incident else []
    assert [event["event"] for event in daemon.events() if "crate" not in event] == expected


def is_said(expected, text):
    """One of them, if there are several; … is anything."""
    patterns = [expected] if isinstance(expected, str) else expected
    return any(re.search(".*".join(map(re.escape, pattern.split("…"))), text) for pattern in patterns)


def expect_what_is_seen(daemon, fault, poll, log_before):
    status = daemon.status()["registries"][0]
    assert poll["failed"] == (len(fault.crates) if fault.error else 0)
    if fault.error:
        assert is_said(fault.error, next(error["text"] for error in poll["errors"] if error["crate"] == "demo"))
        assert len(fault.crates) > 1 or is_said(fault.error, status["last_error"]["text"])
    else:
        assert "last_error" not in status
    if fault.error or fault.log:  # which is written by a thread of its own
        wait_for(lambda: is_said(fault.error or fault.log, daemon.log()[log_before:]), "the log says so")
    assert (status["stale"] > 0) == fault.stale
    assert ("paused_until" in status) == fault.pauses
    assert bool(status["unparsed"]) == bool(fault.unparsed or fault.doubled)
    assert daemon.get(CRATE)["unparsed_lines"] == fault.unparsed


def expect_little_memory(daemon):
    status = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text()
    peak = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) << 10
    assert peak < MEMORY_MAX or not IS_LEAN


def test_nothing_false_is_recorded_and_the_truth_once(fault, registry, watching):
    watching.start()
    assert watching.poll()["failed"] == 0
    registry.yank("demo", "1.1.0")
    break_it(registry, fault)
    before = len(watching.log())
    if fault.on == "config":
        restart(watching)
    first = watching.poll()
    assert watching.poll()["failed"] == first["failed"], "once more is no better"

    assert of_crates(watching) == ([YANK] if fault.told else [])
    assert versions(watching) == {"1.0.0": USABLE, "1.1.0": YANKED if fault.told else USABLE}
    expect_what_is_seen(watching, fault, first, before)
    expect_little_memory(watching)

    heal(registry, fault, watching)
    for _ in range(2):
        assert watching.poll()["failed"] == 0
        assert of_crates(watching) == [YANK]
    assert versions(watching) == {"1.0.0": USABLE, "1.1.0": YANKED}
    assert watching.get(CRATE)["unparsed_lines"] == 0

    registry.yank("demo", "1.0.0")
    watching.poll()
    assert of_crates(watching) == [YANK, NEXT_YANK]
    expect_an_incident_if_it_is_one(watching, fault)
    watching.stop()
    assert TOKEN not in watching.log()


def test_a_first_look_makes_no_history(fault, registry, watching):
    """What is there when a crate is first seen is a baseline, however that look was spoilt."""
    registry.yank("demo", "1.1.0")
    break_it(registry, fault)
    watching.start()
    for _ in range(2):
        watching.poll()
    assert of_crates(watching) == []
    heal(registry, fault, watching)
    for _ in range(2):
        assert watching.poll()["failed"] == 0
    assert of_crates(watching) == list(fault.late)
    assert versions(watching) == {"1.0.0": USABLE, "1.1.0": YANKED}
    registry.yank("demo", "1.0.0")
    watching.poll()
    assert of_crates(watching) == [*fault.late, NEXT_YANK]
    expect_an_incident_if_it_is_one(watching, fault)
    watching.stop()


def test_no_request_and_no_token_goes_where_a_redirect_points(make_faulty, daemon, folder):
    elsewhere, registry = make_faulty(), make_faulty()
    registry.put("demo", "1.0.0")
    registry.fail(lambda x: x.say(301, b"", Location=f"{elsewhere.url}{x.path}"), [CONFIG, *registry.lines])
    (folder / "token").write_text(TOKEN)
    (folder / "token").chmod(0o600)
    daemon.configure(registry.index_url, ["demo"], registry={"token_file": str(folder / "token")})
    daemon.start()
    assert daemon.poll()["failed"] == 1
    registry.fail(lambda x: x.say(301, b"", Location=f"{elsewhere.url}{x.path}"))
    assert daemon.poll()["failed"] == 1
    daemon.stop()
    assert {headers["authorization"] for _, headers in registry.asked} == {TOKEN}
    assert elsewhere.asked == []


def test_the_page_for_people_is_the_table():
    """`cd tests/integration && python3 -m yw.faults >../../docs/FAULTS.md` makes it so."""
    assert (CHECKOUT / "docs" / "FAULTS.md").read_text(encoding="utf-8") == document()
