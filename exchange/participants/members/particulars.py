"""What an organisation says of itself and what the operator saw of it: each checked before it is kept, and as the log
tells it."""

from collections.abc import Iterable, Mapping
from typing import Any

from exchange.kernel import text
from exchange.kernel.canonical import Fact
from exchange.participants.members import entries
from exchange.participants.models import Participant


def said(
    name: str, country: str, registration_number: str, website: str, sector: str, vat_id: str
) -> dict[str, str]:
    """What an organisation says of itself, checked."""
    return {
        "name": text.line(name, name="name"),
        "country": entries.country(country),
        "registration_number": text.line(
            registration_number, name="registration_number", at_least=0, at_most=64
        ),
        "website": entries.web_address(website),
        "sector": entries.sector(sector),
        "vat_id": entries.vat_id(vat_id, country),
    }


def as_typed(participant: Participant) -> dict[str, str]:
    """What of it a person typed."""
    given = {
        "name": participant.name,
        "registration_number": participant.registration_number,
        "website": participant.website,
        "vat_id": participant.vat_id,
    }
    return {key: value for key, value in given.items() if value}


def seen(country: str, evidence: str, certifications: Iterable[str], sector: str) -> dict[str, Any]:
    """What the operator saw of an organisation, checked."""
    return {
        "evidence": text.prose(evidence, name="evidence", at_least=10, at_most=2_000),
        "certifications": entries.certifications(certifications),
        "verified_country": entries.country(country),
        "verified_sector": entries.sector(sector),
    }


def told(seen: Mapping[str, Any]) -> Mapping[str, Fact]:
    """What the log says of it beside the country, which every Event about an organisation names."""
    return {"certifications": seen["certifications"], "sector": seen["verified_sector"]}
