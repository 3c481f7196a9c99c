"""What the buyer's lists show of each row: purchases with their money, holdings with what is still owed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from contracts import badges, queries
from contracts import terms as usage_terms
from contracts.agreements import reference
from contracts.badges import Badge
from contracts.holdings import deletion_due
from contracts.models import Agreement, Entitlement
from datasets import queries as datasets
from exchange.kernel.actors import Actor
from exchange.look import formats
from payments import queries as payments
from payments.models import Charge, Hold

_SOON = timedelta(days=60)
_MOST_DUE = 50


@dataclass(frozen=True)
class Purchase:
    agreement: Agreement
    badge: Badge
    charge: Charge | None


@dataclass(frozen=True)
class Due:
    """Something that the buyer has to do, until when, and where."""

    icon: str
    kind: str
    title: str
    note: str
    until: datetime | None
    route: str
    route_id: UUID
    act: str


@dataclass(frozen=True)
class Holding:
    """`left` is how much of the term is to come, of 120."""

    entitlement: Entitlement
    badge: Badge
    files: int
    copies: int
    left: int | None
    is_ending: bool
    owes: list[Badge]


def purchases(found: Sequence[Agreement], *, by: Actor) -> list[Purchase]:
    """The rows of the list of purchases."""
    charges = _charges(found, by)
    rows = []
    for agreement in found:
        charge = charges.get(reference(agreement))
        hold = getattr(charge, "hold", None)
        rows.append(Purchase(agreement, badges.of_sale(agreement.entitlement, charge, hold, by.at), charge))
    return rows


def holdings(found: Sequence[Entitlement], *, by: Actor) -> list[Holding]:
    """The rows of what the buyer holds."""
    files = datasets.file_counts(row.revision_id for row in found)
    copies = queries.copies_delivered(by, [row.pk for row in found])
    charges = _charges([row.agreement for row in found], by)
    return [
        Holding(
            entitlement=row,
            badge=badges.of_entitlement(row, by.at),
            files=files.get(row.revision_id, 0),
            copies=copies.get(row.pk, 0),
            left=_left(row, by.at),
            is_ending=row.ends_at is not None and row.ends_at - by.at < _SOON,
            owes=_owes(row, charges.get(reference(row.agreement)), copies.get(row.pk, 0)),
        )
        for row in found
    ]


def due(by: Actor) -> list[Due]:
    """What waits for the buyer, the first end on top."""
    own = by.participant_id
    pending = payments.charges_visible_to(by).filter(payer_id=own, state__in=["created", "submitted"])
    open_holds = payments.holds_visible_to(by).filter(
        buyer_id=own, state=Hold.State.OPEN, releases_at__gt=by.at
    )
    charges, held = list(pending[:_MOST_DUE]), list(open_holds.order_by("releases_at")[:_MOST_DUE])
    references = [charge.reference for charge in charges] + [hold.reference for hold in held]
    wanted = {UUID(one.partition(":")[2]) for one in references}
    titles = dict(queries.agreements_visible_to(by).filter(pk__in=wanted).values_list("pk", "dataset__title"))
    rows = [_to_pay(charge, titles) for charge in charges] + [_to_check(hold, titles) for hold in held]
    return sorted(rows, key=lambda row: (row.until is not None, row.until or by.at))


def _to_pay(charge: Charge, titles: dict[UUID, str]) -> Due:
    amount = formats.money(charge.gross_minor, charge.currency)
    return Due(
        icon="file",
        kind="info",
        title=_("Pay for “%(title)s”") % {"title": titles.get(UUID(charge.reference.partition(":")[2]), "")},
        note=_("The data opens when the money is in place."),
        until=None,
        route="charge",
        route_id=charge.pk,
        act=_("Pay %(amount)s") % {"amount": amount},
    )


def _to_check(hold: Hold, titles: dict[UUID, str]) -> Due:
    agreement_id = UUID(hold.reference.partition(":")[2])
    return Due(
        icon="eye",
        kind="warn",
        title=_("Check “%(title)s”") % {"title": titles.get(agreement_id, "")},
        note=_("The money goes to the seller unless you report a difference."),
        until=hold.releases_at,
        route="sale",
        route_id=agreement_id,
        act=_("Check it"),
    )


def _charges(found: Sequence[Agreement], by: Actor) -> dict[str, Charge]:
    wanted = [reference(agreement) for agreement in found]
    return {charge.reference: charge for charge in payments.charges_visible_to(by).filter(reference__in=wanted)}


def _left(row: Entitlement, now: datetime) -> int | None:
    if row.ends_at is None or row.activated_at is None:
        return None
    whole = (row.ends_at - row.activated_at).total_seconds()
    share = (row.ends_at - now).total_seconds() / whole if whole > 0 else 0
    return round(120 * min(max(share, 0), 1)) if row.state == Entitlement.State.ACTIVE else 0


def _owes(row: Entitlement, charge: Charge | None, copies: int) -> list[Badge]:
    hold = getattr(charge, "hold", None)
    owed = []
    if row.state == Entitlement.State.PENDING and charge is not None and charge.state != Charge.State.FAILED:
        owed.append(Badge(_("Payment"), "info", "file"))
    if hold is not None and hold.state == Hold.State.OPEN:
        owed.append(Badge(_("Check by %(day)s") % {"day": formats.day(hold.releases_at)}, "warn", "eye"))
    clauses = {clause.kind for clause in usage_terms.thaw(row.terms).clauses}
    if "attribution" in clauses:
        owed.append(Badge(_("Name the source"), "", "pen"))
    if "deletion" in clauses and copies:
        until = deletion_due(row)
        words = _("Delete by %(day)s") % {"day": formats.day(until)} if until else _("Delete at the end")
        owed.append(Badge(words, "warn", "clock"))
    return owed or [Badge(_("Nothing"), "", "check")]
