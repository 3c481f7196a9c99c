"""Webhooks are told what the log has sealed: each Event once it is signed, with its proof, to its parties alone, until
it is taken."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from standardwebhooks.webhooks import Webhook as Published
from standardwebhooks.webhooks import WebhookVerificationError

from compliance import messenger, queries
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from exchange.participants.models import Notice, Webhook, WebhookAttempt, WebhookMessage
from exchange.participants.webhooks import messages as webhook_messages
from exchange.participants.webhooks import webhooks
from tests import makers, receivers
from tests.receivers import Receiver

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.EXCHANGE_OUTBOUND_NETWORKS = ["127.0.0.0/8"]
    with receivers.listening() as found:
        yield found


@pytest.fixture
def added(receiver: Receiver) -> Callable[..., tuple[Webhook, str]]:
    def add(actor: Actor, *names: str, path: str = "") -> tuple[Webhook, str]:
        own = makers.participant_of(actor)
        return webhooks.add(own, url=receiver.url + path, names=names, by=actor)

    return add


def tell(public_log: Any, now: datetime) -> None:
    """What the messenger does in its rounds, for all webhooks, one after the other."""
    public_log.publish(now)
    coverage = queries.coverage()
    assert coverage is not None
    webhook_messages.plan(coverage.leaves, now=timezone.now())
    for webhook_id in webhook_messages.waiting(now=timezone.now(), at_most=100):
        while messenger.send_some(webhook_id):
            pass


def types(receiver: Receiver) -> list[str]:
    return [json.loads(one.body)["type"] for one in receiver.delivered]


def test_both_parties_get_each_event_signed_and_with_a_proof_that_holds(
    receiver: Receiver,
    added: Any,
    public_log: Any,
    story: Any,
    verify: Any,
    seller: Actor,
    buyer: Actor,
    now: datetime,
    tmp_path: Path,
) -> None:
    secrets = [added(actor, "transfer.*")[1] for actor in (seller, buyer)]
    told = story(seller.participant_id, buyer.participant_id).whole()
    story().whole()  # of others
    tell(public_log, now)
    assert sorted(types(receiver)) == ["transfer.completed"] * 2 + ["transfer.started"] * 2
    for number, one in enumerate(receiver.delivered):
        found = [secret for secret in secrets if is_signed(secret, one)]
        assert len(found) == 1
        body = json.loads(one.body)
        event = Event.objects.get(pk=body["data"]["id"])
        assert (body["type"], body["data"]["subject"]) == (event.name, told.subject)
        assert body["data"]["leaf"].encode() == bytes(event.leaf)
        file = tmp_path / f"{number}.tlog-proof"
        file.write_text(body["data"]["proof"])
        done = verify("proof", file, "--vkey", public_log.vkey())
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"{event.name}" in done.stdout


def is_signed(secret: str, one: receivers.Delivered) -> bool:
    """Whether the published algorithm, by somebody else's code, takes it."""
    try:
        Published(secret).verify(one.body.decode(), one.headers)
    except WebhookVerificationError:
        return False
    return True


def test_a_changed_body_and_an_old_message_are_not_taken(
    receiver: Receiver, added: Any, public_log: Any, story: Any, seller: Actor, now: datetime
) -> None:
    _, secret = added(seller, "transfer.started")
    story(seller.participant_id).tell("started")
    tell(public_log, now)
    (one,) = receiver.delivered
    changed = receivers.Delivered(one.headers, one.body.replace(b"started", b"stopped"), one.at)
    old = receivers.Delivered({**one.headers, "webhook-timestamp": "1500000000"}, one.body, one.at)
    assert is_signed(secret, one)
    assert not is_signed(secret, changed) and not is_signed(secret, old)


def test_both_secrets_sign_after_a_rotation(
    receiver: Receiver, added: Any, public_log: Any, story: Any, seller: Actor, now: datetime
) -> None:
    webhook, first = added(seller, "transfer.*")
    second = webhooks.rotate(webhook, by=seller.moved_to(timezone.now()))
    story(seller.participant_id).tell("started")
    tell(public_log, now)
    (one,) = receiver.delivered
    assert is_signed(first, one) and is_signed(second, one)


def test_nothing_is_told_before_it_is_signed_and_nothing_twice(
    receiver: Receiver, added: Any, public_log: Any, story: Any, seller: Actor, now: datetime
) -> None:
    added(seller)
    told = story(seller.participant_id)
    told.tell("started")
    webhook_messages.plan(10_000, now=now)
    assert not WebhookMessage.objects.exists()
    Webhook.objects.update(next_index=0)
    tell(public_log, now)
    tell(public_log, now)
    assert types(receiver) == [*types(receiver)[:-2], "webhook.added", "transfer.started"]
    assert len({one.headers["webhook-id"] for one in receiver.delivered}) == len(receiver.delivered)
    assert not WebhookMessage.objects.exclude(due_at=None).exists()


def test_a_message_that_is_not_taken_comes_again_with_the_same_id(
    receiver: Receiver, added: Any, public_log: Any, story: Any, seller: Actor, now: datetime
) -> None:
    webhook, secret = added(seller, "transfer.*")
    receiver.answers = [500, 302]
    story(seller.participant_id).whole()
    tell(public_log, now)
    assert types(receiver) == ["transfer.started"]  # the next waits, because the address fails
    webhook.refresh_from_db()
    assert webhook.failures == 1 and webhook.failing_since is not None
    for _ in range(2):
        assert webhook_messages.waiting(now=timezone.now(), at_most=9) == []
        let_time_pass()
        tell(public_log, now)
    assert sorted(types(receiver)) == ["transfer.completed", *["transfer.started"] * 3][:4]
    ids = [one.headers["webhook-id"] for one in receiver.delivered if b"transfer.started" in one.body[:40]]
    assert len(set(ids)) == 1 and all(is_signed(secret, one) for one in receiver.delivered)
    webhook.refresh_from_db()
    assert (webhook.failures, webhook.failing_since, webhook.retry_at) == (0, None, None)
    tries = WebhookAttempt.objects.order_by("id").values_list("status", "code")
    assert list(tries) == [(500, "not_taken"), (302, "not_taken"), (204, ""), (204, "")]


def let_time_pass() -> None:
    """As if every pause were over."""
    Webhook.objects.update(retry_at=None)
    WebhookMessage.objects.exclude(due_at=None).update(due_at=timezone.now())


def test_an_address_that_fails_for_days_is_disabled_and_its_managers_are_told(
    receiver: Receiver, added: Any, public_log: Any, story: Any, seller: Actor, now: datetime, react: Any
) -> None:
    manager = makers.member(makers.participant_of(seller), "manager", now)
    webhook, _ = added(seller, "transfer.*")
    receiver.answers = [503, 503]
    story(seller.participant_id).tell("started")
    tell(public_log, now)
    Webhook.objects.update(failing_since=timezone.now() - timedelta(days=5, hours=1))
    let_time_pass()
    tell(public_log, now)
    webhook.refresh_from_db()
    assert webhook.state == "disabled"
    react(timezone.now())
    assert Notice.objects.filter(member=manager, news="webhook.disabled/participant").exists()
    let_time_pass()
    tell(public_log, now)
    assert len(receiver.delivered) == 2  # nothing more is sent
    webhooks.resume(webhook, by=seller.moved_to(timezone.now()))
    tell(public_log, now)
    assert types(receiver)[2:] == ["transfer.started"]


def test_an_address_that_is_gone_is_disabled_at_once(
    receiver: Receiver, added: Any, public_log: Any, story: Any, seller: Actor, now: datetime
) -> None:
    webhook, _ = added(seller, "transfer.*")
    receiver.answers = [410]
    story(seller.participant_id).tell("started")
    tell(public_log, now)
    webhook.refresh_from_db()
    assert webhook.state == "disabled"


def test_what_happens_while_it_is_paused_is_told_afterwards(
    receiver: Receiver, added: Any, public_log: Any, story: Any, seller: Actor, now: datetime
) -> None:
    webhook, _ = added(seller, "transfer.*")
    webhooks.pause(webhook, by=seller)
    story(seller.participant_id).whole()
    tell(public_log, now)
    assert receiver.delivered == []
    webhooks.resume(webhook, by=seller)
    tell(public_log, now)
    assert types(receiver) == ["transfer.started", "transfer.completed"]


def test_a_test_goes_to_its_own_webhook_alone_by_the_way_of_all_others(
    receiver: Receiver, added: Any, public_log: Any, seller: Actor, now: datetime
) -> None:
    webhook, secret = added(seller, "offer.published")
    added(seller, "transfer.*")
    webhooks.send_test(webhook, by=seller)
    tell(public_log, now)
    (one,) = receiver.delivered
    assert is_signed(secret, one) and types(receiver) == ["webhook.tested"]


def test_an_address_in_a_private_network_is_not_called(
    receiver: Receiver, added: Any, public_log: Any, story: Any, seller: Actor, now: datetime, settings: Any
) -> None:
    added(seller, "transfer.*")
    settings.EXCHANGE_OUTBOUND_NETWORKS = []
    story(seller.participant_id).tell("started")
    tell(public_log, now)
    assert receiver.delivered == []
    assert WebhookAttempt.objects.get().code == "address_private"


def test_a_log_that_cannot_prove_lets_messages_wait_untried(
    receiver: Receiver, added: Any, public_log: Any, story: Any, seller: Actor, now: datetime
) -> None:
    added(seller, "transfer.*")
    story(seller.participant_id).tell("started")
    public_log.publish(now)
    tile = next((public_log.folder() / "tile" / "0").rglob("*.p/*"))
    whole = tile.read_bytes()
    tile.write_bytes(bytes(len(whole)))
    coverage = queries.coverage()
    assert coverage is not None
    webhook_messages.plan(coverage.leaves, now=now)
    (webhook_id,) = webhook_messages.waiting(now=timezone.now(), at_most=9)
    assert not messenger.send_some(webhook_id)
    assert receiver.delivered == []
    assert WebhookMessage.objects.get().attempts == 0
    tile.write_bytes(whole)
    let_time_pass()
    messenger.send_some(webhook_id)
    assert types(receiver) == ["transfer.started"]


def test_messages_are_forgotten_after_a_month_once_nothing_is_to_be_done(
    receiver: Receiver, added: Any, public_log: Any, story: Any, seller: Actor, now: datetime
) -> None:
    added(seller, "transfer.*")
    story(seller.participant_id).tell("started")
    tell(public_log, now)
    assert webhook_messages.purge(timezone.now() + timedelta(days=29)) == 0
    assert webhook_messages.purge(timezone.now() + timedelta(days=31)) == 1
    assert not WebhookAttempt.objects.exists()
