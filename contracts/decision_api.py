"""Decisions over HTTP: what may be done with what was bought."""

from typing import Any

from ninja import Router

from contracts import questions
from contracts.decision_schemas import AnswerOut, QuestionIn
from contracts.questions import Question
from exchange.participants.auth import ApiRequest

router = Router(tags=["contracts"])


@router.post("/may-i", response=AnswerOut)
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
