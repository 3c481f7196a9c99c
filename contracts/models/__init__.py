"""On what terms, and what follows: offers, negotiations, agreements, entitlements and transfers."""

from contracts.models.agreements import Agreement, AgreementParty, Annex
from contracts.models.deletions import DeletionStatement
from contracts.models.groups import Group, GroupMember, OfferGroup
from contracts.models.licences import LicenceText
from contracts.models.negotiations import Negotiation, Rider, Round, Side, Signature
from contracts.models.offers import Offer, OfferAudience
from contracts.models.rights import CopyCount, Entitlement
from contracts.models.search import SavedSearch, StaleEntry
from contracts.models.sourcing import DataRequest, DataRequestAnswer, DataRequestAudience
from contracts.models.successions import Succession
from contracts.models.talks import Attachment, Message
from contracts.models.templates import OwnTemplate
from contracts.models.transfers import BucketRead, SeenProof, Transfer

__all__ = [
    "Agreement",
    "AgreementParty",
    "Annex",
    "Attachment",
    "BucketRead",
    "CopyCount",
    "DataRequest",
    "DataRequestAnswer",
    "DataRequestAudience",
    "DeletionStatement",
    "Entitlement",
    "Group",
    "GroupMember",
    "LicenceText",
    "Message",
    "Negotiation",
    "Offer",
    "OfferAudience",
    "OfferGroup",
    "OwnTemplate",
    "Rider",
    "Round",
    "SavedSearch",
    "SeenProof",
    "Side",
    "Signature",
    "StaleEntry",
    "Succession",
    "Transfer",
]
