"""Legal holds: placed by an officer for an authority, they keep what lies in their scope from every shred, prune and
expiry until each of them is released. Placing and erasing take turns, so neither passes the other unseen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from compliance.log import names
from compliance.models import LegalHold, Log
from exchange.kernel import events, pruning, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Invalid, NotFound
from exchange.kernel.models import Event
from exchange.kernel.states import transition
from exchange.participants.models import ApiClient, Participant, Pseudonym, VaultKey

State, Kind = LegalHold.State, LegalHold.Scope
_NOUNS = {Kind.DATASET: "dataset", Kind.AGREEMENT: "agreement", Kind.REQUEST: "subjectrequest"}
_LOCK = int.from_bytes(b"legalhol")  # of all advisory locks in this database, that of holds


@dataclass(frozen=True)
class Asked:
    """What an officer asks to be kept, for whom, and when that is looked at again."""

    scope: str
    target: str
    since: datetime | None
    until: datetime | None
    authority: str
    reference: str
    reason: str
    review_on: date


@transaction.atomic
def place(asked: Asked, *, by: Actor) -> LegalHold:
    """Keep what lies in a scope from now on, whatever its periods say. Invalid where nothing is known of the scope,
    Conflict where it is gone already."""
    by.require(Scope.AUDIT)
    if asked.scope not in Kind.values:
        raise Invalid(f"the scope of a legal hold is one of {', '.join(Kind.values)}")
    if asked.review_on <= by.at.astimezone(UTC).date():
        raise Invalid("the day on which a hold is looked at again must be in the future", code="review_past")
    authority = text.line(asked.authority, name="authority")
    reference = text.line(asked.reference, name="reference", at_least=0)
    reason = text.reason(asked.reason)
    target = (
        ""
        if asked.scope == Kind.PERIOD
        else _known(Kind(asked.scope), text.line(asked.target, name="target", at_most=80))
    )
    since, until = _period(asked)
    fence()
    hold = LegalHold.objects.create(
        scope=asked.scope,
        target=target,
        since=since,
        until=until,
        authority=authority,
        reference=reference,
        reason=reason,
        placed_by=by.name,
        placed_at=by.at,
        review_on=asked.review_on,
    )
    typed = {"authority": authority, "reason": reason} | ({"reference": reference} if reference else {})
    events.record("legalhold.placed", hold, by=by, typed=typed)
    return hold


@transaction.atomic
def release(hold: LegalHold, reason: str, *, by: Actor) -> LegalHold:
    """End a hold; where two officers must agree, the first asks for its end and another one ends it. What other holds
    cover stays kept."""
    by.require(Scope.AUDIT)
    given = text.reason(reason)
    now = LegalHold.objects.select_for_update().get(pk=hold.pk)
    if settings.EXCHANGE_LEGAL_HOLD_FOUR_EYES and now.state == State.PLACED:
        return transition(
            hold, "ask_release", by=by, typed={"reason": given}, asked_by=by.name, release_reason=given
        )
    if now.state == State.RELEASING and by.name in names_of(now.asked_by):
        raise Conflict("you asked for this release; another officer must agree to it", code="four_eyes_needed")
    return transition(
        hold,
        "release",
        by=by,
        typed={"reason": given},
        released_by=by.name,
        released_at=by.at,
        release_reason=given,
    )


@transaction.atomic
def refuse_release(hold: LegalHold, reason: str, *, by: Actor) -> LegalHold:
    """Say no to a release that was asked for, or take the question back: the hold stands as before."""
    by.require(Scope.AUDIT)
    given = text.reason(reason)
    return transition(hold, "refuse_release", by=by, typed={"reason": given}, asked_by="", release_reason="")


@transaction.atomic
def review(hold: LegalHold, review_on: date, reason: str, *, by: Actor) -> LegalHold:
    """Say why a hold is still needed, and when that is looked at again."""
    by.require(Scope.AUDIT)
    given = text.reason(reason)
    if review_on <= by.at.astimezone(UTC).date():
        raise Invalid("the day on which a hold is looked at again must be in the future", code="review_past")
    if not LegalHold.objects.filter(pk=hold.pk).exclude(state=State.RELEASED).update(review_on=review_on):
        raise Conflict("this hold is released; nothing is left to review", code="wrong_state")
    hold.refresh_from_db()
    events.record("legalhold.reviewed", hold, by=by, typed={"reason": given})
    return hold


def standing(at: datetime) -> QuerySet[LegalHold]:
    """Every hold that stands at a moment."""
    return LegalHold.objects.filter(placed_at__lte=at).filter(Q(released_at=None) | Q(released_at__gt=at))


def covering(
    *,
    dataset_id: UUID | None = None,
    participant_id: UUID | None = None,
    agreement_id: UUID | None = None,
    request_id: UUID | None = None,
    person: str | None = None,
    made: tuple[datetime, datetime] | None = None,
    at: datetime,
) -> list[LegalHold]:
    """The holds that stand at `at` over any of these. `made` says between which moments what is asked for came to be;
    without it, every hold on a period or on a year of the log covers it."""
    asked = Q()
    for scope, one in (
        (Kind.DATASET, dataset_id),
        (Kind.PARTICIPANT, participant_id),
        (Kind.AGREEMENT, agreement_id),
        (Kind.REQUEST, request_id),
    ):
        if one is not None:
            asked |= Q(scope=scope, target=str(one))
    if person is not None:
        asked |= Q(scope=Kind.PERSON, target__in=names_of(person))
    return list(standing(at).filter(asked | _of_time(made)).order_by("pk"))


@transaction.atomic(savepoint=False)
def require_free(
    *,
    dataset_id: UUID | None = None,
    participant_id: UUID | None = None,
    agreement_id: UUID | None = None,
    request_id: UUID | None = None,
    person: str | None = None,
    made: tuple[datetime, datetime] | None = None,
    at: datetime,
) -> None:
    """Conflict where a hold covers any of these. No hold is placed on them before the open transaction ends."""
    fence()
    found = covering(
        dataset_id=dataset_id,
        participant_id=participant_id,
        agreement_id=agreement_id,
        request_id=request_id,
        person=person,
        made=made,
        at=at,
    )
    refuse_held(found)


def refuse_held(found: Iterable[LegalHold]) -> None:
    """Conflict where there is a hold; it names each by its id."""
    ids = [str(hold.pk) for hold in found]
    if ids:
        raise Conflict(
            f"a legal hold keeps this: {', '.join(ids)}; all of them must be released first",
            code="legally_held",
            more={"holds": ",".join(ids)},
        )


def fence() -> None:
    """Wait until nobody else places a hold or erases; on SQLite, having the write lock says so."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def names_of(person: str) -> list[str]:
    """Every name of the person who has this one, of all years and organisations; of any other name itself."""
    users = Pseudonym.objects.filter(name=person).values("member__user_id")
    found = Pseudonym.objects.filter(member__user_id__in=users).values_list("name", flat=True)
    return sorted({person, *found})


def _of_time(made: tuple[datetime, datetime] | None) -> Q:
    if made is None:
        return Q(scope__in=[Kind.PERIOD, Kind.LOG_YEAR])
    first, last = made
    years = [str(year) for year in range(first.astimezone(UTC).year, last.astimezone(UTC).year + 1)]
    return Q(scope=Kind.PERIOD, since__lte=last, until__gte=first) | Q(scope=Kind.LOG_YEAR, target__in=years)


def _period(asked: Asked) -> tuple[datetime | None, datetime | None]:
    if asked.scope != Kind.PERIOD:
        return None, None
    if asked.since is None or asked.until is None or asked.since >= asked.until:
        raise Invalid("a hold on a period needs its beginning, and its end after it", code="period_wrong")
    return asked.since, asked.until


def _known(scope: LegalHold.Scope, target: str) -> str:
    """The target as it is written in rows; Invalid where the exchange knows no such thing."""
    if scope == Kind.LOG_YEAR:
        return _year(target)
    if scope != Kind.PERSON:
        try:
            target = str(UUID(target))
        except ValueError:
            raise Invalid("the target of this hold is an id", code="hold_target_unknown") from None
    if not _is_known(scope, target):
        raise Invalid("nothing of that name or id is known here", code="hold_target_unknown")
    return target


def _is_known(scope: LegalHold.Scope, target: str) -> bool:
    if scope == Kind.PARTICIPANT:
        return Participant.objects.filter(pk=target).exists()
    if scope != Kind.PERSON:
        return Event.objects.filter(subject=f"{_NOUNS[scope]}:{target}").exists()
    acts = (VaultKey.objects.filter(pk=target), Pseudonym.objects.filter(name=target))
    return any(rows.exists() for rows in acts) or ApiClient.objects.filter(pk=target).exists()


def _year(target: str) -> str:
    logs = [log for log in Log.objects.all() if str(names.year_of(log.name)) == target]
    if not logs:
        raise Invalid("the exchange has no log of that year", code="hold_target_unknown")
    if all(pruning.is_pruned(log.first_index) for log in logs):
        raise Conflict("the log of that year was pruned; nothing of it is left to keep", code="already_pruned")
    return target


def hold_visible_to(actor: Actor, hold_id: UUID) -> LegalHold:
    """One hold, for an officer."""
    found = holds_visible_to(actor).filter(pk=hold_id).first()
    if found is None:
        raise NotFound("there is no such legal hold")
    return found


def holds_visible_to(actor: Actor, *, state: str | None = None) -> QuerySet[LegalHold]:
    """Every legal hold, for officers alone."""
    actor.require(Scope.AUDIT)
    rows = LegalHold.objects.all()
    return rows if state is None else rows.filter(state=state)
