"""A session that ends in mid-form: what was typed waits, encrypted, for whoever typed it, and for nobody else."""

from typing import Any

import pytest
from django import forms
from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template import RequestContext, Template
from django.test import Client
from django.urls import include, path

from exchange.look.forms import Form
from exchange.participants.actors.page_auth import PageRequest, member_page
from exchange.participants.models import Invitation, Member, Participant
from tests import makers
from tests.compliance.pages.conftest import signed_in
from tests.participants.browsers import Browser

pytestmark = [pytest.mark.one_database, pytest.mark.by_the_clock]

PAGE = {"Accept": "text/html"}
ORIGIN = "http://testserver"
TYPED = "Compare the morning peak <script>alert(1)</script> عربي 🧾"
AGAIN = "You were signed out and nothing was sent"


class Everything(Form):
    """One field of each kind that a browser sends in a way of its own."""

    shown = forms.CharField(widget=forms.HiddenInput)
    words = forms.CharField(widget=forms.Textarea)
    colours = forms.MultipleChoiceField(choices=[("r", "red"), ("g", "green"), ("b", "blue")])
    size = forms.ChoiceField(choices=[("s", "small"), ("l", "large")], widget=forms.RadioSelect)
    is_new = forms.BooleanField(required=False)
    pin = forms.CharField(widget=forms.PasswordInput(render_value=True))


class Other(Form):
    """A form of the same page that nobody has filled in."""

    reason = forms.CharField(required=False)
    is_sure = forms.BooleanField(required=False)


@member_page()
def page(request: PageRequest) -> HttpResponse:
    form = Everything(request.POST or None, initial={"shown": "now", "is_new": True, "colours": ["r"]})
    other = Other(initial={"reason": "as before", "is_sure": True})
    shown = Template("{% for m in messages %}{{ m }}{% endfor %}{{ form }}{{ other }}")
    return HttpResponse(shown.render(RequestContext(request, {"form": form, "other": other})))


@member_page()
def gone(request: PageRequest) -> HttpResponse:
    return redirect("/organisation")


urlpatterns = [path("page", page), path("gone", gone), path("", include("infra.urls"))]


@pytest.fixture
def manager(seller: Any, settings: Any) -> Member:
    cache.clear()
    settings.ROOT_URLCONF = __name__
    return Member.objects.get(participant=seller.participant_id, role="manager")


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


def ended(member: Member, opened: str) -> Browser:
    """The browser of somebody who has opened a page, and whose session then ended."""
    browser = Browser()
    browser.sign_in(member.user.email)
    assert browser.get(opened, **PAGE).status_code in (200, 302)
    browser.client.session.flush()
    return browser


def send(browser: Browser, sent_to: str, form: dict[str, Any], opened: str = "") -> HttpResponse:
    """POST a form as it stands on the page `opened`."""
    headers = {**browser._csrf(), **PAGE, **({"Referer": f"{ORIGIN}{opened}"} if opened else {})}
    return browser.client.post(sent_to, form, headers=headers)


def sign_in(browser: Browser, email: str, led_to: str) -> None:
    answer = browser.submit("/accounts/login/", login=email, password=makers.PASSWORD, next=led_to)
    assert answer["Location"] == led_to


def test_what_was_typed_is_in_its_form_again_and_nothing_was_sent(manager: Member) -> None:
    opened = "/organisation/members/invite"
    browser = ended(manager, opened)
    form = {"email": "ada@example.org", "role": "viewer", "language": "fr"}
    answer = send(browser, opened, form, opened)
    assert answer["Location"] == "/accounts/login/?next=%2Forganisation%2Fmembers%2Finvite"
    assert "Nothing was sent" in text(browser.get(answer["Location"]))
    assert not Invitation.objects.exists()
    assert "ada@" not in str(browser.client.session.items()) and browser.client.session["typed"]
    sign_in(browser, manager.user.email, opened)
    shown = text(browser.get(opened))
    assert AGAIN in shown and 'value="ada@example.org"' in shown
    assert "checked" in shown.split('value="viewer"')[1].split(">")[0]
    assert '<option value="fr" selected>' in shown
    assert not Invitation.objects.exists() and "typed" not in browser.client.session
    assert "ada@" not in text(browser.get(opened))
    assert send(browser, opened, form, opened)["Location"] == "/organisation/members"


def test_every_kind_of_field_comes_back_but_no_secret_and_nothing_hidden(manager: Member) -> None:
    browser = ended(manager, "/page")
    form = {"shown": "then", "words": TYPED, "colours": ["g", "b"], "size": "l", "pin": "hunter2-pin"}
    send(browser, "/page", {**form, "password": "hunter2", "client_secret": "hunter2"})
    sign_in(browser, manager.user.email, "/page")
    shown = text(browser.get("/page"))
    assert AGAIN in shown and "Compare the morning peak &lt;script&gt;" in shown and "عربي 🧾" in shown
    assert "<script>alert" not in shown and "hunter2" not in shown
    assert 'value="now"' in shown and 'value="then"' not in shown
    assert '<option value="r">' in shown and '<option value="g" selected>' in shown
    assert shown.count("checked") == 2  # size, and is_sure of the other form: is_new was sent unticked
    assert 'value="as before"' in shown


def test_somebody_else_who_signs_in_sees_nothing_of_it(manager: Member, now: Any) -> None:
    other = makers.member(manager.participant, "manager", now)
    opened = "/organisation/members/invite"
    browser = ended(manager, opened)
    send(browser, opened, {"email": "ada@example.org", "role": "viewer", "language": "en"}, opened)
    sign_in(browser, other.user.email, opened)
    shown = text(browser.get(opened))
    assert "ada@" not in shown and AGAIN not in shown
    assert "typed" not in browser.client.session
    browser.submit("/accounts/logout/")
    sign_in(browser, manager.user.email, opened)
    assert "ada@" not in text(browser.get(opened))


def test_who_was_never_signed_in_here_keeps_nothing(manager: Member) -> None:
    browser = Browser()
    browser.get("/accounts/login/")
    for cookie in ("", "0" * 63, f"{'0' * 63}<"):
        browser.client.cookies["was"] = cookie
        send(browser, "/page", {"words": TYPED})
        assert "typed" not in browser.client.session


def test_what_is_too_long_is_not_kept_and_it_says_so(manager: Member) -> None:
    browser = ended(manager, "/page")
    answer = send(browser, "/page", {"words": "x" * 100_001})
    assert "fill in the form again" in text(browser.get(answer["Location"]))
    assert "typed" not in browser.client.session
    send(browser, "/page", {"words": "x" * 90_000})
    assert "typed" in browser.client.session


def test_it_is_forgotten_after_two_hours(manager: Member, monkeypatch: Any) -> None:
    browser = ended(manager, "/page")
    send(browser, "/page", {"words": TYPED})
    monkeypatch.setattr("exchange.participants.actors.kept_forms.LASTS_SECONDS", -1)
    sign_in(browser, manager.user.email, "/page")
    assert "morning peak" not in text(browser.get("/page"))


def test_a_form_that_is_sent_elsewhere_comes_back_on_its_own_page(manager: Member) -> None:
    browser = ended(manager, "/page?kind=a")
    answer = send(browser, "/organisation", {"words": TYPED}, "/page?kind=a")
    assert answer["Location"].startswith("/accounts/login/")
    browser = ended(manager, "/page?kind=a")
    answer = send(browser, "/gone", {"words": TYPED}, "/page?kind=a")
    assert answer["Location"] == "/accounts/login/?next=%2Fpage%3Fkind%3Da"
    sign_in(browser, manager.user.email, "/page?kind=a")
    assert "morning peak" in text(browser.get("/page?kind=a"))


def test_no_other_site_names_the_page(manager: Member) -> None:
    browser = ended(manager, "/page")
    headers = {**browser._csrf(), **PAGE, "Referer": "http://evil.example/page"}
    answer = browser.client.post("/gone", {"words": TYPED}, headers=headers)
    assert answer["Location"] == "/accounts/login/?next=%2Fgone"


def test_where_the_form_is_gone_what_was_typed_is_shown_to_copy(
    manager: Member, operator: Any, now: Any
) -> None:
    browser = ended(manager, "/gone")
    send(browser, "/gone", {"words": TYPED})
    sign_in(browser, manager.user.email, "/gone")
    shown = text(browser.get("/gone"))
    assert "What you typed" in shown and "morning peak &lt;script&gt;" in shown and "<script>alert" not in shown
    assert browser.get("/gone")["Location"] == "/organisation"
    opened = f"/organisation/members/{manager.pk}/role"
    gone = makers.member(manager.participant, "viewer", now)
    opened = f"/organisation/members/{gone.pk}/role"
    browser = ended(manager, opened)
    send(browser, opened, {"role": "trader"}, opened)
    Member.objects.filter(pk=gone.pk).update(removed_at=now)
    sign_in(browser, manager.user.email, opened)
    assert "There is nothing here" not in text(browser.get(opened)) and Participant.objects.exists()


def test_an_ended_session_behind_htmx_keeps_it_too(manager: Member) -> None:
    browser = ended(manager, "/page")
    headers = {**browser._csrf(), "HX-Request": "true", "Referer": f"{ORIGIN}/page"}
    answer = browser.client.post("/page", {"words": TYPED}, headers=headers)
    assert answer["HX-Redirect"] == "/accounts/login/?next=%2Fpage"
    sign_in(browser, manager.user.email, "/page")
    assert "morning peak" in text(browser.get("/page"))


def test_the_mark_of_who_was_here_names_nobody(manager: Member) -> None:
    browser = signed_in(manager)
    answer = browser.get("/page")
    cookie = answer.cookies["was"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and str(manager.user.pk) != cookie.value
    assert "was" not in browser.get("/page").cookies
    assert "was" not in Client().get("/organisation/apply").cookies
