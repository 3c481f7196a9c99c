"""A notice finds its recipients in the log, all of them and nobody else, and is settled when each has done its part."""

from typing import Any

import pytest

from compliance import notices
from compliance.models import NoticeRow, RecipientNotice
from compliance.notices import opening
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.ids import new_id
from exchange.kernel.models import Event

pytestmark = pytest.mark.django_db


def buyers(notice: Any) -> set[Any]:
    return set(NoticeRow.objects.filter(notice=notice).values_list("buyer_id", flat=True))


def test_who_received_even_a_part_is_told_and_who_took_nothing_is_not(
    received: Any, opened: Any, now: Any
) -> None:
    whole, part, none, other = (new_id() for _ in range(4))
    received.take(whole)
    received.take(part, 300)
    received.take(none, 0)
    received.take(other, revision=new_id())
    received.seal()
    notice = opened()
    assert buyers(notice) == {whole, part}
    assert notice.seller_id == received.seller_id and notice.profile_sha256
    rows = {row.buyer_id: row for row in NoticeRow.objects.filter(notice=notice)}
    assert rows[whole].is_whole and not rows[part].is_whole

    assert buyers(opened(revision_ids=None)) == {whole, part, other}

    again = opened(occasion=notice.occasion, message="Another text, which changes nothing.")
    assert again.pk == notice.pk and again.message == notice.message
    assert (
        Event.objects.filter(name="recipientnotice.opened", subject=f"recipientnotice:{notice.pk}").count() == 1
    )


def test_the_set_is_whole_only_once_the_desk_has_read_the_log_as_it_was(
    received: Any, opened: Any, now: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(opening, "BATCH", 2)
    first = [new_id() for _ in range(5)]
    for buyer in first[:4]:
        received.take(buyer)
    received.seal()
    received.take(first[4])  # in the log, and not in the desk's rows yet
    notice = opened()
    assert len(buyers(notice)) == 2 and not notices.is_settled(notice.occasion)
    assert opening.fill(now=now) == 0  # the log does not hold the notice yet
    received.seal()
    while opening.fill(now=now):
        pass
    notice.refresh_from_db()
    assert buyers(notice) == set(first) and notice.filled_at == now
    filled = Event.objects.get(name="recipientnotice.filled")
    assert b'"recipients":5' in bytes(filled.leaf)

    late = new_id()
    received.take(late, 10)  # who begins after the notice was opened is told too
    received.seal()
    assert late in buyers(notice)


def test_a_notice_without_recipients_is_settled_once_the_log_says_so(
    received: Any, opened: Any, now: Any
) -> None:
    notice = opened()
    assert not notices.is_settled(notice.occasion)
    with pytest.raises(Conflict) as refused:
        notices.require_settled(notice.occasion)
    assert refused.value.code == "notices_open"
    received.seal()
    opening.fill(now=now)
    notice.refresh_from_db()
    assert notices.is_settled(notice.occasion) and notice.state == RecipientNotice.State.SETTLED
    assert notices.is_settled(f"request:{new_id()}")  # nothing was ever asked


def test_what_a_notice_cannot_be_is_refused_and_leaves_nothing(
    received: Any, opened: Any, buyer: Any, now: Any
) -> None:
    for changed, kind in (
        ({"by": buyer}, Forbidden),
        ({"occasion": "request:1"}, Invalid),
        ({"occasion": f"dataset:{new_id()}"}, Invalid),
        ({"revision_ids": []}, Invalid),
        ({"message": "short"}, Invalid),
    ):
        with pytest.raises(kind):
            opened(**changed)
    assert (
        not RecipientNotice.objects.exists()
        and not Event.objects.filter(name__regex="^(noticerow|recipientnotice)[.]").exists()
    )
