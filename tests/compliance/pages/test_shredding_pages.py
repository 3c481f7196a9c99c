"""An officer erases what is kept of a person: from a transfer, after typing the words, and once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from exchange.kernel.models import Event
from exchange.participants import vault
from exchange.participants.actors.actors import actor_of_member
from exchange.participants.models import Member, VaultRecord
from tests import makers
from tests.compliance.pages.conftest import signed_in

pytestmark = pytest.mark.django_db
ADDRESS = {"address": "192.0.2.7", "agent": "curl/8"}
REASON = "Letter of 12 November: asks to be erased."
WORDS = {"phrase": "erase for good", "reason": REASON}


def text(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def member(buyer: Any) -> Member:
    return makers.member(makers.participant_of(buyer), "trader", buyer.at)


@pytest.fixture
def taken(member: Member, story: Callable[..., Any], public_log: Any, officer: Any) -> Callable[..., str]:
    """A transfer whose address is sealed under a name; answers the path of its page."""

    def make(name: str = "", days: int = 0) -> str:
        at = officer.at + timedelta(days=days)
        record_id, digest = vault.seal(name or actor_of_member(member, at).name, ADDRESS, at)
        told = story(changed={"sealed": {"record": str(record_id), "sha256": digest}}).whole()
        public_log.publish()
        return f"/compliance/transfers/{told.row.pk}"

    return make


def shredded() -> int:
    return Event.objects.filter(name="vault.shredded").count()


def test_the_page_says_what_goes_and_what_stays_and_asks_for_words(
    desk: Client, taken: Callable[..., str]
) -> None:
    path, _ = taken(), taken(days=400)
    assert f'href="{path}/erase"' in text(desk.get(path))
    page = text(desk.get(f"{path}/erase"))
    for words in ("2 addresses", "under 2 names", "Gone for good", "Still provable", "Backups made before"):
        assert words in page
    for wrong in ({"phrase": "erase"}, {"phrase": ""}, {"reason": "too short"}, {"reason": ""}):
        answer = desk.post(f"{path}/erase", WORDS | wrong)
        assert answer.status_code == 422 and "erase for good" in text(answer)
    assert (shredded(), VaultRecord.objects.filter(sealed=None).count()) == (0, 0)


def test_all_of_the_persons_years_go_and_every_proof_stays(
    desk: Client, taken: Callable[..., str], verify: Any, tmp_path: Any
) -> None:
    paths = [taken(), taken(days=400)]
    other = taken("pn_somebody")
    answer = desk.post(f"{paths[0]}/erase", WORDS, follow=True)
    assert "Erased for good. Every proof stays good." in text(answer)
    for path in paths:
        page = text(desk.get(path))
        assert "erased for good; nobody can read it" in page and f"{path}/erase" not in page
        assert desk.post(f"{path}/address").status_code == 409
        (tmp_path / "receipt.json").write_bytes(desk.get(f"{path}/receipt").content)
        assert verify("receipt", tmp_path / "receipt.json").returncode == 0
    assert "192.0.2.7" in text(desk.post(f"{other}/address"))
    assert shredded() == 2
    for event in Event.objects.filter(name="vault.shredded").select_related("detail"):
        assert event.detail.body == {"reason": REASON}, "kept beside the leaf"
        assert REASON.encode() not in bytes(event.leaf) and b'"typed":{"reason":' in bytes(event.leaf)
    again = desk.post(f"{paths[0]}/erase", WORDS, follow=True)
    assert "Nothing is kept any more" in text(again)
    assert shredded() == 2


def test_an_api_client_goes_alone(desk: Client, taken: Callable[..., str]) -> None:
    client, other = taken("cl_nightly"), taken("cl_weekly")
    assert "Erase what is kept of this API client?" in text(desk.get(f"{client}/erase"))
    desk.post(f"{client}/erase", WORDS)
    assert shredded() == 1
    assert "192.0.2.7" in text(desk.post(f"{other}/address"))


def test_what_comes_later_is_kept_anew_and_can_be_erased_from_the_earlier_transfer(
    desk: Client, taken: Callable[..., str]
) -> None:
    first = taken()
    desk.post(f"{first}/erase", WORDS)
    later = taken()
    page = text(desk.get(first))
    assert "erased for good; nobody can read it" in page and f'href="{first}/erase"' in page
    assert "192.0.2.7" in text(desk.post(f"{later}/address"))


def test_officers_alone_erase(
    taken: Callable[..., str], member: Member, person: Any, door: Any, operator: Any, seller: Any
) -> None:
    path = taken()
    assert signed_in(member, second_factor=True).post(f"{path}/erase", WORDS).status_code == 403
    assert signed_in(person).post(f"{path}/erase", WORDS).status_code == 403
    assert Client().post(f"{path}/erase", WORDS).status_code == 302
    for actor in (operator, seller):
        api = f"/api/v1/desk{path.removeprefix('/compliance')}/shred"
        assert door(actor).post(api, {"reason": REASON}).status_code == 403
    assert (shredded(), VaultRecord.objects.filter(sealed=None).count()) == (0, 0)


def test_the_api_erases_too(taken: Callable[..., str], door: Any, officer: Any) -> None:
    path = taken()
    api = f"/api/v1/desk{path.removeprefix('/compliance')}/shred"
    for body in ({}, {"reason": "short"}):
        assert (door(officer).post(api, body).status_code, shredded()) == (422, 0)
    answer = door(officer).post(api, {"reason": REASON})
    assert (answer.status_code, answer.json()) == (200, {"keys": 1})
    assert door(officer).post(api, {"reason": REASON}).status_code == 404
    assert shredded() == 1


def test_a_transfer_without_a_record_in_the_vault_has_nothing_to_erase(
    desk: Client, told: Any, door: Any, officer: Any
) -> None:
    path = f"/compliance/transfers/{told.row.pk}"
    assert "nothing was kept" in text(desk.get(path))
    assert "Nothing is kept any more" in text(desk.post(f"{path}/erase", WORDS, follow=True))
    api = f"/api/v1/desk/transfers/{told.row.pk}/shred"
    assert door(officer).post(api, {"reason": REASON}).status_code == 404
