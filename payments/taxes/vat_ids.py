"""VAT ids: each id of a participant is asked about at the register of the Union (VIES), again when it does not answer,
and now and then afterwards. Its answer, with the number that proves the question, is evidence for the tax on a sale."""

import json
import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from exchange.kernel import fetch
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid, Unavailable
from exchange.kernel.outside import require_no_transaction
from exchange.kernel.states import transition
from exchange.participants.models import Participant
from payments.models import VatId

_ASKED_AGAIN_AFTER = timedelta(days=30)
_LEASE = timedelta(minutes=5)
_LONGEST_BACKOFF_MINUTES = 1_440
_CONSULTATION_AT_MOST = 40

log = logging.getLogger("exchange.vat_ids")


@transaction.atomic
def register(participant: Participant, *, by: Actor) -> VatId | None:
    """Have the participant's present VAT id asked about, once; None where it has none."""
    if not participant.vat_id:
        return None
    VatId.objects.bulk_create(
        [VatId(participant=participant, vat_id=participant.vat_id, due_at=by.at)], ignore_conflicts=True
    )
    return VatId.objects.get(participant=participant, vat_id=participant.vat_id)


def known_of(*participants: Participant) -> dict[UUID, VatId]:
    """What is known of the present VAT ids of these participants, by participant."""
    present = {one.pk: one.vat_id for one in participants if one.vat_id}
    if not present:
        return {}
    rows = VatId.objects.filter(participant_id__in=present)
    return {row.participant_id: row for row in rows if row.vat_id == present[row.participant_id]}


def counts(participant: Participant, known: VatId | None) -> bool:
    """Whether a sale may rely on the participant's VAT id: it is valid, or nobody has answered yet and the operator
    chose to accept such ids."""
    if not participant.vat_id or not _is_of(participant.verified_country, participant.vat_id):
        return False
    if known is None or known.state == VatId.State.UNVERIFIED:
        return bool(settings.EXCHANGE_VAT_ID_POLICY == "accept")
    return known.state == VatId.State.VALID


def ask(vat_id: VatId, *, now: datetime) -> VatId:
    """Ask VIES about one id, outside transactions, and keep its answer; without one it is asked again later."""
    require_no_transaction()
    is_mine = VatId.objects.filter(pk=vat_id.pk, due_at__lte=now).update(due_at=now + _LEASE)
    if not is_mine or not settings.EXCHANGE_VIES_URL:
        return VatId.objects.get(pk=vat_id.pk)
    try:
        is_valid, number = _answer(vat_id)
    except (Unavailable, Invalid) as silence:
        log.info("VIES gave no answer: %s", silence.code)
        return _put_off(vat_id, now)
    return note(vat_id, is_valid=is_valid, consultation_number=number, by=Actor.system("ask_vies", at=now))


def ask_due(*, now: datetime, at_most: int = 100) -> int:
    """Ask about what is due, oldest first; answers how many were asked about."""
    if not settings.EXCHANGE_VIES_URL:
        return 0
    due = list(VatId.objects.filter(due_at__lte=now).order_by("due_at")[:at_most])
    for vat_id in due:
        ask(vat_id, now=now)
    return len(due)


@transaction.atomic
def look_up(participant: Participant, *, is_valid: bool, consultation_number: str = "", by: Actor) -> VatId:
    """Keep what an operator saw in the register, while it does not answer the exchange."""
    by.require(Scope.OPERATE)
    if by.acts_for(participant.pk):
        raise Forbidden("nobody confirms a VAT id of their own organisation", code="own_organisation")
    vat_id = register(participant, by=by)
    if vat_id is None:
        raise Conflict("this organisation has said no VAT id", code="no_vat_id")
    return note(vat_id, is_valid=is_valid, consultation_number=consultation_number, by=by)


@transaction.atomic
def note(vat_id: VatId, *, is_valid: bool, consultation_number: str = "", by: Actor) -> VatId:
    """Keep what the register said."""
    kept = VatId.objects.select_for_update().get(pk=vat_id.pk)
    answer: dict[str, Any] = {
        "consultation_number": consultation_number[:_CONSULTATION_AT_MOST],
        "answered_at": by.at,
        "due_at": by.at + _ASKED_AGAIN_AFTER,
        "attempts": 0,
    }
    wanted = VatId.State.VALID if is_valid else VatId.State.INVALID
    if kept.state == wanted:
        VatId.objects.filter(pk=kept.pk).update(**answer)
        kept.refresh_from_db()
        return kept
    return transition(kept, "confirm" if is_valid else "refuse", by=by, **answer)


def _answer(vat_id: VatId) -> tuple[bool, str]:
    """Whether the register has the id, and the consultation number; Unavailable where it does not say."""
    asked = {"countryCode": vat_id.vat_id[:2], "vatNumber": vat_id.vat_id[2:]}
    operator = Participant.objects.filter(is_operator=True).exclude(vat_id="").first()
    if operator is not None:
        asked |= {"requesterMemberStateCode": operator.vat_id[:2], "requesterNumber": operator.vat_id[2:]}
    answer = fetch.fetch(
        f"{settings.EXCHANGE_VIES_URL.rstrip('/')}/check-vat-number",
        method="POST",
        body=json.dumps(asked).encode(),
        headers={"Content-Type": "application/json", "Accept": "application/json"},
    )
    try:
        said = json.loads(answer.body)
        is_valid = said["valid"]
    except (ValueError, KeyError, TypeError):
        said, is_valid = {}, None
    if not answer.is_success or not isinstance(is_valid, bool):
        raise Unavailable("VIES does not say whether the VAT id is valid", code="no_answer_from_vies")
    if said.get("countryCode", asked["countryCode"]) != asked["countryCode"] or (
        said.get("vatNumber", asked["vatNumber"]) != asked["vatNumber"]
    ):
        raise Unavailable("VIES answered about another VAT id", code="no_answer_from_vies")
    return is_valid, str(said.get("requestIdentifier") or "")


def _put_off(vat_id: VatId, now: datetime) -> VatId:
    minutes = min(5 * 2 ** min(vat_id.attempts, 10), _LONGEST_BACKOFF_MINUTES)
    VatId.objects.filter(pk=vat_id.pk).update(
        attempts=F("attempts") + 1, due_at=now + timedelta(minutes=minutes)
    )
    return VatId.objects.get(pk=vat_id.pk)


def _is_of(country: str, vat_id: str) -> bool:
    return vat_id.startswith({"GR": "EL"}.get(country, country))
