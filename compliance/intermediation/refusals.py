"""What the refusals of intermediation say to readers of every language but the verbs' own, by their codes."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: Mapping[str, str | Promise] = {
    "price_list_too_early": _(
        "A price list applies from today on, and not before the one that is already published."
    ),
}
