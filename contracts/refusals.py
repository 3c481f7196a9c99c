"""What the refusals of contracts and money say to readers of every language but the verbs' own, by their codes."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.look.refusals import Way

SENTENCES: Mapping[str, str | Promise] = {
    "offer_not_published": _("This offer is not on the market any more."),
    "own_offer": _("An organisation cannot license its own dataset."),
    "mandate_given": _("Your organisation has given this mandate already."),
    "mandate_changed": _("The words of the mandate have changed. Read them again."),
    "number_verified": _("The operator has verified your registration number. Ask it for a change."),
    "notice_unanswered": _(
        "Your organisation has not answered a notice about this dataset. Answer it first: it stands in your notices."
    ),
    "already_requested": _("Your organisation already has an open request for this offer."),
    "personal_data_needs_validation": _(
        "Personal data was found in this dataset since the offer was published, so the seller must approve first."
    ),
    "revision_revoked": _("The seller has revoked this revision."),
    "stale_round": _("The terms or the price have changed since you opened the page. Read them again."),
    "renewal_worse": _("Some of this is worse than before. Take each of these items by its name, or leave it."),
    "renewal_changed": _("The offer has changed since you opened the page. Read it again."),
    "already_followed": _("Another licence follows this one already."),
    "not_renewable": _("Only a licence whose term runs can be renewed."),
    "deadline_passed": _("The deadline of this request has passed."),
    "end_passed": _("The last day of access that these terms name has passed."),
    "empty_change": _("This leaves the terms and the price as they are. Change a clause or the price first."),
    "invalid_deadline": _("A deadline lies ahead, and at most a year."),
    "affiliate_malformed": _("Name up to 50 other organisations, each of them once."),
    "second_member_needed": _("Your organisation has two of its members sign. A program cannot sign for them."),
    "same_member": _("You have signed already. Another member of your organisation signs next."),
    "too_many_attachments": _("This thread holds 20 files, which is the most."),
    "attachment_too_large": _("A file is empty, or has more than 5 MB."),
    "same_rule": _("This rule is as you want it already."),
    "licence_text_malformed": _("This is not a PDF."),
    "licence_text_too_large": _("The document has more than 5 MiB."),
    "too_many_licence_texts": _("A seller keeps 200 documents at most."),
    "template_name_taken": _("You keep a template of this name. Choose another."),
    "too_many_templates": _("You keep 100 templates, which is the most. Drop one first."),
    "no_such_licence_text": _(
        "The licence clause names a document that you do not keep here under this title."
    ),
    "plan_or_choices": _("Give either one price, or a price for each choice."),
    "invalid_choices": _("Write from 2 to 24 choices, all of them in one currency."),
    "contradictory_choices": _("What the choices say cannot stand in the terms, too."),
    "choice_unreachable": _("Of two choices one permits as much for no more, so nobody would take the other."),
    "choice_missing": _("Choose one of the rows."),
    "choice_unknown": _("This offer has no such choice."),
    "group_name_taken": _("You have a group of this name. Choose another."),
    "group_in_use": _("An offer names this group. Take its members out instead."),
    "own_group": _("Your organisation sees its own offers without a group."),
    "too_many_groups": _("You keep 100 groups, which is the most. Delete one first."),
    "too_many_members": _("This group has 500 members, which is the most."),
    "purpose_not_allowed": _("The terms do not permit this purpose."),
    "country_not_allowed": _("The terms do not permit this country."),
    "use_country_not_allowed": _("The terms do not permit this country of use."),
    "out_of_hours": _("The terms permit no download at this hour."),
    "revision_not_included": _("The terms do not include this revision."),
    "revision_not_cleared": _("This revision is not measured, or not cleared for sale."),
    "volume_spent": _("This download would take more than the terms permit in all."),
    "rows_unknown": _("The terms limit the rows, and those of this file were not counted."),
    "sector_not_allowed": _("The terms do not permit the economic sector of the buyer."),
    "sector_unknown": _(
        "The terms permit certain economic sectors alone, and the operator has confirmed none for the buyer."
    ),
    "delivery_not_allowed": _("The terms do not permit this way of delivery."),
    "recipient_not_named": _("The terms name other recipients."),
    "address_country_not_allowed": _("The terms do not permit the country of this network address."),
    "no_address_database": _(
        "This exchange has no list of address ranges, so it cannot check from which country data is fetched."
    ),
    "address_not_allowed": _("The terms do not permit this network address."),
    "no_adequacy_decision": _("This is personal data, and no adequacy decision covers the buyer’s country."),
    "decision_not_in_force": _(
        "This is personal data, and the adequacy decision for the buyer’s country has ended."
    ),
    "country_unknown": _("This is personal data, and the buyer’s country is not known."),
    "destination_refused": _("This is personal data, and it may not go to the buyer’s country."),
    "country_split": _(
        "This is personal data, and the buyer’s country is one no more. The operator verifies it again."
    ),
    "basis_not_confirmed": _("This is personal data, and the buyer’s transfer basis waits for an officer."),
    "basis_not_begun": _("This is personal data, and the buyer’s transfer basis does not hold yet."),
    "basis_ended": _("This is personal data, and the buyer’s transfer basis has ended."),
    "basis_revoked": _("This is personal data, and the buyer’s transfer basis was revoked."),
    "basis_unusable": _("This is personal data, and the buyer’s transfer basis cannot be used."),
    "safeguard_not_in_force": _(
        "This is personal data, and the law does not know this transfer basis any more."
    ),
    "assessment_missing": _(
        "This is personal data, and the buyer’s transfer basis lacks its impact assessment."
    ),
    "assessment_overdue": _(
        "This is personal data, and the impact assessment of the buyer’s transfer basis is to be looked at again."
    ),
    "derogation_spent": _("This is personal data, and the derogation for one transfer was used."),
    "address_country_not_open": _(
        "This is personal data, and it may not go to the country of this network address."
    ),
    "informing_not_acknowledged": _(
        "This is personal data. First acknowledge, on the page of the licence, that you inform the persons."
    ),
    "undecidable": _("A clause cannot be decided from what is known, so it refuses."),
    "payments_off": _("This exchange takes no payments, so only free offers can be accepted."),
    "paid_elsewhere": _("This charge is not paid here. Follow the instructions of its provider."),
    "payment_under_way": _("This is paid, or the payment is on its way."),
    "provider_unreachable": _("The payment provider does not answer now. Try again later."),
    "provider_refuses_key": _("The payment provider does not answer now. Try again later."),
    "charge_failed": _("This payment was called off. Nothing is to be paid any more."),
    "not_the_payer": _("Only the buyer may pay this."),
    "not_the_buyer": _("Only the buyer may do this."),
    "no_agreement": _("Your organisation has no contract about this dataset."),
    "agreement_over": _("The contract about this dataset has ended."),
    "too_many_rights": _("Your organisation has more licences of this dataset than one answer looks at."),
    "moment_malformed": _("Give a day, such as 2027-02-28."),
    "moment_past": _("This day is past. Ask about today or a later one."),
    "entitlement_pending": _("This licence waits for its payment."),
    "entitlement_suspended": _("This licence is suspended."),
    "entitlement_kept_back": _(
        "Its money has not come, or is on its way back, or a notice waits for an answer."
    ),
    "entitlement_expired": _("This licence has ended."),
    "entitlement_revoked": _("This licence was revoked."),
    "asset_not_included": _("This file is not part of what was licensed."),
    "copies_spent": _("Every licensed copy of this file has been taken."),
    "expired": _("The term of this licence has ended."),
    "transfer_over": _("This download is over. Start a new one."),
    "transfer_spent": _("This download has sent its whole allowance. Start a new one."),
    "transfer_running": _("This download is running. Suspend the access first, or wait until it ends."),
    "offer_lapsed": _("The time of this offer is over."),
    "invalid_validity": _("An offer must end after it begins, and not in the past."),
    "signed_for_one": _(
        "To sign in advance, name the one organisation it is for, and the last day of the offer."
    ),
    "no_link_offer": _("This offer is not one for a private link."),
    "data_request_closed": _("This data request is closed."),
    "data_request_answered": _(
        "A seller has answered this data request, so it stays as it is. Publish another."
    ),
    "stale_data_request": _(
        "The buyer has changed this data request since you opened the page. Read it again."
    ),
    "own_data_request": _("An organisation cannot answer its own data request."),
    "offer_not_for_buyer": _("This offer is not on the market for this buyer."),
    "already_answered": _("This data request was answered with this offer before."),
    "too_many_answers": _("A seller answers a data request five times at most."),
    "too_many_data_requests": _(
        "Your organisation has 20 data requests open, or has published 20 within a day. That is the most."
    ),
    "unseen_answer": _("A seller has answered since you opened the page. Look at it first."),
    "still_licensed": _("This licence is in force. State the deletion after its end."),
    "nothing_held": _("Nothing was taken under this licence, so there is nothing to delete."),
    "statement_exists": _("The deletion was stated already. A statement is given once."),
    "copy_is_back": _("This copy came back before."),
    "transfer_lapsed": _("This download can no longer be gone on with. Start a new one."),
    "invalid_coupon": _("This is no code of a coupon."),
    "coupon_unknown": _("No coupon of this code is for this offer."),
    "coupon_over": _("This coupon does not hold now."),
    "coupon_spent": _("This coupon was used as often as it may be."),
    "coupon_used": _("Your organisation has used this coupon before."),
    "coupon_too_large": _("This coupon takes nothing off this price, or all of it."),
    "coupon_code_taken": _("This code is given out already. Choose another."),
    "method_kept_for_nothing": _("Nothing falls due later, or the payment provider keeps no way to pay."),
    "coupon_changed": _(
        "The coupon takes another sum off than your first member signed. Withdraw the request and ask anew."
    ),
    "rider_unread": _(
        "Another member of your organisation has signed meanwhile, with more than the contract. Read it, then sign."
    ),
    "signed_otherwise": _(
        "What the first member of your organisation signed stands. Confirm it as it is, or withdraw the request."
    ),
    "coupon_without_price": _("Nothing is charged at this signature, so no coupon holds."),
    "price_missing": _("No price was named yet. The seller names one first."),
    "quote_needs_validation": _("A quote is an answer to a request. Choose that you answer each request."),
    "paid_over_time": _(
        "What is paid over time is not changed within its term. Cancel it and take another licence."
    ),
    "parts_are_owed": _("The parts of an agreed price are owed to the last one."),
    "subscription_over": _("This has ended. Nothing more is charged."),
    "subscription_cancelled": _("This was cancelled. Take that back first."),
    "signed_later": _(
        "The seller answers first. Give a coupon and your consent to further terms when you sign."
    ),
    "renewal_not_offered": _("This plan ends with its term. Ask for another licence then."),
    "not_metered": _("This licence is not paid by use."),
    "cap_below_spend": _("More than that was spent in this period already. Choose a higher cap."),
    "spend_cap_reached": _(
        "This download would cost more in this period than your own cap. Raise the cap first."
    ),
    "usage_unknown": _("This licence is paid by the row, and the rows of this file were not counted."),
    "inspection_over": _("The inspection has ended, and the money is being released."),
    "shares_do_not_add_up": _("Name each organisation once, with its part. All parts together make 100 %."),
    "unknown_party": _("Only verified organisations of this exchange earn a part."),
    "split_already_proposed": _("A proposal waits for answers. Take it back before you make another."),
    "split_unchanged": _("These are the parts already. Write down what others earn."),
    "not_a_party": _("Only an organisation that is asked for its part answers."),
    "iban_malformed": _("This is not a valid IBAN. Check each character."),
    "bic_malformed": _("This is not a valid BIC. It has 8 or 11 characters."),
    "bank_details_needed": _("No bank details were given yet, or the operator has not confirmed them."),
    "no_bank_account": _("The exchange’s own bank account is not set."),
    "payout_account_not_ready": _("Nothing can be paid out to this account now."),
    "payout_account_rejected": _("This account was rejected. Talk to the operator."),
    "cooling_down": _("The bank details were changed a few days ago. Payouts wait until the pause is over."),
    "below_minimum": _("Less is payable than the least that is paid out."),
    "nothing_to_send": _("No approved payout waits for the bank."),
    "same_person": _("Four eyes are two people’s. Another operator decides this."),
    "person_needed": _("A person decides this, signed in."),
    "own_account": _("Nobody confirms the bank details of their own organisation."),
    "already_noted": _("This line of the bank was noted already."),
    "unknown_reference": _("No charge has this reference. Check each character."),
    "hold_contested": _("A difference was reported. The operator settles it."),
    "hold_released": _("The money has already been released to the seller."),
    "hold_returned": _("The money has already been given back."),
    "charge_disputed": _("The buyer’s bank has taken the payment back. Wait for its decision."),
    "refund_excluded": _("This contract gives no right to ask for money back. Write to the seller."),
    "refund_window_over": _("The time to ask for money back has passed. Write to the seller."),
    "refund_under_way": _("A refund is asked for or on its way. Wait for its end."),
    "refund_too_large": _("That is more than what is left to give back, or nothing."),
    "empty_search": _("This search asks for nothing. Search for words or choose a filter first."),
    "search_name_taken": _("You have kept a search by this name. Choose another."),
    "too_many_searches": _("You keep 50 searches, which is the most. Forget one first."),
    "not_sealed_yet": _("The log has not sealed this yet. It seals every second; try again."),
}
WAYS: Mapping[str, Way] = {"notice_unanswered": ("buy_notices", _("Read what waits for your answer"))}
