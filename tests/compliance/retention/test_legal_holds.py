"""Legal holds: what they cover, who places and releases them, and what two officers at once may do."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from compliance.models import LegalHold
from compliance.retention import legal_holds
from compliance.retention.legal_holds import Asked
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.ids import new_id
from exchange.kernel.models import Event
from tests import makers

REASON = "The court asked for it in writing."
OVER = "The court has closed its case."


def asked(scope: str, target: object = "", **more: Any) -> Asked:
    known: dict[str, Any] = {
        "since": None,
        "until": None,
        "authority": "Tribunal judiciaire de Paris",
        "reference": "24/01234",
        "reason": REASON,
        "review_on": date(2027, 5, 1),
    }
    return Asked(scope=scope, target=str(target), **{**known, **more})


@pytest.fixture
def second(officer: Actor) -> Actor:
    """Another officer of the operator."""
    return makers.officer(officer.at)


def covered(officer: Actor, **by: Any) -> list[UUID]:
    return [hold.pk for hold in legal_holds.covering(**by, at=officer.at)]


@pytest.mark.django_db
def test_a_hold_covers_what_it_names_and_nothing_else(officer: Actor, seller: Actor, buyer: Actor) -> None:
    assert seller.participant_id and buyer.participant_id
    hold = legal_holds.place(asked("participant", seller.participant_id), by=officer)
    assert covered(officer, participant_id=seller.participant_id) == [hold.pk]
    assert covered(officer, participant_id=buyer.participant_id) == []
    assert covered(officer, dataset_id=seller.participant_id) == []
    assert [
        h.pk
        for h in legal_holds.covering(
            participant_id=seller.participant_id, at=officer.at - timedelta(seconds=1)
        )
    ] == []
    person = legal_holds.place(asked("person", buyer.name), by=officer)
    assert covered(officer, person=buyer.name, made=(officer.at, officer.at)) == [person.pk]
    [event] = Event.objects.filter(name="legalhold.placed", subject=f"legalhold:{hold.pk}")
    leaf = bytes(event.leaf)
    assert b"Tribunal" not in leaf and REASON.encode() not in leaf and b"24/01234" not in leaf
    assert event.detail.body["authority"] == "Tribunal judiciaire de Paris"


@pytest.mark.django_db
def test_a_period_covers_what_was_made_in_it(officer: Actor) -> None:
    since, until = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    hold = legal_holds.place(asked("period", since=since, until=until), by=officer)
    day = timedelta(days=1)
    for first, last, is_held in (
        (since - 9 * day, since - day, False),
        (since - day, since, True),
        (since + day, until + day, True),
        (until + day, until + 2 * day, False),
    ):
        assert covered(officer, made=(first, last)) == ([hold.pk] if is_held else [])
    assert covered(officer, dataset_id=new_id()) == [hold.pk], "when it was made is not said, so it may be held"


@pytest.mark.django_db
def test_what_several_holds_cover_goes_when_all_are_released(officer: Actor, seller: Actor) -> None:
    target = seller.participant_id
    holds = [legal_holds.place(asked("participant", target), by=officer) for _ in range(2)]
    for hold in holds:
        with pytest.raises(Conflict) as refusal, transaction.atomic():
            legal_holds.require_free(participant_id=target, at=officer.at)
        assert refusal.value.code == "legally_held" and str(hold.pk) in refusal.value.detail
        legal_holds.release(hold, OVER, by=officer)
    with transaction.atomic():
        legal_holds.require_free(participant_id=target, at=officer.at)
    with pytest.raises(Conflict, match="it is released"):
        legal_holds.release(holds[0], OVER, by=officer)
    assert Event.objects.filter(name="legalhold.released").count() == 2


@pytest.mark.django_db
def test_two_officers_release_where_the_setting_asks_for_it(
    officer: Actor, second: Actor, seller: Actor, settings: Any
) -> None:
    settings.EXCHANGE_LEGAL_HOLD_FOUR_EYES = True
    hold = legal_holds.place(asked("participant", seller.participant_id), by=officer)
    assert legal_holds.release(hold, OVER, by=officer).state == "releasing"
    with pytest.raises(Conflict) as refusal:
        legal_holds.release(hold, OVER, by=officer)
    assert refusal.value.code == "four_eyes_needed"
    assert covered(officer, participant_id=seller.participant_id) == [hold.pk], "it stands until both agree"
    assert legal_holds.refuse_release(hold, OVER, by=second).state == "placed"
    legal_holds.release(hold, OVER, by=second)
    with pytest.raises(Conflict):
        legal_holds.release(hold, OVER, by=second)
    assert legal_holds.release(hold, OVER, by=officer).state == "released"
    assert covered(officer, participant_id=seller.participant_id) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "code"),
    [
        (asked("dataset", "x"), "hold_target_unknown"),
        (asked("dataset", UUID(int=7)), "hold_target_unknown"),
        (asked("person", "pn_nobody"), "hold_target_unknown"),
        (asked("log_year", "1999"), "hold_target_unknown"),
        (asked("everything", "1"), "invalid"),
        (asked("period"), "period_wrong"),
        (
            asked("period", since=datetime(2026, 2, 1, tzinfo=UTC), until=datetime(2026, 1, 1, tzinfo=UTC)),
            "period_wrong",
        ),
        (asked("person", "pn_nobody", review_on=date(2026, 1, 1)), "review_past"),
        (asked("person", "pn_nobody", reason="short"), "invalid"),
        (asked("person", "pn_nobody", authority=""), "invalid"),
    ],
)
def test_a_hold_that_would_keep_nothing_is_refused(officer: Actor, given: Asked, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        legal_holds.place(given, by=officer)
    assert refusal.value.code == code
    assert not LegalHold.objects.exists() and not Event.objects.filter(name="legalhold.placed").exists()


@pytest.mark.django_db
def test_a_hold_is_looked_at_again(officer: Actor, seller: Actor) -> None:
    hold = legal_holds.place(asked("participant", seller.participant_id), by=officer)
    later = date(2028, 1, 1)
    assert legal_holds.review(hold, later, REASON, by=officer).review_on == later
    with pytest.raises(Invalid):
        legal_holds.review(hold, officer.at.date(), REASON, by=officer)
    legal_holds.release(hold, OVER, by=officer)
    with pytest.raises(Conflict):
        legal_holds.review(hold, date(2029, 1, 1), REASON, by=officer)
    hold.refresh_from_db()
    assert hold.review_on == later


@pytest.mark.django_db
def test_holds_are_for_officers_alone(officer: Actor, operator: Actor, seller: Actor) -> None:
    hold = legal_holds.place(asked("participant", seller.participant_id), by=officer)
    for actor in (operator, seller):
        for act in (
            lambda by: legal_holds.place(asked("participant", seller.participant_id), by=by),
            lambda by: legal_holds.release(hold, OVER, by=by),
            lambda by: legal_holds.review(hold, date(2028, 1, 1), REASON, by=by),
            lambda by: legal_holds.hold_visible_to(by, hold.pk),
        ):
            with pytest.raises(Forbidden):
                act(actor)
    assert LegalHold.objects.get().state == "placed"


@pytest.mark.django_db
def test_what_a_hold_says_never_changes(officer: Actor, seller: Actor) -> None:
    legal_holds.place(asked("participant", seller.participant_id), by=officer)
    for statement in (
        "UPDATE compliance_legalhold SET target = 'x'",
        "UPDATE compliance_legalhold SET authority = 'x'",
        "DELETE FROM compliance_legalhold",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
