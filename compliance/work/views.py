"""Questions to the list of transfers that officers keep by a name, to ask them again with one click. All officers of an
organisation share them; they are links, and hold no answer."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import QueryDict

from compliance.forms import FilterForm
from compliance.models import DeskView
from exchange.kernel import text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound

LONGEST_TITLE = 100
LONGEST_QUERY = 2_000
_ATTEMPTS = 5


def views_visible_to(actor: Actor) -> QuerySet[DeskView]:
    """Those of the officer's organisation, by name."""
    actor.require(Scope.AUDIT)
    if actor.participant_id is None:
        return DeskView.objects.none()
    return DeskView.objects.filter(participant_id=actor.participant_id).order_by("title")


def keep(*, title: str, query: str, by: Actor) -> DeskView:
    """Keep a question by a name that no other has yet; what the list does not know is left out."""
    by.require(Scope.AUDIT)
    if by.participant_id is None:
        raise Forbidden("the desk is for officers of the exchange's operator", code="scope_missing")
    name, asked = text.line(title, name="the name", at_most=LONGEST_TITLE), plain(query, by)
    if not asked:
        raise Invalid("this view asks for nothing: filter the list of transfers first", code="empty_view")
    for _ in range(_ATTEMPTS):  # a rival may take the place in between
        kept = DeskView.objects.filter(participant_id=by.participant_id)
        if kept.filter(title=name).exists():
            raise Conflict("there is a view by this name; choose another", code="view_name_taken")
        taken = set(kept.values_list("place", flat=True))
        place = next((one for one in range(1, DeskView.MOST + 1) if one not in taken), None)
        if place is None:
            raise Conflict(f"{DeskView.MOST} views is the most; forget one first", code="too_many_views")
        row = DeskView(participant_id=by.participant_id, place=place, title=name, query=asked, created_at=by.at)
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            continue
        return row
    raise Conflict("somebody saves at the same moment; try again", code="busy")


def forget(view_id: UUID, *, by: Actor) -> None:
    """Remove a view of the officer's organisation."""
    deleted, _ = views_visible_to(by).order_by().filter(pk=view_id).delete()
    if not deleted:
        raise NotFound("there is no such view for you")


def plain(query: str, by: Actor) -> str:
    """A question as its shortest address says it; empty where it asks for nothing that the list knows."""
    given = QueryDict(query[:LONGEST_QUERY])
    form = FilterForm(given, actor=by)
    form.full_clean()
    asked = QueryDict(mutable=True)
    for name in form.fields:
        if form.cleaned_data.get(name) and given.get(name):
            asked[name] = given[name]
    return asked.urlencode()
