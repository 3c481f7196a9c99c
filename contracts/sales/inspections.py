"""Inspections: whether what was sold was delivered whole, and as warranted. The exchange takes both measures, the one
that was signed and the one of what came, so it stops the money of a breach itself."""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from contracts.agreements import agreements
from contracts.agreements import document as agreement_document
from contracts.models import Agreement, Entitlement, Transfer
from contracts.sales.warranties import EXACT, Deviation, Tolerances, deviations, measured
from datasets import queries as datasets
from datasets.models import Asset, Revision
from exchange.kernel.actors import Actor
from exchange.kernel.errors import ExchangeError
from payments import queries as payments
from payments.holds import holds

_AT_ONCE = 500
_MOST_NAMED = 5

log = logging.getLogger("exchange.inspections")


def inspect_due(*, now: datetime) -> int:
    """Look at each delivery whose money is held: a breach stops the money at once, and what was delivered whole and as
    warranted lets it go when its window is over. Answers how many holds were moved."""
    by = Actor.system("contracts.inspect_deliveries", at=now)
    return sum(_inspect_safely(right, by) for right in _begun())


def differences(right: Entitlement) -> list[tuple[Revision, Deviation]]:
    """How what was taken under a right differs from what was warranted. Without a warranty, the agreed revision is to
    be what was signed, and later ones may be anything."""
    document = agreements.document(right.agreement)
    clause = document.get("tolerances")
    signed = measured(_signed_profiles(right.agreement))
    exact = Tolerances(EXACT, EXACT)
    tolerances = Tolerances(clause["rows_percent"], clause["filled_percent"]) if clause else None
    found = []
    for revision in _taken(right):
        wanted = tolerances or (exact if revision.pk == right.revision_id else None)
        if wanted is not None and revision.measured_at is not None:
            came = measured(_profiles(datasets.assets_of(revision)))
            found += [(revision, one) for one in deviations(signed, came, wanted)]
    return found


def is_whole(right: Entitlement) -> bool:
    """Whether every file of the agreed revision has reached the buyer whole."""
    came = Transfer.objects.filter(entitlement=right, state=Transfer.State.COMPLETED)
    wanted = {asset.pk for asset in datasets.assets_of(right.revision)}
    return wanted <= set(came.values_list("asset_id", flat=True))


def _begun() -> Iterator[Entitlement]:
    """The rights with money held for them under which something came, a few hundred at once."""
    agreement_ids = [
        UUID(reference.partition(":")[2])
        for reference in payments.undelivered_holds().order_by("pk").values_list("reference", flat=True)
    ]
    came = Transfer.objects.filter(entitlement=OuterRef("pk"), state=Transfer.State.COMPLETED)
    for first in range(0, len(agreement_ids), _AT_ONCE):
        ids = agreement_ids[first : first + _AT_ONCE]
        rights = Entitlement.objects.filter(Exists(came), agreement__in=ids)
        yield from rights.select_related("agreement", "revision")


def _inspect_safely(right: Entitlement, by: Actor) -> bool:
    try:
        return _inspect(right, by)
    except ExchangeError as refusal:
        log.info("the delivery under %s is not inspected: %s", right.pk, refusal.code)
    except Exception:
        log.exception("the delivery under %s could not be inspected", right.pk)
    return False


def _inspect(right: Entitlement, by: Actor) -> bool:
    reference = agreements.reference(right.agreement)
    if found := differences(right):
        return holds.stop(reference, reason=_sentence(found), by=by) is not None
    hold = payments.hold_about(by, reference)
    is_measured = right.revision.measured_at is not None
    if not is_measured or by.at < hold.releases_at or not is_whole(right):
        return False
    return holds.clear(reference, by=by) is not None


def _taken(right: Entitlement) -> Sequence[Revision]:
    came = Transfer.objects.filter(revision=OuterRef("pk"), entitlement=right, state=Transfer.State.COMPLETED)
    return list(Revision.objects.filter(Exists(came)).order_by("number"))


def _signed_profiles(agreement: Agreement) -> Sequence[Mapping[str, Any]]:
    annex = agreement.annexes.filter(name=agreement_document.PROFILE).first()
    found: Sequence[Mapping[str, Any]] = json.loads(bytes(annex.content)) if annex is not None else []
    return found


def _profiles(assets: Sequence[Asset]) -> Iterator[Mapping[str, Any]]:
    for asset in assets:
        if (profile := datasets.profile_of(asset)) is not None:
            yield {"rows": profile.row_count, "columns": profile.columns}


def _sentence(found: Sequence[tuple[Revision, Deviation]]) -> str:
    named = [f"revision {revision.number}: {deviation}" for revision, deviation in found[:_MOST_NAMED]]
    more = len(found) - len(named)
    return ("not as warranted; " + "; ".join(named) + (f"; and {more} more" if more else ""))[:512]
