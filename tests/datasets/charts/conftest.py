"""What may be shown of real and made tables, measured as the worker does, and pictures of it as a page has them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.template.loader import render_to_string

from datasets import charts, datasets
from datasets.models import Profile
from datasets.profiles import profiles
from datasets.profiles.measures import Shown
from exchange.kernel.actors import Actor
from tests import dataset_makers as make


@pytest.fixture
def shown_of(seller: Actor) -> Callable[..., Shown]:
    """What may be shown of one CSV: `shown_of("a,b\\n1,2\\n", declare={…})`; free of personal data unless said."""

    def measure(data: str | bytes, declare: dict[str, Any] | None = None) -> Shown:
        dataset = make.draft(seller)
        declaration = datasets.declare(dataset, **(declare or {"personal_data": "none"}), by=seller)
        file = data if isinstance(data, bytes) else data.encode()
        revision = make.measured(dataset, seller, {"table.csv": file})
        return profiles.shown(Profile.objects.get(asset__revision=revision), declaration)

    return measure


@pytest.fixture
def drawn() -> Callable[[Shown], str]:
    """All pictures of a table as HTML."""

    def draw(shown: Shown) -> str:
        pictures = {
            "heat_map": charts.heat_map(shown),
            "histogram": charts.histogram(shown),
            "tree_map": charts.tree_map(shown),
        }
        measured_at = datetime(2026, 11, 3, tzinfo=UTC)
        return "".join(
            render_to_string(f"datasets/charts/{name}.html", {"chart": chart, "measured_at": measured_at})
            for name, chart in pictures.items()
            if chart
        ) + "".join(
            render_to_string("datasets/charts/strip.html", {"strip": field.strip})
            for field in charts.field_lines(shown)
        )

    return draw
