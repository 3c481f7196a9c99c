"""May this data be used so? The answer to one question, from what is known: pure and total. What is not known, or
cannot be decided, is never a yes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, TypeAlias, cast

from compliance.destinations import destinations
from compliance.destinations.destinations import Basis, Destination, PersonalData
from compliance.legal.profile import LegalProfile
from contracts.clauses import LIBRARY, purposes
from contracts.clauses.declaration import UNDECIDED, Facts, Reason, Standing
from contracts.models import Agreement, Entitlement
from contracts.terms import rules
from contracts.terms import terms as usage_terms
from contracts.terms.terms import Terms

Word: TypeAlias = Literal["yes", "no", "undecided"]

_OVER = {
    Entitlement.State.EXPIRED: "entitlement_expired",
    Entitlement.State.REVOKED: "entitlement_revoked",
}
_WAITS = {
    Entitlement.State.PENDING: "entitlement_pending",
    Entitlement.State.SUSPENDED: "entitlement_suspended",
}
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Asked:
    """A question as it was read: `recipient` is None for the buyer itself. `first` and `last` are the moments
    between which the use would be; the same one where no whole day was asked about."""

    purpose: str
    country: str
    recipient: str | None
    first: datetime
    last: datetime


@dataclass(frozen=True)
class Buyer:
    """Who asks, as the operator has verified it."""

    id: str
    state: str
    country: str
    certifications: frozenset[str]
    sector: str = ""


@dataclass(frozen=True)
class Right:
    """One right to the dataset, with what was signed for it."""

    id: str
    agreement: str
    agreement_state: str
    state: str
    terms: Terms
    purpose: str
    activated_at: datetime | None
    ends_at: datetime | None
    is_sealed: bool

    @property
    def is_in_force(self) -> bool:
        return self.state not in _OVER and self.agreement_state == Agreement.State.SIGNED


@dataclass(frozen=True)
class Known:
    """All that the answer rests on; `is_whole` is false where the buyer has more rights in force than were read."""

    buyer: Buyer
    rights: tuple[Right, ...]
    is_whole: bool
    now: datetime


@dataclass(frozen=True)
class Law:
    """What the law says on a day: whether the data of a right may go to a country, and which countries belong to the
    groups that clauses name."""

    carries: Callable[[Right, str, date], Destination]
    groups: Callable[[date], Mapping[str, frozenset[str]]]


@dataclass(frozen=True)
class Judged:
    """The word, what decided it, and how long a yes lasts at most; `code` says why it is no yes."""

    word: Word
    code: str | None = None
    clause: str | None = None
    standing: str | None = None
    right: Right | None = None
    until: datetime | None = None


def law_of(
    profile: LegalProfile,
    buyer: Buyer,
    class_of: Callable[[Right], str],
    bases: Callable[[], Sequence[Basis]] = tuple,
) -> Law:
    """What a legal profile says to a buyer; `class_of` is asked for the class of a right's data where it matters, and
    `bases` for the buyer's transfer bases. A derogation is for one transfer, and no answer to how data may be used."""

    def carries(right: Right, country: str, day: date) -> Destination:
        certifications = buyer.certifications if country == buyer.country else frozenset[str]()
        # Where any personal data may go for good, nobody need know what data it is.
        found = _destination_by(profile, "special", country, certifications, day)
        if found.mechanism == "eea":
            return found
        found = _destination_by(profile, class_of(right), country, certifications, day)
        if found.allowed:
            return found
        return _destination_by(profile, class_of(right), country, certifications, day, bases())

    return Law(carries, lambda day: destinations.groups(profile, day))


def judge(asked: Asked, known: Known, law: Law, version: int = rules.CURRENT) -> Judged:
    """The answer: any right that says yes gives it, the one that lasts longest; else one that nobody can decide;
    else what the newest right says."""
    rights = sorted(known.rights, key=lambda right: (right.is_in_force, right.id), reverse=True)
    judged = [replace(_by(right, asked, known, law, version), right=right) for right in rights]
    by_word = {word: [one for one in judged if one.word == word] for word in ("yes", "undecided", "no")}
    if by_word["yes"]:
        return max(by_word["yes"], key=lambda one: one.until or datetime.max.replace(tzinfo=UTC))
    if by_word["undecided"]:
        return by_word["undecided"][0]
    if not known.is_whole:
        return Judged("undecided", code="too_many_rights")
    return by_word["no"][0] if by_word["no"] else Judged("no", code="no_agreement")


def moments(asked: Asked) -> Sequence[datetime]:
    """The moments at which the use must be permitted."""
    return [asked.first] if asked.first == asked.last else [asked.first, asked.last]


def _by(right: Right, asked: Asked, known: Known, law: Law, version: int) -> Judged:
    if (standing := _standing(right, asked, known)) is not None:
        return standing
    found = [
        *_purpose(right, asked),
        *_clauses(right, asked, known, law, version),
        *_recipient(right, asked, known.buyer),
    ]
    found += _term(right, asked)
    found += [] if any(one.word == "no" for one in found) else _destination(right, asked, known.buyer, law)
    against = [one for one in found if one.word == "no"] or [one for one in found if one.word == "undecided"]
    if against:
        return against[0]
    ends = [one.until for one in found if one.until is not None]
    grounds = [one for one in found if one.clause is not None]
    return replace(grounds[-1], until=min([*ends, *_ends(right)], default=None))


def _standing(right: Right, asked: Asked, known: Known) -> Judged | None:
    """What the right, its agreement and the organisation say, before any clause; None where they are in order."""
    state = Entitlement.State(right.state)
    if right.agreement_state != Agreement.State.SIGNED:
        return Judged("no", code="agreement_over")
    if state in _OVER:
        return Judged("no", code=_OVER[state])
    if state in _WAITS and not any(_term(right, asked)):
        # Nobody knows today whether it will be paid for, or resumed, by then.
        return Judged("undecided" if asked.first > known.now else "no", code=_WAITS[state])
    if state in _WAITS:
        return Judged("no", code="entitlement_expired")
    if known.buyer.state != "verified":
        return Judged("undecided", code="participant_not_verified")
    if not right.is_sealed:
        return Judged("undecided", code="revision_revoked")
    return None


def _purpose(right: Right, asked: Asked) -> Iterator[Judged]:
    """The ground of every yes. Terms without a purpose hold the buyer to the one that it declared."""
    kinds = {clause.kind: clause for clause in right.terms.clauses}
    silent = "purpose" not in kinds
    if silent and not purposes.covers(right.purpose, asked.purpose):
        yield Judged("no", "purpose_not_allowed", "purpose", Standing.EVIDENCED)
    else:
        yield Judged("yes", None, "purpose", Standing.EVIDENCED)
    if asked.purpose == "model_training" and "model_training" in kinds:
        if kinds["model_training"].words("allowed") == "non_commercial":
            yield Judged("undecided", Reason.UNDECIDABLE, "model_training", Standing.PROMISED)
        else:
            yield Judged("yes", None, "model_training", Standing.PROMISED)


def _clauses(right: Right, asked: Asked, known: Known, law: Law, version: int) -> Iterator[Judged]:
    """What each clause on use has against it, in the country asked about and in the buyer's own."""
    for country in dict.fromkeys((asked.country, known.buyer.country)):
        for moment in moments(asked):
            facts = Facts(
                # A right that is in force has begun, whatever this clock says.
                now=max(moment, right.activated_at or moment),
                purpose=asked.purpose,
                use_country=asked.country,
                buyer_country=country or None,
                sector=known.buyer.sector,
                recipient_id=known.buyer.id,
                active_since=right.activated_at,
                groups=law.groups(moment.date()),
            )
            for verdict in usage_terms.evaluate(right.terms, facts, version):
                if not verdict.ok and not _is_of_delivery(verdict.kind):
                    reason = verdict.reason or Reason.UNDECIDABLE
                    word: Word = "undecided" if reason in UNDECIDED else "no"
                    yield Judged(word, reason, verdict.kind, verdict.standing)


def _recipient(right: Right, asked: Asked, buyer: Buyer) -> Iterator[Judged]:
    """Another organisation than the buyer may use the data only where it is named as affiliated, or where the data may
    be passed on."""
    if asked.recipient in (None, buyer.id):
        return
    kinds = {clause.kind: clause for clause in right.terms.clauses}
    if "recipients" in kinds and asked.recipient not in kinds["recipients"].several("any_of"):
        yield Judged("no", Reason.RECIPIENT_NOT_NAMED, "recipients", Standing.ENFORCED)
    if "affiliates" in kinds and asked.recipient in kinds["affiliates"].several("any_of"):
        yield Judged("yes", None, "affiliates", Standing.PROMISED)
    elif "redistribution" in kinds and kinds["redistribution"].flag("allowed"):
        yield Judged("yes", None, "redistribution", Standing.PROMISED)
    else:
        yield Judged("no", Reason.RECIPIENT_NOT_NAMED, "redistribution", Standing.PROMISED)


def _destination(right: Right, asked: Asked, buyer: Buyer, law: Law) -> Iterator[Judged]:
    """Whether the law lets the data into the country asked about, and into the buyer's own."""
    for country in dict.fromkeys((asked.country, buyer.country)):
        for moment in moments(asked):
            found = law.carries(right, country, moment.date())
            if not found.allowed:
                yield Judged("no", found.reason or "destination_refused", "destination", Standing.ENFORCED)
            elif found.valid_to is not None:
                end = datetime.combine(found.valid_to, time.min, UTC) + _ONE_DAY
                yield Judged("yes", until=end)


def _destination_by(
    profile: LegalProfile,
    personal_data: str,
    country: str,
    certifications: frozenset[str],
    day: date,
    bases: Sequence[Basis] = (),
) -> Destination:
    return destinations.decide(
        profile,
        country=country,
        personal_data=cast(PersonalData, personal_data),  # an unknown class counts as personal
        certifications=certifications,
        on=day,
        bases=[basis for basis in bases if basis.mechanism != "derogation"],
    )


def _term(right: Right, asked: Asked) -> Iterator[Judged]:
    """The end of the right itself, where no clause has named it."""
    if any(end <= asked.last for end in _ends(right)):
        yield Judged("no", code="entitlement_expired")


def _is_of_delivery(kind: str) -> bool:
    """Whether a clause says how the data is handed over, and so nothing of its use; one that is not known may."""
    return kind in LIBRARY and LIBRARY[kind].is_of_delivery


def _ends(right: Right) -> list[datetime]:
    """When the right ends: by itself and by its clauses."""
    limits = usage_terms.limits(right.terms)
    ends = [right.ends_at]
    if limits.end_date is not None:
        ends.append(datetime.combine(limits.end_date, time.min, UTC) + _ONE_DAY)
    if limits.duration_days is not None and right.activated_at is not None:
        ends.append(right.activated_at + timedelta(days=limits.duration_days))
    return [end for end in ends if end is not None]
