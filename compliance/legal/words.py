"""What law and transfer bases are called on a page."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from compliance.legal.profile import LegalProfile
from compliance.marks import Mark

Words = str | Promise

REASONS: Mapping[str, Words] = {
    "country_split": _("personal data, and the country is one no more"),
    "basis_not_confirmed": _("personal data, and no officer has confirmed the transfer basis"),
    "basis_not_begun": _("personal data, and the transfer basis does not hold yet"),
    "basis_ended": _("personal data, and the transfer basis has ended"),
    "basis_revoked": _("personal data, and the transfer basis was revoked"),
    "basis_unusable": _("personal data, and the transfer basis cannot be used"),
    "safeguard_not_in_force": _("personal data, and the law does not know the transfer basis any more"),
    "assessment_missing": _("personal data, and the transfer basis lacks its impact assessment"),
    "assessment_overdue": _("personal data, and the impact assessment is to be looked at again"),
    "derogation_spent": _("personal data, and the derogation for one transfer was used"),
    "address_country_not_open": _("personal data, and it may not go to the country of the network address"),
}
MECHANISMS: Mapping[str, Mark] = {
    "scc": Mark(_("Standard clauses"), "info", "scale"),
    "bcr": Mark(_("Corporate rules"), "info", "scale"),
    "derogation": Mark(_("Derogation"), "warn", "scale"),
}
GROUNDS: Mapping[str, Words] = {
    "scc": _("Standard contractual clauses, with an assessment of the transfer’s impact"),
    "bcr": _("Binding corporate rules, with an assessment of the transfer’s impact"),
    "derogation": _("A derogation for one transfer"),
}
STATES: Mapping[str, Mark] = {
    "recorded": Mark(pgettext_lazy("basis", "Waits for confirmation"), "warn", "clock"),
    "confirmed": Mark(pgettext_lazy("basis", "Confirmed"), "ok", "check"),
    "spent": Mark(pgettext_lazy("basis", "Used"), "", "check"),
    "revoked": Mark(pgettext_lazy("basis", "Revoked"), "stop", "stop"),
}


def opens(code: str, profile: LegalProfile) -> str:
    """What would open the way, for each reason of a refusal."""
    if code.startswith("condition_not_met:"):
        needed = profile.condition(code.partition(":")[2], get_language() or "en")
        return _now(
            "That the operator has seen what the decision asks for: %(needed)s. Or a transfer basis."
        ) % {"needed": needed}
    return str(_OPENS.get(code, ""))


_OPENS: Mapping[str, Words] = {
    "country_unknown": _("That the operator verifies where the importer is established."),
    "country_split": _("That the operator verifies in which of its successors the importer is established."),
    "no_adequacy_decision": _("A transfer basis for this importer, confirmed by an officer."),
    "decision_not_in_force": _("A transfer basis for this importer, confirmed by an officer."),
    "basis_not_confirmed": _("That an officer confirms the transfer basis."),
    "basis_not_begun": _("Time: the transfer basis names its first day."),
    "basis_ended": _("A new transfer basis for this importer."),
    "safeguard_not_in_force": _("A transfer basis of a kind that the legal profile knows."),
    "assessment_missing": _("A transfer basis with an assessment of the transfer’s impact."),
    "assessment_overdue": _("A transfer basis with a new assessment of the transfer’s impact."),
    "derogation_spent": _("Standard clauses or corporate rules: a derogation is not repeated."),
}
