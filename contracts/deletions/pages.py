"""The buyer's statement that what it held is deleted: asked for on a page of its own, and kept as a file by both
sides."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from contracts import queries
from contracts.deletions import deletions
from contracts.deletions.forms import DeletionForm
from contracts.holdings.holdings import of as holdings_of
from contracts.terms.rights import language
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, Invalid, NotFound
from exchange.look.answers import show
from exchange.look.refusals import refusal_of
from exchange.participants.actors.page_auth import PageRequest, member_page


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.BUY)
def holding_delete(request: PageRequest, entitlement_id: UUID) -> HttpResponse:
    """What is held, the words that are signed, and the signature; only after the end, and once."""
    right = queries.entitlement_visible_to(request.actor, entitlement_id)
    if right.buyer_id != request.actor.participant_id:
        raise NotFound("there is no such licence of yours")
    held = holdings_of([right], now=request.actor.at)
    if request.method != "POST" and (not held or held[0].keeping in ("licensed", "deleted")):
        return redirect("holding", entitlement_id)
    form, refusal = DeletionForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            deletions.state(right, remark=form.cleaned_data["remark"], by=request.actor)
            messages.success(request, _("Stated, sealed and recorded. The seller sees it."))
            return redirect("holding", entitlement_id)
        except Invalid as error:
            form.refuse(error, "remark")
        except Conflict as error:
            refusal = refusal_of(error)
    context = {
        "entitlement": right,
        "held": held,
        "words": deletions.WORDS[language()],
        "form": form,
        "refusal": refusal,
        "now": request.actor.at,
    }
    status = 409 if refusal else 422 if request.method == "POST" else 200
    return show(request, "contracts/holding_delete.html", context, section="buy_holdings", status=status)


@require_safe
@never_cache
@member_page(Scope.READ)
def deletion_document(request: PageRequest, statement_id: UUID) -> HttpResponse:
    """The statement with its digest and seal, for keeping."""
    found = queries.deletion_statement_visible_to(request.actor, statement_id)
    kept = {"document": deletions.document(found), "sha256": found.digest, "seal": found.seal}
    answer = JsonResponse(kept, json_dumps_params={"indent": 2})
    answer["Content-Disposition"] = f'attachment; filename="deletion-{found.pk}.json"'
    return answer
