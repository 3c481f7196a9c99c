"""What the doors of requests of persons need in the house: requests and searches in each state, what is sent to them,
and who is answered."""

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils import timezone

from compliance.follower import follow
from compliance.log.sealing import seal_batch
from compliance.models import SealedRevision, SubjectRequest
from compliance.persons_index import files
from compliance.requests import clock, decisions, identity, index_files, intake, seller_search
from datasets import datasets
from tests import dataset_makers

if TYPE_CHECKING:
    from tests.doors.whole_sale import House

NO_SCOPE = (403, "scope_missing")
REASON = "Seen by the test that tries every door."
_ONE = "POST /compliance/requests/{request_id}"
_SEARCH = "POST /person-searches/{search_id}"


def _always(body: dict[str, Any]) -> Callable[["House"], Any]:
    return lambda house: body


BODIES: dict[str, Callable[["House"], Any]] = {
    "POST /compliance/requests": lambda house: {
        "kind": "access",
        "channel": "letter",
        "received_at": house.seller.at.isoformat(),
        "name": "Jane Roe",
        "address": "1 rue de la Paix",
    },
    f"{_ONE}/identity": _always({"method": "questions"}),
    f"{_ONE}/pause": _always({"why": "clarification", "question": "Which newsletter do you mean?"}),
    f"{_ONE}/extend": _always({"reason": REASON}),
    f"{_ONE}/letters": _always({"message": "We are looking."}),
    f"{_ONE}/own-records/erase": _always({"reason": REASON}),
    f"{_ONE}/searches": _always({"told": "Jane Roe"}),
    f"{_ONE}/recipients": _always({"message": "Take the corrected revision."}),
    f"{_ONE}/answer": _always({"answer": "Here is all that we have of you."}),
    f"{_ONE}/refuse": _always({"ground": "12(6)", "reason": REASON}),
    f"{_SEARCH}/digest": _always({"digest": "00" * 16}),
    f"{_SEARCH}/findings": lambda house: {
        "findings": [{"revision_id": house.ids["searched_revision"][0], "is_found": False}]
    },
    f"{_SEARCH}/dismiss": _always({"reason": REASON}),
}
READS = {
    "GET /compliance/requests",
    "GET /compliance/requests/{request_id}",
    "GET /compliance/requests/{request_id}/person",
}
"""What officers alone read."""
ACTS = {name for name in BODIES if name.startswith("POST /compliance/")} | {
    *(f"{_ONE}/{verb}" for verb in ("start", "resume", "own-records", "answer-file", "withdraw")),
    f"{_SEARCH}/dismiss",
}
"""What officers alone do."""
ANSWERS = {f"{_SEARCH}/{what}" for what in ("person", "digest", "findings")} | {
    "PUT /revisions/{revision_id}/persons-index"
}
"""What a seller owes a person who asks, suspended or not."""
FORMS: dict[str, Any] = {
    "desk_requests_act": {
        "reason": REASON,
        "words": REASON,
        "message": REASON,
        "told": "Jane Roe",
        "method": "questions",
        "ground": "12(6)",
    },
    "desk_requests_new": {
        "channel": "letter",
        "kind": "access",
        "name": "Jane Roe",
        "email": "jane@person.example",
        "received_on": timezone.now().date().isoformat(),
    },
    "desk_requests_dismiss": {"reason": REASON},
    "sell_persons_one": {"digest": "00" * 16},
}
"""What a reader types so that the forms of these pages are taken."""
AGAIN = {"desk_requests_act", "desk_requests_file", "sell_persons_told"}
"""A letter that is sent again is another letter; each look and each taking is recorded."""
OWN_LISTS = {"GET /person-searches", "GET /persons-indexes"}
TO_OUTSIDERS: dict[str, set[tuple[int, str]]] = {
    name: {NO_SCOPE} for name in (READS | ACTS) - {f"{_SEARCH}/dismiss"}
}


def made(house: "House", now: datetime) -> dict[str, list[str]]:
    """The ids by the name of their place in an address; those of pages alone have other names."""
    seller = house.seller.participant_id
    assert seller is not None
    revisions = _of_persons(house, now)
    empty = BytesIO()
    files.write([b"a" * 16], empty)
    index_files.file_index(revisions[0].pk, [empty.getvalue()], by=house.seller)
    working, found, ready = (_taken_in(house, now, kind) for kind in ("access", "erasure", "access"))
    for request in (working, found, ready):
        identity.identify(request, "questions", by=house.officer)
        decisions.start(request, by=house.officer)
    search = _asked(working, seller, house)
    told = _asked(found, seller, house)
    seller_search.answer_by_hand(told, {row.pk: row == revisions[0] for row in revisions}, by=house.seller)
    known, waiting = _taken_in(house, now, "access"), _taken_in(house, now, "objection")
    identity.identify(known, "questions", by=house.officer)
    clock.pause(waiting, "identity", "Which address did you sign up with?", by=house.officer)
    answered = _taken_in(house, now, "portability")
    identity.identify(answered, "in_person", by=house.officer)
    decisions.answer(
        decisions.start(answered, by=house.officer), "Here is all that you gave.", by=house.officer
    )
    return {
        "request_id": [str(working.pk)],
        "search_id": [str(search.pk)],
        "searched_revision": [str(revisions[0].pk)],
        "found_request": [str(found.pk)],
        "ready_request": [str(ready.pk)],
        "known_request": [str(known.pk)],
        "paused_request": [str(waiting.pk)],
        "answered_request": [str(answered.pk)],
        "new_request": [str(_taken_in(house, now, "restriction").pk)],
    }


def _of_persons(house: "House", now: datetime) -> list[SealedRevision]:
    """A sealed revision of a dataset of persons, as the log knows it."""
    dataset = dataset_makers.draft(house.seller, title="Readers of a letter")
    datasets.declare(dataset, **dataset_makers.PERSONAL, by=house.seller)
    dataset_makers.sealed(dataset, house.seller)
    seal_batch(now)
    while follow():
        pass
    [revisions] = seller_search.personal_revisions().values()
    return revisions


def page_ids(house: "House") -> dict[str, str]:
    """What the routes of pages call these rows."""
    names = ("found", "ready", "known", "paused", "answered", "new")
    ids = {f"{name} request of a person": house.ids[f"{name}_request"][0] for name in names}
    answered = SubjectRequest.objects.get(pk=house.ids["answered_request"][0])
    return ids | {
        "request of a person": house.ids["request_id"][0],
        "search for a person": house.ids["search_id"][0],
        "person's link": identity.particulars(answered)["token"],
    }


def _taken_in(house: "House", now: datetime, kind: str) -> SubjectRequest:
    asked = intake.Asked(kind=kind, name="Jane Roe", email="jane@person.example", words="What is there?")
    return intake.take_in(asked, channel="email", received_at=now, by=house.officer)


def _asked(request: SubjectRequest, seller: UUID, house: "House") -> Any:
    [search] = seller_search.ask(request, [seller], "Jane Roe", by=house.officer)
    return search
