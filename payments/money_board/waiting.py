"""What waits for the operator on the money board, in groups: each thing says what it is, since when, and where it is
dealt with. Reads only."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from exchange.kernel.actors import Actor, Scope
from exchange.look import formats
from payments import queries
from payments.checkouts import remittances
from payments.holds import holds
from payments.inbox import inbox
from payments.models import Difference, Dispute, Hold, Payout, ProviderEvent, Refund, Remittance
from payments.money_board.decisions import difference_words
from payments.payouts import payouts
from payments.providers import operations
from payments.reconciliation import queries as reconciliation_queries
from payments.refunds import dispute_words

MOST_SHOWN = 10
_SHOWN_FOR = timedelta(days=60)


@dataclass(frozen=True)
class Task:
    """One thing: `typed` is what a person wrote, `code` what a machine did. `until` is the day by which it matters,
    `since` when it began. `acts` are pairs of an address and a word."""

    icon: str
    kind: str
    title: str
    note: str
    since: datetime
    typed: str = ""
    code: str = ""
    until: datetime | None = None
    acts: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Group:
    """Things of one sort, the first `MOST_SHOWN` of `count`."""

    name: str
    title: str
    note: str
    tasks: list[Task]
    count: int


def waiting(actor: Actor) -> int:
    """How many things wait for this operator; none for anybody else."""
    return sum(group.count for group in groups(by=actor)) if actor.can(Scope.OPERATE) else 0


def groups(*, by: Actor) -> list[Group]:
    """Every group in which something waits, what matters most on top."""
    by.require(Scope.OPERATE)
    return [group for make in _GROUPS if (group := make(by)).count]


def _disputes(by: Actor) -> Group:
    rows = queries.disputes_visible_to(by).filter(state=Dispute.State.OPEN)
    rows = rows.select_related("charge__payer", "charge__payee").order_by("evidence_due_at", "pk")
    tasks = [
        Task(
            icon="bank",
            kind="stop",
            title=_("The bank of %(buyer)s took %(amount)s back")
            % {"buyer": row.charge.payer.name, "amount": formats.money(row.gross_minor, row.currency)},
            note=_dispute_note(row),
            code=f"{row.provider_reference} · {row.charge.reference}",
            since=row.opened_at,
            until=row.evidence_due_at,
        )
        for row in rows[:MOST_SHOWN]
    ]
    note = _("The day given is the last one for evidence.")
    return Group("disputes", _("Disputes"), note, tasks, rows.count())


def _dispute_note(row: Dispute) -> str:
    """Whose sale it is, why the bank took the money, and what the operator does about it."""
    words = [_("From a sale of %(seller)s.") % {"seller": row.charge.payee.name}]
    if why := dispute_words.reason(row.reason):
        words.append(_("The bank’s reason: %(reason)s.") % {"reason": why})
    words.append(_("Send the evidence at the provider: its decision is booked here."))
    words.append(_("The seller, or an officer, takes the case file from the page of the sale."))
    return " ".join(words)


def _contested(by: Actor) -> Group:
    rows = queries.holds_visible_to(by).filter(state=Hold.State.CONTESTED).select_related("seller", "buyer")
    tasks = [
        Task(
            icon="flag",
            kind="stop",
            title=_("A sale of %(seller)s to %(buyer)s is contested")
            % {"buyer": hold.buyer.name, "seller": hold.seller.name},
            note=_("%(amount)s are held for the seller.") % {"amount": _amount(hold)},
            typed=hold.reason,
            since=hold.opened_at,
            acts=[(reverse("operate_money_hold", args=[hold.pk]), _("Settle it"))],
        )
        for hold in rows.order_by("opened_at", "pk")[:MOST_SHOWN]
    ]
    note = _("Nothing moves until you have settled it.")
    return Group("contested", _("Contested holds"), note, tasks, rows.count())


def _overdue(by: Actor) -> Group:
    rows = queries.holds_visible_to(by).filter(state=Hold.State.OPEN, overdue_at__isnull=False)
    rows = rows.select_related("seller", "buyer")
    tasks = [_overdue_hold(hold, by) for hold in rows.order_by("opened_at", "pk")[:MOST_SHOWN]]
    note = _("They are held longer than this exchange holds money at most.")
    return Group("overdue", _("Holds over their limit"), note, tasks, rows.count())


def _overdue_hold(hold: Hold, by: Actor) -> Task:
    is_stuck = holds.is_undelivered(hold) and hold.releases_at <= by.at
    act = (reverse("operate_money_hold", args=[hold.pk]), _("Look at the hold"))
    return Task(
        icon="clock",
        kind="warn",
        title=_("%(amount)s are held for %(seller)s") % {"amount": _amount(hold), "seller": hold.seller.name},
        note=_("The buyer, %(buyer)s, has not taken all of the data.") % {"buyer": hold.buyer.name}
        if is_stuck
        else _("From a sale to %(buyer)s.") % {"buyer": hold.buyer.name},
        code=hold.reference,
        since=hold.opened_at,
        acts=[act] if is_stuck else [],
    )


def _failed_refunds(by: Actor) -> Group:
    """Those of the last weeks after which nothing went back again."""
    again = Refund.objects.filter(charge=OuterRef("charge"), pk__gt=OuterRef("pk"))
    failed = queries.refunds_visible_to(by).filter(state=Refund.State.FAILED, ended_at__gt=by.at - _SHOWN_FOR)
    rows = failed.exclude(Exists(again)).select_related("charge__payer").order_by("-ended_at", "-pk")
    tasks = [
        Task(
            icon="retry",
            kind="stop",
            title=_("%(amount)s did not reach %(buyer)s")
            % {"amount": formats.money(row.gross_minor, row.currency), "buyer": row.charge.payer.name},
            note=_("The money is booked as before, and the access stays closed. Talk to the buyer."),
            typed=row.failure,
            code=row.charge.reference,
            since=row.ended_at or row.asked_at,
        )
        for row in rows[:MOST_SHOWN]
    ]
    note = _("The bank sent the money back. Newest first.")
    return Group("refunds", _("Refunds that failed"), note, tasks, rows.count())


def _payouts(by: Actor) -> Group:
    rows = payouts.payouts_visible_to(by).filter(
        state=Payout.State.CREATED, needs_approval=True, approved_at=None
    )
    tasks = [
        Task(
            icon="bank",
            kind="info",
            title=_("%(amount)s to %(party)s")
            % {"amount": formats.money(row.amount_minor, row.currency), "party": row.party.name},
            note=_("You proposed it. Another operator approves it.")
            if row.proposed_by == by.name
            else _("Proposed by a colleague. Another operator approves it."),
            since=row.created_at,
            acts=_acts_on(row, by),
        )
        for row in rows.order_by("pk")[:MOST_SHOWN]
    ]
    note = _("By bank transfer, with four eyes.")
    return Group("payouts", _("Payouts to approve"), note, tasks, rows.count())


def _acts_on(row: Payout, by: Actor) -> list[tuple[str, str]]:
    """Whoever proposed a payout cannot approve it."""
    approve = (reverse("operate_money_payout_approve", args=[row.pk]), _("Approve it"))
    cancel = (reverse("operate_money_payout_cancel", args=[row.pk]), _("Take it back"))
    return [cancel] if row.proposed_by == by.name else [approve, cancel]


def _transfers(by: Actor) -> Group:
    rows = remittances.remittances_visible_to(by).filter(state=Remittance.State.NOTED)
    tasks = [
        Task(
            icon="bank",
            kind="info",
            title=_("%(amount)s, noted under %(reference)s")
            % {"amount": formats.money(row.amount_minor, row.currency), "reference": row.bank_reference},
            note=_("Another operator confirms what one has seen."),
            code=row.target,
            since=row.noted_at,
            acts=[
                (reverse("operate_money_transfer_confirm", args=[row.pk]), _("Confirm it")),
                (reverse("operate_money_transfer_dismiss", args=[row.pk]), _("It was an error")),
            ],
        )
        for row in rows.order_by("pk")[:MOST_SHOWN]
    ]
    note = _("Nothing is booked before a second person has confirmed it.")
    return Group("transfers", _("Bank transfers to confirm"), note, tasks, rows.count())


def _stuck(by: Actor) -> Group:
    count, found = operations.stuck(by, by.at, at_most=MOST_SHOWN)
    tasks = [
        Task(
            icon="clock",
            kind="warn",
            title=_("The provider has not answered for an hour"),
            note=f"{row.provider} · {row.kind} · {row.target}",
            code=str(row.pk),
            since=row.planned_at,
        )
        for row in found
    ]
    note = _("Each is asked again under the same key until there is an answer, so nothing happens twice.")
    return Group("stuck", _("Requests without an answer"), note, tasks, count)


def _set_aside(by: Actor) -> Group:
    count, found = inbox.set_aside(by, at_most=MOST_SHOWN)
    tasks = [_message(one) for one in found]
    note = _("None of them changed anything here. Compare them with the provider’s books.")
    return Group("aside", _("Payment messages set aside"), note, tasks, count)


def _message(event: ProviderEvent) -> Task:
    words = {
        "amount_differs": _("The amount is not the one that was asked for."),
        "paid_twice": _("The charge was paid already."),
        "unknown_charge": _("There is no such charge."),
        "unreadable": _("The message cannot be read."),
    }
    why = words.get(event.outcome, event.outcome)
    note = f"{event.provider} · {event.kind}"
    return Task("warn", "warn", why, note, event.received_at, code=event.external_id)


def _differences(by: Actor) -> Group:
    rows = reconciliation_queries.differences_visible_to(by).filter(state=Difference.State.OPEN)
    tasks = [
        Task(
            icon="scale",
            kind="stop",
            title=difference_words(row),
            note=f"{row.provider} · {row.currency}",
            code=row.source or row.about,
            since=row.found_at,
            acts=[(reverse("operate_money_difference", args=[row.pk]), _("Explain it"))],
        )
        for row in rows.order_by("pk")[:MOST_SHOWN]
    ]
    note = _("Nothing is mended by itself. What agrees later leaves this list.")
    return Group("differences", _("Where the provider and the ledger differ"), note, tasks, rows.count())


def _amount(hold: Hold) -> str:
    return formats.money(hold.kept_minor, hold.currency)


_GROUPS: tuple[Callable[[Actor], Group], ...] = (
    _disputes,
    _failed_refunds,
    _contested,
    _overdue,
    _payouts,
    _transfers,
    _differences,
    _stuck,
    _set_aside,
)
