"""The API of requests of persons: for officers' own tools, and for sellers who search."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router, Status

from compliance.models import PersonsIndex, SellerSearch, SubjectRequest
from compliance.requests import (
    answer_codes,
    clock,
    consequences,
    decisions,
    identity,
    index_files,
    intake,
    own_records,
    queries,
    seller_search,
)
from compliance.requests.schemas import (
    AskSellersIn,
    CheckIn,
    CountsOut,
    DigestIn,
    FindingsIn,
    IndexOut,
    PauseIn,
    PersonAnswerIn,
    PersonLetterIn,
    PersonOut,
    PersonRefusalIn,
    PersonRequestIn,
    PersonRequestOut,
    PersonRequestsQuery,
    PersonSearchesQuery,
    PersonSearchOut,
    TellingOut,
    TellRecipientsIn,
    ToldRecipientsOut,
)
from exchange.kernel import pagination
from exchange.kernel.pagination import Page
from exchange.kernel.schemas import PageOut, PageQuery, ReasonIn
from exchange.look.answers import as_file
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["compliance"])
_PIECE = 64 * 1024
_ONE = "/compliance/requests/{uuid:request_id}"


@router.get("/compliance/requests", response=PageOut[PersonRequestOut])
def list_requests(request: ApiRequest, asked: Query[PersonRequestsQuery]) -> Page[SubjectRequest]:
    """Requests of persons under their pseudonyms, newest first."""
    rows = queries.requests_visible_to(request.auth, which=asked.which or "")
    return pagination.page(rows, cursor=asked.cursor, limit=asked.limit)


@router.post("/compliance/requests", response={201: PersonRequestOut})
def take_in_request(request: ApiRequest, given: PersonRequestIn) -> Status[SubjectRequest]:
    """Take in what came by letter, by e-mail or in person. The clock runs from `received_at`."""
    said = given.dict(exclude={"channel", "received_at"})
    made = intake.take_in(
        intake.Asked(**said), channel=given.channel, received_at=given.received_at, by=request.auth
    )
    return Status(201, made)


@router.get(_ONE, response=PersonRequestOut)
def read_request(request: ApiRequest, request_id: UUID) -> SubjectRequest:
    return queries.request_visible_to(request.auth, request_id)


@router.get(_ONE + "/person", response=PersonOut)
def read_person(request: ApiRequest, request_id: UUID) -> Mapping[str, Any]:
    """Who asks, and in which words. That you looked is an Event."""
    found = queries.request_visible_to(request.auth, request_id)
    person = identity.look_at(found, by=request.auth)
    said = {name: person.get(name, "") for name in ("name", "email", "address", "words")}
    return {"id": found.pk, "state": found.state, **said}


@router.post(_ONE + "/identity", response=PersonRequestOut)
def check_identity(request: ApiRequest, request_id: UUID, given: CheckIn) -> SubjectRequest:
    """Note by what the identity was checked, and whether it was confirmed. No copy of a document is kept."""
    found = queries.request_visible_to(request.auth, request_id)
    verb = identity.identify if given.is_confirmed else identity.doubt
    return verb(found, given.method, by=request.auth)


@router.post(_ONE + "/start", response=PersonRequestOut)
def start_request(request: ApiRequest, request_id: UUID) -> SubjectRequest:
    return decisions.start(queries.request_visible_to(request.auth, request_id), by=request.auth)


@router.post(_ONE + "/pause", response=PersonRequestOut)
def pause_request(request: ApiRequest, request_id: UUID, given: PauseIn) -> SubjectRequest:
    """Ask the person something, and let the clock stand still."""
    found = queries.request_visible_to(request.auth, request_id)
    return clock.pause(found, given.why, given.question, by=request.auth)


@router.post(_ONE + "/resume", response=PersonRequestOut)
def resume_request(request: ApiRequest, request_id: UUID) -> SubjectRequest:
    """The person has answered: the clock goes on, later by as long as it stood still."""
    return clock.resume(queries.request_visible_to(request.auth, request_id), by=request.auth)


@router.post(_ONE + "/extend", response=PersonRequestOut)
def extend_request(request: ApiRequest, request_id: UUID, given: ReasonIn) -> SubjectRequest:
    """Take the longer time that the law allows, once and in time; the person is told."""
    found = queries.request_visible_to(request.auth, request_id)
    return clock.extend(found, given.reason, by=request.auth)


@router.post(_ONE + "/letters", response=PersonRequestOut)
def write_to_person(request: ApiRequest, request_id: UUID, given: PersonLetterIn) -> SubjectRequest:
    found = queries.request_visible_to(request.auth, request_id)
    decisions.write(found, given.message, by=request.auth)
    return found


@router.post(_ONE + "/own-records", response=CountsOut)
def search_own_records(request: ApiRequest, request_id: UUID) -> Mapping[str, int]:
    """How much the exchange itself keeps of the person, by kind; contents go to the person alone."""
    return own_records.search(queries.request_visible_to(request.auth, request_id), by=request.auth)


@router.post(_ONE + "/own-records/erase", response=PersonRequestOut)
def erase_own_records(request: ApiRequest, request_id: UUID, given: ReasonIn) -> SubjectRequest:
    """Destroy for good what the vault keeps of the person's downloads."""
    found = queries.request_visible_to(request.auth, request_id)
    own_records.erase(found, given.reason, by=request.auth)
    return found


@router.post(_ONE + "/searches", response=list[PersonSearchOut])
def ask_sellers(request: ApiRequest, request_id: UUID, given: AskSellersIn) -> list[SellerSearch]:
    """Ask sellers to search their datasets for the person."""
    found = queries.request_visible_to(request.auth, request_id)
    sellers = list(seller_search.personal_revisions()) if given.sellers is None else given.sellers
    return seller_search.ask(found, sellers, given.told, by=request.auth)


@router.post(_ONE + "/recipients", response=ToldRecipientsOut)
def tell_recipients(request: ApiRequest, request_id: UUID, given: TellRecipientsIn) -> Mapping[str, Any]:
    """Tell all who received a revision in which the person was found, by one notice for each dataset."""
    found = queries.request_visible_to(request.auth, request_id)
    opened = consequences.tell_recipients(found, given.message, by=request.auth)
    return {"notices": [one.pk for one in opened]}


@router.post(_ONE + "/answer", response=PersonRequestOut)
def answer_request(request: ApiRequest, request_id: UUID, given: PersonAnswerIn) -> SubjectRequest:
    found = queries.request_visible_to(request.auth, request_id)
    return decisions.answer(found, given.answer, by=request.auth, delay_reason=given.delay_reason)


@router.post(_ONE + "/answer-file")
def take_answer(request: ApiRequest, request_id: UUID) -> HttpResponse:
    """The answer as it is given to the person (ZIP), for one who gets it by post. That you took it is an Event."""
    found = queries.request_visible_to(request.auth, request_id)
    taken = answer_codes.take_for_post(found, by=request.auth)
    return as_file(taken, name=f"answer-{found.person}.zip", media_type="application/zip")


@router.post(_ONE + "/refuse", response=PersonRequestOut)
def refuse_request(request: ApiRequest, request_id: UUID, given: PersonRefusalIn) -> SubjectRequest:
    found = queries.request_visible_to(request.auth, request_id)
    return decisions.refuse(found, given.ground, given.reason, by=request.auth, delay_reason=given.delay_reason)


@router.post(_ONE + "/withdraw", response=PersonRequestOut)
def withdraw_request(request: ApiRequest, request_id: UUID) -> SubjectRequest:
    """The person took it back, and has said so."""
    return decisions.withdraw(queries.request_visible_to(request.auth, request_id), by=request.auth)


@router.get("/person-searches", response=PageOut[PersonSearchOut])
def list_searches(request: ApiRequest, asked: Query[PersonSearchesQuery]) -> Page[SellerSearch]:
    """For which persons your organisation is asked to search its datasets; officers see all."""
    rows = queries.searches_visible_to(request.auth, state=asked.state)
    return pagination.page(rows, cursor=asked.cursor, limit=asked.limit)


@router.get("/person-searches/{uuid:search_id}", response=PersonSearchOut)
def read_search(request: ApiRequest, search_id: UUID) -> SellerSearch:
    return queries.search_visible_to(request.auth, search_id)


@router.post("/person-searches/{uuid:search_id}/person", response=TellingOut)
def read_whom(request: ApiRequest, search_id: UUID) -> Mapping[str, Any]:
    """Whom you search for, for the seller that is asked. That you looked is an Event."""
    found = queries.search_visible_to(request.auth, search_id)
    told = seller_search.read_told(found, by=request.auth)
    return {"id": found.pk, "state": found.state, "told": told}


@router.post("/person-searches/{uuid:search_id}/digest", response=PersonSearchOut)
def answer_by_digest(request: ApiRequest, search_id: UUID, given: DigestIn) -> SellerSearch:
    """Look one digest up in your own indexes of the revisions that are asked about."""
    found = queries.search_visible_to(request.auth, search_id)
    return seller_search.look_up(found, given.digest, by=request.auth)


@router.post("/person-searches/{uuid:search_id}/findings", response=PersonSearchOut)
def answer_by_hand(request: ApiRequest, search_id: UUID, given: FindingsIn) -> SellerSearch:
    """Say of revisions whether the person is in them."""
    found = queries.search_visible_to(request.auth, search_id)
    findings = {one.revision_id: one.is_found for one in given.findings}
    return seller_search.answer_by_hand(found, findings, by=request.auth)


@router.post("/person-searches/{uuid:search_id}/dismiss", response=PersonSearchOut)
def dismiss_search(request: ApiRequest, search_id: UUID, given: ReasonIn) -> SellerSearch:
    """Go on without the seller's answer, for officers."""
    found = queries.search_visible_to(request.auth, search_id)
    return seller_search.dismiss(found, given.reason, by=request.auth)


@router.get("/persons-indexes", response=PageOut[IndexOut])
def list_indexes(request: ApiRequest, asked: Query[PageQuery]) -> Page[PersonsIndex]:
    """The indexes of persons that your organisation has filed."""
    return pagination.page(queries.own_indexes(request.auth), cursor=asked.cursor, limit=asked.limit)


@router.put("/revisions/{uuid:revision_id}/persons-index", response={201: IndexOut})
def file_index(request: ApiRequest, revision_id: UUID) -> Status[PersonsIndex]:
    """File an index of the persons in a sealed revision of yours: the bytes that the tool wrote, as they are.
    A newer one takes its place."""
    return Status(201, index_files.file_index(revision_id, _pieces(request), by=request.auth))


def _pieces(request: ApiRequest) -> Iterator[bytes]:
    """The body as it comes; one that a session's check has read already stands in memory."""
    if hasattr(request, "_body"):
        yield request.body
        return
    while piece := request.read(_PIECE):
        yield piece
