"""Apps that have grown have rooms: a module stands in one, and at the top is what belongs to all of them."""

import re

import pytest

from infra.api import api
from tests.architecture.sources import ROOT, modules

DOORS = {"__init__", "api", "apps", "forms", "news", "queries", "schemas", "tasks", "urls"}
TOP = {
    "exchange/participants": DOORS
    | {"account_forms", "accounts", "context", "repeats", "sessions"}  # settings name them
    | {"limits", "mail_queue", "models", "reached", "refusals", "scouring", "sectors", "vault", "words"},
    "compliance": DOORS
    | {"context", "follower", "gates", "messenger", "pages", "rules"}
    | {"asking", "desk", "desk_words", "labels", "marks", "rows", "suggestions", "words"},
    "datasets": DOORS
    | {"datasets", "pages"}  # its own noun: what the other rooms are of
    | {"contents", "guards", "models", "refusals", "words"},
    "contracts": DOORS | {"badges", "refusals", "warnings"},
    "payments": DOORS
    | {"bank_details", "invoice_tasks", "triggers"},  # the tasks' names are kept in rows of deliveries
}
NO_ROOMS = {"management", "models", "templatetags"}  # Django's own


@pytest.mark.parametrize("app", TOP)
def test_at_the_top_of_an_app_is_what_all_its_rooms_share(app: str) -> None:
    assert {path.stem for path in modules() if path.parent == ROOT / app} <= TOP[app]


@pytest.mark.parametrize("app", TOP)
def test_every_room_says_what_it_holds(app: str) -> None:
    rooms = {path.parent for path in modules() if path.parent.parent == ROOT / app}
    silent = [room.name for room in rooms if not (room / "__init__.py").read_text().startswith('"""')]
    assert set(silent) <= NO_ROOMS
    said = (ROOT / "docs" / "architecture.md").read_text()
    places = {f"`{app}/{room.name}/`" for room in rooms if room.name not in NO_ROOMS}
    assert {place for place in places if place not in said} == set()


@pytest.mark.parametrize("app", TOP)
def test_no_module_repeats_the_name_of_its_room(app: str) -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in modules()
        if path.parent.parent == ROOT / app and path.stem != path.parent.name
        if path.stem.startswith((f"{path.parent.name}_", f"{path.parent.name.removesuffix('s')}_"))
    ]
    assert found == []


def test_operations_are_called_apart() -> None:
    schema = api.get_openapi_schema()
    ids = [
        one["operationId"] for path in schema["paths"].values() for one in path.values() if "operationId" in one
    ]
    assert len(ids) == len(set(ids)) > 200
    assert all(re.fullmatch(r"[a-z0-9_]+", one) for one in ids)
    assert "contracts_publish_data_request" in ids  # not where it stands: clients know it so
