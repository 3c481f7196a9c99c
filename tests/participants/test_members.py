"""Applying, being verified, suspended, restored and closed; inviting, joining and removing."""

import json
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden, Invalid, NotFound
from exchange.kernel.models import Event
from exchange.participants.actors.actors import actor_of_member
from exchange.participants.members import members
from exchange.participants.models import Member, Participant
from tests import makers

REASON = "seen in the register of insolvencies"
EVIDENCE = "extract of the register of companies"


def _names(subject: object) -> list[str]:
    return list(
        Event.objects.filter(subject__endswith=f":{subject}").order_by("id").values_list("name", flat=True)
    )


def test_an_applicant_manages_an_organisation_that_is_not_cleared(db: None, now: datetime) -> None:
    person = makers.user()
    applied = members.apply(
        person,
        name=" Données  SARL ",
        country="FR",
        registration_number="552 100 554",
        website="https://example.org",
        by=makers.system(now),
    )
    member = Member.objects.get(participant=applied)
    assert (applied.state, applied.name, applied.verified_country) == ("applied", "Données  SARL", "")
    assert (member.user, member.role) == (person, "manager")
    assert not members.is_cleared(applied.pk)
    assert _names(applied.pk) == ["participant.applied"]
    assert _names(member.pk) == ["member.joined"]
    event = Event.objects.get(name="participant.applied")
    assert b"SARL" not in bytes(event.leaf) and event.detail.body["name"] == "Données  SARL"
    assert actor_of_member(member, now).name.encode() in bytes(event.leaf)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"country": "XX"}, "unknown_country"),
        ({"country": "fr"}, "unknown_country"),
        ({"country": "FRA"}, "unknown_country"),
        ({"country": "EU"}, "unknown_country"),
        ({"name": "   "}, "invalid"),
        ({"name": "a\u202eb"}, "invalid"),
        ({"name": "x" * 201}, "invalid"),
        ({"registration_number": "1" * 65}, "invalid"),
        ({"website": "javascript:alert(1)"}, "bad_website"),
        ({"sector": "c"}, "unknown_sector"),
    ],
)
def test_an_application_that_cannot_be_is_refused(
    db: None, now: datetime, refused: Any, given: dict[str, str], code: str
) -> None:
    person = makers.user()
    with refused(Invalid, code):
        members.apply(person, **{"name": "Somebody", "country": "FR"} | given, by=makers.system(now))


def test_the_country_that_was_seen_replaces_the_one_declared(operator: Actor, now: datetime) -> None:
    applied = makers.applicant("Moved Ltd", "FR", now)
    verified = members.verify(
        applied, country="US", evidence=EVIDENCE, certifications=["dpf", "dpf"], sector="K", by=operator
    )
    assert (verified.state, verified.country, verified.verified_country) == ("verified", "FR", "US")
    assert (verified.certifications, verified.evidence, verified.verified_at) == (["dpf"], EVIDENCE, now)
    assert verified.verified_sector == "K"
    assert members.require_cleared(verified.pk) == verified
    event = Event.objects.get(name="participant.verified", subject=f"participant:{applied.pk}")
    assert event.detail.body == {"evidence": EVIDENCE}
    assert b'"country":"US"' in bytes(event.leaf) and EVIDENCE.encode() not in bytes(event.leaf)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"evidence": "too short"}, "invalid"),
        ({"evidence": "x" * 2001}, "invalid"),
        ({"country": "ZZ"}, "unknown_country"),
        ({"sector": "W"}, "unknown_sector"),
        ({"certifications": ["Not a word"]}, "unknown_certification"),
        ({"certifications": [f"c{n}" for n in range(21)]}, "unknown_certification"),
    ],
)
def test_a_verification_without_substance_is_refused(
    operator: Actor, now: datetime, refused: Any, given: dict[str, Any], code: str
) -> None:
    applied = makers.applicant("Applicant", "FR", now)
    with refused(Invalid, code):
        members.verify(applied, **{"country": "FR", "evidence": EVIDENCE} | given, by=operator)


def test_only_an_operator_decides(seller: Actor, officer: Actor, now: datetime, refused: Any) -> None:
    applied = makers.applicant("Applicant", "FR", now)
    verified = makers.participant_of(seller)
    for actor in (seller, officer):
        with refused(Forbidden, "scope_missing"):
            members.verify(applied, country="FR", evidence=EVIDENCE, by=actor)
        with refused(Forbidden, "scope_missing"):
            members.suspend(verified, reason=REASON, by=actor)
        with refused(Forbidden, "scope_missing"):
            members.restore(verified, reason=REASON, by=actor)


def test_nobody_decides_about_their_own_organisation(operator: Actor, now: datetime, refused: Any) -> None:
    house = makers.participant_of(operator)
    with refused(Forbidden, "own_organisation"):
        members.suspend(house, reason=REASON, by=operator)
    person = makers.member(house, "operator", now)
    founded = members.apply(person.user, name="On the side", country="FR", by=makers.system(now))
    acting = actor_of_member(person, now, has_second_factor=True)
    assert acting.can(Scope.OPERATE)
    with refused(Forbidden, "own_organisation"):
        members.verify(founded, country="FR", evidence=EVIDENCE, by=acting)


def test_a_suspended_organisation_is_not_cleared_until_it_is_restored(
    seller: Actor, operator: Actor, refused: Any
) -> None:
    row = makers.participant_of(seller)
    members.suspend(row, reason=REASON, by=operator)
    with refused(Forbidden, "participant_not_verified"):
        members.require_cleared(row.pk)
    assert not members.is_cleared(row.pk)
    members.restore(row, reason="the register was wrong", by=operator)
    assert members.is_cleared(row.pk)
    assert _names(row.pk)[-2:] == ["participant.suspended", "participant.restored"]
    event = Event.objects.get(name="participant.suspended")
    assert event.detail.body == {"reason": REASON} and REASON.encode() not in bytes(event.leaf)


def test_decisions_need_a_reason_and_the_right_state(seller: Actor, operator: Actor, refused: Any) -> None:
    row = makers.participant_of(seller)
    with refused(Invalid, "invalid"):
        members.suspend(row, reason="short", by=operator)
    with refused(Conflict, "wrong_state"):
        members.restore(row, reason=REASON, by=operator)
    with refused(Conflict, "wrong_state"):
        members.verify(row, country="DE", evidence=EVIDENCE, by=operator)


def test_its_own_manager_or_the_operator_closes_an_organisation(
    seller: Actor, buyer: Actor, outsider: Actor, operator: Actor, now: datetime, refused: Any
) -> None:
    row = makers.participant_of(seller)
    with refused(Forbidden, "scope_missing"):
        members.close(row, reason=REASON, by=outsider)
    hands = makers.client(row, now, [Scope.READ, Scope.SELL])
    with refused(Forbidden, "scope_missing"):
        members.close(row, reason=REASON, by=hands)
    assert members.close(row, reason=REASON, by=seller).state == "closed"
    assert members.close(makers.participant_of(buyer), reason=REASON, by=operator).state == "closed"
    with refused(Conflict, "wrong_state"):
        members.invite(row, email="late@example.org", role="viewer", by=seller)
    house = makers.participant_of(operator)
    with refused(Conflict, "operator_organisation"):
        members.close(house, reason=REASON, by=makers.system(now))


def test_an_exchange_has_one_operator_made_by_its_setup(operator: Actor, seller: Actor, refused: Any) -> None:
    with refused(Conflict, "operator_exists"):
        members.set_up_operator("Another House", "FR", by=makers.system(operator.at))
    with refused(Forbidden, "forbidden"):
        members.set_up_operator("Another House", "FR", by=seller)


def test_an_invitation_is_accepted_once_by_the_person_it_is_for(
    seller: Actor, now: datetime, refused: Any
) -> None:
    row = makers.participant_of(seller)
    invitation, token = members.invite(row, email="Ada@Example.org", role="trader", by=seller)
    assert token not in repr(list(type(invitation).objects.values()))
    stranger, ada = makers.user(), makers.user("ada@example.org")
    with refused(Forbidden, "invitation_for_another"):
        members.join(token, stranger, by=makers.system(now))
    with refused(NotFound, "invitation_not_found"):
        members.join(token + "x", ada, by=makers.system(now))
    member = members.join(token, ada, by=makers.system(now))
    assert (member.participant, member.role) == (row, "trader")
    with refused(Conflict, "invitation_used"):
        members.join(token, ada, by=makers.system(now))
    _, second = members.invite(row, email="ada@example.org", role="viewer", by=seller)
    with refused(Conflict, "already_member"):
        members.join(second, ada, by=makers.system(now))
    assert b"xample.org" not in b"".join(bytes(leaf) for leaf in Event.objects.values_list("leaf", flat=True))


def test_an_unconfirmed_address_and_a_late_answer_open_nothing(
    seller: Actor, now: datetime, refused: Any
) -> None:
    person = makers.user("ada@example.org")
    _, token = members.invite(makers.participant_of(seller), email=person.email, role="viewer", by=seller)
    with refused(Conflict, "invitation_expired"):
        members.join(token, person, by=makers.system(now + members.INVITATION_LASTS))
    person.emailaddress_set.update(verified=False)
    with refused(Forbidden, "invitation_for_another"):
        members.join(token, person, by=makers.system(now))


def test_only_who_manages_invites_and_never_above_themselves(
    seller: Actor, outsider: Actor, now: datetime, refused: Any
) -> None:
    row = makers.participant_of(seller)
    trader = actor_of_member(makers.member(row, "trader", now), now)
    hands_only = makers.client(row, now, [Scope.MANAGE, Scope.READ])
    with refused(Forbidden, "scope_missing"):
        members.invite(row, email="a@example.org", role="viewer", by=trader)
    with refused(Forbidden, "scope_missing"):
        members.invite(row, email="a@example.org", role="manager", by=hands_only)
    with refused(Forbidden, "other_organisation"):
        members.invite(row, email="a@example.org", role="viewer", by=outsider)
    with refused(Invalid, "unknown_role"):
        members.invite(row, email="a@example.org", role="king", by=seller)
    with refused(Invalid, "unknown_role"):
        members.invite(row, email="a@example.org", role="operator", by=seller)
    with refused(Invalid, "bad_email"):
        members.invite(row, email="not an address", role="viewer", by=seller)


def test_a_removed_member_is_gone_but_the_last_manager_stays(
    seller: Actor, outsider: Actor, now: datetime, refused: Any
) -> None:
    row = makers.participant_of(seller)
    founder = Member.objects.get(participant=row)
    viewer = makers.member(row, "viewer", now)
    with refused(Forbidden, "other_organisation"):
        members.remove(viewer, by=outsider)
    with refused(Conflict, "last_manager"):
        members.remove(founder, by=seller)
    removed = members.remove(viewer, by=seller)
    assert removed.removed_at == now and _names(viewer.pk) == ["member.joined", "member.removed"]
    with refused(Conflict, "wrong_state"):
        members.remove(viewer, by=seller)
    makers.member(row, "manager", now)
    assert members.remove(founder, by=seller).removed_at == now


def test_of_two_managers_who_remove_each_other_one_stays(own_database: None, now: datetime) -> None:
    row = makers.participant("Two Heads", "FR", now)
    first, second = Member.objects.get(participant=row), makers.member(row, "manager", now)
    rivals = [(first, actor_of_member(second, now)), (second, actor_of_member(first, now))]
    together, outcomes = Barrier(2), []

    def act(member: Member, by: Actor) -> None:
        try:
            together.wait(10)
            members.remove(member, by=by)
            outcomes.append("removed")
        except ExchangeError as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [Thread(target=act, args=rival) for rival in rivals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["last_manager", "removed"]
    assert Member.objects.filter(participant=row, role="manager", removed_at=None).count() == 1


def test_a_member_has_one_pseudonym_a_year(seller: Actor, now: datetime) -> None:
    member = Member.objects.get(participant=makers.participant_of(seller))
    this_year, next_year = actor_of_member(member, now), actor_of_member(member, now + timedelta(days=365))
    assert this_year.name == actor_of_member(member, now + timedelta(days=1)).name
    assert this_year.name.startswith("pn_") and this_year.name != next_year.name


def test_the_database_keeps_what_events_rely_on(seller: Actor, now: datetime) -> None:
    row = makers.participant_of(seller)
    member = Member.objects.get(participant=row)
    assert actor_of_member(member, now)
    for change in (
        lambda: member.pseudonyms.update(name="pn_other"),
        lambda: member.pseudonyms.all()._raw_delete("default"),
        lambda: Member.objects.filter(pk=member.pk).update(role="viewer"),
        lambda: row.api_clients.update(scopes=["audit"]),
        lambda: Participant.objects.filter(pk=row.pk).update(state="king"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_what_was_seen_can_be_put_right(operator: Any, seller: Any, participant_of: Any) -> None:
    amended = members.amend(
        participant_of(seller),
        country="BE",
        evidence="moved, by the register",
        certifications=["dpf"],
        sector="C",
        by=operator,
    )
    facts = json.loads(bytes(Event.objects.get(name="participant.amended").leaf))["facts"]
    assert facts["sector"] == amended.verified_sector == "C"
    assert (amended.state, amended.verified_country, amended.certifications) == ("verified", "BE", ["dpf"])


def test_only_a_verified_organisation_can_be_put_right(operator: Any, now: Any) -> None:
    applied = makers.applicant("Newcomer", "FR", now)
    with pytest.raises(Conflict):
        members.amend(applied, country="BE", evidence="moved, by the register", by=operator)
    applied.refresh_from_db()
    assert applied.verified_country == ""
