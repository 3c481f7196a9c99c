"""What the refusals of the duty to inform say to readers of every language but the verbs' own, by their codes."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: Mapping[str, str | Promise] = {
    "already_informed": _("You have said this before. It stands."),
    "unknown_exemption": _("Choose the exemption that applies; none where the persons were informed."),
}
