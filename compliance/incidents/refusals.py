"""What the refusals of incidents say to readers of every language but the verbs' own, by their codes."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: Mapping[str, str | Promise] = {
    "incident_moments_wrong": _("An incident was found out before now."),
    "incident_scope_empty": _("Name a dataset, an organisation, a transfer or a period."),
    "incident_reaches_nobody": _(
        "The log names no holder of non-personal data that this reaches. For personal data, enter a breach."
    ),
}
