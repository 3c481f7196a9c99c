"""Tables of transitions make sense, the database knows every state, and foreign keys point down."""

import re
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from infra.descriptions import first_state, states_of, transitions, with_states
from tests.architecture.sources import FLOORS

MODELS = with_states()
OURS = [model for model in apps.get_models() if model.__module__.split(".")[0] in FLOORS]


def named(model: type[models.Model]) -> str:
    return model.__name__


def test_the_rows_of_the_plan_have_states() -> None:
    assert {model.__name__ for model in MODELS} >= {
        *("Participant", "Dataset", "Revision", "Offer", "Negotiation", "Agreement", "Entitlement"),
        *("Transfer", "Charge", "Hold"),
    }
    with_column = {model for model in OURS if any(field.name == "state" for field in model._meta.fields)}
    assert with_column == set(MODELS)


@pytest.mark.parametrize("model", MODELS, ids=named)
def test_every_state_is_known_and_can_be_reached(model: type[models.Model]) -> None:
    table, known = transitions(model), set(states_of(model))
    mentioned = {str(state) for sources, target, _ in table.values() for state in (*sources, target)}
    assert mentioned <= known
    reached = {first_state(model)}
    for _ in known:
        reached |= {str(target) for sources, target, _ in table.values() if reached & {str(s) for s in sources}}
    assert reached == known


@pytest.mark.parametrize("model", MODELS, ids=named)
def test_every_verb_has_an_event_of_its_own_in_the_past_tense(model: type[models.Model]) -> None:
    names = [event for _, _, event in transitions(model).values()]
    assert len(set(names)) == len(names)
    for name in names:
        assert re.fullmatch(rf"{model._meta.model_name}\.[a-z_]+", name), name
        assert name.endswith(("ed", "paid", "taken", "withdrawn", "won", "lost")), name


@pytest.mark.parametrize("model", MODELS, ids=named)
def test_the_database_knows_exactly_the_states_of_the_model(model: type[models.Model]) -> None:
    constraints = [c for c in model._meta.constraints if isinstance(c, models.CheckConstraint)]
    (constraint,) = [c for c in constraints if c.name.endswith("_state_known")]
    ((lookup, words),) = constraint.condition.children  # type: ignore[union-attr, misc]
    assert lookup == "state__in"
    assert set(words) == set(states_of(model))  # type: ignore[arg-type]


def references(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.get_fields() if isinstance(field, models.ForeignKey)]


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_foreign_keys_point_down_and_protect(model: type[models.Model]) -> None:
    floor = FLOORS[model.__module__.split(".")[0]]
    for field in references(model):
        app = field.related_model.__module__.split(".")[0]
        assert field.remote_field.on_delete is models.PROTECT, field
        if app in FLOORS:
            same = field.related_model._meta.app_label == model._meta.app_label
            assert same or FLOORS[app] < floor or app == "exchange" == model.__module__.split(".")[0], field
    assert not model._meta.local_many_to_many


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_models_hold_no_tricks(model: type[models.Model]) -> None:
    assert {"save", "delete", "clean"}.isdisjoint(vars(model))
    assert not any(isinstance(field, models.FloatField | models.DecimalField) for field in model._meta.fields)
