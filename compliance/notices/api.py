"""The API of notices to recipients: all of it for officers, for sellers how theirs stand, for recipients theirs."""

from typing import Any
from uuid import UUID

from ninja import Query, Router, Status

from compliance.models import NoticeRow
from compliance.notices import answers, by_hand, queries, statements
from compliance.notices.opening import open_notice
from compliance.notices.schemas import (
    HandedOverIn,
    NoticeAnswerIn,
    NoticeIn,
    NoticeOut,
    NoticeRowOut,
    NoticesQuery,
    RowsQuery,
    ToAnswerOut,
    ToAnswerQuery,
    notices_out,
    rows_out,
    to_answer_out,
)
from exchange.kernel import pagination
from exchange.kernel.schemas import PageOut, ReasonIn
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["compliance"])


@router.get("/compliance/notices", response=PageOut[NoticeOut])
def list_notices(request: ApiRequest, asked: Query[NoticesQuery]) -> Any:
    """All notices for officers; for a seller those about its own datasets."""
    found = queries.notices_visible_to(request.auth, asked.occasion)
    if asked.state is not None:
        found = found.filter(state=asked.state)
    if asked.dataset is not None:
        found = found.filter(dataset_id=asked.dataset)
    page = pagination.page(found, cursor=asked.cursor, limit=asked.limit)
    return {"items": notices_out(page.items), "next_cursor": page.next_cursor}


@router.post("/compliance/notices", response={201: NoticeOut})
def open_one(request: ApiRequest, given: NoticeIn) -> Status[Any]:
    """Tell all who received some revisions what to do. The same occasion, kind and dataset is the same notice."""
    asked: dict[str, Any] = given.model_dump()
    return Status(201, notices_out([open_notice(**asked, by=request.auth)])[0])


@router.get("/compliance/notices/{uuid:notice_id}", response=NoticeOut)
def read_notice(request: ApiRequest, notice_id: UUID) -> Any:
    return notices_out([queries.notice_visible_to(request.auth, notice_id)])[0]


@router.get("/compliance/notices/{uuid:notice_id}/recipients", response=PageOut[NoticeRowOut])
def list_notice_rows(request: ApiRequest, notice_id: UUID, asked: Query[RowsQuery]) -> Any:
    """A row for each recipient, with what it answered."""
    notice = queries.notice_visible_to(request.auth, notice_id)
    found = queries.rows_visible_to(request.auth, notice)
    if asked.state is not None:
        found = found.filter(state=asked.state)
    page = pagination.page(found, cursor=asked.cursor, limit=asked.limit)
    return {"items": rows_out(page.items), "next_cursor": page.next_cursor}


@router.post("/compliance/notices/{uuid:notice_id}/statement")
def take_statement(request: ApiRequest, notice_id: UUID) -> dict[str, Any]:
    """What was done so far, sealed; `comptoir-verify statement` checks it offline."""
    return {**statements.state(queries.notice_visible_to(request.auth, notice_id), by=request.auth)}


@router.post("/compliance/notice-recipients/{uuid:row_id}/deliver", response=NoticeRowOut)
def deliver_by_hand(request: ApiRequest, row_id: UUID, given: HandedOverIn) -> Any:
    """Note that it was handed over by another way, and what shows it."""
    row = queries.row_visible_to(request.auth, row_id)
    return _row(by_hand.deliver(row, given.evidence, by=request.auth))


@router.post("/compliance/notice-recipients/{uuid:row_id}/return", response=NoticeRowOut)
def note_return(request: ApiRequest, row_id: UUID, given: HandedOverIn) -> Any:
    """Note that what was sent came back."""
    row = queries.row_visible_to(request.auth, row_id)
    return _row(by_hand.note_return(row, given.evidence, by=request.auth))


@router.post("/compliance/notice-recipients/{uuid:row_id}/chase", response=NoticeRowOut)
def chase_one(request: ApiRequest, row_id: UUID) -> Any:
    """Remind a recipient now; one that could not be reached is told again."""
    return _row(by_hand.chase(queries.row_visible_to(request.auth, row_id), by=request.auth))


@router.post("/compliance/notice-recipients/{uuid:row_id}/escalate", response=NoticeRowOut)
def escalate_one(request: ApiRequest, row_id: UUID) -> Any:
    """Suspend its rights to the dataset until it answers."""
    return _row(by_hand.escalate(queries.row_visible_to(request.auth, row_id), by=request.auth))


@router.post("/compliance/notice-recipients/{uuid:row_id}/excuse", response=NoticeRowOut)
def excuse_one(request: ApiRequest, row_id: UUID, given: ReasonIn) -> Any:
    """Close a row without an answer, because telling this recipient is impossible or out of proportion."""
    row = queries.row_visible_to(request.auth, row_id)
    return _row(by_hand.excuse(row, given.reason, by=request.auth))


@router.get("/compliance/notices-to-answer", response=PageOut[ToAnswerOut])
def list_to_answer(request: ApiRequest, asked: Query[ToAnswerQuery]) -> Any:
    """What your organisation was told about data that it received."""
    found = queries.to_answer_visible_to(request.auth)
    if not asked.all:
        found = found.filter(state__in=NoticeRow.OPEN)
    page = pagination.page(found, cursor=asked.cursor, limit=asked.limit)
    return {"items": to_answer_out(page.items), "next_cursor": page.next_cursor}


@router.get("/compliance/notices-to-answer/{uuid:row_id}", response=ToAnswerOut)
def read_to_answer(request: ApiRequest, row_id: UUID) -> Any:
    return to_answer_out([queries.one_to_answer_visible_to(request.auth, row_id)])[0]


@router.post("/compliance/notices-to-answer/{uuid:row_id}/read", response=ToAnswerOut)
def note_reading(request: ApiRequest, row_id: UUID) -> Any:
    """Note that your organisation has read it, as opening its page does."""
    row = queries.one_to_answer_visible_to(request.auth, row_id)
    answers.read(row, by=request.auth)
    return to_answer_out([row])[0]


@router.post("/compliance/notices-to-answer/{uuid:row_id}/answers", response={201: ToAnswerOut})
def give_answer(request: ApiRequest, row_id: UUID, given: NoticeAnswerIn) -> Status[Any]:
    """Say what was done. A later answer stands beside the earlier ones."""
    row = queries.one_to_answer_visible_to(request.auth, row_id)
    answers.answer(row, **given.model_dump(), by=request.auth)
    return Status(201, to_answer_out([row])[0])


def _row(row: NoticeRow) -> Any:
    return rows_out([row])[0]
