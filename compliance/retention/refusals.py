"""What the refusals of legal holds say to readers of every language but the verbs' own, by their codes."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: Mapping[str, str | Promise] = {
    "legally_held": _("A legal hold keeps this. All holds on it must be released first."),
    "hold_target_unknown": _("The exchange knows nothing of that name or id."),
    "already_pruned": _("The log of that year was pruned. Nothing of it is left to keep."),
    "period_wrong": _("A period needs its beginning, and its end after it."),
    "review_past": _("The day of the next look must be in the future."),
    "four_eyes_needed": _("You asked for this release. Another officer must agree to it."),
}
