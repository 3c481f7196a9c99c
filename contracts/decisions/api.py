"""Decisions over HTTP: what may be done with what was bought, and what was decided, given again."""

from typing import Any
from uuid import UUID

from ninja import Router

from contracts.decisions import questions, replays
from contracts.decisions.questions import Question
from contracts.decisions.schemas import DecisionAnswerOut, DecisionOut, QuestionIn, ReplayOut
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["contracts"])


@router.post("/may-i", response=DecisionAnswerOut)
def ask_may_i(request: ApiRequest, body: QuestionIn) -> Any:
    """May this dataset be used for that purpose, in that country, by that organisation, now or then? All three answers
    come with 200: only `yes` permits. Each is kept as an event, by which it can be shown later."""
    question = Question(
        dataset_id=body.dataset_id,
        purpose=body.purpose,
        country=body.country,
        recipient_id=body.recipient,
        at=body.at,
    )
    return questions.ask(question, by=request.auth)


@router.get("/decisions/{uuid:decision_id}", response=DecisionOut)
def get_decision(request: ApiRequest, decision_id: UUID) -> Any:
    """A start, a resumption or a refusal at the gateway, an answer to “May I?”, or a decision of the publish gate, by
    the id of its Event, with everything that it followed from."""
    return replays.decision_visible_to(request.auth, decision_id)


@router.post("/decisions/{uuid:decision_id}/replay", response=ReplayOut)
def replay_decision(request: ApiRequest, decision_id: UUID) -> Any:
    """Decide it again by the same rules, from what was kept alone: the same answer, another one, or why that cannot
    be known. That an officer did is an event."""
    found = replays.replay(decision_id, by=request.auth)
    return {
        "decision_id": found.decision.id,
        "outcome": found.outcome,
        "rules": found.decision.rules,
        "said": found.decision.said,
        "again": found.again,
        "why": found.why,
        "as_recorded": list(found.as_recorded),
    }
