"""On what terms, and what follows: offers, negotiations, agreements, entitlements and transfers."""

from contracts.models.agreements import Agreement, AgreementParty, Annex
from contracts.models.deletions import DeletionStatement
from contracts.models.licences import LicenceText
from contracts.models.negotiations import Negotiation, Round, Side, Signature
from contracts.models.offers import Offer, OfferAudience
from contracts.models.rights import CopyCount, Entitlement
from contracts.models.search import SavedSearch, StaleEntry
from contracts.models.successions import Succession
from contracts.models.talks import Attachment, Message
from contracts.models.transfers import BucketRead, SeenProof, Transfer

__all__ = [
    "Agreement",
    "AgreementParty",
    "Annex",
    "Attachment",
    "BucketRead",
    "CopyCount",
    "DeletionStatement",
    "Entitlement",
    "LicenceText",
    "Message",
    "Negotiation",
    "Offer",
    "OfferAudience",
    "Round",
    "SavedSearch",
    "SeenProof",
    "Side",
    "Signature",
    "StaleEntry",
    "Succession",
    "Transfer",
]
