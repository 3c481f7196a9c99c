"""What the refusals of contracts and money say to readers of every language but the verbs' own, by their codes."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: Mapping[str, str | Promise] = {
    "offer_not_published": _("This offer is not on the market any more."),
    "own_offer": _("An organisation cannot license its own dataset."),
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
    "undecidable": _("A clause cannot be decided from what is known, so it refuses."),
    "payments_off": _("This exchange takes no payments, so only free offers can be accepted."),
    "paid_elsewhere": _("This charge is not paid here. Follow the instructions of its provider."),
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
    "inspection_over": _("The inspection has ended, and the money is being released."),
    "hold_contested": _("A difference was reported. The operator settles it."),
    "hold_released": _("The money has already been released to the seller."),
    "hold_returned": _("The money has already been given back."),
    "empty_search": _("This search asks for nothing. Search for words or choose a filter first."),
    "search_name_taken": _("You have kept a search by this name. Choose another."),
    "too_many_searches": _("You keep 50 searches, which is the most. Forget one first."),
    "not_sealed_yet": _("The log has not sealed this yet. It seals every second; try again."),
}
