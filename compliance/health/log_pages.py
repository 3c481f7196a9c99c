"""Pages about the log: what it is and how anyone can check it, and what it holds of one thing, with its proof, for the
parties and for officers."""

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from compliance import queries, words
from compliance.health import checking
from compliance.proofs import proven
from exchange.kernel.actors import Scope
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, member_page, open_page

_HEADS = 5
_MOST_EVENTS = 100


@require_safe
@open_page
def check_log(request: PageRequest) -> HttpResponse:
    """Check it yourself: for everybody, without an account."""
    return show(request, "compliance/check_log.html", checking.how_to_check(_HEADS))


@require_safe
@never_cache
@member_page(Scope.READ)
def log_about(request: PageRequest, noun: str, subject_id: str) -> HttpResponse:
    """The newest Events about one thing, and the proof of the leaf that is asked for, else of the last one proven."""
    newest = queries.events_about(f"{noun}:{subject_id}", visible_to=request.actor, at_most=_MOST_EVENTS + 1)
    events = newest[-_MOST_EVENTS:]
    coverage = queries.coverage()
    leaves = coverage.leaves if coverage else 0
    drawn = proven.chosen(events, leaves, proven.asked_leaf(request.GET.get("leaf", "")))
    context = {
        "noun": words.SUBJECTS.get(noun, noun),
        "subject_id": subject_id,
        "moments": proven.moments(events, leaves, drawn),
        "are_more": len(newest) > len(events),
        "proof": proven.of(drawn) if drawn else None,
    }
    section = "desk_log" if request.actor.can(Scope.AUDIT) else ""
    return show(request, "compliance/log_about.html", context, section=section)
