"""The publish gate as the seller's page: every column declared against found, what is still to be stated, and what
officers said of each version."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from compliance import queries as compliance
from compliance.reviews import rows, words
from compliance.words import REVIEWS
from datasets import queries
from datasets.gate import findings
from datasets.gate import gate as gates
from datasets.models import Dataset
from exchange.kernel import events
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, member_page

_MOST_VERSIONS = 20


@require_safe
@never_cache
@member_page(Scope.READ)
def gate(request: PageRequest, dataset_id: UUID) -> HttpResponse:
    """The current revision at the gate, or another one of `?revision=`."""
    dataset = queries.dataset_visible_to(request.actor, dataset_id)
    try:
        found = gates.of(dataset, _asked(request), by=request.actor)
    except Conflict:  # nothing is sealed yet
        return redirect("sell_datasets_one", dataset.pk)
    stated = findings.stated_of(found.declaration) if found.declaration else {}
    reviews = compliance.reviews_visible_to(request.actor).filter(subject=events.subject_of(dataset))
    context = {
        "dataset": dataset,
        "found": found,
        "columns": rows.columns(found.columns),
        "causes": rows.causes(found.causes),
        "answers": rows.answers(stated),
        "criteria": [words.CRITERIA[one] for one in found.criteria],
        "lacking": [(words.LACKS[one.code], words.FIELDS[one.field], one.field) for one in found.lacking],
        "reviews": [
            (one, REVIEWS[one.state], rows.causes(one.causes))
            for one in reviews.order_by("-pk")[:_MOST_VERSIONS]
        ],
        "revisions": queries.revisions_visible_to(request.actor, dataset.pk)
        .exclude(sealed_at=None)
        .order_by("-number")[:_MOST_VERSIONS],
        "may_declare": request.actor.can(Scope.SELL)
        and request.actor.acts_for(dataset.seller_id)
        and dataset.state != Dataset.State.RETIRED,
    }
    return show(request, "datasets/gate.html", context)


def _asked(request: PageRequest) -> UUID | None:
    try:
        return UUID(request.GET.get("revision", ""))
    except ValueError:
        return None
