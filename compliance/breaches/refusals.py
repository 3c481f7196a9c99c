"""What the refusals of the register of breaches say to readers of every language but the verbs' own, by their codes."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: Mapping[str, str | Promise] = {
    "aware_in_future": _("Nobody becomes aware in the future. Give the moment when somebody first knew."),
    "moments_wrong": _("These moments are out of their order, or in the future."),
    "scope_empty": _("Name a dataset, an organisation, a link or a period."),
    "token_hash_wrong": _("This is no hash of a token. It has 32 hexadecimal digits."),
    "risk_missing": _("Assess the risk first: the authority is told of it."),
    "delay_reason_missing": _("The deadline was over. Say why the authority is told late."),
    "exemption_unknown": _("The law knows no such ground not to tell the persons."),
    "breach_incomplete": _("This breach cannot be closed yet: lines that the law asks for lack."),
    "breach_closed": _("This breach is closed. Open it again to go on."),
    "stopped_before": _("This was stopped in this breach before."),
}
