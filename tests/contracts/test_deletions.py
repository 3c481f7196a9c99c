"""Deletion statements: given once, by the buyer, after the end, of bytes that left; sealed, logged, seen by both."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from contracts import queries
from contracts.deletions import deletions
from contracts.entitlements import entitlements
from contracts.holdings import holdings
from contracts.models import DeletionStatement, Transfer
from contracts.transfers import transfers
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.models import Event
from tests import makers, sales

pytestmark = pytest.mark.by_the_clock

SIZE = len(sales.dataset_makers.SMALL_CSV)
TO_DELETE = (*sales.TERMS[:2], {"kind": "duration", "days": 30}, {"kind": "deletion", "days": 10})
REASON = "the buyer's report shows another purpose"


@pytest.fixture
def right(seller: Any, buyer: Any) -> Any:
    """In force, to be deleted ten days after its end, with one whole copy taken."""
    found = sales.entitled(seller, buyer, terms=list(TO_DELETE))
    take(found, buyer)
    return found


def take(entitlement: Any, buyer: Any, ranges: Any = ((0, SIZE),)) -> Transfer:
    started = sales.start(sales.link(entitlement, buyer), buyer.at).transfer_id
    assert started is not None
    return transfers.progress(started, ranges, now=buyer.at) if ranges else Transfer.objects.get(pk=started)


def ended(right: Any) -> Any:
    """The same right after the clock has ended it; answers when."""
    entitlements.expire_due(now=right.ends_at)
    return right.ends_at


def refused(right: Any, by: Any, code: str) -> None:
    before = Event.objects.count()
    with pytest.raises(Conflict) as refusal:
        deletions.state(right, by=by)
    assert refusal.value.code == code
    assert Event.objects.count() == before


def keeping(actor: Any, right: Any) -> Any:
    [one] = holdings.of_revision(actor, right.revision_id).items
    return one.keeping


def test_a_statement_says_what_was_held_and_is_sealed(right: Any, seller: Any, buyer: Any) -> None:
    at = ended(right) + timedelta(days=2)
    said = deletions.state(right, remark="The backup of May was overwritten.", by=buyer.moved_to(at))
    assert deletions.is_intact(said)
    document = deletions.document(said)
    assert document["v"] == "comptoir.deletion/1" and set(document["text"]) == {"en", "fr"}
    assert document["agreement"] == {"id": str(right.agreement_id), "digest": right.agreement.digest}
    assert document["revision"]["digest"] == right.revision.digest
    asset = sales.asset_of(right)
    assert document["held"] == [
        {
            "asset": str(asset.pk),
            "revision": 1,
            "sha256": asset.sha256,
            "size_bytes": SIZE,
            "sent_ranges": [[0, SIZE]],
            "copies": 1,
        }
    ]
    assert "backup" not in str(document), "what a person typed can be erased; the document cannot"
    for actor in (seller, buyer):
        assert keeping(actor.moved_to(at), right) == "deleted"


def test_the_log_has_who_said_it_and_of_what(right: Any, buyer: Any) -> None:
    due = ended(right) + timedelta(days=10)
    said = deletions.state(right, remark="All of it.", by=buyer.moved_to(due))
    leaf = json.loads(bytes(Event.objects.get(name="deletion.stated").leaf))
    assert leaf["facts"]["digest"] == said.digest and leaf["facts"]["entitlement"] == str(right.pk)
    assert leaf["actor"] == buyer.name == said.stated_by and "All of it" not in str(leaf)
    assert set(leaf["typed"]) == {"remark"}
    end = json.loads(bytes(Event.objects.get(name="entitlement.expired").leaf))
    assert end["facts"]["delete_by"] == f"{due:%Y-%m-%dT%H:%M:%S}.000Z"


def test_it_is_given_after_the_end_and_once(right: Any, buyer: Any) -> None:
    refused(right, buyer, "still_licensed")
    refused(right, buyer.moved_to(right.ends_at - timedelta(microseconds=1)), "still_licensed")
    late = buyer.moved_to(ended(right) + timedelta(days=300))
    assert keeping(late, right) == "overdue"
    deletions.state(right, by=late)
    refused(right, late, "statement_exists")
    assert DeletionStatement.objects.count() == 1


def test_the_end_itself_is_enough_where_the_sweep_is_late(right: Any, buyer: Any) -> None:
    deletions.state(right, by=buyer.moved_to(right.ends_at))
    ended(right)
    assert keeping(buyer.moved_to(right.ends_at), right) == "deleted"


def test_a_suspended_right_may_come_back_so_it_asks_for_nothing(right: Any, seller: Any, buyer: Any) -> None:
    entitlements.suspend(right, reason=REASON, by=seller)
    refused(right, buyer, "still_licensed")


def test_a_revocation_counts_from_its_own_moment_but_never_past_the_term(
    right: Any, seller: Any, buyer: Any
) -> None:
    revoked = entitlements.revoke(right, reason=REASON, by=seller.moved_to(right.ends_at + timedelta(hours=3)))
    assert revoked.delete_by == right.ends_at + timedelta(days=10)
    other = sales.entitled(seller, buyer, terms=list(TO_DELETE))
    assert entitlements.revoke(other, reason=REASON, by=seller).delete_by == seller.at + timedelta(days=10)
    refused(other, buyer, "nothing_held")


def test_a_transfer_that_runs_has_to_end_first(right: Any, buyer: Any) -> None:
    transfer = take(right, buyer, ())
    at = ended(right)
    refused(right, buyer.moved_to(at), "transfer_running")
    transfers.sweep_idle(now=at)
    assert Transfer.objects.get(pk=transfer.pk).state == Transfer.State.REVOKED
    deletions.state(right, by=buyer.moved_to(at))


def test_without_a_duty_the_word_may_be_given_too(seller: Any, buyer: Any) -> None:
    right = sales.entitled(seller, buyer)
    take(right, buyer)
    at = ended(right)
    assert deletions.document(deletions.state(right, by=buyer.moved_to(at)))["delete_by"] is None


def test_only_the_buyer_gives_its_word(
    right: Any, seller: Any, buyer: Any, outsider: Any, officer: Any
) -> None:
    at = ended(right)
    for other in (seller, outsider, officer):
        with pytest.raises(Forbidden):
            deletions.state(right, by=other.moved_to(at))
    reader = makers.client(makers.participant_of(buyer), at, ("read",))
    with pytest.raises(Forbidden):
        deletions.state(right, by=reader)
    with pytest.raises(Invalid):
        deletions.state(right, remark="x" * 513, by=buyer.moved_to(at))
    assert not DeletionStatement.objects.exists()


def test_a_suspended_organisation_can_still_give_it(right: Any, buyer: Any, operator: Any) -> None:
    from exchange.participants.members import members

    members.suspend(makers.participant_of(buyer), reason=REASON, by=operator)
    assert deletions.state(right, by=buyer.moved_to(ended(right))).stated_by == buyer.name


def test_each_side_and_officers_see_it_and_nobody_else(
    right: Any, seller: Any, buyer: Any, outsider: Any, officer: Any
) -> None:
    said = deletions.state(right, by=buyer.moved_to(ended(right)))
    for actor in (seller, buyer, officer):
        assert list(queries.deletion_statements_visible_to(actor)) == [said]
    assert not queries.deletion_statements_visible_to(outsider).exists()
    with pytest.raises(NotFound):
        queries.deletion_statement_visible_to(outsider, said.pk)


def test_what_was_stated_stays_as_it_is(right: Any, buyer: Any) -> None:
    said = deletions.state(right, by=buyer.moved_to(ended(right)))
    rows = DeletionStatement.objects.filter(pk=said.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(remark="another")
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.delete()
    altered = DeletionStatement.objects.get(pk=said.pk)
    altered.document = bytes(altered.document).replace(b"comptoir.deletion/1", b"comptoir.deletion/2")
    assert deletions.is_intact(said) and not deletions.is_intact(altered)


def test_the_api_takes_it_and_shows_it(right: Any, seller: Any, buyer: Any, outsider: Any, door: Any) -> None:
    path = f"/api/v1/entitlements/{right.pk}/deletion-statements"
    answer = door(buyer).post(path, {})
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "still_licensed")
    entitlements.revoke(right, reason=REASON, by=seller)
    assert door(outsider).post(path, {}).status_code == 404
    assert door(seller).post(path, {}).status_code == 403
    said = door(buyer).post(path, {"remark": "All of it."})
    assert said.status_code == 201 and said.json()["is_intact"]
    for actor in (seller, buyer):
        [one] = door(actor).get("/api/v1/deletion-statements", entitlement=str(right.pk)).json()["items"]
        assert one == said.json()
        [held] = door(actor).get(f"/api/v1/revisions/{right.revision_id}/holdings").json()["items"]
        assert (held["keeping"], held["deletion_statement_id"]) == ("deleted", one["id"])
    assert door(outsider).get("/api/v1/deletion-statements").json()["items"] == []
    assert door(outsider).get(f"/api/v1/deletion-statements/{said.json()['id']}").status_code == 404
