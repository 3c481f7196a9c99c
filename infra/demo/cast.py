"""The demo's cast: invented organisations and people, marked as such, made through the same verbs as real ones."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth.models import User

from exchange.kernel.actors import Actor, Scope
from exchange.participants.actors import credentials
from exchange.participants.actors.actors import actor_of_member
from exchange.participants.members import billing, members
from exchange.participants.models import Member, Participant
from payments.invoices import mandates

VAT_IDS = {"FR": "FR90229167861", "DE": "DE406097148", "DK": "DK33610335"}
"""Invented, though their check digits hold."""
TRADING = (Scope.READ, Scope.SELL, Scope.BUY, Scope.MANAGE)


@dataclass(frozen=True)
class Login:
    """How a person of the cast signs in; only officers and operators have a second factor."""

    email: str
    password: str
    acts_as: str
    totp_secret: str = ""

    def __str__(self) -> str:
        second = f"; second factor (TOTP secret): {self.totp_secret}" if self.totp_secret else ""
        return f"{self.email}  {self.password}  {self.acts_as}{second}"


@dataclass(frozen=True)
class Cast:
    operator: Participant
    seller: Participant
    institute: Participant
    buyer: Participant
    requester: Participant
    outsider: Participant
    logins: list[Login]
    clients: dict[str, dict[str, str]]


def assemble(by: Actor) -> Cast:
    """Make every organisation, its people and the five API clients."""
    logins: list[Login] = []
    operator = members.set_up_operator("Comptoir Demo Exchange (demo)", "FR", by)
    _billed(operator, "1 place de l’Exemple", "75002", "Paris", by)
    seller = _organisation("Atlas Mobility Data (demo)", "FR", "H", "seller", logins, by)
    _billed(seller, "2 quai de l’Exemple", "69002", "Lyon", by)
    mandates.accept(seller, text_sha256=mandates.fingerprint(), by=manager_of(seller, by.at))
    institute = _organisation("Polar Station Institute (demo)", "NO", "N", "institute", logins, by)
    buyer = _organisation("Nordwind Analytics (demo)", "DE", "K", "buyer", logins, by)
    requester = _organisation("Fjord Utilities (demo)", "DK", "D", "requester", logins, by)
    outsider = _organisation("Sertão Retail (demo)", "BR", "G", "outsider", logins, by)
    members.apply(
        _person("applicant", "applicant of an unverified organisation", logins),
        name="Cactus Insight (demo, not verified yet)",
        country="US",
        by=by,
    )
    for role in ("officer", "operator"):
        person = _person(role, f"{role} of the exchange", logins, with_second_factor=True)
        _, token = members.invite(operator, email=person.email, role=role, by=by)
        members.join(token, person, by)
    clients = {
        "seller": _client(seller, TRADING, by),
        "buyer": _client(buyer, TRADING, by),
        "outsider": _client(outsider, TRADING, by),
        "officer": _client(operator, (Scope.READ, Scope.AUDIT), by),
        "operator": _client(operator, (Scope.READ, Scope.MANAGE, Scope.OPERATE), by),
    }
    return Cast(operator, seller, institute, buyer, requester, outsider, logins, clients)


def manager_of(participant: Participant, at: datetime) -> Actor:
    """The person of the cast who acts for `participant`."""
    return actor_of_member(participant.members.get(role=Member.Role.MANAGER), at)


def _organisation(
    name: str, country: str, sector: str, login: str, logins: list[Login], by: Actor
) -> Participant:
    person = _person(login, f"manager of {name}", logins)
    number, evidence = f"DEMO-{login.upper()}", "An invented organisation of the demo; nothing to see."
    said = {"sector": sector, "registration_number": number, "vat_id": VAT_IDS.get(country, "")}
    participant = members.apply(person, name=name, country=country, **said, by=by)
    return members.verify(participant, country=country, sector=sector, evidence=evidence, by=by)


def _billed(participant: Participant, street: str, postcode: str, city: str, by: Actor) -> None:
    """Say what its invoices hold."""
    vat_id = VAT_IDS[participant.verified_country]
    billing.describe(participant, street=street, postcode=postcode, city=city, vat_id=vat_id, by=by)


def _person(login: str, acts_as: str, logins: list[Login], *, with_second_factor: bool = False) -> User:
    email, password = f"{login}@demo.example", secrets.token_urlsafe(12)
    person = User.objects.create_user(username=login, email=email, password=password)
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    secret = ""
    if with_second_factor:
        secret = totp.generate_totp_secret()
        totp.TOTP.activate(person, secret)
    logins.append(Login(email, password, acts_as, secret))
    return person


def _client(participant: Participant, scopes: tuple[Scope, ...], by: Actor) -> dict[str, str]:
    client, secret = credentials.issue_client(
        participant, name="demo", scopes=[str(scope) for scope in scopes], by=by
    )
    return {"client_id": client.pk, "client_secret": secret}
