"""The publish gate as pages of the desk: what waits and since when, and one version, declared beside found."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from compliance.models import Review
from compliance.reviews import queries, reviews, rows
from compliance.reviews.forms import ReviewsForm, VerdictForm
from exchange.kernel import pagination
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.problems import status_of
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, member_page


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def desk_reviews(request: PageRequest) -> HttpResponse:
    """Which datasets wait for an officer, why and since when, and what was decided."""
    form = ReviewsForm({"state": Review.State.OPEN, **request.GET.dict()})
    if not form.is_valid():
        return show(request, "compliance/reviews/reviews.html", {"form": form}, status=422)
    asked, cursor = form.asked(), request.GET.get("cursor") or None
    page = pagination.page(queries.asked_visible_to(request.actor, **asked), cursor=cursor)
    context = {
        "form": form,
        "page": page,
        "rows": rows.reviews(page.items, by=request.actor),
        "is_waiting": asked == {"state": Review.State.OPEN, "cause": None, "days": None},
        "is_first": cursor is None,
        "now": request.actor.at,
    }
    return show(request, "compliance/reviews/reviews.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.AUDIT)
def desk_review(request: PageRequest, review_id: UUID) -> HttpResponse:
    """One version of a dataset: every column declared beside found, what the seller states; a POST decides."""
    found = queries.review_visible_to(request.actor, review_id)
    form, status = VerdictForm(request.POST if request.method == "POST" else None), 200
    if form.is_bound and form.is_valid():
        try:
            messages.success(request, _decide(found, form, by=request.actor))
            return redirect("desk_review", review_id)
        except Invalid as refusal:
            form.refuse(refusal, "reason")
        except (Conflict, Forbidden) as refusal:
            status = status_of(refusal)
            form.refuse(refusal)
            found = queries.review_visible_to(request.actor, review_id)
    context = {**_shown(found, by=request.actor), "form": form}
    status = 422 if form.is_bound and status == 200 else status
    return show(request, "compliance/reviews/review.html", context, section="desk_reviews", status=status)


def _shown(found: Review, *, by: Actor) -> dict[str, Any]:
    [row] = rows.reviews([found], by=by)
    given = queries.verdicts_of(found)
    versions = [one for one in queries.versions_visible_to(by, found) if one.pk != found.pk]
    return {
        "row": row,
        "review": found,
        "columns": rows.columns(found.columns or [_old(one) for one in found.contradictions]),
        "causes": rows.causes(found.causes),
        "answers": rows.answers(found.stated),
        "verdicts": rows.verdicts(given),
        "versions": rows.reviews(versions, by=by),
        "approvals": sum(one.is_approval for one in given),
        "needed": settings.EXCHANGE_REVIEWERS,
        "may_decide": found.state == Review.State.OPEN and reviews.may_review(found, by),
    }


def _old(contradiction: dict[str, str]) -> dict[str, Any]:
    """A column of a review that was opened before all columns were kept."""
    more = {"confidence": "", "method": "", "matched": 0, "sampled": 0, "standing": "more_found"}
    return {**contradiction, **more}


def _decide(review: Review, form: VerdictForm, *, by: Actor) -> str:
    """Carry out the verdict; answers what to say of it."""
    reason = form.cleaned_data["reason"]
    if form.cleaned_data["verdict"] == "refuse":
        reviews.refuse(review, reason, by=by)
        return _("Refused. This version stays unpublished.")
    if reviews.approve(review, reason, by=by).state == Review.State.OPEN:
        return _("Your approval is kept. Another officer must approve, too.")
    return _("Approved. The seller may publish this version.")
