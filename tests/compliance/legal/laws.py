"""Legal profiles of tests: the one that ships with something changed, signed by a publisher whom the test trusts."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from compliance import legal
from compliance.destinations import bases
from compliance.destinations.bases import Entry
from compliance.legal import installation
from compliance.log import notes
from compliance.models import InstalledProfile, TransferBasis
from exchange.kernel.actors import Actor
from tests import makers

PUBLISHER = "law.example.org"
Change = Callable[[dict[str, Any]], object]


@cache
def key() -> Ed25519PrivateKey:
    """The publisher's private key, of this run alone."""
    return Ed25519PrivateKey.generate()


def trusted() -> str:
    """Its public half, as the setting takes it."""
    return str(notes.verifier_key(PUBLISHER, key()))


def written(serial: int = 2, *changes: Change) -> str:
    """The profile that ships with another number, and changed."""
    raw = json.loads(legal.PACKAGED.read_text("utf-8"))
    raw |= {"serial": serial, "version": f"a law of tests, number {serial}"}
    for change in changes:
        change(raw)
    return json.dumps(raw, ensure_ascii=False) + "\n"


def signed(text: str) -> bytes:
    return notes.sign(text, PUBLISHER, key())


def install(officer: Actor, *changes: Change) -> InstalledProfile:
    """Put in force what ships, changed."""
    newest = InstalledProfile.objects.order_by("-serial").first()
    text = written(newest.serial + 1 if newest else 2, *changes)
    return installation.install(signed(text), by=officer)


def ended(country: str, last: str = "2026-11-21") -> Change:
    """The decisions of adequacy for a country have ended."""

    def change(raw: dict[str, Any]) -> None:
        for row in raw["adequacy"]:
            if row["country"] == country:
                row["valid_to"] = last

    return change


def renamed(was: str, *now: str) -> Change:
    """A country that has another code now, or is several."""
    return lambda raw: raw["renamed"].append({"was": was, "now": list(now)})


def entry(importer: Actor, country: str, **changes: Any) -> Entry:
    """Standard clauses, module 1, with an assessment of today."""
    assert importer.participant_id is not None
    fields: dict[str, Any] = {
        "importer_id": importer.participant_id,
        "country": country,
        "mechanism": "scc",
        "module": "1",
        "document": "Clauses signed on paper, file 17",
        "document_sha256": "ab" * 32,
        "assessment": "Assessment 2026-17",
        "assessed_on": importer.at.date(),
        "valid_from": importer.at.date() - timedelta(days=30),
        **changes,
    }
    return Entry(**fields)


def derogation(importer: Actor, country: str, dataset_id: Any, **changes: Any) -> Entry:
    """One derogation by explicit consent."""
    fields = {
        "mechanism": "derogation",
        "module": "",
        "ground": "49(1)(a)",
        "dataset_id": dataset_id,
        "reasons": "Each of the twelve persons has consented to this one transfer.",
        "assessment": "",
        "assessed_on": None,
        **changes,
    }
    return entry(importer, country, **fields)


def confirmed(entered: Entry, officer: Actor) -> TransferBasis:
    """A basis that one officer has recorded and another has confirmed."""
    return bases.confirm(bases.record(entered, by=officer), by=makers.officer(officer.at))


def day(text: str) -> date:
    return date.fromisoformat(text)
