"""An officer's own work: what waits, first what is due; views that colleagues share; the desk by e-mail, without what
needs a second factor; and what officers did, for each other to see."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from compliance.models import DeskView, Digest, NoticeRow, RecipientNotice, Review
from compliance.work import acts, agenda, digests, views
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.ids import new_id
from exchange.participants.actors.actors import actor_of_member
from tests import makers
from tests.compliance.pages.conftest import desk, person, signed_in  # noqa: F401 (fixtures)

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(person: Any, now: Any) -> Actor:  # noqa: F811
    """An officer who is signed in with a second factor."""
    EmailAddress.objects.filter(user=person.user).delete()
    EmailAddress.objects.create(user=person.user, email=person.user.email, primary=True, verified=True)
    return actor_of_member(person, now, has_second_factor=True)


def held(at: Any) -> Review:
    return Review.objects.create(
        subject=f"dataset:{new_id()}", version="1", seller_id=new_id(), contradictions=[], opened_at=at
    )


def test_a_view_is_kept_shared_and_forgotten(anna: Actor, desk: Any, officer: Actor, seller: Actor) -> None:  # noqa: F811
    kept = views.keep(title="Brazil", query="country=BR&cursor=x&unknown=1&result=", by=anna)
    assert kept.query == "country=BR"
    assert list(views.views_visible_to(officer)) == [kept]  # a colleague
    with pytest.raises(Forbidden):
        views.views_visible_to(seller)
    for title, query, code in (
        ("Brazil", "country=DE", "view_name_taken"),
        ("Nothing", "cursor=x", "empty_view"),
    ):
        with pytest.raises((Conflict, Invalid)) as refusal:
            views.keep(title=title, query=query, by=anna)
        assert refusal.value.code == code
    shown = desk.get("/compliance/transfers?country=BR").content.decode()
    assert ">Brazil</a>" in shown and "Keep this view" in shown
    asked = desk.get("/compliance/views/new?country=BR&result=refused").content.decode()
    assert "Brazil" in asked and "Refused" in asked
    made = desk.post("/compliance/views/new", {"title": "Refused there", "query": "country=BR&result=refused"})
    assert (made.status_code, made["Location"]) == (302, "/compliance/transfers?country=BR&result=refused")
    again = desk.post("/compliance/views/new", {"title": "Brazil", "query": "country=DE"})
    assert again.status_code == 422 and "There is a view by this name" in again.content.decode()
    desk.post(f"/compliance/views/{kept.pk}/forget")
    assert [one.title for one in DeskView.objects.all()] == ["Refused there"]
    with pytest.raises(NotFound):
        views.forget(kept.pk, by=anna)


def test_fifty_views_are_the_most(anna: Actor) -> None:
    rows = [
        DeskView(
            participant_id=anna.participant_id,
            place=n,
            title=f"View {n}",
            query="country=DE",
            created_at=anna.at,
        )
        for n in range(1, DeskView.MOST + 1)
    ]
    DeskView.objects.bulk_create(rows)
    with pytest.raises(Conflict) as refusal:
        views.keep(title="One more", query="country=DE", by=anna)
    assert refusal.value.code == "too_many_views" and DeskView.objects.count() == DeskView.MOST


def test_the_agenda_leads_to_what_waits(anna: Actor, desk: Any, seller: Actor) -> None:  # noqa: F811
    assert agenda.of(anna) == []
    assert "Nothing waits for you" in desk.get("/compliance").content.decode()
    held(anna.at)
    held(anna.at)
    [item] = agenda.of(anna)
    assert (item.count, item.due_at, item.url) == (2, None, "/compliance/reviews")
    shown = desk.get("/compliance").content.decode()
    assert "2 things wait for you." in shown and 'href="/compliance/reviews"' in shown
    with pytest.raises(Forbidden):
        agenda.of(seller)


def test_a_recipient_that_was_suspended_waits_on_the_agenda(anna: Actor, now: Any) -> None:
    notice = RecipientNotice.objects.create(
        occasion=f"revision:{new_id()}", kind="revocation", dataset_id=new_id(), covers_all=True, opened_at=now
    )
    for escalated_at, closed_at in ((now, None), (now, now), (None, None)):
        NoticeRow.objects.create(
            notice=notice,
            buyer_id=new_id(),
            is_whole=True,
            received_at=now,
            state="done" if closed_at else "delivered",
            escalated_at=escalated_at,
            closed_at=closed_at,
        )
    [item] = agenda.of(anna)
    assert (item.count, item.url) == (1, f"/compliance/notices/{notice.pk}")
    assert str(item.what) == "A recipient does not answer: its rights are suspended"


def test_a_look_at_a_page_is_said_in_words(anna: Actor, desk: Any, officer: Actor) -> None:  # noqa: F811
    desk.get("/compliance/retention/holds/new")
    desk.get("/compliance/reviews")
    found = acts.shown(acts.acts_visible_to(officer, cursor=None).items, by=officer)
    assert {str(one.what) for one in found} == {"what is kept, and legal holds", "the publish gate"}
    shown = desk.get("/compliance/officers").content.decode()
    assert "Looked at the publish gate" in shown and "&lt;uuid" not in shown


def test_never_is_a_choice_of_how_often_the_desk_writes(anna: Actor, desk: Any) -> None:  # noqa: F811
    desk.post("/compliance/digest", {"pace": "daily"})
    desk.post("/compliance/digest", {"pace": "never"})
    assert digests.pace_of(anna) == "" and not Digest.objects.exists()
    assert desk.post("/compliance/digest", {}).status_code == 422


def test_the_desk_comes_by_mail_when_it_was_asked_for_and_to_officers_alone(
    anna: Actor,
    person: Any,  # noqa: F811
    desk: Any,  # noqa: F811
    seller: Actor,
    now: Any,
) -> None:
    mail.outbox.clear()
    assert digests.send_due(now=now + timedelta(days=8)) == 0  # nobody asked
    with pytest.raises(Forbidden):
        digests.choose("daily", by=seller)
    assert desk.post("/compliance/digest", {"pace": "daily"}).status_code == 302
    assert (
        digests.pace_of(anna) == "daily" and 'value="daily"' in desk.get("/compliance/digest").content.decode()
    )
    review = held(now)
    row = Digest.objects.get()
    assert digests.send_due(now=row.next_at - timedelta(seconds=1)) == 0
    assert digests.send_due(now=row.next_at) == 1 and digests.send_due(now=row.next_at) == 0
    [letter] = mail.outbox
    assert letter.to == [person.user.email] and "1 to do at the compliance desk" in letter.subject
    assert "Datasets wait at the publish gate" in letter.body and "/compliance/reviews" in letter.body
    assert str(review.seller_id) not in letter.body and review.subject not in letter.body
    after = Digest.objects.get()
    assert after.next_at == row.next_at + timedelta(days=1) and after.sent_at == row.next_at
    digests.choose("weekly", by=anna)
    assert Digest.objects.get().next_at.weekday() == 0
    person.user.is_active = False
    person.user.save(update_fields=["is_active"])
    assert digests.send_due(now=now + timedelta(days=15)) == 0 and not Digest.objects.exists()


def test_a_server_that_does_not_answer_is_asked_again(
    anna: Actor, settings: Any, now: Any, caplog: pytest.LogCaptureFixture
) -> None:
    digests.choose("daily", by=anna)
    at = Digest.objects.get().next_at
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert digests.send_due(now=at) == 0
    row = Digest.objects.get()
    assert row.sent_at is None and row.next_at == at + timedelta(minutes=15)
    assert "@" not in caplog.text
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert digests.send_due(now=row.next_at) == 1


def test_officers_see_what_officers_did_and_nobody_else_does(
    anna: Actor,
    person: Any,  # noqa: F811
    desk: Any,  # noqa: F811
    officer: Actor,
    seller: Actor,
) -> None:
    desk.get("/compliance/transfers?country=BR")
    page = acts.acts_visible_to(officer, cursor=None)
    [act] = acts.shown(page.items, by=officer)
    assert (act.who, act.is_own, str(act.did), str(act.what)) == (
        person.user.email,
        False,
        "Looked at",
        "the list of transfers",
    )
    shown = desk.get("/compliance/officers").content.decode()
    assert person.user.email in shown and "the list of transfers" in shown
    with pytest.raises(Forbidden):
        acts.acts_visible_to(seller, cursor=None)
    trader = makers.member(makers.participant_of(seller), "manager", seller.at)
    assert signed_in(trader, second_factor=True).get("/compliance/officers").status_code == 403
