"""A question beside the end of the right that it is about: the answer is that of one order, and its Event says so."""

import json
from typing import Any

import pytest

from contracts.decisions import questions
from contracts.decisions.questions import Question
from contracts.entitlements import entitlements
from contracts.models import Entitlement
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from tests import sales
from tests.rivals import race

pytestmark = [pytest.mark.transactional, pytest.mark.usefixtures("own_database")]

REASON = "the buyer's report shows another purpose"


def test_an_answer_beside_a_revocation_is_that_of_one_order(seller: Actor, buyer: Actor) -> None:
    for _ in range(3):
        held = sales.entitled(seller, buyer)
        mine = Entitlement.objects.get(pk=held.pk)
        question = Question(held.dataset_id, "research", "DE")
        outcomes: list[Any] = race(
            [
                lambda row=mine: entitlements.revoke(row, reason=REASON, by=seller),
                *[lambda asked=question: questions.ask(asked, by=buyer)] * 3,
            ]
        )
        revoked, *answers = outcomes
        assert revoked.state == "revoked"
        for answer in answers:
            assert (answer.answer, answer.code) in {("yes", None), ("no", "entitlement_revoked")}
            facts = json.loads(bytes(Event.objects.get(pk=answer.decision_id).leaf))["facts"]
            [right] = facts["decided"]["rights"]
            assert facts["answer"]["answer"] == answer.answer
            assert (right["state"] == "active") == (answer.answer == "yes")
        assert questions.ask(question, by=buyer).code == "entitlement_revoked"
