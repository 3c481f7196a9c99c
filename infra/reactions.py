"""Event name -> what follows: the whole upward wiring, as a table. Each reaction takes the id of the Event's
subject and the time, calls one verb, and returns early when its work is done."""

from collections.abc import Mapping, Sequence

from compliance import tasks as compliance
from contracts import tasks as contracts
from datasets import tasks as datasets
from exchange.kernel.events import Reaction
from exchange.participants.tasks import tell_members_of
from infra import news
from payments import tasks as payments

_FOLLOWS: Mapping[str, Sequence[Reaction]] = {
    "participant.suspended": [contracts.reindex_seller],
    "participant.restored": [contracts.reindex_seller],
    "participant.closed": [contracts.reindex_seller],
    "dataset.created": [contracts.reindex_dataset],
    "dataset.described": [contracts.reindex_dataset],
    "dataset.declared": [contracts.reindex_dataset],
    "dataset.published": [contracts.reindex_dataset],
    "dataset.retired": [contracts.reindex_dataset],
    "revision.sealed": [datasets.measure_revision, contracts.reindex_revision],
    "revision.measured": [contracts.reindex_revision],
    "revision.revoked": [contracts.reindex_revision],
    "offer.published": [contracts.reindex_offer],
    "offer.scheduled": [contracts.reindex_offer],
    "offer.opened": [contracts.reindex_offer],
    "offer.withdrawn": [contracts.reindex_offer],
    "offer.lapsed": [contracts.reindex_offer],
    "offer.joined": [contracts.reindex_offer],
    "group.joined": [contracts.reindex_group],
    "group.left": [contracts.reindex_group],
    "charge.created": [payments.submit_charge],
    "provider.event_received": [payments.act_on_provider_event],
    "charge.paid": [contracts.complete_sale],
    "export.requested": [compliance.make_export],
    "entitlement.revoked": [contracts.end_transfers],
    "entitlement.expired": [contracts.end_transfers],
    "entitlement.superseded": [contracts.end_transfers],
}
_TOLD = dict.fromkeys(one.name for one in news.TABLE if not one.by_clock)

TABLE: Mapping[str, Sequence[Reaction]] = {
    name: [*_FOLLOWS.get(name, ()), *([tell_members_of(name)] if name in _TOLD else ())]
    for name in (*_FOLLOWS, *(name for name in _TOLD if name not in _FOLLOWS))
}
