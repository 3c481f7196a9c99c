"""Every night the tokens, what the gateways saw, and the log are compared: a whole day agrees, and each thing that is
left out of one of them is found, exactly."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from compliance import tasks
from compliance.follower import follow
from compliance.health import access, completeness
from compliance.log.sealing import seal_batch
from compliance.models import Comparison, Mismatch, TransferRecord
from contracts.models import Entitlement, Transfer
from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Forbidden
from exchange.kernel.models import Event
from exchange.participants.models import Notice
from tests import dataset_makers, makers, sales
from tests.compliance.conftest import without_triggers  # noqa: F401 (a fixture)

pytestmark = [pytest.mark.usefixtures("own_database"), pytest.mark.by_the_clock]

DATA = dataset_makers.numbers(100_000)


@pytest.fixture
def kept(settings: Any, tmp_path: Path) -> Path:
    settings.EXCHANGE_ACCESS_DIR = tmp_path / "access"
    return tmp_path / "access"


@pytest.fixture
def entitlement(kept: Path, seller: Actor, buyer: Actor) -> Entitlement:
    return sales.entitled(seller, buyer, files={"n.bin": DATA}, terms=[sales.TERMS[0]])


@pytest.fixture
def download(entitlement: Entitlement, buyer: Actor) -> Callable[..., UUID]:
    """A download by a fresh link, whole or not; answers its transfer."""

    def take(**options: Any) -> UUID:
        earlier = set(Transfer.objects.values_list("pk", flat=True))
        by = buyer.moved_to(timezone.now())
        assert sales.call("GET", sales.link(entitlement, by), **options).status in (200, 206)
        (fresh,) = set(Transfer.objects.values_list("pk", flat=True)) - earlier
        return fresh

    return take


def compare() -> completeness.Summary:
    """Seal what waits, and compare the hour around now."""
    moment = timezone.now()
    while seal_batch(moment) or follow():
        pass
    return completeness.compare_between(moment - timedelta(hours=1), moment + timedelta(hours=1), now=moment)


def found() -> set[tuple[str, str]]:
    return set(Mismatch.objects.values_list("kind", "subject"))


def test_whole_cut_and_resumed_downloads_all_match(
    download: Any, entitlement: Entitlement, buyer: Actor
) -> None:
    download()
    download(headers={"range": "bytes=0-99"})
    cut = download(hang_up_after=10_000)
    by = buyer.moved_to(timezone.now())
    more = sales.link(entitlement, by, transfer=Transfer.objects.get(pk=cut))
    assert sales.call("GET", more).status == 200
    assert sales.call("HEAD", more).status == 200
    sales.link(entitlement, by)  # a link that nobody opens is no mismatch
    assert compare() == completeness.Summary(tokens=5, transfers=3, unmatched=0)
    assert found() == set()


def test_a_transfer_whose_events_are_skipped_is_found_and_no_other(
    download: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    download()
    recorded = events.record

    def skip(name: str, row: Any, **more: Any) -> Any:
        return None if isinstance(row, Transfer) else recorded(name, row, **more)

    with monkeypatch.context() as patched:
        patched.setattr(events, "record", skip)
        patched.setattr(
            "contracts.gateway.gateway.connection_of_its_own", lambda: None
        )  # the quick way records by itself
        hidden = download()
    download()
    assert compare().unmatched == 1
    (mismatch,) = Mismatch.objects.all()
    assert (mismatch.kind, mismatch.subject) == ("unlogged", f"transfer:{hidden}")
    assert mismatch.sent_bytes == len(DATA)
    event = Event.objects.get(name="mismatch.found")
    assert json.loads(bytes(event.leaf))["facts"]["about"] == f"transfer:{hidden}"


def test_events_that_a_superuser_deletes_before_they_are_sealed_are_found(
    download: Any,
    without_triggers: Any,  # noqa: F811
) -> None:
    kept, gone = download(), download()
    mine = Event.objects.filter(subject=f"transfer:{gone}")
    with without_triggers(Event._meta.db_table), without_triggers("kernel_eventparty"):
        for event in mine:
            event.parties.all().delete()
        mine.delete()
    assert compare().unmatched == 1
    assert found() == {("unlogged", f"transfer:{gone}")} and kept != gone


def test_a_transfer_that_no_gateway_saw_is_found(download: Any, kept: Path) -> None:
    download()
    for file in kept.rglob("bytes-*"):
        file.write_bytes(b"")
    hidden = Transfer.objects.get()
    assert compare().unmatched == 1
    assert found() == {("unseen", f"transfer:{hidden.pk}")}


def test_bytes_by_a_token_that_nobody_gave_out_are_found(download: Any, kept: Path) -> None:
    download()
    (file,) = kept.rglob("tokens-*")
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[:-1]))
    assert compare().unmatched == 1
    token = access.hash_of(Transfer.objects.get().token_id)
    assert found() == {("unknown_token", f"token:{token}")}
    assert Mismatch.objects.get().detail == f"transfer:{Transfer.objects.get().pk}"


def test_a_log_that_says_more_or_less_than_what_left_is_found(download: Any, kept: Path) -> None:
    whole, cut = download(), download(hang_up_after=10_000)
    compare()
    TransferRecord.objects.filter(pk=whole).update(size_bytes=len(DATA) + 1)
    TransferRecord.objects.filter(pk=cut).update(result="aborted", sent_bytes=0)
    assert compare().unmatched == 2
    assert found() == {("fewer_bytes", f"transfer:{whole}"), ("more_bytes", f"transfer:{cut}")}


def test_a_gateway_that_was_killed_while_it_sent_is_no_mismatch(download: Any, kept: Path) -> None:
    download()
    for file in kept.rglob("bytes-*"):
        file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]) + '{"at":"2026')
    assert compare().unmatched == 0


def test_the_record_holds_no_token_no_address_and_no_name(download: Any, kept: Path, buyer: Actor) -> None:
    download()
    written = "".join(file.read_text() for file in kept.rglob("*.jsonl"))
    assert Transfer.objects.get().token_id not in written
    assert "192.0.2.7" not in written and "n.bin" not in written and buyer.name not in written


def test_a_mismatch_is_kept_once_and_told_to_officers(download: Any, kept: Path, react: Any) -> None:
    officer = makers.member(makers.operators_organisation(timezone.now()), "officer", timezone.now())
    download()
    for file in kept.rglob("bytes-*"):
        file.write_bytes(b"")
    assert (compare().unmatched, compare().unmatched) == (1, 1)
    assert Mismatch.objects.count() == 1
    react(timezone.now())
    assert Notice.objects.filter(member=officer, news="mismatch.found/exchange").count() == 1


def test_each_night_goes_on_where_the_last_ended(download: Any) -> None:
    download()
    seal_batch(timezone.now())
    follow()
    tasks.compare_records()
    first = Comparison.objects.get()
    assert first.until < timezone.now() - timedelta(minutes=9)
    completeness.compare(now=timezone.now() + timedelta(hours=1))
    second = Comparison.objects.latest("until")
    assert (second.since, second.transfers, second.unmatched) == (first.until, 1, 0)


def test_files_are_forgotten_after_their_days(kept: Path) -> None:
    today = timezone.now()
    for days in (1, 91):
        access.note_token(
            "a", entitlement_id=UUID(int=1), asset_id=UUID(int=2), at=today - timedelta(days=days)
        )
    assert access.forget_before((today - access.KEPT).date()) == 1
    assert len(list(kept.iterdir())) == 1


def test_a_record_that_cannot_be_written_stops_nobody(
    settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    settings.EXCHANGE_ACCESS_DIR = tmp_path / "file"
    access.note_token("a", entitlement_id=UUID(int=1), asset_id=UUID(int=2), at=timezone.now())
    assert "the access record cannot be written" in caplog.text


def test_only_officers_see_what_did_not_match(officer: Actor, seller: Actor, operator: Actor) -> None:
    assert list(completeness.unmatched_visible_to(officer)) == []
    for actor in (seller, operator):
        with pytest.raises(Forbidden):
            completeness.unmatched_visible_to(actor)
        with pytest.raises(Forbidden):
            completeness.last_comparison(actor)
