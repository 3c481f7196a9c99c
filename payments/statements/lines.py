"""What a line of a statement follows from: the sums of a sale, what was left of it when a part went back, a payout. In
integers, and frozen with what was booked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from payments.models import Account, Charge, Dispute, Entry, Payout, Posting, Refund
from payments.models.refunds import Returned
from payments.shares import splits

Facts = Mapping[str, Any]
_SALE, _PAYOUT, _REFUND, _LOST = "charge.paid", "payout.submitted", "refund", "dispute.lost"


@dataclass(frozen=True)
class _Gone:
    """A sum that went back of a charge: under which posting, and which one took that back, if any did."""

    row: Returned
    booked: UUID
    undone: UUID | None

    def counted_at(self, posting_id: UUID) -> bool:
        """Whether it had gone when that posting was made. Ids grow with time, and the charge was locked meanwhile."""
        return self.booked < posting_id and (self.undone is None or self.undone > posting_id)


def of(postings: Sequence[Posting], party: UUID, *, until: datetime) -> dict[UUID, Facts]:
    """For each posting what it follows from; nothing for one that says all itself. A cost that became known after
    `until` does not count, so that a month that is over stays as it is."""
    keys = _keys(postings)
    backs: dict[UUID, Returned] = {
        **Refund.objects.select_related("charge").in_bulk(_ids(keys, _REFUND)),
        **Dispute.objects.select_related("charge").in_bulk(_ids(keys, _LOST)),
    }
    charges = Charge.objects.in_bulk(_ids(keys, _SALE))
    payouts = Payout.objects.in_bulk(_ids(keys, _PAYOUT))
    gone = _gone({row.charge_id for row in backs.values()})
    costs = _costs(charges, until)
    found: dict[UUID, Facts] = {}
    for posting_id, (kind, about) in keys.items():
        if about is None:
            continue
        if kind == _SALE and about in charges:
            found[posting_id] = {"sale": _sale(charges[about], party, costs.get(about, 0))}
        elif kind in (_REFUND, _LOST) and about in backs:
            row = backs[about]
            found[posting_id] = {"back": _back(row, gone[row.charge_id], party)}
        elif kind == _PAYOUT and about in payouts:
            payout = payouts[about]
            found[posting_id] = {"payout": {"payout": str(about), "amount_minor": payout.amount_minor}}
    return found


def _sale(charge: Charge, party: UUID, cost: int) -> Facts:
    points = {UUID(part["party"]): part["basis_points"] for part in charge.parts} or {
        charge.payee_id: splits.WHOLE
    }
    return {
        "charge": str(charge.pk),
        "gross_minor": charge.gross_minor,
        "net_minor": charge.net_minor,
        "tax_minor": charge.tax_minor,
        "fee_minor": charge.fee_minor,
        "cost_minor": cost,  # what the provider took, borne by the exchange
        "held_minor": charge.held.minor,
        "is_tax_in_parts": charge.vat_role == Charge.VatRole.INTERMEDIARY,
        "split": charge.parts[0]["number"] if charge.parts else 0,
        "shares": [{"party": str(one), "basis_points": points[one]} for one in sorted(points)],
        "your_minor": charge.shared(charge.held)[party].minor,
    }


def _back(row: Returned, gone: Sequence[_Gone], party: UUID) -> Facts:
    """What went back, and what was left of each part of the sale just before."""
    charge = row.charge
    mine = next(one for one in gone if one.row.pk == row.pk)
    earlier = [one.row for one in gone if one.counted_at(mine.booked)]
    parts = {one: part.minor for one, part in charge.shared(charge.held).items()}
    for other in earlier:
        for one, given in other.given.items():
            parts[one] -= given.minor
    return {
        "noun": row._meta.model_name,
        "id": str(row.pk),
        "charge": str(charge.pk),
        "gross_minor": row.gross_minor,
        "net_minor": row.net_minor,
        "tax_minor": row.tax_minor,
        "fee_minor": row.fee_minor,
        "is_tax_in_parts": charge.vat_role == Charge.VatRole.INTERMEDIARY,
        "is_direct": charge.is_direct,
        "left": {
            "net_minor": charge.net_minor - sum(other.net_minor for other in earlier),
            "tax_minor": charge.tax_minor - sum(other.tax_minor for other in earlier),
            "fee_minor": charge.fee_minor - sum(other.fee_minor for other in earlier),
            "parts": [{"party": str(one), "minor": parts[one]} for one in sorted(parts)],
        },
        "your_minor": row.given[party].minor if party in row.given else 0,
    }


def _keys(postings: Sequence[Posting]) -> dict[UUID, tuple[str, UUID | None]]:
    """What each posting was booked for, as its key says; of a reversal, what it undoes."""
    undone = [posting.reverses_id for posting in postings if posting.reverses_id]
    originals = dict(Posting.objects.filter(pk__in=undone).values_list("pk", "key"))
    found: dict[UUID, tuple[str, UUID | None]] = {}
    for posting in postings:
        key = originals[posting.reverses_id] if posting.reverses_id else posting.key
        kind, _, about = key.rpartition(":")
        try:
            found[posting.pk] = (kind, UUID(about))
        except ValueError:
            found[posting.pk] = (kind, None)
    return found


def _ids(keys: Mapping[UUID, tuple[str, UUID | None]], wanted: str) -> list[UUID]:
    return [about for kind, about in keys.values() if kind == wanted and about is not None]


def _gone(charges: set[UUID]) -> dict[UUID, list[_Gone]]:
    """All that ever went back of these charges."""
    rows: dict[str, Returned] = {
        f"{kind}:{row.pk}": row
        for kind, model in ((_REFUND, Refund), (_LOST, Dispute))
        for row in model.objects.filter(charge_id__in=charges)
    }
    found: dict[UUID, list[_Gone]] = {charge: [] for charge in charges}
    for posting in Posting.objects.filter(key__in=list(rows)).prefetch_related("reversals"):
        row = rows[posting.key]
        undone = next((one.pk for one in posting.reversals.all()), None)
        found[row.charge_id].append(_Gone(row, posting.pk, undone))
    return found


def _costs(charges: Mapping[UUID, Charge], until: datetime) -> dict[UUID, int]:
    keys = {f"charge.cost:{charge}": charge for charge in charges}
    rows = Entry.objects.filter(
        posting__key__in=list(keys), posting__occurred_at__lt=until, account__code=Account.Code.PROCESSOR_COST
    )
    return {keys[key]: minor for key, minor in rows.values_list("posting__key", "amount_minor")}
