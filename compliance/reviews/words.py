"""What the publish gate's codes are called on a page: why something waits, how a column stands, what is stated."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.words import Mark, Words

CAUSES: dict[str, Words] = {
    "mismatch": _("More was found than is declared"),
    "special": _("Special categories (Art. 9)"),
    "criminal": _("Convictions and offences (Art. 10)"),
}
STANDINGS = {
    "more_found": Mark(_("More found than declared"), "stop", "warn"),
    "agrees": Mark(pgettext_lazy("declared and found", "Agree"), "ok", "check"),
    "less_found": Mark(_("Declared, not found"), "", "info"),
    "hint": Mark(_("A hint only"), "", "info"),
    "clear": Mark(_("Nothing declared, nothing found"), "", "check"),
    "not_there": Mark(_("Declared, and not in the files"), "", "info"),
}
METHODS: dict[str, Words] = {
    "header": _("by its name"),
    "values": _("by its values"),
    "header+values": _("by its name and its values"),
}
CONFIDENCES: dict[str, Words] = {
    "sure": pgettext_lazy("a finding", "sure"),
    "likely": pgettext_lazy("a finding", "likely"),
    "hint": pgettext_lazy("a finding", "a hint"),
}
FIELDS: dict[str, Words] = {
    "personal_data": _("Personal data"),
    "legal_basis": _("Legal basis"),
    "article_9_ground": _("Ground of Article 9"),
    "criminal_law": _("Law that permits it (Art. 10)"),
    "ground_evidence": _("Evidence of the ground"),
    "ground_sha256": _("SHA-256 of the evidence"),
    "purposes": _("Purposes for which it was collected"),
    "source": _("Source"),
    "origin": _("Obtained from"),
    "persons": _("About how many persons"),
    "screening": _("Criteria of a DPIA that hold"),
    "dpia_reference": _("Reference of the DPIA"),
    "dpia_on": _("Day of the DPIA"),
    "dpia_outcome": _("Outcome of the DPIA"),
    "notice_url": _("Address of the notice"),
    "notice_version": _("Version of the notice"),
    "notice_sha256": _("SHA-256 of the notice"),
    "notice_on": _("Day of the notice"),
    "notice_exemption": _("Why no notice was given"),
    "notice_reason": _("Reasons for that"),
    "rights": _("Right to pass it on"),
    "rights_reference": _("Licence or contract"),
    "rights_stated": _("The seller states that it may pass the data on"),
}
"""In the order in which a page shows them."""
CRITERIA: dict[str, Words] = {
    "scoring": _("Evaluation or scoring of persons"),
    "automated_decisions": _("Automated decisions with legal or similar effect"),
    "monitoring": _("Systematic monitoring"),
    "sensitive_data": _("Special categories, convictions, or highly personal data"),
    "large_scale": _("Large scale"),
    "matching": _("Datasets matched or combined"),
    "vulnerable_persons": _("Vulnerable persons, such as children, patients or employees"),
    "new_technology": _("New technology, or a new use of it"),
    "prevents_a_right": _("It can keep persons from a right, a service or a contract"),
}
OUTCOMES: dict[str, Words] = {
    "low_risk": _("No high risk is left"),
    "risk_accepted": _("A high risk is left, and the reasons are documented"),
    "authority_consulted": _("A high risk is left, and the authority was consulted (Art. 36)"),
}
ORIGINS: dict[str, Words] = {
    "persons": _("The persons themselves (Art. 13)"),
    "others": _("Other organisations (Art. 14)"),
    "public": _("Public sources (Art. 14)"),
    "own": _("Made or observed by us"),
}
EXEMPTIONS: dict[str, Words] = {
    "14.5.a": _("14(5)(a), the persons have the information"),
    "14.5.b": _("14(5)(b), impossible, or a disproportionate effort"),
    "14.5.c": _("14(5)(c), laid down by law"),
    "14.5.d": _("14(5)(d), professional secrecy"),
}
RIGHTS: dict[str, Words] = {
    "own": _("The data is our own"),
    "licensed": _("A contract permits it"),
    "open_licence": _("An open licence permits it"),
    "law": _("The law permits or requires it"),
}
LACKS: dict[str, Words] = {
    "criminal_law_missing": _(
        "Name the law or the authority that permits data of convictions and offences (Art. 10)."
    ),
    "article_9_ground_missing": _("Special categories need a ground of Article 9."),
    "ground_not_in_law": _("The legal profile in force does not know this ground of Article 9(2)."),
    "ground_evidence_missing": _(
        "Say where the evidence of the ground lies, and give the SHA-256 of the document."
    ),
    "dpia_missing": _("Two or more criteria of a DPIA hold. Give its reference, its day and its outcome."),
    "notice_missing": _(
        "Give the notice to the persons: address, version, SHA-256 and day; or why there is none."
    ),
    "origin_missing": _("Say from whom the data was obtained."),
    "rights_missing": _(
        "Say by which right you pass it on, name the licence or contract, and state that you may."
    ),
}
VERDICTS = {
    "approved": Mark(pgettext_lazy("verdict of an officer", "Approves"), "ok", "check"),
    "refused": Mark(pgettext_lazy("verdict of an officer", "Refuses"), "stop", "stop"),
}
YES = pgettext_lazy("an answer", "yes")
