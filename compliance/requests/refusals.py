"""What the refusals of requests of persons say to readers of every language but the verbs' own, by their codes."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: Mapping[str, str | Promise] = {
    "own_request": _("This request is your own. Another officer works on it."),
    "no_address": _("Say where to write to the person: an e-mail address, or a postal one."),
    "received_wrong": _("A request came before now, and not more than a year ago."),
    "not_confirmed": _("The person has not opened the link that was sent to the address."),
    "not_identified": _("First it must be known who asks."),
    "cannot_pause": _(
        "The clock of this request cannot be stopped now: it stands still already, its time is over, or its state "
        "is another."
    ),
    "request_paused": _("The clock of this request stands still. Let it run first."),
    "not_paused": _("The clock of this request runs."),
    "extended_before": _("This request was extended before. The law allows it once."),
    "late_reason_missing": _("The time to answer was over. Say why the answer is late."),
    "extension_late": _("The time to extend is over. It is extended before it ends, or not."),
    "ground_unknown": _("The law knows no such ground to refuse this request."),
    "request_closed": _("This request takes no more messages."),
    "request_not_found": _("No request has this link. Copy the whole link from the mail, or ask again."),
    "no_answer": _("There is no answer to take yet."),
    "code_sent": _("A code was sent a moment ago. Look into your mail, or wait a minute."),
    "code_over": _("This code is too old, or was tried too often. Ask for another."),
    "code_wrong": _("That is not the code that was sent last."),
    "searches_open": _("Sellers have not all answered. Wait, or go on without them for a reason."),
    "recipients_not_told": _("The recipients have not been told yet what to do."),
    "nothing_found": _("No seller has found the person in a revision."),
    "nothing_kept": _("The vault keeps nothing of this person’s downloads."),
    "seller_unknown": _("One of these sellers has no dataset of persons."),
    "revision_unknown": _("Say of at least one revision whether the person is in it."),
    "no_index": _("No index of persons is filed for what is still to be searched. Answer by hand."),
    "bad_digest": _("This is no digest. It has 32 letters and figures, as the tool prints it."),
    "index_malformed": _("This is no index of persons. Send the file as the tool wrote it."),
    "index_too_large": _("This index is larger than what is taken."),
}
