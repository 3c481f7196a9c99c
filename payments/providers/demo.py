"""The demo provider: everything runs as with a real one, no money moves, and every answer says so."""

from collections.abc import Mapping
from uuid import UUID

from django.conf import settings
from django.db import transaction

from exchange.kernel import money
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.outside import require_no_transaction
from exchange.participants import members
from payments import inbox
from payments.models import Charge
from payments.providers import Failed, News, Paid

NAME = "demo"


class DemoProvider:
    """Collects nothing: the buyer pretends to pay with pay()."""

    name = NAME
    moves_money = False
    statement = "This is the demo provider: no money moves."

    def submit(self, charge: Charge) -> str:
        """A reference as a provider would give it."""
        require_no_transaction()
        return _reference(charge)

    def read(self, kind: str, payload: Mapping[str, object]) -> News | None:
        """The demo's own two kinds, as pay() and tests write them."""
        if kind == "charge.paid":
            minor, currency = payload.get("amount_minor"), payload.get("currency")
            if type(minor) is not int or not isinstance(currency, str):
                raise Invalid("charge.paid needs amount_minor and currency")
            return Paid(_charge_id(payload), money.price(minor, currency), _text(payload, "reference"))
        if kind == "charge.failed":
            return Failed(_charge_id(payload), _text(payload, "reason"))
        return None


@transaction.atomic
def pay(charge: Charge, *, by: Actor) -> Charge:
    """The buyer pretends to pay: the provider's event is kept, once, and acted on by a reaction."""
    by.require(Scope.BUY)
    if not by.acts_for(charge.payer_id):
        raise Forbidden("only the buyer may pay this charge", code="not_the_payer")
    members.require_cleared(charge.payer_id)
    if charge.provider != NAME or settings.EXCHANGE_PAYMENT_PROVIDER != NAME:
        raise Conflict(
            f"this charge is not paid here: follow the instructions of its provider ({charge.provider})",
            code="paid_elsewhere",
        )
    if charge.state == Charge.State.FAILED:
        raise Conflict(f"this charge was called off: {charge.failure}", code="charge_failed")
    if charge.state != Charge.State.PAID:
        payload: dict[str, Fact] = {
            "charge": str(charge.pk),
            "amount_minor": charge.gross_minor,
            "currency": charge.currency,
            "reference": _reference(charge),
        }
        inbox.keep(NAME, f"pay-{charge.pk}", "charge.paid", payload, at=by.at)
    return charge


def is_pretended(charge: Charge) -> bool:
    """Whether the buyer has pretended to pay, so that only the reaction is missing."""
    return charge.provider == NAME and inbox.is_kept(NAME, f"pay-{charge.pk}")


def _reference(charge: Charge) -> str:
    return f"demo-{charge.pk}"


def _charge_id(payload: Mapping[str, object]) -> UUID:
    try:
        return UUID(_text(payload, "charge"))
    except ValueError:
        raise Invalid("charge must be the id of a charge") from None


def _text(payload: Mapping[str, object], name: str) -> str:
    value = payload.get(name)
    if not isinstance(value, str):
        raise Invalid(f"{name} must be text")
    return value
