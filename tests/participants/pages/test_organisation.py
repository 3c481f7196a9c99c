"""One's own organisation: applying, correcting the application, and the people who act for it."""

from typing import Any

import pytest
from django.core import mail
from django.http import HttpResponse
from django.test import Client

from exchange.kernel.models import Event
from exchange.participants import queries
from exchange.participants.members import invitation_mail, members
from exchange.participants.models import Invitation, Member, Participant
from tests import makers
from tests.compliance.pages.conftest import signed_in
from tests.participants.browsers import Browser

pytestmark = pytest.mark.by_the_clock

PAGE = {"Accept": "text/html"}
GIVEN = {
    "name": "Lanterne Mutual SA",
    "country": "BE",
    "registration_number": "0403.170.701",
    "website": "",
    "sector": "L",
}
HOSTILE = '<script>alert("x")</script> عربي 🧾'


@pytest.fixture
def manager(seller: Any) -> Member:
    return Member.objects.get(participant=seller.participant_id, role="manager")


@pytest.fixture
def desk(manager: Member) -> Client:
    """The browser of the seller's manager."""
    return signed_in(manager)


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


@pytest.mark.usefixtures("db")
def test_who_belongs_nowhere_is_led_to_apply_and_then_waits() -> None:
    browser, person = Browser(), makers.user()
    assert browser.sign_in(person.email)["Location"] == "/organisation"
    assert browser.get("/my-data/clients")["Location"] == "/organisation?next=%2Fmy-data%2Fclients"
    page = text(browser.get("/organisation"))
    assert "Two ways in" in page and "/organisation/apply" in page
    assert browser.submit("/organisation/apply", **GIVEN)["Location"] == "/organisation"
    page = text(browser.get("/organisation"))
    assert "waits for the operator" in page and "Lanterne Mutual SA" in page and "Belgium" in page
    assert "L – Financial and insurance activities" in page
    made = Participant.objects.get(name="Lanterne Mutual SA")
    assert Member.objects.get(participant=made).user == person


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"name": "x" * 100_000}, "name"),
        ({"country": "ZZ"}, "country"),
        ({"sector": "ZZ"}, "sector"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"registration_number": "1" * 65}, "registration_number"),
    ],
)
def test_an_application_that_cannot_be_is_shown_again(changed: dict[str, str], field: str) -> None:
    browser = Browser()
    browser.sign_in(makers.user().email)
    answer = browser.submit("/organisation/apply", **{**GIVEN, "name": HOSTILE, **changed})
    assert answer.status_code == 422 and f'id="id_{field}_error"' in text(answer)
    assert "<script>alert" not in text(answer)
    assert not Participant.objects.filter(country="BE").exists() and not Event.objects.exists()


def test_an_application_is_corrected_while_it_waits_and_not_afterwards(operator: Any, now: Any) -> None:
    applied = makers.applicant("Lantern", "FR", now)
    browser = signed_in(Member.objects.get(participant=applied))
    assert 'value="Lantern"' in text(browser.get("/organisation/correct"))
    assert browser.post("/organisation/correct", GIVEN).status_code == 302
    applied.refresh_from_db()
    assert (applied.name, applied.country) == ("Lanterne Mutual SA", "BE")
    event = Event.objects.get(name="participant.corrected")
    assert b"Lanterne" not in bytes(event.leaf) and event.detail.body["name"] == "Lanterne Mutual SA"
    assert applied.sector == "L" and '<option value="L" selected>' in text(browser.get("/organisation/correct"))
    members.verify(applied, country="BE", evidence="extract of the register", by=operator)
    assert browser.get("/organisation/correct")["Location"] == "/organisation"
    assert browser.post("/organisation/correct", {**GIVEN, "name": "Other"}, headers=PAGE).status_code == 409
    applied.refresh_from_db()
    assert applied.name == "Lanterne Mutual SA"
    assert "Verified by the operator" in text(browser.get("/organisation"))
    members.suspend(applied, reason="no answer for a month", by=operator)
    assert "Suspended by the operator" in text(browser.get("/organisation"))


def test_a_manager_invites_and_the_mail_speaks_the_language_that_was_chosen(
    desk: Client, seller: Any, django_capture_on_commit_callbacks: Any
) -> None:
    form = {"email": "ada@example.org", "role": "trader", "language": "fr"}
    assert desk.post("/organisation/members/invite", form)["Location"] == "/organisation/members"
    (sent,) = mail.outbox
    assert sent.to == ["ada@example.org"] and "invitation" in sent.subject
    assert "vous invite" in sent.body and "/invitations/" in sent.body
    ((html, kind),) = sent.alternatives
    assert kind == "text/html" and "vous invite" in str(html) and 'lang="fr"' in str(html)
    page = text(desk.get("/organisation/members"))
    assert "ada@example.org" in page and "is on its way" in page
    assert Event.objects.filter(name="member.invited").count() == 1


def test_a_reader_with_an_account_gets_the_mail_in_their_own_language(seller: Any) -> None:
    from exchange.participants.notices import preferences

    preferences.keep_language(makers.user("ada@example.org"), "fr")
    own = makers.participant_of(seller)
    made, token = members.invite(own, email="Ada@example.org", role="viewer", language="en", by=seller)
    assert "vous invite" in invitation_mail.compose(made, token).body


def test_a_mail_server_that_is_down_loses_no_invitation(desk: Client, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    form = {"email": "ada@example.org", "role": "trader", "language": "en"}
    assert "could not be sent" in text(desk.post("/organisation/members/invite", form, follow=True))
    assert Invitation.objects.get().email == "ada@example.org"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": f"{'x' * 300}@example.org"}, "email"),
        ({"role": "operator"}, "role"),
        ({"role": ""}, "role"),
        ({"language": "de"}, "language"),
    ],
)
def test_an_invitation_that_cannot_be_is_shown_again(desk: Client, changed: dict[str, str], field: str) -> None:
    form = {"email": HOSTILE, "role": "trader", "language": "en", **changed}
    answer = desk.post("/organisation/members/invite", form)
    assert answer.status_code == 422 and f'id="id_{field}_error"' in text(answer)
    assert not Invitation.objects.exists() and mail.outbox == []


def test_an_invitation_is_sent_again_and_withdrawn(desk: Client, seller: Any, outsider: Any) -> None:
    own = makers.participant_of(seller)
    made, _ = members.invite(own, email="ada@example.org", role="viewer", language="fr", by=seller)
    assert desk.post(f"/organisation/invitations/{made.pk}/again").status_code == 302
    made.refresh_from_db()
    newest = queries.invitations_visible_to(seller).get()
    assert made.withdrawn_at and newest.language == "fr" and newest.role == "viewer" and len(mail.outbox) == 1
    stranger = signed_in(Member.objects.get(participant=outsider.participant_id))
    for path in (f"/organisation/invitations/{newest.pk}/{verb}" for verb in ("again", "withdraw")):
        assert stranger.post(path, headers=PAGE).status_code == 404
    assert desk.post(f"/organisation/invitations/{newest.pk}/withdraw").status_code == 302
    assert not queries.invitations_visible_to(seller).exists()
    assert desk.post(f"/organisation/invitations/{newest.pk}/again", headers=PAGE).status_code == 404
    assert Event.objects.filter(name="member.invitation_withdrawn").count() == 2


def test_a_member_gets_another_role_and_is_removed(desk: Client, seller: Any, now: Any) -> None:
    member = makers.member(makers.participant_of(seller), "viewer", now)
    path = f"/organisation/members/{member.pk}"
    assert desk.post(f"{path}/role", {"role": "viewer"}).status_code == 422
    assert desk.post(f"{path}/role", {"role": "operator"}).status_code == 422
    assert desk.post(f"{path}/role", {"role": "manager"}).status_code == 302
    assert desk.get(f"{path}/role", headers=PAGE).status_code == 404
    changed = Member.objects.get(user=member.user, removed_at=None)
    assert changed.role == "manager"
    assert "Remove the member?" in text(desk.get(f"/organisation/members/{changed.pk}/remove"))
    assert desk.post(f"/organisation/members/{changed.pk}/remove").status_code == 302
    changed.refresh_from_db()
    assert changed.removed_at


def test_the_last_manager_stays(desk: Client, manager: Member) -> None:
    answer = desk.post(f"/organisation/members/{manager.pk}/remove", headers=PAGE)
    assert answer.status_code == 409 and "Nothing was done" in text(answer)
    assert desk.post(f"/organisation/members/{manager.pk}/role", {"role": "viewer"}).status_code == 422
    manager.refresh_from_db()
    assert (manager.role, manager.removed_at) == ("manager", None)


@pytest.mark.parametrize("role", ["trader", "viewer"])
def test_who_does_not_manage_sees_the_members_and_changes_nothing(
    seller: Any, manager: Member, now: Any, role: str, unchanged: Any
) -> None:
    members.invite(makers.participant_of(seller), email="ada@example.org", role="viewer", by=seller)
    browser = signed_in(makers.member(makers.participant_of(seller), role, now))
    page = text(browser.get("/organisation/members"))
    assert manager.user.email in page and "ada@example.org" not in page and "Remove" not in page
    with unchanged():
        for path in ("members/invite", f"members/{manager.pk}/remove", f"members/{manager.pk}/role", "correct"):
            assert browser.get(f"/organisation/{path}", headers=PAGE).status_code == 403
            assert browser.post(f"/organisation/{path}", {}, headers=PAGE).status_code == 403


def test_an_outsider_and_an_officer_find_no_members_of_others(
    outsider: Any, officer: Any, manager: Member, now: Any
) -> None:
    house = makers.participant_of(officer)
    boss = Member.objects.filter(participant=house, role="manager").first() or makers.member(
        house, "manager", now
    )
    for browser in (
        signed_in(Member.objects.get(participant=outsider.participant_id)),
        signed_in(boss, second_factor=True),
    ):
        for verb in ("role", "remove"):
            path = f"/organisation/members/{manager.pk}/{verb}"
            assert browser.get(path, headers=PAGE).status_code == 404
            assert browser.post(path, {"role": "viewer"}, headers=PAGE).status_code == 404


def test_a_visitor_is_led_to_sign_in(db: None) -> None:
    for path in ("/organisation/apply", "/organisation/members", "/organisation/members/invite"):
        assert Client().get(path)["Location"].startswith("/accounts/login/?next=%2Forganisation")


def test_a_form_without_its_token_does_nothing(manager: Member) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = signed_in(manager).cookies
    form = {"email": "ada@example.org", "role": "trader", "language": "en"}
    assert browser.post("/organisation/members/invite", form, headers=PAGE).status_code == 403
    assert not Invitation.objects.exists()


def test_more_members_need_no_more_queries(
    desk: Client, seller: Any, now: Any, django_assert_max_num_queries: Any
) -> None:
    own = makers.participant_of(seller)
    desk.get("/organisation/members")
    for number in range(8):
        makers.member(own, "viewer", now)
        members.invite(own, email=f"guest{number}@example.org", role="viewer", by=seller)
    with django_assert_max_num_queries(16):
        desk.get("/organisation/members")


def test_the_pages_read_french(desk: Client, seller: Any, now: Any) -> None:
    member = makers.member(makers.participant_of(seller), "viewer", now)
    expected = {
        "/organisation": "Vérifiée par l’exploitant",
        "/organisation/apply": "Déposer la candidature",
        "/organisation/members": "Inviter quelqu’un",
        "/organisation/members/invite": "Envoyer l’invitation",
        f"/organisation/members/{member.pk}/role": "Changer de rôle",
        f"/organisation/members/{member.pk}/remove": "Retirer le membre",
    }
    for path, words in expected.items():
        assert words in text(desk.get(path, headers={"Accept-Language": "fr"})), path


def test_the_limit_on_invitations_is_said(desk: Client, seller: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(members, "_INVITATIONS_A_DAY", 1)
    form = {"email": "ada@example.org", "role": "trader", "language": "en"}
    assert desk.post("/organisation/members/invite", form).status_code == 302
    answer = desk.post("/organisation/members/invite", {**form, "email": "grace@example.org"})
    assert answer.status_code == 422 and "at most 1 times a day" in text(answer)
    assert Invitation.objects.count() == 1
