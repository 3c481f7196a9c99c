"""The house with its people at their browsers, and with a row for every state in which a page holds a form."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client, override_settings

from contracts.catalogue import saved_searches
from contracts.entitlements import entitlements
from contracts.groups import groups
from contracts.licence_texts import licence_texts
from contracts.negotiations import negotiations
from contracts.offers import audiences, offers
from datasets.revisions import revisions
from datasets.schedules import schedules
from exchange.kernel import events
from exchange.kernel.models import Delivery
from exchange.participants.actors import credentials
from exchange.participants.actors.actors import actor_of_member
from exchange.participants.members import members
from exchange.participants.models import Member, Notice
from exchange.participants.webhooks import webhooks
from payments.models import Subscription
from payments.subscriptions import subscriptions
from tests import dataset_makers, makers, sales, wishes
from tests.browser.sessions import cookie_of
from tests.doors import money_rows, request_rows, whole_sale
from tests.doors.whole_sale import House
from tests.over_time import MONTHLY

HTML = {"Accept": "text/html"}
VISITOR = "visitor"
DESKS = ("officer", "operator")


@dataclass
class PageHouse:
    """The house, who reads its pages, and the ids of its rows by what they are for."""

    house: House
    people: Mapping[str, Member]
    ids: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, dict[str, Any]] = field(default_factory=dict)

    def browser(self, name: str, language: str = "en", *, session: str = "", **more: Any) -> Client:
        """A browser in which this person has signed in; what breaks inside comes back as its answer. Browsers of one
        `session` share it, as tabs do."""
        client = Client(raise_request_exception=False, headers=HTML, **more)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        if name != VISITOR:
            found = self.cookies.get(name + session)
            cookie = found or cookie_of(self.people[name], name in DESKS)
            self.cookies[name + session] = cookie
            client.cookies[cookie["name"]] = cookie["value"]
        return client


@contextmanager
def built(folder: Path, index: Path, now: datetime) -> Iterator[PageHouse]:
    """The house with its people, everything told that there is to tell but one reaction that fails."""
    with whole_sale.built(folder, now) as house, override_settings(EXCHANGE_SEARCH_DIR=index):
        made = PageHouse(house, _people(house, now), {"this year": str(now.year)})
        _on_sale(made)
        _being_made(made)
        _around_people(made, now)
        _told(made, now)
        for name in made.people:  # before a form is taken back with all that it has done
            made.browser(name), made.browser(name, session="elsewhere")
        yield made


def _people(house: House, now: datetime) -> dict[str, Member]:
    """A manager of each side, an applicant's founder, and those of the desks."""
    exchange = makers.participant_of(house.operator)
    founders = {
        name: Member.objects.get(participant_id=actor.participant_id, role=Member.Role.MANAGER)
        for name, actor in (("seller", house.seller), ("buyer", house.buyer), ("outsider", house.outsider))
    }
    return founders | {
        "applicant": Member.objects.get(participant_id=house.ids["participant_id"][1]),
        "officer": makers.member(exchange, "officer", now),
        "operator": makers.member(exchange, "operator", now),
    }


def _on_sale(made: PageHouse) -> None:
    """What was sold, a sale that is suspended, and requests in each state."""
    house = made.house
    seller, buyer = house.seller, house.buyer
    names = (
        "dataset",
        "offer",
        "agreement",
        "entitlement",
        "revision",
        "transfer",
        "record",
        "asset",
        "decision",
    )
    made.ids |= {f"sold {name}": house.ids[f"{name}_id"][0] for name in names}
    made.ids |= {
        "owed entitlement": house.ids["owed_id"][0],
        "deletion statement": house.ids["statement_id"][0],
    }
    wanted = wishes.published(buyer, named=[seller.participant_id])
    made.ids |= {
        "data request": str(wanted.pk),
        "answered data request": house.ids["data_request_id"][0],
        "answer": house.ids["answer_id"][0],
    }
    _over_time(made)
    made.ids |= money_rows.made(house, house.seller.at)
    made.ids |= {"split": house.ids["split_id"][0], "period": house.ids["period"][0]}
    made.ids["coupon"] = house.ids["coupon_id"][0]
    made.ids |= request_rows.page_ids(house)
    made.ids["bundle"] = house.ids["bundle_id"][0]
    made.ids |= {"notice to recipients": house.ids["notice_id"][0], "row of a notice": house.ids["row_id"][0]}
    entered, confirmed = house.ids["incident_id"]
    made.ids |= {"entered incident": entered, "confirmed incident": confirmed}
    made.ids["holder of an incident"] = house.ids["incident_holder_id"][0]
    made.ids["view"] = house.ids["view_id"][0]
    made.ids["attachment"] = house.ids["attachment_id"][0]
    made.ids["own template"] = house.ids["template_id"][0]
    made.ids["signed negotiation"] = house.ids["negotiation_id"][0]
    made.ids["waiting negotiation"] = house.ids["negotiation_id"][1]
    suspended = sales.entitled(seller, buyer)
    entitlements.suspend(suspended, reason="A question about the bill.", by=seller)
    made.ids["suspended agreement"] = str(suspended.agreement_id)
    on_offer = sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID))
    made.ids |= {"open dataset": str(on_offer.dataset_id), "open offer": str(on_offer.pk)}
    clauses = [[{"kind": "duration", "days": days}] for days in (30, 365)]
    rows = [
        {"terms": own, "plan": dict(plan)} for own, plan in zip(clauses, (sales.FREE, sales.PAID), strict=True)
    ]
    several = sales.offer(dataset_makers.published(seller), seller, terms=[], plan=None, choices=rows)
    group = groups.admit(groups.create("Laboratories", by=seller), buyer.participant_id, by=seller)
    made.ids |= {"choices offer": str(several.pk), "group": str(group.pk)}
    by_link = sales.offer(dataset_makers.published(seller), seller, by_link=True)
    made.ids |= {"link offer": str(by_link.pk), "link": audiences.link(by_link, by=seller)}
    for name in ("approved", "unpaid"):
        offer = sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID))
        approved = negotiations.approve(sales.request(offer, buyer), by=seller)
        made.ids[f"{name} negotiation"] = str(approved.pk)
        if name == "unpaid":
            charge = negotiations.accept(approved, by=buyer).charge
            assert charge is not None
            made.ids["unpaid charge"] = str(charge.pk)


def _over_time(made: PageHouse) -> None:
    """What is paid by use and by the month, what was cancelled, and what is to go on for another term."""
    metered, monthly = made.house.ids["agreement_over_time"]
    made.ids |= {"metered agreement": metered, "monthly agreement": monthly}
    seller, buyer = made.house.seller, made.house.buyer
    for name in ("cancelled", "renewed"):
        right = sales.entitled(seller, buyer, plan=dict(MONTHLY), named=[buyer.participant_id])
        found = Subscription.objects.get(reference=f"agreement:{right.agreement_id}")
        if name == "cancelled":
            subscriptions.cancel(found, by=buyer)
        else:
            subscriptions.renew(found, is_wanted=True, by=buyer)
        made.ids[f"{name} agreement"] = str(right.agreement_id)


def _being_made(made: PageHouse) -> None:
    """Drafts: one ready to be published, one with a file to seal, one that waits for a file and an officer."""
    seller, ids = made.house.seller, made.house.ids
    ready = dataset_makers.draft(seller, title="Ready")
    dataset_makers.declare_free(ready, seller)
    dataset_makers.measured(ready, seller)
    public = dataset_makers.published(seller)
    first_on = seller.at.date() + timedelta(days=20)
    schedules.announce(public, first_on=first_on, every=1, unit="months", count=3, by=seller)
    offer = offers.draft(public, title="A", terms=list(sales.TERMS), plan=dict(sales.FREE), by=seller)
    filled = revisions.open_revision(dataset_makers.draft(seller, title="With a file"), seller)
    stored = dataset_makers.upload(filled, seller, "cities.csv", dataset_makers.SMALL_CSV)
    made.ids |= {
        "ready dataset": str(ready.pk),
        "fresh dataset": str(dataset_makers.draft(seller, title="Fresh").pk),
        "offered dataset": str(public.pk),
        "draft offer": str(offer.pk),
        "licence text": str(licence_texts.keep(b"%PDF-1.7 a licence", title="Licence", by=seller).pk),
        "filled revision": str(filled.pk),
        "stored asset": str(stored.pk),
        "waiting revision": ids["revision_id"][1],
        "waiting asset": ids["asset_id"][1],
        "held review": ids["review_id"][0],
        "duty to inform": ids["duty_id"][0],
        "transfer basis": ids["basis_id"][0],
        "standing basis": ids["standing_basis"][0],
        "open breach": ids["breach_id"][0],
        "breach scope": ids["scope_id"][0],
        "breach report": ids["report_id"][0],
        "reviewed hold": ids["legal_hold_id"][0],
        "standing hold": ids["standing_hold"][0],
        "export": ids["export_id"][0],
        "standing alarm": ids["alarm_id"][0],
    }


def _around_people(made: PageHouse, now: datetime) -> None:
    """Organisations in each state, members, invitations, clients, a paused webhook, and a search that is kept."""
    seller, buyer = made.people["seller"], made.people["buyer"]
    manager = actor_of_member(seller, now)
    suspended = makers.participant("Suspended AB", "SE", now)
    members.suspend(suspended, reason="The register no longer lists it.", by=made.house.operator)
    sent, _ = members.invite(seller.participant, email="new@example.org", role="viewer", by=manager)
    _, token = members.invite(
        seller.participant, email=made.people["outsider"].user.email, role="viewer", by=manager
    )
    mine, _ = members.invite(seller.participant, email=buyer.user.email, role="viewer", by=manager)
    client, _ = credentials.issue_client(
        buyer.participant, name="Nightly", scopes=["read"], by=actor_of_member(buyer, now)
    )
    own = makers.participant_of(made.house.seller)
    paused, _ = webhooks.add(own, url="https://receiver.example/paused", by=made.house.seller)
    webhooks.pause(paused, by=made.house.seller)
    search = saved_searches.keep(title="Cities", query="q=cities", by=actor_of_member(buyer, now))
    made.ids |= {
        "verified participant": str(seller.participant_id),
        "applied participant": str(made.people["applicant"].participant_id),
        "suspended participant": str(suspended.pk),
        "colleague": made.house.ids["member_id"][0],
        "sent invitation": str(sent.pk),
        "received invitation": str(mine.pk),
        "token": token,
        "client": client.pk,
        "search": str(search.pk),
        "webhook": made.house.ids["webhook_id"][0],
        "paused webhook": str(paused.pk),
    }


def _told(made: PageHouse, now: datetime) -> None:
    """Every reaction has run but one, which has failed three times."""
    pending = Delivery.objects.filter(done_at=None, attempts=0)
    failing = pending.latest("pk")
    made.ids["failing delivery"] = str(failing.pk)
    while waiting := list(pending.exclude(pk=failing.pk).values_list("pk", flat=True)):
        for delivery_id in waiting:
            events.react(delivery_id, now=now + timedelta(seconds=1))
    Delivery.objects.filter(pk=failing.pk).update(attempts=3, due_at=now + timedelta(hours=1))
    notice = Notice.objects.filter(member=made.people["buyer"]).first()
    assert notice is not None, "the buyer was told of nothing"
    made.ids["buyer's notice"] = str(notice.pk)
