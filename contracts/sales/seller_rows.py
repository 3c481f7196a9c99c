"""What the seller's lists show of each row: datasets with what is missing, and sales with their money."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from compliance.words import Mark
from contracts import badges, queries
from contracts.agreements.agreements import reference
from contracts.badges import Badge
from contracts.holdings.holdings import Holding
from contracts.models import Agreement, Entitlement, Negotiation, Offer
from datasets import words
from datasets.models import Dataset
from datasets.progress import checklist, progress
from datasets.progress.checklist import Step
from exchange.kernel.actors import Actor
from exchange.kernel.money import Money
from exchange.look import formats
from payments import queries as payments
from payments.models import Charge
from payments.plans import plans
from payments.plans.plans import Plan

WAITING = (Negotiation.State.REQUESTED,)
RUNNING = (Entitlement.State.PENDING, Entitlement.State.ACTIVE, Entitlement.State.SUSPENDED)


@dataclass(frozen=True)
class DatasetRow:
    """A dataset with its checklist; `missing` is the first step that is not done."""

    dataset: Dataset
    state: Mark
    steps: list[Step]
    done: int
    missing: Step | None
    offers: int


@dataclass(frozen=True)
class SaleRow:
    """A sale with the one word on top of it; `charge` is None where nothing is paid."""

    agreement: Agreement
    badge: Badge
    charge: Charge | None

    @property
    def net(self) -> Money | None:
        """What the buyer pays before tax."""
        return Money(self.charge.net_minor, self.charge.currency) if self.charge else None

    @property
    def plan(self) -> Plan:
        """What was agreed to be paid."""
        return plans.parse(self.agreement.negotiation.plan)


def datasets_of(found: Sequence[Dataset], *, by: Actor) -> list[DatasetRow]:
    """The rows of the workspace."""
    offered = on_market(found, by=by)
    rows = []
    for standing in progress.of(found, by):
        dataset = standing.dataset
        offers = offered.get(dataset.pk, 0)
        steps = checklist.steps(standing, offers)
        missing = checklist.next_step(steps) if dataset.state != Dataset.State.RETIRED else None
        done = sum(step.is_done for step in steps)
        rows.append(DatasetRow(dataset, words.STATES[dataset.state], steps, done, missing, offers))
    return rows


def on_market(found: Sequence[Dataset], *, by: Actor) -> dict[object, int]:
    """How many offers of each dataset are on the market."""
    offers = queries.offers_visible_to(by).filter(dataset__in=list(found), state=Offer.State.PUBLISHED)
    return dict(offers.order_by().values_list("dataset_id").annotate(Count("pk", distinct=True)))


def requests_to(by: Actor) -> QuerySet[Negotiation]:
    """What buyers ask of the actor's organisation."""
    return queries.negotiations_visible_to(by).filter(seller_id=by.participant_id)


def waiting_requests(by: Actor) -> int:
    """How many requests wait for the seller's answer."""
    return requests_to(by).filter(state__in=WAITING).count() if by.participant_id else 0


def sales_of(by: Actor) -> QuerySet[Agreement]:
    """What the actor's organisation has sold."""
    rows = queries.agreements_visible_to(by).filter(seller_id=by.participant_id)
    return rows.select_related("dataset", "revision", "buyer", "entitlement", "negotiation__offer")


def sale_rows(found: Sequence[Agreement], *, by: Actor) -> list[SaleRow]:
    """The rows of the list of sales."""
    wanted = [reference(agreement) for agreement in found]
    charges = {row.reference: row for row in payments.charges_visible_to(by).filter(reference__in=wanted)}
    rows = []
    for agreement in found:
        charge = charges.get(reference(agreement))
        hold = getattr(charge, "hold", None)
        badge = badges.of_sale(agreement.entitlement, charge, hold, by.at)
        rows.append(SaleRow(agreement, badge, charge))
    return rows


def holding_badge(holding: Holding, now: datetime) -> Badge:
    """Whether a buyer may keep what it has."""
    if holding.keeping == "deleted":
        return Badge(_("Stated as deleted"), "ok", "check")
    if holding.keeping == "overdue":
        return Badge(_("Overdue to delete"), "stop", "flag")
    if holding.keeping == "to_delete" and holding.delete_by:
        return Badge(_("Delete by %(day)s") % {"day": formats.day(holding.delete_by)}, "warn", "clock")
    return badges.of_entitlement(holding.entitlement, now)
