"""V16: the recipients of a notice are exactly those to whom a byte of an affected revision was handed over, as the
gateways' own record says, whatever was transferred in whatever order."""

from typing import Any

import pytest
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.models import NoticeRow
from compliance.notices import opening
from contracts.models import Transfer
from contracts.transfers.ranges import Wish
from exchange.kernel.ids import new_id
from tests import makers, sales

pytestmark = pytest.mark.django_db
TAKES = st.lists(
    st.tuples(
        st.integers(0, 3),  # the buyer
        st.integers(0, 1),  # the revision
        st.sampled_from(["completed", "interrupted", "aborted", "revoked", "running"]),
        st.integers(0, 1_000),  # how much left
    ),
    max_size=14,
)


def raw(dataset_id: Any, revisions: list[Any]) -> set[Any]:
    """The gateways' record, row by row."""
    left = Q(sent_bytes__gt=0) | Q(state=Transfer.State.STARTED)
    rows = Transfer.objects.filter(left, dataset_id=dataset_id, revision_id__in=revisions)
    return set(rows.values_list("buyer_id", flat=True))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(takes=TAKES, cut=st.integers(0, 14))
def test_the_recipients_are_those_of_the_raw_record(
    received: Any, opened: Any, now: Any, takes: list[Any], cut: int
) -> None:
    buyers, revisions, dataset = [new_id() for _ in range(4)], [new_id(), new_id()], new_id()
    record: set[tuple[int, int]] = set()
    notice = None
    for number, (buyer, revision, end, sent) in enumerate(takes):
        if number == cut:  # the notice is opened in the midst, behind the desk's reading
            notice = opened(dataset_id=dataset, revision_ids=[revisions[0]])
        if number % 3 == 0:
            received.seal()
        one = received.story(received.seller_id, buyers[buyer])
        one.row.dataset_id, one.row.revision_id = dataset, revisions[revision]
        one.tell("started", minutes=number)
        if end == "running":
            record.add((buyer, revision))
            continue
        left = 1_000 if end == "completed" else sent
        one.tell(end, left, minutes=number)
        if left:
            record.add((buyer, revision))
    notice = notice or opened(dataset_id=dataset, revision_ids=[revisions[0]])
    received.seal()
    while opening.fill(now=now):
        pass
    found = set(NoticeRow.objects.filter(notice=notice).values_list("buyer_id", flat=True))
    # Who was receiving when it was opened stays told, though in the end no byte of it left.
    assert found >= {buyers[buyer] for buyer, revision in record if revision == 0}
    whole = opened(dataset_id=dataset, revision_ids=[revisions[0]])
    received.seal()
    while opening.fill(now=now):
        pass
    exact = set(NoticeRow.objects.filter(notice=whole).values_list("buyer_id", flat=True))
    assert exact == {buyers[buyer] for buyer, revision in record if revision == 0}


def test_an_erasure_in_a_revision_tells_those_who_have_it_by_the_gateways_record(
    seller: Any, buyer: Any, outsider: Any, opened: Any, public_log: Any, now: Any
) -> None:
    third = makers.trader("Third AG", "AT", now)
    right = sales.entitled(seller, buyer)
    offer = right.agreement.negotiation.offer
    partial = sales.sold(offer, outsider, seller)
    unused = sales.sold(offer, third, seller)
    sales.start(sales.link(right, buyer), now)
    sales.start(sales.link(partial, outsider), now, Wish(range="bytes=0-9"))
    assert unused.buyer_id == third.participant_id
    public_log.seal()
    notice = opened(dataset_id=right.dataset_id, revision_ids=[right.revision_id])
    public_log.seal()
    while opening.fill(now=now):
        pass
    told = set(NoticeRow.objects.filter(notice=notice).values_list("buyer_id", flat=True))
    assert told == raw(right.dataset_id, [right.revision_id]) == {buyer.participant_id, outsider.participant_id}
