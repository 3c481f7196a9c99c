"""The rows that anybody may see: drawn evenly, never from tables with personal data, never many."""

from typing import Any

import pytest

from datasets import datasets, schemas
from datasets.models import Profile
from datasets.profiles import profiles
from exchange.kernel.actors import Actor
from tests import dataset_makers as make

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

FREE = {"personal_data": "none"}


def table(rows: int, cell: str = "word{n}") -> bytes:
    return ("n,word\n" + "".join(f"{n},{cell.format(n=n)}\n" for n in range(1, rows + 1))).encode()


def measured(seller: Actor, files: dict[str, bytes], declare: dict[str, Any] | None) -> list[Profile]:
    dataset = make.draft(seller)
    if declare is not None:
        datasets.declare(dataset, **declare, by=seller)
    revision = make.measured(dataset, seller, files)
    return list(Profile.objects.filter(asset__revision=revision).order_by("asset__name"))


def shown(profile: Profile) -> Any:
    declaration = datasets.current_declaration(profile.asset.revision.dataset)
    return schemas.profile_out(profile, declaration)["sample"]


@pytest.mark.parametrize(("rows", "drawn"), [(1, 0), (59, 0), (60, 6), (75, 7), (80, 8), (5_000, 8)])
def test_six_to_eight_rows_are_drawn_and_never_more_than_a_tenth(seller: Actor, rows: int, drawn: int) -> None:
    (profile,) = measured(seller, {"a.csv": table(rows)}, FREE)
    assert len(profile.sample["rows"] if profile.sample else []) == drawn
    assert shown(profile) == profile.sample


def test_rows_are_spread_over_the_file_and_the_same_each_time(seller: Actor) -> None:
    files = {"a.csv": table(800), "b.csv": table(800)}
    first, second = measured(seller, files, FREE)
    assert first.sample == second.sample
    assert first.sample["columns"] == ["n", "word"]
    assert [row[0] for row in first.sample["rows"]] == [str(51 + 100 * part) for part in range(8)]


@pytest.mark.parametrize(
    "declare",
    [
        None,
        dict(make.PERSONAL),
        {**make.PERSONAL, "columns": {"n": "none", "word": "none"}},
        {"personal_data": "pseudonymised", "purposes": ["research"], "source": "a registry"},
    ],
)
def test_without_the_declaration_that_nothing_is_personal_there_is_no_sample(
    seller: Actor, declare: dict[str, Any] | None
) -> None:
    (profile,) = measured(seller, {"a.csv": table(100)}, declare)
    assert profile.sample is None


def test_personal_data_found_in_one_table_withholds_the_samples_of_all(seller: Actor) -> None:
    people = table(100, "person{n}@example.org")
    clean, found = measured(seller, {"a.csv": table(100), "b.csv": people}, FREE)
    assert (clean.sample, found.sample) == (None, None)
    (alone,) = measured(seller, {"a.csv": table(100)}, FREE)
    assert alone.sample is not None


def test_a_row_with_one_address_in_it_is_not_drawn(seller: Actor) -> None:
    """One in five thousand is no finding of its column."""
    rows = table(5_000).decode().replace("word2813", "write to planted@example.org")
    (profile,) = measured(seller, {"a.csv": rows.encode()}, FREE)
    assert profile.findings == {}
    drawn = [row[0] for row in profile.sample["rows"]]
    assert len(drawn) == 7 and "2813" not in drawn
    assert "2813" in [row[0] for row in measured(seller, {"a.csv": table(5_000)}, FREE)[0].sample["rows"]]


def test_values_are_clipped_and_gaps_stay_gaps(seller: Actor) -> None:
    data = "a,b\n" + (f"{'x' * 300}\u202e,\n" * 60)
    (profile,) = measured(seller, {"a.csv": data.encode()}, FREE)
    assert profile.sample["rows"] == [["x" * 100, None]] * 6


def test_a_stricter_declaration_withholds_a_sample_that_was_drawn(seller: Actor) -> None:
    (profile,) = measured(seller, {"a.csv": table(100)}, FREE)
    assert len(shown(profile)["rows"]) == 8
    datasets.declare(profile.asset.revision.dataset, **make.PERSONAL, by=seller)
    assert shown(profile) is None
    assert profiles.shown(profile, None).sample is None
