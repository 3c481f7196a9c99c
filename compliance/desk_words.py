"""What the Events of the compliance desk's own work are called on a page; `words` joins them to the others."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from compliance.event_words import breaches, incidents, informing, intermediation, law, requests, reviews

EVENTS: dict[str, str | Promise] = {
    **breaches.EVENTS,
    **law.EVENTS,
    **incidents.EVENTS,
    **informing.EVENTS,
    **intermediation.EVENTS,
    **requests.EVENTS,
    **reviews.EVENTS,
    "activity.completed": _("Somebody added to the record of processing by hand"),
    "activity.reviewed": _("Somebody looked at an activity of the record of processing"),
    "recipientnotice.opened": _("A notice to all recipients was opened"),
    "recipientnotice.filled": _("All recipients were taken from the log"),
    "recipientnotice.replaced": _("A later revision was named as what replaces the data"),
    "recipientnotice.settled": _("Every recipient has answered, or was excused"),
    "recipientnotice.unsettled": _("The notice was opened again"),
    "recipientnotice.stated": _("An officer had a statement of a notice drawn up"),
    "noticerow.notified": _("The recipient was told"),
    "noticerow.repeated": _("The recipient was told again"),
    "noticerow.delivered": _("The notice reached the recipient"),
    "noticerow.undelivered": _("The notice could not be delivered"),
    "noticerow.opened": _("A member of the recipient opened the notice"),
    "noticerow.acknowledged": _("The recipient acknowledged the notice"),
    "noticerow.answered": _("The recipient said what it did"),
    "noticerow.contradicted": _("What the recipient said does not fit the log"),
    "noticerow.refused": _("The recipient does not do what was asked"),
    "noticerow.reminded": _("The recipient was reminded"),
    "noticerow.escalated": _("The recipient’s rights to the dataset were suspended"),
    "noticerow.finished": _("The recipient has done what was asked"),
    "noticerow.excused": _("An officer closed the row for a reason"),
    "noticerow.reopened": _("The recipient has to answer again"),
}
SUBJECTS: dict[str, str | Promise] = {
    **breaches.SUBJECTS,
    **incidents.SUBJECTS,
    **intermediation.SUBJECTS,
    **law.SUBJECTS,
    **requests.SUBJECTS,
    "activityversion": _("a part of the record of processing"),
    "activityreview": _("a look at the record of processing"),
}
CARRIERS: dict[str, str | Promise] = {
    "not_personal": _("Not personal data"),
    "eea": _("Within the EEA"),
    "adequacy": _("Adequacy decision (Art. 45)"),
    "scc": _("Standard contractual clauses (Art. 46)"),
    "bcr": _("Binding corporate rules (Art. 46)"),
    "derogation": _("Derogation (Art. 49)"),
    "": _("No mechanism in the log"),
}
