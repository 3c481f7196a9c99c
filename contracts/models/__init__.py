"""On what terms, and what follows: offers, negotiations, agreements, entitlements and transfers."""

from contracts.models.agreements import Agreement
from contracts.models.negotiations import Negotiation
from contracts.models.offers import Offer, OfferAudience
from contracts.models.rights import CopyCount, Entitlement
from contracts.models.search import SavedSearch, StaleEntry
from contracts.models.transfers import BucketRead, SeenProof, Transfer

__all__ = [
    "Agreement",
    "BucketRead",
    "CopyCount",
    "Entitlement",
    "Negotiation",
    "Offer",
    "OfferAudience",
    "SavedSearch",
    "SeenProof",
    "StaleEntry",
    "Transfer",
]
