"""What cannot be read, or is not as described, is refused as a problem that names it; nothing breaks, nothing
changes."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from exchange.kernel.actors import Actor
from tests import makers
from tests.doors import operations
from tests.doors.answers import code_of, flaws, said
from tests.doors.operations import Operation, guarded, query_of
from tests.doors.whole_sale import House
from tests.participants.browsers import Browser

pytestmark = pytest.mark.one_database

Changed = Callable[[], list[str]]

BY_BUYER = {
    "POST /negotiations",
    "POST /negotiations/{negotiation_id}/terminate",
    "POST /agreements/{agreement_id}/contest",
    "POST /entitlements/{entitlement_id}/tokens",
}
BY_OPERATOR = {
    "POST /participants/{participant_id}/verify",
    "POST /participants/{participant_id}/amend",
    "POST /participants/{participant_id}/suspend",
    "POST /participants/{participant_id}/restore",
    "POST /participants/{participant_id}/close",
    "POST /holds/{hold_id}/settle",
    "POST /holds/{hold_id}/excuse",
}
BY_PERSON = {"POST /participants", "POST /invitations/accept"}

UNREADABLE = {
    "no JSON": b"{",
    "not UTF-8": b'{"reason": "\xff\xfe\xfa"}',
    "a NUL": b"\x00",
    "nested lists": b"[" * 100_000,
    "nested objects": b'{"reason":' * 100_000,
    "a number of 5000 digits": b'{"reason": %s}' % (b"9" * 5_000),
    "over the limit": b'{"reason": "%s"}' % (b"x" * 1_100_000),
}
NOT_AN_OBJECT = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "text": b'"x"',
    "a number": b"1",
    "true": b"true",
}
NEVER_VALID = {
    "NUL": "some text with a \x00 in it",
    "lone surrogate": "some text with a \ud800 in it",
    "override": "some text with a \u202e in it",
    "long": "x" * 30_001,  # no whole number of quads, so no base64
    "huge": 10**400,
    "negative": -1,
    "not a number": float("nan"),
    "infinite": float("-inf"),
}
NEVER_VALID_FIELDS = {
    **NEVER_VALID,
    "surrogate key": {"\ud800": "none"},
    "list of NUL": ["\x00"],
    "deep": json.loads("[" * 900 + "]" * 900),
}


@pytest.fixture
def person(house: House) -> Browser:
    """Signed in, a member of nothing."""
    browser = Browser()
    browser.sign_in(makers.user().email)
    browser.client.raise_request_exception = False
    return browser


def actor_for(operation: Operation, house: House) -> Actor:
    name = str(operation)
    if name.startswith(("POST /reviews", "POST /compliance/reviews")):
        return house.officer
    return house.buyer if name in BY_BUYER else house.operator if name in BY_OPERATOR else house.seller


def with_body() -> list[Operation]:
    return [operation for operation in guarded() if operation.takes_body]


def sender(operation: Operation, house: House, person: Browser) -> Callable[[bytes], Any]:
    """Sends raw bytes to the operation, as somebody who may do what it does."""
    path = operation.paths(house.ids)[0]
    by_person = str(operation) in BY_PERSON
    client = person.client if by_person else house.http(actor_for(operation, house))
    headers = {"X-CSRFToken": client.cookies["csrftoken"].value} if by_person else {}

    def send(raw: bytes) -> Any:
        return client.generic(operation.method, path, raw, content_type="application/json", headers=headers)

    return send


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The address of every value inside a body."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*at, key)
        yield from places(inner, (*at, key))


def replaced(value: Any, at: tuple[Any, ...], by: Any) -> Any:
    copy = json.loads(json.dumps(value))
    inner = copy
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = by
    return copy


def test_a_body_that_cannot_be_read_is_refused(house: House, person: Browser, changed: Changed) -> None:
    wrong = []
    for operation in with_body():
        send = sender(operation, house, person)
        for what, raw in UNREADABLE.items():
            answer = send(raw)
            wanted = 413 if what == "over the limit" else 400
            if flaws(answer) or answer.status_code != wanted:
                wrong.append((str(operation), what, answer.status_code, flaws(answer)))
    assert wrong == []
    assert changed() == []


def test_a_body_that_is_no_object_or_lacks_a_field_is_refused(
    house: House, person: Browser, changed: Changed
) -> None:
    wrong = []
    for operation in with_body():
        send, good = sender(operation, house, person), operation.body(house)
        assert good is not None
        bodies = {
            what: raw
            for what, raw in NOT_AN_OBJECT.items()
            if operation.described["requestBody"]["required"] or raw
        }
        for name in _required(operation):
            bodies[f"without {name}"] = json.dumps({k: v for k, v in good.items() if k != name}).encode()
        bodies["with one more"] = json.dumps({**good, "surplus": 1}).encode()
        bodies["with thousands more"] = json.dumps({**good, **dict.fromkeys(map(str, range(2_000)))}).encode()
        for what, raw in bodies.items():
            if what == "null" and not operation.described["requestBody"]["required"]:
                continue
            answer = send(raw)
            if flaws(answer) or answer.status_code != 422:
                wrong.append((str(operation), what, answer.status_code, flaws(answer)))
    assert wrong == []
    assert changed() == []


def _required(operation: Operation) -> list[str]:
    content = operation.described["requestBody"]["content"]["application/json"]["schema"]
    name = str(content.get("$ref", "")).rpartition("/")[2]
    return list(operations.schema(name).get("required", [])) if name else []


def test_values_that_are_never_right_are_refused_wherever_they_stand(
    house: House, person: Browser, changed: Changed
) -> None:
    wrong = []
    for operation in with_body():
        send, good = sender(operation, house, person), operation.body(house)
        for at in places(good):
            for what, value in (NEVER_VALID if len(at) > 1 else NEVER_VALID_FIELDS).items():
                answer = send(json.dumps(replaced(good, at, value)).encode())
                if flaws(answer):
                    wrong.append((str(operation), at, what, answer.status_code, flaws(answer)))
        if tables := changed():
            wrong.append((str(operation), "changed", tables, 0, []))
    assert wrong == []


def _bad_queries(operation: Operation) -> Iterator[tuple[str, str]]:
    """Parameters of the operation with values that none of them takes, and one that there is not."""
    bad = {"cursor": ["%00", "zzz", "%C3%A9", "AAAA", "x" * 500]}
    bad["limit"] = ["0", "-1", "101", "abc", "", "NaN", "9" * 400, "1.5"]
    for name in ("q", "theme", "language"):
        bad[name] = ["%00", "x" * 201, "%E2%80%AE"]
    bad["country"] = ["%00A"] if operation.template == "/datasets" else ["%00A", "fr", "FRA", "%C3%89%C3%89"]
    for name in ("seller", "buyer", "dataset", "revision", "entitlement", "asset"):
        bad[name] = ["x", "%00", "0" * 33]
    for name in ("since", "until", "from", "to"):
        bad[name] = [
            "0001-01-01T00:00:00%2B14:00",
            "9999-12-31T23:59:59-14:00",
            "2026-11-22T09:00:00",
            "x",
            "NaN",
        ]
    for name in ("state", "result", "personal_data", "format", "price", "sale", "order", "facets"):
        bad[name] = ["x", "%00"]
    yield "nosuch", "1"
    for name in sorted(operation.query & bad.keys()):
        yield from ((name, value) for value in bad[name])


def test_a_query_that_is_not_as_described_is_refused(house: House, changed: Changed) -> None:
    names = {"/webhooks": "seller", "/ledger": "operator"}
    wrong, clients = [], {name: house.http(getattr(house, name)) for name in ("officer", *names.values())}
    for operation in guarded():
        if not operation.query:
            continue
        area = f"/{operation.template.split('/')[1]}"
        client = clients[names.get(area, "officer")]
        fixed = "".join(f"{query}&" for query in query_of(operation, house).values())
        for name, value in _bad_queries(operation):
            answer = client.get(f"{operation.paths(house.ids)[0]}?{fixed}{name}={value}")
            if flaws(answer) or answer.status_code != 422:
                wrong.append((str(operation), name, value[:30], answer.status_code))
    assert wrong == []
    assert changed() == []


@pytest.mark.parametrize("path", ["token", "introspect", "revoke"])
@pytest.mark.parametrize(
    ("content_type", "raw"),
    [
        ("application/x-www-form-urlencoded; charset=latin-1", b"client_id=a&client_secret=b"),
        ("application/x-www-form-urlencoded", b"client_id=%00&client_secret=x&grant_type=client_credentials"),
        ("application/x-www-form-urlencoded", b"client_id=a&client_secret=%00&token=%00"),
        ("application/x-www-form-urlencoded", b"a=b&" * 2_000),
        ("application/x-www-form-urlencoded", b"a=" + b"x" * 1_100_000),
        ("multipart/form-data; boundary=x", b"junk"),
        ("application/json", b"{}"),
    ],
)
def test_the_doors_of_oauth2_refuse_what_they_cannot_read(
    house: House, changed: Changed, path: str, content_type: str, raw: bytes
) -> None:
    client = Client(raise_request_exception=False)
    answer = client.generic("POST", f"/api/v1/oauth/{path}", raw, content_type=content_type)
    assert 400 <= answer.status_code < 500
    assert answer.headers["Content-Type"] in ("application/json", "application/problem+json")
    assert set(answer.json()) >= {"error", "error_description"} or flaws(answer) == []
    assert changed() == []


@pytest.mark.parametrize("with_key", [False, True], ids=["plain", "with a key"])
@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("multipart/form-data; boundary=x", 422),
        ("multipart/form-data", 400),
        ("application/x-www-form-urlencoded; charset=latin-1", 400),
        ("text/plain", 422),
    ],
)
def test_a_session_may_send_its_json_under_any_name(
    house: House, person: Browser, content_type: str, status: int, with_key: bool
) -> None:
    headers = {"X-CSRFToken": person.client.cookies["csrftoken"].value}
    headers |= {"Idempotency-Key": "a-key"} if with_key else {}
    answer = person.client.generic(
        "POST", "/api/v1/participants", b'{"name": 1}', content_type=content_type, headers=headers
    )
    assert (answer.status_code, flaws(answer)) == (status, [])


def test_a_session_without_its_csrf_token_is_refused(house: House, person: Browser, changed: Changed) -> None:
    answer = person.post("/api/v1/participants", {"name": "New SA", "country": "FR"}, csrf=False)
    assert said(answer) == (403, "csrf_failed")
    assert changed() == []


@pytest.mark.parametrize("reason", ["\u200b" * 12, "short\u200b\u200b\u200b\u200b\u200b", " " * 20])
def test_a_reason_that_nobody_can_read_is_none(house: House, changed: Changed, reason: str) -> None:
    entitlement = house.ids["entitlement_id"][0]
    answer = house.http(house.seller).post(
        f"/api/v1/entitlements/{entitlement}/revoke", {"reason": reason}, content_type="application/json"
    )
    assert said(answer) == (422, "invalid") and "reason must have 10 to 512" in answer.json()["detail"]
    assert changed() == []


def test_a_long_refusal_is_cut(house: House) -> None:
    body = {"name": "machine", "scopes": ["x" * 30_000]}
    own = house.ids["participant_id"][0]
    answer = house.http(house.seller).post(
        f"/api/v1/participants/{own}/clients", body, content_type="application/json"
    )
    assert said(answer) == (422, "unknown_scope")
    assert len(answer.json()["detail"]) < 2_100 and code_of(answer) == "unknown_scope"
