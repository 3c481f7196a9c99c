"""May personal data go to this country, now, under which mechanism? The answer comes from dated rows in a legal
profile and from the register of transfer bases, never from code, and whatever cannot be decided is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Literal, TypeAlias, cast

from compliance.legal.profile import LegalProfile
from compliance.legal.readings import is_country

PersonalData: TypeAlias = Literal["none", "pseudonymised", "personal", "special"]
Mechanism: TypeAlias = Literal["not_personal", "eea", "adequacy", "scc", "bcr", "derogation"]

EEA, ADEQUATE = "EEA", "ADEQUATE"
"""The groups of countries that a legal profile tells of."""

_USABLE = {
    "recorded": "basis_not_confirmed",
    "confirmed": None,
    "in_use": None,
    "spent": "derogation_spent",
    "revoked": "basis_revoked",
}
"""What the state of a basis has against its use. One that is in use carries the transfer that it was spent on."""


@dataclass(frozen=True)
class Basis:
    """A transfer basis as a decision knows it; `detail` is the module of standard clauses or the ground of a
    derogation, `review_due` when its assessment is to be looked at again, None where there is no assessment."""

    id: str
    mechanism: str
    country: str
    detail: str
    state: str
    valid_from: date
    valid_to: date | None
    review_due: date | None


@dataclass(frozen=True)
class Destination:
    """The answer for one country: `mechanism`, `decision` and `basis` carry the transfer, at the latest on `valid_to`,
    or `reason` refuses it."""

    allowed: bool
    mechanism: Mechanism | None
    decision: str | None
    reason: str | None
    profile_version: str
    valid_to: date | None = None
    basis: Basis | None = None


def decide(
    profile: LegalProfile,
    *,
    country: str | None,
    personal_data: PersonalData,
    certifications: frozenset[str],
    on: date,
    bases: Sequence[Basis] = (),
) -> Destination:
    """Decide whether data of this class may go to a recipient established in `country` on that day.

    `certifications` are the conditions the recipient has been verified to meet, such as "dpf"; `bases` what the
    register holds for it.
    """
    if personal_data == "none":
        return Destination(True, "not_personal", None, None, profile.version)
    heirs = profile.renamed.get(country or "", ())
    if len(heirs) > 1:
        return _refused(profile, "country_split")
    place = heirs[0] if heirs else country
    if not is_country(place):
        return _refused(profile, "country_unknown")
    if place in profile.eea:
        return Destination(True, "eea", None, None, profile.version)
    day = on.date() if isinstance(on, datetime) else on
    found = _by_adequacy(profile, place, certifications, day)
    named = [basis for basis in bases if basis.country in (country, place)]
    return found if found.allowed or not named else _by_basis(profile, named, day)


@lru_cache(maxsize=8)
def groups(profile: LegalProfile, on: date) -> Mapping[str, frozenset[str]]:
    """Who belongs to each group on that day; what a decision of adequacy asks a condition for is left out."""
    adequate = {row.country for row in profile.adequacy if row.condition is None and row.in_force(on)}
    return {EEA: profile.eea, ADEQUATE: frozenset(adequate)}


def _by_adequacy(
    profile: LegalProfile, country: str | None, certifications: frozenset[str], day: date
) -> Destination:
    rows = [row for row in profile.adequacy if row.country == country]
    if not rows:
        return _refused(profile, "no_adequacy_decision")
    current = [row for row in rows if row.in_force(day)]
    if not current:
        return _refused(profile, "decision_not_in_force", rows[-1].decision)
    for row in current:
        if row.condition is None or row.condition in certifications:
            return Destination(True, "adequacy", row.decision, None, profile.version, row.valid_to)
    return _refused(profile, f"condition_not_met:{current[0].condition}", current[0].decision)


def _by_basis(profile: LegalProfile, bases: Sequence[Basis], day: date) -> Destination:
    """The first basis that carries the data, a derogation last; else what the first one lacks."""
    ordered = sorted(bases, key=lambda basis: basis.mechanism == "derogation")
    lacking = [(basis, _against(profile, basis, day)) for basis in ordered]
    for basis, code in lacking:
        safeguard = profile.safeguard(basis.mechanism)
        if code is None and safeguard is not None:
            ends = [end for end in (basis.valid_to, basis.review_due, safeguard.valid_to) if end is not None]
            return Destination(
                True,
                cast(Mechanism, basis.mechanism),
                safeguard.decision or basis.detail or safeguard.article,
                None,
                profile.version,
                min(ends, default=None),
                basis,
            )
    return _refused(profile, lacking[0][1] or "basis_unusable")


def _against(profile: LegalProfile, basis: Basis, day: date) -> str | None:
    """What speaks against a basis on that day."""
    if (code := _USABLE.get(basis.state, "basis_unusable")) is not None:
        return code
    safeguard = profile.safeguard(basis.mechanism)
    if safeguard is None or not safeguard.in_force(day):
        return "safeguard_not_in_force"
    if safeguard.modules and basis.detail not in {module.code for module in safeguard.modules}:
        return "safeguard_not_in_force"
    if day < basis.valid_from:
        return "basis_not_begun"
    if basis.valid_to is not None and basis.valid_to < day:
        return "basis_ended"
    if basis.mechanism == "derogation":
        return None
    if basis.review_due is None:
        return "assessment_missing"
    return "assessment_overdue" if basis.review_due < day else None


def _refused(profile: LegalProfile, reason: str, decision: str | None = None) -> Destination:
    return Destination(False, None, decision, reason, profile.version)
