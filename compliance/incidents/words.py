"""What incidents with non-personal data are called on a page."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.marks import Mark

Words = str | Promise

KINDS: Mapping[tuple[str, ...], Words] = {
    ("transfer",): _("Transfer without authorisation"),
    ("access",): _("Access without authorisation"),
    ("use",): _("Use without authorisation"),
    ("transfer", "access"): _("Transfer and access without authorisation"),
    ("transfer", "use"): _("Transfer and use without authorisation"),
    ("access", "use"): _("Access and use without authorisation"),
    ("transfer", "access", "use"): _("Transfer, access and use without authorisation"),
}
"""Together, because a sentence is translated whole; in the order in which an incident keeps its kinds."""
STATES: Mapping[str, Mark] = {
    "entered": Mark(pgettext_lazy("incident", "Not confirmed"), "warn", "half"),
    "confirmed": Mark(pgettext_lazy("incident", "Confirmed"), "info", "bell"),
    "dropped": Mark(pgettext_lazy("incident", "Dropped"), "", "cross"),
}
HOLDERS: Mapping[str, Mark] = {
    "queued": Mark(pgettext_lazy("notice", "Queued"), "", "clock"),
    "sent": Mark(pgettext_lazy("notice", "Sent"), "info", "half"),
    "delivered": Mark(pgettext_lazy("notice", "Delivered"), "info", "bell"),
    "undelivered": Mark(pgettext_lazy("notice", "Could not be delivered"), "stop", "warn"),
    "acknowledged": Mark(pgettext_lazy("notice", "Acknowledged"), "ok", "check"),
}
ASKED: Mapping[str, Words] = {
    "dataset": _("Dataset"),
    "participant": _("Organisation"),
    "transfer": _("Transfer"),
    "since": pgettext_lazy("first moment", "From"),
    "until": pgettext_lazy("last moment", "To"),
}
