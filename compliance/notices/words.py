"""What notices to recipients are called on a page, in a mail and on paper: kinds, what each asks, where a recipient
stands, what it answered, and how that differs from the log."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.words import Mark, Words

KINDS: Mapping[str, Words] = {
    "erasure": pgettext_lazy("notice", "Erasure"),
    "correction": pgettext_lazy("notice", "Correction"),
    "restriction": pgettext_lazy("notice", "Restriction"),
    "revocation": pgettext_lazy("notice", "Revoked revision"),
    "breach": pgettext_lazy("notice", "Breach"),
}
TASKS: Mapping[str, Words] = {
    "erasure": _("Delete the data that the notice names, with every copy of it."),
    "correction": _("Correct the data that the notice names, in every copy of it."),
    "restriction": _("Keep the data that the notice names, and do not use it any more."),
    "revocation": _("Stop using the revision that the notice names: its seller has revoked it."),
    "breach": _("Secure the data that the notice names: its protection was breached."),
}
STATES: Mapping[str, Mark] = {
    "queued": Mark(pgettext_lazy("notice", "Queued"), "", "clock"),
    "sent": Mark(pgettext_lazy("notice", "Sent"), "info", "half"),
    "delivered": Mark(pgettext_lazy("notice", "Delivered"), "info", "bell"),
    "undelivered": Mark(pgettext_lazy("notice", "Could not be delivered"), "stop", "warn"),
    "read": Mark(pgettext_lazy("notice", "Read"), "info", "eye"),
    "acknowledged": Mark(pgettext_lazy("notice", "Acknowledged"), "info", "person"),
    "refused": Mark(pgettext_lazy("notice", "Refused"), "stop", "cross"),
    "done": Mark(pgettext_lazy("notice", "Done"), "ok", "check"),
    "impossible": Mark(pgettext_lazy("notice", "Impossible, with a reason"), "", "cross"),
}
SETTLED: Mapping[str, Mark] = {
    "open": Mark(pgettext_lazy("notice", "Open"), "warn", "clock"),
    "settled": Mark(pgettext_lazy("notice", "Settled"), "ok", "check"),
}
ACTIONS: Mapping[str, Words] = {
    "deleted": _("We have deleted it, with every copy"),
    "corrected": _("We have corrected it, or taken the revision that replaces it"),
    "restricted": _("We keep it, and do not use it any more"),
    "stopped": _("We have stopped using it"),
    "secured": _("We have looked at our copies and secured them"),
    "acknowledged": _("We have read it, and will act"),
    "never_received": _("We never received this data"),
    "cannot": _("We cannot do it"),
    "refused": _("We refuse to do it"),
}
CONTRADICTIONS: Mapping[str, Words] = {
    "received_again": _("It said that it was done, and began another transfer after that."),
    "log_says_received": _("It says that it never received the data; the log says that it did."),
    "answers_differ": _("It said that it was done, and later something else."),
}
RIGHTS: Mapping[str, Mark] = {
    "active": Mark(pgettext_lazy("a right", "In force"), "ok", "check"),
    "suspended": Mark(pgettext_lazy("a right", "Suspended"), "warn", "pause"),
    "expired": Mark(pgettext_lazy("a right", "Expired"), "", "clock"),
    "revoked": Mark(pgettext_lazy("a right", "Revoked"), "stop", "stop"),
    "superseded": Mark(pgettext_lazy("a right", "Goes on under another contract"), "", "right"),
}
CHANNELS: Mapping[str, Words] = {
    "email": pgettext_lazy("way to a recipient", "E-mail"),
    "webhook": _("Webhook"),
    "hand": _("Another way, by an officer"),
}


def task_of(code: str) -> Words | None:
    """What a notice asks, by the code under which mails name it; None for any other code."""
    return TASKS.get(code.removeprefix("notice_")) if code.startswith("notice_") else None
