"""The pages of a person who asks: the form, which anybody may send, and the page behind the secret link, on which the
request is confirmed, followed, written about, taken back, and its answer taken."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.models import SubjectRequest
from compliance.requests import answer_codes, decisions, intake, queries, rows, words
from compliance.requests.forms import CodeForm, MessageForm, PersonForm
from exchange.kernel.errors import ExchangeError, Invalid
from exchange.look.answers import as_file, show
from exchange.participants.actors.page_auth import visitor
from exchange.participants.limits import allows

_ZIP = "application/zip"
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
@never_cache
def ask(request: HttpRequest) -> HttpResponse:
    """The form. Whoever is known here and whoever is not get the same answer."""
    form = PersonForm(request.POST if request.method == "POST" else None, initial={"kind": "access"})
    if form.is_bound and form.is_valid():
        if not allows(request, "privacy_request", about=form.cleaned_data["email"]):
            form.add_error(None, _("Too many requests from here, or for this address. Try again tomorrow."))
            return show(request, "compliance/requests/ask.html", {"form": form}, status=429)
        try:
            intake.ask(form.asked(), by=visitor())
            return redirect("privacy_request_sent")
        except Invalid as refusal:
            form.refuse(refusal)
    return show(request, "compliance/requests/ask.html", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
@never_cache
def sent(request: HttpRequest) -> HttpResponse:
    """What happens next, the same for all."""
    return show(request, "compliance/requests/sent.html")


@get_or_post
@never_cache
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """The person's own page. Opening it changes nothing; its buttons do."""
    found = queries.request_by(token)
    form = MessageForm(request.POST if request.method == "POST" and "words" in request.POST else None)
    if request.method == "POST" and not form.is_bound:
        intake.confirm(found, by=visitor())
        messages.success(request, _("Confirmed. Your request is with us."))
        return redirect("privacy_follow", token)
    if form.is_bound and form.is_valid():
        try:
            intake.write_in(found, form.cleaned_data["words"], by=visitor())
            messages.success(request, _("Sent. We read it."))
            return redirect("privacy_follow", token)
        except ExchangeError as refusal:
            form.refuse(refusal)
    status = 422 if form.is_bound else 200
    return show(request, "compliance/requests/follow.html", _context(found, token, form), status=status)


@require_POST
@never_cache
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """Take the request back."""
    found = queries.request_by(token)
    decisions.withdraw(found, by=intake.as_person(found, visitor()))
    messages.success(request, _("Taken back. We do nothing more about it."))
    return redirect("privacy_follow", token)


@get_or_post
@never_cache
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Send a code to the person's address, and give the answer out for it."""
    found = queries.request_by(token)
    has_code = request.method == "POST" and "code" in request.POST
    form = CodeForm(request.POST if has_code else None)
    if request.method == "POST" and not allows(request, "privacy_code", about=str(found.pk)):
        form.errors.clear()
        messages.error(request, _("Too many attempts. Try again in an hour."))
        return redirect("privacy_follow", token)
    if request.method == "POST" and not has_code:
        try:
            answer_codes.send(found, by=visitor())
            messages.success(request, _("The code is on its way to your address. It works for 15 minutes."))
        except ExchangeError as refusal:
            messages.warning(request, rows.sentence(refusal))
        return redirect("privacy_answer", token)
    if form.is_bound and form.is_valid():
        try:
            taken = answer_codes.take(found, form.cleaned_data["code"], by=visitor())
            return as_file(taken, name=f"answer-{found.person}.zip", media_type=_ZIP)
        except ExchangeError as refusal:
            form.refuse(refusal, "code")
    context = {"about": found, "token": token, "form": form, "has_answer": found.answer is not None}
    status = 422 if form.is_bound else 200
    return show(request, "compliance/requests/take.html", context, status=status)


def _context(found: SubjectRequest, token: str, form: MessageForm) -> dict[str, Any]:
    now: datetime = visitor().at
    return {
        "about": found,
        "token": token,
        "form": form,
        "mark": rows.mark_of(found),
        "what": words.CHOICES[found.kind],
        "letters": rows.letters_for_person(found) if found.is_confirmed else [],
        "is_late": found.is_open and found.paused_at is None and found.due_at < now,
        "now": now,
    }
