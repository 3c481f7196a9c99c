"""Disputes: the holder's bank takes the money back until it is decided whose it is."""

from typing import Any

from tests.fakes.stripe.balances import DISPUTE_FEE_MINOR, book
from tests.fakes.stripe.refusals import invalid
from tests.fakes.stripe.routes import Call, listed, merged, route
from tests.fakes.stripe.world import DAY, World

Json = dict[str, Any]
EVIDENCE_DAYS = 9
_OPEN = ("needs_response", "under_review")
_DECISIVE = {"winning_evidence": "won", "losing_evidence": "lost"}


def open_dispute(world: World, charge: Json, reason: str, *, is_inquiry: bool = False) -> Json:
    """The bank takes the money and asks for evidence, or only asks."""
    if charge["disputed"] or charge["status"] != "succeeded":
        raise invalid("This charge cannot be disputed.", "charge")
    due_by = world.now + EVIDENCE_DAYS * DAY
    dispute = world.new(
        "dispute",
        "du_1",
        amount=charge["amount"] - charge["amount_refunded"],
        balance_transactions=[],
        charge=charge["id"],
        currency=charge["currency"],
        enhanced_eligibility_types=[],
        evidence=world.blank("dispute_evidence") | {"enhanced_evidence": {}},
        evidence_details={
            "due_by": due_by,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        is_charge_refundable=is_inquiry,
        payment_intent=charge["payment_intent"],
        reason=reason,
        status="warning_needs_response" if is_inquiry else "needs_response",
    )
    charge["disputed"] = True
    if is_inquiry:
        world.tell("charge.dispute.created", dispute)
        return dispute
    taken = book(world, "adjustment", -dispute["amount"], dispute, category="dispute", fee=DISPUTE_FEE_MINOR)
    dispute["balance_transactions"].append(dict(taken))
    world.tell("charge.dispute.created", dispute)
    world.tell("charge.dispute.funds_withdrawn", dispute)
    world.later(EVIDENCE_DAYS * DAY, lambda: _too_late(world, dispute))
    return dispute


def end(world: World, dispute: Json, status: str) -> None:
    """The bank decides; what is won comes back, without the fee."""
    fits = status == "warning_closed" if _is_inquiry(dispute) else dispute["status"] in _OPEN
    if not fits or dispute["status"] == status:
        raise invalid(f"This dispute is already closed: {dispute['status']}", code="dispute_already_closed")
    dispute["status"] = status
    if status == "won":
        back = book(world, "adjustment", dispute["amount"], dispute, category="dispute_reversal")
        dispute["balance_transactions"].append(dict(back))
        world.objects[dispute["charge"]]["disputed"] = True
        world.tell("charge.dispute.funds_reinstated", dispute)
    world.tell("charge.dispute.closed", dispute)


def _is_inquiry(dispute: Json) -> bool:
    return str(dispute["status"]).startswith("warning_")


def takes_money(dispute: Json) -> bool:
    """Whether the bank has the money, so that it cannot be given back."""
    return dispute["status"] != "won" and not _is_inquiry(dispute)


def _too_late(world: World, dispute: Json) -> None:
    if dispute["status"] == "needs_response":
        dispute["evidence_details"]["past_due"] = True
        end(world, dispute, "lost")


@route("GET", "/v1/disputes/{dispute}")
def retrieve_dispute(call: Call) -> Json:
    return _find(call)


@route("GET", "/v1/disputes")
def list_disputes(call: Call) -> Json:
    return listed(call, "dispute", "charge", "payment_intent")


@route("POST", "/v1/disputes/{dispute}")
def update_dispute(call: Call) -> Json:
    world, dispute = call.world, _find(call)
    dispute["metadata"] = merged(dispute["metadata"], call.given.get("metadata"))
    evidence = call.given.get("evidence")
    if not isinstance(evidence, dict):
        return dispute
    if dispute["status"] not in _OPEN:
        raise invalid(f"This dispute is already closed: {dispute['status']}", code="dispute_already_closed")
    dispute["evidence"] |= {name: value or None for name, value in evidence.items()}
    dispute["evidence_details"]["has_evidence"] = True
    if call.given.get("submit", True):
        dispute["evidence_details"]["submission_count"] += 1
        dispute["status"] = "under_review"
    world.tell("charge.dispute.updated", dispute)
    decision = _DECISIVE.get(dispute["evidence"]["uncategorized_text"] or "")
    if decision and dispute["status"] == "under_review":
        world.later(0, lambda: end(world, dispute, decision))
    return dispute


@route("POST", "/v1/disputes/{dispute}/close")
def close_dispute(call: Call) -> Json:
    dispute = _find(call)
    end(call.world, dispute, "lost")
    return dispute


def _find(call: Call) -> Json:
    return call.world.get("dispute", call.path["dispute"], "dispute", status=404)
