"""Each recipient is told by the ways that it has, apart from all others; what could not be delivered asks an officer,
who hands it over or closes the row for a reason."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from compliance import notices
from compliance.models import NoticeAttempt, NoticeRow
from compliance.notices import by_hand, opening, sending
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.models import Event
from exchange.participants.members import members
from exchange.participants.models import WebhookMessage
from exchange.participants.notices import mails as notice_mails
from tests import makers

pytestmark = pytest.mark.django_db
State = NoticeRow.State


def names(row: NoticeRow) -> list[str]:
    found = Event.objects.filter(subject=f"noticerow:{row.pk}").order_by("id")
    return list(found.values_list("name", flat=True))


def row_of(notice: Any, participant: Any) -> NoticeRow:
    return NoticeRow.objects.select_related("notice").get(notice=notice, buyer_id=participant.pk)


def test_one_dead_address_holds_up_nobody(
    received: Any, opened: Any, officer: Any, now: Any, react: Any, monkeypatch: Any
) -> None:
    reached, dead, closed = (makers.participant(f"Recipient {n}", "DE", now) for n in range(3))
    dead_addresses = set(dead.members.values_list("user__email", flat=True))
    members.close(closed, reason="The company is being wound up.", by=makers.operator(now))
    for one in (reached, dead, closed):
        received.take(one.pk)
    received.seal()
    notice = opened()
    received.seal()
    while opening.fill(now=now):
        pass
    assert sending.send_due(now=now) == 3 and sending.send_due(now=now) == 0
    assert sending.look(now=now) == 0  # nobody knows yet who is told
    react(now)

    sent = mail.EmailMessage.send

    def send(message: Any, *given: Any, **more: Any) -> int:
        if dead_addresses.intersection(message.to):
            raise ValueError("no such address")
        return int(sent(message, *given, **more))

    monkeypatch.setattr(mail.EmailMessage, "send", send)
    notice_mails.send_due(now=now + timedelta(seconds=5))
    sending.look(now=now)
    assert row_of(notice, reached).state == State.DELIVERED
    assert row_of(notice, dead).state == State.SENT  # it is tried again, later each time
    assert row_of(notice, closed).state == State.UNDELIVERED  # nobody there can be told
    told = next(one for one in mail.outbox if "asks you to act" in str(one.subject) + str(one.body))
    assert "Delete the data that the notice names" in told.body

    for hours in (1, 30, 60, 80, 100):
        notice_mails.send_due(now=now + timedelta(hours=hours))
    sending.look(now=now + timedelta(hours=100))
    failed = row_of(notice, dead)
    assert failed.state == State.UNDELIVERED and failed.next_step_at is None
    attempt = NoticeAttempt.objects.get(row=failed)
    assert (attempt.channel, attempt.is_taken, attempt.code) == ("email", False, "mail_not_taken")
    assert attempt.tries > 3 and not notices.is_settled(notice.occasion)

    with pytest.raises(Forbidden):
        by_hand.deliver(failed, "Handed over at their office.", by=makers.client(dead, now))
    with pytest.raises(Invalid):
        by_hand.deliver(failed, "letter", by=officer)
    assert row_of(notice, dead).state == State.UNDELIVERED
    by_hand.deliver(failed, "Registered letter, taken on the third day.", by=officer)
    assert row_of(notice, dead).state == State.DELIVERED and row_of(notice, dead).next_step_at is not None
    by_hand.excuse(row_of(notice, closed), "The company was struck off its register.", by=officer)
    assert names(row_of(notice, closed)) == ["noticerow.notified", "noticerow.undelivered", "noticerow.excused"]
    with pytest.raises(Conflict):
        by_hand.excuse(row_of(notice, closed), "The company was struck off its register.", by=officer)
    leaves = b"".join(
        bytes(one.leaf) for one in Event.objects.filter(name__regex="^(noticerow|recipientnotice)[.]")
    )
    for private in (b"example.org", b"Registered letter", b"struck off", b"key we sent"):
        assert private not in leaves


def test_a_webhook_that_took_it_delivers_it_too(
    received: Any, opened: Any, officer: Any, now: Any, react: Any
) -> None:
    from exchange.participants.webhooks import messages as webhook_messages
    from exchange.participants.webhooks import webhooks

    one = makers.participant("Machine", "DE", now)
    manager = makers.client(one, now, ("read", "buy", "manage"))
    webhooks.add(one, url="https://example.org/hook", names=["noticerow.notified"], by=manager)
    received.take(one.pk)
    received.seal()
    notice = opened()
    sending.send_due(now=now)
    react(now)
    sending.look(now=now)
    assert row_of(notice, one).state == State.SENT  # its webhook has not been asked yet
    received.seal()
    last = (
        Event.objects.exclude(leaf_index=None).order_by("-leaf_index").values_list("leaf_index", flat=True)[0]
    )
    webhook_messages.plan((last or 0) + 1, now=now)
    message = WebhookMessage.objects.get(event__name="noticerow.notified")
    sending.look(now=now)
    assert row_of(notice, one).state == State.SENT
    WebhookMessage.objects.filter(pk=message.pk).update(due_at=None, delivered_at=now, attempts=2)
    sending.look(now=now)
    row = row_of(notice, one)
    assert row.state == State.DELIVERED
    attempt = NoticeAttempt.objects.get(row=row)
    assert (attempt.channel, attempt.tries, attempt.is_taken) == ("webhook", 2, True)

    by_hand.note_return(row, "The receiver says that it lost the message.", by=officer)
    assert row_of(notice, one).state == State.UNDELIVERED
    by_hand.chase(row_of(notice, one), by=officer)
    assert row_of(notice, one).state == State.SENT and names(row)[-1] == "noticerow.repeated"
