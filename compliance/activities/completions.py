"""What people add to a register of processing by hand: versions that follow one another, each with its Event, and the
reviews that say when somebody looked last. Names of persons and how to reach them lie in the vault."""

from collections.abc import Mapping
from uuid import UUID

from django.db import IntegrityError, transaction

from compliance import legal
from compliance.activities import parts
from compliance.activities.shape import Completed
from compliance.models import ActivityReview, ActivityVersion
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden
from exchange.kernel.ids import new_id
from exchange.look.formats import zone
from exchange.participants import queries as participant_queries
from exchange.participants import vault


@transaction.atomic
def complete(
    activity: str,
    given: Mapping[str, str],
    contacts: Mapping[str, str],
    *,
    shown: int | None = None,
    by: Actor,
) -> Completed:
    """Add to one activity of the actor's own register, or to the whole of it where `activity` is empty. What is not
    named stays, what is empty goes; what changes nothing is no version. `shown` is the number that was looked at."""
    participant_id = require_own_register(by)
    before = latest(participant_id, [activity])[activity]
    if shown is not None and shown != before.number:
        raise _changed_meanwhile()
    said = {**before.parts, **parts.clean(given, parts.parts_of(activity))}
    named = {**before.contacts, **parts.clean(contacts, parts.contacts_of(activity))}
    said, named = _filled(said), _filled(named)
    if said == dict(before.parts) and named == dict(before.contacts):
        return before
    version = ActivityVersion(
        id=new_id(),
        participant_id=participant_id,
        activity=activity,
        number=before.number + 1,
        parts=said,
        made_at=by.at,
    )
    if named:
        version.contacts, version.contacts_sha256 = vault.seal(f"register:{version.pk}", named, by.at)
    try:
        with transaction.atomic():
            version.save(force_insert=True)
    except IntegrityError:
        raise _changed_meanwhile() from None
    events.record("activity.completed", version, by=by, typed=said)
    return _completed(version)


@transaction.atomic
def review(activity: str, remark: str, *, by: Actor) -> ActivityReview:
    """Say that an activity was looked at and is right; when to look again follows from the legal profile."""
    participant_id = require_own_register(by)
    profile = legal.current()
    legal.keep(profile, now=by.at)
    said = text.prose(remark, name="remark", at_most=2_000)
    country = participant_queries.participant(participant_id).country
    due = legal.deadlines.due(profile, "activity.review", by.at, country=country, zone=zone())
    made = ActivityReview.objects.create(
        participant_id=participant_id,
        activity=activity,
        remark=said,
        reviewed_at=by.at,
        next_at=due,
        profile_version=profile.version,
        profile_sha256=profile.sha256,
    )
    events.record("activity.reviewed", made, by=by, typed={"remark": said} if said else None)
    return made


def require_own_register(by: Actor) -> UUID:
    """Whose register the actor may add to: a manager's organisation's, or an officer's of the operator."""
    if by.participant_id is None:
        raise Forbidden("a register belongs to an organisation", code="scope_missing")
    if not by.can(Scope.AUDIT):
        by.require(Scope.MANAGE)
    return by.participant_id


def latest(participant_id: UUID, activities: list[str]) -> dict[str, Completed]:
    """What was added last to each of these activities of an organisation, nothing where nobody did."""
    rows = ActivityVersion.objects.filter(participant_id=participant_id, activity__in=activities)
    newest: dict[str, ActivityVersion] = {}
    for row in rows.order_by("number"):
        newest[row.activity] = row
    return {one: _completed(newest[one]) if one in newest else Completed() for one in activities}


def _completed(version: ActivityVersion) -> Completed:
    opened = vault.read(version.contacts) if version.contacts else {}
    return Completed(
        number=version.number,
        parts=version.parts,
        contacts=opened or {},
        at=version.made_at,
        version_id=version.pk,
        is_shredded=opened is None,
    )


def _filled(given: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in given.items() if value}


def _changed_meanwhile() -> Conflict:
    return Conflict(
        "somebody else changed this entry of the register meanwhile: look at it again", code="register_changed"
    )
