"""What the codes of the register of breaches are called on a page and on paper."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.marks import Mark

Words = str | Promise

KINDS: Mapping[str, Words] = {
    "confidentiality": _("Confidentiality: somebody saw or has the data"),
    "integrity": _("Integrity: the data was changed"),
    "availability": _("Availability: the data was lost or cannot be reached"),
}
SOURCES: Mapping[str, Words] = {
    "own": _("The operator’s own people"),
    "participant": _("An organisation on the exchange"),
    "processor": _("A processor"),
    "person": _("A person whose data it is"),
    "authority": _("An authority"),
    "outsider": _("Somebody else"),
    "monitor": _("A monitor or the nightly comparison"),
}
RISKS: Mapping[str, Mark] = {
    "unlikely": Mark(_("A risk is unlikely"), "ok", "check"),
    "risk": Mark(_("A risk"), "warn", "warn"),
    "high": Mark(_("A high risk"), "stop", "warn"),
}
CHANNELS: Mapping[str, Words] = {
    "portal": _("The authority’s portal"),
    "email": pgettext_lazy("way to send something", "E-mail"),
    "letter": _("Letter"),
    "phone": _("Telephone"),
    "public": _("A public communication"),
}
AUDIENCES: Mapping[str, Words] = {
    "authority": _("The authority"),
    "persons": pgettext_lazy("who is told of a breach", "The persons"),
}
STOPS: Mapping[str, Words] = {
    "participant": _("An organisation is suspended"),
    "revision": _("A revision is revoked"),
}
LINES: Mapping[str, tuple[Words, str]] = {
    "scope": (_("Ask the log whom it reaches"), "scope"),
    "risk": (_("Assess the risk to persons"), "assess"),
    "authority": (_("Tell the authority, up to the last phase"), "authority"),
    "persons": (_("Tell the persons, or say why not"), "persons"),
    "consequences": (_("Write down the likely consequences"), "describe"),
    "measures_taken": (_("Write down what was done"), "describe"),
    "lessons": (_("Write down what was learnt"), "describe"),
}
"""Each line that may lack, in words, and the act that fills it."""
OPEN = Mark(pgettext_lazy("breach", "Open"), "warn", "clock")
CLOSED = Mark(pgettext_lazy("breach", "Closed"), "ok", "check")
