"""Reads of notices: a member's own, and nobody else's; officers see no other's mail."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Count, Min, Q, QuerySet

from exchange.kernel.actors import Actor
from exchange.kernel.errors import NotFound
from exchange.participants.models import Member, Notice, Participant


def notices_visible_to(actor: Actor) -> QuerySet[Notice]:
    return Notice.objects.filter(member__pseudonyms__name=actor.name)


def notice_visible_to(actor: Actor, notice_id: UUID) -> Notice:
    found = notices_visible_to(actor).filter(pk=notice_id).first()
    if found is None:
        raise NotFound("there is no such notice for you")
    return found


def unread(member: Member, at_most: int = 100) -> int:
    """How many notices a member has not opened, counted to `at_most`."""
    return Notice.objects.filter(member=member, read_at=None)[:at_most].count()


def membership_with(user: User, notice_id: UUID) -> Member | None:
    """The membership of a person to which a notice came, whichever they act under now."""
    rows = Member.objects.select_related("participant").filter(user=user, removed_at=None)
    return rows.filter(notices__pk=notice_id).first()


def names(participant_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What organisations are called, for notices, which know them by id."""
    return dict(Participant.objects.filter(pk__in=participant_ids).values_list("pk", "name"))


def operator_of_application(participant_id: UUID) -> list[UUID]:
    """Who decides about an organisation that waits to be verified; nobody where it no longer does."""
    waits = Participant.objects.filter(pk=participant_id, state=Participant.State.APPLIED).exists()
    return list(Participant.objects.filter(is_operator=True).values_list("pk", flat=True)) if waits else []


def given(participant_ids: Sequence[UUID], about: Sequence[Q]) -> list[tuple[UUID, str, datetime, int]]:
    """What organisations were told of something: of each occasion the organisation, the news, when first, and how many
    of its members; never who."""
    rows = Notice.objects.filter(reduce(or_, about), member__participant__in=participant_ids)
    told = rows.values("member__participant", "news", "key").annotate(at=Min("created_at"), members=Count("pk"))
    return [
        (row["member__participant"], row["news"], row["at"], row["members"])
        for row in told.order_by("at", "news", "member__participant")
    ]
