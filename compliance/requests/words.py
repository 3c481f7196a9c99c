"""How requests of persons are called: by officers, who know articles, and by the persons who ask."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.words import Mark, Words

KINDS: dict[str, Words] = {
    "access": _("Access (Art. 15)"),
    "rectification": _("Rectification (Art. 16)"),
    "erasure": _("Erasure (Art. 17)"),
    "restriction": _("Restriction (Art. 18)"),
    "portability": _("Portability (Art. 20)"),
    "objection": _("Objection (Art. 21)"),
    "automated_decision": _("Automated decision (Art. 22)"),
}
CHOICES: dict[str, Words] = {
    "access": _("See the data about me, and who received it"),
    "rectification": _("Have data about me corrected"),
    "erasure": _("Have data about me erased"),
    "restriction": _("Have data about me kept, and not used"),
    "portability": _("Take the data that I gave along"),
    "objection": _("Object to the use of data about me"),
    "automated_decision": _("Have a person look at a decision that a machine took about me"),
}
ASKED_FOR: dict[str, Words] = {
    "access": _("to see the data about you, and who received it"),
    "rectification": _("to correct data about you"),
    "erasure": _("to erase data about you"),
    "restriction": _("to keep data about you without using it"),
    "portability": _("for the data that you gave, to take along"),
    "objection": _("to stop using data about you"),
    "automated_decision": _("to have a person look at an automated decision about you"),
}
CHANNELS: dict[str, Words] = {
    "form": _("Form of this site"),
    "email": pgettext_lazy("channel", "E-mail"),
    "letter": pgettext_lazy("channel", "Letter"),
    "in_person": pgettext_lazy("channel", "In person"),
}
CHECKS: dict[str, Words] = {
    "address": _("The known e-mail address was confirmed by link"),
    "account": _("Asked from an account of the exchange"),
    "questions": _("Answers that only the person knows"),
    "electronic": _("An electronic identity"),
    "document_seen": _("A document was seen and given back; no copy was kept"),
    "in_person": _("The person was there and is known"),
}
STATES = {
    "received": Mark(pgettext_lazy("request of a person", "Received"), "info", "half"),
    "identified": Mark(pgettext_lazy("request of a person", "Identity confirmed"), "info", "person"),
    "in_progress": Mark(pgettext_lazy("request of a person", "In progress"), "info", "half"),
    "answered": Mark(pgettext_lazy("request of a person", "Answered"), "ok", "check"),
    "refused": Mark(pgettext_lazy("request of a person", "Refused"), "stop", "stop"),
    "withdrawn": Mark(pgettext_lazy("request of a person", "Taken back"), "", "cross"),
}
UNCONFIRMED = Mark(_("Address not confirmed"), "", "clock")
PAUSED = Mark(_("The clock stands still"), "warn", "pause")
OVERDUE = Mark(pgettext_lazy("request of a person", "Overdue"), "stop", "flag")
LATE = Mark(pgettext_lazy("request of a person", "Answered late"), "warn", "flag")
SOON = Mark(_("Due soon"), "warn", "clock")
MAILED = Mark(_("Left by mail"), "ok", "check")
ON_ITS_WAY = Mark(_("Leaves by mail"), "info", "half")
BY_POST = Mark(_("Not mailed: send it by post"), "warn", "file")
LISTS: dict[str, Words] = {
    "open": _("Open"),
    "unconfirmed": _("Address not confirmed"),
    "closed": _("Closed"),
    "late": pgettext_lazy("requests of persons", "Late"),
}
PAUSES: dict[str, Words] = {
    "identity": _("We asked who the person is"),
    "clarification": _("We asked what the person means"),
}
LETTERS: dict[str, Words] = {
    "confirm": _("Asked to confirm the address"),
    "received": _("Receipt of the request"),
    "ask_identity": _("Question of identity"),
    "ask_clarification": _("Question of what is meant"),
    "resumed": _("The clock goes on"),
    "extended": _("More time is needed"),
    "refused": _("The refusal"),
    "answered": _("The answer"),
    "code": _("A code for the answer"),
    "message": pgettext_lazy("letter", "Message"),
    "withdrawn": _("The request is closed"),
}
SEARCHES = {
    "asked": Mark(pgettext_lazy("search of a seller", "To answer"), "warn", "clock"),
    "answered": Mark(pgettext_lazy("search of a seller", "Answered"), "ok", "check"),
    "dismissed": Mark(pgettext_lazy("search of a seller", "Gone on without"), "", "cross"),
}
FINDINGS = {
    "waiting": Mark(_("Not searched yet"), "", "clock"),
    "found": Mark(_("The person is in it"), "warn", "person"),
    "not_found": Mark(_("The person is not in it"), "ok", "check"),
}
OWN_RECORDS: dict[str, Words] = {
    "accounts": _("Accounts with this address"),
    "memberships": _("Memberships in organisations"),
    "invitations": _("Invitations to this address"),
    "notices": _("Notices to the person"),
    "names": _("Pseudonyms in the log"),
    "sealed": _("Sealed addresses of downloads"),
}
