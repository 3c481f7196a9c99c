"""One sale with everything its page tells: contract, right, money, files, downloads and Events, read at once for who
may see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Max, Q

from contracts import queries
from contracts.agreements.agreements import reference
from contracts.data_requests import queries as data_request_queries
from contracts.entitlements import deliveries
from contracts.models import Agreement, DeletionStatement, Entitlement, Negotiation, Transfer
from datasets import queries as datasets
from datasets.models import Asset, ScheduledRevision
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import NotFound
from exchange.kernel.models import Event
from exchange.participants import queries as participants
from payments import queries as payments
from payments.models import Charge, Dispute, Hold, Refund

MOST_TRANSFERS = 30
SECTIONS = {"seller": "sell_sales", "buyer": "buy_purchases", "officer": "desk_overview"}
"""In which section a reader of each side finds a sale."""
_MOST_EVENTS = 100


@dataclass(frozen=True)
class Sale:
    """`side` is the reader's: seller, buyer or officer. `deliveries` are the announced days that the right includes.
    `assets` are those of the agreed revision, `sent_bytes` what reached the buyer of each file, in its best
    download."""

    agreement: Agreement
    negotiation: Negotiation
    entitlement: Entitlement
    charge: Charge | None
    hold: Hold | None
    refunds: list[Refund]
    is_disputed: bool
    assets: list[Asset]
    transfers: list[Transfer]
    statements: list[DeletionStatement]
    deliveries: list[ScheduledRevision]
    sent_bytes: Mapping[UUID, int]
    events: list[Event]
    side: str
    knows_fee: bool

    @property
    def total_bytes(self) -> int:
        return sum(asset.size_bytes or 0 for asset in self.assets)

    @property
    def delivered_bytes(self) -> int:
        return sum(self.sent_bytes.get(asset.pk, 0) for asset in self.assets)

    def was_last(self, name: str) -> bool:
        """Whether this Event is the last that happened to the hold."""
        told = [event.name for event in self.events if event.name.startswith("hold.")]
        return bool(told) and told[-1] == name

    @property
    def delivered_files(self) -> int:
        return sum(self.sent_bytes.get(asset.pk, -1) == asset.size_bytes for asset in self.assets)


def sale_visible_to(actor: Actor, agreement_id: UUID) -> Sale:
    """The sale of an agreement, for its two sides and for officers."""
    agreements = queries.agreements_visible_to(actor).select_related("negotiation", "entitlement")
    agreement = agreements.filter(pk=agreement_id).first()
    if agreement is None:
        raise NotFound("there is no such agreement")
    entitlement = agreement.entitlement
    charge = payments.charges_visible_to(actor).filter(reference=reference(agreement)).first()
    hold: Hold | None = getattr(charge, "hold", None)
    refunds = list(payments.refunds_visible_to(actor).filter(charge=charge)) if charge else []
    disputes = list(payments.disputes_visible_to(actor).filter(charge=charge)) if charge else []
    mine = queries.transfers_visible_to(actor, queries.TransferFilter(entitlement=entitlement.pk))
    best = mine.order_by().values_list("asset_id").annotate(most=Max("sent_bytes"))
    transfers = list(mine.order_by("-pk")[:MOST_TRANSFERS])
    said = queries.deletion_statements_visible_to(actor, entitlement_id=entitlement.pk)
    statements = list(said.defer("document"))
    return Sale(
        agreement=agreement,
        negotiation=agreement.negotiation,
        entitlement=entitlement,
        charge=charge,
        hold=hold,
        refunds=refunds,
        is_disputed=any(one.state == Dispute.State.OPEN for one in disputes),
        assets=datasets.assets_of(agreement.revision),
        transfers=transfers,
        statements=statements,
        deliveries=deliveries.of_right(entitlement),
        sent_bytes=dict(best),
        events=_events(actor, agreement, _moneys(charge, hold, refunds, disputes), transfers, statements),
        side=side_of(actor, agreement),
        knows_fee=payments.knows_fee(actor, agreement.seller_id),
    )


def side_of(actor: Actor, agreement: Agreement) -> str:
    """On which side of a sale its reader stands."""
    if actor.participant_id == agreement.seller_id:
        return "seller"
    return "buyer" if actor.participant_id == agreement.buyer_id else "officer"


def may_keep(actor: Actor, sale: Sale) -> bool:
    """Whether the reader may suspend and revoke what was sold."""
    return sale.side == "seller" and actor.can(Scope.SELL)


def _moneys(
    charge: Charge | None, hold: Hold | None, refunds: Sequence[Refund], disputes: Sequence[Dispute]
) -> list[str]:
    """The subjects of what happened to the sale's money."""
    return [
        *([f"charge:{charge.pk}"] if charge else []),
        *([f"hold:{hold.pk}"] if hold else []),
        *(f"refund:{one.pk}" for one in refunds),
        *(f"dispute:{one.pk}" for one in disputes),
    ]


def _events(
    actor: Actor,
    agreement: Agreement,
    moneys: Sequence[str],
    transfers: Sequence[Transfer],
    statements: Sequence[DeletionStatement],
) -> list[Event]:
    """What happened to the sale's rows last, oldest first. Refused downloads are the desk's to show."""
    subjects = [
        f"negotiation:{agreement.negotiation_id}",
        f"agreement:{agreement.pk}",
        f"entitlement:{agreement.entitlement.pk}",
        *moneys,
        *(f"deletionstatement:{one.pk}" for one in statements),
        *(f"datarequestanswer:{one}" for one in data_request_queries.answers_behind(actor, agreement)),
    ]
    of_copies = Q(name="copy.given_back", subject__in=[f"transfer:{one.pk}" for one in transfers])
    found = participants.events_visible_to(actor).filter(Q(subject__in=subjects) | of_copies)
    return list(found.exclude(name="transfer.refused").order_by("-id")[:_MOST_EVENTS])[::-1]
