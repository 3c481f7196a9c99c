"""The officer's question as a page: who received it? Page by page, with what each was told since, and as a file."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from compliance import labels, queries, suggestions
from compliance.exports.exports import Form
from compliance.exports.streams import streamed
from compliance.forms import RecipientsForm
from compliance.recipients import desk, exports, rows
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Invalid
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, member_page

_AT_ONCE = 20


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def desk_recipients(request: PageRequest) -> HttpResponse:
    """Who received a dataset, or one revision of it, even in part."""
    form = RecipientsForm(request.GET if "dataset" in request.GET else None, actor=request.actor)
    context: dict[str, Any] = {
        "form": form,
        "suggested": suggestions.suggestions(by=request.actor),
        "behind": queries.behind(request.actor.at),
    }
    if not form.is_bound:
        return show(request, "compliance/recipients.html", context)
    form.offer(_revision_choices(form, by=request.actor))
    if not form.is_valid():
        return show(request, "compliance/recipients.html", context, status=422)
    dataset_id, revision_id = form.cleaned_data["dataset"], _revision(form)
    cursor = request.GET.get("cursor") or None
    page = desk.look_at_recipients(dataset_id, revision_id, cursor=cursor, limit=_AT_ONCE, by=request.actor)
    context |= {
        "recipients": rows.of(page.items, by=request.actor),
        "page": page,
        "is_first": cursor is None,
        "dataset_id": dataset_id,
        "title": labels.names("dataset", [dataset_id]).get(dataset_id, str(dataset_id)),
        "revision": labels.names("revision", [revision_id]).get(revision_id, str(revision_id))
        if revision_id
        else "",
        "revision_id": revision_id,
        "now": request.actor.at,
    }
    return show(request, "compliance/recipients.html", context)


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def export_recipients(request: PageRequest, form: str) -> HttpResponse:
    """All recipients of a dataset, or of one revision of it, as a file while it is made."""
    asked = RecipientsForm(request.GET, actor=request.actor)
    asked.offer(_revision_choices(asked, by=request.actor))
    if form not in ("csv", "jsonl"):
        raise Http404
    if not asked.is_valid():
        raise Invalid("name a dataset, and a revision of it: go back to the page and ask again")
    export = exports.export(
        asked.cleaned_data["dataset"], _revision(asked), form=cast(Form, form), by=request.actor
    )
    answer = streamed(request, export, at=request.actor.at, about="recipients")
    return cast(HttpResponse, answer)  # not one of it, but answers alike


def _revision_choices(form: RecipientsForm, *, by: Actor) -> Mapping[str, str]:
    """The revisions of the dataset that a form asks for, by number; none where it asks for no dataset."""
    form.full_clean()
    dataset_id = form.cleaned_data.get("dataset")
    if not isinstance(dataset_id, UUID):
        return {}
    found = queries.revisions_of(dataset_id, visible_to=by)
    numbers = labels.names("revision", found)
    return {str(one): numbers.get(one, str(one)) for one in found}


def _revision(form: RecipientsForm) -> UUID | None:
    given = form.cleaned_data["revision"]
    return UUID(given) if given else None
