"""Copies that come back by the seller's act, once for each transfer. One of which no byte was sent comes back by
itself: `transfers.sweep_idle`."""

from django.db import transaction

from contracts.entitlements import allowances, entitlements
from contracts.models import Transfer
from contracts.transfers.transfers import transition_with_ranges
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden
from exchange.participants.members import members

_STATE = Transfer.State


@transaction.atomic
def give_back(transfer: Transfer, *, reason: str, by: Actor) -> Transfer:
    """Let the buyer take the copy of this transfer anew. The transfer is over: it cannot be gone on with."""
    by.require(Scope.SELL)
    if not by.acts_for(transfer.seller_id):
        raise Forbidden("only the seller may give a copy back", code="other_organisation")
    members.require_cleared(transfer.seller_id)
    given = text.reason(reason)
    # Locked in the order of transfers.start_many, right before transfer.
    entitlements.locked(transfer.entitlement_id)
    transfer = Transfer.objects.select_for_update().get(pk=transfer.pk)
    _require_taken(transfer)
    mine = Transfer.objects.filter(pk=transfer.pk, copy_given_back_at=None)
    if not mine.update(copy_given_back_at=by.at) or not allowances.put_back(transfer, at=by.at):
        raise Conflict("this copy came back before", code="copy_is_back")
    transfer.refresh_from_db()
    if transfer.state in (_STATE.STARTED, _STATE.INTERRUPTED):
        transfer = transition_with_ranges(transfer, "abort", by=by, code="copy_given_back", ended_at=by.at)
    facts = {"copies_used": allowances.copies_used(transfer.entitlement, transfer.asset)}
    events.record("copy.given_back", transfer, by=by, facts=facts, typed={"reason": given})
    return transfer


def may_come_back(transfer: Transfer) -> bool:
    """Whether a seller may give this copy back now."""
    return (
        transfer.copy_given_back_at is None and not _is_running(transfer) and transfer.state != _STATE.ABORTED
    )


def _require_taken(transfer: Transfer) -> None:
    if _is_running(transfer):
        raise Conflict("this transfer is running; suspend the licence first", code="transfer_running")
    if transfer.copy_given_back_at is not None or transfer.state == _STATE.ABORTED:
        raise Conflict("this copy came back before", code="copy_is_back")


def _is_running(transfer: Transfer) -> bool:
    """A link to storage that was given is not: nobody can say whether it is still used."""
    return transfer.state == _STATE.STARTED and transfer.evidence == Transfer.Evidence.GATEWAY
