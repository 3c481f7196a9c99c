"""What ends between purchase and download refuses the download: the table that a lawyer can read, row by row, through
a real purchase and the gateway."""

import csv
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from compliance.destinations import bases
from compliance.legal import in_force
from compliance.models import TransferBasis
from contracts.decisions import replays
from contracts.models import Entitlement, Offer, Transfer
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden
from exchange.kernel.models import Event
from exchange.participants.members import members
from tests import makers, sales
from tests.compliance.legal import laws
from tests.contracts.test_negotiations import personal_offer

ROWS = list(csv.DictReader((Path(__file__).parent / "purchases.csv").open(encoding="utf-8")))
ADDRESSES = {"": "192.0.2.7", "nowhere": "192.0.2.200", "JP": "198.51.100.7", "IN": "203.0.113.9"}
RANGES = "192.0.2.0,192.0.2.99,FR\n198.51.100.0,198.51.100.255,JP\n203.0.113.0,203.0.113.255,IN\n"


@dataclass
class Story:
    """One row that is lived through."""

    row: dict[str, str]
    offer: Offer
    seller: Actor
    importer: Actor
    officer: Actor
    basis: TransferBasis | None = None
    right: Entitlement | None = None

    def live(self) -> tuple[str, str, str]:
        """What was said at the purchase, to the link, and to the download."""
        self._hold(self.row["basis at purchase"])
        country = self.row["importer established in"]
        try:
            self.right = sales.sold(self.offer, self.importer, self.seller, country=country)
        except Forbidden as refusal:
            return refusal.code, "", ""
        _, later, then = self.row["then"].rpartition("after the link: ")
        if not later:
            self._act(then)
        try:
            link = sales.link(self.right, self.importer)
        except Forbidden as refusal:
            return "signed", refusal.code, ""
        if later:
            self._act(then)
        address = ADDRESSES[self.row["address is in"]]
        verdict = sales.start(link, self.importer.at, address=address)
        return "signed", "given", verdict.code or "sent"

    def _hold(self, words: str) -> None:
        country, importer = self.row["importer established in"], self.importer
        if words == "a derogation":
            entry = laws.derogation(importer, country, self.offer.dataset_id)
        elif words:
            changes: dict[str, Any] = {}
            if words.endswith("not assessed"):
                changes = {"assessment": "", "assessed_on": None}
            if words.endswith("another seller"):
                changes = {"exporter_id": makers.participant("Another seller", "FR", importer.at).pk}
            entry = laws.entry(importer, "IN" if words.endswith("in IN") else country, **changes)
        else:
            return
        recorded = bases.record(entry, by=self.officer)
        waits = words.endswith("not confirmed")
        self.basis = recorded if waits else bases.confirm(recorded, by=makers.officer(importer.at))

    def _act(self, words: str) -> None:
        for one in words.split("; "):
            self._act_once(one)

    def _act_once(self, words: str) -> None:
        country, officer = self.row["importer established in"], self.officer
        match words.split():
            case ["nothing"]:
                return
            case ["after", "a", "year"]:
                self.importer = self.importer.moved_to(self.importer.at + timedelta(days=366))
            case ["after", "a", "first", "download"] | ["a", "first", "download"]:
                assert self.right is not None
                assert sales.start(sales.link(self.right, self.importer), self.importer.at).code is None
            case ["a", "new", "law", "ends", "the", "decision", "for", code]:
                laws.install(officer, laws.ended(code))
            case ["a", "new", "law", "that", "renames", was, "to", now]:
                laws.install(officer, laws.renamed(was, now))
            case ["a", "new", "law", "that", "splits", was]:
                laws.install(officer, laws.renamed(was, "KR", "IN"))
            case ["standard", "clauses"]:
                laws.confirmed(laws.entry(self.importer, country), officer)
            case ["another", "certification"]:
                members.amend(
                    makers.participant_of(self.importer),
                    country=country,
                    evidence="its entry in the list has lapsed",
                    certifications=["pipeda"],
                    by=makers.operator(officer.at),
                )
            case ["the", "basis", "is", "revoked"]:
                assert self.basis is not None
                bases.revoke(self.basis, "the importer has cancelled the clauses", by=officer)
            case _:
                raise AssertionError(words)


def test_each_row_of_the_table_is_lived_through_as_it_says(
    seller: Actor, officer: Actor, now: Any, settings: Any, tmp_path: Path
) -> None:
    settings.EXCHANGE_LEGAL_PROFILE_KEY = laws.trusted()
    (tmp_path / "ranges.csv").write_text(RANGES)
    offer = personal_offer(seller, terms=[{"kind": "purpose", "any_of": ["research"]}])
    wrong = []
    for row in ROWS:
        settings.EXCHANGE_ADDRESS_COUNTRIES = str(tmp_path / "ranges.csv") if row["address is in"] else ""
        in_force.believe_that_none_is_installed()
        with transaction.atomic():
            wanted = makers.applicant(row["case"][:60], row["importer established in"], now)
            members.verify(
                wanted,
                country=row["importer established in"],
                evidence="extract of the register",
                certifications=row["importer has shown"].split(),
                by=makers.operator(now),
            )
            story = Story(row, offer, seller, makers.client(wanted, now), officer)
            found = story.live()
            if found != (row["purchase"], row["link"], row["download"]):
                wrong.append((row["case"], found))
            wrong += _not_the_same_again(row, officer)
            transaction.set_rollback(True)
    assert wrong == []


def _not_the_same_again(row: dict[str, str], officer: Actor) -> list[tuple[str, Any]]:
    """Every decision of the story is given again by what its leaf has kept."""
    decided = Event.objects.filter(name__in=["transfer.started", "transfer.refused"])
    again = [replays.replay(event.pk, by=officer) for event in decided]
    return [(row["case"], (one.why, one.again)) for one in again if one.outcome != "same"]


def test_of_rivals_for_one_derogation_one_wins_and_the_copy_of_the_other_comes_back(
    seller: Actor, officer: Actor, now: Any
) -> None:
    offer = personal_offer(seller, terms=[{"kind": "copies", "max": 3}])
    importer = makers.trader("Importer", "IN", now)
    basis = laws.confirmed(laws.derogation(importer, "IN", offer.dataset_id), officer)
    right = sales.sold(offer, importer, seller, country="IN")
    first, second = sales.link(right, importer), sales.link(right, importer)
    begun = sales.start(first, now)
    assert begun.code is None and sales.start(first, now).transfer_id == begun.transfer_id  # it goes on
    assert sales.start(second, now).code == "derogation_spent"
    basis.refresh_from_db()
    transfer = Transfer.objects.get()
    assert (basis.state, basis.transfer_id, basis.agreement_id) == ("spent", transfer.pk, right.agreement_id)
    assert right.copy_counts.get().used == 1
    started = Event.objects.get(name="transfer.started")
    assert f'"basis":"{basis.pk}"'.encode() in bytes(started.leaf)
    with pytest.raises(Conflict, match="the next is possible from 2027-11-22") as refusal:
        bases.record(laws.derogation(importer, "IN", offer.dataset_id), by=officer)
    assert refusal.value.code == "derogation_repeated"
    late = officer.moved_to(now + timedelta(days=365))
    assert bases.record(laws.derogation(importer, "IN", offer.dataset_id), by=late).state == "recorded"
