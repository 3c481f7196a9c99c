"""The API describes itself: the document is valid, and says of every operation what it takes and how it refuses."""

from collections import Counter

from django.test import Client
from ninja import Schema
from openapi_spec_validator import validate

from exchange.kernel.schemas import In
from tests.architecture.sources import FLOORS
from tests.doors.operations import OPEN_TO_ALL, document, operations, schema


def test_the_document_is_valid_and_open_to_all() -> None:
    answer = Client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    validate(answer.json())
    assert answer.json()["paths"] == document()["paths"]


def test_every_operation_has_a_name_of_its_own_and_says_who_may_ask() -> None:
    described = {str(operation): operation.described for operation in operations()}
    assert len({one["operationId"] for one in described.values()}) == len(described)
    for name, one in described.items():
        assert one["summary"] and one["tags"], name
        assert bool(one.get("security")) == (name not in OPEN_TO_ALL), name


def test_every_operation_that_asks_who_acts_says_how_it_refuses() -> None:
    assert set(schema("Problem")["required"]) == {"type", "title", "status", "detail"}
    for operation in operations():
        if str(operation) not in OPEN_TO_ALL:
            refusal = operation.described["responses"]["default"]["content"]
            assert refusal == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def test_every_list_is_a_page() -> None:
    pages = [operation for operation in operations() if "cursor" in operation.query]
    assert len(pages) > 10
    for operation in pages:
        name = operation.described["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        assert set(schema(name.rpartition("/")[2])["properties"]) >= {"items", "next_cursor"}, str(operation)


def test_every_input_says_that_it_takes_nothing_else() -> None:
    shapes = {shape.__name__ for shape in _inputs(In)}
    taking = [operation for operation in operations() if operation.takes_body]
    assert len(taking) > 100
    for operation in taking:
        content = operation.described["requestBody"]["content"]
        if "application/json" not in content:
            assert str(operation) in OPEN_TO_ALL, str(operation)
            continue
        given = content["application/json"]["schema"]
        refs = [one["$ref"] for one in (given, *given.get("anyOf", ())) if "$ref" in one]
        names = {ref.rpartition("/")[2] for ref in refs}
        assert names and names <= shapes, str(operation)
        assert all(schema(name)["additionalProperties"] is False for name in names), str(operation)


def _inputs(shape: type[In]) -> set[type[In]]:
    return {shape} | {inner for kind in shape.__subclasses__() for inner in _inputs(kind)}


def test_no_two_shapes_bear_one_name() -> None:
    """The later would take the place of the earlier in the description."""
    assert operations()
    shapes = [shape for shape in _all(Schema) if shape.__module__.partition(".")[0] in FLOORS]
    twice = [name for name, count in Counter(shape.__name__ for shape in shapes).items() if count > 1]
    assert len(shapes) > 100 and twice == []


def _all(shape: type[Schema]) -> set[type[Schema]]:
    return {shape} | {inner for kind in shape.__subclasses__() for inner in _all(kind)}
