"""Makes the cast and what it needs, through the verbs alone, so that no test stands on an impossible row."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from exchange.kernel.actors import Actor, Scope
from exchange.participants.actors import access_tokens, credentials
from exchange.participants.actors.actors import actor_of_client
from exchange.participants.members import members
from exchange.participants.models import ApiClient, Member, Participant

TRADE = (Scope.READ, Scope.SELL, Scope.BUY, Scope.MANAGE)
PASSWORD = "correct horse battery staple"
VAT_IDS = {
    "AT": "ATU00878728",
    "BE": "BE0797304564",
    "DE": "DE406097148",
    "DK": "DK33610335",
    "ES": "ESB72052160",
    "FI": "FI19548789",
    "FR": "FR90229167861",
    "IE": "IE7790342C",
    "IT": "IT03945980567",
    "LU": "LU51569428",
    "NL": "NL867419362B01",
    "PL": "PL4950207605",
    "SE": "SE516510468701",
}
"""A number whose check digits hold, of nobody, for the countries of the cast."""


def system(at: datetime) -> Actor:
    """The exchange itself."""
    return Actor.system("tests", at=at)


def user(email: str = "") -> User:
    """An account that has confirmed its e-mail address."""
    address = email or f"{secrets.token_hex(6)}@example.org"
    made = User.objects.create_user(username=address, email=address, password=PASSWORD)
    EmailAddress.objects.create(user=made, email=address, verified=True, primary=True)
    return made


def operators_organisation(at: datetime) -> Participant:
    """The operator's own organisation, in France."""
    found = Participant.objects.filter(is_operator=True).first()
    return found or members.set_up_operator("Exchange House", "FR", by=system(at))


def applicant(name: str, country: str, at: datetime) -> Participant:
    """An organisation that has applied; its founder is its manager."""
    vat_id = VAT_IDS.get(country, "")
    return members.apply(user(), name=name, country=country, vat_id=vat_id, by=system(at))


def participant(name: str, country: str, at: datetime) -> Participant:
    """An organisation that the operator has verified in the country it declared."""
    applied = applicant(name, country, at)
    return members.verify(applied, country=country, evidence="extract of the register", by=operator(at))


def client(of: Participant, at: datetime, scopes: Iterable[str] = TRADE) -> Actor:
    """A fresh API client of an organisation, as an actor."""
    made, _ = credentials.issue_client(of, name="machine", scopes=scopes, by=system(at))
    return actor_of_client(made, at)


def trader(name: str, country: str, at: datetime) -> Actor:
    """An API client with every scope of a verified organisation."""
    return client(participant(name, country, at), at)


def operator(at: datetime) -> Actor:
    """An API client that verifies and suspends."""
    return client(operators_organisation(at), at, (Scope.READ, Scope.MANAGE, Scope.OPERATE))


def officer(at: datetime) -> Actor:
    """An API client of the officer's desk."""
    return client(operators_organisation(at), at, (Scope.READ, Scope.AUDIT))


def member(of: Participant, role: str, at: datetime, email: str = "") -> Member:
    """A person who was invited to an organisation and joined it."""
    person = user(email)
    _, token = members.invite(of, email=person.email, role=role, by=system(at))
    return members.join(token, person, by=system(at))


def participant_of(actor: Actor) -> Participant:
    """The organisation that an actor acts for."""
    return Participant.objects.get(pk=actor.participant_id)


class Door:
    """The API as one client uses it: every request carries its access token."""

    def __init__(self, actor: Actor) -> None:
        token = access_tokens.issue(
            ApiClient.objects.get(pk=actor.name), scopes=actor.scopes, now=timezone.now()
        )
        self.headers = {"Authorization": f"Bearer {token}"}
        self.http = Client(headers=self.headers)

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self.http.get(path, query)

    def post(self, path: str, body: Any = None, *, headers: dict[str, str] | None = None) -> HttpResponse:
        """POST `body` as JSON, or nothing at all."""
        if body is None:
            return self.http.generic("POST", path, headers=headers)
        return self.http.post(path, body, content_type="application/json", headers=headers)
