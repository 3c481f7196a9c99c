"""Who received it, page by page and as a file: from the log alone, under which right and ground, how that right stands,
and what was told since."""

import csv
import io
import json
from typing import Any

import pytest

from compliance import notices
from compliance.notices import opening
from compliance.recipients import received, recipients
from contracts.entitlements import entitlements
from exchange.kernel.errors import Forbidden, Invalid
from exchange.kernel.ids import new_id
from exchange.kernel.models import Event
from exchange.participants.members import members
from tests import makers, sales

pytestmark = pytest.mark.django_db
API = "/api/v1/compliance/recipients"


@pytest.fixture
def told(public_log: Any, story: Any, seller: Any) -> tuple[Any, list[Any]]:
    """A dataset that five organisations took, each another part of it, one of them under two grounds."""
    dataset, revisions, buyers = new_id(), [new_id(), new_id()], sorted(new_id() for _ in range(5))
    for number, buyer in enumerate(buyers):
        for revision in revisions[: 1 + number % 2]:
            for purpose in ["research", "statistics"][: 2 if number == 4 else 1]:
                one = story(seller.participant_id, buyer, changed={"purpose": purpose})
                one.row.dataset_id, one.row.revision_id = dataset, revision
                one.tell("started", minutes=number)
                one.tell("interrupted", 100 * (number + 1), minutes=number + 1)
    nothing = story(seller.participant_id, new_id())
    nothing.row.dataset_id, nothing.row.revision_id = dataset, revisions[0]
    nothing.tell("started")
    nothing.tell("aborted")
    public_log.publish()
    return dataset, [revisions, buyers]


def test_pages_and_files_tell_the_same_as_the_whole_answer(
    told: Any, officer: Any, seller: Any, door: Any
) -> None:
    dataset, [revisions, buyers] = told
    for revision in (None, *revisions):
        whole = {one.buyer_id: one for one in recipients.of(dataset, revision, visible_to=officer)}
        found, cursor = [], None
        while True:
            page = received.page(dataset, revision, cursor=cursor, limit=2, visible_to=officer)
            found += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        assert [one.buyer_id for one in found] == sorted(whole, reverse=True)
        assert found == list(received.each(dataset, revision, visible_to=officer))
        for one in found:
            same = whole[one.buyer_id]
            assert (one.transfers, one.first_at, one.last_at) == (same.transfers, same.first_at, same.last_at)
            assert one.sent_bytes == sum(file.sent_bytes for file in same.files)
            assert sum(right.transfers for right in one.rights) == one.transfers
    assert len(found[0].rights) == 1 and len(received.page(dataset, visible_to=officer).items[0].rights) == 2

    listed = door(officer).get(API, dataset=str(dataset), revision=str(revisions[1]), limit="1").json()
    assert listed["items"][0]["id"] == str(buyers[3]) and listed["next_cursor"]
    assert listed["items"][0]["rights"][0]["legal_basis"] == "consent" and not listed["items"][0]["is_whole"]
    answer = door(officer).get(f"{API}/export", dataset=str(dataset), format="csv")
    lines = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    answer = door(officer).get(f"{API}/export", dataset=str(dataset), format="jsonl")
    meta, *objects, end = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]
    assert len(lines) == len(objects) == end["end"]["rows"] == 8  # rights, not recipients
    assert {one["buyer_id"] for one in lines} == {one["buyer_id"] for one in objects} == set(map(str, buyers))
    assert meta["meta"]["format"] == "comptoir.recipients/1" and meta["meta"]["checkpoint"]["leaves"] > 0
    assert Event.objects.filter(name="officer.exported").count() == 2

    with pytest.raises(Forbidden):
        received.page(dataset, visible_to=seller)
    with pytest.raises(Forbidden):
        next(iter(received.each(dataset, None, visible_to=seller)))
    for wrong in ({"limit": 0}, {"cursor": "not-a-cursor"}):
        with pytest.raises(Invalid):
            received.page(dataset, visible_to=officer, **wrong)
    assert door(seller).get(API, dataset=str(dataset)).status_code == 403


def test_an_ended_right_a_closed_account_and_a_notice_are_told(
    seller: Any, buyer: Any, officer: Any, operator: Any, public_log: Any, now: Any, react: Any
) -> None:
    right = sales.entitled(seller, buyer, terms=[*sales.TERMS, {"kind": "deletion", "days": 30}])
    sales.start(sales.link(right, buyer), now)
    public_log.seal()
    [one] = received.page(right.dataset_id, visible_to=officer).items
    assert one.is_running and one.rights[0].standing == "active" and one.rights[0].leaf is None
    entitlements.revoke(right, reason="The contract was broken.", by=seller)
    notices.open_notice(
        occasion=f"request:{new_id()}",
        kind="erasure",
        dataset_id=right.dataset_id,
        revision_ids=[right.revision_id],
        message="Delete the rows of the person.",
        by=officer,
    )
    react(now)
    public_log.seal()
    members.close(makers.participant_of(buyer), reason="The company is being wound up.", by=operator)
    public_log.seal()
    while opening.fill(now=now):
        pass
    [one] = received.page(right.dataset_id, right.revision_id, visible_to=officer).items
    [under] = one.rights
    assert (under.standing, under.agreement_id) == ("revoked", right.agreement_id)
    assert under.leaf is not None and under.stands_since == now and under.delete_by is not None
    assert [(told.kind, told.state) for told in one.told] == [("erasure", "queued")]
