"""Tokens bound to addresses or to a key: who carries one off opens nothing with it, and takes no copy."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from contracts.models import CopyCount, SeenProof, Transfer
from contracts.tokens import bindings, dpop
from contracts.tokens.bindings import Binding
from contracts.transfers import transfers
from exchange.kernel.errors import Forbidden, Invalid
from exchange.kernel.models import Event
from tests import makers, proofs, sales

pytestmark = [pytest.mark.one_database, pytest.mark.by_the_clock]

URL = "http://testserver"


@pytest.fixture
def entitlement(seller: Any, buyer: Any) -> Any:
    return sales.entitled(seller, buyer)


def code_of_last_refusal() -> Any:
    return json.loads(bytes(Event.objects.filter(name="transfer.refused").latest("id").leaf))["facts"]["code"]


def proof_for(path: str, key: proofs.Key, at: Any, **changes: Any) -> dpop.Proof:
    """What the gateway reads from a proof for this link."""
    signed = proofs.sign(key, "GET", URL + path, at, token=path.split("/")[2], **changes)
    return dpop.read(signed, method="GET", url=URL + path, now=at, token=path.split("/")[2])


def attempt(path: str, at: Any, proof: dpop.Proof | None = None, **more: Any) -> transfers.Verdict:
    found = sales.attempt(path, at, **more)
    bound = transfers.Attempt(found.token, found.wish, found.name, found.address, found.agent, proof)
    return transfers.start_many([bound], now=at)[0]


@pytest.mark.parametrize(
    ("address", "opens"),
    [
        ("192.0.2.7", True),
        ("::ffff:192.0.2.7", True),
        ("2001:db8::1", True),
        ("198.51.100.1", False),
        ("2001:db9::1", False),
        ("", False),
    ],
)
def test_a_token_bound_to_addresses_opens_from_there_alone(
    entitlement: Any, buyer: Any, now: Any, address: str, opens: bool
) -> None:
    binding = bindings.wanted(["192.0.2.0/24", "2001:db8::/32"], None, now)
    path = sales.link(entitlement, buyer, asset=sales.asset_of(entitlement), binding=binding)
    verdict = attempt(path, now, address=address)
    assert verdict.code == (None if opens else "address_not_bound")
    assert Transfer.objects.count() == int(opens)
    if not opens:
        assert code_of_last_refusal() == "address_not_bound"
        assert not CopyCount.objects.filter(used__gt=0)


def test_a_token_bound_to_a_key_asks_for_a_proof_each_time(entitlement: Any, buyer: Any, now: Any) -> None:
    key, other = proofs.new_key(), proofs.new_key("EdDSA")
    thumbprint = proof_for("/d/token/name", key, now).key
    path = sales.link(entitlement, buyer, asset=sales.asset_of(entitlement), binding=Binding(key=thumbprint))
    refused = {
        "dpop_missing": None,
        "dpop_wrong_key": proof_for(path, other, now),
        "dpop_stale": proof_for(path, key, now, iat=1),
        "dpop_wrong_request": proof_for(path, key, now, htm="POST"),
    }
    for code, proof in refused.items():
        assert attempt(path, now, proof).code == code
        assert code_of_last_refusal() == code
    assert not Transfer.objects.exists() and not CopyCount.objects.filter(used__gt=0)
    first = proof_for(path, key, now)
    assert attempt(path, now, first).code is None
    assert attempt(path, now, first).code == "dpop_used"
    assert attempt(path, now, proof_for(path, key, now)).code is None  # goes on with its transfer
    assert CopyCount.objects.get().used == Transfer.objects.count() == 1


def test_used_proofs_are_forgotten_once_no_clock_takes_them(entitlement: Any, buyer: Any, now: Any) -> None:
    bindings.wanted([], proof_for("/d/token/name", proofs.new_key(), now), now)
    assert bindings.forget(now=now + timedelta(seconds=dpop.KEPT_SECONDS)) == 0
    assert bindings.forget(now=now + timedelta(seconds=dpop.KEPT_SECONDS + 1)) == 1
    assert not SeenProof.objects.exists()


def test_what_cannot_be_bound_to_is_refused(database: None, now: Any) -> None:
    for network in (["here"], ["192.0.2.0/33"], [""], ["192.0.2.1"] * 9):
        with pytest.raises(Invalid) as refusal:
            bindings.wanted(network, None, now)
        assert refusal.value.code == "bad_network"
    used = proof_for("/d/token/name", proofs.new_key(), now)
    bindings.wanted([], used, now)
    for proof, code in (
        (dpop.MISSING, "dpop_missing"),
        (dpop.Proof("dpop_bad"), "dpop_bad"),
        (used, "dpop_used"),
    ):
        with pytest.raises(Forbidden) as refused:
            bindings.wanted([], proof, now)
        assert refused.value.code == code


@pytest.mark.transactional
@pytest.mark.usefixtures("own_database")
def test_a_client_binds_and_downloads_over_http(entitlement: Any, buyer: Any, settings: Any) -> None:
    """The same through both doors, with the real clock."""
    settings.EXCHANGE_URL = URL
    key, api = proofs.new_key(), f"/api/v1/entitlements/{entitlement.pk}/tokens"
    asked = {"asset": str(sales.asset_of(entitlement).pk), "network": ["192.0.2.0/24"]}
    proof = proofs.sign(key, "POST", URL + api, timezone.now())
    answer = makers.Door(buyer).post(api, asked, headers={"DPoP": proof})
    assert answer.status_code == 201, answer.content
    path = answer.json()["url"].removeprefix(URL)
    bare = sales.call("GET", path)
    assert bare.status == 403 and b"dpop_missing" in bare.body
    signed = proofs.sign(key, "GET", URL + path, timezone.now(), token=path.split("/")[2])
    assert sales.call("GET", path, headers={"DPoP": signed}).is_whole
    again = sales.call("GET", path, headers={"DPoP": signed})
    assert again.status == 403 and b"dpop_used" in again.body
    assert CopyCount.objects.get().used == 1
