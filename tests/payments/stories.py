"""Sales made through the verbs, and what the demo provider tells of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from exchange.kernel.actors import Actor
from exchange.kernel.ids import new_id
from exchange.kernel.models import Event
from exchange.kernel.money import Money
from payments import queries
from payments.charges import charges
from payments.inbox import inbox
from payments.ledger import ledger
from payments.models import Account, Charge, Entry, Hold, Posting, ProviderEvent, Seal
from tests import makers

REASON = "the columns are not those that were advertised"


def new_charge(buyer: Actor, seller: Actor, minor: int = 10_000, currency: str = "EUR") -> Charge:
    """A charge of its own sale, as the buyer's acceptance makes it."""
    return charges.create(
        reference=f"agreement:{new_id()}",
        payer=makers.participant_of(buyer),
        payee=makers.participant_of(seller),
        price=Money(minor, currency),
        by=buyer,
    )


def tell_paid(charge: Charge, at: datetime, /, *, event_id: str = "", **changes: Any) -> ProviderEvent:
    """The demo provider tells that the charge is paid; `changes` make it tell something else."""
    payload = {
        "charge": str(charge.pk),
        "amount_minor": charge.gross_minor,
        "currency": charge.currency,
        "reference": f"demo-{charge.pk}",
    }
    return inbox.keep("demo", event_id or f"paid-{charge.pk}", "charge.paid", payload | changes, at=at)


def tell_failed(charge: Charge, at: datetime, *, event_id: str = "") -> ProviderEvent:
    """The demo provider tells that it could not collect."""
    payload = {"charge": str(charge.pk), "reason": "card declined"}
    return inbox.keep("demo", event_id or f"failed-{charge.pk}", "charge.failed", payload, at=at)


def paid_charge(buyer: Actor, seller: Actor, minor: int = 10_000, currency: str = "EUR") -> Charge:
    """A charge that was paid, and so has an open hold."""
    charge = new_charge(buyer, seller, minor, currency)
    inbox.act(tell_paid(charge, buyer.at).pk, buyer.at)
    return queries.charge(charge.pk)


def hold_of(charge: Charge) -> Hold:
    """The hold as the database has it now."""
    return Hold.objects.get(charge=charge)


def event_names(row_id: UUID) -> list[str]:
    """What happened to a row, in order."""
    return list(
        Event.objects.filter(subject__endswith=f":{row_id}").order_by("id").values_list("name", flat=True)
    )


def owed(code: Account.Code, participant_id: UUID, currency: str = "EUR") -> int:
    """What the exchange owes a participant on one account."""
    return -ledger.balance(code, participant_id, currency).minor


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of this app, so that a refusal can show that nothing changed."""
    models = (Account, Posting, Entry, Seal, Charge, Hold, ProviderEvent)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models} | {
        "Event": list(Event.objects.order_by("pk").values("pk"))
    }


def sql(statement: str, *values: object) -> None:
    """Run raw SQL past the ORM, in a savepoint; ids go as their hexadecimal digits on both databases."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [value.hex if isinstance(value, UUID) else value for value in values])
