# SPDX-License-Identifier: Apache-2.0
"""/openapi.json: a public validator takes it, and what the daemon answers is what it says.

The validator comes from npm (tests/openapi/package.json, pinned), into the build folder.
"""

import json
import re
import shutil
import subprocess

import jsonschema
import pytest

from yw import lockfile
from yw.daemon import BUILD, CHECKOUT
from yw.openapi import Description
from yw.wait import wait_for

# What each path with names in it is asked for; NOTIFICATION and EVENT are ids.
NAMES = {
    "/v1/crates/{registry}/{name}": "/v1/crates/internal/demo",
    "/v1/notifications/{id}": "/v1/notifications/NOTIFICATION",
    "/v1/events/{id}": "/v1/events/EVENT",
    "/v1/projects/{name}/findings": "/v1/projects/payments/findings",
    "/v1/impact/{registry}/{crate}/{version}": "/v1/impact/internal/demo/1.0.0",
    "/v1/routes/explain": "/v1/routes/explain?crate=demo&version=1.0.0",
    "/v1/events": "/v1/events?limit=1",
}


@pytest.fixture
def busy(registry, receiver, daemon):
    """A daemon with something of everything: events, findings, a delivered notification and a dead one, a silence."""
    registry.index.put("demo", "1.0.0")
    registry.index.put("demo", "1.0.1")
    registry.index.put("moved", "1.0.0")
    receiver.answers = [400]
    daemon.configure(registry.index_url, ["demo", "moved"], notifiers={"hook": receiver.notifier()}, registry={
        "contact": "someone@yankwatch.test", "reasons": {"from": "crates.io", "wait": "0s"}})
    daemon.start()
    daemon.poll()
    yield daemon
    daemon.stop()


def lock(registry, *more):
    return lockfile.lockfile(lockfile.member("app", "demo"), lockfile.locked(registry.index_url, "demo", "1.0.0"),
                             *more).encode()


@pytest.fixture(scope="session")
def validator():
    """The folder with the validator and what it needs."""
    if not shutil.which("npm") or not shutil.which("node"):
        pytest.skip("no npm: /openapi.json is not held against a public validator")
    folder = BUILD / "openapi"
    folder.mkdir(exist_ok=True)
    for file in ("package.json", "package-lock.json", "validate.js"):
        shutil.copy(CHECKOUT / "tests" / "openapi" / file, folder)
    done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, timeout=120,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"npm ci failed: /openapi.json is not held against a public validator: {done.stderr.strip()[-300:]}")
    return folder


def validate(validator, folder, document):
    (folder / "openapi.json").write_text(json.dumps(document))
    return subprocess.run(["node", "validate.js", str(folder / "openapi.json")], cwd=validator, timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def test_a_public_validator_takes_the_description(validator, folder, busy):
    document = busy.get("/openapi.json")
    done = validate(validator, folder, document)
    assert (done.returncode, done.stdout) == (0, "OpenAPI 3.1\n"), done.stderr
    del document["paths"]["/healthz"]["get"]["responses"]
    assert validate(validator, folder, document | {"paths": 1}).returncode == 1, "and it can say no"


def references(value):
    if isinstance(value, dict):
        yield from ([value["$ref"]] if "$ref" in value else [])
        value = list(value.values())
    for item in value if isinstance(value, list) else []:
        yield from references(item)


def test_every_reference_leads_somewhere_and_every_schema_is_used(busy):
    document = busy.get("/openapi.json")
    wanted = {ref.removeprefix("#/components/") for ref in references(document)}
    there = {f"{kind}/{name}" for kind, parts in document["components"].items() for name in parts}
    assert wanted == there


def test_every_path_is_described_in_the_docs(busy):
    text = (CHECKOUT / "docs" / "SOCKET.md").read_text()
    for method, pattern, operation in Description(busy.get("/openapi.json")).operations():
        assert re.search(rf"`{method} {re.escape(pattern)}[`?]", text), f"docs/SOCKET.md lacks {method} {pattern}"
        assert operation["summary"]


@pytest.mark.parametrize("path", ["/v1/watches", "/v1/silences"])
def test_a_body_takes_the_members_that_are_described(path, busy):
    body = busy.get("/openapi.json")["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    detail = busy.api("POST", path, {"nobody knows": 1}).document["detail"]
    for member in body["properties"]:
        assert member in detail
    lacking = busy.api("POST", path, {}).document["detail"]
    assert any(member in lacking for member in body["required"]), lacking


class Asker:
    """Asks the daemon; every answer is held against the description."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.description = Description(daemon.get("/openapi.json"))

    def ask(self, method, path, body=None, status=200):
        answer = self.daemon.api(method, path, body)
        assert answer.status == status, answer.document
        self.description.check(method, path, answer)
        return answer.document


def test_what_is_not_described_would_be_found(busy):
    answer = busy.api("GET", "/v1/status")
    answer.document["outbox"]["more"] = 1
    with pytest.raises(jsonschema.ValidationError, match="more"):
        Description(busy.get("/openapi.json")).check("GET", "/v1/status", answer)


def test_what_is_answered_is_what_is_described(busy, registry):
    asker = Asker(busy)
    elsewhere = lockfile.locked("git+https://git.example/#0", "elsewhere", "1.0.0")
    asker.ask("PUT", "/v1/projects/payments?team=sec", lock(registry, elsewhere))
    asker.ask("POST", "/v1/poll", {"wait": True})
    silence = asker.ask("POST", "/v1/silences", {"crate": "moved", "comment": "known", "ends": "2h"}, 201)
    asker.ask("POST", "/v1/watches", {"crates": ["third"]})
    registry.index.yank("demo", "1.0.0")
    registry.index.yank("moved", "1.0.0")
    registry.index.put("demo", "2.0.0")
    asker.ask("POST", "/v1/poll", {"crates": ["demo", "moved"], "wait": True})
    asker.ask("POST", "/v1/poll", {"crates": ["demo"]}, 202)
    wait_for(lambda: busy.status()["outbox"]["dead"] and busy.notifier("hook")["delivered"], "one arrived, one is dead")
    dead = asker.ask("GET", "/v1/notifications?state=dead")["notifications"][0]
    for method, pattern, operation in asker.description.operations():
        if method == "GET" and asker.description.gives_json(operation) and pattern != "/openapi.json":
            path = NAMES.get(pattern, pattern).replace("NOTIFICATION", dead["id"])
            asker.ask(method, path.replace("EVENT", busy.events()[0]["id"]))
    for event in busy.events():
        asker.ask("GET", f"/v1/events?limit=1&after={event['seq'] - 1}")
    asker.ask("POST", "/v1/check", lock(registry))
    asker.ask("POST", "/v1/verify", {})
    asker.ask("GET", f"/v1/crates/internal/demo?at={busy.events()[0]['at']}")
    asker.ask("GET", "/v1/crates/internal/demo?at=2001-01-01", status=400)
    asker.ask("POST", f"/v1/notifications/{dead['id']}/retry", status=202)
    asker.ask("POST", "/v1/notifiers/hook/test")
    asker.ask("POST", "/v1/notifiers/hook/enable")
    asker.ask("DELETE", f"/v1/silences/{silence['id']}", status=204)
    asker.ask("GET", "/v1/silences")
    asker.ask("DELETE", "/v1/projects/payments", status=204)
    asker.ask("DELETE", "/v1/watches/internal/third", status=204)
    asker.ask("GET", "/v1/crates/internal/dem", status=404)
    asker.ask("GET", "/v1/events?after=x", status=400)
