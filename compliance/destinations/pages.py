"""Destinations and law as pages of the desk: may personal data go there, by which row of the law, by which transfer
basis; and the legal profile itself."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from compliance import suggestions
from compliance.destinations import bases, desk, rows
from compliance.destinations.forms import BasisForm, ProfileForm, QuestionForm, RevokeForm, mechanisms
from compliance.legal import installation
from compliance.models import TransferBasis
from exchange.kernel import pagination
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden, Invalid
from exchange.look import submissions
from exchange.look.answers import show
from exchange.look.refusals import sentence_of
from exchange.participants.actors.page_auth import PageRequest, member_page

_SECTION = "desk_destinations"
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def desk_destinations(request: PageRequest) -> HttpResponse:
    """The question and its answer, the register of transfer bases, the decisions of adequacy, the law in force."""
    form = QuestionForm(request.GET if "country" in request.GET else None, actor=request.actor)
    cursor = request.GET.get("cursor") or None
    law = desk.law_in_force(by=request.actor)
    page = desk.look_at_bases(cursor=cursor, limit=pagination.PAGE_SIZE, by=request.actor)
    context: dict[str, Any] = {
        "form": form,
        "law": law,
        "page": page,
        "rows": rows.bases(page.items, request.actor.at),
        "is_first": cursor is None,
        "adequacy": rows.adequacy(law.profile, request.actor.at),
        "mechanisms": mechanisms(),
        "suggested": suggestions.suggestions(by=request.actor),
    }
    if form.is_bound and form.is_valid():
        try:
            context["answer"] = rows.answer(desk.ask(form.question(), by=request.actor))
        except Invalid as refusal:
            form.refuse(refusal, "importer")
    status = 422 if form.is_bound and form.errors else 200
    return show(request, "compliance/legal/destinations.html", context, status=status)


@get_or_post
@never_cache
@member_page(Scope.AUDIT)
def desk_destinations_basis_new(request: PageRequest, mechanism: str) -> HttpResponse:
    """Record a transfer basis of one mechanism."""
    if mechanism not in TransferBasis.Mechanism.values:
        raise Http404
    kind = TransferBasis.Mechanism(mechanism)
    typed = request.POST if request.method == "POST" else None
    form = BasisForm(typed, actor=request.actor, mechanism=kind)
    if form.is_bound and form.is_valid():
        if before := submissions.made(request):
            return redirect("desk_destinations_basis", before)
        try:
            made = bases.record(form.entry(), by=request.actor)
        except (Invalid, Conflict) as refusal:
            form.refuse(refusal)
        else:
            submissions.keep(request, made.pk)
            messages.success(request, _("Recorded. It counts once an officer has confirmed it."))
            return redirect("desk_destinations_basis", made.pk)
    title = dict(mechanisms())[mechanism]
    context = {
        "form": form,
        "title": title,
        "kind": mechanism,
        "suggested": suggestions.suggestions(by=request.actor),
    }
    status = 422 if form.is_bound else 200
    return show(request, "compliance/legal/basis_new.html", context, section=_SECTION, status=status)


@get_or_post
@never_cache
@member_page(Scope.AUDIT)
def desk_destinations_basis(request: PageRequest, basis_id: UUID) -> HttpResponse:
    """One transfer basis; a POST confirms it."""
    found = desk.open_basis(basis_id, by=request.actor)
    refusal = ""
    if request.method == "POST":
        try:
            bases.confirm(found, by=request.actor)
        except (Conflict, Forbidden) as error:
            refusal = sentence_of(error)
            found.refresh_from_db()
        else:
            messages.success(request, _("Confirmed. Transfers may rest on it from now on."))
            return redirect("desk_destinations_basis", basis_id)
    context = {"row": rows.basis(found, request.actor.at), "refusal": refusal}
    status = 422 if refusal else 200
    return show(request, "compliance/legal/basis.html", context, section=_SECTION, status=status)


@get_or_post
@never_cache
@member_page(Scope.AUDIT)
def desk_destinations_revoke(request: PageRequest, basis_id: UUID) -> HttpResponse:
    """End a transfer basis, for a reason."""
    found = bases.basis_visible_to(request.actor, basis_id)
    form = RevokeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            bases.revoke(found, form.cleaned_data["reason"], by=request.actor)
        except Invalid as refusal:
            form.refuse(refusal, "reason")
        except Conflict as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Revoked. The next transfer under it is refused."))
            return redirect("desk_destinations_basis", basis_id)
    context = {"row": rows.basis(found, request.actor.at), "form": form}
    status = 422 if form.is_bound else 200
    return show(request, "compliance/legal/basis_revoke.html", context, section=_SECTION, status=status)


@get_or_post
@never_cache
@member_page(Scope.AUDIT)
def desk_destinations_law(request: PageRequest) -> HttpResponse:
    """The legal profile in force and those before it; a POST installs a signed one."""
    form = ProfileForm(request.POST, request.FILES) if request.method == "POST" else ProfileForm()
    if form.is_bound and form.is_valid():
        try:
            made = installation.install(form.cleaned_data["file"].read(), by=request.actor)
        except (Invalid, Conflict, Forbidden) as refusal:
            form.add_error("file", sentence_of(refusal))
        else:
            said = _("Installed. Every decision follows number %(serial)s from now on.")
            messages.success(request, said % {"serial": made.serial})
            return redirect("desk_destinations_law")
    context = {
        "form": form,
        "law": desk.law_in_force(by=request.actor),
        "history": desk.history(by=request.actor),
        "key": _trusted(),
    }
    status = 422 if form.is_bound else 200
    return show(request, "compliance/legal/law.html", context, section=_SECTION, status=status)


def _trusted() -> str:
    try:
        return str(installation.trusted_key())
    except ExchangeError:
        return ""
