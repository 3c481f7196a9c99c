"""Who earns what part of a subject ("dataset:<uuid>"): proposed by its seller, accepted by every party before it
counts, and frozen on each sale, so that a change never touches what was sold before."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.money import Money
from exchange.kernel.states import transition
from exchange.participants.members import members
from exchange.participants.models import Participant
from payments import queries
from payments.models import Share, Split
from payments.shares import splits

MOST_PARTIES = 50
HEAVIEST = 10**15
_MEASURE_CHARACTERS = 80


@dataclass(frozen=True)
class InForce:
    """The version that sales are made under, and the basis points of each party that earns something."""

    split: Split
    basis_points: Mapping[UUID, int]


@transaction.atomic
def propose(subject: str, *, owner: Participant, basis_points: Mapping[UUID, int], by: Actor) -> Split:
    """Ask every party to accept these parts; what is in force goes on until all have. The seller accepts by asking."""
    if sum(basis_points.values()) != splits.WHOLE or min(basis_points.values(), default=0) < 1:
        raise Invalid(
            "the parts are whole basis points of 1 or more, and make 10000 together",
            code="shares_do_not_add_up",
        )
    return _propose(subject, owner, basis_points, {}, "", by)


@transaction.atomic
def propose_by_weights(
    subject: str, *, owner: Participant, weights: Mapping[UUID, int], measure: str, by: Actor
) -> Split:
    """The same with parts that follow what each has contributed: `weights` count it, `measure` says what they count."""
    if min(weights.values(), default=0) < 1 or max(weights.values(), default=0) > HEAVIEST:
        raise Invalid(f"weights are whole numbers from 1 to {HEAVIEST}", code="shares_do_not_add_up")
    counted = text.line(measure, name="measure", at_most=_MEASURE_CHARACTERS)
    basis_points = by_weights(weights)
    if min(basis_points.values()) < 1:
        raise Invalid(
            "a party’s weight is less than one basis point of all; leave it out", code="shares_do_not_add_up"
        )
    return _propose(subject, owner, basis_points, weights, counted, by)


def by_weights(weights: Mapping[UUID, int]) -> dict[UUID, int]:
    """Basis points in proportion to weights, by largest remainder; where remainders tie, the smaller id gets it."""
    parties = sorted(weights)
    points = Money(splits.WHOLE, "").shares([weights[party] for party in parties])
    return {party: part.minor for party, part in zip(parties, points, strict=True)}


@transaction.atomic
def accept(split: Split, *, by: Actor) -> Split:
    """Agree as one party; with the last of them the version is in force, and takes the place of the one before."""
    members.require_cleared(_own_share(split, by).party_id)
    split = _locked(split)
    share = _own_share(split, by)
    if share.accepted_at is not None and split.state in (Split.State.PROPOSED, Split.State.IN_FORCE):
        return split
    _require_proposed(split)
    if Share.objects.filter(pk=share.pk, accepted_at=None).update(accepted_at=by.at, accepted_by=by.name):
        events.record("share.accepted", share, by=by)
    return _activate_when_whole(split, by)


@transaction.atomic
def decline(split: Split, *, reason: str, by: Actor) -> Split:
    """Refuse as one party: the version never counts, and what is in force goes on."""
    _own_share(split, by)
    why = text.reason(reason)
    return transition(split, "decline", by=by, typed={"reason": why}, reason=why, decided_at=by.at)


@transaction.atomic
def withdraw(split: Split, *, by: Actor) -> Split:
    """The seller takes a proposal back."""
    _require_owner(split.owner_id, by)
    return transition(split, "withdraw", by=by, decided_at=by.at)


def freeze(standing: InForce | None, held: Money, *, payee: UUID) -> list[dict[str, Fact]]:
    """Who gets what of `held`, by the version in force for the seller's subject, as it is written on a charge; nothing
    where all is the payee's."""
    if standing is None or standing.split.owner_id != payee:
        return []
    split, basis_points = standing.split, standing.basis_points
    return [
        {
            "party": str(party),
            "basis_points": basis_points[party],
            "minor": part.minor,
            "split": str(split.pk),
            "number": split.number,
        }
        for party, part in splits.share(held, basis_points).items()
    ]


def in_force_of(subjects: Collection[str]) -> dict[str, InForce]:
    """The versions that sales are made under now, by subject; none where all is the seller's."""
    rows = Split.objects.filter(subject__in=subjects, state=Split.State.IN_FORCE) if subjects else ()
    return {split.subject: InForce(split, parts_of(split)) for split in rows}


def in_force(subject: str) -> Split | None:
    """The version that sales are made under now; None where all is the seller's."""
    return Split.objects.filter(subject=subject, state=Split.State.IN_FORCE).first() if subject else None


def parts_of(split: Split) -> dict[UUID, int]:
    """The basis points of each party that earns something."""
    rows = split.shares.filter(basis_points__gt=0).order_by("party_id")
    return dict(rows.values_list("party_id", "basis_points"))


def splits_visible_to(actor: Actor) -> QuerySet[Split]:
    """The versions that the actor's organisation has proposed or is asked about, newest first; officers and operators
    see all."""
    rows = Split.objects.prefetch_related("shares__party").select_related("owner").order_by("-pk")
    if actor.is_system or actor.can(Scope.AUDIT) or actor.can(Scope.OPERATE):
        return rows
    if not queries.reads_own(actor):
        return rows.none()
    own = actor.participant_id
    mine = Share.objects.filter(party_id=own).values("split_id")
    return rows.filter(owner_id=own) | rows.filter(pk__in=mine)


def split_visible_to(actor: Actor, split_id: UUID) -> Split:
    """One of those versions, or NotFound."""
    if (found := splits_visible_to(actor).filter(pk=split_id).first()) is None:
        raise NotFound("there is no such split for you")
    return found


def waiting(actor: Actor) -> int:
    """How many proposals wait for the actor's organisation."""
    if not queries.reads_own(actor):
        return 0
    asked = Share.objects.filter(party_id=actor.participant_id, accepted_at=None)
    return asked.filter(split__state=Split.State.PROPOSED).count()


def _propose(
    subject: str,
    owner: Participant,
    basis_points: Mapping[UUID, int],
    weights: Mapping[UUID, int],
    measure: str,
    by: Actor,
) -> Split:
    _require_owner(owner.pk, by)
    members.require_cleared(owner.pk)
    if len(basis_points) > MOST_PARTIES:
        raise Invalid(f"at most {MOST_PARTIES} parties share a subject", code="too_many_parties")
    _require_parties(basis_points)
    earlier = list(Split.objects.select_for_update().filter(subject=subject).order_by("number"))
    if any(split.state == Split.State.PROPOSED for split in earlier):
        raise _one_waits()
    standing = next(
        (parts_of(split) for split in earlier if split.state == Split.State.IN_FORCE), {owner.pk: splits.WHOLE}
    )
    if dict(basis_points) == standing:
        raise Conflict("these are the parts already", code="split_unchanged")
    split = Split(
        subject=subject,
        number=len(earlier) + 1,
        owner=owner,
        measure=measure,
        proposed_by=by.name,
        proposed_at=by.at,
    )
    _insert(split)
    leaving = _leaving(earlier, basis_points)
    shares = [
        Share(
            split=split,
            party_id=party,
            basis_points=basis_points.get(party, 0),
            weight=weights.get(party),
            accepted_by=by.name if party == owner.pk else "",
            accepted_at=by.at if party == owner.pk else None,
        )
        for party in sorted({*basis_points, *leaving})
    ]
    Share.objects.bulk_create(shares)
    events.record("split.proposed", split, by=by)
    for share in shares:
        if share.party_id != owner.pk:
            events.record("share.proposed", share, by=by)
    return _activate_when_whole(split, by)


def _insert(split: Split) -> None:
    try:
        with transaction.atomic():
            split.save(force_insert=True)
    except IntegrityError:
        if not Split.objects.filter(subject=split.subject).exists():
            raise
        raise _one_waits() from None  # a rival was first


def _one_waits() -> Conflict:
    return Conflict(
        "a proposal for this waits for an answer; withdraw it before you make another",
        code="split_already_proposed",
    )


def _leaving(earlier: list[Split], basis_points: Mapping[UUID, int]) -> set[UUID]:
    """The parties of the version in force who would earn nothing any more: they agree, too. A closed organisation can
    agree to nothing and is not asked."""
    for split in earlier:
        if split.state == Split.State.IN_FORCE:
            rows = split.shares.filter(basis_points__gt=0).exclude(party__state=Participant.State.CLOSED)
            return set(rows.values_list("party_id", flat=True)) - basis_points.keys()
    return set()


def _activate_when_whole(split: Split, by: Actor) -> Split:
    if split.shares.filter(accepted_at=None).exists():
        return split
    if (before := in_force(split.subject)) is not None:
        transition(before, "supersede", by=by, ended_at=by.at)
    return transition(split, "activate", by=by, decided_at=by.at)


def _locked(split: Split) -> Split:
    """The version as it is now, held until the end of the transaction, with all others of its subject."""
    rows = {
        row.pk: row for row in Split.objects.select_for_update().filter(subject=split.subject).order_by("pk")
    }
    return rows[split.pk]


def _own_share(split: Split, by: Actor) -> Share:
    by.require(Scope.SELL)
    share = Share.objects.filter(split=split, party_id=by.participant_id).first()
    if share is None:
        raise Forbidden("only a party of this split answers it", code="not_a_party")
    return share


def _require_owner(owner_id: UUID, by: Actor) -> None:
    by.require(Scope.SELL)
    if not by.acts_for(owner_id):
        raise Forbidden("only the seller proposes who earns what of it", code="not_the_seller")


def _require_parties(basis_points: Mapping[UUID, int]) -> None:
    known = Participant.objects.filter(pk__in=basis_points, state=Participant.State.VERIFIED).count()
    if known != len(basis_points):
        raise Invalid("every party is a verified organisation of this exchange", code="unknown_party")


def _require_proposed(split: Split) -> None:
    if split.state != Split.State.PROPOSED:
        raise Conflict(f"this proposal is {split.state}", code="wrong_state")
