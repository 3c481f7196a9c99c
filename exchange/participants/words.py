"""What the operator's pages call states, roles and Events, and what their refusals say to readers of every language
but the verbs' own."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.participants.models import Member, Participant

Words = str | Promise


@dataclass(frozen=True)
class Mark:
    """A state as a badge takes it: its word, the kind that tints it, and its icon."""

    words: Words
    kind: str
    drawing: str


_STATE, _ROLE = Participant.State, Member.Role

STATES: Mapping[str, Mark] = {
    _STATE.APPLIED: Mark(pgettext_lazy("organisation", "Waits for you"), "warn", "clock"),
    _STATE.VERIFIED: Mark(pgettext_lazy("organisation", "Verified"), "ok", "check"),
    _STATE.SUSPENDED: Mark(pgettext_lazy("organisation", "Suspended"), "stop", "pause"),
    _STATE.CLOSED: Mark(pgettext_lazy("organisation", "Closed"), "", "cross"),
}
ROLES: Mapping[str, Words] = {
    _ROLE.MANAGER: pgettext_lazy("role", "Manager"),
    _ROLE.TRADER: pgettext_lazy("role", "Trader"),
    _ROLE.VIEWER: pgettext_lazy("role", "Viewer"),
    _ROLE.OFFICER: pgettext_lazy("role", "Officer"),
    _ROLE.OPERATOR: pgettext_lazy("role", "Operator"),
}
EVENTS: Mapping[str, Mark] = {
    "participant.applied": Mark(pgettext_lazy("organisation", "Applied"), "c-mute", "person"),
    "participant.corrected": Mark(
        pgettext_lazy("organisation", "Corrected what it says of itself"), "c-mute", "pen"
    ),
    "participant.verified": Mark(pgettext_lazy("organisation", "Verified"), "c-ok", "check"),
    "participant.amended": Mark(_("Evidence put right"), "c-info", "pen"),
    "participant.billing_described": Mark(
        pgettext_lazy("organisation", "Said what its invoices hold"), "c-mute", "file"
    ),
    "participant.suspended": Mark(pgettext_lazy("organisation", "Suspended"), "c-stop", "pause"),
    "participant.restored": Mark(pgettext_lazy("organisation", "Restored"), "c-ok", "play"),
    "participant.closed": Mark(pgettext_lazy("organisation", "Closed"), "c-mute", "cross"),
}
REFUSALS: Mapping[str, Words] = {
    "own_organisation": _("Nobody decides about an organisation of their own. A colleague of yours can."),
    "operator_organisation": _("The operator’s own organisation stays as it is."),
    "unknown_country": _("This is not a country of ISO 3166-1."),
    "bad_vat_id": _("This is not a VAT id of that country. Write it with its two letters first."),
    "unknown_sector": _("This is not a section of NACE Rev. 2.1."),
    "unknown_certification": _(
        "A certification is a word of small letters, such as dpf. At most 20, with commas between."
    ),
    "stale_page": _("Somebody changed this after you opened the page. Look at how it stands now."),
}
