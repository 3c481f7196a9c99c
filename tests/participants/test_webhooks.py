"""Webhooks as their managers keep them: who may, what is refused, and the secret that is shown once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.models import Event, EventDetail
from exchange.participants import queries
from exchange.participants.members import members
from exchange.participants.models import Participant, Webhook
from exchange.participants.webhooks import webhooks
from tests import makers

URL = "https://receiver.example/events"
Refused = Callable[..., Any]


@pytest.fixture
def own(seller: Actor) -> Participant:
    return makers.participant_of(seller)


def test_a_webhook_is_added_and_its_secret_is_kept_wrapped(own: Participant, seller: Actor) -> None:
    webhook, secret = webhooks.add(own, url=URL, names=["transfer.*", "transfer.*"], by=seller)
    assert secret.startswith("whsec_") and len(webhooks.key_of(secret)) == 32
    webhook.refresh_from_db()
    assert (webhook.state, webhook.url, webhook.names) == ("active", URL, ["transfer.*"])
    assert secret not in webhook.secret and webhooks.secrets_of(webhook, seller.at) == [secret]


def test_the_leaf_of_a_webhook_holds_neither_its_address_nor_its_secret(
    own: Participant, seller: Actor
) -> None:
    _, secret = webhooks.add(own, url=URL, by=seller)
    event = Event.objects.get(name="webhook.added")
    assert b"receiver.example" not in bytes(event.leaf) and secret.encode() not in bytes(event.leaf)
    assert EventDetail.objects.get(event=event).body == {"url": URL}


def test_a_rotated_secret_signs_beside_the_new_one_for_a_day(own: Participant, seller: Actor) -> None:
    webhook, first = webhooks.add(own, url=URL, by=seller)
    second = webhooks.rotate(webhook, by=seller)
    assert webhooks.secrets_of(webhook, seller.at) == [second, first]
    assert webhooks.secrets_of(webhook, seller.at + timedelta(days=1)) == [second]


def test_a_webhook_is_paused_resumed_and_deleted(own: Participant, seller: Actor, refused: Refused) -> None:
    webhook, _ = webhooks.add(own, url=URL, by=seller)
    assert webhooks.pause(webhook, by=seller).state == "paused"
    with refused(Conflict, "wrong_state"):
        webhooks.send_test(webhook, by=seller)
    assert webhooks.resume(webhook, by=seller).state == "active"
    assert webhooks.send_test(webhook, by=seller).subject == f"webhook:{webhook.pk}"
    deleted = webhooks.delete(webhook, by=seller)
    assert (deleted.state, deleted.secret, deleted.former_secret) == ("deleted", "", "")
    for verb in (webhooks.rotate, webhooks.pause, webhooks.resume, webhooks.delete, webhooks.send_test):
        with refused(Conflict, "wrong_state"):
            verb(webhook, by=seller)


def test_another_organisation_and_who_does_not_manage_change_nothing(
    own: Participant, seller: Actor, outsider: Actor, now: datetime, refused: Refused
) -> None:
    webhook, _ = webhooks.add(own, url=URL, by=seller)
    trader = makers.client(own, now, (Scope.READ, Scope.SELL, Scope.BUY))
    for by, code in ((outsider, "other_organisation"), (trader, "scope_missing")):
        with refused(Forbidden, code):
            webhooks.add(own, url=URL, by=by)
        for verb in (webhooks.rotate, webhooks.pause, webhooks.resume, webhooks.delete, webhooks.send_test):
            with refused(Forbidden, code):
                verb(webhook, by=by)


@pytest.mark.parametrize(
    ("url", "names", "code"),
    [
        ("http://receiver.example/", [], "address_malformed"),
        ("https://user:word@receiver.example/", [], "address_malformed"),
        ("receiver.example", [], "address_malformed"),
        ("https://receiver.example/" + "x" * 500, [], "invalid"),
        (URL, ["transfer"], "unknown_event"),
        (URL, ["*"], "unknown_event"),
        (URL, ["transfer.completed; drop"], "unknown_event"),
        (URL, [f"transfer.n{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(41)], "unknown_event"),
    ],
)
def test_what_is_no_address_or_no_event_is_refused(
    own: Participant, seller: Actor, refused: Refused, url: str, names: list[str], code: str
) -> None:
    with refused(Invalid, code):
        webhooks.add(own, url=url, names=names, by=seller)


def test_an_organisation_has_ten_and_no_more(own: Participant, seller: Actor, refused: Refused) -> None:
    made = [webhooks.add(own, url=URL, by=seller)[0] for _ in range(10)]
    with refused(Conflict, "too_many_webhooks"):
        webhooks.add(own, url=URL, by=seller)
    webhooks.delete(made[0], by=seller)
    webhooks.add(own, url=URL, by=seller)


def test_a_closed_organisation_takes_none(
    own: Participant, seller: Actor, operator: Actor, refused: Refused
) -> None:
    members.close(own, reason="It is wound up for good.", by=operator)
    own.refresh_from_db()
    with refused(Conflict, "wrong_state"):
        webhooks.add(own, url=URL, by=seller)


def test_nobody_else_sees_a_webhook_not_even_an_officer(
    own: Participant, seller: Actor, outsider: Actor, officer: Actor, operator: Actor
) -> None:
    webhook, _ = webhooks.add(own, url=URL, by=seller)
    assert queries.webhook_visible_to(seller, webhook.pk) == webhook
    for actor in (outsider, officer, operator):
        assert webhook not in queries.webhooks_visible_to(actor)
        with pytest.raises(NotFound):
            queries.webhook_visible_to(actor, webhook.pk)
    webhooks.delete(webhook, by=seller)
    assert not queries.webhooks_visible_to(seller).exists()
    assert Webhook.objects.filter(pk=webhook.pk).exists()
