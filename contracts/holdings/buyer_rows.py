"""What the buyer's lists show of each row: purchases with their money, holdings with what is still owed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from contracts import badges, queries
from contracts.agreements.agreements import reference
from contracts.badges import Badge
from contracts.entitlements.entitlements import deletion_due
from contracts.holdings import rows as holding_rows
from contracts.holdings.holdings import Holding as Held
from contracts.holdings.holdings import of as held_under
from contracts.holdings.holdings import owed as held_after
from contracts.holdings.rows import Brief
from contracts.models import Agreement, Entitlement
from contracts.terms import terms as usage_terms
from exchange.kernel.actors import Actor
from exchange.look import formats
from payments import queries as payments
from payments.models import Charge, Hold
from payments.plans import plans
from payments.plans.plans import Plan

_SOON = timedelta(days=60)
_TO_DECIDE = timedelta(days=14)
_MOST_DUE = 50


@dataclass(frozen=True)
class Purchase:
    """One purchase; `charge` is its first one, None where nothing was due at the signature."""

    agreement: Agreement
    badge: Badge
    charge: Charge | None

    @property
    def plan(self) -> Plan:
        """What was agreed to be paid."""
        return plans.parse(self.agreement.negotiation.plan)


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
    """`left` is how much of the term is to come, of 120; `revisions` the newest ones that the right reaches, `more` how
    many others."""

    entitlement: Entitlement
    badge: Badge
    revisions: list[Brief]
    more: int
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
    copies = queries.copies_delivered(by, [row.pk for row in found])
    charges = _charges([row.agreement for row in found], by)
    held = holding_rows.by_right(held_under(found, now=by.at))
    reached = holding_rows.briefs(found, held, now=by.at)
    return [
        Holding(
            entitlement=row,
            badge=badges.of_entitlement(row, by.at),
            revisions=reached[row.pk][0],
            more=reached[row.pk][1],
            copies=copies.get(row.pk, 0),
            left=_left(row, by.at),
            is_ending=row.ends_at is not None and row.ends_at - by.at < _SOON,
            owes=_owes(row, charges.get(reference(row.agreement)), next(iter(held.get(row.pk, ())), None)),
        )
        for row in found
    ]


def due(by: Actor) -> list[Due]:
    """What waits for the buyer, the first end on top."""
    own = by.participant_id
    pending = payments.charges_visible_to(by).filter(
        payer_id=own, state__in=["created", "submitted", "declined"]
    )
    open_holds = payments.holds_visible_to(by).filter(
        buyer_id=own, state=Hold.State.OPEN, releases_at__gt=by.at
    )
    charges, held = list(pending[:_MOST_DUE]), list(open_holds.order_by("releases_at")[:_MOST_DUE])
    references = [charge.reference for charge in charges] + [hold.reference for hold in held]
    wanted = {UUID(one.partition(":")[2]) for one in references}
    titles = dict(queries.agreements_visible_to(by).filter(pk__in=wanted).values_list("pk", "dataset__title"))
    rows = [_to_pay(charge, titles) for charge in charges] + [_to_check(hold, titles) for hold in held]
    mine = queries.entitlements_visible_to(by).filter(buyer_id=own)
    owed = holding_rows.by_right(held_after(mine, now=by.at, at_most=_MOST_DUE))
    rows += [_to_delete(of_right[0]) for of_right in owed.values()]
    rows += [_to_decide(right) for right in _ending(mine, by.at)]
    return sorted(rows, key=lambda row: (row.until is not None, row.until or by.at))


def _ending(mine: QuerySet[Entitlement], now: datetime) -> list[Entitlement]:
    """The rights that end soon and ask for a deletion then: to be renewed, or not."""
    live = mine.filter(state__in=[Entitlement.State.ACTIVE, Entitlement.State.SUSPENDED])
    ending = live.filter(ends_at__gt=now, ends_at__lte=now + _TO_DECIDE).order_by("ends_at")
    return [one for one in ending[:_MOST_DUE] if deletion_due(one)]


def _to_delete(held: Held) -> Due:
    return Due(
        icon="clock",
        kind="warn",
        title=_("State that “%(title)s” is deleted") % {"title": held.entitlement.dataset.title},
        note=_("The licence has ended. The seller and the officers see when the day has passed.")
        if held.keeping == "to_delete"
        else _("This is overdue. The seller and the officers see it."),
        until=held.delete_by,
        route="holding_delete",
        route_id=held.entitlement.pk,
        act=_("Make the statement"),
    )


def _to_decide(right: Entitlement) -> Due:
    return Due(
        icon="cal",
        kind="info",
        title=_("Renew “%(title)s”, or delete it") % {"title": right.dataset.title},
        note=_("At the end of the licence you owe the deletion of every copy, and a statement of it."),
        until=right.ends_at,
        route="holding",
        route_id=right.pk,
        act=_("Look at it"),
    )


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


def _owes(row: Entitlement, charge: Charge | None, held: Held | None) -> list[Badge]:
    hold = getattr(charge, "hold", None)
    owed = []
    if row.state == Entitlement.State.PENDING and charge is not None and charge.state != Charge.State.FAILED:
        owed.append(Badge(_("Payment"), "info", "file"))
    if hold is not None and hold.state == Hold.State.OPEN:
        owed.append(Badge(_("Check by %(day)s") % {"day": formats.day(hold.releases_at)}, "warn", "eye"))
    clauses = {clause.kind for clause in usage_terms.thaw(row.terms).clauses}
    if "attribution" in clauses:
        owed.append(Badge(_("Name the source"), "", "pen"))
    if held is not None and (badge := _deletion(held, "deletion" in clauses)):
        owed.append(badge)
    return owed or [Badge(_("Nothing"), "", "check")]


def _deletion(held: Held, is_asked: bool) -> Badge | None:
    if held.keeping == "deleted":
        return Badge(_("Stated as deleted"), "ok", "check")
    if not is_asked:
        return None
    if held.keeping == "licensed" or held.delete_by is None:
        until = formats.day(held.delete_by) if held.delete_by else ""
        words = _("Delete by %(day)s") % {"day": until} if until else _("Delete at the end")
        return Badge(words, "warn", "clock")
    words = _("Statement by %(day)s") % {"day": formats.day(held.delete_by)}
    return Badge(words, "stop", "flag") if held.keeping == "overdue" else Badge(words, "warn", "clock")
