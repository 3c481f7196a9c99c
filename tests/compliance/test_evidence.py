"""Evidence that a party takes away: a bundle that a stranger can check, the same bytes each time, and nothing of what
the party may not see."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from compliance.bundles import bundle, evidence
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(story: Any, seller: Actor, buyer: Actor) -> Any:
    return story(seller.participant_id, buyer.participant_id).whole()


def test_a_bundle_is_proven_by_the_verifier_and_made_the_same_again(
    told: Any, public_log: Any, verify: Any, seller: Actor, buyer: Actor, now: Any, tmp_path: Path
) -> None:
    public_log.publish(now)
    data = evidence.bundle_about(told.subject, visible_to=seller)
    assert evidence.bundle_about(told.subject, visible_to=buyer) == data
    file = tmp_path / "evidence.zip"
    file.write_bytes(data)
    done = verify("bundle", file, "--vkey", public_log.vkey())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "holds each of the 2 events" in done.stdout
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        lines = archive.read("index.csv").decode().splitlines()
        assert lines[0] == "line,leaf,time,event,subject" and "transfer.completed" in lines[2]
        leaves = [json.loads(line) for line in archive.read("events.jsonl").splitlines()]
    assert [leaf["type"] for leaf in leaves] == ["transfer.started", "transfer.completed"]


def test_officers_take_evidence_and_outsiders_find_none(
    told: Any, public_log: Any, officer: Actor, outsider: Actor, now: Any
) -> None:
    public_log.publish(now)
    assert evidence.bundle_about(told.subject, visible_to=officer)
    with pytest.raises(NotFound):
        evidence.bundle_about(told.subject, visible_to=outsider)
    with pytest.raises(NotFound):
        evidence.bundle_about(f"transfer:{new_id()}", visible_to=officer)


def test_nothing_is_given_that_no_signed_head_covers(
    told: Any, public_log: Any, seller: Actor, now: Any
) -> None:
    event = Event.objects.filter(subject=told.subject).earliest("id")
    for seal in (lambda: None, lambda: public_log.seal(now)):
        seal()
        with pytest.raises(Conflict) as refusal:
            evidence.bundle_about(told.subject, visible_to=seller)
        assert refusal.value.code == "not_sealed_yet"
        with pytest.raises(Conflict):
            evidence.proof_of(event.pk, visible_to=seller)
    public_log.publish(now)
    assert "\nextra " in evidence.proof_of(event.pk, visible_to=seller)


def test_the_proof_of_an_event_is_its_parties_alone(
    told: Any, public_log: Any, outsider: Actor, now: Any
) -> None:
    public_log.publish(now)
    event = Event.objects.filter(subject=told.subject).earliest("id")
    with pytest.raises(NotFound):
        evidence.proof_of(event.pk, visible_to=outsider)


def test_more_events_than_fit_are_refused(
    told: Any, public_log: Any, seller: Actor, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    public_log.publish(now)
    monkeypatch.setattr(bundle, "MOST", 1)
    with pytest.raises(Conflict) as refusal:
        evidence.bundle_about(told.subject, visible_to=seller)
    assert refusal.value.code == "too_many_events"
