"""What every page shows of who acts: the person, the organisation they act for, and the others they could."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest

from exchange.participants.actors.auth import ACTING_FOR, actor_under, chosen_of, memberships_of
from exchange.participants.actors.page_auth import visitor
from exchange.participants.models import Member
from exchange.participants.notices import queries as notice_queries
from exchange.participants.queries import operators_organisation


@dataclass(frozen=True)
class Acting:
    """`current` is None where the person belongs to no organisation, or to several and has not chosen; `unread` is how
    many of its notices they have not opened."""

    email: str
    current: Member | None
    others: list[Member]
    unread: int = 0


def acting(request: HttpRequest) -> dict[str, Any]:
    """The context processor: `actor` always, `acting` for people who are signed in, `run_by` for those who are not."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not user.is_authenticated:
        return {"actor": getattr(request, "actor", None) or visitor(), "run_by": operators_organisation}
    memberships = memberships_of(user)
    current = chosen_of(memberships, request.session.get(ACTING_FOR))
    others = [member for member in memberships if member != current]
    actor = getattr(request, "actor", None) or actor_under(request, current)
    return {
        "acting": Acting(user.email, current, others, notice_queries.unread(current) if current else 0),
        "actor": actor,
    }
