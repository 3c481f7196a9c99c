"""What the codes in leaves are called on a page: results, reasons, clauses, classes of data, mechanisms. A code that
has no words here is shown as it is."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance import desk_words
from compliance.kind_words import KINDS as KINDS
from compliance.legal import words as law
from compliance.marks import Mark as Mark

Words = str | Promise


RESULTS = {
    "running": Mark(pgettext_lazy("transfer", "Running"), "info", "half"),
    "interrupted": Mark(pgettext_lazy("transfer", "Interrupted"), "warn", "pause"),
    "completed": Mark(pgettext_lazy("transfer", "Completed"), "ok", "check"),
    "aborted": Mark(pgettext_lazy("transfer", "Aborted"), "warn", "cross"),
    "revoked": Mark(pgettext_lazy("transfer", "Stopped"), "stop", "stop"),
    "refused": Mark(pgettext_lazy("transfer", "Refused"), "warn", "lock"),
}
EVENTS: dict[str, Words] = {
    **desk_words.EVENTS,
    "transfer.started": _("Started: the first byte was allowed to leave"),
    "transfer.interrupted": _("Interrupted"),
    "transfer.resumed": _("Resumed"),
    "transfer.completed": _("Completed: every byte was handed over"),
    "transfer.aborted": _("Aborted"),
    "transfer.revoked": _("Stopped by the exchange"),
    "transfer.refused": _("Refused: no byte left"),
    "transfer.reconciled": _("Storage’s own log said what left"),
    "alarm.raised": _("The monitor raised it"),
    "alarm.acknowledged": _("An officer acknowledged it"),
    "copy.given_back": _("The seller gave the copy back"),
    "reconciliation.asked": _("A provider’s books are to be compared with the ledger"),
    "reconciliation.matched": _("A provider’s books were compared: nothing new differs"),
    "reconciliation.differed": _("A provider’s books were compared, and differ from the ledger"),
    "difference.found": _("The provider and the ledger differ"),
    "difference.returned": _("A difference with the provider is back"),
    "difference.cleared": _("The provider and the ledger agree again"),
    "difference.explained": _("An operator explained a difference with the provider"),
    "split.proposed": _("A seller proposed who earns what part of a dataset"),
    "split.activated": _("Every party has accepted, and the parts count"),
    "split.declined": _("A party declined the parts"),
    "split.withdrawn": _("The seller took its proposal of parts back"),
    "split.superseded": _("Other parts took their place"),
    "share.proposed": _("A party was asked to accept its part"),
    "share.accepted": _("A party accepted its part"),
    "payoutaccount.started": _("Where an organisation is paid is being checked"),
    "payoutaccount.given": _("An organisation gave its bank details"),
    "payoutaccount.cleared": _("Where an organisation is paid was confirmed"),
    "payoutaccount.restricted": _("Nothing can be paid out to an organisation for now"),
    "payoutaccount.rejected": _("An organisation can never be paid out to at this provider"),
    "payout.created": _("A payout was proposed"),
    "payout.approved": _("Another operator approved a payout"),
    "payout.submitted": _("A payout went to the bank or the provider"),
    "payout.settled": _("A payout has left"),
    "payout.failed": _("A payout failed; the money is payable again"),
    "payout.taken_back": _("A part of a payout was taken back, for what the party owes"),
    "payout.not_taken_back": _("A part of a payout could not be taken back; the party goes on owing it"),
    "remittance.noted": _("Somebody noted a bank transfer"),
    "remittance.confirmed": _("Another operator confirmed a bank transfer"),
    "remittance.dismissed": _("A bank transfer was noted in error"),
    "negotiation.requested": _("The buyer asked for a licence"),
    "case_file.made": _("An organisation took the case file of a contract"),
    "template.kept": _("The seller kept a template of terms"),
    "template.changed": _("The seller changed a template of terms"),
    "template.dropped": _("The seller dropped a template of terms"),
    "may_i.answered": _("An organisation asked: may I?"),
    "officer.replayed": _("An officer had a decision made again"),
    "coupon.created": _("A coupon was given out"),
    "coupon.used": _("A coupon took something off a price"),
    "coupon.withdrawn": _("A coupon was taken back"),
    "subscription.begun": _("What is paid over time began"),
    "subscription.converted": _("A trial ended, and the first period began"),
    "subscription.advanced": _("The next period or part began"),
    "subscription.rated": _("The use of a period was rated"),
    "subscription.capped": _("The buyer set its cap"),
    "subscription.cancelled": _("The buyer let what is paid over time end"),
    "subscription.kept_on": _("The buyer took its cancellation back"),
    "subscription.renewal_agreed": _("The buyer agreed to another term"),
    "subscription.renewal_withdrawn": _("The buyer took its consent to another term back"),
    "subscription.reminded": _("The buyer was reminded of a payment"),
    "subscription.suspended": _("A payment stayed overdue"),
    "subscription.recovered": _("What was overdue was paid"),
    "subscription.completed": _("The last part was paid"),
    "subscription.ended": _("What is paid over time ended"),
    "negotiation.countered": _("The seller offered other terms"),
    "negotiation.proposed": _("A member of the seller wrote other terms, which another one signs next"),
    "negotiation.redlined": _("The buyer asked for other terms"),
    "negotiation.signed": _("One side signed a round"),
    "negotiation.lapsed": _("The negotiation ended at its deadline"),
    "negotiation.approved": _("The seller approved"),
    "negotiation.consented": _("The buyer took what is worse than before"),
    "negotiation.renewal_agreed": _("The buyer agreed that further terms follow"),
    "negotiation.accepted": _("The buyer accepted"),
    "negotiation.refused": _("The seller refused"),
    "negotiation.finalized": _("The sale was made"),
    "negotiation.terminated": _("The negotiation ended without a sale"),
    "agreement.signed": _("Both sides signed the contract"),
    "agreement.forgotten": _("A closed organisation was erased from the contract"),
    "agreement.superseded": _("An amendment took the place of the contract"),
    "agreement.terminated": _("The contract was ended"),
    "entitlement.activated": _("Access began"),
    "entitlement.suspended": _("Access was suspended"),
    "entitlement.resumed": _("Access was given back"),
    "entitlement.revoked": _("Access was revoked for good"),
    "entitlement.superseded": _("Access goes on under the amended contract"),
    "entitlement.expired": _("Access ended with its term"),
    "offer.drafted": _("The seller wrote an offer"),
    "offer.scheduled": _("The seller published the offer for later"),
    "offer.opened": _("The offer began"),
    "offer.published": _("The seller published the offer"),
    "offer.linked": _("The seller took a private link"),
    "offer.joined": _("An organisation opened the private link"),
    "offer.withdrawn": _("The seller withdrew the offer"),
    "group.created": _("The seller made a group"),
    "group.renamed": _("The seller gave a group another name"),
    "group.joined": _("The seller took an organisation into a group"),
    "group.left": _("The seller took an organisation out of a group"),
    "group.deleted": _("The seller deleted a group"),
    "offer.lapsed": _("The offer ended with its time"),
    "datarequest.published": _("The buyer published a data request"),
    "datarequest.changed": _("The buyer changed the data request"),
    "datarequest.closed": _("The buyer closed the data request"),
    "datarequest.lapsed": _("The time of the data request was over"),
    "datarequest.withdrawn": _("An officer withdrew the data request"),
    "datarequestanswer.given": _("A seller answered with an offer"),
    "datarequestanswer.withdrawn": _("The seller withdrew the answer"),
    "datarequestanswer.declined": _("The buyer declined the answer"),
    "invoice.issued": _("An invoice or a credit note was issued"),
    "invoice.found_wrong": _("An invoice breaks a rule of electronic invoices"),
    "mandate.accepted": _("The seller lets the exchange draw up its invoices"),
    "participant.billing_described": _("An organisation said what its invoices hold"),
    "vatid.confirmed": _("The register has the VAT id"),
    "vatid.refused": _("The register does not have the VAT id"),
    "deletion.stated": _("The buyer stated that everything is deleted"),
    "schedule.announced": _("The seller announced days of later revisions"),
    "schedule.changed": _("The seller changed the announced days"),
    "schedule.ended": _("The seller ended the schedule"),
    "delivery.met": _("A revision met an announced day"),
    "delivery.late": _("An announced day passed without a revision"),
    "delivery.reopened": _("A revision was revoked, and its announced day waits again"),
}
SUBJECTS: dict[str, Words] = {
    **desk_words.SUBJECTS,
    "transfer": _("a transfer"),
    "agreement": _("a contract"),
    "owntemplate": _("a template of terms"),
    "entitlement": _("a licence"),
    "datarequest": _("a data request"),
    "datarequestanswer": _("an answer to a data request"),
    "deletionstatement": _("a deletion statement"),
    "negotiation": _("a negotiation"),
    "offer": _("an offer"),
    "group": _("a group"),
    "dataset": _("a dataset"),
    "revision": _("a revision of a dataset"),
    "schedule": _("a schedule"),
    "scheduledrevision": _("an announced revision"),
    "charge": _("a payment"),
    "operation": _("an act at the payment provider"),
    "paymentmethod": _("a way to pay that is kept"),
    "providerevent": _("a message of the payment provider"),
    "hold": _("money held back"),
    "subscription": _("what is paid over time"),
    "coupon": _("a coupon"),
    "invoice": _("an invoice"),
    "mandate": _("a mandate for invoices"),
    "vatid": _("a VAT id"),
    "participant": _("an organisation"),
    "member": _("a member"),
    "review": _("a review"),
    "log": _("a log"),
    "alarm": _("an alarm"),
}
CLASSES: dict[str, Words] = {
    "none": _("No personal data"),
    "pseudonymised": _("Pseudonymised data"),
    "personal": _("Personal data"),
    "special": _("Special categories (Art. 9)"),
}
MECHANISMS: dict[str, Mark] = {
    "not_personal": Mark(_("None needed"), "", "check"),
    "eea": Mark(_("EEA"), "ok", "check"),
    "adequacy": Mark(_("Adequacy"), "info", "scale"),
    **law.MECHANISMS,
}
GROUNDS: dict[str, Words] = {
    "not_personal": _("No personal data, so no mechanism is needed"),
    "eea": _("Inside the European Economic Area"),
    "adequacy": _("A decision of the Commission covers the country"),
    **law.GROUNDS,
}
BASES: dict[str, Words] = {
    "6.1.a": _("6(1)(a), consent"),
    "6.1.b": _("6(1)(b), contract"),
    "6.1.c": _("6(1)(c), legal obligation"),
    "6.1.d": _("6(1)(d), vital interests"),
    "6.1.e": _("6(1)(e), public task"),
    "6.1.f": _("6(1)(f), legitimate interests"),
}
CLAUSES: dict[str, Words] = {
    "purpose": _("The declared purpose is permitted"),
    "country": _("The buyer’s verified country is permitted"),
    "recipients": _("The buyer is a named recipient"),
    "addresses": _("The network address is permitted"),
    "end_date": _("The last day of access has not passed"),
    "duration": _("The term of access has not passed"),
    "copies": _("A copy of this file was left"),
    "combination": _("What the terms say of combining"),
    "model_training": _("What the terms say of training models"),
    "publication": _("What the terms say of publishing results"),
    "attribution": _("Attribution of the source"),
    "deletion": _("Deletion at the end"),
    "redistribution": _("What the terms say of passing on"),
    "use_country": _("The declared country of use is permitted"),
    "affiliates": _("What the terms say of the buyer’s group"),
    "hours": _("The hour is permitted"),
    "address_country": _("The country of the network address is permitted"),
    "revisions": _("The revision is included"),
    "delivery": _("The way of delivery is permitted"),
    "derived_works": _("What the terms say of derived works"),
    "sub_processors": _("What the terms say of sub-processors"),
    "confidentiality": _("Confidentiality"),
    "audit": _("The seller’s right to audit"),
    "licence": _("The licence that belongs to the contract"),
    "warranty": _("The warranty of the measured profile"),
    "liability": _("The limit of liability"),
    "governing_law": _("The law that governs the contract"),
}
REASONS: dict[str, Words] = {
    "idle": _("the connection was lost"),
    "nothing_sent": _("no byte was sent"),
    "copy_given_back": _("the seller gave the copy back"),
    "entitlement_pending": _("the licence waited for its payment"),
    "entitlement_suspended": _("the licence was suspended"),
    "entitlement_expired": _("the licence had ended"),
    "entitlement_revoked": _("the licence was revoked"),
    "participant_not_verified": _("an organisation was not verified, or suspended"),
    "revision_revoked": _("the seller revoked the revision"),
    "asset_not_included": _("the file is not part of the licence"),
    "token_expired": _("the link had expired"),
    "not_the_buyer": _("the licence belongs to another organisation"),
    "copies_spent": _("every licensed copy was taken"),
    "volume_spent": _("the copy would have taken more than the terms permit"),
    "rows_unknown": _("the rows of the file were not counted"),
    "spend_cap_reached": _("it would have cost more in the period than the buyer’s own cap"),
    "usage_unknown": _("it is paid by the row, and the rows of the file were not counted"),
    "subscription_over": _("nothing more could be charged under the licence"),
    "country_not_allowed": _("the terms do not permit the country"),
    "sector_not_allowed": _("the terms do not permit the sector"),
    "sector_unknown": _("no sector of the buyer was confirmed"),
    "address_country_not_allowed": _("the terms do not permit the country of the network address"),
    "address_not_allowed": _("the terms do not permit the network address"),
    "expired": _("the term of the licence had ended"),
    "purpose_not_allowed": _("the terms do not permit the purpose"),
    "use_country_not_allowed": _("the terms do not permit the country of use"),
    "out_of_hours": _("the terms permit no download at that hour"),
    "revision_not_included": _("the terms do not include the revision"),
    "revision_not_cleared": _("the revision was not measured, or not cleared for sale"),
    "delivery_not_allowed": _("the terms do not permit the way of delivery"),
    "recipient_not_named": _("the terms name other recipients"),
    "no_adequacy_decision": _("personal data, and no adequacy decision for the country"),
    "decision_not_in_force": _("personal data, and the adequacy decision has ended"),
    "country_unknown": _("personal data, and the country is not known"),
    "undecidable": _("a clause could not be decided"),
    "transfer_over": _("the transfer was over"),
    "transfer_spent": _("the transfer had sent its whole allowance"),
    "transfer_lapsed": _("the transfer could no longer be resumed"),
    "no_such_transfer": _("the link named no transfer"),
    **law.REASONS,
}
REVIEWS = {
    "open": Mark(pgettext_lazy("review", "Waits for an officer"), "warn", "clock"),
    "approved": Mark(pgettext_lazy("review", "Approved"), "ok", "check"),
    "refused": Mark(pgettext_lazy("review", "Refused"), "stop", "stop"),
    "closed": Mark(pgettext_lazy("review", "Replaced by a newer version"), "", "info"),
}
LOGS = {
    "growing": Mark(pgettext_lazy("log", "Grows"), "ok", "check"),
    "over": Mark(pgettext_lazy("log", "Its year is over"), "", "clock"),
    "closed": Mark(pgettext_lazy("log", "Closed, another goes on"), "warn", "stop"),
}
WITNESSES = {
    "agrees": Mark(pgettext_lazy("witness", "Agrees"), "ok", "check"),
    "behind": Mark(pgettext_lazy("witness", "Behind"), "warn", "clock"),
    "silent": Mark(pgettext_lazy("witness", "Does not answer"), "warn", "warn"),
    "contradicts": Mark(pgettext_lazy("witness", "Contradicts"), "stop", "stop"),
}
TROUBLES: dict[str, Words] = {
    "": "",
    "contradiction": _("it has seen another past of this log"),
    "too_late": _("it took too long"),
    "answer_malformed": _("its answer could not be read"),
    "moves_on": _("it was asked by another exchange at the same time"),
}
MISMATCHES = {
    "unlogged": Mark(_("Bytes left, and the log has no start of their transfer"), "stop", "stop"),
    "unseen": Mark(_("The log has bytes that no gateway saw leave"), "warn", "warn"),
    "fewer_bytes": Mark(_("Complete by the log, and less left"), "warn", "warn"),
    "more_bytes": Mark(_("Nothing was sent by the log, and bytes left"), "stop", "stop"),
    "unknown_token": Mark(_("Bytes left by a token that nobody gave out"), "stop", "stop"),
    "storage_read": Mark(_("Storage was read without a link of ours"), "stop", "stop"),
}
LOOK_AT: dict[str, Words] = {
    "unlogged": _(
        "The gateway of that time, and the database’s own log. Treat it as a breach until it is explained."
    ),
    "unseen": _("Whether all gateways share the folder of the record, and could write there."),
    "fewer_bytes": _("Whether all gateways share the folder of the record, and could write there."),
    "more_bytes": _("The gateway of that time."),
    "unknown_token": _(
        "The key that signs download links may be in other hands: have the operator replace it."
    ),
    "storage_read": _(
        "A stolen key of the bucket, or a bucket that is open: change the keys, and look at its policy."
    ),
}
ALARMS = {
    "unreachable": Mark(_("The published log cannot be read"), "stop", "warn"),
    "signature": Mark(_("A signature does not hold"), "stop", "stop"),
    "inconsistency": Mark(_("The log contradicts what it showed before"), "stop", "stop"),
    "stale": Mark(_("Events wait for more than a minute"), "warn", "clock"),
    "unparsable": Mark(_("An entry cannot be read"), "stop", "warn"),
    "not_started": Mark(_("A transfer goes on that never began"), "stop", "warn"),
    "no_agreement": Mark(_("A transfer began without a signed contract"), "stop", "warn"),
    "right_over": Mark(_("A transfer began after its licence had ended"), "stop", "warn"),
}
GUESSES: dict[str, Words] = {
    "token_forged": pgettext_lazy("links", "not signed here"),
    "token_malformed": pgettext_lazy("links", "no link at all"),
    "token_wrong_kind": pgettext_lazy("links", "a token of another kind"),
    "token_wrong_audience": pgettext_lazy("links", "made for another door"),
    "token_expired": pgettext_lazy("links", "too old"),
}
EXPORTS = {
    "requested": Mark(pgettext_lazy("export", "Being made"), "info", "half"),
    "ready": Mark(pgettext_lazy("export", "Ready"), "ok", "check"),
    "expired": Mark(pgettext_lazy("export", "No longer kept"), "", "clock"),
}
FORMS: dict[str, Words] = {"csv": "CSV", "jsonl": "JSON Lines", "parquet": "Parquet"}
FILTERS: dict[str, Words] = {
    "seller": _("Seller"),
    "buyer": _("Recipient"),
    "dataset": _("Dataset"),
    "revision": _("Revision"),
    "asset": _("File"),
    "country": _("Country"),
    "mechanism": _("Mechanism"),
    "result": _("Outcome"),
    "personal_data": _("Personal data"),
    "since": _("From"),
    "until": _("Before"),
}
PROOFS = {
    "checkpointed": Mark(_("Sealed, proven"), "info", "seal"),
    "sealed": Mark(_("Sealed, waits for the signature"), "", "clock"),
    "waiting": Mark(_("Waits to be sealed"), "", "clock"),
}


def trouble_words(code: str) -> Words:
    """Why a witness gave no cosignature when it was asked last."""
    return TROUBLES.get(code, code)


def reason_words(code: str) -> Words:
    """Why a transfer ended as it did, or an attempt was refused."""
    if code.startswith("condition_not_met:"):
        return _("personal data, and the buyer lacks a certification that the decision asks for")
    return REASONS.get(code, code)
