"""The pages of webhooks: adding one, its secret shown once, what was tried, another secret, a pause, and its end."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden, Invalid
from exchange.look import submissions
from exchange.look.answers import show
from exchange.look.refusals import refusal_of
from exchange.participants import queries, vault
from exchange.participants.actors.page_auth import PageRequest, member_page
from exchange.participants.models import Webhook
from exchange.participants.webhooks import webhooks
from exchange.participants.webhooks.forms import KINDS, WebhookForm

_IN_SESSION = "fresh_webhook_secret"
_MOST_ATTEMPTS = 30
_NO_ANSWER: dict[str, Any] = {
    "no_answer_in_time": gettext_lazy("no answer in time"),
    "not_reached": gettext_lazy("not reached"),
    "tls_not_trusted": gettext_lazy("certificate not trusted"),
    "answer_too_large": gettext_lazy("answer too large"),
    "address_private": gettext_lazy("leads to a private network"),
}
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True)
class WebhookRow:
    """A webhook as the pages show it."""

    webhook: Webhook
    kinds: list[Any]
    may_change: bool


@require_safe
@never_cache
@member_page(Scope.READ)
def listed(request: PageRequest) -> HttpResponse:
    """The organisation's webhooks, the oldest first."""
    rows = [_row(request, one) for one in queries.webhooks_visible_to(request.actor).order_by("pk")]
    context = {"rows": rows, "may_add": request.actor.can(Scope.MANAGE)}
    return show(request, "participants/webhooks.html", context)


@get_or_post
@never_cache
@member_page(Scope.MANAGE)
def new(request: PageRequest) -> HttpResponse:
    """Add a webhook; its secret is on the next page, once."""
    if request.method == "POST" and (earlier := _made(request)) is not None:
        return redirect("organisation_webhooks_secret", earlier)
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        assert request.actor.participant_id is not None
        own = queries.own_participant(request.actor, request.actor.participant_id)
        try:
            webhook, fresh = webhooks.add(own, **form.cleaned_data, by=request.actor)
        except (Invalid, Conflict) as refusal:
            form.refuse(refusal)
        else:
            submissions.keep(request, webhook.pk)
            return _to_secret(request, webhook, fresh)
    status = 422 if form.is_bound and form.errors else 200
    return show(request, "participants/webhook_new.html", {"form": form}, status=status)


@require_http_methods(["GET"])
@never_cache
@member_page(Scope.READ)
def secret(request: PageRequest, webhook_id: UUID) -> HttpResponse:
    """A fresh secret, this once; afterwards the page says that it was shown."""
    found = queries.webhook_visible_to(request.actor, webhook_id)
    kept = request.session.pop(_IN_SESSION, None)
    shown = vault.unwrap(kept["sealed"]) if kept and kept["webhook"] == str(found.pk) else ""
    context = {"row": _row(request, found), "secret": shown}
    return show(request, "participants/webhook_secret.html", context)


@require_safe
@never_cache
@member_page(Scope.READ)
def webhook(request: PageRequest, webhook_id: UUID) -> HttpResponse:
    """One webhook: how it fares, and what was tried."""
    return _show(request, queries.webhook_visible_to(request.actor, webhook_id), None)


@get_or_post
@never_cache
@member_page(Scope.READ)
def rotate(request: PageRequest, webhook_id: UUID) -> HttpResponse:
    """Give a webhook another secret, on a page of its own."""
    found = queries.webhook_visible_to(request.actor, webhook_id)
    if request.method == "POST":
        try:
            fresh = webhooks.rotate(found, by=request.actor)
        except (Conflict, Forbidden) as refusal:
            return _show(request, found, refusal)
        return _to_secret(request, found, fresh)
    if not request.actor.can(Scope.MANAGE):
        return redirect("organisation_webhooks_one", found.pk)
    return show(request, "participants/webhook_rotate.html", {"webhook": found})


@get_or_post
@never_cache
@member_page(Scope.READ)
def delete(request: PageRequest, webhook_id: UUID) -> HttpResponse:
    """End a webhook for good, on a page of its own."""
    found = queries.webhook_visible_to(request.actor, webhook_id)
    if request.method == "POST":
        try:
            webhooks.delete(found, by=request.actor)
        except (Conflict, Forbidden) as refusal:
            return _show(request, found, refusal)
        messages.success(request, _("The webhook is deleted. Nothing is sent to its address any more."))
        return redirect("organisation_webhooks")
    if not request.actor.can(Scope.MANAGE):
        return redirect("organisation_webhooks_one", found.pk)
    return show(request, "participants/webhook_delete.html", {"webhook": found})


@require_POST
@never_cache
@member_page(Scope.READ)
def pause(request: PageRequest, webhook_id: UUID) -> HttpResponse:
    """Stop sending for a while."""
    return _do(request, webhook_id, webhooks.pause, _("The webhook is paused. What happens meanwhile waits."))


@require_POST
@never_cache
@member_page(Scope.READ)
def resume(request: PageRequest, webhook_id: UUID) -> HttpResponse:
    """Go on where it was stopped."""
    return _do(request, webhook_id, webhooks.resume, _("The webhook goes on where it was stopped."))


@require_POST
@never_cache
@member_page(Scope.READ)
def test(request: PageRequest, webhook_id: UUID) -> HttpResponse:
    """Have something sent now."""
    words = _("A test is on its way: it leaves as soon as the log has sealed it. Reload to see what came back.")
    return _do(request, webhook_id, webhooks.send_test, words)


def _do(request: PageRequest, webhook_id: UUID, verb: Callable[..., object], words: str) -> HttpResponse:
    found = queries.webhook_visible_to(request.actor, webhook_id)
    try:
        verb(found, by=request.actor)
    except (Conflict, Forbidden) as refusal:
        return _show(request, found, refusal)
    messages.success(request, words)
    return redirect("organisation_webhooks_one", found.pk)


def _to_secret(request: PageRequest, webhook: Webhook, fresh: str) -> HttpResponse:
    request.session[_IN_SESSION] = {"webhook": str(webhook.pk), "sealed": vault.wrap(fresh)}
    return redirect("organisation_webhooks_secret", webhook.pk)


def _show(request: PageRequest, found: Webhook, refusal: ExchangeError | None) -> HttpResponse:
    tried = queries.attempts_visible_to(request.actor, found.pk).order_by("-pk")[:_MOST_ATTEMPTS]
    context = {
        "row": _row(request, found),
        "attempts": [(one, one.status or _NO_ANSWER.get(one.code, one.code)) for one in tried],
        "waiting": queries.waiting_messages(request.actor, found.pk),
        "refusal": refusal_of(refusal) if refusal else None,
    }
    status = 409 if isinstance(refusal, Conflict) else 403 if refusal else 200
    section = "organisation_webhooks"
    return show(request, "participants/webhook.html", context, section=section, status=status)


def _row(request: PageRequest, found: Webhook) -> WebhookRow:
    kinds = [KINDS[name][0] if name in KINDS else name for name in found.names]
    return WebhookRow(found, kinds, request.actor.can(Scope.MANAGE))


def _made(request: PageRequest) -> UUID | None:
    """What the same form has made before, if it is still there."""
    earlier = submissions.made(request)
    return _id_among(request.actor, earlier) if earlier else None


def _id_among(actor: Actor, row_id: str) -> UUID | None:
    return queries.webhooks_visible_to(actor).filter(pk=row_id).values_list("pk", flat=True).first()
