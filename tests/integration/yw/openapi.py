# SPDX-License-Identifier: Apache-2.0
"""The description that the daemon gives of its socket (/openapi.json), and documents held against it."""

import re

import jsonschema


def _closed(schema):
    """The same, but an object has no member that the schema does not name: what is not described is found."""
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if "properties" in schema and "additionalProperties" not in schema:
        closed["additionalProperties"] = False
    return closed


class Description:
    def __init__(self, document):
        self.document = document
        self.strict = _closed(document)
        self.resolver = jsonschema.RefResolver("", self.strict)

    def operations(self):
        """[(method, pattern, operation)…]"""
        return [(method.upper(), pattern, operation) for pattern, operations in self.document["paths"].items()
                for method, operation in operations.items()]

    def gives_json(self, operation):
        return any("application/json" in response.get("content", {}) for response in operation["responses"].values())

    def _find(self, method, path):
        """The operation of a path as it is asked for."""
        path = path.partition("?")[0]
        for pattern, operations in self.strict["paths"].items():
            if method.lower() in operations and re.fullmatch(re.sub(r"{\w+}", "[^/]+", pattern), path):
                return operations[method.lower()]
        raise AssertionError(f"{method} {path} is not described")

    def check(self, method, path, answer):
        """The answer is one of those that are described, and its document as its schema says."""
        responses = self._find(method, path)["responses"]
        response = responses.get(str(answer.status), responses["default"])
        if "$ref" in response:
            response = self.resolver.resolve(response["$ref"])[1]
        if answer.document is None:
            assert "content" not in response, f"{method} {path}: {answer.status} without a document"
            return
        schema = response["content"][answer.type]["schema"]
        jsonschema.Draft202012Validator(schema, resolver=self.resolver).validate(answer.document)
