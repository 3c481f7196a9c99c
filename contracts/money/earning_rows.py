"""What the seller's page of earnings shows: each sale with its part of the price, and the path of one sale's money as a
drawing with a table beside it. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from contracts import badges, queries
from contracts.badges import Badge
from contracts.models import Agreement
from contracts.money import charge_words, dispute_rows
from exchange.kernel.actors import Actor
from exchange.kernel.money import Money
from exchange.look import formats
from exchange.participants.notices import queries as notice_queries
from payments.earnings import money_path, sale_paths
from payments.earnings.money_path import Drawing, Goal
from payments.earnings.sale_paths import SalePath
from payments.models import Charge, Hold


@dataclass(frozen=True)
class EarningRow:
    """One charge of a sale. `part` is the reader's own of it, as it was when it was paid; `left`, what is left of that
    after what was given back."""

    charge: Charge
    agreement: Agreement | None
    occasion: str
    badge: Badge
    part: Money | None
    left: Money | None


@dataclass(frozen=True)
class Step:
    """One line of the path: `note` says how much of what it is, `state` where it is now."""

    words: str
    note: str
    amount: Money
    state: str


@dataclass(frozen=True)
class Path:
    drawing: Drawing
    steps: Sequence[Step]
    summary: str


def rows(found: Sequence[Charge], *, by: Actor) -> list[EarningRow]:
    """The rows of the list of sales."""
    agreements = agreements_of(found, by=by)
    disputed = dispute_rows.disputed(found, by=by)
    return [
        EarningRow(
            charge=charge,
            agreement=agreements.get(charge.reference),
            occasion=charge_words.occasion(charge.occasion),
            badge=badges.of_money(charge, getattr(charge, "hold", None), is_disputed=charge.pk in disputed),
            part=_part(charge, by),
            left=_left(charge, by),
        )
        for charge in found
    ]


def agreements_of(found: Sequence[Charge], *, by: Actor) -> dict[str, Agreement]:
    """The agreement that each charge is for, by the charge's reference."""
    ids = {UUID(one.reference.partition(":")[2]) for one in found if one.reference.startswith("agreement:")}
    agreements = (
        queries.agreements_visible_to(by).filter(pk__in=ids).select_related("dataset", "buyer", "seller")
    )
    return {f"agreement:{one.pk}": one for one in agreements}


def path_of(charge: Charge, *, is_disputed: bool = False) -> Path:
    """The way of one charge's money, drawn and told."""
    told = sale_paths.of(charge)
    names = notice_queries.names([*told.parts, charge.payer_id])
    goals = _goals(charge, told, names)
    stages = (_("%(buyer)s paid") % {"buyer": names.get(charge.payer_id, "")}, _("The exchange took in"))
    return Path(
        money_path.draw(told.gross, stages, goals), _steps(charge, told, names, is_disputed), _summary(goals)
    )


def _part(charge: Charge, by: Actor) -> Money | None:
    hold: Hold | None = getattr(charge, "hold", None)
    if hold is None or by.participant_id is None:
        return None
    return charge.shared(hold.amount).get(by.participant_id)


def _left(charge: Charge, by: Actor) -> Money | None:
    if not charge.refunded_minor or by.participant_id is None:
        return _part(charge, by)
    return sale_paths.of(charge).parts.get(by.participant_id)


def _goals(charge: Charge, told: SalePath, names: dict[UUID, str]) -> list[Goal]:
    found = [
        Goal(_("VAT"), told.tax, "k5"),
        Goal(_("The exchange’s fee"), told.fee, "nd"),
        *(Goal(names.get(party, ""), amount, "hs") for party, amount in told.parts.items()),
        Goal(_("Given back to the buyer"), told.given_back, "k3"),
    ]
    return [goal for goal in found if goal.amount]


def _steps(charge: Charge, told: SalePath, names: dict[UUID, str], is_disputed: bool) -> list[Step]:
    hold: Hold | None = getattr(charge, "hold", None)
    steps = [
        Step(
            _("%(buyer)s paid") % {"buyer": names.get(charge.payer_id, "")},
            _("Price and VAT"),
            told.gross,
            _("paid on %(day)s") % {"day": formats.day(charge.paid_at)}
            if charge.paid_at
            else _("not paid yet"),
        ),
        Step(_("VAT"), charge_words.vat(charge), told.tax, _("the exchange owes it to the state")),
        Step(_("The exchange’s fee"), _fee_note(charge, told), told.fee, _("with the exchange")),
        *(
            Step(
                names.get(party, ""),
                _share_note(charge, party),
                amount,
                _standing(hold, told.payable[party], is_disputed=is_disputed),
            )
            for party, amount in told.parts.items()
        ),
    ]
    if told.given_back:
        note = _("what was given back, with its VAT")
        steps.append(Step(_("Given back to the buyer"), note, told.given_back, _("with the buyer")))
    return [step for step in steps if step.amount or step is steps[0]]


def _fee_note(charge: Charge, told: SalePath) -> str:
    rate = charge.fee_minor * 10_000 // charge.net_minor
    share = {"rate": formats.percent(rate / 10_000, 1 if rate % 100 else 0)}
    words = _("%(rate)s of the price") % share
    if told.given_back:
        words = _("%(rate)s of the price that was not given back") % share
    if not told.cost:
        return words
    cost = formats.money(told.cost.minor, told.cost.currency)
    return _("%(words)s; the provider took %(cost)s of it") % {"words": words, "cost": cost}


def _share_note(charge: Charge, party: UUID) -> str:
    if not charge.parts:
        return _("all that is left")
    points = next((one["basis_points"] for one in charge.parts if one["party"] == str(party)), 0)
    rate = formats.percent(points / 10_000, 2 if points % 100 else 0)
    return _("%(rate)s of what is left") % {"rate": rate}


def _standing(hold: Hold | None, payable: Money, *, is_disputed: bool) -> str:
    """Where a party's part is, and since or until when."""
    if hold is None:
        return _("not held")
    if is_disputed and hold.closed_at is None:
        return _("held until the bank has decided")
    if hold.state == Hold.State.CONTESTED:
        return _("held, as the buyer reports a difference")
    if hold.state == Hold.State.OPEN or hold.closed_at is None:
        return _("held until %(day)s") % {"day": formats.day(hold.releases_at)}
    day = {"day": formats.day(hold.closed_at)}
    if hold.state == Hold.State.RETURNED:
        return _("given back on %(day)s") % day
    return _("payable since %(day)s") % day if payable else _("released on %(day)s, and paid out since") % day


def _summary(goals: Sequence[Goal]) -> str:
    parts = [f"{goal.words} {formats.money(goal.amount.minor, goal.amount.currency)}" for goal in goals]
    return _("The money’s way. It ends with: %(parts)s.") % {"parts": ", ".join(parts)}
