"""Data and money of a sale in balance, and whose move it is: the first screen of the sale's page."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contracts import badges
from contracts.badges import Badge
from contracts.models import Entitlement
from contracts.sales.facts import Sale
from exchange.look import formats
from payments.holds import holds
from payments.models import Charge, Hold
from payments.plans import plans
from payments.plans import words as plan_words

_SECONDS_PER_DAY = 86_400


@dataclass(frozen=True)
class Part:
    """One side of the counter: a badge, the figure, a measure from 0 to `most`, and a sentence."""

    badge: Badge
    figure: str
    small: str
    value: int
    most: int
    sentence: str


def data_of(sale: Sale, *, now: datetime) -> Part:
    """How much of the data is with the buyer."""
    files = len(sale.assets)
    figure = ngettext("%(done)s of %(files)s file", "%(done)s of %(files)s files", files) % {
        "done": formats.number(sale.delivered_files),
        "files": formats.number(files),
    }
    small = _("%(size)s, revision %(number)s") % {
        "size": formats.size(sale.total_bytes),
        "number": sale.agreement.revision.number,
    }
    badge = badges.of_entitlement(sale.entitlement, now)
    complete = bool(files) and sale.delivered_files == files
    if complete:
        badge = Badge(_("With the buyer"), "ok", "check")
    return Part(
        badge, figure, small, sale.delivered_bytes, max(sale.total_bytes, 1), _data_sentence(sale, complete)
    )


def money_of(sale: Sale, *, now: datetime) -> Part:
    """Where the money is, and until when."""
    charge, hold = sale.charge, sale.hold
    badge = badges.of_money(charge, hold, is_disputed=sale.is_disputed)
    if charge is None:
        return _uncharged(sale, badge)
    figure = formats.money(charge.gross_minor, charge.currency)
    with_vat = _("VAT included") if charge.tax_minor else _("no VAT charged")
    if hold is None:
        return Part(badge, figure, with_vat, 0, 1, _unpaid(charge))
    if sale.is_disputed:
        words = _("The buyer’s bank took the payment back. Nothing moves until it has decided.")
        return Part(badge, figure, with_vat, 0, 1, words)
    days = max((hold.releases_at - hold.opened_at).days, 1)
    day = min(max(int((now - hold.opened_at).total_seconds() // _SECONDS_PER_DAY) + 1, 1), days)
    if hold.state == Hold.State.OPEN:
        small = _("inspection, day %(day)s of %(days)s") % {"day": day, "days": days}
        return Part(badge, figure, small, day, days, _held(sale, hold, now))
    is_back = hold.state == Hold.State.RETURNED or not charge.remaining
    full = 0 if is_back else days if hold.state == Hold.State.RELEASED else day
    return Part(badge, figure, with_vat, full, days, _closed(sale, charge, hold))


def _data_sentence(sale: Sale, complete: bool) -> str:
    state = sale.entitlement.state
    if complete:
        return _("Each file arrived whole: what was sent matches the digests of the sealed revision.")
    if state == Entitlement.State.PENDING:
        return _("The data opens when the money is in place.")
    if state == Entitlement.State.ACTIVE:
        return _("The data is open to the buyer.")
    if state == Entitlement.State.SUSPENDED:
        return _("Suspended: no byte leaves until the access is given back.")
    if state == Entitlement.State.REVOKED:
        return _("Revoked for good: no byte leaves any more.")
    return _("The term has ended: no byte leaves any more.")


def _uncharged(sale: Sale, badge: Badge) -> Part:
    """What is free, or begins with a trial or with use, and is paid later."""
    plan = plans.parse(sale.negotiation.plan)
    if not plan.is_over_time:
        return Part(badge, _("Free"), "", 1, 1, _("Nothing is charged for this licence."))
    price = formats.money(plan.price.minor, plan.price.currency) if plan.price else plan_words.name(plan)
    words = _("Nothing was charged at the signature. What falls due later is charged then.")
    return Part(Badge(_("Paid over time"), "info", "cal"), price, plan_words.rhythm(plan), 0, 1, words)


def _unpaid(charge: Charge) -> str:
    if charge.state == Charge.State.FAILED:
        return _("The payment was called off. Nothing is to be paid.")
    return _("Asked of the buyer on %(day)s.") % {"day": formats.day(charge.created_at)}


def _held(sale: Sale, hold: Hold, now: datetime) -> str:
    if now >= hold.releases_at and holds.is_undelivered(hold):
        return _("Goes to the seller once every file was downloaded, or the buyer confirms.")
    when = formats.moment(hold.releases_at)
    if not sale.knows_fee or sale.charge is None:
        return _("Goes to the seller on %(when)s, or earlier if the buyer confirms.") % {"when": when}
    return _("Released on %(when)s: %(amount)s to the seller, %(fee)s fee.") % {
        "when": when,
        "amount": formats.money(hold.kept_minor, hold.currency),
        "fee": formats.money(sale.charge.fee_minor, sale.charge.currency),
    }


def _closed(sale: Sale, charge: Charge, hold: Hold) -> str:
    day = formats.day(hold.closed_at) if hold.closed_at else ""
    if hold.state == Hold.State.CONTESTED and sale.was_last("hold.stopped"):
        return _("What was delivered is not as warranted. Nothing moves until the operator has settled it.")
    if hold.state == Hold.State.CONTESTED and sale.was_last("hold.reopened"):
        return _("A refund did not reach the buyer. Its money is held until the operator has settled it.")
    if hold.state == Hold.State.CONTESTED:
        return _("The buyer reported a difference. Nothing moves until the operator has settled it.")
    if hold.state == Hold.State.RETURNED:
        return _("Given back to the buyer on %(day)s.") % {"day": day}
    if not charge.remaining:
        return _("Released to the seller on %(day)s, and given back to the buyer since.") % {"day": day}
    if charge.refunded_minor:
        back = formats.money(charge.refunded_minor, charge.currency)
        words = _("Released to the seller on %(day)s. %(amount)s were given back to the buyer.")
        return words % {"day": day, "amount": back}
    if sale.knows_fee:
        amount = formats.money(hold.amount_minor, hold.currency)
        return _("%(amount)s released to the seller on %(day)s.") % {"amount": amount, "day": day}
    return _("Released to the seller on %(day)s.") % {"day": day}
