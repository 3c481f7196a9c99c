"""The doors where Stripe tells what moved: only what it signed, not long ago and not in the future, is kept; once."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from exchange.kernel.actors import Actor
from infra import checks
from payments.inbox import inbox
from payments.inbox.webhooks import LARGEST_BYTES
from payments.models import ProviderEvent

pytestmark = pytest.mark.one_database
OLD, NEW = "whsec_old", "whsec_new"
SNAPSHOT, THIN = "/api/v1/webhooks/stripe", "/api/v1/webhooks/stripe-thin"
EVENT = {
    "id": "evt_1",
    "object": "event",
    "api_version": "2026-05-27.dahlia",
    "created": 1_790_000_000,
    "type": "customer.created",
    "data": {"object": {"id": "cus_1", "object": "customer", "email": "someone@example.org"}},
}
NOTICE = {
    "id": "evt_test_2",
    "object": "v2.core.event",
    "created": "2026-11-23T06:00:00.000Z",
    "type": "v2.core.account[configuration.recipient].capability_status_updated",
    "related_object": {"id": "acct_1", "type": "v2.core.account", "url": "/v2/core/accounts/acct_1"},
}


@pytest.fixture(autouse=True)
def _keys(settings: Any, database: None) -> None:
    settings.EXCHANGE_STRIPE_SECRET_KEY = "sk_test_1"
    settings.EXCHANGE_STRIPE_WEBHOOK_SECRET = OLD


def signature(body: bytes, secret: str = OLD, *, at: float | None = None, scheme: str = "v1") -> str:
    moment = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},{scheme}={digest}"


def send(body: bytes, signed: str | None, door: str = SNAPSHOT) -> Any:
    headers = {} if signed is None else {"Stripe-Signature": signed}
    return Client().generic("POST", door, body, content_type="application/json", headers=headers)


def written(event: Any = EVENT, **changes: Any) -> bytes:
    return json.dumps(event | changes).encode()


def refused(answer: Any) -> None:
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"].endswith(":webhook_refused")
    assert not ProviderEvent.objects.exists()


def test_what_stripe_signed_is_kept_once_without_what_it_says_of_people() -> None:
    body = written()
    for _ in range(3):
        assert send(body, signature(body)).status_code == 204
    kept = ProviderEvent.objects.get()
    assert (kept.provider, kept.external_id, kept.kind) == ("stripe", "evt_1", "customer.created")
    assert kept.payload == {"object": "cus_1", "created": "1790000000", "api_major": "dahlia", "is_thin": False}


def test_a_thin_event_is_kept_at_its_own_door() -> None:
    body = written(NOTICE)
    assert send(body, signature(body), THIN).status_code == 204
    kept = ProviderEvent.objects.get()
    assert (kept.kind, kept.payload["object"]) == (NOTICE["type"], "acct_1")


@pytest.mark.parametrize(("door", "event"), [(SNAPSHOT, NOTICE), (THIN, EVENT)])
def test_an_event_at_the_other_door_is_refused(door: str, event: dict[str, Any]) -> None:
    body = written(event)
    refused(send(body, signature(body), door))


FORGED: dict[str, Callable[[bytes], str | None]] = {
    "no signature": lambda body: None,
    "an empty one": lambda body: "",
    "words": lambda body: "t=now,v1=yes",
    "not ASCII": lambda body: f"t={int(time.time())},v1=é",
    "another secret": lambda body: signature(body, "whsec_forged"),
    "another scheme": lambda body: signature(body, scheme="v0"),
    "no time": lambda body: signature(body).partition(",")[2],
    "too old": lambda body: signature(body, at=time.time() - 301),
    "of yesterday": lambda body: signature(body, at=time.time() - 86_400),
    "of the future": lambda body: signature(body, at=time.time() + 360),
    "of tomorrow": lambda body: signature(body, at=time.time() + 86_400),
    "of another body": lambda body: signature(body + b" "),
}


@pytest.mark.parametrize("how", FORGED)
def test_what_is_not_signed_now_by_stripe_is_refused(how: str) -> None:
    body = written()
    refused(send(body, FORGED[how](body)))


def test_a_body_that_was_written_anew_is_refused() -> None:
    body = written()
    refused(send(json.dumps(json.loads(body), indent=1).encode(), signature(body)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"event"',
        b"\xff\xfe{}",
        b"[" * 100_000,
        b'{"object": "event"}',
        written(id=7),
        written(id=""),
        written(id="x" * 121),
        written(id="a\nb"),
        written(type=None),
        written(type="k" * 121),
        b" " * (LARGEST_BYTES + 1),
    ],
    ids=lambda body: f"{body[:24]!r} of {len(body)}",
)
def test_what_cannot_be_read_is_refused_though_it_is_signed(body: bytes) -> None:
    refused(send(body, signature(body)))


def test_an_event_may_be_as_large_as_the_limit() -> None:
    body = written(pad="x" * (LARGEST_BYTES - len(written(pad=""))))
    assert len(body) == LARGEST_BYTES
    assert send(body, signature(body)).status_code == 204


def test_both_secrets_count_while_one_replaces_the_other(settings: Any) -> None:
    body = written()
    refused(send(body, signature(body, NEW)))
    settings.EXCHANGE_STRIPE_WEBHOOK_SECRET = f"{OLD}, {NEW}"
    assert send(body, signature(body, NEW)).status_code == 204
    twice = written(id="evt_3")
    signed = signature(twice, "whsec_gone") + "," + signature(twice, OLD).partition(",")[2]
    assert send(twice, signed).status_code == 204


def test_without_a_secret_the_door_is_not_there(settings: Any) -> None:
    settings.EXCHANGE_STRIPE_WEBHOOK_SECRET = ""
    body = written()
    assert send(body, signature(body, "")).status_code == 404
    assert not ProviderEvent.objects.exists()


def test_a_kind_that_nobody_knows_is_kept_and_means_nothing(now: Any) -> None:
    body = written(type="invoice.something_new")
    assert send(body, signature(body)).status_code == 204
    assert inbox.act(ProviderEvent.objects.get().pk, now).outcome == "unknown_kind"


@pytest.mark.parametrize("version", ["2027-01-27.endive", "2020-08-27"])
def test_an_event_of_another_version_is_set_aside_for_the_operator(
    operator: Actor, now: Any, version: str
) -> None:
    body = written(api_version=version, type="checkout.session.completed")
    assert send(body, signature(body)).status_code == 204
    assert inbox.act(ProviderEvent.objects.get().pk, now).outcome == "other_version"
    assert inbox.set_aside(operator, at_most=5)[0] == 1


def test_half_of_stripe_stops_the_start_with_the_missing_name(settings: Any) -> None:
    settings.EXCHANGE_PAYMENT_PROVIDER = "stripe"
    assert checks.stripe_payment(None) == []
    for name in ("EXCHANGE_STRIPE_SECRET_KEY", "EXCHANGE_STRIPE_WEBHOOK_SECRET"):
        kept = getattr(settings, name)
        setattr(settings, name, "")
        (refusal,) = checks.stripe_payment(None)
        assert refusal.id == "infra.E007" and name in refusal.msg
        setattr(settings, name, kept)


def test_a_stand_in_for_stripe_is_refused_outside_demo_mode(settings: Any) -> None:
    settings.EXCHANGE_STRIPE_API_URL = "http://127.0.0.1:1"
    assert checks.stripe_payment(None) == []
    settings.EXCHANGE_DEMO = False
    assert [found.id for found in checks.stripe_payment(None)] == ["infra.E008"]
