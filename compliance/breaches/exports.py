"""The register of breaches as a file, for the authority that asks (Art. 33(5)): CSV, JSON, or paper; and one
notification as it was sent. That an officer took it is an Event."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.template.loader import render_to_string

from compliance.breaches import lines, queries, reports, words
from compliance.desk import note
from compliance.exports.exports import harmless
from compliance.models import Breach, BreachReport
from exchange.kernel.actors import Actor
from exchange.kernel.text import timestamp
from exchange.look import paper
from exchange.look.answers import as_file

FORMAT = "comptoir.breach-register/1"
COLUMNS = (
    *("id", "state", "kinds", "what", "reported_by", "systems", "occurred_from", "occurred_until"),
    *("detected_at", "became_aware_at", "due_at", "profile_version", "profile_sha256"),
    *("persons_count", "records_count", "persons_categories", "data_categories"),
    *("risk", "risk_method", "risk_reasons", "exemption", "exemption_reasons"),
    *("consequences", "measures_taken", "measures_proposed", "lessons", "opened_at", "closed_at"),
)
_COUNTED = (
    "scopes",
    "recipients",
    "authority_told_at",
    "authority_reference",
    "delay_reason",
    "persons_told_at",
)
_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json", "pdf": "application/pdf"}


def answer(form: str, *, by: Actor) -> HttpResponse:
    """The whole register as a file to keep."""
    data = take(form, by=by)
    return as_file(data, name=f"breaches-{by.at.date()}.{form}", media_type=_TYPES[form])


@transaction.atomic
def take(form: str, *, by: Actor) -> bytes:
    """The register in one of its forms, the newest breach first."""
    rows = list(queries.breaches_visible_to(by).order_by("-pk").prefetch_related("scopes", "reports"))
    note("officer.exported", by, {"what": "breaches", "form": form, "rows": len(rows)})
    if form == "csv":
        return _csv(rows)
    if form == "json":
        return _json(rows, by.at)
    context = {"rows": [_shown(row) for row in rows], "at": by.at}
    return paper.pdf(render_to_string("compliance/breaches/register_paper.html", context), (), by.at)


@transaction.atomic
def take_report(report: BreachReport, form: str, *, by: Actor) -> bytes:
    """One notification as it was sent: its document, or that drawn on paper with the document inside."""
    note("officer.exported", by, {"what": "breach report", "report": str(report.pk), "form": form})
    document = report.body.encode()
    if form == "json":
        return document
    found = reports.read(report)
    context = {"report": report, "document": found, "breach": report.breach, "words": _words_of(found)}
    page = render_to_string("compliance/breaches/report_paper.html", context)
    return paper.pdf(page, ((f"report-{report.phase}.json", document),), report.sent_at)


def _csv(rows: Iterable[Breach]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow((*COLUMNS, *_COUNTED))
    for row in rows:
        entry = _entry(row)
        writer.writerow([harmless(_cell(entry[name])) for name in (*COLUMNS, *_COUNTED)])
    return text.getvalue().encode()


def _json(rows: Iterable[Breach], at: datetime) -> bytes:
    found = {
        "format": FORMAT,
        "exported_at": timestamp(at),
        "breaches": [
            {
                **{name: _plain(getattr(row, name)) for name in COLUMNS},
                "missing": lines.missing(row),
                "scopes": [{**scope.facts(), "declared": scope.categories} for scope in row.scopes.all()],
                "reports": [
                    {**report.facts(), "reference": report.reference, "document": reports.read(report)}
                    for report in row.reports.all()
                ],
            }
            for row in rows
        ],
    }
    return json.dumps(found, ensure_ascii=False, indent=1).encode()


def _entry(row: Breach) -> Mapping[str, Any]:
    told = sorted(row.reports.all(), key=lambda one: one.phase)
    authority = [one for one in told if one.audience == BreachReport.Audience.AUTHORITY]
    persons = [one for one in told if one.audience == BreachReport.Audience.PERSONS]
    first = authority[0] if authority else None
    return {
        **{name: getattr(row, name) for name in COLUMNS},
        "scopes": len(row.scopes.all()),
        "recipients": max((scope.recipients for scope in row.scopes.all()), default=0),
        "authority_told_at": first.sent_at if first else None,
        "authority_reference": first.reference if first else "",
        "delay_reason": first.delay_reason if first else "",
        "persons_told_at": persons[0].sent_at if persons else None,
    }


def _shown(row: Breach) -> dict[str, Any]:
    return {
        "breach": row,
        "entry": _entry(row),
        "kinds": [words.KINDS[kind] for kind in row.kinds],
        "source": words.SOURCES[row.reported_by],
        "risk": words.RISKS[row.risk].words if row.risk else "",
    }


def _words_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """The codes of a document in the reader's words; a notice to persons has none."""
    if "nature" not in document:
        return {}
    return {
        "kinds": [words.KINDS[kind] for kind in document["nature"]["kinds"]],
        "source": words.SOURCES[document["nature"]["reported_by"]],
        "risk": words.RISKS[document["risk"]["level"]].words,
        "aware": datetime.fromisoformat(document["nature"]["became_aware_at"]),
        "detected": datetime.fromisoformat(document["nature"]["detected_at"]),
        "due": datetime.fromisoformat(document["deadline"]["due_at"]),
        "began": _moment(document["nature"]["occurred_from"]),
        "ended": _moment(document["nature"]["occurred_until"]),
    }


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None


def _cell(value: object) -> str | int | None:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    found = _plain(value)
    return found if found is None or isinstance(found, int) else str(found)


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return timestamp(value)
    return value if value is None or isinstance(value, int | list) else str(value)
