"""The desk at a million transfers beside ten thousand, two databases asked in turns: a page costs what it costs there,
a round of the worker too, and an export holds no more memory."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from tests import databases
from tests.compliance.conftest import PublicLog, Story

ROOT = Path(__file__).resolve().parents[2]
FEW, MANY = 10_000, int(os.environ.get("COMPTOIR_SOAK_ROWS", "1000000"))
TURNS = int(os.environ.get("COMPTOIR_SOAK_TURNS", "15"))
SLOWER, HICCUP_MS = 1.5, 4.0
"""How much longer a page may take at many, and what the clock alone may add to a short one."""
MORE_BYTES = 60_000_000
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7_200)]
Took = dict[str, float]


@dataclass
class Desk:
    """A database with so many transfers of one dataset, and what has been begun about it."""

    count: int
    folder: Path
    environment: dict[str, str]
    cookie: dict[str, Any]
    dataset_id: UUID
    revision_id: UUID
    notice: Any
    request_id: UUID
    breach: Any
    scope: Any

    def pages(self) -> dict[str, str]:
        """What is asked of the desk, by name."""
        dataset, notice = f"dataset={self.dataset_id}", f"/compliance/notices/{self.notice.pk}"
        middle, row = self._cursor(self.dataset_id), self._cursor(self.notice.pk)
        return {
            "overview": "/compliance",
            "transfers": "/compliance/transfers",
            "transfers, in the middle": f"/compliance/transfers?cursor={middle}",
            "transfers of a dataset": f"/compliance/transfers?{dataset}",
            "transfers to a country": "/compliance/transfers?country=US",
            "transfers that were cut": "/compliance/transfers?result=interrupted",
            "transfers that were refused": "/compliance/transfers?result=refused",
            "transfers of a mechanism": "/compliance/transfers?mechanism=scc",
            "transfers of one day": "/compliance/transfers?since=2026-02-03&until=2026-02-03",
            "recipients": f"/compliance/recipients?{dataset}",
            "recipients of a revision": f"/compliance/recipients?{dataset}&revision={self.revision_id}",
            "recipients, in the middle": f"/compliance/recipients?{dataset}&cursor={middle}",
            "map": "/compliance/map",
            "duties": "/compliance/duties",
            "duties that are late": "/compliance/duties?overdue=on",
            "records of processing": "/compliance/activities",
            "request": f"/compliance/requests/{self.request_id}",
            "notices": "/compliance/notices",
            "notice": notice,
            "notice, in the middle": f"{notice}?cursor={row}",
            "notice, what is open": f"{notice}?state=open",
            "notice, who was not reached": f"{notice}?state=undelivered",
            "breach": f"/compliance/breaches/{self.breach.pk}",
            "breach, recipients": f"/compliance/breaches/scopes/{self.scope.pk}",
        }

    def exports(self) -> dict[str, str]:
        """What an officer takes along."""
        dataset, register = f"dataset={self.dataset_id}", "/compliance/activities/export"
        return {
            **{f"transfers.{form}": f"/compliance/transfers/export/{form}" for form in ("csv", "jsonl")},
            **{
                f"recipients.{form}": f"/compliance/recipients/export/{form}?{dataset}"
                for form in ("csv", "jsonl")
            },
            **{f"register.{form}": f"{register}/{form}" for form in ("csv", "jsonld", "xlsx", "cnil", "pdf")},
            **{f"breaches.{form}": f"/compliance/breaches/register.{form}" for form in ("csv", "json", "pdf")},
        }

    def _cursor(self, owner_id: UUID) -> str:
        from exchange.kernel.pagination import cursor_of

        return cursor_of(UUID(f"{owner_id.hex[:20]}{self.count // 2:012x}"))

    @contextmanager
    def asking(self) -> Iterator[Callable[[str], Took]]:
        """A process that asks for one address after the other."""
        with (self.folder / "said.txt").open("w+") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.soak.page_times"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
            )
            assert process.stdin and process.stdout

            def ask(line: Any) -> Took:
                process.stdin.write(json.dumps(line) + "\n")
                process.stdin.flush()
                answer = process.stdout.readline()
                assert answer, (line, (self.folder / "said.txt").read_text()[-3_000:])
                return json.loads(answer)

            process.stdin.write(json.dumps(self.cookie, default=str) + "\n")
            try:
                yield ask
            finally:
                process.stdin.close()
                process.wait(timeout=60)


@pytest.fixture
def desks(
    django_db_setup: None, django_db_blocker: Any, tmp_path: Path, settings: Any
) -> Iterator[tuple[Desk, Desk]]:
    with ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())
        found = []
        for name, count in (("few", FEW), ("many", MANY)):
            stack.enter_context(databases.own(f"own_desk_of_{name}"))
            folder = tmp_path / name
            settings.EXCHANGE_LOG_DIR, settings.EXCHANGE_SIGNER_DIR = folder / "log", folder / "signer"
            begun = time.monotonic()
            found.append(_filled(count, folder))
            print(f"{count:,} filled in {time.monotonic() - begun:.0f} s")
        yield found[0], found[1]


def test_pages_and_rounds_do_not_grow_with_the_transfers(desks: tuple[Desk, Desk]) -> None:
    few, many = desks
    addresses, took = many.pages(), ({}, {})
    with few.asking() as ask_few, many.asking() as ask_many:
        for turn in range(-2, TURNS):  # the first two fill caches
            for name, address in few.pages().items():
                pair = ask_few(address), ask_many(addresses[name])
                if turn >= 0:
                    for kept, one in zip(took, pair, strict=True):
                        kept.setdefault(name, []).append(one)
    slow = list(_compared("page", *took))
    rounds = [json.loads((one.folder / "rounds.json").read_text()) for one in desks]
    slow += _compared("round", rounds[0], rounds[1])
    assert not slow


def test_exports_hold_the_same_memory(desks: tuple[Desk, Desk]) -> None:
    grown = []
    for name, address in desks[0].exports().items():
        peaks = []
        for desk in desks:
            begun = time.monotonic()
            with desk.asking() as ask:
                made = ask(desk.exports()[name])
            peaks.append(made["peak_bytes"])
            print(
                f"{desk.count:>9,} {name:18} {made['bytes'] / 1e6:8.1f} MB in {time.monotonic() - begun:6.1f} s, "
                f"{made['work_ms'] / 1e3:6.1f} s of processor, {made['peak_bytes'] / 1e6:6.0f} MB held"
            )
        if peaks[1] > peaks[0] + MORE_BYTES:
            grown.append(f"{name}: {address}")
    assert not grown


def _compared(what: str, few: dict[str, list[Took]], many: dict[str, list[Took]]) -> Iterator[str]:
    """Say what each took, and name those that grew: by the clock and by the processor of the process that answers."""
    print(
        f"\n{what:30} {'ms at ' + format(FEW, ','):>16} {'at ' + format(MANY, ','):>14} {'processor':>16} ratio"
    )
    for name, some in few.items():
        walls = [statistics.median(one["wall_ms"] for one in each) for each in (some, many[name])]
        works = [statistics.median(one["work_ms"] for one in each) for each in (some, many[name])]
        pairs = zip(some, many[name], strict=True)
        ratio = statistics.median(more["wall_ms"] / less["wall_ms"] for less, more in pairs)
        print(f"{name:30} {walls[0]:16.1f} {walls[1]:14.1f} {works[0]:7.1f} {works[1]:8.1f} {ratio:5.2f}")
        if ratio > SLOWER and walls[1] > SLOWER * walls[0] + HICCUP_MS:
            yield f"{what} {name}: {ratio:.2f}"


def _filled(count: int, folder: Path) -> Desk:
    """Fill a dataset, begin a request, a notice and a breach about it, and let the worker go its rounds."""
    from compliance import notices
    from compliance.breaches import register, scopes
    from compliance.requests import decisions, identity, intake
    from datasets import datasets
    from exchange.kernel import events
    from tests import dataset_makers as make
    from tests import makers
    from tests.browser.sessions import cookie_of
    from tests.compliance.breaches.conftest import found
    from tests.soak import filling

    log = PublicLog(folder / "log", folder / "signer")
    seller, buyer = makers.trader("Seller SA", "FR", NOW), makers.trader("Buyer GmbH", "DE", NOW)
    officer = makers.officer(NOW)
    person = makers.member(makers.participant_of(officer), "officer", NOW)
    dataset = make.draft(seller, title=f"Of {count}")
    datasets.declare(dataset, **make.PERSONAL, by=seller)
    dataset.refresh_from_db()
    events.record("dataset.published", dataset, by=seller)
    told = Story(seller.participant_id, buyer.participant_id)
    told.row.dataset_id = dataset.pk
    told.whole()
    log.publish()
    filling.transfers(seller.participant_id, dataset.pk, told.row.revision_id, first=2, last=count)
    request = intake.ask(
        intake.Asked(kind="erasure", email="jane@person.example", name="Jane Roe", words="Erase it."),
        by=makers.system(NOW),
    )
    request = intake.confirm(request, by=makers.system(NOW))
    identity.identify(request, "address", by=officer)
    request = decisions.start(request, by=officer)
    breach = register.open_breach(found(NOW), by=officer)
    begun = time.monotonic()
    scope = scopes.take(breach, scopes.Asked(dataset=dataset.pk), by=officer)
    print(f"{scope.recipients:,} recipients of a breach frozen in {time.monotonic() - begun:.1f} s")
    notice = notices.open_notice(
        occasion=f"request:{request.pk}",
        kind="erasure",
        dataset_id=dataset.pk,
        revision_ids=None,
        message="Delete the rows of the person whose key we sent.",
        by=officer,
    )
    log.publish()
    filling.analyse()
    folder.joinpath("rounds.json").write_text(json.dumps(dict(_rounds(notice, count))))
    environment = {**os.environ, **_places(log, folder)}
    cookie = cookie_of(person, second_factor=True)
    ids = (dataset.pk, told.row.revision_id)
    return Desk(count, folder, environment, cookie, *ids, notice, request.pk, breach, scope)


def _places(log: PublicLog, folder: Path) -> dict[str, str]:
    given = connection.settings_dict
    url = f"sqlite:///{given['NAME']}"
    if connection.vendor == "postgresql":
        url = f"postgres://{given['USER']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"
    folders = {"LOG_DIR": log.public, "SIGNER_DIR": log.own, "EXPORTS_DIR": folder / "exports"}
    return {"EXCHANGE_DATABASE_URL": url, **{f"EXCHANGE_{name}": str(path) for name, path in folders.items()}}


def _rounds(notice: Any, count: int) -> Iterator[tuple[str, list[Took]]]:
    """What the worker does for notices, some rounds of each, amid a notice that is on its way."""
    from compliance.models import RecipientNotice
    from compliance.notices import answers, chasing, counting, opening, sending
    from tests.soak import filling

    yield "fill", _timed(lambda: opening.fill(now=NOW))
    middle = UUID(f"{notice.dataset_id.hex[:20]}{count // 2:012x}")
    RecipientNotice.objects.filter(pk=notice.pk).update(filled_to=middle)
    yield "fill, in the middle", _timed(lambda: opening.fill(now=NOW))
    done, sent, unreached = count * 7 // 10, count * 8 // 10, count * 8 // 10 + 10
    filling.notice_rows(notice, first=2, last=done, state="done")
    filling.notice_rows(notice, first=done + 1, last=sent, state="sent")
    filling.notice_rows(notice, first=sent + 1, last=unreached, state="undelivered")
    filling.notice_rows(notice, first=unreached + 1, last=count, state="queued")
    filling.analyse()
    counting.begin_if_large(notice, now=NOW)
    yield "tell a hundred", _timed(lambda: sending.send_due(now=NOW, at_most=100))
    yield "look at a hundred", _timed(lambda: sending.look(now=NOW, at_most=100))
    yield "look again", _timed(lambda: answers.look_again(now=NOW))
    yield "chase", _timed(lambda: chasing.chase(now=NOW))
    yield "chase, days later", _timed(lambda: chasing.chase(now=NOW + timedelta(days=40)))
    begun = time.monotonic()
    assert counting.count(now=NOW + timedelta(days=1)) == 1
    print(f"{count:,} recipients of a notice counted in {time.monotonic() - begun:.2f} s")


def _timed(do: Callable[[], Any]) -> list[Took]:
    found = []
    for _ in range(3):
        begun, worked = time.perf_counter(), time.process_time()
        with transaction.atomic():
            do()
            transaction.set_rollback(True)
        wall, work = time.perf_counter() - begun, time.process_time() - worked
        found.append({"wall_ms": wall * 1_000, "work_ms": work * 1_000})
    return found
