"""What the exchange itself decides about, whatever is traded on it: the accounts of members, and the log with its
vault. What is kept there follows from how the exchange is built, and for how long from the legal profile."""

from dataclasses import dataclass

from compliance.activities.shape import Derived, Kept, Kind
from compliance.legal import LegalProfile


@dataclass(frozen=True)
class Own:
    """One activity that every exchange has."""

    key: str
    kind: Kind
    derived: Derived


def activities(profile: LegalProfile) -> list[Own]:
    """The activities that every exchange has, with the periods of this profile."""
    accounts = Derived(
        purposes=("service_provision",),
        legal_bases=("6.1.b",),
        persons=("members",),
        data=("email", "person_name", "identifier", "device"),
        kept=(_kept(profile, "actor_identity"), _kept(profile, "mail")),
    )
    proof = Derived(
        purposes=("fraud_prevention",),
        legal_bases=("6.1.c", "6.1.f"),
        persons=("members",),
        data=("network_address", "identifier", "behaviour"),
        kept=tuple(_kept(profile, one) for one in ("sealed_address", "actor_identity", "leaves")),
    )
    return [Own("accounts", "accounts", accounts), Own("proof", "proof", proof)]


def _kept(profile: LegalProfile, name: str) -> Kept:
    period = profile.period(f"retention.{name}")
    return Kept(name, months=period.months or None, days=period.days or None)
