"""The operator's pages about organisations and people: who waits to be verified, on what evidence the others were,
and who acts for them. For operators with a second factor."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from exchange.kernel import pagination
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden, Invalid
from exchange.kernel.problems import status_of
from exchange.look.answers import show
from exchange.look.refusals import refusal_of
from exchange.participants import queries, words
from exchange.participants.actors.page_auth import PageRequest, member_page
from exchange.participants.members import members
from exchange.participants.models import Participant
from exchange.participants.operator import confirmations, figures, rows
from exchange.participants.operator.forms import EvidenceForm, PeopleForm, SearchForm, shown_of

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@never_cache
@member_page(Scope.OPERATE)
def participants(request: PageRequest) -> HttpResponse:
    """Who waits to be verified, then every organisation, newest first."""
    state = request.GET.get("state", "")
    if state and state not in words.STATES:
        raise Http404
    form = SearchForm(request.GET)
    context: dict[str, Any] = {"form": form, "state": state, "now": request.actor.at}
    if not form.is_valid():
        return show(request, "participants/operate_participants.html", context, status=422)
    name, cursor = form.cleaned_data["name"], request.GET.get("cursor") or None
    counts = rows.state_counts(request.actor, name)
    found = rows.participants(request.actor, state=state, name=name)
    page = pagination.page(found, cursor=cursor)
    is_whole = not (state or name or cursor)
    context |= {
        "page": page,
        "rows": rows.participant_rows(page.items),
        "states": [
            ("", pgettext("organisations", "All"), sum(counts.values())),
            *((value, mark.words, counts[value]) for value, mark in words.STATES.items()),
        ],
        "name": name,
        "waiting": rows.oldest_waiting(request.actor) if is_whole else [],
        "waiting_count": counts[Participant.State.APPLIED],
        "is_first": cursor is None,
    }
    return show(request, "participants/operate_participants.html", context)


@require_safe
@never_cache
@member_page(Scope.OPERATE)
def participant(request: PageRequest, participant_id: UUID) -> HttpResponse:
    """One organisation: what it says of itself, what was seen of it, who acts for it, and what was decided."""
    return _show_one(request, participant_id)


@get_or_post
@never_cache
@member_page(Scope.OPERATE)
def verify(request: PageRequest, participant_id: UUID) -> HttpResponse:
    """Note what was seen of an organisation: the first time this verifies it, later it puts the evidence right."""
    found = queries.participant_visible_to(request.actor, participant_id)
    if not rows.may_decide(request.actor, found):
        return redirect("operate_participants_one", participant_id)
    is_first = found.state == Participant.State.APPLIED
    form = EvidenceForm(request.POST if request.method == "POST" else None, participant=found)
    if form.is_bound and form.is_valid():
        try:
            _require_same(form.cleaned_data["shown"], found)
            decide = members.verify if is_first else members.amend
            decide(found, **form.facts(), by=request.actor)
        except Invalid as refusal:
            form.refuse(refusal, "certifications" if refusal.code == "unknown_certification" else "evidence")
        except (Conflict, Forbidden) as refusal:
            return _show_one(request, participant_id, refusal)
        else:
            said = (
                _("Verified. It may sell and buy from now on.") if is_first else _("The evidence is put right.")
            )
            messages.success(request, said)
            return redirect("operate_participants_one", participant_id)
    context = {
        "participant": found,
        "mark": words.STATES[found.state],
        "form": form,
        "is_first": is_first,
    }
    return show(request, "participants/operate_verify.html", context, status=422 if form.is_bound else 200)


@get_or_post
@never_cache
@member_page(Scope.OPERATE)
def decide(request: PageRequest, participant_id: UUID, verb: str) -> HttpResponse:
    """Ask before an organisation is suspended, restored or closed; a POST does it."""
    found = queries.participant_visible_to(request.actor, participant_id)
    confirmation = confirmations.of(verb, found)
    if confirmation is None or not rows.may_decide(request.actor, found):
        if request.method != "POST":
            return redirect("operate_participants_one", participant_id)
        return _show_one(request, participant_id, _stale())
    form = confirmation.form(request.POST if request.method == "POST" else None, participant=found)
    if form.is_bound and form.is_valid():
        try:
            _require_same(form.cleaned_data["shown"], found)
            confirmation.decide(found, reason=form.cleaned_data["reason"], by=request.actor)
        except Invalid as refusal:
            form.refuse(refusal, "reason")
        except (Conflict, Forbidden) as refusal:
            return _show_one(request, participant_id, refusal)
        else:
            messages.success(request, confirmation.done)
            return redirect("operate_participants_one", participant_id)
    context = {"participant": found, "confirmation": confirmation, "form": form}
    context |= {"consequences": confirmation.consequences, "act": confirmation.act, "keep": confirmation.keep}
    return show(request, "participants/operate_confirm.html", context, status=422 if form.is_bound else 200)


@require_safe
@never_cache
@member_page(Scope.OPERATE)
def people(request: PageRequest) -> HttpResponse:
    """Who acts for which organisation, newest first."""
    form = PeopleForm(request.GET)
    context: dict[str, Any] = {"form": form, "now": request.actor.at}
    if not form.is_valid():
        return show(request, "participants/operate_members.html", context, status=422)
    asked, cursor = form.cleaned_data, request.GET.get("cursor") or None
    page = pagination.page(rows.people(request.actor, **asked), cursor=cursor)
    context |= {
        "page": page,
        "rows": rows.member_rows(page.items, by=request.actor),
        "is_filtered": any(asked.values()),
        "unprotected": rows.unprotected(request.actor),
    }
    return show(request, "participants/operate_members.html", context)


def _show_one(request: PageRequest, participant_id: UUID, refusal: ExchangeError | None = None) -> HttpResponse:
    """The organisation as it stands now, under what was refused, if anything was."""
    found = queries.participant_visible_to(request.actor, participant_id)
    context = {
        "participant": found,
        "mark": words.STATES[found.state],
        "may_decide": rows.may_decide(request.actor, found),
        "people": rows.people_of(request.actor, participant_id),
        "history": rows.history(request.actor, found),
        "figures": figures.of(participant_id),
        "now": request.actor.at,
        "refusal": refusal_of(refusal) if refusal else None,
    }
    template = "participants/operate_participant.html"
    return show(
        request,
        template,
        context,
        section="operate_participants",
        status=status_of(refusal) if refusal else 200,
    )


def _require_same(shown: str, participant: Participant) -> None:
    if shown != shown_of(participant):
        raise _stale()


def _stale() -> Conflict:
    return Conflict(
        "somebody changed this after you opened the page; look at how it stands now", code="stale_page"
    )
