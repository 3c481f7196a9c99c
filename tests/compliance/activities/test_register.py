"""Records of processing follow from the log: what was declared, agreed and handed over, and where these disagree."""

import json
from datetime import timedelta
from typing import Any

import pytest

from compliance.activities import as_csv, codes, imported, observed, register, words
from compliance.models import AgreedUse, DeclaredDataset, Flow
from exchange.kernel.ids import new_id
from exchange.kernel.models import Event
from tests import sales

pytestmark = pytest.mark.django_db


def test_what_was_declared_found_and_agreed_comes_from_leaves_alone(world: Any) -> None:
    agreement = world.agreed("research")
    world.log.seal()
    row = DeclaredDataset.objects.get(pk=world.dataset.pk)
    assert (row.number, row.personal_data, row.legal_basis, row.stage) == (1, "personal", "6.1.a", "published")
    assert row.processing == {
        "data": ["email"],
        "persons": ["customers"],
        "passed_on_for": ["research"],
        "passed_on_to": "eea",
        "retention_months": 12,
    }
    assert row.found == {"bank_account": 1, "email": 1}
    leaf = json.loads(bytes(Event.objects.get(leaf_index=row.declared_leaf).leaf))
    assert leaf["type"] == "dataset.declared"
    assert "newsletter" not in json.dumps(leaf)
    use = AgreedUse.objects.get(pk=agreement)
    assert (use.purpose, use.country, use.duration_days, use.deletion_days) == ("research", "DE", 90, 30)


def test_a_sale_tells_its_purpose_country_and_period(seller: Any, buyer: Any, public_log: Any) -> None:
    right = sales.entitled(seller, buyer)
    public_log.seal()
    use = AgreedUse.objects.get(pk=right.agreement_id)
    assert (use.purpose, use.country, use.duration_days, use.deletion_days) == ("research", "DE", 365, None)
    assert (use.seller_id, use.buyer_id) == (seller.participant_id, buyer.participant_id)
    assert use.signed_leaf == Event.objects.get(name="agreement.signed").leaf_index


def test_each_organisation_has_the_activities_of_its_roles(world: Any) -> None:
    world.agreed("research")
    world.sent("DE", "eea")
    [provided] = world.register(world.seller).activities
    assert (provided.key, provided.role) == (f"provide:{world.dataset.pk}", "controller")
    derived = provided.derived
    assert (derived.purposes, derived.legal_bases) == (("research",), ("6.1.a",))
    assert (derived.persons, derived.data) == (("customers",), ("email", "bank_account"))
    assert (derived.stated_purposes, derived.stated_sources) == (
        ("newsletter",),
        ("collected from the subscribers themselves",),
    )
    assert derived.recipients == (world.buyer.participant_id,)
    [sent] = derived.sent
    assert (sent.country, sent.mechanism, sent.transfers, sent.sent_bytes) == ("DE", "eea", 1, 1_000)
    assert {one.subject.partition(":")[0] for one in derived.origins} == {"dataset", "agreement"}

    [used] = world.register(world.buyer).activities
    assert (used.key, used.derived.counterparties) == ("use:research", (world.seller.participant_id,))

    own = world.register(world.officer)
    assert {one.key for one in own.of("controller")} == {"accounts", "proof", "publication"}
    [hosted] = own.of("processor")
    assert hosted.key == f"host:{world.seller.participant_id}"
    assert hosted.derived.recipients == (world.buyer.participant_id,)


def test_what_was_declared_and_what_was_observed_must_agree(world: Any) -> None:
    world.agreed("marketing", duration_days=700)
    world.sent("BR", "adequacy")
    world.sent("DE", "eea", changed={"class": "none"})
    world.story(world.seller.participant_id, world.buyer.participant_id, changed={"country_to": "US"}).refused(
        "destination_refused"
    )
    [provided] = world.register(world.seller).activities
    found = {one.code: one.about for one in provided.warnings}
    assert found["destination_undeclared"] == ("eea", "BR")
    assert found["purpose_undeclared"] == ("marketing",)
    assert found["data_undeclared"] == ("bank_account",)
    assert "retention_exceeded" in found and "sent_as_free" in found
    assert "US" not in str(provided), "what was refused moved nothing"


def test_what_agrees_has_no_warning_until_a_review_is_due(world: Any) -> None:
    from datasets import datasets
    from tests import dataset_makers as make

    said = {"data": ["email", "bank_account"], "persons": ["customers"], "retention_months": 24}
    datasets.declare(world.dataset, **{**make.PERSONAL, "processing": said}, by=world.seller)
    world.agreed("research")
    world.sent("DE", "eea")
    [fine] = world.register(world.seller).activities
    assert fine.warnings == () and not fine.reviewed.is_stale
    assert DeclaredDataset.objects.get().number == 2
    [stale] = world.register(world.seller, world.seller.at + timedelta(days=400)).activities
    assert [one.code for one in stale.warnings] == ["review_due"]


def test_flows_count_what_left_once_whatever_came_of_it(world: Any) -> None:
    told = world.story(world.seller.participant_id, world.buyer.participant_id)
    told.row.dataset_id = world.dataset.pk
    told.tell("started")
    world.log.seal()
    assert [(one.transfers, one.sent_bytes) for one in Flow.objects.all()] == [(1, 0)]
    told.tell("interrupted", 400, minutes=1, code="idle")
    told.tell("resumed", 400, minutes=2)
    told.tell("completed", 1_000, minutes=3)
    world.log.seal()
    [flow] = Flow.objects.all()
    assert (flow.transfers, flow.sent_bytes, flow.country_to, flow.mechanism) == (1, 1_000, "DE", "eea")
    aborted = world.story(world.seller.participant_id, world.buyer.participant_id)
    aborted.tell("started")
    world.log.seal()
    aborted.tell("aborted", 0, minutes=1, code="nothing_sent")
    world.log.seal()
    assert sum(one.transfers for one in Flow.objects.all()) == 1


def test_a_register_is_built_with_a_fixed_number_of_questions(
    world: Any, django_assert_max_num_queries: Any
) -> None:
    from exchange.participants import queries

    for _ in range(5):
        world.sent("DE", "eea")
    world.log.seal()
    seller = queries.participant(world.seller.participant_id)
    with django_assert_max_num_queries(24):
        register.build(seller, now=world.seller.at)


@pytest.mark.parametrize("many", [1, 1_000])
def test_of_many_recipients_some_are_named_and_that_there_are_others(
    world: Any, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observed, "_MANY_TRANSFERS", many)
    monkeypatch.setattr(observed, "MOST_NAMED", 2)
    buyers = sorted(new_id() for _ in range(3))
    for buyer_id in buyers[:2]:
        told = world.story(world.seller.participant_id, buyer_id)
        told.row.dataset_id = world.dataset.pk
        told.whole()
    [provided] = world.register(world.seller).activities
    assert (provided.derived.recipients, provided.derived.has_others) == (tuple(buyers[:2]), False)
    told = world.story(world.seller.participant_id, buyers[2])
    told.row.dataset_id = world.dataset.pk
    told.whole()
    found = world.register(world.seller)
    [provided] = found.activities
    assert (provided.derived.recipients, provided.derived.has_others) == (tuple(buyers[:2]), True)
    assert codes.of_derived(provided.derived)["recipients"] == [*map(str, buyers[:2]), "others"]
    names = words.called(found, by=world.seller)
    assert words.values(provided, names)["recipients"][2:] == ["and others"]
    assert imported.preview(as_csv.read(as_csv.write(found)), found).mismatches == []
