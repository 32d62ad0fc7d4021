# SPDX-License-Identifier: Apache-2.0
"""SARIF 2.1.0, held against the standard's own JSON schema."""

import json

import jsonschema

from yw.daemon import CHECKOUT

SCHEMA = json.loads((CHECKOUT / "tests/data/sarif-2.1.0-rtm.5.json").read_text())


def valid(text):
    """The only run of a log that the schema takes."""
    log = json.loads(text)
    jsonschema.Draft4Validator(SCHEMA).validate(log)
    [run] = log["runs"]
    assert {result["ruleId"] for result in run["results"]} <= {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    return run
