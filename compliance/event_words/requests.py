"""What the Events of requests of persons are called on a page; `desk_words` joins them to the others."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EVENTS: dict[str, str | Promise] = {
    "subjectrequest.received": _("A person asked"),
    "subjectrequest.confirmed": _("The person confirmed the address"),
    "subjectrequest.identified": _("The identity was confirmed"),
    "subjectrequest.doubted": _("A check did not confirm the identity"),
    "subjectrequest.started": _("An officer began to work on it"),
    "subjectrequest.paused": _("The person was asked something; the clock stands still"),
    "subjectrequest.resumed": _("The clock goes on"),
    "subjectrequest.extended": _("The time was extended"),
    "subjectrequest.searched": _("The exchange’s own records were searched"),
    "subjectrequest.recipients_told": _("The recipients are told"),
    "subjectrequest.own_records_erased": _("What the vault kept of the person was erased"),
    "subjectrequest.limited": _("A legal hold makes the erasure a restriction"),
    "subjectrequest.written": _("An officer wrote to the person"),
    "subjectrequest.message_received": _("The person wrote to the officers"),
    "subjectrequest.answered": _("The request was answered"),
    "subjectrequest.answer_taken": _("The answer was taken"),
    "subjectrequest.refused": _("The request was refused"),
    "subjectrequest.withdrawn": _("The person took the request back"),
    "subjectrequest.lapsed": _("Nobody confirmed the address; it was forgotten"),
    "sellersearch.asked": _("A seller was asked to search"),
    "sellersearch.opened": _("The seller read whom it searches for"),
    "sellersearch.looked_up": _("The seller’s index was asked"),
    "sellersearch.answered": _("The seller answered"),
    "sellersearch.dismissed": _("An officer goes on without the seller’s answer"),
    "personsindex.filed": _("A seller filed an index of persons"),
}
SUBJECTS: dict[str, str | Promise] = {
    "subjectrequest": _("a request of a person"),
    "sellersearch": _("a search by a seller"),
    "personsindex": _("an index of persons"),
}
