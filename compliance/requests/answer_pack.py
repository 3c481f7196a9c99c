"""What a person gets as the answer: one document, from which the files are drawn whenever they are taken. It names who
received what, not kinds of recipients, and says what is left out and why. The same document gives the same bytes."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from compliance import labels
from compliance import words as desk_words
from compliance.activities import words as activity_words
from compliance.exports.exports import harmless
from compliance.models import (
    DeclaredDataset,
    NoticeRow,
    RecipientNotice,
    SearchedRevision,
    SellerSearch,
    SubjectRequest,
    TransferRecord,
)
from compliance.recipients import recipients
from compliance.recipients.recipients import Received
from compliance.requests import identity, law, own_records, seller_search
from compliance.requests import words as said
from exchange.kernel.actors import Actor
from exchange.kernel.models import EventDetail
from exchange.kernel.text import timestamp
from exchange.look import paper
from exchange.participants import queries as participant_queries
from exchange.participants.notices import queries as notice_queries

JSON, CSV, PDF = "answer.json", "recipients.csv", "answer.pdf"
_DATE = (1980, 1, 1, 0, 0, 0)
_PRINTED = 500  # recipients on paper; the file of them has all
_COLUMNS = (
    "dataset",
    "revision",
    "seller",
    "recipient",
    "country",
    "first",
    "last",
    "what",
    "purposes",
    "done",
)


@dataclass(frozen=True)
class Pack:
    """The document as it is sealed, and its digest, which stands in the log."""

    written: bytes
    sha256: str


def make(request: SubjectRequest, words: str, *, by: Actor) -> Pack:
    """Put the answer together, as of now, in the language of the request."""
    with translation.override(request.language):
        found = _document(request, words, by)
    written = json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True).encode()
    return Pack(written, hashlib.sha256(written).hexdigest())


def as_sealed(pack: Pack) -> dict[str, str]:
    """As the vault keeps it."""
    return {"document": pack.written.decode()}


def archive(written: bytes) -> bytes:
    """The document, the recipients as a table, and both on paper: one zip."""
    found = json.loads(written)
    files = {JSON: written, CSV: _table(found), PDF: _paper(found, written)}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as to:
        for name in sorted(files):
            member = zipfile.ZipInfo(name, _DATE)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            to.writestr(member, files[name])
    return made.getvalue()


def _document(request: SubjectRequest, words: str, by: Actor) -> dict[str, Any]:
    operator = participant_queries.operators_organisation()
    person, profile = identity.particulars(request), law.profile_of(request)
    sees_data = request.kind in (SubjectRequest.Kind.ACCESS, SubjectRequest.Kind.PORTABILITY)
    return {
        "form": "comptoir.answer/1",
        "language": request.language,
        "exchange": settings.EXCHANGE_NAME,
        "controller": operator.name if operator else settings.EXCHANGE_NAME,
        "request": {
            "reference": request.person,
            "kind": {"code": str(request.kind), "words": str(said.KINDS[request.kind])},
            "received": timestamp(request.received_at),
            "answered": timestamp(by.at),
            "identity": str(said.CHECKS[request.check_method]),
            "name": person.get("name", ""),
            "asked": person.get("words", ""),
        },
        "answer": words,
        "kept_here": own_records.everything(request) if sees_data else None,
        "datasets": [_dataset(row, request, by) for row in seller_search.found_in(request)],
        "left_out": list(_left_out(request)),
        "periods": {name: _period(profile.period(name)) for name in profile.names_of_periods("retention.")},
        "rights": _rights(request),
        "legal_profile": {"version": profile.version, "sha256": profile.sha256},
    }


def _dataset(row: SearchedRevision, request: SubjectRequest, by: Actor) -> dict[str, Any]:
    declared = DeclaredDataset.objects.filter(pk=row.dataset_id).first()
    received = recipients.of(row.dataset_id, row.revision_id, visible_to=by)
    names = notice_queries.names([*(one.buyer_id for one in received), row.search.seller_id])
    done, uses = _done(request, row.dataset_id), _uses(row.revision_id)
    return {
        "id": str(row.dataset_id),
        "title": labels.names("dataset", [row.dataset_id]).get(row.dataset_id, str(row.dataset_id)),
        "revision": labels.names("revision", [row.revision_id]).get(row.revision_id, str(row.revision_id)),
        "source": names.get(row.search.seller_id, str(row.search.seller_id)),
        "holds": _holds(declared) if declared else "",
        "legal_basis": str(desk_words.BASES.get(declared.legal_basis, "")) if declared else "",
        "kept_months": (declared.processing or {}).get("retention_months") if declared else None,
        "measure": _measure(request, row.dataset_id),
        "recipients": [
            _recipient(one, uses.get(one.buyer_id, ()), names.get(one.buyer_id, ""), done) for one in received
        ],
    }


def _holds(declared: DeclaredDataset) -> str:
    """Which data a dataset holds, as far as its seller says so."""
    codes = (declared.processing or {}).get("data") or ()
    kinds = [str(activity_words.DATA.get(code, code)) for code in codes]
    return ", ".join(kinds) or str(desk_words.CLASSES.get(declared.personal_data, ""))


def _recipient(
    one: Received, uses: Collection[tuple[str, str]], name: str, done: Mapping[UUID, str]
) -> dict[str, Any]:
    return {
        "name": name or str(one.buyer_id),
        "countries": sorted({country for country, _purpose in uses if country}),
        "purposes": sorted({str(labels.word("purpose", purpose)) for _country, purpose in uses if purpose}),
        "first": timestamp(one.first_at),
        "last": timestamp(one.last_at),
        "whole": one.is_whole,
        "done": done.get(one.buyer_id, ""),
    }


def _uses(revision_id: UUID) -> dict[UUID, set[tuple[str, str]]]:
    """To which countries and for which purposes each recipient took a revision."""
    taken = TransferRecord.objects.filter(revision_id=revision_id).exclude(result=TransferRecord.Result.REFUSED)
    found: dict[UUID, set[tuple[str, str]]] = {}
    for buyer_id, country, purpose in taken.values_list("buyer_id", "country_to", "purpose").distinct():
        if buyer_id is not None:
            found.setdefault(buyer_id, set()).add((country, purpose))
    return found


def _measure(request: SubjectRequest, dataset_id: UUID) -> str:
    """What was asked of the recipients of a dataset; empty where nothing was."""
    told = _notice(request, dataset_id)
    words = {
        "erasure": _("The recipients were told to erase it."),
        "correction": _("The recipients were told to correct it."),
        "restriction": _("The recipients were told to keep it and not to use it."),
    }
    return words.get(told.kind, "") if told else ""


def _done(request: SubjectRequest, dataset_id: UUID) -> dict[UUID, str]:
    told = _notice(request, dataset_id)
    words = {"done": _("has done it"), "impossible": _("cannot do it: the reason is kept")}
    rows = NoticeRow.objects.filter(notice=told).values_list("buyer_id", "state") if told else ()
    return {buyer_id: words.get(state, "") for buyer_id, state in rows}


def _notice(request: SubjectRequest, dataset_id: UUID) -> RecipientNotice | None:
    return RecipientNotice.objects.filter(occasion=f"request:{request.pk}", dataset_id=dataset_id).first()


def _left_out(request: SubjectRequest) -> Iterator[dict[str, str]]:
    """What is not in the answer, and why."""
    if request.limited_by:
        yield {"what": law.held(request).code, "why": law.words(request, "restricted")}
    dismissed = request.searches.filter(state=SellerSearch.State.DISMISSED)
    names = notice_queries.names([one.seller_id for one in dismissed])
    for one in dismissed.order_by("pk"):
        detail = EventDetail.objects.filter(
            event__subject=f"sellersearch:{one.pk}", event__name="sellersearch.dismissed"
        ).first()
        what = _("The datasets of %(name)s were not searched.") % {"name": names.get(one.seller_id, "")}
        yield {"what": what, "why": detail.body.get("reason", "") if detail else ""}
    yield {
        "what": _("Backups"),
        "why": _("Copies for emergencies are not searched. They are deleted when their time is over."),
    }


def _rights(request: SubjectRequest) -> list[str]:
    return [
        _("You may ask us to correct, erase or restrict data about you, or object to its use."),
        _("You may receive the data that you gave us by consent or for a contract, and pass it on."),
        law.words(request, "complaint"),
    ]


def _period(period: Any) -> str:
    if n := period.months:
        return ngettext("%(n)s month", "%(n)s months", n) % {"n": n}
    if n := period.days:
        return ngettext("%(n)s day", "%(n)s days", n) % {"n": n}
    n = period.hours
    return ngettext("%(n)s hour", "%(n)s hours", n) % {"n": n} if n else ""


def _table(found: Mapping[str, Any]) -> bytes:
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for dataset, one in _rows(found):
        writer.writerow(
            [
                harmless(value)
                for value in (
                    *(dataset["title"], dataset["revision"], dataset["source"], one["name"]),
                    *(" ".join(one["countries"]), one["first"], one["last"]),
                    "whole" if one["whole"] else "part",
                    *(", ".join(one["purposes"]), one["done"]),
                )
            ]
        )
    return table.getvalue().encode("utf-8-sig")


def _rows(found: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    return ((dataset, one) for dataset in found["datasets"] for one in dataset["recipients"])


def _paper(found: Mapping[str, Any], written: bytes) -> bytes:
    with translation.override(found["language"]):
        datasets = [
            {**dataset, "recipients": [_dated(one) for one in dataset["recipients"][:_PRINTED]]}
            | {"more": max(0, len(dataset["recipients"]) - _PRINTED)}
            for dataset in found["datasets"]
        ]
        context = {
            **found,
            "datasets": datasets,
            "received": datetime.fromisoformat(found["request"]["received"]),
            "answered": datetime.fromisoformat(found["request"]["answered"]),
            "periods": _named_periods(found["periods"]),
            "downloads": [
                {**one, "moment": datetime.fromisoformat(one["at"])}
                for one in (found["kept_here"] or {}).get("downloads", ())[:_PRINTED]
            ],
            "sha256": hashlib.sha256(written).hexdigest(),
        }
        page = render_to_string("compliance/requests/answer_paper.html", context)
    return paper.pdf(page, (), context["answered"])


def _dated(one: Mapping[str, Any]) -> dict[str, Any]:
    return {**one, "first": datetime.fromisoformat(one["first"]), "last": datetime.fromisoformat(one["last"])}


def _named_periods(periods: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """The periods that say something to a person."""
    words = {
        "retention.sealed_address": _("Network address and program of your downloads"),
        "retention.actor_identity": _("Who you are behind your pseudonyms"),
        "retention.leaves": _("What was done, under pseudonyms"),
        "retention.request": _("This request"),
        "retention.mail": _("Our mails to you"),
    }
    return [(words[name], period) for name, period in periods.items() if name in words]
