"""Event name -> what follows: the whole upward wiring, as a table. Each reaction takes the id of the Event's
subject and the time, calls one verb, and returns early when its work is done."""

from collections.abc import Mapping, Sequence

from compliance import tasks as compliance
from compliance.notices import tasks as notices
from contracts import tasks as contracts
from datasets import tasks as datasets
from exchange.kernel.events import Gathered, Reaction
from exchange.participants.tasks import tell_members_of
from infra import news
from payments import invoice_tasks as invoices
from payments import tasks as payments

_FOLLOWS: Mapping[str, Sequence[Reaction]] = {
    "participant.applied": [invoices.check_vat_id],
    "participant.corrected": [invoices.check_vat_id],
    "participant.billing_described": [invoices.check_vat_id, invoices.issue_what_waited],
    "participant.suspended": [contracts.reindex_seller],
    "participant.restored": [contracts.reindex_seller],
    "participant.closed": [contracts.reindex_seller],
    "dataset.created": [contracts.reindex_dataset],
    "dataset.described": [contracts.reindex_dataset],
    "dataset.declared": [contracts.reindex_dataset],
    "dataset.published": [contracts.reindex_dataset],
    "dataset.retired": [contracts.reindex_dataset],
    "revision.sealed": [datasets.measure_revision, contracts.reindex_revision, notices.name_replacement],
    "revision.measured": [contracts.reindex_revision],
    "revision.revoked": [contracts.reindex_revision, notices.tell_of_revocation],
    "offer.published": [contracts.reindex_offer],
    "offer.scheduled": [contracts.reindex_offer],
    "offer.opened": [contracts.reindex_offer],
    "offer.withdrawn": [contracts.reindex_offer],
    "offer.lapsed": [contracts.reindex_offer],
    "offer.joined": [contracts.reindex_offer],
    "group.joined": [contracts.reindex_group],
    "group.left": [contracts.reindex_group],
    "charge.created": [Gathered(payments.submit_charge, payments.submit_charges)],
    "charge.failed": [payments.end_page],
    "provider.event_received": [payments.act_on_provider_event],
    "operation.planned": [payments.run_operation],
    "operation.finished": [payments.keep_answer, payments.note_refund],
    "operation.failed": [payments.keep_answer],
    "reconciliation.asked": [payments.compare_books],
    "charge.paid": [
        Gathered(payments.settle_arrear, payments.settle_arrears),
        Gathered(contracts.complete_sale, contracts.complete_sales),
        Gathered(invoices.issue_invoices, invoices.issue_invoices_of),
    ],
    "refund.requested": [contracts.decide_refund],
    "refund.created": [contracts.follow_refund],
    "refund.settled": [contracts.follow_refund, invoices.credit_refund, payments.recover_refund],
    "refund.failed": [invoices.credit_refund],
    "dispute.opened": [contracts.follow_dispute],
    "dispute.won": [contracts.follow_dispute],
    "dispute.lost": [contracts.follow_dispute, invoices.credit_dispute, payments.recover_dispute],
    "hold.released": [invoices.pass_vat_on],
    "mandate.accepted": [invoices.issue_what_waited],
    "breachstop.ordered": [datasets.stop_in_breach],
    "export.requested": [compliance.make_export],
    "noticerow.escalated": [contracts.follow_notice],
    "noticerow.finished": [contracts.follow_notice],
    "noticerow.excused": [contracts.follow_notice],
    "bundle.requested": [compliance.make_bundle],
    "subscription.suspended": [contracts.follow_subscription],
    "subscription.recovered": [contracts.follow_subscription],
    "subscription.completed": [contracts.follow_subscription],
    "subscription.ended": [contracts.end_with_subscription],
    "entitlement.revoked": [contracts.end_transfers, contracts.stop_subscription],
    "entitlement.expired": [contracts.end_transfers, contracts.stop_subscription],
    "entitlement.superseded": [contracts.end_transfers, contracts.stop_subscription],
}
_TOLD = dict.fromkeys(one.name for one in news.TABLE if not one.by_clock)

TABLE: Mapping[str, Sequence[Reaction]] = {
    name: [*_FOLLOWS.get(name, ()), *([tell_members_of(name)] if name in _TOLD else ())]
    for name in (*_FOLLOWS, *(name for name in _TOLD if name not in _FOLLOWS))
}

APART: Sequence[Reaction] = (
    datasets.measure_revision,
    compliance.make_export,
    compliance.make_bundle,
    payments.run_operation,
    payments.act_on_provider_event,
    payments.end_page,
    payments.compare_books,
    invoices.check_vat_id,
)
"""What takes long, or asks somebody outside."""
