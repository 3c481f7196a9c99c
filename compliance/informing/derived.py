"""Which duties to inform began, from sealed leaves alone: with a buyer's first transfer of personal data of one."""

import json
import logging
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from compliance import legal
from compliance.models import InformingDuty, InformingWord
from compliance.proofs.receipts import Entry
from exchange.kernel.errors import ExchangeError
from exchange.look.formats import zone
from exchange.participants.models import Participant

PERIOD = "notice14"
_PERSONAL = ("pseudonymised", "personal", "special")

log = logging.getLogger("exchange.records")


def is_about(event_name: str) -> bool:
    """Whether leaves of this name may begin such a duty."""
    return event_name == "transfer.started"


def write(entries: Iterable[Entry]) -> None:
    """Begin the duties that these leaves prove; one that began before stays as it is."""
    for index, leaf in entries:
        try:
            found = _begun(index, leaf)
        except (ValueError, KeyError, TypeError, AttributeError):
            log.error("leaf %s cannot be read as the start of a transfer", index)
            continue
        if found is not None and not _same(found).exists():
            _begin(found)


def _begun(index: int, leaf: bytes) -> InformingDuty | None:
    body = json.loads(leaf)
    facts = body["facts"]
    if facts.get("class") not in _PERSONAL:
        return None
    buyer, dataset = UUID(facts["buyer"]), UUID(facts["dataset"])
    return InformingDuty(
        id=UUID(body["subject"].partition(":")[2]),
        buyer_id=buyer,
        seller_id=UUID(facts["seller"]),
        dataset_id=dataset,
        leaf=index,
        began_at=datetime.fromisoformat(body["ts"]),
    )


def _same(duty: InformingDuty) -> QuerySet[InformingDuty]:
    return InformingDuty.objects.filter(buyer_id=duty.buyer_id, dataset_id=duty.dataset_id)


def _begin(duty: InformingDuty) -> None:
    """Keep it with the day on which it is due; a later transfer begins it where the law cannot be read now."""
    try:
        profile = legal.current()
        legal.keep(profile, now=duty.began_at)
        country = _country(duty.buyer_id)
        duty.due_at = legal.deadlines.due(profile, PERIOD, duty.began_at, country=country, zone=zone())
    except ExchangeError as refusal:
        log.error("a duty to inform cannot begin: %s", refusal.code)
        return
    duty.profile_version, duty.profile_sha256 = profile.version, profile.sha256
    _as_said_before(duty)
    InformingDuty.objects.bulk_create([duty], ignore_conflicts=True)


def _as_said_before(duty: InformingDuty) -> None:
    """What the buyer said before the first transfer counts for the duty too."""
    word = InformingWord.objects.filter(buyer_id=duty.buyer_id, dataset_id=duty.dataset_id).first()
    if word is None:
        return
    duty.acknowledged_at = word.given_at
    if word.exemption:
        duty.how, duty.exemption, duty.said = InformingDuty.How.EXEMPT, word.exemption, word.said
        duty.answered_at = word.given_at


def _country(participant_id: UUID) -> str:
    """Whose holidays count: those of the buyer's verified country."""
    row = Participant.objects.filter(pk=participant_id).values_list("verified_country", flat=True).first()
    return row or ""
