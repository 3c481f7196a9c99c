"""The API of data requests: a buyer publishes, sellers answer, an officer may withdraw."""

from typing import Any
from uuid import UUID

from ninja import Query, Router, Status

from contracts import queries
from contracts.data_requests import data_requests
from contracts.data_requests import queries as data_request_queries
from contracts.data_requests import schemas as shape
from exchange.kernel.pagination import page
from exchange.kernel.schemas import PageOut, PageQuery, ReasonIn
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["contracts"])


@router.get("/requests", response=PageOut[shape.DataRequestOut])
def list_data_requests(request: ApiRequest, wanted: Query[shape.DataRequestQuery]) -> Any:
    """Your own, the open ones that you may answer, and those that you have answered."""
    rows = data_request_queries.data_requests_visible_to(request.auth)
    rows = data_request_queries.narrowed(rows, words=wanted.q, theme=wanted.theme, state=wanted.state)
    found = page(rows, cursor=wanted.cursor, limit=wanted.limit)
    items = [shape.data_request_out(row, request.auth) for row in found.items]
    return {"items": items, "next_cursor": found.next_cursor}


@router.post("/requests", response={201: shape.DataRequestOut})
def publish_data_request(request: ApiRequest, body: shape.DataRequestIn) -> Any:
    """Ask all verified sellers for data, or the named `sellers` alone."""
    made = data_requests.publish(body.wish(), named=body.sellers, by=request.auth)
    return Status(201, shape.data_request_out(made, request.auth))


@router.get("/requests/{uuid:data_request_id}", response=shape.DataRequestOut)
def show_data_request(request: ApiRequest, data_request_id: UUID) -> Any:
    found = data_request_queries.data_request_visible_to(request.auth, data_request_id)
    return shape.data_request_out(found, request.auth)


@router.put("/requests/{uuid:data_request_id}", response=shape.DataRequestOut)
def change_data_request(request: ApiRequest, data_request_id: UUID, body: shape.ChangeIn) -> Any:
    """Say it otherwise, as long as nobody has answered."""
    found = data_request_queries.data_request_visible_to(request.auth, data_request_id)
    changed = data_requests.change(found, body.wish(), edition=body.edition, by=request.auth)
    return shape.data_request_out(changed, request.auth)


@router.post("/requests/{uuid:data_request_id}/close", response=shape.DataRequestOut)
def close_data_request(request: ApiRequest, data_request_id: UUID, body: shape.CloseIn) -> Any:
    found = data_request_queries.data_request_visible_to(request.auth, data_request_id)
    closed = data_requests.close(found, outcome=body.outcome, seen=body.seen, by=request.auth)
    return shape.data_request_out(closed, request.auth)


@router.post("/requests/{uuid:data_request_id}/withdraw", response=shape.DataRequestOut)
def withdraw_data_request(request: ApiRequest, data_request_id: UUID, body: ReasonIn) -> Any:
    """An officer takes it off the exchange."""
    found = data_request_queries.data_request_visible_to(request.auth, data_request_id)
    withdrawn = data_requests.withdraw(found, reason=body.reason, by=request.auth)
    return shape.data_request_out(withdrawn, request.auth)


@router.post("/requests/{uuid:data_request_id}/answer", response={201: shape.AnswerOut})
def answer_data_request(request: ApiRequest, data_request_id: UUID, body: shape.AnswerIn) -> Any:
    """Answer with an offer of yours that is on the market for this buyer."""
    found = data_request_queries.data_request_visible_to(request.auth, data_request_id)
    offer = queries.offer_visible_to(request.auth, body.offer_id)
    given = data_requests.answer(found, offer, edition=body.edition, note=body.note, by=request.auth)
    return Status(201, shape.answer_out(given, request.auth))


@router.get("/requests/{uuid:data_request_id}/answers", response=PageOut[shape.AnswerOut])
def list_answers(request: ApiRequest, data_request_id: UUID, wanted: Query[PageQuery]) -> Any:
    """Every answer for the buyer and for officers, a seller's own for that seller; each with how it fits."""
    rows = data_request_queries.answers_visible_to(request.auth, data_request_id)
    found = page(rows, cursor=wanted.cursor, limit=wanted.limit)
    items = [shape.answer_out(row, request.auth) for row in found.items]
    return {"items": items, "next_cursor": found.next_cursor}


@router.post("/answers/{uuid:answer_id}/withdraw", response=shape.AnswerOut)
def withdraw_answer(request: ApiRequest, answer_id: UUID) -> Any:
    """The seller takes an answer back; the offer stays as it is."""
    given = data_request_queries.answer_visible_to(request.auth, answer_id)
    return shape.answer_out(data_requests.withdraw_answer(given, by=request.auth), request.auth)


@router.post("/answers/{uuid:answer_id}/decline", response=shape.AnswerOut)
def decline_answer(request: ApiRequest, answer_id: UUID, body: shape.DeclineIn) -> Any:
    """The buyer does not want it; the seller is told only where a `word` is given."""
    given = data_request_queries.answer_visible_to(request.auth, answer_id)
    return shape.answer_out(data_requests.decline(given, word=body.word, by=request.auth), request.auth)
