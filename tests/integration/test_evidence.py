# SPDX-License-Identifier: Apache-2.0
"""The history as evidence: its chain and the heads that are signed, as an auditor checks them without our code."""

import hashlib
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
import pytest

from yw.wait import wait_for

VERSIONS = ["1.0.0", "1.1.0", "1.2.0"]


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
