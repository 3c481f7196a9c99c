"""What tables hold, to be compared with what they hold later: asked without the ORM, because tests ask often."""

from collections.abc import Iterable, Mapping

from django.apps import apps
from django.db import connection
from django.db.models import Model

Snapshot = dict[str, list[str]]


def models_of(*labels: str) -> list[type[Model]]:
    """Every model of these apps."""
    return [model for label in labels for model in apps.get_app_config(label).get_models()]


def rows_of(models: Iterable[type[Model]], where: Mapping[type[Model], str] | None = None) -> Snapshot:
    """Every row of these models, in no order of time; `where` leaves some of a model out, in SQL."""
    found = {}
    with connection.cursor() as cursor:
        for model in models:
            condition = (where or {}).get(model, "")
            cursor.execute(f"SELECT * FROM {model._meta.db_table} {condition and f'WHERE {condition}'}")
            found[model._meta.label] = sorted(map(repr, cursor.fetchall()))
    return found
