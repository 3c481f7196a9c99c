"""Event name -> what follows: the whole upward wiring, as a table. Each reaction takes the id of the Event's
subject and the time, calls one verb, and returns early when its work is done."""

from collections.abc import Mapping, Sequence

from contracts import tasks as contracts
from datasets import tasks as datasets
from exchange.kernel.events import Reaction
from payments import tasks as payments

TABLE: Mapping[str, Sequence[Reaction]] = {
    "revision.sealed": [datasets.measure_revision],
    "charge.created": [payments.submit_charge],
    "provider.event_received": [payments.act_on_provider_event],
    "charge.paid": [contracts.complete_sale],
    "entitlement.revoked": [contracts.end_transfers],
    "entitlement.expired": [contracts.end_transfers],
}
