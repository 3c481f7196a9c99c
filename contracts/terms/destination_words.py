"""Why personal data may not go somewhere, and what would open the way: for a person, by the codes of
`compliance.destinations`."""

_NEEDS = "an adequacy decision, or a transfer basis that an officer of the exchange has confirmed, would open the way"
SENTENCES = {
    "country_split": "this is personal data, and the buyer's country is one no more; the operator verifies it again",
    "basis_not_confirmed": "this is personal data, and the transfer basis of the buyer waits for an officer",
    "basis_not_begun": "this is personal data, and the transfer basis of the buyer does not hold yet",
    "basis_ended": "this is personal data, and the transfer basis of the buyer has ended",
    "basis_revoked": "this is personal data, and the transfer basis of the buyer was revoked",
    "basis_unusable": "this is personal data, and the transfer basis of the buyer cannot be used",
    "safeguard_not_in_force": "this is personal data, and the law does not know this transfer basis any more",
    "assessment_missing": "this is personal data, and the transfer basis of the buyer lacks its impact assessment",
    "assessment_overdue": "this is personal data, and the impact assessment of the buyer is to be looked at again",
    "derogation_spent": "this is personal data, and the derogation for one transfer was used",
    "address_country_not_open": "this is personal data, and it may not go to the country of this network address",
}
_HINTS = {
    "no_adequacy_decision": f"no adequacy decision covers it; {_NEEDS}",
    "decision_not_in_force": f"the adequacy decision for it has ended; {_NEEDS}",
    "country_unknown": "the operator has verified no country of the buyer",
}


def hint(code: str) -> str:
    """Why it may not go to the buyer's country, and what would open the way."""
    if code.startswith("condition_not_met:"):
        return "its decision asks for a certification that the operator has not seen of the buyer"
    return _HINTS.get(code) or SENTENCES.get(code, code).removeprefix("this is personal data, and ")
