"""Every line of `curl` in the guides asks for a route that exists, by its method, with fields that it takes."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from infra.api import api
from tests.docs import pages
from tests.docs.pages import DOCS

GUIDES = [*sorted((DOCS / "use").glob("*.md")), *sorted((DOCS / "operate").glob("*.md"))]
ID = "01900000-0000-7000-8000-000000000000"


def calls(page: Path) -> list[str]:
    """The calls of the API in a page, each as one line with ids in place of its variables."""
    lines = "\n".join(pages.blocks(page, "sh")).replace("\\\n", " ")
    starts = re.split(r"(?=\b(?:call|curl) -)", lines)
    return [line for line in starts if "$EXCHANGE/api/" in line]


CALLS = [(page, line) for page in GUIDES for line in calls(page)]


@pytest.mark.parametrize(("page", "line"), CALLS, ids=lambda given: str(given)[:60])
def test_the_call_fits_the_api(page: Path, line: str) -> None:
    asked = re.search(r'"\$EXCHANGE(/api/v1/[^"]*)"', line)
    assert asked, line
    path, _, query = re.sub(r"\$\w+", ID, asked[1]).partition("?")
    said = re.search(r"-X (\w+)", line)
    sends = re.search(r"""-d ('.*?'|".*?(?<!\\)")""", line, re.DOTALL)
    method = (said[1] if said else "POST" if sends else "GET").lower()
    operation = operation_at(path, method)
    known = {one["name"] for one in operation.get("parameters", []) if one["in"] == "query"}
    assert set(re.findall(r"(\w+)=", query)) <= known
    if sends:
        assert set(body(sends[1])) <= fields(operation)


def test_there_are_calls() -> None:
    assert len(CALLS) > 30


def operation_at(path: str, method: str) -> dict[str, Any]:
    for known, methods in schema()["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", r"[^/]+", known), path) and method in methods:
            found: dict[str, Any] = methods[method]
            return found
    raise AssertionError(f"the API has no {method.upper()} {path}")


def body(given: str) -> dict[str, Any]:
    text = given[1:-1]
    if given.startswith('"'):
        text = re.sub(r"\$\w+", ID, text).replace('\\"', '"')
    sent: dict[str, Any] = json.loads(text)
    return sent


def fields(operation: dict[str, Any]) -> set[str]:
    (content,) = operation["requestBody"]["content"].values()
    shapes = content["schema"].get("anyOf", [content["schema"]])
    names = [shape["$ref"].rpartition("/")[2] for shape in shapes if "$ref" in shape]
    return {field for name in names for field in schema()["components"]["schemas"][name]["properties"]}


@cache
def schema() -> dict[str, Any]:
    return api.get_openapi_schema()
