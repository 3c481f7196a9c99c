"""Groups: who joins one finds its offers at every door, who leaves it at none, and what was signed stands."""

from typing import Any

import pytest

from contracts import queries
from contracts.catalogue import catalogue, indexing
from contracts.catalogue.catalogue import Search
from contracts.groups import groups
from contracts.models import Group, OfferGroup, StaleEntry
from contracts.negotiations import negotiations
from contracts.offers import offers
from contracts.renewals import renewals
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.models import Event
from tests import dataset_makers, sales
from tests.contracts.test_audiences import ways


@pytest.fixture
def group(seller: Any) -> Any:
    return groups.create("Universities", by=seller)


@pytest.fixture
def offer(group: Any, seller: Any) -> Any:
    return sales.offer(dataset_makers.published(seller), seller, groups=[group.pk])


def test_joining_shows_the_offers_and_leaving_hides_them_at_every_door(
    offer: Any, group: Any, seller: Any, buyer: Any, outsider: Any, door: Any
) -> None:
    assert ways(buyer, offer, door) == set()
    groups.admit(group, buyer.participant_id, by=seller)
    assert len(ways(buyer, offer, door)) == 9 and ways(outsider, offer, door) == set()
    for negotiation in queries.negotiations_visible_to(buyer):
        negotiations.terminate(negotiation, reason="", by=buyer)
    groups.dismiss(group, buyer.participant_id, by=seller)
    kept = {f"offers/{offer.pk}", f"offers/{offer.pk}/odrl", "offers"}
    assert ways(buyer, offer, door) == kept, "what it talked about it may read, and no more"
    assert ways(outsider, offer, door) == set()


def test_what_was_signed_stands_and_is_not_renewed(
    offer: Any, group: Any, seller: Any, buyer: Any, refused: Any
) -> None:
    groups.admit(group, buyer.participant_id, by=seller)
    right = sales.sold(offer, buyer, seller)
    shown = renewals.proposal(right, offer).digest
    groups.dismiss(group, buyer.participant_id, by=seller)
    right.refresh_from_db()
    assert right.state == "active" and sales.start(sales.link(right, buyer), buyer.at).code is None
    assert renewals.proposals_visible_to(buyer, right) == []
    with refused(NotFound, "not_found"):
        renewals.renew(right, offer, consents=(), shown=shown, by=buyer)


def test_the_index_follows_and_a_kept_search_tells_nothing(
    offer: Any, group: Any, seller: Any, buyer: Any, react: Any
) -> None:
    indexing.rebuild()
    wanted = Search(q="cities", price=("free",))
    for act, count in ((groups.admit, 1), (groups.dismiss, 0)):
        act(group, buyer.participant_id, by=seller)
        react()
        found = catalogue.search(buyer, wanted, with_facets=True)
        assert (len(found.items), found.total) == (count, count)
        assert not StaleEntry.objects.exists()


def test_groups_and_names_stand_side_by_side(group: Any, seller: Any, buyer: Any, outsider: Any) -> None:
    groups.admit(group, buyer.participant_id, by=seller)
    dataset = dataset_makers.published(seller)
    both = sales.offer(dataset, seller, groups=[group.pk], named=[outsider.participant_id])
    assert both.audience == "named" and groups.groups_of(both) == [(group.pk, "Universities")]
    for actor in (buyer, outsider):
        assert queries.offer_visible_to(actor, both.pk) == both


def test_a_group_is_kept_by_its_seller_alone(
    group: Any, seller: Any, buyer: Any, outsider: Any, refused: Any
) -> None:
    assert list(groups.groups_visible_to(seller)) == [group]
    assert not groups.groups_visible_to(buyer).exists()
    for act in (
        lambda: groups.rename(group, "Mine", by=outsider),
        lambda: groups.admit(group, buyer.participant_id, by=outsider),
        lambda: groups.dismiss(group, buyer.participant_id, by=outsider),
        lambda: groups.delete(group, by=outsider),
    ):
        with refused(Forbidden, "forbidden"):
            act()
    dataset = dataset_makers.published(outsider)
    with refused(NotFound, "not_found"):
        sales.offer(dataset, outsider, groups=[group.pk])


def test_names_and_members_are_told_apart(group: Any, seller: Any, buyer: Any, refused: Any) -> None:
    with refused(Conflict, "group_name_taken"):
        groups.create("Universities", by=seller)
    with refused(Invalid, "invalid"):
        groups.create(" ", by=seller)
    with refused(Invalid, "own_group"):
        groups.admit(group, seller.participant_id, by=seller)
    for _ in range(2):
        groups.admit(group, buyer.participant_id, by=seller)
    assert groups.members_of(group) == [(buyer.participant_id, "Buyer GmbH")]
    assert groups.rename(group, "Schools", by=seller).name == "Schools"
    leaves = [
        bytes(leaf) for leaf in Event.objects.filter(name__startswith="group.").values_list("leaf", flat=True)
    ]
    assert len(leaves) == 3 and not [leaf for leaf in leaves if b"Universities" in leaf or b"Schools" in leaf]


def test_a_group_goes_only_while_no_offer_names_it(offer: Any, group: Any, seller: Any, refused: Any) -> None:
    offers.withdraw(offer, by=seller)
    with refused(Conflict, "group_in_use"):
        groups.delete(group, by=seller)
    spare = groups.create("Spare", by=seller)
    groups.delete(spare, by=seller)
    assert list(Group.objects.all()) == [group] and OfferGroup.objects.count() == 1


def test_an_offer_by_link_or_signed_is_for_no_group(
    group: Any, seller: Any, buyer: Any, now: Any, refused: Any
) -> None:
    dataset = dataset_makers.published(seller)
    with refused(Invalid, "invalid"):
        sales.offer(dataset, seller, groups=[group.pk], by_link=True)
    until = sales.later(now, days=3)
    with refused(Invalid, "signed_for_one"):
        sales.offer(
            dataset, seller, groups=[group.pk], named=[buyer.participant_id], sale="signed", valid_until=until
        )


def test_groups_over_http(seller: Any, buyer: Any, outsider: Any, door: Any) -> None:
    http = door(seller)
    made = http.post("/api/v1/groups", {"name": "Universities"})
    assert made.status_code == 201 and made.json()["members"] == []
    path = f"/api/v1/groups/{made.json()['id']}"
    member = {"participant_id": str(buyer.participant_id)}
    assert http.post(f"{path}/members", member).json()["members"] == [{**member, "name": "Buyer GmbH"}]
    assert http.get("/api/v1/groups").json()["items"][0]["name"] == "Universities"
    assert door(outsider).get(path).status_code == 404
    dataset = dataset_makers.published(seller)
    asked = {"title": "For schools", "terms": list(sales.TERMS), "plan": dict(sales.FREE)}
    audience = {"groups": [made.json()["id"]]}
    offered = http.post("/api/v1/offers", {"dataset_id": str(dataset.pk), **asked, "audience": audience})
    assert (offered.status_code, offered.json()["audience"]) == (201, "named")
    assert http.http.delete(path).status_code == 409
    assert http.http.delete(f"{path}/members/{buyer.participant_id}").json()["members"] == []
