"""A whole sale between a seller and a buyer, made through the verbs: what the doors are tried with."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.test import Client, override_settings

from compliance.exports import kept as kept_exports
from compliance.follower import follow
from compliance.log.sealing import seal_batch
from compliance.log.signer import Signer
from compliance.models import Alarm, Review, TransferRecord
from compliance.queries import Filters
from contracts.choices import choices
from contracts.data_requests import data_requests
from contracts.deletions import deletions
from contracts.entitlements import entitlements
from contracts.groups import groups
from contracts.licence_texts import licence_texts
from contracts.models import Entitlement, Offer
from contracts.negotiations import negotiations
from contracts.offers import offers
from contracts.own_templates import own_templates
from contracts.renewals import renewals
from contracts.talks import talks
from contracts.transfers import transfers
from datasets.revisions import assets, revisions
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event, EventParty
from exchange.kernel.money import Money
from exchange.participants.models import Participant, Pseudonym, Webhook
from exchange.participants.webhooks import webhooks
from payments.charges import coupons, methods
from payments.holds import holds
from payments.invoices import invoices, mandates
from payments.models import Charge, Dispute, PaymentMethod, Subscription
from payments.payouts import accounts as payout_accounts
from payments.payouts import payouts
from payments.providers import news
from payments.refunds import disputes, refunds
from payments.shares import shares
from payments.taxes import vat_ids
from tests import dataset_makers, makers, sales, snapshots, wishes
from tests.doors import (
    breach_rows,
    desk_rows,
    incident_rows,
    informing_rows,
    intermediation_rows,
    law_rows,
    notice_rows,
    request_rows,
)
from tests.over_time import BY_USE, MONTHLY
from tests.payments import billing

PRODUCT_APPS = ("kernel", "participants", "datasets", "contracts", "payments", "compliance")
PEOPLE = b"name,contact\n" + b"\n".join(b"Ada %d,ada%d@example.org" % (n, n) for n in range(12)) + b"\n"

Ids = dict[str, list[str]]
"""Name of a path parameter -> the ids of rows to try in its place."""


@dataclass
class House:
    """An exchange with one sale that is settled and one that has just begun. `private` are the ids that no
    outsider may ever read in an answer."""

    seller: Actor
    buyer: Actor
    outsider: Actor
    officer: Actor
    operator: Actor
    ids: Ids = field(default_factory=dict)
    private: set[str] = field(default_factory=set)

    def http(self, actor: Actor) -> Client:
        """The API as a client of `actor` uses it; what breaks inside comes back as the answer it would be."""
        return Client(headers=makers.Door(actor).headers, raise_request_exception=False)


@contextmanager
def built(folder: Path, now: datetime) -> Iterator[House]:
    """The house, with storage and log in `folder`."""
    kept = {
        "EXCHANGE_STORAGE": "files",
        "EXCHANGE_STORAGE_DIR": folder / "assets",
        "EXCHANGE_LOG_DIR": folder / "log",
        "EXCHANGE_SIGNER_DIR": folder / "signer",
        "EXCHANGE_EXPORTS_DIR": folder / "exports",
        **intermediation_rows.NOTIFIED,
    }
    with override_settings(**kept):
        house = House(
            seller=makers.trader("Seller SA", "FR", now),
            buyer=makers.trader("Buyer GmbH", "DE", now),
            outsider=makers.trader("Outsider BV", "NL", now),
            officer=makers.officer(now),
            operator=makers.operator(now),
        )
        _settled(house, now)
        _begun(house)
        _deleted(house)
        _people(house, now)
        _logged(now)
        _exported(house, now)
        _logged(now)
        _private(house)
        yield house


def rows() -> dict[str, list[str]]:
    """Every row of the product but what a mere look leaves: an officer's Event, a member's pseudonym."""
    looks = f"SELECT id FROM {Event._meta.db_table} WHERE name LIKE 'officer.%'"
    models = [model for model in snapshots.models_of(*PRODUCT_APPS) if model is not Pseudonym]
    where = {Event: f"id NOT IN ({looks})", EventParty: f"event_id NOT IN ({looks})"}
    return snapshots.rows_of(models, where)


def _settled(house: House, now: datetime) -> None:
    """Sold for an audience of one, paid, downloaded; the money is held."""
    seller, buyer = house.seller, house.buyer
    dataset = dataset_makers.published(seller)
    offer = sales.offer(dataset, seller, plan=sales.PAID, named=[buyer.participant_id])
    negotiation = negotiations.approve(sales.request(offer, buyer), by=seller)
    said = talks.post(negotiation, "The plan is with it.", files=[talks.File("plan.txt", b"Plan")], by=seller)
    accepted = negotiations.accept(negotiation, by=buyer)
    assert accepted.charge is not None
    sales.pay(accepted.charge.pk, buyer)
    entitlement = Entitlement.objects.get(pk=accepted.agreement.entitlement.pk)
    asset = sales.asset_of(entitlement)
    verdict = sales.start(sales.link(entitlement, buyer), now)
    assert verdict.transfer_id is not None
    transfers.progress(verdict.transfer_id, [(0, asset.size_bytes)], now=now)
    charge = Charge.objects.get(pk=accepted.charge.pk)
    asked, further = (
        sales.offer(dataset, seller, plan=sales.PAID, named=[buyer.participant_id]) for _ in range(2)
    )
    named = [buyer.participant_id]
    at_once = sales.offer(dataset, seller, plan=sales.PAID, sale="instant", named=named)
    house.ids |= {
        "instant_id": [str(at_once.pk)],
        "instant_digest": [choices.digest(at_once, choices.chosen(at_once, None))],
        "asked_id": [str(asked.pk)],
        **_sourced(house, further),
        "renewal_id": [str(further.pk)],
        "renewal_digest": [renewals.proposal(entitlement, further).digest],
        "dataset_id": [str(dataset.pk)],
        "offer_id": [str(offer.pk)],
        "negotiation_id": [str(negotiation.pk)],
        "agreement_id": [str(accepted.agreement.pk)],
        "entitlement_id": [str(entitlement.pk)],
        "transfer_id": [str(verdict.transfer_id)],
        "record_id": [str(verdict.transfer_id)],
        "decision_id": [str(Event.objects.get(name="transfer.started").pk)],
        "attachment_id": [str(said.attachments.get().pk)],
        "charge_id": [str(charge.pk)],
        "hold_id": [str(charge.hold.pk)],
        "method_id": [_kept(house, now)],
        **_returned(house, now),
        **_earned(house, dataset.pk, now),
        "invoice_id": _invoiced(house, charge, now),
        "subscription_id": _paid_over_time(house),
        "coupon_id": [str(coupons.create(code="WELCOME", label="Welcome", basis_points=500, by=seller).pk)],
        "revision_id": [str(entitlement.revision_id)],
        "asset_id": [str(asset.pk)],
    }


def _kept(house: House, now: datetime) -> str:
    """What the buyer lets the provider keep, for later payments."""
    told = news.MethodKept(makers.participant_of(house.buyer).pk, "customer-1", "method-1", "Visa ···· 4242")
    methods.hear(told, provider="demo", by=makers.system(now))
    return str(PaymentMethod.objects.get().pk)


def _returned(house: House, now: datetime) -> Ids:
    """A sale of which the buyer asks a part of its money back, before its bank takes all of it."""
    right = sales.entitled(house.seller, house.buyer, plan=sales.PAID, named=[house.buyer.participant_id])
    house.ids["unshared_id"] = [str(right.dataset_id)]
    charge = Charge.objects.get(reference=f"agreement:{right.agreement_id}")
    part = Money(100, charge.currency)
    asked = refunds.ask(charge, gross=part, reason="A month is missing in it.", by=house.buyer)
    told = news.Disputed(charge.pk, "dispute-1", charge.gross, None, "fraudulent", None)
    disputes.hear(told, by=makers.system(now))
    return {"refund_id": [str(asked.pk)], "dispute_id": [str(Dispute.objects.get().pk)]}


def _earned(house: House, dataset_id: UUID, now: datetime) -> Ids:
    """Who is to earn what of the dataset, what the seller was paid, and the month of it."""
    parts = {house.seller.participant_id: 9_000, house.buyer.participant_id: 1_000}
    owner = makers.participant_of(house.seller)
    split = shares.propose(
        f"dataset:{dataset_id}",
        owner=owner,
        basis_points={one: part for one, part in parts.items() if one},
        by=house.seller,
    )
    right = sales.entitled(house.seller, house.buyer, plan=sales.PAID, named=[house.buyer.participant_id])
    holds.confirm(f"agreement:{right.agreement_id}", by=house.buyer)
    account = payout_accounts.begin(owner, by=house.seller)
    for told in (news.AccountOpened(owner.pk, "account-1"), news.AccountMoved("account-1", "ready", [])):
        payout_accounts.hear(told, by=makers.system(now))
    payout = payouts.create(account, "EUR", by=house.operator)
    return {"split_id": [str(split.pk)], "payout_id": [str(payout.pk)], "period": [f"{now:%Y-%m}"]}


def _paid_over_time(house: House) -> list[str]:
    """A right that is paid by use, and one that is paid by the month."""
    named = [house.buyer.participant_id]
    rights = [
        sales.entitled(house.seller, house.buyer, plan=dict(plan), named=named) for plan in (BY_USE, MONTHLY)
    ]
    house.ids["agreement_over_time"] = [str(right.agreement_id) for right in rights]
    found = [Subscription.objects.get(reference=f"agreement:{right.agreement_id}") for right in rights]
    return [str(one.pk) for one in found]


def _invoiced(house: House, charge: Charge, now: datetime) -> list[str]:
    """The invoices of the sale, drawn: to the buyer, and of the seller to the exchange."""
    billing.describe(house.operator)
    billing.describe(house.seller)
    own, by = makers.participant_of(house.seller), makers.system(now)
    mandates.accept(own, text_sha256=mandates.fingerprint(), by=house.seller)
    vat_ids.register(own, by=by)
    return [str(invoices.draw(one.pk, now=now).pk) for one in invoices.issue_due(charge.pk, by=by)]


def _sourced(house: House, offer: Offer) -> Ids:
    """What the buyer looks for, and an answer."""
    wanted = wishes.published(house.buyer, named=[house.seller.participant_id])
    given = data_requests.answer(wanted, offer, note="Made for you.", by=house.seller)
    return {"data_request_id": [str(wanted.pk)], "answer_id": [str(given.pk)]}


def _begun(house: House) -> None:
    """Held for an officer, with a draft offer and a file still to come; and a request that waits."""
    seller, buyer = house.seller, house.buyer
    held = dataset_makers.draft(seller, title="Subscribers of a letter")
    dataset_makers.declare_free(held, seller)
    dataset_makers.measured(held, seller, {"people.csv": PEOPLE})
    revision = revisions.open_revision(held, seller)
    waiting = assets.announce(revision, name="more.csv", media_type=dataset_makers.CSV, by=seller)
    kept = own_templates.keep("Ours", list(sales.TERMS), by=seller)
    house.ids["template_id"] = [str(kept.pk)]
    house.ids["group_id"] = [str(groups.create("Universities", by=seller).pk)]
    house.ids["licence_text_id"] = [str(licence_texts.keep(b"%PDF-1.7 mine", title="Mine", by=seller).pk)]
    draft = offers.draft(held, title="Draft", terms=list(sales.TERMS), plan=dict(sales.FREE), by=seller)
    offer = sales.offer(dataset_makers.published(seller), seller, named=[buyer.participant_id])
    negotiation = sales.request(offer, buyer)
    for name, row in {
        "dataset_id": held,
        "revision_id": revision,
        "asset_id": waiting,
        "offer_id": draft,
        "negotiation_id": negotiation,
        "review_id": Review.objects.get(subject=f"dataset:{held.pk}"),
    }.items():
        house.ids.setdefault(name, []).append(str(row.pk))


def _deleted(house: House) -> None:
    """Taken, revoked, and stated as deleted; and the same again, still to be stated."""
    seller, buyer = house.seller, house.buyer
    terms = [*sales.TERMS, {"kind": "deletion", "days": 30}]
    for name in ("stated", "owed"):
        right = sales.entitled(seller, buyer, terms=terms, named=[buyer.participant_id])
        started = sales.start(sales.link(right, buyer), buyer.at).transfer_id
        assert started is not None
        transfers.progress(started, [(0, sales.asset_of(right).size_bytes)], now=buyer.at)
        ended = entitlements.revoke(right, reason="Sold in error, and taken back.", by=seller)
        if name == "stated":
            house.ids["statement_id"] = [str(deletions.state(ended, by=buyer).pk)]
        else:
            house.ids["owed_id"] = [str(ended.pk)]


def _people(house: House, now: datetime) -> None:
    organisation = makers.participant_of(house.seller)
    applied = makers.applicant("Applicant AB", "SE", now)
    house.ids |= {
        "participant_id": [str(organisation.pk), str(applied.pk)],
        "member_id": [str(makers.member(organisation, "trader", now).pk)],
        "client_id": [house.seller.name],
        "webhook_id": [str(_webhook(house, organisation).pk)],
    }


def _webhook(house: House, own: Participant) -> Webhook:
    """A webhook, and the Event of a test that was asked for."""
    webhook, _ = webhooks.add(own, url="https://receiver.example/kept", names=["transfer.*"], by=house.seller)
    event = webhooks.send_test(webhook, by=house.seller)
    house.ids["event_id"] = [str(event.pk)]
    return webhook


def _logged(now: datetime) -> None:
    seal_batch(now)
    follow()
    Signer.from_settings().run_once(now)


def _exported(house: House, now: datetime) -> None:
    export = kept_exports.ask(Filters(), form="csv", by=house.officer)
    kept_exports.make(export.pk, now=now)
    house.ids["export_id"] = [str(export.pk)]
    house.ids |= desk_rows.made(house, now)
    house.ids |= breach_rows.made(house, now)
    house.ids |= informing_rows.made(house, now)
    house.ids |= incident_rows.made(house, now)
    house.ids |= notice_rows.made(house, now)
    house.ids |= law_rows.made(house, now)
    house.ids |= request_rows.made(house, now)
    alarm = Alarm.objects.create(kind="unparsable", sentence="entry 4 of a log cannot be read", raised_at=now)
    house.ids["alarm_id"] = [str(alarm.pk)]


def _private(house: House) -> None:
    """All the ids but those of verified organisations, which everybody may know."""
    assert TransferRecord.objects.filter(pk=house.ids["record_id"][0]).exists()
    organisation, applied = house.ids["participant_id"]
    house.private = {one for several in house.ids.values() for one in several} - {
        organisation,
        *house.ids["period"],
        *house.ids["key"],  # a word that stands in many addresses
    }
    assert applied in house.private
    house.private |= {"Subscribers of a letter", "Applicant AB", house.buyer.name}
