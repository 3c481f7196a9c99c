"""“May I?”: one question over what an organisation has bought, answered yes, no or undecided, with the clause, the
agreement and how long it lasts. Each answer is an Event that keeps its inputs and the version of its rules."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from compliance import gates
from compliance.destinations import Destination
from contracts import answers, countries, purposes, rules
from contracts import terms as usage_terms
from contracts.answers import Asked, Buyer, Judged, Known, Law, Right, Word
from contracts.models import Entitlement
from contracts.terms import Terms
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
_READ = (
    *("pk", "agreement_id", "agreement__state", "state", "purpose", "activated_at", "ends_at"),
    *("revision_id", "revision__state", "written"),
    *("buyer__state", "buyer__verified_country", "buyer__certifications"),
)


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
    profiles: set[str] = set()
    judged = answers.judge(asked, known, _law(question.dataset_id, rows, known.buyer, profiles))
    event = events.record(
        "may_i.answered",
        buyer,
        by=by,
        facts={
            "question": _question(question.dataset_id, asked),
            "answer": _answer(judged),
            "decided": _decided(known, rows, profiles),
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
    mine = Entitlement.objects.filter(buyer_id=buyer_id, dataset_id=dataset_id).order_by("-pk")
    found = list(_columns(mine))
    is_whole = len(found) <= MOST_RIGHTS
    if not is_whole:
        states = (Entitlement.State.PENDING, Entitlement.State.ACTIVE, Entitlement.State.SUSPENDED)
        in_force = list(_columns(mine.filter(state__in=states)))
        found, is_whole = in_force or found, len(in_force) <= MOST_RIGHTS
    rows = [_row(columns) for columns in found[:MOST_RIGHTS]]
    if not found:
        return Participant.objects.get(pk=buyer_id), rows, is_whole
    seen = found[0]
    buyer = Participant(
        pk=buyer_id,
        state=seen["buyer__state"],
        verified_country=seen["buyer__verified_country"],
        certifications=seen["buyer__certifications"],
    )
    return buyer, rows, is_whole


def _columns(rows: QuerySet[Entitlement]) -> Iterable[Mapping[str, Any]]:
    # Terms come as they are written: most of them have been read before.
    found: Iterable[Mapping[str, Any]] = rows.annotate(written=Cast("terms", TextField())).values(*_READ)[
        : MOST_RIGHTS + 1
    ]
    return found


def _row(columns: Mapping[str, Any]) -> _Row:
    terms, digest = _terms(str(columns["written"]))
    right = Right(
        id=str(columns["pk"]),
        agreement=str(columns["agreement_id"]),
        agreement_state=str(columns["agreement__state"]),
        state=str(columns["state"]),
        terms=terms,
        purpose=str(columns["purpose"]),
        activated_at=_moment(columns["activated_at"]),
        ends_at=_moment(columns["ends_at"]),
        is_sealed=columns["revision__state"] == "sealed",
    )
    return _Row(right, UUID(str(columns["revision_id"])), digest)


@lru_cache(maxsize=4096)
def _terms(written: str) -> tuple[Terms, str]:
    """Terms as frozen, and the SHA-256 of their canonical form."""
    raw = json.loads(written)
    canonical = json.dumps(raw, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return usage_terms.thaw(raw), hashlib.sha256(canonical.encode()).hexdigest()


def _moment(value: object) -> datetime | None:
    return value.astimezone(UTC) if isinstance(value, datetime) else None


def _buyer(buyer: Participant) -> Buyer:
    return Buyer(str(buyer.pk), buyer.state, buyer.verified_country, frozenset(buyer.certifications))


def _law(dataset_id: UUID, rows: list[_Row], buyer: Buyer, profiles: set[str]) -> Law:
    """What the configured legal profile says; which of its versions were asked is noted."""
    by_right = {row.right.id: row for row in rows}

    def carries(right: Right, country: str, day: date) -> Destination:
        certifications = buyer.certifications if country == buyer.country else frozenset[str]()
        # Where any personal data may go for good, nobody need know what data it is.
        found = gates.destination("special", country, certifications, day)
        if found.mechanism != "eea":
            row = by_right[right.id]
            row.personal_data = row.personal_data or _personal_data(dataset_id, row.revision_id)
            found = gates.destination(row.personal_data, country, certifications, day)
        profiles.add(found.profile_version)
        return found

    return Law(carries, gates.groups_on)


def _personal_data(dataset_id: UUID, revision_id: UUID) -> str:
    revision = dataset_queries.revision(revision_id)
    return datasets.class_in_force(dataset_queries.dataset(dataset_id), revision)


def _question(dataset_id: UUID, asked: Asked) -> Mapping[str, Fact]:
    return {
        "dataset": str(dataset_id),
        "purpose": asked.purpose,
        "country": asked.country,
        "recipient": asked.recipient,
        "first": _micro(asked.first),
        "last": _micro(asked.last),
    }


def _answer(judged: Judged) -> Mapping[str, Fact]:
    return {
        "answer": judged.word,
        "clause": judged.clause,
        "code": judged.code,
        "standing": judged.standing,
        "agreement": judged.right.agreement if judged.right else None,
        "until": _micro(judged.until),
    }


def _decided(known: Known, rows: list[_Row], profiles: set[str]) -> Mapping[str, Fact]:
    """Everything that the answer followed from, so that it can be given again from this alone and the contracts."""
    return {
        "rules": rules.CURRENT,
        "now": _micro(known.now),
        "legal_profile": sorted(profiles),
        "buyer_state": known.buyer.state,
        "buyer_country": known.buyer.country,
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
    yield "activated_at", _micro(right.activated_at)
    yield "ends_at", _micro(right.ends_at)
    yield "revision", str(row.revision_id)
    yield "revision_is_sealed", right.is_sealed
    yield "class", row.personal_data


def _micro(moment: datetime | None) -> str | None:
    """A moment to the microsecond: what is decided at an end must come out the same again."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z") if moment else None
