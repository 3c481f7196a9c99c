"""Nobody, a forger, and the outsider at every door of the API; addresses and methods that lead nowhere. Nothing
may be shown, and nothing may change."""

import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from compliance.breaches import exports as breach_exports
from contracts.catalogue import indexing
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from exchange.participants import vault
from exchange.participants.models import VaultRecord
from tests.doors import (
    breach_rows,
    desk_rows,
    forged,
    incident_rows,
    informing_rows,
    intermediation_rows,
    law_rows,
    notice_rows,
    operations,
    request_rows,
    whole_sale,
)
from tests.doors.answers import code_of, flaws
from tests.doors.operations import METHODS, Operation, guarded, query_of
from tests.doors.whole_sale import House

Changed = Callable[[], list[str]]

NOT_FOUND = (404, "not_found")
NO_SCOPE = (403, "scope_missing")
MEMBERS_ONLY = (403, "members_only")

OWN_LISTS = {
    "GET /me",
    "GET /participants",
    "GET /events",
    "GET /webhooks",
    "GET /datasets",
    "GET /licence-texts",
    "GET /templates",
    "GET /offers",
    "GET /groups",
    "GET /negotiations",
    "GET /agreements",
    "GET /entitlements",
    "GET /deletion-statements",
    "GET /requests",
    "GET /transfers",
    "GET /charges",
    "GET /coupons",
    "GET /payment-methods",
    "GET /subscriptions",
    "GET /holds",
    "GET /refunds",
    "GET /invoices",
    "GET /disputes",
    "GET /payouts",
    "GET /payout-accounts",
    "GET /shares",
    "GET /statements",
    "GET /reviews",
    "GET /compliance/activities",
    "GET /compliance/reviews",
    *intermediation_rows.OWN_LISTS,
    *law_rows.OWN_LISTS,
    *notice_rows.OWN_LISTS,
    *request_rows.OWN_LISTS,
    *informing_rows.OWN_LISTS,
    *incident_rows.OWN_LISTS,
}
"""What anybody may read of their own; of others it shows nothing that is not public."""

OWN_FILES = {"GET /compliance/activities/export", *intermediation_rows.OWN_FILES}
"""What anybody may take along of their own."""

OWN_ACTS = {
    "POST /compliance/activities/complete",
    "POST /compliance/activities/import",
    "POST /payment-methods",
    "POST /datasets",
    "POST /groups",
    "POST /coupons",
    "POST /requests",
    "POST /licence-texts",
    "POST /templates",
    "POST /may-i",
}
"""What anybody verified may start, or ask."""

OTHER_ANSWERS: dict[str, set[tuple[int, str]]] = {
    "POST /participants": {MEMBERS_ONLY},
    "POST /invitations/accept": {MEMBERS_ONLY},
    # The sellers of verified data are public; who decides about them is not the outsider.
    "GET /participants/{participant_id}": {(200, "public"), NOT_FOUND},
    "POST /participants/{participant_id}/verify": {NO_SCOPE, NOT_FOUND},
    "POST /participants/{participant_id}/amend": {NO_SCOPE, NOT_FOUND},
    "POST /participants/{participant_id}/suspend": {NO_SCOPE, NOT_FOUND},
    "POST /participants/{participant_id}/restore": {NO_SCOPE, NOT_FOUND},
    "POST /participants/{participant_id}/close": {NO_SCOPE, NOT_FOUND},
    "GET /desk/transfers": {NO_SCOPE},
    "GET /desk/transfers/export": {NO_SCOPE},
    "GET /desk/transfers/{record_id}": {NO_SCOPE},
    "GET /desk/transfers/{record_id}/receipt": {NO_SCOPE},
    "POST /desk/transfers/{record_id}/shred": {NO_SCOPE},
    "POST /desk/alarms/{alarm_id}/acknowledge": {NO_SCOPE},
    "GET /desk/duties": {NO_SCOPE},
    "GET /desk/unmatched": {NO_SCOPE},
    "GET /desk/refusal-counts": {NO_SCOPE},
    "POST /desk/exports": {NO_SCOPE},
    "GET /desk/exports": {NO_SCOPE},
    "GET /desk/exports/{export_id}": {NO_SCOPE},
    "GET /desk/exports/{export_id}/file": {NO_SCOPE},
    "GET /bucket-reads": {NO_SCOPE},
    "GET /log/health": {NO_SCOPE},
    "GET /ledger/trial-balance": {NO_SCOPE},
    "GET /ledger/postings": {NO_SCOPE},
    "POST /participants/{participant_id}/vat-id": {NO_SCOPE, NOT_FOUND},
    "GET /accounting/fec": {NO_SCOPE},
    "GET /accounting/entries.csv": {NO_SCOPE},
    "GET /tax/dac7.csv": {NO_SCOPE},
    "GET /tax/dac7.xml": {NO_SCOPE},
    **breach_rows.TO_OUTSIDERS,
    **desk_rows.TO_OUTSIDERS,
    **incident_rows.TO_OUTSIDERS,
    **intermediation_rows.TO_OUTSIDERS,
    **notice_rows.TO_OUTSIDERS,
    **law_rows.TO_OUTSIDERS,
    **request_rows.TO_OUTSIDERS,
}
"""What the outsider hears where it is not told that there is nothing."""


def test_every_operation_has_ids_bodies_and_a_place_among_these(house: House) -> None:
    known = {str(operation) for operation in operations.operations()}
    for operation in guarded():
        assert operation.paths(house.ids)
        operation.body(house)
    for listed in (OWN_LISTS, OWN_FILES, OWN_ACTS, OTHER_ANSWERS, operations.BODIES, operations.OPEN_TO_ALL):
        assert set(listed) <= known, "these are no operations any more"
    without_id = {
        str(operation) for operation in guarded() if not operation.parameters and not operation.takes_body
    }
    assert without_id <= OWN_LISTS | OWN_FILES | set(OTHER_ANSWERS), "say what the outsider hears there"
    assert len(known) > 70


def test_nobody_is_told_to_show_a_token(house: House, changed: Changed) -> None:
    client, wrong = Client(raise_request_exception=False), []
    for operation in guarded():
        answer = operation.send(client, operation.paths(house.ids)[0], operation.body(house))
        challenge = answer.headers.get("WWW-Authenticate", "")
        if flaws(answer) or answer.status_code != 401 or challenge != 'Bearer realm="comptoir"':
            wrong.append((str(operation), answer.status_code, challenge, flaws(answer)))
    assert wrong == []
    assert changed() == []


def test_a_token_that_opens_nothing_opens_nothing(house: House, now: datetime) -> None:
    client, wrong = Client(raise_request_exception=False), []
    tokens = forged.tokens(house.seller, now)
    at_every_door = {why: tokens[why] for why in forged.MOST_LIKELY}
    before = whole_sale.rows()
    for number, operation in enumerate(guarded()):
        path, body = operation.paths(house.ids)[0], operation.body(house)
        for why, token in (at_every_door if number else tokens).items():
            answer = operation.send(client, path, body, headers={"Authorization": f"Bearer {token}"})
            challenge = answer.headers.get("WWW-Authenticate", "")
            code = "" if flaws(answer) else code_of(answer)
            if answer.status_code != 401 or "invalid_token" not in challenge or not code.startswith("token_"):
                wrong.append((str(operation), why, answer.status_code, code, challenge, flaws(answer)))
    assert wrong == []
    assert whole_sale.rows() == before


@pytest.mark.parametrize("scheme", ["", "Bearer", "Bearer ", "Basic eDp5", "Bearer a b", "Digest x", "Token é"])
def test_another_way_to_sign_in_is_none(house: House, scheme: str) -> None:
    answer = Client(raise_request_exception=False).get("/api/v1/me", headers={"Authorization": scheme})
    assert (answer.status_code, flaws(answer)) == (401, [])
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="comptoir"')


@pytest.mark.parametrize(
    "key", ['"' + "\\000" * 32 + '"', "x" * 5_000, '"' + "\\377" * 32 + '"', "é" * 20, "../../x"]
)
def test_a_cookie_that_names_no_session_is_nobodys(house: House, key: str, changed: Changed) -> None:
    client = Client(raise_request_exception=False)
    answer = client.get("/api/v1/me", headers={"Cookie": f"sessionid={key}"})
    assert (answer.status_code, flaws(answer)) == (401, [])
    assert client.get("/health", headers={"Cookie": f"sessionid={key}"}).status_code == 200
    assert changed() == []


def test_the_outsider_finds_nothing_and_changes_nothing(house: House, changed: Changed) -> None:
    client, wrong = house.http(house.outsider), []
    for operation in guarded():
        if str(operation) in OWN_LISTS | OWN_FILES | OWN_ACTS:
            continue
        allowed = OTHER_ANSWERS.get(str(operation), {NOT_FOUND})
        for path in operation.paths(house.ids):
            answer = operation.send(client, path, operation.body(house), **query_of(operation, house))
            if answer.status_code == 200 and not answer.streaming:
                heard = (200, "public" if set(answer.json()) == {"id", "state", "name", "country"} else "more")
            else:
                heard = (answer.status_code, "flawed" if flaws(answer) else code_of(answer))
            if heard not in allowed:
                wrong.append((str(operation), path, heard, answer.status_code))
        if tables := changed():
            wrong.append((str(operation), "changed", tables))
    assert wrong == []


OF_THE_FIRST = {"GET /subscriptions/{subscription_id}/consumption"}
"""What only the first of several has: nothing is consumed where a price is paid by the month."""


def test_what_the_outsider_does_not_find_is_there(house: House) -> None:
    clients = [house.http(actor) for actor in (house.seller, house.buyer, house.officer, house.operator)]
    for operation in guarded():
        if operation.method == "GET":
            paths = operation.paths(house.ids)
            for path in paths[:1] if str(operation) in OF_THE_FIRST else paths:
                heard = {
                    operation.send(client, path, **query_of(operation, house)).status_code for client in clients
                }
                assert 200 in heard, (str(operation), path)


def test_what_the_outsider_lists_shows_nothing_of_others(house: House, changed: Changed) -> None:
    client, narrowed = house.http(house.outsider), _narrowed(house)
    assert len(house.private) > 15
    for operation in guarded():
        if str(operation) not in OWN_LISTS:
            continue
        for query in ({}, {"limit": "100"}, *narrowed.get(str(operation), ())):
            answer = client.get(operations.PREFIX + operation.template, query if operation.query else {})
            assert answer.status_code == 200, (str(operation), query)
            shown = [secret for secret in house.private if secret in answer.content.decode()]
            assert shown == [], (str(operation), query)
    assert changed() == []


def _narrowed(house: House) -> dict[str, list[dict[str, Any]]]:
    """Questions that name what they may not know."""
    one = {name.removesuffix("_id"): several[0] for name, several in house.ids.items()}
    seller = str(house.seller.participant_id)
    return {
        "GET /datasets": [{"seller": seller}, {"seller": seller, "state": "draft"}, *_searches()],
        "GET /transfers": [{name: one[name]} for name in ("entitlement", "dataset", "revision")]
        + [{"seller": seller}, {"buyer": str(house.buyer.participant_id), "state": "completed"}],
        "GET /reviews": [{"state": "open"}],
        "GET /compliance/reviews": [{"state": "open"}, {"cause": "mismatch"}],
    }


def _searches() -> list[dict[str, str]]:
    return [
        {"q": "Subscribers"},
        {"q": "Cities"},
        {"price": "paid"},
        {"facets": "true"},
        {"order": "published"},
    ]


def test_a_search_counts_nothing_that_the_outsider_may_not_see(house: House) -> None:
    indexing.rebuild()
    for query in _searches():
        seen = {
            name: house.http(actor).get("/api/v1/datasets", {**query, "facets": "true"}).json()
            for name, actor in (("outsider", house.outsider), ("seller", house.seller))
        }
        assert seen["seller"]["total"] > 0 and not seen["seller"]["is_rebuilding"], query
        assert (seen["outsider"]["total"], seen["outsider"]["items"]) == (0, []), query
        assert not any(count["count"] for counts in seen["outsider"]["facets"].values() for count in counts), (
            query
        )


def _one_who_may(operation: Operation, house: House) -> Actor:
    if operation.template.startswith(("/desk", "/reviews", "/compliance", "/person-searches")):
        return house.officer
    if operation.template.endswith(
        ("/verify", "/amend", "/restore", "/settle", "/excuse", "}/close")
    ) or operation.template == ("/participants/{participant_id}/suspend"):
        return house.operator
    return house.seller


def test_an_id_that_is_none_is_nowhere(house: House, changed: Changed) -> None:
    wrong, unknown, broken = [], str(uuid4()), ("not-a-uuid", "%00", "%C3%A9", "..", "0" * 36, "x" * 3_000)
    for operation in guarded():
        client = house.http(_one_who_may(operation, house))
        ids = [unknown, unknown.upper(), *broken] if operation.parameters else []
        for value in ids:
            path = operation.path(dict.fromkeys(operation.parameters, value))
            answer = operation.send(client, path, operation.body(house))
            if flaws(answer) or (answer.status_code, code_of(answer)) != NOT_FOUND:
                wrong.append((str(operation), value[:40], answer.status_code, flaws(answer)))
    for path in (
        "/api/v1",
        "/api/v1/",
        "/api/v1/nowhere",
        "/api/v2/datasets",
        "/api/v1/datasets/",
        "/api/v1//me",
    ):
        answer = house.http(house.seller).get(path)
        if flaws(answer) or answer.status_code != 404:
            wrong.append((path, answer.status_code, flaws(answer)))
    assert wrong == []
    assert changed() == []


def test_another_method_is_told_which_there_are(house: House, changed: Changed) -> None:
    taken: dict[str, set[str]] = {}
    for operation in operations.operations():
        taken.setdefault(operation.paths(house.ids)[0], set()).add(operation.method)
    taken |= {"/log/2026/checkpoint": {"GET", "HEAD"}, "/.well-known/jwks.json": {"GET", "HEAD"}}
    client, wrong = house.http(house.seller), []
    for path, allowed in taken.items():
        for method in METHODS - allowed:
            answer = client.generic(method, path, b"{}", content_type="application/json")
            told = set(answer.headers.get("Allow", "").split(", "))
            is_flawed = method != "HEAD" and flaws(answer)
            if answer.status_code != 405 or told != allowed or is_flawed:
                wrong.append((method, path, answer.status_code, told))
    assert wrong == []
    assert changed() == []


def test_no_leaf_and_no_export_holds_what_the_vault_or_a_person_keeps(house: House) -> None:
    kept: set[str] = set(User.objects.exclude(email="").values_list("email", flat=True))
    for record_id in VaultRecord.objects.filter(sealed__isnull=False).values_list("pk", flat=True):
        kept.update(value for value in (vault.read(record_id) or {}).values() if len(value) >= 8)
    assert any("@" in value for value in kept) and len(kept) > 20
    leaves = b"\n".join(bytes(leaf) for leaf in Event.objects.values_list("leaf", flat=True))
    taken = [breach_exports.take(form, by=house.officer) for form in ("csv", "json")]
    files = [path for path in Path(settings.EXCHANGE_EXPORTS_DIR).rglob("*") if path.is_file()]
    assert len(leaves) > 100_000 and files
    for haystack in (leaves, *taken, *map(_content, files)):
        assert [value for value in kept if value.encode() in haystack] == []
        assert re.findall(rb"eyJ[\w-]{10,}\.eyJ[\w-]{10,}", haystack) == [], "a token"
    assert breach_rows.REASON.encode() not in leaves and breach_rows.WHAT.encode() not in leaves


def _content(path: Path) -> bytes:
    """What a file says; of an archive, what its members say."""
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())
