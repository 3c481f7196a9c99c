"""A renewal as its page shows it: each clause that reads otherwise, the price, and what that means for the buyer, in
words and by a mark."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contracts.badges import Badge
from contracts.models import Entitlement, Negotiation, Offer, Succession
from contracts.negotiations import riders
from contracts.negotiations import rows as negotiation_rows
from contracts.negotiations.redlines import Part
from contracts.renewals import renewals
from contracts.renewals.renewals import Renewal
from contracts.terms import rights
from contracts.terms import terms as usage_terms
from contracts.terms.comparison import PRICE, Change, Direction
from payments.plans import plans
from payments.plans.plans import Plan


@dataclass(frozen=True)
class Row:
    """One difference; `was` and `now` are the sentences, with what differs marked in each."""

    kind: str
    heading: str
    badge: Badge
    was: Sequence[Part]
    now: Sequence[Part]
    needs_consent: bool


@dataclass(frozen=True)
class Shown:
    """All that is signed: `digest` names it. `offer` is None where a talk is open."""

    digest: str
    rows: list[Row]
    price_before: Plan
    price_after: Plan
    revision_before: int
    revision_after: int
    offer: Offer | None = None
    choice: int | None = None
    is_amendment: bool = False


def of_renewal(found: Renewal) -> Shown:
    """What a renewal by an offer would change."""
    return Shown(
        digest=found.digest,
        rows=_rows(found.before, found.after, found.changes),
        price_before=found.price_before,
        price_after=found.price_after,
        revision_before=found.right.revision.number,
        revision_after=found.revision.number,
        offer=found.offer,
        choice=found.choice,
    )


def of_talk(right: Entitlement, talk: Negotiation) -> Shown:
    """What the round that stands would change; an amendment's price comes on top."""
    is_amendment = talk.succession.kind == Succession.Kind.AMENDMENT
    before, price = usage_terms.thaw(right.terms), _("Price on top") if is_amendment else ""
    return Shown(
        digest=riders.to_sign(talk),
        rows=_rows(before, usage_terms.parse(talk.terms), renewals.changes_in(talk), price=price),
        price_before=Plan("free") if is_amendment else plans.parse(right.agreement.negotiation.plan),
        price_after=plans.parse(talk.plan),
        revision_before=right.revision.number,
        revision_after=talk.revision.number,
        is_amendment=is_amendment,
    )


def _rows(
    before: usage_terms.Terms, after: usage_terms.Terms, changes: Sequence[Change], *, price: str = ""
) -> list[Row]:
    texts = {one.kind: one for one in negotiation_rows.changes_of(before, after)}
    found = []
    for change in changes:
        if change.direction == Direction.SAME:
            continue
        text = texts.get(change.kind)
        heading = (price or _("Price")) if change.kind == PRICE else rights.heading_of(change.kind)
        needs = change.direction in (Direction.WORSE, Direction.OTHER)
        was, now = (text.was, text.now) if text else ((), ())
        found.append(Row(change.kind, heading, _badge(change.direction), was, now, needs))
    return found


def _badge(direction: Direction) -> Badge:
    badges = {
        Direction.BETTER: Badge(pgettext("terms", "Better for you"), "ok", "up"),
        Direction.WORSE: Badge(pgettext("terms", "Worse for you"), "stop", "down"),
        Direction.OTHER: Badge(pgettext("terms", "Different: judge for yourself"), "warn", "tilde"),
    }
    return badges[direction]
