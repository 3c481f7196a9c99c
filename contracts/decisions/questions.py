"""“May I?”: one question over what an organisation has bought, answered yes, no or undecided, with the clause, the
agreement and how long it lasts. Each answer is an Event that keeps its inputs and the version of its rules."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from compliance import legal
from compliance.destinations import bases
from compliance.destinations.destinations import Basis
from compliance.legal.profile import LegalProfile
from contracts.clauses import countries, purposes
from contracts.decisions import answers
from contracts.decisions.answers import Asked, Buyer, Judged, Known, Law, Right, Word
from contracts.models import Entitlement
from contracts.terms import rules
from contracts.terms import terms as usage_terms
from contracts.terms.terms import Terms
from contracts.transfers.inputs import basis_of, micro, moment, of_basis
from datasets import datasets
from datasets import queries as dataset_queries
from exchange.kernel import durability, events
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Forbidden, Invalid
from exchange.participants.models import Participant

MOST_RIGHTS = 50
"""How many rights to one dataset are read; who holds more, and none of them says yes, is told so."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LAST = time.max.replace(tzinfo=UTC)
_LONGEST_WAY = timedelta(days=1)
# By hand, since Django takes longer to write it than the database to answer it; terms come as they are written, since
# most of them have been read before.
_RIGHTS = """
SELECT entitlement.id, entitlement.agreement_id, entitlement.state, entitlement.purpose, entitlement.activated_at,
  entitlement.ends_at, entitlement.revision_id, CAST(entitlement.terms AS text) AS written,
  agreement.state AS agreement_state, revision.state AS revision_state, buyer.state AS buyer_state,
  buyer.verified_country AS buyer_country, buyer.verified_sector AS buyer_sector,
  CAST(buyer.certifications AS text) AS buyer_certifications
FROM contracts_entitlement entitlement
JOIN contracts_agreement agreement ON agreement.id = entitlement.agreement_id
JOIN datasets_revision revision ON revision.id = entitlement.revision_id
JOIN participants_participant buyer ON buyer.id = entitlement.buyer_id
WHERE entitlement.buyer_id = %s AND entitlement.dataset_id = %s {also}
ORDER BY entitlement.id DESC LIMIT {most}
"""
_IN_FORCE = "AND entitlement.state IN ('pending', 'active', 'suspended')"


@dataclass(frozen=True)
class Question:
    """May this dataset be used for that purpose, in that country, by that organisation (None is one's own)? `at` is
    a moment with its zone, or a day, which is the whole of it in UTC; None is now."""

    dataset_id: UUID
    purpose: str
    country: str
    recipient_id: UUID | None = None
    at: str | None = None


@dataclass(frozen=True)
class Answer:
    """The word, and what decided it; `decision_id` is the Event that keeps it."""

    answer: Word
    clause: str | None
    code: str | None
    standing: str | None
    agreement_id: UUID | None
    until: datetime | None
    decision_id: UUID


@dataclass
class _Row:
    """A right as the database has it, with what its terms are written as."""

    right: Right
    revision_id: UUID
    terms_sha256: str
    personal_data: str | None = None


@transaction.atomic
def ask(question: Question, *, by: Actor) -> Answer:
    """Answer a question of one's own organisation about a dataset, and keep it. A dataset that it may not know of is
    answered as one that it has not bought."""
    by.require(Scope.READ)
    if by.participant_id is None:
        raise Forbidden("only an organisation that takes part has bought anything")
    asked = read(question, now=by.at)
    durability.lazily()
    buyer, rows, is_whole = _rights(by.participant_id, question.dataset_id)
    known = Known(_buyer(buyer), tuple(row.right for row in rows), is_whole, by.at)
    profile = legal.current()
    legal.keep(profile, now=by.at)
    register = _Register(question.dataset_id, by.participant_id)
    judged = answers.judge(asked, known, _law(profile, register, rows, known.buyer))
    event = events.record(
        "may_i.answered",
        buyer,
        by=by,
        facts={
            "question": _question(question.dataset_id, asked),
            "answer": answer_facts(judged),
            "decided": {**_decided(known, rows, profile), **register.facts()},
        },
    )
    return Answer(
        answer=judged.word,
        clause=judged.clause,
        code=judged.code,
        standing=judged.standing,
        agreement_id=UUID(judged.right.agreement) if judged.right else None,
        until=judged.until,
        decision_id=event.pk,
    )


def read(question: Question, *, now: datetime) -> Asked:
    """The question with everything in it checked; Invalid says what is wrong."""
    first, last = _moments(question.at, now)
    return Asked(
        purpose=purposes.require(question.purpose),
        country=countries.require(question.country),
        recipient=str(question.recipient_id) if question.recipient_id else None,
        first=first,
        last=last,
    )


@dataclass(frozen=True)
class Recalled:
    """A question, what was known when it was answered, of which class each right's data was found to be, and the
    transfer bases that were looked at."""

    asked: Asked
    known: Known
    classes: Mapping[str, str | None]
    bases: tuple[Basis, ...]


def recall(facts: Mapping[str, Any], buyer_id: str, terms_of: Callable[[str, str | None], Terms]) -> Recalled:
    """A question as its Event kept it; `terms_of` has the terms of an agreement, by its id and their digest."""
    asked, decided = facts["question"], facts["decided"]
    buyer = Buyer(
        id=buyer_id,
        state=decided["buyer_state"],
        country=decided["buyer_country"],
        certifications=frozenset(decided["certifications"]),
        sector=decided.get("buyer_sector", ""),
    )
    rights = tuple(_recalled(one, terms_of) for one in decided["rights"])
    return Recalled(
        asked=Asked(
            purpose=asked["purpose"],
            country=asked["country"],
            recipient=asked["recipient"],
            first=datetime.fromisoformat(asked["first"]),
            last=datetime.fromisoformat(asked["last"]),
        ),
        known=Known(buyer, rights, decided["is_whole"], datetime.fromisoformat(decided["now"])),
        classes={one["entitlement"]: one["class"] for one in decided["rights"]},
        bases=tuple(basis_of(one) for one in decided.get("bases", ())),
    )


def _recalled(kept: Mapping[str, Any], terms_of: Callable[[str, str | None], Terms]) -> Right:
    return Right(
        id=kept["entitlement"],
        agreement=kept["agreement"],
        agreement_state=kept["agreement_state"],
        state=kept["state"],
        terms=terms_of(kept["agreement"], kept["terms"]),
        purpose=kept["purpose"],
        activated_at=moment(kept["activated_at"]),
        ends_at=moment(kept["ends_at"]),
        is_sealed=kept["revision_is_sealed"],
    )


def _moments(at: str | None, now: datetime) -> tuple[datetime, datetime]:
    if at is None:
        return now, now
    try:
        if _DAY.fullmatch(at):
            day = date.fromisoformat(at)
            first, last = datetime.combine(day, time.min, UTC), datetime.combine(day, _LAST)
        else:
            moment = datetime.fromisoformat(at)
            if moment.utcoffset() is None:
                raise ValueError
            first = last = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(
            "Give a day, such as 2027-02-28, or a moment with its zone, such as 2027-02-28T09:00:00+01:00; "
            f"given {ascii(at)[:80]}.",
            code="moment_malformed",
        ) from None
    if last < now - _LONGEST_WAY or (first != last and last < now):
        raise Invalid(
            "What was permitted then cannot be asked now; read the decision of that day.", code="moment_past"
        )
    # Of today, what is left of it.
    return (max(first, now) if first != last else first), last


def _rights(buyer_id: UUID, dataset_id: UUID) -> tuple[Participant, list[_Row], bool]:
    """The buyer, its rights to the dataset, and whether those are all that are in force."""
    found = _written(buyer_id, dataset_id)
    is_whole = len(found) <= MOST_RIGHTS
    if not is_whole:
        in_force = _written(buyer_id, dataset_id, also=_IN_FORCE)
        found, is_whole = in_force or found, len(in_force) <= MOST_RIGHTS
    rows = [_row(one) for one in found[:MOST_RIGHTS]]
    if not found:
        return Participant.objects.get(pk=buyer_id), rows, is_whole
    seen = found[0]
    buyer = Participant(
        pk=buyer_id,
        state=seen.buyer_state,
        verified_country=seen.buyer_country,
        verified_sector=seen.buyer_sector,
        certifications=json.loads(seen.buyer_certifications),
    )
    return buyer, rows, is_whole


def _written(buyer_id: UUID, dataset_id: UUID, *, also: str = "") -> list[Any]:
    """Rights with what an answer needs beside them, the newest first."""
    ids = [Entitlement._meta.pk.get_db_prep_value(one, connection) for one in (buyer_id, dataset_id)]
    return list(Entitlement.objects.raw(_RIGHTS.format(also=also, most=MOST_RIGHTS + 1), ids))


def _row(found: Any) -> _Row:
    terms, digest = _terms(found.written)
    right = Right(
        id=str(found.pk),
        agreement=str(found.agreement_id),
        agreement_state=found.agreement_state,
        state=found.state,
        terms=terms,
        purpose=found.purpose,
        activated_at=_utc(found.activated_at),
        ends_at=_utc(found.ends_at),
        is_sealed=found.revision_state == "sealed",
    )
    return _Row(right, found.revision_id, digest)


def _utc(at: datetime | None) -> datetime | None:
    return at.astimezone(UTC) if at else None


@lru_cache(maxsize=4096)
def _terms(written: str) -> tuple[Terms, str]:
    """Terms as frozen, and the SHA-256 of their canonical form."""
    raw = json.loads(written)
    return usage_terms.thaw(raw), digest_of(raw)


def digest_of(raw: object) -> str:
    """The SHA-256 of terms in their canonical form."""
    canonical = json.dumps(raw, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _in_utc(value: object) -> datetime | None:
    return value.astimezone(UTC) if isinstance(value, datetime) else None


def _buyer(buyer: Participant) -> Buyer:
    certifications = frozenset(buyer.certifications)
    return Buyer(str(buyer.pk), buyer.state, buyer.verified_country, certifications, buyer.verified_sector)


class _Register:
    """The buyer's transfer bases for one dataset, read where nothing else opens the way."""

    def __init__(self, dataset_id: UUID, buyer_id: UUID) -> None:
        self.dataset_id, self._buyer_id = dataset_id, buyer_id
        self._found: tuple[Basis, ...] | None = None

    def read(self) -> tuple[Basis, ...]:
        if self._found is None:
            dataset = dataset_queries.dataset(self.dataset_id)
            self._found = bases.of(self._buyer_id, exporter_id=dataset.seller_id, dataset_id=dataset.pk)
        return self._found

    def facts(self) -> Mapping[str, Fact]:
        """What was looked at."""
        return {"bases": [of_basis(basis) for basis in self._found]} if self._found else {}


def _law(profile: LegalProfile, register: _Register, rows: list[_Row], buyer: Buyer) -> Law:
    """What the legal profile says; of which class the data is, is read and noted where that decides."""
    by_right = {row.right.id: row for row in rows}

    def class_of(right: Right) -> str:
        row = by_right[right.id]
        row.personal_data = row.personal_data or _personal_data(register.dataset_id, row.revision_id)
        return row.personal_data

    return answers.law_of(profile, buyer, class_of, register.read)


def _personal_data(dataset_id: UUID, revision_id: UUID) -> str:
    revision = dataset_queries.revision(revision_id)
    return datasets.class_in_force(dataset_queries.dataset(dataset_id), revision)


def _question(dataset_id: UUID, asked: Asked) -> Mapping[str, Fact]:
    return {
        "dataset": str(dataset_id),
        "purpose": asked.purpose,
        "country": asked.country,
        "recipient": asked.recipient,
        "first": micro(asked.first),
        "last": micro(asked.last),
    }


def answer_facts(judged: Judged) -> Mapping[str, Fact]:
    """An answer as its Event keeps it."""
    return {
        "answer": judged.word,
        "clause": judged.clause,
        "code": judged.code,
        "standing": judged.standing,
        "agreement": judged.right.agreement if judged.right else None,
        "until": micro(judged.until),
    }


def _decided(known: Known, rows: list[_Row], profile: LegalProfile) -> Mapping[str, Fact]:
    """Everything that the answer followed from, so that it can be given again from this alone and the contracts."""
    return {
        "rules": rules.CURRENT,
        "now": micro(known.now),
        "legal_profile": profile.version,
        "profile": profile.sha256,
        "buyer_state": known.buyer.state,
        "buyer_country": known.buyer.country,
        "buyer_sector": known.buyer.sector,
        "certifications": sorted(known.buyer.certifications),
        "is_whole": known.is_whole,
        "rights": [dict(_inputs(row)) for row in rows],
    }


def _inputs(row: _Row) -> Iterator[tuple[str, Fact]]:
    right = row.right
    yield "agreement", right.agreement
    yield "agreement_state", right.agreement_state
    yield "entitlement", right.id
    yield "state", right.state
    yield "terms", row.terms_sha256
    yield "purpose", right.purpose
    yield "activated_at", micro(right.activated_at)
    yield "ends_at", micro(right.ends_at)
    yield "revision", str(row.revision_id)
    yield "revision_is_sealed", right.is_sealed
    yield "class", row.personal_data
