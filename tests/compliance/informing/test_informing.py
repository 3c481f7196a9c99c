"""The duty to inform persons (Art. 14): begun by the first transfer of personal data, due by the law of that day,
answered by the buyer once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from compliance import legal
from compliance.informing import derived, informing, queries
from compliance.models import InformingDuty
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.models import Event
from tests import makers
from tests.compliance.conftest import PublicLog, Story

pytestmark = pytest.mark.django_db

SAID = "on our site, https://buyer.example/notice, version 2"


@pytest.fixture
def received(public_log: PublicLog, story: Callable[..., Story], seller: Any, buyer: Any) -> Story:
    """A transfer of personal data, sealed."""
    told = story(seller.participant_id, buyer.participant_id).whole()
    public_log.seal()
    return told


def test_a_first_transfer_of_personal_data_begins_one_duty_by_the_law_of_that_day(
    received: Story, public_log: PublicLog, story: Callable[..., Story], seller: Any, buyer: Any
) -> None:
    duty = InformingDuty.objects.get()
    assert (duty.pk, duty.buyer_id, duty.seller_id) == (
        received.row.pk,
        buyer.participant_id,
        seller.participant_id,
    )
    assert (duty.began_at, duty.answered_at) == (received.at, None)
    # Received in Germany on Sunday 22 November 2026: one month later, on a Tuesday, to its last moment.
    assert duty.due_at.replace(microsecond=0) == datetime(2026, 12, 22, 22, 59, 59, tzinfo=UTC)
    profile = legal.current()
    assert (duty.profile_version, duty.profile_sha256) == (profile.version, profile.sha256)
    assert legal.kept(profile.sha256) == profile
    assert Event.objects.get(leaf_index=duty.leaf).name == "transfer.started"
    again = story(seller.participant_id, buyer.participant_id, at=received.at + timedelta(days=3))
    again.row.dataset_id = received.row.dataset_id
    again.whole()
    story(seller.participant_id, buyer.participant_id, changed={"class": "none"}).whole()
    public_log.seal()
    assert InformingDuty.objects.count() == 1
    derived.write([(3, b"{}"), (4, b"not JSON")])  # never stops the sequencer
    assert InformingDuty.objects.count() == 1


def test_a_buyer_acknowledges_and_answers_once_and_the_log_has_no_word_of_it(
    received: Story, buyer: Any, seller: Any, officer: Any, outsider: Any
) -> None:
    duty = queries.duty_visible_to(buyer, received.row.pk)
    assert queries.own_open(buyer) == 1 and queries.duties_visible_to(officer, is_open=True).count() == 1
    for stranger in (outsider, seller):
        with pytest.raises(NotFound):
            queries.duty_visible_to(stranger, duty.pk)
    for actor in (officer, seller):
        with pytest.raises(Forbidden):
            informing.answer(duty, how="told", said=SAID, by=actor)
    refusals: list[tuple[dict[str, str], str]] = [
        ({"how": "perhaps"}, "invalid"),
        ({"how": "told", "said": "short"}, "invalid"),
        ({"how": "told", "exemption": "14.5.b"}, "unknown_exemption"),
        ({"how": "exempt"}, "unknown_exemption"),
        ({"how": "exempt", "exemption": "14.5.e"}, "unknown_exemption"),
    ]
    for given, code in refusals:
        with pytest.raises(Invalid) as refusal:
            informing.answer(duty, **{"said": SAID, **given}, by=buyer)
        assert refusal.value.code == code
    assert not Event.objects.filter(name__startswith="informingduty").exists()
    for _ in range(2):
        assert informing.acknowledge(duty, by=buyer).acknowledged_at == buyer.at
    answered = informing.answer(duty, how="exempt", exemption="14.5.b", said=SAID, by=buyer)
    assert (answered.answered_at, answered.how, answered.exemption) == (buyer.at, "exempt", "14.5.b")
    with pytest.raises(Conflict) as twice:
        informing.answer(duty, how="told", said=SAID, by=buyer)
    assert twice.value.code == "already_informed"
    found = Event.objects.filter(name__startswith="informingduty").order_by("id")
    assert [one.name for one in found] == ["informingduty.acknowledged", "informingduty.answered"]
    assert all(b"buyer.example" not in bytes(one.leaf) for one in found)
    assert queries.own_open(buyer) == 0
    for change in ({"due_at": buyer.at}, {"buyer_id": UUID(int=0)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            InformingDuty.objects.update(**change)


def test_a_buyers_tool_and_an_officers_read_the_same_rows(received: Story, buyer: Any, officer: Any) -> None:
    own: Any = makers.Door(buyer)
    desk: Any = makers.Door(officer)
    [row] = own.get("/api/v1/compliance/informing", open="true").json()["items"]
    assert row == desk.get("/api/v1/compliance/informing").json()["items"][0]
    said = own.post(f"/api/v1/compliance/informing/{row['id']}/answer", {"how": "told", "said": SAID})
    assert (said.status_code, said.json()["how"], said.json()["acknowledged_at"] is None) == (
        200,
        "told",
        False,
    )
    assert own.get(f"/api/v1/compliance/informing/{new_id()}").status_code == 404
    assert own.get("/api/v1/compliance/informing", open="true").json()["items"] == []


@pytest.mark.one_database
def test_where_the_law_cannot_be_read_the_next_transfer_begins_the_duty(
    public_log: PublicLog, story: Callable[..., Story], seller: Any, buyer: Any, settings: Any
) -> None:
    settings.EXCHANGE_LEGAL_PROFILE = "/nowhere/profile.json"
    first = story(seller.participant_id, buyer.participant_id).whole()
    public_log.seal()
    assert not InformingDuty.objects.exists()
    settings.EXCHANGE_LEGAL_PROFILE = ""
    second = story(seller.participant_id, buyer.participant_id, at=first.at + timedelta(hours=1))
    second.row.dataset_id = first.row.dataset_id
    second.whole()
    public_log.seal()
    assert InformingDuty.objects.get().pk == second.row.pk
