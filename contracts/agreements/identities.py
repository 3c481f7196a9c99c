"""Who the parties of a contract were, beside the sealed document: it holds only the salted hash of each, so that an
organisation can be forgotten while digest and seal still hold."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from contracts.models import Agreement, AgreementParty, Entitlement
from exchange.kernel import canonical, events
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.models import Event
from exchange.kernel.text import timestamp
from exchange.participants.models import Participant

VERSION = "comptoir.identity/1"


@dataclass(frozen=True)
class Drawn:
    """One side of a contract that is being drawn up: what stands in the document, and what stands beside it."""

    side: str
    participant_id: UUID
    entry: Mapping[str, Fact]
    identity: str
    sha256: str


@dataclass(frozen=True)
class Party:
    """One side of a contract as its reader may see it; `is_hidden` once it has closed or was erased."""

    id: UUID
    name: str
    country: str
    registration_number: str = ""
    use: str = ""
    verified_at: str | None = None
    certifications: tuple[str, ...] = ()
    sector: str = ""
    is_hidden: bool = False

    @property
    def verified_on(self) -> date | None:
        """The day on which the exchange saw where it is established."""
        return date.fromisoformat(self.verified_at[:10]) if self.verified_at else None


def draw(side: str, participant: Participant, *, typed: Mapping[str, str]) -> Drawn:
    """Write down who a participant is and how it was verified, with what its members `typed` for this contract."""
    salt = events.new_salt()
    identity = canonical.encode(
        {
            "v": VERSION,
            "salt": salt,
            "side": side,
            "participant": str(participant.pk),
            "name": participant.name,
            "registration_number": participant.registration_number,
            **typed,
        }
    )
    digest = hashlib.sha256(identity).hexdigest()
    verified_at = participant.verified_at
    entry: dict[str, Fact] = {
        "id": str(participant.pk),
        "country": participant.verified_country,
        "sector": participant.verified_sector,
        "verified_at": timestamp(verified_at) if verified_at else None,
        "certifications": sorted(participant.certifications),
        "evidence_sha256": events.salted_hash(salt, participant.evidence),
        "identity_sha256": digest,
    }
    return Drawn(side, participant.pk, entry, identity.decode(), digest)


def beside(agreement: Agreement, drawn: Drawn) -> AgreementParty:
    """An identity to stand beside the document that names its hash; not kept yet."""
    return AgreementParty(
        agreement=agreement,
        participant_id=drawn.participant_id,
        side=drawn.side,
        identity=drawn.identity,
        identity_sha256=drawn.sha256,
    )


def texts_visible_to(actor: Actor, agreement: Agreement) -> dict[str, str]:
    """The identities as they were hashed, by side; without those that the actor may no longer read."""
    return {
        row.side: row.identity
        for row in agreement.parties.select_related("participant").order_by("side")
        if row.identity is not None and not _is_hidden(row.participant, actor)
    }


def parties_visible_to(actor: Actor, agreement: Agreement, document: Mapping[str, Any]) -> dict[str, Party]:
    """Both sides of a contract, by side, with what may still be shown of them."""
    texts = texts_visible_to(actor, agreement)
    found = {}
    for side, participant in (("seller", agreement.seller), ("buyer", agreement.buyer)):
        entry = document[side]
        known = json.loads(texts.get(side, "{}"))
        if "identity_sha256" not in entry and not _is_hidden(participant, actor):
            known = entry | {"use": document["use"]}  # documents of version 1 hold it themselves
        found[side] = Party(
            id=participant.pk,
            name=known.get("name", pseudonym(participant.pk)),
            country=entry["country"],
            registration_number=known.get("registration_number", ""),
            use=known.get("use", ""),
            verified_at=entry.get("verified_at"),
            certifications=tuple(entry.get("certifications", ())),
            sector=entry.get("sector", ""),
            is_hidden=not known,
        )
    return found


def veiled(actor: Actor, agreement: Agreement, document: dict[str, Any]) -> dict[str, Any]:
    """A document of version 1, which holds names itself, without those that the actor may no longer read."""
    if "shared_id" in document:
        return document
    words = json.dumps(document, ensure_ascii=False)
    for side, participant in (("seller", agreement.seller), ("buyer", agreement.buyer)):
        if _is_hidden(participant, actor):
            typed = [document[side]["name"], document[side]["registration_number"]]
            for value in [*typed, *([document["use"]] if side == "buyer" else [])]:
                shown = json.dumps(value, ensure_ascii=False)[1:-1]
                words = words.replace(shown, pseudonym(participant.pk)) if shown else words
    found: dict[str, Any] = json.loads(words)
    return found


def names_visible_to(actor: Actor, participant_ids: Iterable[str]) -> dict[str, str]:
    """The names of those whom a contract names by their ids."""
    return {
        str(row.pk): pseudonym(row.pk) if _is_hidden(row, actor) else row.name
        for row in Participant.objects.filter(pk__in=list(participant_ids))
    }


def affiliates_visible_to(actor: Actor, document: Mapping[str, Any]) -> list[str]:
    """The names of those whom a signed document names as the buyer's affiliates."""
    return sorted(names_visible_to(actor, document.get("affiliates", ())).values())


def forget_due(*, now: datetime, at_most: int = 500) -> int:
    """Erase who a closed organisation was from the contracts whose years are over, counted from the end of their right,
    each in a transaction of its own; answers how many."""
    by = Actor.system("forget_identities", at=now)
    kept = AgreementParty.objects.filter(
        identity__isnull=False,
        participant__state=Participant.State.CLOSED,
        agreement__signed_at__lte=_years_before(now, settings.EXCHANGE_AGREEMENT_RETENTION_YEARS),
    )
    rows = kept.select_related("agreement__entitlement").order_by("pk")
    return sum(_forget(row, by) for row in rows[:at_most])


@transaction.atomic
def _forget(row: AgreementParty, by: Actor) -> bool:
    right = row.agreement.entitlement
    if right.ends_at is not None and right.state != Entitlement.State.REVOKED:
        ended_at = right.ends_at
    else:  # without an end of its own, or ended before it: the last that the log says of it
        ended_at = Event.objects.filter(subject=events.subject_of(right)).latest("id").at
    if ended_at > _years_before(by.at, settings.EXCHANGE_AGREEMENT_RETENTION_YEARS):
        return False
    unerased = AgreementParty.objects.filter(pk=row.pk, identity__isnull=False)
    if unerased.update(identity=None, erased_at=by.at):
        events.record("agreement.forgotten", row.agreement, by=by, facts={"side": row.side})
        return True
    return False


def _years_before(now: datetime, years: int) -> datetime:
    try:
        return now.replace(year=now.year - years)
    except ValueError:  # 29 February
        return now.replace(year=now.year - years, day=28)


def pseudonym(participant_id: UUID | str) -> str:
    """What a contract shows of an organisation that has closed."""
    return f"Closed organisation {str(participant_id)[-8:]}"


def _is_hidden(participant: Participant, actor: Actor) -> bool:
    """An organisation that has closed is known to officers alone."""
    is_closed = participant.state == Participant.State.CLOSED
    return is_closed and not (actor.is_system or actor.can(Scope.AUDIT))
