"""Every table of transitions, exhaustively: each verb from each state, legal and illegal, on real rows."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, models, transaction

from compliance import gates, kept_exports
from compliance.classification import Confidence, Evidence, Finding
from compliance.queries import Filters
from exchange.kernel import triggers
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from exchange.kernel.models import Event
from exchange.kernel.states import transition
from exchange.participants import webhooks
from infra.descriptions import states_of, transitions, with_states
from tests import makers, sales, wishes
from tests.compliance.conftest import PublicLog


@pytest.fixture
def rows(own_database: None, seller: Actor, buyer: Actor, settings: Any, tmp_path: Path) -> Iterator[None]:
    """A sale with its transfer, a review, an export: one row of each kind, where any state can be written."""
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_STORAGE_DIR = "files", tmp_path / "assets"
    entitlement = sales.entitled(seller, buyer, plan=sales.PAID)
    assert sales.start(sales.link(entitlement, buyer), buyer.at).code is None
    open_review(seller)
    wishes.answered(wishes.published(buyer), seller)
    webhooks.add(makers.participant_of(seller), url="https://receiver.example/", by=seller)
    settings.EXCHANGE_LOG_DIR, settings.EXCHANGE_SIGNER_DIR = tmp_path / "log", tmp_path / "signer"
    PublicLog(tmp_path / "log", tmp_path / "signer").publish(seller.at)
    kept_exports.ask(Filters(), form="csv", by=makers.officer(seller.at))
    _let_any_state_be_written()
    yield


def open_review(seller: Actor) -> None:
    assert seller.participant_id
    found = gates.examine(
        subject=f"dataset:{seller.participant_id}",
        version="1",
        seller_id=seller.participant_id,
        declared={},
        default="none",
        findings={"mail": Finding("email", "personal", Confidence.SURE, Evidence(5, 5), "values")},
        by=seller,
    )
    assert found is not None


def _let_any_state_be_written() -> None:
    """Drop what would refuse a state without the columns that belong to it: that is not what is tested here."""
    with connection.cursor() as cursor:
        for trigger in triggers.registered():
            for name in trigger.names():
                of = "" if connection.vendor == "sqlite" else f" ON {trigger.model._meta.db_table}"
                cursor.execute(f"DROP TRIGGER {name}{of}")
    for model in with_states():
        for constraint in model._meta.constraints:
            with connection.schema_editor() as editor:
                editor.remove_constraint(model, constraint)


@pytest.mark.usefixtures("rows")
def test_each_verb_moves_from_its_states_alone(now: datetime) -> None:
    for model in with_states():
        for verb in transitions(model):
            moves_from_its_states_alone(model, verb, makers.system(now))


def moves_from_its_states_alone(model: type[models.Model], verb: str, by: Actor) -> None:
    sources, target, name = transitions(model)[verb]
    some = model._base_manager.first()
    assert some is not None, model
    for state in states_of(model):
        model._base_manager.filter(pk=some.pk).update(state=state)
        row, before = model._base_manager.get(pk=some.pk), Event.objects.count()
        if state in sources:
            with transaction.atomic():
                moved: Any = transition(row, verb, by=by)
            assert moved.state == target
            assert Event.objects.latest("id").name == name
        else:
            with pytest.raises(Conflict) as refusal, transaction.atomic():
                transition(row, verb, by=by)
            assert refusal.value.code == "wrong_state"
            assert model._base_manager.filter(pk=some.pk, state=state).exists()
            assert Event.objects.count() == before
