"""The thread of a negotiation as the pages of the talk and of its sale show it, with the form of who may answer."""

from typing import Any

from contracts.models import Negotiation
from contracts.talks import talks
from contracts.talks.forms import MessageForm
from exchange.kernel.actors import Actor, Scope

MOST_MESSAGES = 200


def shown(actor: Actor, talk: Negotiation, form: MessageForm | None = None) -> dict[str, Any]:
    """The newest messages, oldest first, and a form where the actor may write; a closed thread says so to its sides."""
    newest = list(talks.messages_visible_to(actor, talk.pk).reverse()[:MOST_MESSAGES])
    files = talks.files_of(newest)
    is_closed = talk.state == Negotiation.State.TERMINATED
    scope = Scope.SELL if actor.participant_id == talk.seller_id else Scope.BUY
    may_write = actor.participant_id in (talk.seller_id, talk.buyer_id) and actor.can(scope)
    return {
        "thread": [(one, files.get(one.pk, [])) for one in newest[::-1]],
        "thread_is_closed": is_closed,
        "message_form": (form or MessageForm()) if may_write and not is_closed else None,
    }
