"""A request's parameters: from the form that a client sends to nested values, each of the kind that Stripe's schema
asks for. What does not fit is refused as Stripe refuses it."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from tests.fakes.stripe.refusals import Refusal, invalid
from tests.fakes.stripe.specification import Specification

Json = dict[str, Any]
_PART = re.compile(r"\[([^\]]*)\]")
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_EMPTIED = ""


def nested(text: str) -> Json:
    """`a[b][0]=c` as {"a": {"b": ["c"]}}."""
    found: Json = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        first, _, _ = name.partition("[")
        path = [first, *_PART.findall(name)]
        here = found
        for part in path[:-1]:
            here = here.setdefault(part, {})
            if not isinstance(here, dict):
                raise invalid(f"Invalid request: {name} is given twice", name)
        last = path[-1] or str(len(here))
        if last in here:
            raise invalid(f"Invalid request: {name} is given twice", name)
        here[last] = value
    return {name: _listed(value) for name, value in found.items()}


def _listed(value: object) -> object:
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(one) for name, one in value.items()}
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def from_json(body: bytes) -> Json:
    """The parameters of v2, which come as JSON."""
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        raise invalid("Invalid request: the body is not JSON") from None
    if not isinstance(found, dict):
        raise invalid("Invalid request: the body is not an object")
    return found


def fitted(given: Json, schema: Json, known: Specification, *, is_form: bool) -> Json:
    """`given` with every value of the kind that the schema asks for."""
    return _Fitting(known, is_form).properties(given, schema, "")


class _Fitting:
    def __init__(self, known: Specification, is_form: bool) -> None:
        self.known = known
        self.is_form = is_form

    def value(self, given: object, schema: Mapping[str, Any], name: str) -> Any:
        schema = self.known.resolved(schema)
        if "anyOf" in schema:
            return self._any(given, schema["anyOf"], name)
        kind = schema.get("type")
        if kind == "object":
            return self._object(given, schema, name)
        if kind == "array":
            if not isinstance(given, list):
                raise invalid("Invalid array", name)
            return [self.value(one, schema["items"], f"{name}[{number}]") for number, one in enumerate(given)]
        return self._plain(given, schema, name)

    def _object(self, given: object, schema: Mapping[str, Any], name: str) -> Json:
        if not isinstance(given, dict):
            raise invalid("Invalid object", name)
        if "properties" in schema:
            return self.properties(given, schema, name)
        inner = schema.get("additionalProperties")
        if not isinstance(inner, dict):
            return given
        return {key: self.value(one, inner, f"{name}[{key}]") for key, one in given.items()}

    def properties(self, given: Json, schema: Mapping[str, Any], name: str) -> Json:
        known = schema.get("properties", {})
        for key in given:
            if key not in known:
                raise invalid(
                    f"Received unknown parameter: {_inside(name, key)}",
                    _inside(name, key),
                    code="parameter_unknown",
                )
        for key in schema.get("required", ()):
            if key not in given:
                raise missing(_inside(name, key))
        return {key: self.value(one, known[key], _inside(name, key)) for key, one in given.items()}

    def _any(self, given: object, schemas: list[Json], name: str) -> Any:
        """The first schema that fits; the refusal of the richest one where none does."""
        refused: list[Refusal] = []
        for schema in schemas:
            try:
                return self.value(given, schema, name)
            except Refusal as refusal:
                refused.append(refusal)
        depth = [str(refusal.error.get("param", "")).count("[") for refusal in refused]
        raise refused[depth.index(max(depth))]

    def _plain(self, given: object, schema: Mapping[str, Any], name: str) -> Any:
        kind = schema.get("type")
        if kind == "null":
            if given is None:
                return None
            raise invalid("Invalid null", name)
        if self.is_form and not isinstance(given, str):
            raise invalid(f"Invalid {kind}", name)
        if kind == "integer":
            return self._whole(given, name)
        if kind == "boolean":
            return self._truth(given, name)
        if kind == "number":
            try:
                return float(str(given))
            except ValueError:
                raise invalid(f"Invalid number: {given}", name) from None
        return _text(given, schema, name)

    def _whole(self, given: object, name: str) -> int:
        if self.is_form and _WHOLE.fullmatch(str(given)):
            return int(str(given))
        if not self.is_form and type(given) is int:
            return given
        raise invalid(f"Invalid integer: {given}", name, code="parameter_invalid_integer")

    def _truth(self, given: object, name: str) -> bool:
        if self.is_form and given in ("true", "false"):
            return given == "true"
        if not self.is_form and isinstance(given, bool):
            return given
        raise invalid(f"Invalid boolean: {given}", name)


def _text(given: object, schema: Mapping[str, Any], name: str) -> str:
    if not isinstance(given, str):
        raise invalid("Invalid string", name)
    known = schema.get("enum")
    if known is not None and given not in known:
        *others, last = known
        named = f"{', '.join(others)}, or {last}" if len(others) > 1 else " or ".join(known)
        raise invalid(f"Invalid {name}: must be one of {named}", name)
    if known is None and given == _EMPTIED:
        raise invalid(
            f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a "
            f"parameter; however '{name}' cannot be unset. You should remove '{name}' from your request or supply "
            "a non-empty value.",
            name,
            code="parameter_invalid_empty",
        )
    longest = schema.get("maxLength")
    if longest is not None and len(given) > longest:
        raise invalid(f"Invalid string: must be at most {longest} characters", name)
    return given


def missing(name: str) -> Refusal:
    """The refusal of a request in which a parameter lacks."""
    return invalid(f"Missing required param: {name}.", name, code="parameter_missing")


def _inside(name: str, key: str) -> str:
    return f"{name}[{key}]" if name else key
