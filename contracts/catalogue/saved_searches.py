"""Searches that a member keeps by name, to find again as a plain link. They are the member's own: nobody else in the
organisation sees them, and the log knows nothing of them."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import QueryDict

from contracts.catalogue import filters
from contracts.models import SavedSearch
from exchange.kernel import text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.participants.models import Member

LONGEST_TITLE = 100
LONGEST_QUERY = 8_000
_ATTEMPTS = 5


def searches_visible_to(actor: Actor) -> QuerySet[SavedSearch]:
    """Those that the actor's own member has kept, newest first."""
    if actor.participant_id is None:
        return SavedSearch.objects.none()
    mine = SavedSearch.objects.filter(
        member__pseudonyms__name=actor.name, member__participant_id=actor.participant_id
    )
    return mine.order_by("-pk")


def search_visible_to(actor: Actor, search_id: UUID) -> SavedSearch:
    found = searches_visible_to(actor).filter(pk=search_id).first()
    if found is None:
        raise NotFound("there is no such saved search for you")
    return found


def keep(*, title: str, query: str, by: Actor) -> SavedSearch:
    """Keep a search by a name that the member has not given yet; what the catalogue does not know is left out."""
    by.require(Scope.READ)
    member = Member.objects.filter(pseudonyms__name=by.name).first()
    if member is None or not by.acts_for(member.participant_id):
        raise Forbidden("only a person who is signed in can keep a search", code="members_only")
    name = text.line(title, name="the name", at_most=LONGEST_TITLE)
    asked = plain(query)
    if not asked:
        raise Invalid(
            "this search asks for nothing: search for words or choose a filter first", code="empty_search"
        )
    for _ in range(_ATTEMPTS):  # a rival may take the place in between
        kept = SavedSearch.objects.filter(member=member)
        if kept.filter(title=name).exists():
            raise Conflict("you have kept a search by this name; choose another", code="search_name_taken")
        taken = set(kept.values_list("place", flat=True))
        place = next((one for one in range(1, SavedSearch.MOST + 1) if one not in taken), None)
        if place is None:
            raise Conflict(
                f"you keep {SavedSearch.MOST} searches, which is the most; forget one first",
                code="too_many_searches",
            )
        try:
            with transaction.atomic():
                return SavedSearch.objects.create(
                    member=member, place=place, title=name, query=asked, created_at=by.at
                )
        except IntegrityError:
            continue
    raise Conflict("somebody saves at the same moment; try again", code="busy")


def forget(search: SavedSearch, *, by: Actor) -> None:
    """Remove a search that the actor's member has kept."""
    deleted, _ = searches_visible_to(by).order_by().filter(pk=search.pk).delete()
    if not deleted:
        raise NotFound("there is no such saved search for you")


def plain(query: str) -> str:
    """A search as its shortest address says it; empty where it asks for nothing that the catalogue knows."""
    if len(query) > LONGEST_QUERY:
        raise Invalid(f"a search has at most {LONGEST_QUERY} characters", code="search_too_long")
    asked = filters.read(QueryDict(query))
    return asked.address() if asked.pairs or asked.search.text() else ""
