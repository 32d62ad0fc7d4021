# SPDX-License-Identifier: Apache-2.0
"""The history as evidence: its chain and the heads that are signed, as an auditor checks them without our code."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
import pytest

from yw.daemon import CHECKOUT
from yw.wait import wait_for

VERSIONS = ["1.0.0", "1.1.0", "1.2.0"]
COLUMNS = "id, at_ms, crate, version, kind, severity, body, project, prev_hash, hash"


def blake(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def check_signature(head):
    text = f"yankwatch-head-v1 {head['after']} {head['seq']} {head['hash']} {head['at']}"
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(head["key"]))
    key.verify(bytes.fromhex(head["signature"]), text.encode())


def check_chain(documents):
    """Lines of the history from its first event on; returns the last hash."""
    previous = "00" * 32
    for document in documents:
        canonical = document.partition(',"prev_hash":')[0] + "}"
        event = json.loads(document)
        assert event["prev_hash"] == previous
        previous = blake(bytes.fromhex(previous) + blake(canonical.encode())).hex()
        assert event["hash"] == previous
    return previous


def lines(daemon):
    return daemon.client("history", "--json").stdout.splitlines()


@pytest.fixture(name="told")
def fixture_told(daemon, registry, receiver):
    """Three yanks, each polled and told."""
    for version in VERSIONS:
        registry.index.put("demo", version)
    daemon.configure(registry.index_url, ["demo"], notifiers={"hook": receiver.notifier()})
    daemon.start()
    daemon.poll("demo")
    for version in VERSIONS:
        registry.index.yank("demo", version)
        daemon.poll("demo")
    wait_for(lambda: len(receiver.accepted()) == len(VERSIONS), "every yank was told")
    return daemon


def test_the_chain_and_its_head_check_out_by_other_means(told):
    history = lines(told)
    head = told.status()["head"]
    assert [json.loads(line)["seq"] for line in history] == [1, 2, 3]
    assert (head["after"], head["seq"], head["hash"]) == (2, 3, check_chain(history))
    check_signature(head)
    with pytest.raises(InvalidSignature):
        check_signature(head | {"seq": 2})


def test_every_notification_carries_a_head_that_covers_its_events(told, receiver):
    history = [json.loads(line) for line in lines(told)]
    for request in receiver.requests:
        data = json.loads(request.body)["data"]
        check_signature(data["head"])
        assert data["head"]["seq"] >= max(event["seq"] for event in data["events"])
        assert data["head"]["hash"] == history[data["head"]["seq"] - 1]["hash"]


def test_a_restart_goes_on_with_the_same_chain_and_key(told, registry):
    before = told.status()["head"]
    told.stop()
    told.start()
    assert told.status()["head"] == before
    registry.index.put("demo", "2.0.0")
    told.poll("demo")
    assert len(lines(told)) == 4
    head = told.status()["head"]
    assert head["key"] == before["key"]
    assert head["hash"] == check_chain(lines(told))


def verify(daemon, *args):
    """(exit code, what it says)."""
    done = daemon.client("verify", *args)
    return done.returncode, done.stdout + done.stderr


def alter(daemon, *sql):
    """While it does not run: what somebody does who can write to the database."""
    daemon.stop()
    with sqlite3.connect(daemon.state / "yankwatch.sqlite") as db:
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        for statement in sql:
            db.execute(statement)
    db.close()
    daemon.start()


def test_a_whole_history_is_said_to_be_whole(told):
    code, said = verify(told)
    assert (code, said.splitlines()) == (0, ["The history is whole: 3 events, 4 signatures",
                                             f"key {told.status()['head']['key']}"])
    answer = json.loads(told.client("verify", "--json").stdout)
    head = told.status()["head"]
    assert (answer["whole"], answer["seq"], answer["hash"], answer["keys"]) == (True, 3, head["hash"], [head["key"]])


@pytest.mark.parametrize("sql, named", [
    ("UPDATE event SET body = replace(body, '1.1.0', '1.9.0') WHERE seq = 2",
     "demo 1.1.0 yanked in internal: it was altered"),
    ("UPDATE event SET version = '1.9.0' WHERE seq = 2",
     "demo 1.9.0 yanked in internal: the columns it is found by say another version"),
    ("DELETE FROM event WHERE seq = 2", "event 2: it is missing"),
    ("INSERT INTO event (seq, id, at_ms, crate, version, kind, severity, body, project, prev_hash, hash)"
     " SELECT 4, id, at_ms, crate, version, kind, severity, body, project, prev_hash, hash FROM event WHERE seq = 3",
     "event 4 evt_"),
])
def test_the_daemon_names_what_was_altered(told, sql, named):
    alter(told, "PRAGMA foreign_keys = OFF", sql)
    code, said = verify(told)
    assert code == 1
    assert said.startswith("The history is not whole.\nevent ") and named in said
    assert ("is not what was signed" in told.log()) == ("seq = 3" in sql)


def test_a_fault_stays_when_the_history_goes_on(told, registry):
    """The last event goes; what comes then is signed, and hides nothing."""
    alter(told, "PRAGMA foreign_keys = OFF", "DELETE FROM event WHERE seq = 3")
    assert "history: it is not what was signed, at event 3 or before: `yankwatch verify`" in told.log()
    assert told.status()["tracker"]["altered_at"] == 3
    registry.index.put("demo", "2.0.0")
    told.poll("demo")
    assert [event["seq"] for event in told.events()] == [1, 2, 4]
    assert told.status()["head"]["seq"] == 4
    assert "event 3: it is missing" in verify(told)[1]


# ---- heads that were kept elsewhere


def keep(folder, *documents):
    path = folder / "kept.jsonl"
    path.write_text("".join(json.dumps(document) + "\n" for document in documents))
    return path


def test_heads_of_notifications_and_of_the_status_fit(told, receiver, folder):
    bodies = [json.loads(request.body) for request in receiver.requests]
    path = keep(folder, *bodies, told.status(), told.status()["head"], {"no": "head"})
    code, said = verify(told, "--head", path)
    assert code == 0, said
    assert f"; 5 heads of {path} fit" in said


def test_a_history_that_was_cut_back_does_not_fit_a_head_from_outside(told, folder):
    """Inside the database nothing shows it: that is what copies elsewhere are for."""
    path = keep(folder, told.status())
    alter(told, "PRAGMA foreign_keys = OFF", "DELETE FROM event WHERE seq = 3", "DELETE FROM head WHERE seq = 3")
    assert verify(told)[0] == 0
    code, said = verify(told, "--head", path)
    assert code == 1
    assert f"{path}:1: there were 3 events, the history ends with event 2" in said


def test_a_head_that_was_altered_or_is_of_another_history(told, folder):
    head = told.status()["head"]
    code, said = verify(told, "--head", keep(folder, {}, head | {"seq": 2}))
    assert (code, "kept.jsonl:2: its signature is false" in said) == (1, True)
    told.stop()
    (told.state / "signing.key").unlink()
    shutil.rmtree(told.state)
    told.state.mkdir(mode=0o700)
    told.start()
    told.poll()
    code, said = verify(told, "--head", keep(folder, head))
    assert (code, "there were 3 events, the history ends with event 0" in said) == (1, True)


@pytest.mark.parametrize("text, why", [
    (None, "No such file"), ("", "there is no head in it"), ('{"a": 1}\n', "there is no head in it"),
    ('{"signature": \n', "kept:1: "),
])
def test_what_holds_no_heads_is_no_verdict(told, folder, text, why):
    path = folder / "kept"
    if text is not None:
        path.write_text(text)
    code, said = verify(told, "--head", path)
    assert code == 2
    assert why in said


# ---- the key


def test_a_lost_key_is_said_and_another_one_goes_on(told, registry):
    before = told.status()["head"]
    told.stop()
    (told.state / "signing.key").unlink()
    told.start()
    wait_for(lambda: "signing.key was lost, a new one was made" in told.log(), "the log says so")
    after = told.status()["head"]
    assert after["key"] != before["key"]
    assert (after["after"], after["seq"], after["hash"]) == (3, 3, before["hash"])
    registry.index.put("demo", "2.0.0")
    told.poll("demo")
    code, said = verify(told)
    assert (code, f"From event 4 on another key signs: {after['key']}" in said) == (0, True)


def test_a_key_that_others_could_read_is_refused(told):
    told.stop()
    os.chmod(told.state / "signing.key", 0o644)
    done = told.run()
    assert done.returncode == 1
    assert "signing.key: mode 0644 lets others at it: chmod 0600" in done.stderr
    assert oct((told.state / "signing.key").stat().st_mode)[-3:] == "644"
    os.chmod(told.state / "signing.key", 0o600)
    told.start()


# ---- docs/EVENTS.md


def test_the_check_of_the_docs_takes_an_export(told, folder):
    script = folder / "check.py"
    text = (CHECKOUT / "docs/EVENTS.md").read_text(encoding="utf-8")
    script.write_text(text.split("```python\n")[1].split("```")[0], encoding="utf-8")
    export = told.client("export").stdout
    head = told.status()["head"]

    def check(lines):
        return subprocess.run([sys.executable, script], input=lines, capture_output=True, text=True, check=False)

    assert check(export).stdout == f"events 1 to 3 are what was signed\nkey {head['key']}\n"
    assert "event 2 was altered" in check(export.replace('"version":"1.1.0"', '"version":"1.9.0"')).stderr
    first, second, third, end = export.splitlines(keepends=True)
    assert check(first + third + end).stdout.startswith("left out: events 2 to 2\nevents 3 to 3 are what was signed\n")
    assert check(first + second + end).stdout.startswith("left out: events 3 to 3; nothing is proven\n")
    assert "event 1 stands behind event 2" in check(second + first + third + end).stderr
    assert "event 2 does not follow" in check(first + second.replace(json.loads(second)["prev_hash"], "00" * 32)).stderr
    assert check('{"head":null}\n').stdout == ""
