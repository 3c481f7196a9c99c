"""What the refusals of destinations and law say to readers of every language but the verbs' own, by their codes."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: Mapping[str, str | Promise] = {
    "legal_profile_unsigned": _(
        "The signature of this legal profile does not count: another key, or none, made it."
    ),
    "legal_profile_too_large": _("This file is larger than a legal profile may be."),
    "legal_profile_early": _(
        "This legal profile speaks of a day that is still to come. Install it on that day."
    ),
    "legal_profile_older": _("This legal profile is not newer than the one in force."),
    "legal_profile_is_a_file": _(
        "The settings name a file that rules alone. The operator takes that away first."
    ),
    "no_legal_profile_key": _("The settings name nobody whose signature is trusted."),
    "legal_profile_incomplete": _("The legal profile in force does not say what is needed here."),
    "basis_malformed": _("Something of this transfer basis is missing, or does not belong to it."),
    "basis_over": _("The last day of this transfer basis lies before its first, or in the past."),
    "unknown_organisation": _("There is no such organisation."),
    "country_malformed": _("A country is named by its code of two letters."),
    "no_basis_needed": _("Within the European Economic Area nothing is needed."),
    "review_late": _(
        "The assessment must be looked at again earlier: the legal profile says within which time."
    ),
    "derogation_repeated": _("A derogation is not repeated: this importer has had one for this dataset."),
}
