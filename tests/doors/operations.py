"""Every operation of the API, from its own description, with the ids and the bodies that a whole sale gives it.
An operation that is new here has none, and every test that needs them says so."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, cached_property
from itertools import product
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.test import Client

from infra.api import api
from tests import dataset_makers, sales
from tests.doors import (
    breach_rows,
    desk_rows,
    incident_rows,
    informing_rows,
    intermediation_rows,
    law_rows,
    notice_rows,
    request_rows,
)
from tests.doors.whole_sale import House, Ids

PREFIX = "/api/v1"
REASON = {"reason": "Seen by the test that tries every door."}
OPEN_TO_ALL = {
    "POST /oauth/token",
    "POST /oauth/introspect",
    "POST /oauth/revoke",
    "POST /webhooks/stripe",
    "POST /webhooks/stripe-thin",
}
"""They see themselves who asks: OAuth2 in its own words (tests/participants/test_oauth.py), the doors of providers by
signatures (tests/payments/test_stripe_doors.py)."""
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE"}


@dataclass(frozen=True)
class Operation:
    """One method on one path template, such as POST /offers/{offer_id}/publish."""

    method: str
    template: str
    described: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.template}"

    @cached_property
    def parameters(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.template)

    @property
    def takes_body(self) -> bool:
        return "requestBody" in self.described

    @property
    def query(self) -> set[str]:
        return {p["name"] for p in self.described.get("parameters", ()) if p["in"] == "query"}

    def paths(self, ids: Ids) -> list[str]:
        """The path with each combination of ids; fails where a parameter has none."""
        for name in self.parameters:
            assert ids.get(name), f"{self}: give tests/doors/whole_sale.py an id for {name}"
        return [self.path(dict(zip(self.parameters, row, strict=True))) for row in self._combined(ids)]

    def path(self, values: dict[str, str]) -> str:
        return PREFIX + self.template.format(**values)

    def body(self, house: House) -> dict[str, Any] | None:
        """A body that this operation takes; fails where none is written below."""
        if not self.takes_body:
            return None
        assert str(self) in BODIES, f"{self}: give tests/doors/operations.py a body for it"
        return BODIES[str(self)](house)

    def send(self, client: Client, path: str, body: Any = None, **more: Any) -> HttpResponse:
        """The request, with `body` as JSON."""
        data = b"" if body is None else json.dumps(body).encode()
        return client.generic(self.method, path, data, content_type="application/json", **more)

    def _combined(self, ids: Ids) -> Iterator[tuple[str, ...]]:
        return product(*(ids[name] for name in self.parameters))


def operations() -> list[Operation]:
    """All of them, as the OpenAPI document lists them."""
    return [
        Operation(method.upper(), path.removeprefix(PREFIX), described)
        for path, methods in document()["paths"].items()
        for method, described in methods.items()
    ]


def guarded() -> list[Operation]:
    """Those that ask who acts."""
    return [operation for operation in operations() if str(operation) not in OPEN_TO_ALL]


def _always(body: dict[str, Any]) -> Callable[[House], dict[str, Any]]:
    return lambda house: body


def _wish(house: House) -> dict[str, Any]:
    return {
        "title": "Bicycle counters",
        "wanted": "Hourly passages in cities of France, 2020 or later.",
        "themes": ["TRAN"],
        "purpose": "research",
        "country": "DE",
        "closes_at": (house.seller.at + timedelta(days=30)).isoformat(),
        "budget": {"amount_minor": 50_000, "currency": "EUR"},
    }


BODIES: dict[str, Callable[[House], dict[str, Any]]] = {
    "POST /templates": _always({"name": "Our terms", "terms": [{"kind": "copies", "max": 3}]}),
    "PATCH /templates/{template_id}": _always({"name": "Our other terms"}),
    "POST /licence-texts": _always({"title": "A licence", "content": "JVBERi0xLjcgbm93"}),
    "POST /participants": _always({"name": "New SA", "country": "FR", "website": "https://example.org"}),
    "POST /participants/{participant_id}/verify": _always(
        {"country": "FR", "evidence": "extract of the register", "certifications": ["dpf"]}
    ),
    "POST /participants/{participant_id}/amend": _always(
        {"country": "FR", "evidence": "a newer extract of the register"}
    ),
    "POST /participants/{participant_id}/suspend": _always(REASON),
    "POST /participants/{participant_id}/restore": _always(REASON),
    "POST /participants/{participant_id}/close": _always(REASON),
    "POST /participants/{participant_id}/invitations": _always({"email": "a@example.org", "role": "viewer"}),
    "POST /participants/{participant_id}/clients": _always({"name": "machine", "scopes": ["read"]}),
    "POST /participants/{participant_id}/signing-rule": _always({"asks_second_member": True}),
    "POST /participants/{participant_id}/billing": _always({"street": "1 rue de la Paix", "city": "Paris"}),
    "POST /participants/{participant_id}/invoice-mandate": _always({"text_sha256": "0" * 64}),
    "POST /participants/{participant_id}/vat-id": _always({"is_valid": True}),
    "POST /participants/{participant_id}/webhooks": _always(
        {"url": "https://receiver.example/events", "events": ["transfer.*"]}
    ),
    "POST /invitations/accept": _always({"token": "an-invitation"}),
    "POST /datasets": _always(
        {
            **dataset_makers.FIELDS,
            "description": "A *few* cities.",
            "keywords": ["cities"],
            "spatial": ["FR"],
            "temporal_start": "2020-01-01",
            "temporal_end": "2020-12-31",
            "frequency": "annual",
        }
    ),
    "PATCH /datasets/{dataset_id}": _always(dict(dataset_makers.FIELDS)),
    "PUT /datasets/{dataset_id}/schedule": _always(
        {"first_on": "2099-12-31", "every": 1, "unit": "months", "count": 3}
    ),
    "POST /datasets/{dataset_id}/declare": _always({**dataset_makers.PERSONAL, "columns": {"city": "none"}}),
    "POST /revisions/{revision_id}/assets": _always({"name": "new.csv", "media_type": "text/csv"}),
    "POST /revisions/{revision_id}/revoke": _always(REASON),
    "POST /offers": lambda house: {
        "dataset_id": house.ids["dataset_id"][0],
        "title": "Another",
        "terms": list(sales.TERMS),
        "plan": dict(sales.PAID),
        "audience": {"participants": [str(house.buyer.participant_id)]},
        "sale": "validation",
    },
    "POST /offers/{offer_id}/price": _always({}),
    "POST /groups": _always({"name": "Academies"}),
    "PATCH /groups/{group_id}": _always({"name": "Schools"}),
    "POST /groups/{group_id}/members": lambda house: {"participant_id": str(house.buyer.participant_id)},
    "POST /offers/by-link": _always({"token": "unknown"}),
    "POST /negotiations": lambda house: {
        "offer_id": house.ids["asked_id"][0],
        "purpose": "research",
        "country": "DE",
        "use": sales.USE,
    },
    "POST /orders": lambda house: {
        "offer_id": house.ids["instant_id"][0],
        "digest": house.ids["instant_digest"][0],
        "purpose": "research",
        "country": "DE",
        "use": sales.USE,
    },
    "POST /negotiations/{negotiation_id}/approve": _always({}),
    "POST /negotiations/{negotiation_id}/accept": _always({}),
    "POST /negotiations/{negotiation_id}/counter": _always(
        {
            "changes": [{"kind": "copies", "set": {"max": 1}}, {"kind": "duration", "remove": True}],
            "plan": dict(sales.PAID),
            "note": "One copy is all that we can give.",
        }
    ),
    "POST /negotiations/{negotiation_id}/messages": _always(
        {"body": "Here is the plan.", "attachments": [{"name": "plan.txt", "content": "UGxhbg=="}]}
    ),
    "POST /negotiations/{negotiation_id}/refuse": _always(REASON),
    "POST /negotiations/{negotiation_id}/terminate": _always(REASON),
    "POST /agreements/{agreement_id}/amend": _always(
        {"changes": [{"kind": "copies", "set": {"max": 5}}], "note": "We need more copies."}
    ),
    "POST /entitlements/{entitlement_id}/renew": lambda house: {
        "offer_id": house.ids["renewal_id"][0],
        "digest": house.ids["renewal_digest"][0],
    },
    "POST /negotiations/{negotiation_id}/consent": _always({"digest": "0" * 64, "worse": ["price"]}),
    "POST /agreements/{agreement_id}/contest": _always(REASON),
    "POST /requests": _wish,
    "PUT /requests/{data_request_id}": _wish,
    "POST /requests/{data_request_id}/answer": lambda house: {"offer_id": house.ids["asked_id"][0]},
    "POST /requests/{data_request_id}/close": _always({"outcome": "found"}),
    "POST /requests/{data_request_id}/withdraw": _always(REASON),
    "POST /answers/{answer_id}/decline": _always({"word": "Too dear for us."}),
    "POST /may-i": lambda house: {
        "dataset_id": house.ids["dataset_id"][0],
        "purpose": "research",
        "country": "DE",
        "recipient": str(house.outsider.participant_id),
        "at": "2099-12-31",
    },
    "POST /entitlements/{entitlement_id}/suspend": _always(REASON),
    "POST /entitlements/{entitlement_id}/resume": _always(REASON),
    "POST /entitlements/{entitlement_id}/revoke": _always(REASON),
    "POST /entitlements/{entitlement_id}/informing": lambda house: {},
    "POST /entitlements/{entitlement_id}/tokens": lambda house: {"asset": house.ids["asset_id"][0]},
    "POST /entitlements/{entitlement_id}/deletion-statements": _always({"remark": "All of it."}),
    "POST /transfers/{transfer_id}/give-copy-back": _always(REASON),
    "POST /holds/{hold_id}/settle": _always(REASON),
    "POST /coupons": _always({"code": "SPRING-2027", "label": "Spring", "basis_points": 1_000}),
    "POST /subscriptions/{subscription_id}/renewal": _always({"is_wanted": True}),
    "POST /subscriptions/{subscription_id}/cap": _always({"cap_minor": 9_000}),
    "POST /holds/{hold_id}/excuse": _always(REASON),
    "POST /datasets/{dataset_id}/shares": lambda house: {
        "parts": [
            {"party_id": str(house.seller.participant_id), "basis_points": 9_500},
            {"party_id": str(house.buyer.participant_id), "basis_points": 500},
        ]
    },
    "POST /shares/{split_id}/decline": _always(REASON),
    "POST /charges/{charge_id}/refunds": _always(REASON),
    "POST /payment-methods": _always({"currency": "EUR"}),
    "POST /refunds/{refund_id}/decline": _always(REASON),
    "POST /desk/exports": _always({"format": "parquet", "country": "DE"}),
    "POST /desk/transfers/{record_id}/shred": _always(REASON),
    "POST /desk/alarms/{alarm_id}/acknowledge": _always(REASON),
    "POST /reviews/{review_id}/approve": _always(REASON),
    "POST /reviews/{review_id}/refuse": _always(REASON),
    "POST /compliance/reviews/{review_id}/approve": _always(REASON),
    "POST /compliance/reviews/{review_id}/refuse": _always(REASON),
    **breach_rows.BODIES,
    **desk_rows.BODIES,
    **incident_rows.BODIES,
    **informing_rows.BODIES,
    **intermediation_rows.BODIES,
    **notice_rows.BODIES,
    **law_rows.BODIES,
    **request_rows.BODIES,
}


def query_of(operation: Operation, house: House) -> dict[str, str]:
    """What an address must ask for, as a request takes it."""
    given = {"format": "csv"} if "format" in operation.query else {}
    if operation.template.startswith("/compliance/recipients"):
        given["dataset"] = house.ids["dataset_id"][0]
    return {"QUERY_STRING": urlencode(given)} if given else {}


def schema(name: str) -> dict[str, Any]:
    """A named shape of the description."""
    found: dict[str, Any] = document()["components"]["schemas"][name]
    return found


@cache
def document() -> dict[str, Any]:
    """The API's description of itself, as anybody gets it."""
    found: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    return found
