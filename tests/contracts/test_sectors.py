"""The economic sector of a buyer, as the operator saw it: who may ask, who may download, and what "May I?" says."""

from typing import Any

import pytest

from contracts.agreements import agreements, papers
from contracts.decisions import questions, replays
from contracts.decisions.questions import Question
from contracts.models import Negotiation
from contracts.terms.terms import parse, text
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Forbidden, Invalid
from exchange.kernel.models import Event
from exchange.participants import sectors
from exchange.participants.members import members
from exchange.participants.models import Participant
from tests import dataset_makers, makers, sales

pytestmark = pytest.mark.django_db

FINANCE = {"kind": "sector", "any_of": ["L"]}
EVIDENCE = "The extract of the register was seen today."


def seen(buyer: Actor, sector: str, operator: Actor) -> Participant:
    """What the operator writes down of the buyer."""
    return members.amend(
        makers.participant_of(buyer), country="DE", sector=sector, evidence=EVIDENCE, by=operator
    )


@pytest.mark.parametrize(
    ("sector", "code", "says"),
    [
        ("", "sector_unknown", "the operator has seen none of the buyer"),
        ("C", "sector_not_allowed", "do not permit the sector of the buyer"),
    ],
)
def test_a_request_from_another_sector_or_from_none_is_refused_by_the_clause(
    sector: str, code: str, says: str, seller: Actor, buyer: Actor, operator: Actor
) -> None:
    offer = sales.offer(dataset_makers.published(seller), seller, terms=[FINANCE])
    seen(buyer, sector, operator)
    with pytest.raises(Forbidden, match=says) as refusal:
        sales.request(offer, buyer)
    assert (refusal.value.code, dict(refusal.value.more)) == (code, {"clause": "sector"})
    assert not Negotiation.objects.exists()
    seen(buyer, "L", operator)
    assert sales.request(offer, buyer).state == "requested"


def test_a_right_follows_what_the_operator_sees_at_its_next_use(
    seller: Actor, buyer: Actor, operator: Actor
) -> None:
    seen(buyer, "L", operator)
    right = sales.entitled(seller, buyer, terms=[FINANCE])
    path = sales.link(right, buyer)
    seen(buyer, "", operator)
    assert sales.start(path, buyer.at).code == "sector_unknown"
    seen(buyer, "L", operator)
    assert sales.start(path, buyer.at).code is None
    assert agreements.document(right.agreement)["buyer"]["sector"] == "L", (
        "as it was verified when it was signed"
    )
    page = papers.html(right.agreement, "en", by=seller)
    assert "L – Financial and insurance activities" in page
    for event in Event.objects.filter(name__in=["transfer.refused", "transfer.started"]):
        assert replays.replay(event.pk, by=buyer).outcome == "same"


@pytest.mark.parametrize(
    ("sector", "answer"),
    [("L", ("yes", None)), ("C", ("no", "sector_not_allowed")), ("", ("undecided", "sector_unknown"))],
)
def test_may_i_bears_on_the_sector(
    sector: str, answer: Any, seller: Actor, buyer: Actor, operator: Actor
) -> None:
    seen(buyer, "L", operator)
    right = sales.entitled(seller, buyer, terms=[FINANCE])
    seen(buyer, sector, operator)
    found = questions.ask(Question(right.dataset_id, "research", "DE"), by=buyer)
    assert (found.answer, found.code) == answer
    assert found.clause == ("purpose" if found.answer == "yes" else "sector")
    seen(buyer, "A", operator)
    assert replays.replay(found.decision_id, by=buyer).outcome == "same"


def test_a_sector_is_a_letter_of_the_list_and_is_named_in_both_languages() -> None:
    assert list(sectors.SECTORS) == [chr(letter) for letter in range(ord("A"), ord("V") + 1)]
    assert all(all(names) for names in sectors.SECTORS.values())
    for given in (["W"], ["a"], ["01"], [""], [7]):
        with pytest.raises(Invalid, match="out of A, B, C") as refusal:
            parse([{"kind": "sector", "any_of": given}])
        assert refusal.value.code == "unknown_sector"
    said = {lang: [row["text"] for row in text(parse([FINANCE]), lang)] for lang in ("en", "fr")}  # type: ignore[arg-type]
    assert any("L (Financial and insurance activities)" in line for line in said["en"])
    assert any("L (Activités financières et d’assurance)" in line for line in said["fr"])
