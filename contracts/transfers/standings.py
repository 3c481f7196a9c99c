"""What one process knows of the rights it decides on: each case as it was read, and beside it the marks by which the
database can say, in the statement that starts a transfer, that nothing of it has changed since."""

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeAlias, TypeVar
from uuid import UUID

from compliance import legal
from compliance.legal import in_force
from compliance.legal.profile import LegalProfile
from contracts.clauses.declaration import Facts
from contracts.models import CopyCount, Entitlement
from contracts.terms import terms as usage_terms
from contracts.transfers import admission, inputs, judgements
from contracts.transfers import facts as transfer_facts
from contracts.transfers.admission import Case
from contracts.transfers.judgements import Judgement
from contracts.transfers.moulds import Mould
from datasets import queries as dataset_queries
from exchange.kernel.actors import Actor
from exchange.kernel.ids import new_id

Key: TypeAlias = tuple[UUID, UUID]
"""An entitlement and an asset."""

Marks: TypeAlias = tuple[object, ...]
Known = TypeVar("Known")
Name = TypeVar("Name")

_MOST_MOULDS = _MOST_JUDGED = 64
_TOLD = frozenset(
    {
        "purpose",
        "use_country",
        "buyer_country",
        "recipient_id",
        "address",
        "address_country",
        "copies_used",
        "active_since",
        "groups",
        "delivery",
        "revision_number",
        "revision_sealed_at",
        "agreed_number",
    }
)
_UNTOLD = frozenset(field.name for field in fields(Facts)) - _TOLD - {"now"}
"""Facts that may change without a mark that shows it: the sector of the buyer, and what a right has taken in all."""


@dataclass(frozen=True, eq=False)
class Standing:
    """A case that may be decided without being read again, as long as `marks` hold in the database; `profile` is the
    law as it was then, which is kept."""

    case: Case
    marks: Marks
    completed: Mould
    profile: LegalProfile
    _started: dict[object, Mould] = field(default_factory=dict)
    _judged: dict[str | None, tuple[datetime, Judgement]] = field(default_factory=dict)

    @property
    def size_bytes(self) -> int:
        return self.case.asset.size_bytes or 0

    def judge(self, address: str | None, now: datetime) -> Judgement | None:
        """What `judgements.judged` finds, asked anew for another address, and when the right or the day is over: what
        is good stays good until then. None where the law was written anew since."""
        if legal.current().sha256 != self.profile.sha256:
            return None
        until, judgement = self._judged.get(address, (now, None))
        if judgement is None or now >= until:
            known = admission.known_of(self.case, now, address=address, copies_used=0)
            judgement = judgements.judged(known, lambda: self.profile)
            if judgement.code is None:
                if len(self._judged) >= _MOST_JUDGED:
                    self._judged.clear()
                self._judged[address] = (_next_change(self.case, now), judgement)
        return judgement

    def started(self, by: Actor, judgement: Judgement, record_id: str, digest: str) -> Mould:
        """The leaves of what this actor starts from this origin. A judgement with nothing against it differs from
        another of the same case in its destination alone."""
        name = (by.name, by.kind, record_id, judgement.destination)
        known = self._started.get(name)
        if known is None:
            if len(self._started) >= _MOST_MOULDS:
                self._started.clear()
            seen = admission.known_of(self.case, by.at, address=None, copies_used=None)
            facts = {
                **admission.facts_of(self.case, judgement),
                **transfer_facts.of_origin(record_id, digest),
                "decided": inputs.kept(seen, judgement),
            }
            row = transfer_facts.begun(self.case, new_id(), "", at=by.at)
            known = self._started[name] = Mould("transfer.started", row, by=by, facts=facts)
        return known


class Lately(Generic[Name, Known]):
    """The last things learned, so many at most."""

    def __init__(self, at_most: int) -> None:
        self._known: OrderedDict[Name, Known] = OrderedDict()
        self._at_most = at_most

    def get(self, name: Name) -> Known | None:
        return self._known.get(name)

    def put(self, name: Name, known: Known) -> None:
        self._known[name] = known
        if len(self._known) > self._at_most:
            self._known.popitem(last=False)

    def forget(self, name: Name) -> Known | None:
        return self._known.pop(name, None)


def read(keys: Sequence[Key], *, now: datetime) -> dict[Key, Standing]:
    """Read these cases. Those that depend on more than the marks can tell are left out: they are read each time."""
    rows = Entitlement.objects.select_related("buyer", "seller", "dataset", "revision")
    entitlements = rows.in_bulk([entitlement_id for entitlement_id, _ in keys])
    profile, law = legal.current(), in_force.newest_installed()
    legal.keep(profile, now=now)
    found = {}
    for entitlement_id, asset_id in keys:
        entitlement, asset = entitlements.get(entitlement_id), dataset_queries.received_asset(asset_id)
        if entitlement is None or asset is None or asset.revision_id != entitlement.revision_id:
            continue
        # The marks are as old as what they stand for, or older: what changes in between is found to have changed.
        case = admission.case(entitlement, asset)
        if _is_told_by_marks(case):
            found[entitlement_id, asset_id] = Standing(case, _marks(case, law), _completed(case, now), profile)
    counts = [CopyCount(entitlement_id=right, asset_id=asset) for right, asset in found]
    CopyCount.objects.bulk_create(counts, ignore_conflicts=True)
    return found


def _is_told_by_marks(case: Case) -> bool:
    if case.entitlement.dataset.may_redirect:
        return False  # answered by a link, perhaps: the book decides
    if case.entitlement.is_metered:
        return False  # what was spent is known to the book alone
    if usage_terms.needs(case.terms, _UNTOLD):
        return False
    # A class that stands against the declaration waits for an officer, whose word no mark would show.
    is_declared = case.declaration is not None and case.personal_data == case.declaration.personal_data
    return is_declared and usage_terms.limits(case.terms).copies_max == case.entitlement.copies_max


def _next_change(case: Case, now: datetime) -> datetime:
    """When time alone may change a judgement: with the day, as the law does, at the end of the right, and when a
    clause says so."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    facts = admission.known_of(case, now, address=None, copies_used=0).facts
    moments = (midnight, case.entitlement.ends_at, usage_terms.next_change(case.terms, facts))
    return min(moment for moment in moments if moment is not None)


def _marks(case: Case, law: str) -> Marks:
    """In the order in which the statement takes them."""
    entitlement, declaration = case.entitlement, case.declaration
    return (
        str(entitlement.pk),
        str(case.asset.pk),
        entitlement.activated_at,
        entitlement.ends_at,
        case.buyer.verified_country,
        json.dumps(case.buyer.certifications),
        case.seller.verified_country,
        str(declaration.pk) if declaration else None,
        case.asset.revision.measured_at,
        case.asset.size_bytes or 0,
        law,
    )


def _completed(case: Case, now: datetime) -> Mould:
    row = transfer_facts.begun(case, new_id(), "", at=now)
    row.sent_ranges, row.sent_bytes, row.spent_bytes = [[0, row.size_bytes]], row.size_bytes, row.size_bytes
    by = Actor.system("gateway", at=now)
    return Mould("transfer.completed", row, by=by, facts=transfer_facts.of_sent(row))
