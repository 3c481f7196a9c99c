"""Notices: who is told of what, once, and by which mail."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.utils import translation

from contracts import warnings
from contracts.entitlements import entitlements
from contracts.models import Negotiation
from contracts.negotiations import negotiations
from exchange.kernel import events
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Invalid
from exchange.kernel.models import Delivery
from exchange.participants.actors import credentials
from exchange.participants.actors.actors import actor_of_member
from exchange.participants.members import members
from exchange.participants.models import Member, Notice
from exchange.participants.news import Group, all_known
from exchange.participants.notices import mails as notice_mails
from exchange.participants.notices import notices, preferences
from exchange.participants.notices import rows as notice_rows
from tests import dataset_makers, makers, sales

pytestmark = pytest.mark.by_the_clock

React = Callable[..., int]


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_STORAGE_DIR = "files", tmp_path / "assets"


@pytest.fixture
def sell(seller: Actor, now: datetime, react: React) -> Member:
    made = makers.member(makers.participant_of(seller), "trader", now, "sell@example.org")
    react()
    forget()
    return made


@pytest.fixture
def buy(buyer: Actor, now: datetime, react: React) -> Member:
    made = makers.member(makers.participant_of(buyer), "trader", now, "buy@example.org")
    react()
    forget()
    return made


def asked(seller: Actor, buyer: Actor, **changes: Any) -> Negotiation:
    return sales.request(sales.offer(dataset_makers.published(seller), seller, **changes), buyer)


def told(member: Member) -> list[str]:
    """What a member was told, newest first, in words."""
    rows = Notice.objects.filter(member=member).order_by("-pk")
    return [row.title for row in notice_rows.rows_of(list(rows))]


def kinds(member: Member) -> list[str]:
    return sorted(Notice.objects.filter(member=member).values_list("news", flat=True))


def forget() -> None:
    """What it took to get here was told too."""
    Notice.objects.all().delete()


def mails_to(address: str) -> list[mail.EmailMessage]:
    return [letter for letter in mail.outbox if letter.to == [address]]


def test_the_seller_is_told_of_a_request_once_however_often_it_is_delivered(
    seller: Actor, buyer: Actor, sell: Member, buy: Member, react: React, now: datetime
) -> None:
    negotiation = asked(seller, buyer)
    react()
    assert told(sell) == [f"Buyer GmbH asks for “{negotiation.dataset.title}”"]
    assert told(buy) == []
    again = Delivery.objects.filter(event__name="negotiation.requested", reaction=notices.REACTION)
    assert again.update(done_at=None, attempts=0) == 1
    react()
    notices.tell_of("negotiation.requested", str(negotiation.pk), now=now)
    assert len(told(sell)) == 1


def test_only_the_right_roles_of_the_right_side_are_told(
    seller: Actor, buyer: Actor, outsider: Actor, sell: Member, buy: Member, react: React, now: datetime
) -> None:
    looks_on = makers.member(makers.participant_of(seller), "viewer", now)
    gone = makers.member(makers.participant_of(seller), "trader", now)
    members.remove(gone, by=makers.client(makers.participant_of(seller), now))
    stranger = makers.member(makers.participant_of(outsider), "manager", now)
    officer = makers.member(makers.operators_organisation(now), "officer", now)
    react()
    forget()
    negotiations.refuse(asked(seller, buyer), reason="We keep it to ourselves.", by=seller)
    react()
    assert kinds(sell) == ["negotiation.requested/seller"]
    assert kinds(buy) == ["negotiation.refused/buyer"]
    assert [kinds(one) for one in (looks_on, gone, stranger, officer)] == [[], [], [], []]


def test_an_instant_sale_asks_nobody_to_decide(
    seller: Actor, buyer: Actor, sell: Member, buy: Member, react: React
) -> None:
    accepted = negotiations.accept(asked(seller, buyer, sale="instant"), by=buyer)
    react()
    assert kinds(sell) == ["agreement.signed/seller"]
    assert kinds(buy) == ["agreement.signed/buyer", "entitlement.activated/buyer"]
    assert str(accepted.agreement.pk) in str(
        notice_rows.place_of(Notice.objects.get(member=sell, news="agreement.signed/seller"))
    )


def test_who_acted_is_not_told_but_colleagues_are(
    seller: Actor, buyer: Actor, buy: Member, react: React, now: datetime
) -> None:
    signs = makers.member(makers.participant_of(buyer), "trader", now)
    approved = negotiations.approve(asked(seller, buyer), by=seller)
    react()
    forget()
    negotiations.accept(approved, by=actor_of_member(signs, now))
    react()
    assert kinds(buy) == ["agreement.signed/buyer", "entitlement.activated/buyer"]
    assert kinds(signs) == []


def test_money_is_told_to_both_sides(
    seller: Actor, buyer: Actor, sell: Member, buy: Member, react: React
) -> None:
    negotiation = negotiations.approve(asked(seller, buyer, plan=sales.PAID), by=seller)
    accepted = negotiations.accept(negotiation, by=buyer)
    assert accepted.charge is not None
    react()
    assert told(buy)[0] == "€100.00 to pay for data of Seller SA"
    forget()
    sales.pay(accepted.charge.pk, buyer)
    react()
    assert kinds(buy) == ["charge.paid/buyer", "entitlement.activated/buyer"]
    assert told(sell) == ["Buyer GmbH has paid €100.00"]


def test_a_right_that_is_stopped_twice_is_told_twice(
    seller: Actor, buyer: Actor, buy: Member, sell: Member, react: React
) -> None:
    entitlement = sales.entitled(seller, buyer)
    react()
    forget()
    for _ in range(2):
        entitlements.suspend(entitlement, reason="An invoice is open since May.", by=seller)
        react()
        entitlements.resume(entitlement, reason="The invoice was paid today.", by=seller)
        react()
    assert kinds(buy) == ["entitlement.resumed/buyer"] * 2 + ["entitlement.suspended/buyer"] * 2
    assert kinds(sell) == []  # its own colleagues did it


def test_holders_hear_of_a_new_revision_and_of_a_revoked_one(
    seller: Actor, buyer: Actor, outsider: Actor, buy: Member, react: React, now: datetime
) -> None:
    stranger = makers.member(makers.participant_of(outsider), "trader", now)
    entitlement = sales.entitled(seller, buyer)
    react()
    forget()
    dataset_makers.sealed(entitlement.dataset, seller)
    react()
    assert kinds(buy) == ["revision.sealed/buyer"]
    assert str(entitlement.pk) in str(notice_rows.place_of(Notice.objects.get(member=buy)))
    assert kinds(stranger) == []


def test_rights_that_end_soon_are_told_at_14_and_2_days(
    seller: Actor, buyer: Actor, buy: Member, react: React, now: datetime
) -> None:
    entitlement = sales.entitled(seller, buyer, terms=[{"kind": "duration", "days": 30}])
    sales.entitled(seller, buyer, terms=[{"kind": "duration", "days": 2}])
    react()
    forget()
    assert warnings.warn_of_ends(now=now) == 0
    founder_and_trader = 2
    for days, count in ((17, founder_and_trader), (18, 0), (29, founder_and_trader), (29.5, 0)):
        assert warnings.warn_of_ends(now=now + timedelta(days=days)) == count
    assert kinds(buy) == ["entitlement.ends_in_14_days/buyer", "entitlement.ends_in_2_days/buyer"]
    assert entitlement.ends_at is not None
    with translation.override("fr"):
        assert "prend fin le" in told(buy)[0]


def test_refused_downloads_are_told_once_a_day(
    seller: Actor, buyer: Actor, buy: Member, react: React, now: datetime
) -> None:
    from compliance.follower import follow
    from compliance.log.sealing import seal_batch

    entitlement = sales.entitled(seller, buyer)
    react()
    forget()
    path = sales.link(entitlement, buyer)
    entitlements.suspend(entitlement, reason="An invoice is open since May.", by=seller)
    for _ in range(3):
        assert sales.start(path, now).code == "entitlement_suspended"
    seal_batch(now)
    follow()
    for _ in range(2):
        warnings.tell_of_refusals(now=now)
    (notice,) = Notice.objects.filter(member=buy)
    (row,) = notice_rows.rows_of([notice])
    assert row.sentence == "Refused so far today: 3. The last reason: the licence was suspended."


def test_a_made_api_client_is_told_to_every_manager_and_never_its_secret(
    seller: Actor, sell: Member, react: React, now: datetime
) -> None:
    participant = makers.participant_of(seller)
    manager = makers.member(participant, "manager", now)
    react()
    forget()
    preferences.choose(manager.user, dict.fromkeys(preferences.CHOOSABLE, "never"))
    _, secret = credentials.issue_client(
        participant, name="Night job", scopes=["read"], by=actor_of_member(manager, now)
    )
    react()
    assert kinds(manager) == ["client.issued/participant"]
    assert kinds(sell) == []
    notice_mails.send_due(now=now + timedelta(seconds=5))
    (letter,) = mails_to(manager.user.email)
    assert secret not in letter.body


def test_a_mail_leaves_once_in_the_language_of_its_reader(
    seller: Actor, buyer: Actor, sell: Member, react: React, now: datetime
) -> None:
    reads_french = makers.member(makers.participant_of(seller), "manager", now, "fr@example.org")
    preferences.keep_language(reads_french.user, "fr")
    react()
    forget()
    negotiation = asked(seller, buyer)
    react()
    for _ in range(2):
        notice_mails.send_due(now=now + timedelta(seconds=5))
    (english,), (french,) = mails_to("sell@example.org"), mails_to("fr@example.org")
    assert english.subject == f"Comptoir: Buyer GmbH asks for “{negotiation.dataset.title}”"
    notice = Notice.objects.get(member=sell)
    assert f"http://testserver/notices/{notice.pk}\n" in english.body
    assert "http://testserver/notices/mail" in english.body
    assert english.extra_headers["List-Unsubscribe"] == "<http://testserver/notices/mail>"
    assert "demande" in french.subject and "Pour Seller SA" in french.body
    assert sales.USE not in english.body  # what a person typed stays on the page


def test_paces_are_kept_and_the_daily_mail_holds_all_that_waits(
    seller: Actor, buyer: Actor, sell: Member, react: React, now: datetime, settings: Any
) -> None:
    react()
    forget()
    preferences.choose(sell.user, {Group.SALES: "daily", Group.MONEY: "never", Group.RIGHTS: "at_once"})
    for _ in range(2):
        asked(seller, buyer)
    react()
    notice_mails.send_due(now=now + timedelta(minutes=1))
    assert mails_to("sell@example.org") == []
    morning = preferences.next_digest(now + timedelta(seconds=1))
    assert now < morning <= now + timedelta(days=1, seconds=1)
    notice_mails.send_due(now=morning + timedelta(seconds=1))
    (letter,) = mails_to("sell@example.org")
    assert letter.subject == "Comptoir: 2 notices for Seller SA"
    assert letter.body.count("asks for") == 2
    preferences.choose(sell.user, {Group.SALES: "never"})
    asked(seller, buyer)
    react()
    assert Notice.objects.filter(member=sell, mail_due_at__isnull=False).count() == 0
    with pytest.raises(Invalid):
        preferences.choose(sell.user, {Group.SALES: "hourly"})
    with pytest.raises(Invalid):
        preferences.choose(sell.user, {Group.SECURITY: "never"})


class _DeafServer(locmem.EmailBackend):
    def open(self) -> bool:
        raise ConnectionRefusedError


def test_a_mail_server_that_is_down_is_asked_again_and_given_up_after_three_days(
    seller: Actor, buyer: Actor, sell: Member, react: React, now: datetime, settings: Any
) -> None:
    react()
    forget()
    asked(seller, buyer)
    react()
    works = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.{_DeafServer.__name__}"
    at = now + timedelta(seconds=5)
    assert notice_mails.send_due(now=at) == 0
    notice = Notice.objects.get(member=sell)
    assert notice.mailed_at is None and notice.mail_due_at is not None and notice.mail_due_at > at
    settings.EMAIL_BACKEND = works
    assert notice_mails.send_due(now=at) == 0  # not before its time
    assert notice_mails.send_due(now=at + timedelta(hours=1)) >= 1
    assert Notice.objects.get(member=sell).mailed_at is not None
    settings.EMAIL_BACKEND = f"{__name__}.{_DeafServer.__name__}"
    asked(seller, buyer)
    react()
    notice_mails.send_due(now=now + timedelta(days=4))
    assert not Notice.objects.filter(member=sell, mail_due_at__isnull=False).exists()


def test_nobody_who_has_left_gets_mail(
    seller: Actor, buyer: Actor, sell: Member, react: React, now: datetime
) -> None:
    asked(seller, buyer)
    react()
    members.remove(sell, by=makers.client(makers.participant_of(seller), now))
    notice_mails.send_due(now=now + timedelta(seconds=5))
    assert mails_to("sell@example.org") == []


def test_operators_hear_of_applications_that_wait(database: None, react: React, now: datetime) -> None:
    member = makers.member(makers.operators_organisation(now), "operator", now)
    officer = makers.member(makers.operators_organisation(now), "officer", now)
    makers.participant("Decided SA", "FR", now)
    waiting = makers.applicant("Waiting SA", "FR", now)
    react()
    assert told(member) == ["Waiting SA asks to take part"]
    assert notice_rows.place_of(Notice.objects.get(member=member)) == f"/operate/participants/{waiting.pk}"
    assert kinds(officer) == []


def test_what_happened_long_ago_is_told_in_the_site_alone(
    seller: Actor, buyer: Actor, sell: Member, react: React, now: datetime
) -> None:
    asked(seller, buyer)
    react(at=now + timedelta(days=5))
    assert kinds(sell) == ["negotiation.requested/seller"]
    assert Notice.objects.get(member=sell).mail_due_at is None


def recorded() -> set[str]:
    """The names of all Events that the product records."""
    from infra.descriptions import transitions, with_states

    root = Path(__file__).resolve().parents[2]
    apps = ("exchange", "compliance", "datasets", "payments", "contracts")
    sources = (file.read_text() for app in apps for file in (root / app).rglob("*.py"))
    named = {
        name for text in sources for name in re.findall(r'(?:events\.record|Happening)\(\s*"([a-z_.]+)"', text)
    }
    return named | {event for model in with_states() for _, _, event in transitions(model).values()}


def test_every_entry_names_an_event_a_route_and_facts_that_exist() -> None:
    from django.urls import get_resolver

    from infra import news
    from infra.reactions import TABLE

    routes = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    known = recorded()
    keys = [one.key for one in news.TABLE]
    assert len(set(keys)) == len(keys)
    assert sorted(one.key for one in all_known()) == sorted(keys)
    for one in news.TABLE:
        assert one.by_clock or one.name in known, one.name
        assert not one.route or one.route in routes, one.key
        assert bool(one.scope) and one.key == one.key[:64]
        if not one.by_clock:
            assert notices.REACTION in [events.name_of(reaction) for reaction in TABLE[one.name]]
    assert {Scope.AUDIT, Scope.OPERATE} <= {one.scope for one in news.TABLE}
    assert events.reactions().keys() == TABLE.keys()
