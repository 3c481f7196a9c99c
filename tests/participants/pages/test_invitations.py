"""An invitation's link: for whom it opens, what it says where it does not, and the way through sign-up and back."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from exchange.participants.members import members
from exchange.participants.models import Invitation, Member
from tests import makers
from tests.participants.browsers import Browser

pytestmark = pytest.mark.by_the_clock

PAGE = {"Accept": "text/html"}


@pytest.fixture(autouse=True)
def _no_limits_from_other_tests() -> None:
    cache.clear()


@pytest.fixture
def link(seller: Any) -> str:
    """The link of an invitation to ada@example.org."""
    own = makers.participant_of(seller)
    return f"/invitations/{members.invite(own, email='Ada@Example.org', role='trader', by=seller)[1]}"


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


def of(email: str) -> Browser:
    """The browser of a person with this address."""
    browser = Browser()
    browser.sign_in(makers.user(email).email)
    return browser


def test_a_visitor_is_led_through_sign_up_and_back(link: str, seller: Any) -> None:
    browser = Browser()
    page = text(browser.get(link))
    assert "Seller SA invites you" in page and f"/accounts/signup/?next={link.replace('/', '%2F')}" in page
    browser.get("/accounts/login/")
    assert browser.submit(link)["Location"].startswith("/accounts/login/?next=%2Finvitations")
    password = makers.PASSWORD
    browser.submit(
        f"/accounts/signup/?next={link}", email="ada@example.org", password1=password, password2=password
    )
    confirm = re.search(r"http://testserver(/accounts/confirm-email/\S+)", mail.outbox[0].body)
    assert confirm
    browser.submit(confirm[1])
    assert (
        browser.submit("/accounts/login/", login="ada@example.org", password=password, next=link)["Location"]
        == link
    )
    assert "Accept the invitation" in text(browser.get(link))
    assert browser.submit(link)["Location"] == "/organisation"
    member = Member.objects.get(user__email="ada@example.org")
    assert (member.participant, member.role) == (makers.participant_of(seller), "trader")
    assert "It has been accepted" in text(browser.get(link))


def test_an_invitation_waits_on_the_page_of_whoever_confirmed_its_address(link: str, seller: Any) -> None:
    ada = of("ada@example.org")
    invitation = Invitation.objects.get()
    assert "Invitations for you" in text(ada.get("/organisation"))
    bob = of("bob@example.org")
    assert "Invitations for you" not in text(bob.get("/organisation"))
    path = f"/organisation/invitations/{invitation.pk}/accept"
    assert bob.client.post(path, headers={**bob._csrf(), **PAGE}).status_code == 404
    assert ada.submit(path)["Location"] == "/organisation"
    assert Member.objects.filter(user__email="ada@example.org", participant=seller.participant_id).exists()
    assert not Member.objects.filter(user__email="bob@example.org").exists()


def test_an_address_that_is_not_confirmed_opens_nothing(link: str) -> None:
    ada = of("ada@example.org")
    EmailAddress.objects.filter(email="ada@example.org").update(verified=False)
    assert "Invitations for you" not in text(ada.get("/organisation"))
    assert "It is for another address" in text(ada.get(link))
    assert ada.submit(link).status_code == 200 and Invitation.objects.get().used_at is None


def test_somebody_else_is_told_for_whom_it_is(link: str) -> None:
    bob = of("bob@example.org")
    for page in (bob.get(link), bob.submit(link)):
        assert page.status_code == 200
        assert "Ada@Example.org" in text(page) and "bob@example.org" in text(page)
    assert Invitation.objects.get().used_at is None


def test_each_link_that_opens_nothing_says_why(link: str, seller: Any, operator: Any, now: Any) -> None:
    ada, own = of("ada@example.org"), makers.participant_of(seller)

    def answers(path: str, status: int, words: str) -> None:
        for page in (ada.get(path, **PAGE), ada.submit(path)):
            assert page.status_code == status and words in text(page), path
        assert not Member.objects.filter(user__email="ada@example.org").exists()

    answers("/invitations/nonsense", 404, "opens no invitation")
    answers(f"/invitations/{'x' * 5000}", 404, "opens no invitation")
    newer = f"/invitations/{members.invite(own, email='ada@example.org', role='viewer', by=seller)[1]}"
    answers(link, 410, "There is a newer invitation")
    members.withdraw_invitation(Invitation.objects.get(withdrawn_at=None), by=seller)
    answers(newer, 410, "It was withdrawn")
    earlier = seller.moved_to(now - members.INVITATION_LASTS - timedelta(minutes=1))
    late = f"/invitations/{members.invite(own, email='ada@example.org', role='viewer', by=earlier)[1]}"
    answers(late, 410, "It has expired")
    last = f"/invitations/{members.invite(own, email='ada@example.org', role='viewer', by=seller)[1]}"
    members.close(own, reason="it has left the exchange", by=operator)
    answers(last, 410, "The organisation has left")


def test_who_is_a_member_already_has_nothing_to_accept(link: str, seller: Any, now: Any) -> None:
    makers.member(makers.participant_of(seller), "viewer", now, "grace@example.org")
    _, token = members.invite(
        makers.participant_of(seller), email="grace@example.org", role="manager", by=seller
    )
    browser = Browser()
    browser.sign_in("grace@example.org")
    assert "You act for it already" in text(browser.get(f"/invitations/{token}"))
    browser.submit(f"/invitations/{token}")
    assert Member.objects.get(user__email="grace@example.org").role == "viewer"


def test_a_form_without_its_token_accepts_nothing(link: str) -> None:
    ada = of("ada@example.org")
    assert ada.client.post(link, headers=PAGE).status_code == 403
    assert Invitation.objects.get().used_at is None


def test_the_link_reads_french(link: str) -> None:
    assert "vous invite" in text(Client().get(link, headers={"Accept-Language": "fr"}))
