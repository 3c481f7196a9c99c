"""The seller's pages of groups, and the terms builder that names them."""

from collections.abc import Callable
from typing import Any

import pytest

from contracts.groups import groups
from contracts.models import Group, Offer
from exchange.kernel.actors import Actor
from tests import dataset_makers
from tests.contracts.pages.conftest import Reader, text_of
from tests.contracts.pages.test_offers import WRITTEN, new

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]


def test_a_group_is_made_filled_named_and_dropped(seller: Actor, buyer: Actor, reader: Open) -> None:
    page, mine = reader(seller), str(buyer.participant_id)
    assert "There is no group yet." in text_of(page.get("/sell/groups"))
    assert page.post("/sell/groups", name="Universities").status_code == 302
    group = Group.objects.get()
    path = f"/sell/groups/{group.pk}"
    assert page.post("/sell/groups", name="Universities").status_code == 422
    assert page.post(f"{path}/admit", participant=mine).status_code == 302
    assert "Buyer GmbH" in text_of(page.get(path)) and "Buyer GmbH" in text_of(page.get("/sell/groups"))
    assert page.post(f"{path}/admit", participant=mine).status_code == 422, "it is in it already"
    assert page.post(path, name="Schools").status_code == 302
    assert page.post(f"{path}/{mine}/dismiss").status_code == 302
    assert groups.members_of(group) == []
    assert "Its list of organisations is gone for good." in text_of(page.get(f"{path}/delete"))
    assert page.post(f"{path}/delete").status_code == 302
    assert not Group.objects.exists() and page.get(path).status_code == 404


def test_an_offer_is_written_for_a_group_and_keeps_it(seller: Actor, buyer: Actor, reader: Open) -> None:
    dataset, group = dataset_makers.published(seller), groups.create("Universities", by=seller)
    page, given = reader(seller), {**WRITTEN, "audience": "named", "named_groups": [str(group.pk)]}
    named: dict[str, Any] = {**given, "is_named_in_terms": "on", "named": [str(buyer.participant_id)]}
    assert "A group changes" in text_of(page.post(new(dataset), **named))
    assert page.post(new(dataset), **given).status_code == 302
    made = Offer.objects.get()
    assert groups.groups_of(made) == [(group.pk, "Universities")] and made.audience == "named"
    assert "Universities" in text_of(page.get(f"/sell/offers/{made.pk}"))
    like = text_of(page.get(f"{new(dataset)}?like={made.pk}"))
    assert f'value="{group.pk}"' in like and "checked" in like.split(f'value="{group.pk}"')[1][:120]
    refused = page.post(f"/sell/groups/{group.pk}/delete")
    assert refused.status_code == 409 and "offers name this group" in text_of(refused).lower()


def test_a_group_of_another_seller_is_not_there(seller: Actor, outsider: Actor, reader: Open) -> None:
    group = groups.create("Allies", by=seller)
    for path in ("", "/admit", "/delete"):
        assert reader(outsider).post(f"/sell/groups/{group.pk}{path}").status_code == 404
    assert "Allies" not in text_of(reader(outsider).get("/sell/groups"))
