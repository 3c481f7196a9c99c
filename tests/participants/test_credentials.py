"""API clients: issued within one's own scopes, rotated, revoked; their secrets kept as hashes alone."""

from typing import Any

import pytest

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.models import Event
from exchange.participants.actors import access_tokens, credentials
from exchange.participants.actors.actors import actor_of_client, actor_of_member
from exchange.participants.members import members
from exchange.participants.models import ApiClient
from tests import makers


def _client(actor: Actor) -> ApiClient:
    return ApiClient.objects.select_related("participant").get(pk=actor.name)


def test_a_client_is_issued_with_a_secret_that_is_nowhere_kept(seller: Actor) -> None:
    row = makers.participant_of(seller)
    client, secret = credentials.issue_client(row, name="nightly", scopes=["sell", "read"], by=seller)
    assert client.pk.startswith("cl_") and client.scopes == ["read", "sell"] and len(secret) == 43
    assert credentials.client_with(client.pk, secret) == client
    assert credentials.client_with(client.pk, secret + "x") is None
    assert credentials.client_with("cl_nobody", secret) is None
    everything = repr([list(model.objects.values()) for model in (ApiClient, Event)])
    assert secret not in everything
    event = Event.objects.get(name="client.issued", subject=f"apiclient:{client.pk}")
    assert event.detail.body == {"name": "nightly"} and b"nightly" not in bytes(event.leaf)


@pytest.mark.parametrize(
    ("scopes", "kind", "code"),
    [
        ([], Invalid, "unknown_scope"),
        (["fly"], Invalid, "unknown_scope"),
        (["audit"], Forbidden, "operator_only"),
        (["read", "operate"], Forbidden, "operator_only"),
    ],
)
def test_scopes_that_nobody_here_can_have_are_refused(
    seller: Actor, refused: Any, scopes: list[str], kind: Any, code: str
) -> None:
    row = makers.participant_of(seller)
    with refused(kind, code):
        credentials.issue_client(row, name="machine", scopes=scopes, by=seller)


def test_nobody_gives_more_than_they_hold(seller: Actor, outsider: Actor, refused: Any) -> None:
    row = makers.participant_of(seller)
    manages_only = makers.client(row, seller.at, [Scope.READ, Scope.MANAGE])
    trades_only = makers.client(row, seller.at, [Scope.READ, Scope.SELL])
    with refused(Forbidden, "scope_missing"):
        credentials.issue_client(row, name="machine", scopes=["sell"], by=manages_only)
    with refused(Forbidden, "scope_missing"):
        credentials.issue_client(row, name="machine", scopes=["sell"], by=trades_only)
    with refused(Forbidden, "other_organisation"):
        credentials.issue_client(row, name="machine", scopes=["read"], by=outsider)
    with refused(Forbidden, "scope_missing"):
        credentials.rotate(_client(seller), by=manages_only)


def test_the_desk_gives_its_own_scope_and_its_manager_does_not(operator: Actor, refused: Any) -> None:
    house = makers.participant_of(operator)
    officer = actor_of_member(makers.member(house, "officer", operator.at), operator.at, has_second_factor=True)
    manager = actor_of_member(makers.member(house, "manager", operator.at), operator.at, has_second_factor=True)
    client, _ = credentials.issue_client(house, name="desk", scopes=["read", "audit"], by=officer)
    assert actor_of_client(client, operator.at).can(Scope.AUDIT)
    with refused(Forbidden, "scope_missing"):
        credentials.issue_client(house, name="desk", scopes=["read", "audit"], by=manager)
    with refused(Forbidden, "scope_missing"):
        credentials.rotate(client, by=manager)
    with refused(Forbidden, "scope_missing"):
        credentials.issue_client(house, name="trade", scopes=["read", "sell"], by=officer)
    credentials.revoke(client, by=manager)


def test_rotation_ends_the_old_secret_and_its_tokens(seller: Actor) -> None:
    client, old = credentials.issue_client(
        makers.participant_of(seller), name="machine", scopes=["read"], by=seller
    )
    token = access_tokens.issue(client, scopes=[Scope.READ], now=seller.at)
    assert access_tokens.read(token, now=seller.at).client == client
    new = credentials.rotate(client, by=seller)
    assert credentials.client_with(client.pk, old) is None
    assert credentials.client_with(client.pk, new) == client
    with pytest.raises(Forbidden) as caught:
        access_tokens.read(token, now=seller.at)
    assert caught.value.code == "token_revoked"
    assert Event.objects.filter(name="client.rotated", subject=f"apiclient:{client.pk}").count() == 1


def test_a_revoked_client_stays_revoked(seller: Actor, outsider: Actor, refused: Any) -> None:
    client, secret = credentials.issue_client(
        makers.participant_of(seller), name="machine", scopes=["read"], by=seller
    )
    with refused(Forbidden, "other_organisation"):
        credentials.revoke(client, by=outsider)
    credentials.revoke(client, by=seller)
    assert client.revoked_at == seller.at and credentials.client_with(client.pk, secret) is None
    with refused(Conflict, "wrong_state"):
        credentials.revoke(client, by=seller)
    with refused(Conflict, "wrong_state"):
        credentials.rotate(client, by=seller)


def test_a_closed_organisation_has_no_live_client(seller: Actor, refused: Any) -> None:
    row = makers.participant_of(seller)
    client, secret = credentials.issue_client(row, name="machine", scopes=["read"], by=seller)
    members.close(row, reason="we stop trading here", by=seller)
    assert credentials.client_with(client.pk, secret) is None
    with refused(Conflict, "wrong_state"):
        credentials.issue_client(row, name="machine", scopes=["read"], by=seller)


def test_a_token_never_widens_its_client(seller: Actor) -> None:
    client = _client(makers.client(makers.participant_of(seller), seller.at, [Scope.READ]))
    assert actor_of_client(client, seller.at, frozenset(Scope)).scopes == {Scope.READ}
