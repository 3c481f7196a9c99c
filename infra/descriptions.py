"""The pages of docs/ that are written from the code, so that they cannot differ from it (a test compares them)."""

from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models

from infra import environment

_WRITTEN = "<!-- Written by `make docs`; edit the code instead. -->\n"


def pages() -> dict[Path, str]:
    """Every generated page: its place and its text."""
    docs = Path(settings.BASE_DIR) / "docs"
    return {docs / "states.md": states(), docs / "operate" / "settings.md": settings_page()}


def states() -> str:
    """Every row that has states, and how they follow from each other."""
    parts = [
        _WRITTEN,
        "# States\n",
        "Every change of a state goes through `transition()`, which follows the table on the model and records the "
        "Event named here in the same transaction. A verb that starts from another state is refused (409).\n",
    ]
    for model in with_states():
        parts.append(f"## {model.__name__}\n")
        parts.append(f"Begins as `{first_state(model)}`.\n")
        parts.append("| verb | from | to | Event |\n|---|---|---|---|")
        for verb, (sources, target, event) in transitions(model).items():
            ordered = [value for value in states_of(model) if value in sources]
            parts.append(f"| {verb} | {', '.join(ordered)} | {target.value} | `{event}` |")
        parts.append("")
    return "\n".join(parts)


def settings_page() -> str:
    """Every variable that the exchange reads."""
    parts = [
        _WRITTEN,
        "# Settings\n",
        "An exchange reads these environment variables and nothing else. None has to be set: the defaults are a "
        "whole exchange on one machine. A secret may also stand in a file: set `EXCHANGE_<NAME>_FILE` to its path. "
        "A malformed value, or an `EXCHANGE_` variable that is not listed here, stops the start by name.\n",
        "| variable | default | meaning |\n|---|---|---|",
    ]
    for setting in environment.KNOWN.values():
        shown = f"`{setting.default}`" if setting.default else "empty"
        meaning = setting.described.replace("|", "\\|")
        parts.append(f"| `{setting.name}`{' (secret)' if setting.is_secret else ''} | {shown} | {meaning} |")
    return "\n".join(parts) + "\n"


def with_states() -> list[type[models.Model]]:
    """The models that follow a table of transitions."""
    return [model for model in apps.get_models() if hasattr(model, "TRANSITIONS")]


def transitions(model: type[models.Model]) -> dict[str, tuple[set[Any], Any, str]]:
    table: dict[str, tuple[set[Any], Any, str]] = model.TRANSITIONS  # type: ignore[attr-defined]
    return table


def states_of(model: type[models.Model]) -> list[str]:
    values: list[str] = model.State.values  # type: ignore[attr-defined]
    return values


def first_state(model: type[models.Model]) -> str:
    """Where a row begins."""
    column = model._meta.get_field("state")
    assert isinstance(column, models.Field)
    return str(column.get_default())
