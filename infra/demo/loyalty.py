"""The demo's dataset of persons, all of them invented: how it is declared, who took it before today, and what these
recipients told the persons."""

import hashlib
from datetime import date, datetime, timedelta

from compliance.informing import informing
from compliance.models import InformingDuty
from contracts.models import Entitlement, Offer
from contracts.negotiations import negotiations
from contracts.offers import offers
from datasets import datasets
from datasets.models import Dataset
from datasets.revisions import revisions
from exchange.kernel.actors import Actor
from exchange.participants.models import Participant
from infra.demo import cast, files, past

FILE = "customers.csv"
PILOT = [
    {"kind": "purpose", "any_of": ["internal_analytics"]},
    {"kind": "country", "any_of": ["EEA"]},
    {"kind": "duration", "days": 365},
    {"kind": "copies", "max": 2},
    {"kind": "deletion", "days": 30},
]
_PERSONAL = ("first_name", "last_name", "email", "birth_date", "city", "points")


def publish(by: Actor) -> Dataset:
    """The dataset with its first revision, declared as the law asks for personal data."""
    dataset = datasets.create(
        title="Loyalty customers (500 invented people)",
        summary="Names, e-mail addresses and points of customers who do not exist, made for the demo.",
        description="**Every person in this dataset is invented.** It shows how personal data is declared and kept.",
        keywords=["loyalty", "customers", "invented"],
        theme="ECON",
        language="en",
        spatial=["FR"],
        frequency="irregular",
        by=by,
    )
    datasets.declare(
        dataset,
        personal_data="personal",
        columns={**dict.fromkeys(_PERSONAL, "personal"), "customer_id": "pseudonymised"},
        legal_basis="6.1.f",
        purposes=["Measuring how loyalty programmes are used"],
        source="Made by rule for the demo; no real person is behind any row.",
        processing={
            "data": ["person_name", "email", "birth", "location", "purchases", "identifier"],
            "persons": ["customers"],
            "passed_on_for": ["internal_analytics"],
            "passed_on_to": "eea",
            "retention_months": 36,
        },
        statement={
            "persons": 500,
            "notice_url": "https://shop.example/privacy",
            "notice_version": "2026-01",
            "notice_sha256": hashlib.sha256(b"Invented notice of the demo").hexdigest(),
            "notice_on": date(2026, 1, 5),
            "origin": "own",
            "rights": "own",
            "rights_stated": True,
        },
        by=by,
    )
    revise(dataset, files.invented_people()[FILE], by)
    return datasets.publish(dataset, by)


def revise(dataset: Dataset, content: bytes, by: Actor) -> None:
    """A further revision, sealed and measured."""
    revision = revisions.open_revision(dataset, by)
    past.upload(revision, FILE, content, by)
    revisions.seal(revision, by)
    past.catch_up(by.at)
    dataset.refresh_from_db()


def pilot(dataset: Dataset, named: list[Participant], by: Actor) -> Offer:
    """An offer without a price to those who are named."""
    draft = offers.draft(
        dataset,
        title="Pilot of the loyalty programme, no charge",
        terms=PILOT,
        plan={"kind": "free"},
        named=[one.pk for one in named],
        by=by,
    )
    return offers.publish(draft, by=by)


def take(offer: Offer, buyer: Participant, country: str, at: datetime) -> Entitlement:
    """A right to the current revision, and its file taken whole under it."""
    by, seller = cast.manager_of(buyer, at), cast.manager_of(offer.seller, at)
    asked = negotiations.request(
        offer,
        purpose="internal_analytics",
        country=country,
        use="Compare how the invented customers of the demo use their points, inside our analytics team.",
        by=by,
    )
    negotiations.approve(asked, by=seller)
    accepted = negotiations.accept(asked, by=by)
    assert accepted.agreement is not None
    past.catch_up(at)
    right = accepted.agreement.entitlement
    right.refresh_from_db()
    past.download(right, right.revision.assets.get(name=FILE), by.moved_to(at + timedelta(minutes=4)))
    past.catch_up(at + timedelta(minutes=5))
    return right


def inform(buyer: Participant, at: datetime, said: str = "") -> None:
    """The recipient knows that it has to inform the persons, and has done so where it says how."""
    duty, by = InformingDuty.objects.get(buyer_id=buyer.pk), cast.manager_of(buyer, at)
    informing.acknowledge(duty, by=by)
    if said:
        informing.answer(duty, how=InformingDuty.How.TOLD, said=said, by=by)
