"""Later revisions of a dataset under one right: which it reaches, what is taken of each, who is told, what is owed."""

from datetime import timedelta
from typing import Any

import pytest

from compliance import gates
from compliance.models import Review
from contracts.deletions import deletions
from contracts.entitlements import entitlements, windows
from contracts.holdings import buyer_rows, holdings
from contracts.models import Entitlement, Transfer
from contracts.transfers import admission, transfers
from datasets.models import Dataset, Revision
from datasets.profiles import profiles
from datasets.revisions import revisions
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Forbidden, NotFound
from exchange.participants.models import Notice
from exchange.participants.notices import rows as notice_rows
from tests import dataset_makers, makers, sales

SIZE = len(dataset_makers.SMALL_CSV)
ALL_LATER = {"kind": "revisions", "includes_future": True}
NONE_LATER = {"kind": "revisions", "includes_future": False}
TO_DELETE = ({"kind": "duration", "days": 30}, {"kind": "deletion", "days": 10})
PEOPLE = {"people.csv": b"mail\n" + b"\n".join(b"ada%d@example.org" % n for n in range(12))}
TWO = {"cities.csv": dataset_makers.SMALL_CSV, "more.csv": dataset_makers.numbers(3)}


def held(seller: Actor, buyer: Actor, *clauses: Any) -> Entitlement:
    return sales.entitled(seller, buyer, terms=[*clauses])


def take(right: Entitlement, buyer: Actor, asset: Any) -> Transfer:
    started = sales.start(sales.link(right, buyer, asset=asset), buyer.at)
    assert started.transfer_id is not None, started.code
    return transfers.progress(started.transfer_id, [(0, asset.size_bytes)], now=buyer.at)


def numbers(right: Entitlement, now: Any) -> list[int]:
    return [one.number for one in windows.reached([right], now=now)[right.pk]]


def names(of: list[Any]) -> list[tuple[int, list[str], int, str]]:
    return [
        (one.revision.number, [file.asset.name for file in one.files], one.of_files, one.keeping) for one in of
    ]


@pytest.mark.parametrize(
    "clause",
    [
        None,
        NONE_LATER,
        ALL_LATER,
        {**NONE_LATER, "last": 1},
        {**ALL_LATER, "last": 2},
        {**ALL_LATER, "since": "2026-11-21"},
        {**NONE_LATER, "since": "2026-11-22"},
    ],
)
def test_what_is_listed_is_what_the_gateway_delivers(
    clause: Any, seller: Actor, buyer: Actor, now: Any
) -> None:
    """Three revisions before the agreed one, and one after it."""
    dataset = dataset_makers.published(seller.moved_to(now - timedelta(days=3)))
    for days in (2, 1, 0):
        dataset_makers.measured(dataset, seller.moved_to(now - timedelta(days=days)))
    offer = sales.offer(dataset, seller, terms=[clause] if clause else [])
    right = sales.sold(offer, buyer, seller)
    assert right.revision.number == 4
    dataset_makers.measured(dataset, seller)
    delivered = []
    for revision in Revision.objects.filter(dataset=dataset):
        case = admission.case(right, revision.assets.get())
        if admission.decide(case, now=now, address="192.0.2.7", copies_used=0).code is None:
            delivered.append(revision.number)
    assert numbers(right, now) == sorted(delivered, reverse=True)


def test_what_each_revision_came_to_is_held_by_itself(
    seller: Actor, buyer: Actor, officer: Actor, outsider: Actor, now: Any
) -> None:
    right = held(seller, buyer, ALL_LATER, *TO_DELETE)
    later = dataset_makers.measured(right.dataset, seller, TWO)
    take(right, buyer, later.assets.get(name="cities.csv"))
    mine = holdings.of_participant(buyer, buyer.participant_id).items
    assert names(mine) == [(2, ["cities.csv"], 2, "licensed")], "nothing of the agreed revision was taken"
    assert not mine[0].is_whole and holdings.of_revision(seller, right.revision_id).items == []
    take(right, buyer, sales.asset_of(right))
    for actor in (seller, buyer, officer):
        both = holdings.of_participant(actor, buyer.participant_id).items
        assert [one[:3] for one in names(both)] == [(2, ["cities.csv"], 2), (1, ["cities.csv"], 1)]
        for revision in (right.revision, later):
            [one] = holdings.of_revision(actor, revision.pk).items
            assert one.revision == revision and one.sent_bytes == SIZE
    with pytest.raises(NotFound):
        holdings.of_revision(outsider, later.pk)


def test_one_statement_is_about_every_revision_that_was_taken(seller: Actor, buyer: Actor, now: Any) -> None:
    right = held(seller, buyer, ALL_LATER, *TO_DELETE)
    later = dataset_makers.measured(right.dataset, seller, TWO)
    take(right, buyer, later.assets.get(name="more.csv"))
    take(right, buyer, sales.asset_of(right))
    entitlements.expire_due(now=right.ends_at)
    right.refresh_from_db()
    at = buyer.moved_to(right.ends_at)
    assert [one.route for one in buyer_rows.due(at)] == ["holding_delete"], "asked for once, not for each"
    said = deletions.state(right, by=at)
    listed = deletions.document(said)["held"]
    assert [one["revision"] for one in listed] == [2, 1] and len({one["asset"] for one in listed}) == 2
    kept = holdings.of_participant(at, buyer.participant_id).items
    assert [one.keeping for one in kept] == ["deleted", "deleted"] and buyer_rows.due(at) == []
    assert numbers(right, right.ends_at) == [1], "what has ended reaches no later one"


def test_a_revision_that_is_not_cleared_is_refused_with_its_reason(
    seller: Actor, buyer: Actor, now: Any
) -> None:
    right = held(seller, buyer, ALL_LATER)
    later = dataset_makers.sealed(right.dataset, seller)
    path = sales.link(right, buyer)
    with pytest.raises(Forbidden, match="not measured, or not cleared") as refusal:
        transfers.issue_token(right, asset=later.assets.get(), by=buyer)
    assert refusal.value.code == "revision_not_cleared"
    profiles.measure(str(later.pk), now + timedelta(minutes=1))
    later.refresh_from_db()
    people = dataset_makers.measured(right.dataset, seller, PEOPLE)
    with pytest.raises(Forbidden) as refusal:
        transfers.issue_token(right, asset=people.assets.get(), by=buyer)
    assert refusal.value.code == "revision_not_cleared", "an officer has to look at it first"
    take(right, buyer, later.assets.get())
    assert sales.start(path, now).code is None, "the agreed one was sold as it is"
    revisions.revoke(later, "the columns were mixed up", seller)
    with pytest.raises(NotFound):
        windows.asset_of(right, later.assets.get().pk)
    assert numbers(right, now) == [3, 1]


def test_a_revision_that_nobody_examined_is_not_taken_for_clear(seller: Actor, buyer: Actor, now: Any) -> None:
    """It is measured when a newer one is current already, so no review was ever opened for it."""
    right = held(seller, buyer, ALL_LATER)
    people = dataset_makers.sealed(right.dataset, seller, PEOPLE)
    newer = dataset_makers.measured(right.dataset, seller)
    profiles.measure(str(people.pk), now + timedelta(minutes=2))
    people.refresh_from_db()
    assert people.measured_at is not None and not Review.objects.exists()
    with pytest.raises(Forbidden) as refusal:
        transfers.issue_token(right, asset=people.assets.get(), by=buyer)
    assert refusal.value.code == "revision_not_cleared"
    take(right, buyer, newer.assets.get())


def test_the_api_lists_what_is_reached_and_tokens_are_asked_for_by_id(
    seller: Actor, buyer: Actor, outsider: Actor, door: Any
) -> None:
    right = held(seller, buyer, {"kind": "copies", "max": 2}, ALL_LATER)
    later = dataset_makers.measured(right.dataset, seller)
    take(right, buyer, later.assets.get())
    path = f"/api/v1/entitlements/{right.pk}"
    for actor in (buyer, seller):
        items = door(actor).get(f"{path}/revisions").json()["items"]
        assert [(one["number"], one["is_agreed"], one["is_cleared"]) for one in items] == [
            (2, False, True),
            (1, True, True),
        ]
        assert [one["files"][0]["copies_used"] for one in items] == [1, 0]
    assert items[0]["files"][0]["id"] == str(later.assets.get().pk)
    assert door(buyer).get(path).json()["copies_used"] == {}, "of files of the agreed revision alone"
    answer = door(buyer).post(f"{path}/tokens", {"asset": items[0]["files"][0]["id"]})
    assert answer.status_code == 201
    first = door(buyer).get(f"{path}/revisions?limit=1").json()
    rest = door(buyer).get(f"{path}/revisions?cursor={first['next_cursor']}").json()
    assert [one["number"] for one in (*first["items"], *rest["items"])] == [2, 1]
    assert door(outsider).get(f"{path}/revisions").status_code == 404


@pytest.fixture
def told(seller: Actor, buyer: Actor, now: Any, react: Any) -> Any:
    """Of two buyers, of whom one has a licence for later revisions too: what they were told of revisions."""
    other = makers.trader("Other Buyer AG", "AT", now)
    dataset = dataset_makers.published(seller)
    sales.sold(sales.offer(dataset, seller, terms=[ALL_LATER]), buyer, seller)
    for one in (other, buyer):  # who also has a right that includes it is told of that one alone
        sales.sold(sales.offer(dataset, seller, terms=[NONE_LATER]), one, seller, country="AT")
    people = {
        name: makers.member(makers.participant_of(actor), "trader", now)
        for name, actor in (("buyer", buyer), ("other", other))
    }

    def read() -> dict[str, list[str]]:
        react()
        found = {}
        for name, member in people.items():
            rows = list(Notice.objects.filter(member=member, news__startswith="re").order_by("pk"))
            assert all(notice_rows.place_of(row) for row in rows)
            found[name] = [row.title for row in notice_rows.rows_of(rows)]
        return found

    return read


def test_holders_are_told_what_a_new_revision_is_to_them(told: Any, seller: Actor) -> None:
    later = dataset_makers.sealed(Dataset.objects.get(), seller)
    fresh, yours = (
        "“Cities of France” has a new revision, number 2",
        "Revision 2 of “Cities of France” is now yours",
    )
    assert told() == {"buyer": [yours], "other": [fresh]}
    revisions.revoke(later, "the columns were mixed up", seller)
    gone = "Revision 2 of “Cities of France” is revoked"
    assert told() == {"buyer": [yours, gone], "other": [fresh]}


def test_it_is_theirs_only_once_an_officer_has_let_it_through(told: Any, seller: Actor, officer: Actor) -> None:
    dataset_makers.sealed(Dataset.objects.get(), seller, PEOPLE)
    assert told()["buyer"] == []
    gates.approve(Review.objects.get(), "Invented people of an example.", officer)
    assert told()["buyer"] == ["Revision 2 of “Cities of France” is now yours"]
