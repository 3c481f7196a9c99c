"""A member's saved searches: keep one by name, find it again as a plain link, forget it."""

from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contracts.catalogue import filters, saved_searches
from contracts.models import SavedSearch
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, Invalid
from exchange.look.answers import show
from exchange.look.forms import Form
from exchange.participants.actors.page_auth import PageRequest, member_page


class SearchForm(Form):
    """The name of a search; `query` is the search itself, as the catalogue's address says it."""

    title = forms.CharField(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("By which you will find it again. Only you see it."),
        max_length=saved_searches.LONGEST_TITLE,
    )
    query = forms.CharField(widget=forms.HiddenInput, max_length=saved_searches.LONGEST_QUERY, required=False)


@dataclass(frozen=True)
class Saved:
    """A saved search and what it asks for, in words."""

    search: SavedSearch
    parts: list[str]


@require_safe
@never_cache
@member_page(Scope.READ)
def searches(request: PageRequest) -> HttpResponse:
    """What the member keeps, newest first."""
    rows = [Saved(one, _parts(one.query)) for one in saved_searches.searches_visible_to(request.actor)]
    return show(request, "contracts/searches.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.READ)
def new(request: PageRequest) -> HttpResponse:
    """Give a search a name; what it asks for comes with the address."""
    if request.method != "POST":
        asked = filters.read(request.GET)
        parts = _parts(asked.address())
        words = [asked.search.text()] if asked.search.text() else []
        title = ", ".join([*words, *filters.in_words(asked)])[: saved_searches.LONGEST_TITLE]
        form = SearchForm(initial={"title": title, "query": asked.address()})
        return show(
            request, "contracts/search_new.html", {"form": form, "parts": parts, "query": asked.address()}
        )
    form = SearchForm(request.POST)
    if form.is_valid():
        try:
            kept = saved_searches.keep(**form.cleaned_data, by=request.actor)
        except (Conflict, Invalid) as refusal:
            form.refuse(refusal, "title")
        else:
            messages.success(request, _("Kept: “%(title)s”.") % {"title": kept.title})
            return redirect("buy_searches")
    query = form.cleaned_data.get("query", "")
    context = {"form": form, "parts": _parts(query), "query": filters.read(QueryDict(query)).address()}
    return show(request, "contracts/search_new.html", context, status=422)


@require_POST
@never_cache
@member_page(Scope.READ)
def forget(request: PageRequest, search_id: UUID) -> HttpResponse:
    """Forget one; the link to it goes on working, because it says all that it asks for."""
    found = saved_searches.search_visible_to(request.actor, search_id)
    saved_searches.forget(found, by=request.actor)
    messages.success(request, _("Forgotten: “%(title)s”.") % {"title": found.title})
    return redirect("buy_searches")


def _parts(query: str) -> list[str]:
    asked = filters.read(QueryDict(query))
    words = asked.search.text()
    return [*([_("“%(words)s”") % {"words": words}] if words else []), *filters.in_words(asked)]
