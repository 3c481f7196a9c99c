"""The records of processing as pages: both registers, one activity, what is added by hand, reviews, files. An
organisation sees its own; officers see the operator's."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.activities import completions, desk, forms, shown, words
from compliance.activities.desk import FORMS
from compliance.activities.imported import Preview
from compliance.activities.shape import Completed, Register
from compliance.activities.words import Called
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, Invalid
from exchange.look.answers import as_file, show
from exchange.participants.actors.page_auth import PageRequest, member_page

_REGISTER = "register"

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@never_cache
@member_page(Scope.READ)
def register(request: PageRequest) -> HttpResponse:
    """Both registers of the acting organisation, what does not agree first."""
    found, names = desk.look(by=request.actor)
    context = {"shown": shown.register(found, names), "may_add": _may_add(request), "now": request.actor.at}
    return show(request, "compliance/activities/register.html", context, section=_section(request))


@require_safe
@never_cache
@member_page(Scope.READ)
def activity(request: PageRequest, key: str) -> HttpResponse:
    """One activity: what follows from the log, what was added, and what does not agree."""
    found, whole, names = desk.open_activity(key, by=request.actor)
    context = {
        "shown": shown.activity(found, names),
        "register": shown.register(Register(whole.participant_id, whole.head, ()), names),
        "may_add": _may_add(request),
        "form": forms.ReviewForm(),
    }
    return show(request, "compliance/activities/activity.html", context, section=_section(request))


@get_or_post
@never_cache
@member_page(Scope.READ)
def edit(request: PageRequest, key: str) -> HttpResponse:
    """Add by hand what nobody can derive, to one activity or to the whole register."""
    completions.require_own_register(request.actor)
    title, completed = _edited(request, key)
    name = "" if key == _REGISTER else key
    typed = request.POST if request.method == "POST" else None
    form = forms.CompletionForm(typed, activity=name, initial=forms.initial_of(completed))
    if form.is_bound and form.is_valid():
        try:
            number = form.cleaned_data["number"]
            completions.complete(name, form.parts(), form.contacts(), shown=number, by=request.actor)
        except (Invalid, Conflict) as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Kept. What it said before stays in the log."))
            return redirect("desk_activities_one", key) if name else redirect("desk_activities")
    context = {
        "form": form,
        "title": title,
        "key": name,
        "fields": [one for one in form if one.name != "number"],
    }
    status = 422 if form.is_bound else 200
    return show(request, "compliance/activities/edit.html", context, section=_section(request), status=status)


@require_POST
@never_cache
@member_page(Scope.READ)
def review(request: PageRequest, key: str) -> HttpResponse:
    """Say that an activity was looked at and is right."""
    found, _whole, names = desk.open_activity(key, by=request.actor)
    form = forms.ReviewForm(request.POST)
    if not form.is_valid():
        context = {"shown": shown.activity(found, names), "may_add": _may_add(request), "form": form}
        template = "compliance/activities/activity.html"
        return show(request, template, context, section=_section(request), status=422)
    completions.review(key, form.cleaned_data["remark"], by=request.actor)
    messages.success(request, _("Noted. The page says when to look again."))
    return redirect("desk_activities_one", key)


@require_safe
@never_cache
@member_page(Scope.READ)
def export(request: PageRequest, form: str) -> HttpResponse:
    """Both registers as one file."""
    if form not in FORMS:
        raise Http404
    file = desk.export(form, by=request.actor)
    return as_file(file.content, name=file.name, media_type=file.media_type)


@get_or_post
@never_cache
@member_page(Scope.READ)
def take_over(request: PageRequest) -> HttpResponse:
    """Choose a file, see what it would change, then take it over."""
    completions.require_own_register(request.actor)
    form = forms.FileForm(request.POST, request.FILES) if request.method == "POST" else forms.FileForm()
    context: dict[str, Any] = {"form": form}
    if form.is_bound and form.is_valid():
        try:
            content = form.written()
            if "take_over" in request.POST:
                done = desk.take_over(content, by=request.actor)
                messages.success(request, _said(done))
                return redirect("desk_activities")
            found, names = desk.look(by=request.actor)
            preview = desk.preview(content, by=request.actor)
            context |= {"preview": _shown(preview, found, names), "content": content.decode()}
        except (Invalid, UnicodeDecodeError) as refusal:
            form.add_error("file", _unreadable(refusal))
    status = 422 if form.is_bound and form.errors else 200
    return show(request, "compliance/activities/import.html", context, section=_section(request), status=status)


def _shown(found: Preview, register: Register, names: Called) -> dict[str, Any]:
    """What taking a file over would do, in words."""
    titles = {one.key: words.title(one, names) for one in register.activities}
    called = {**titles, "": str(_("The whole register"))}
    return {
        "changes": [
            (called[one.activity], words.PARTS[one.part], one.before, one.after) for one in found.changes
        ],
        "mismatches": [
            (called[one.activity], words.FIELDS[one.field], one.in_log, one.in_file) for one in found.mismatches
        ],
        "unknown": found.unknown,
        "missing": [called[one] for one in found.missing],
    }


def _edited(request: PageRequest, key: str) -> tuple[str, Completed]:
    found, names = desk.look(by=request.actor)
    if key == _REGISTER:
        return _("The whole register"), found.head
    one = next((each for each in found.activities if each.key == key), None)
    if one is None:
        raise Http404
    return words.title(one, names), one.completed


def _said(done: Preview) -> str:
    return _("Taken over: %(count)s changes.") % {"count": len(done.changes)}


def _unreadable(refusal: Invalid | UnicodeDecodeError) -> str:
    if isinstance(refusal, Invalid):
        return refusal.detail[:1].upper() + refusal.detail[1:] + "."
    return _("This file cannot be read as text.")


def _may_add(request: PageRequest) -> bool:
    return request.actor.can(Scope.AUDIT) or request.actor.can(Scope.MANAGE)


def _section(request: PageRequest) -> str:
    """Officers find it on the desk, everybody else with their organisation."""
    return "desk_activities" if request.actor.can(Scope.AUDIT) else "organisation_activities"
