"""What becomes of an application, an invitation and a role: corrected, withdrawn, sent again, changed."""

from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden, Invalid
from exchange.kernel.models import Event
from exchange.participants import queries
from exchange.participants.actors.actors import actor_of_member
from exchange.participants.members import members
from exchange.participants.models import Invitation, Member
from tests import makers

GIVEN = {"name": "Right SA", "country": "BE", "registration_number": "1", "website": "https://example.org"}


def invited(seller: Actor, email: str = "ada@example.org", **given: Any) -> tuple[Invitation, str]:
    return members.invite(
        makers.participant_of(seller), **{"email": email, "role": "trader", "by": seller, **given}
    )


def test_only_its_managers_correct_an_application_and_only_while_it_waits(
    seller: Actor, operator: Actor, now: datetime, refused: Any
) -> None:
    applied = makers.applicant("Wrong", "FR", now)
    own = actor_of_member(Member.objects.get(participant=applied), now)
    viewer = actor_of_member(makers.member(applied, "viewer", now), now)
    with refused(Forbidden, "scope_missing"):
        members.correct(applied, **GIVEN, by=viewer)
    with refused(Forbidden, "other_organisation"):
        members.correct(applied, **GIVEN, by=seller)
    for changed, code in (({"country": "ZZ"}, "unknown_country"), ({"name": ""}, "invalid")):
        with refused(Invalid, code):
            members.correct(applied, **{**GIVEN, **changed}, by=own)
    assert members.correct(applied, **GIVEN, by=own).name == "Right SA"
    members.verify(applied, country="BE", evidence="extract of the register", by=operator)
    with refused(Conflict, "application_decided"):
        members.correct(applied, **{**GIVEN, "name": "Somebody else"}, by=own)


def test_a_withdrawn_invitation_opens_nothing(
    seller: Actor, outsider: Actor, now: datetime, refused: Any
) -> None:
    invitation, token = invited(seller)
    ada = makers.user("ada@example.org")
    with refused(Forbidden, "other_organisation"):
        members.withdraw_invitation(invitation, by=outsider)
    assert members.withdraw_invitation(invitation, by=seller).withdrawn_at == now
    with refused(Conflict, "wrong_state"):
        members.withdraw_invitation(invitation, by=seller)
    with refused(Conflict, "invitation_withdrawn"):
        members.join(token, ada, by=makers.system(now))
    with refused(Conflict, "wrong_state"):
        members.invite_again(invitation, by=seller)
    assert Event.objects.get(name="member.invitation_withdrawn").subject == f"invitation:{invitation.pk}"


def test_an_accepted_invitation_is_neither_withdrawn_nor_sent_again(
    seller: Actor, now: datetime, refused: Any
) -> None:
    invitation, token = invited(seller)
    members.join(token, makers.user("ada@example.org"), by=makers.system(now))
    invitation.refresh_from_db()
    with refused(Conflict, "wrong_state"):
        members.withdraw_invitation(invitation, by=seller)
    with refused(Conflict, "wrong_state"):
        members.invite_again(invitation, by=seller)


@pytest.mark.parametrize("age", [timedelta(), timedelta(days=8)], ids=["open", "expired"])
def test_what_is_sent_again_has_another_link_and_a_whole_week(
    seller: Actor, now: datetime, age: timedelta
) -> None:
    invitation, old = invited(
        seller.moved_to(now - age), role="viewer", language="fr", by=seller.moved_to(now - age)
    )
    again, new = members.invite_again(invitation, by=seller)
    assert (again.email, again.role, again.language) == ("ada@example.org", "viewer", "fr")
    assert again.expires_at == now + members.INVITATION_LASTS and new != old
    ada = makers.user("ada@example.org")
    with pytest.raises(Conflict) as refusal:
        members.join(old, ada, by=makers.system(now))
    assert refusal.value.code == "invitation_withdrawn"
    assert members.join(new, ada, by=makers.system(now)).role == "viewer"


def test_one_address_has_one_open_invitation(seller: Actor, outsider: Actor) -> None:
    first, _ = invited(seller)
    elsewhere, _ = invited(outsider)
    second, _ = invited(seller, "ADA@example.org", role="viewer")
    assert list(queries.invitations_visible_to(seller)) == [second]
    first.refresh_from_db()
    elsewhere.refresh_from_db()
    assert first.withdrawn_at is not None and elsewhere.withdrawn_at is None


def test_an_organisation_invites_a_hundred_times_a_day(seller: Actor, now: datetime, refused: Any) -> None:
    own = makers.participant_of(seller)
    Invitation.objects.bulk_create(
        Invitation(
            participant=own,
            email=f"guest{number}@example.org",
            role="viewer",
            token_hash=f"{number:064}",
            created_at=now - timedelta(hours=1),
            expires_at=now + timedelta(days=7),
        )
        for number in range(100)
    )
    with refused(Conflict, "too_many_invitations"):
        invited(seller)
    invited(seller, by=seller.moved_to(now + timedelta(hours=24)))


def test_a_mail_has_a_language_that_the_exchange_speaks(seller: Actor, refused: Any) -> None:
    with refused(Invalid, "unknown_language"):
        invited(seller, language="xx")


def test_a_closed_organisation_lets_nobody_in(
    seller: Actor, operator: Actor, now: datetime, refused: Any
) -> None:
    _, token = invited(seller)
    ada = makers.user("ada@example.org")
    members.close(makers.participant_of(seller), reason="it has left the exchange", by=operator)
    with refused(Conflict, "wrong_state"):
        members.join(token, ada, by=makers.system(now))
    assert not queries.invitations_for(ada, now).exists()


def test_a_role_keeps_its_time(seller: Actor, outsider: Actor, now: datetime, refused: Any) -> None:
    own = makers.participant_of(seller)
    viewer = makers.member(own, "viewer", now)
    hands_only = makers.client(own, now, [Scope.MANAGE, Scope.READ])
    with refused(Forbidden, "other_organisation"):
        members.change_role(viewer, role="trader", by=outsider)
    with refused(Forbidden, "scope_missing"):
        members.change_role(viewer, role="manager", by=hands_only)
    with refused(Conflict, "same_role"):
        members.change_role(viewer, role="viewer", by=seller)
    with refused(Invalid, "unknown_role"):
        members.change_role(viewer, role="operator", by=seller)
    trader = members.change_role(viewer, role="trader", by=seller)
    viewer.refresh_from_db()
    assert (viewer.role, viewer.removed_at, trader.role, trader.user) == ("viewer", now, "trader", viewer.user)
    event = Event.objects.get(name="member.role_changed")
    assert event.subject == f"member:{trader.pk}" and b'"role_before":"viewer"' in bytes(event.leaf)
    with refused(Conflict, "wrong_state"):
        members.change_role(viewer, role="manager", by=seller)


def test_the_last_manager_keeps_the_role(seller: Actor, now: datetime, refused: Any) -> None:
    own = makers.participant_of(seller)
    founder = Member.objects.get(participant=own)
    with refused(Conflict, "last_manager"):
        members.change_role(founder, role="viewer", by=seller)
    makers.member(own, "manager", now)
    assert members.change_role(founder, role="viewer", by=seller).role == "viewer"


def test_of_two_who_change_one_role_exactly_one_does(own_database: None, now: datetime) -> None:
    own = makers.participant("Two Hands", "FR", now)
    manager = actor_of_member(Member.objects.get(participant=own), now)
    viewer = makers.member(own, "viewer", now)
    together, outcomes = Barrier(2), []

    def act(role: str) -> None:
        try:
            together.wait(10)
            outcomes.append(
                str(members.change_role(Member.objects.get(pk=viewer.pk), role=role, by=manager).role)
            )
        except ExchangeError as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [Thread(target=act, args=[role]) for role in ("trader", "manager")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    current = Member.objects.get(user=viewer.user, removed_at=None)
    assert sorted(outcomes) == sorted([current.role, "wrong_state"])


def test_invitations_wait_for_their_own_people_alone(seller: Actor, now: datetime) -> None:
    invitation, _ = invited(seller, "Ada@Example.org")
    ada, bob = makers.user("ada@example.org"), makers.user("bob@example.org")
    assert list(queries.invitations_for(ada, now)) == [invitation]
    assert not queries.invitations_for(bob, now).exists()
    assert not queries.invitations_for(ada, now + members.INVITATION_LASTS).exists()
    ada.emailaddress_set.update(verified=False)
    assert not queries.invitations_for(ada, now).exists()
