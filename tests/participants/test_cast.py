"""The cast that every other test relies on."""

from collections.abc import Callable

from exchange.kernel.actors import Actor, Scope
from exchange.participants.members import members
from exchange.participants.models import Participant

Of = Callable[[Actor], Participant]


def test_the_cast_is_verified_where_it_says(
    seller: Actor, buyer: Actor, outsider: Actor, participant_of: Of
) -> None:
    countries = [participant_of(actor).verified_country for actor in (seller, buyer, outsider)]
    assert countries == ["FR", "DE", "NL"]
    assert all(members.is_cleared(actor.participant_id) for actor in (seller, buyer, outsider))
    assert len({seller.participant_id, buyer.participant_id, outsider.participant_id}) == 3


def test_officer_and_operator_belong_to_the_operators_organisation(
    officer: Actor, operator: Actor, participant_of: Of
) -> None:
    assert officer.participant_id == operator.participant_id
    assert participant_of(officer).is_operator
    assert officer.can(Scope.AUDIT) and not officer.can(Scope.OPERATE)
    assert operator.can(Scope.OPERATE) and not operator.can(Scope.AUDIT)
