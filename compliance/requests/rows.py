"""Requests of persons as pages show them: how they stand, what passed in letters, what sellers found, what happened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from compliance import labels, legal
from compliance.models import RequestLetter, SearchedRevision, SellerSearch, SubjectRequest
from compliance.proofs import proven
from compliance.proofs.proven import Moment
from compliance.requests import queries, words
from compliance.words import Mark, Words
from exchange.kernel.errors import ExchangeError
from exchange.look.refusals import sentence_of
from exchange.participants import vault
from exchange.participants.notices import queries as notice_queries

_NOT_SHOWN = ("confirm", "code")


@dataclass(frozen=True)
class Row:
    """One request on the board."""

    request: SubjectRequest
    kind: Words
    channel: Words
    mark: Mark
    due: Mark | None


@dataclass(frozen=True)
class Letter:
    """One letter with its words; none once they were erased."""

    letter: RequestLetter
    kind: Words
    body: str | None
    mark: Mark | None

    @property
    def is_from_person(self) -> bool:
        return self.letter.direction == RequestLetter.Direction.IN


@dataclass(frozen=True)
class Search:
    """What one seller was asked, and what it found."""

    search: SellerSearch
    seller: str
    mark: Mark
    revisions: list[tuple[SearchedRevision, str, Mark]]

    @property
    def found(self) -> int:
        return sum(row.finding == SearchedRevision.Finding.FOUND for row, _title, _mark in self.revisions)

    @property
    def waiting(self) -> int:
        return sum(row.finding == SearchedRevision.Finding.WAITING for row, _title, _mark in self.revisions)


def of(requests: Iterable[SubjectRequest], now: datetime) -> list[Row]:
    """The rows of the board."""
    soon = now + timedelta(days=max(one.days for one in legal.current().periods("request.reminders")))
    return [
        Row(one, words.KINDS[one.kind], words.CHANNELS[one.channel], mark_of(one), _due(one, now, soon))
        for one in requests
    ]


def mark_of(request: SubjectRequest) -> Mark:
    """How a request stands."""
    if not request.is_confirmed and request.is_open:
        return words.UNCONFIRMED
    if request.paused_at is not None:
        return words.PAUSED
    return words.STATES[request.state]


def letters_for_person(request: SubjectRequest) -> list[Letter]:
    """What passed, newest first, as the person may read it."""
    return [one for one in letters_of(request) if one.letter.kind not in _NOT_SHOWN]


def letters_of(request: SubjectRequest) -> list[Letter]:
    """What passed, newest first."""
    return [_letter(one, request) for one in reversed(queries.letters_of(request))]


def searches_of(searches: Iterable[SellerSearch]) -> list[Search]:
    """What sellers were asked, with every revision."""
    some = list(searches)
    rows = SearchedRevision.objects.filter(search__in=some).order_by("dataset_id", "revision_id")
    found: dict[UUID, list[SearchedRevision]] = {}
    for row in rows:
        found.setdefault(row.search_id, []).append(row)
    titles = labels.names("dataset", {row.dataset_id for row in rows})
    numbers = labels.names("revision", {row.revision_id for row in rows})
    sellers = notice_queries.names([one.seller_id for one in some])
    return [
        Search(
            one,
            sellers.get(one.seller_id, str(one.seller_id)),
            words.SEARCHES[one.state],
            [
                (row, title_of(row, titles, numbers), words.FINDINGS[row.finding])
                for row in found.get(one.pk, ())
            ],
        )
        for one in some
    ]


def title_of(row: SearchedRevision, titles: dict[UUID, str], numbers: dict[UUID, str]) -> str:
    """A revision by its dataset's title and its number."""
    title = titles.get(row.dataset_id, str(row.dataset_id))
    number = numbers.get(row.revision_id, str(row.revision_id))
    return _("%(title)s, revision %(number)s") % {"title": title, "number": number}


def moments_of(request: SubjectRequest) -> Sequence[Moment]:
    """What happened, oldest first, each with how far it is proven."""
    return proven.moments(queries.events_of(request), queries.proven_leaves(), None)


def sentence(refusal: ExchangeError) -> str:
    """What a refusal says to the reader of a page."""
    return str(sentence_of(refusal))


def _due(request: SubjectRequest, now: datetime, soon: datetime) -> Mark | None:
    if request.delay_reason:
        return words.LATE
    if not request.is_open or request.paused_at is not None:
        return None
    if request.due_at < now:
        return words.OVERDUE
    return words.SOON if request.due_at < soon else None


def _letter(letter: RequestLetter, request: SubjectRequest) -> Letter:
    written = vault.read(letter.record)
    mark = None
    if letter.direction == RequestLetter.Direction.OUT:
        mark = words.MAILED if letter.mailed_at else words.ON_ITS_WAY if letter.mail_due_at else words.BY_POST
    return Letter(
        letter, words.LETTERS.get(letter.kind, letter.kind), written["body"] if written else None, mark
    )
