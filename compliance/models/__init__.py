"""What must be shown: the log's heads and checkpoints, the desk's records derived from Events, and reviews."""

from compliance.models.activities import ActivityReview, ActivityVersion, AgreedUse, DeclaredDataset, Flow
from compliance.models.breaches import Breach, BreachRecipient, BreachReport, BreachScope, BreachStop
from compliance.models.bundles import Bundle, TimeStamp
from compliance.models.comparisons import Comparison, Mismatch, RefusalCount
from compliance.models.exports import Export
from compliance.models.incidents import Incident, IncidentHolder
from compliance.models.informing import InformingDuty, InformingWord
from compliance.models.intermediation import PriceList
from compliance.models.legal_holds import LegalHold
from compliance.models.log import Alarm, Checkpoint, Log, LogHead
from compliance.models.notices import (
    NoticeAnswer,
    NoticeAttempt,
    NoticeRow,
    NoticeTally,
    RecipientNotice,
)
from compliance.models.profiles import InstalledProfile, KeptProfile
from compliance.models.records import DayCount, Duty, Recipient, RecipientRight, RecordsMark, TransferRecord
from compliance.models.requests import (
    PersonsIndex,
    RequestLetter,
    RequestPause,
    SealedRevision,
    SearchedRevision,
    SellerSearch,
    SubjectRequest,
)
from compliance.models.retention import Sweep
from compliance.models.reviews import Review, Verdict
from compliance.models.transfer_bases import TransferBasis
from compliance.models.work import DeskView, Digest

__all__ = [
    "ActivityReview",
    "ActivityVersion",
    "AgreedUse",
    "Alarm",
    "Breach",
    "BreachRecipient",
    "BreachReport",
    "BreachScope",
    "BreachStop",
    "Bundle",
    "Checkpoint",
    "Comparison",
    "DayCount",
    "DeclaredDataset",
    "DeskView",
    "Digest",
    "Duty",
    "Export",
    "Flow",
    "Incident",
    "IncidentHolder",
    "InformingDuty",
    "InformingWord",
    "InstalledProfile",
    "KeptProfile",
    "LegalHold",
    "Log",
    "LogHead",
    "Mismatch",
    "NoticeAnswer",
    "NoticeAttempt",
    "NoticeRow",
    "NoticeTally",
    "PersonsIndex",
    "PriceList",
    "Recipient",
    "RecipientNotice",
    "RecipientRight",
    "RecordsMark",
    "RefusalCount",
    "RequestLetter",
    "RequestPause",
    "Review",
    "SealedRevision",
    "SearchedRevision",
    "SellerSearch",
    "SubjectRequest",
    "Sweep",
    "TimeStamp",
    "TransferBasis",
    "TransferRecord",
    "Verdict",
]
