"""A contract on paper: the sealed document drawn as HTML and PDF for people, on demand. WeasyPrint's only door, which
fetches nothing."""

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from contracts import agreements, identities, rights
from contracts.models import Agreement
from contracts.terms import Language
from datasets import schedule_rows
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Unavailable
from exchange.look.templatetags.look import STANDINGS
from payments import plans

_STYLE = Path(__file__).with_name("static") / "contracts" / "paper.css"


def html(agreement: Agreement, language: Language, *, by: Actor) -> str:
    """The contract as one page of HTML without scripts, styles or pictures."""
    document = agreements.document_visible_to(by, agreement)
    with translation.override(language):
        context = {
            "agreement": agreement,
            "document": document,
            "language": language,
            "exchange": settings.EXCHANGE_NAME,
            "parties": identities.parties_visible_to(by, agreement, document),
            "clauses": [
                (clause, STANDINGS[clause["standing"]][1])
                for clause in agreements.text(agreement, language, by=by)
            ],
            "purpose": rights.purpose_words(document["purpose"]),
            "announced": schedule_rows.sentence_of(document.get("schedule")),
            "affiliates": identities.affiliates_visible_to(by, document),
            "price": plans.parse(document["price"]).price,
            "signatures": [
                one | {"moment": datetime.fromisoformat(one["at"])} for one in document["signatures"]
            ],
        }
        return render_to_string("contracts/paper.html", context)


def pdf(agreement: Agreement, language: Language, *, by: Actor) -> bytes:
    """The contract as a tagged PDF, with the sealed document and the identities beside it attached, as far as the actor
    may see them. Its dates are the contract's, so the same contract gives the same bytes."""
    attached = {
        f"identity-{side}.json": text.encode()
        for side, text in identities.texts_visible_to(by, agreement).items()
    }
    if agreements.document_visible_to(by, agreement) == agreements.document(agreement):
        attached["agreement.json"] = bytes(agreement.document)
    return _drawn(html(agreement, language, by=by), tuple(sorted(attached.items())), agreement.signed_at)


@lru_cache(maxsize=8)
def _drawn(page: str, attached: tuple[tuple[str, bytes], ...], at: datetime) -> bytes:
    try:
        import weasyprint  # here: its libraries take half a second, which only this needs
    except OSError:
        raise Unavailable("PDFs cannot be made here: Pango is not installed", code="pdf_unavailable") from None
    made: bytes = weasyprint.HTML(string=page, url_fetcher=_fetch_nothing).write_pdf(
        stylesheets=[weasyprint.CSS(string=_STYLE.read_text(), url_fetcher=_fetch_nothing)],
        attachments=[
            weasyprint.Attachment(
                string=content, name=name, description=name, relationship="Source", created=at, modified=at
            )
            for name, content in attached
        ],
        pdf_tags=True,
    )
    return made


def answer(agreement: Agreement, language: Language, *, by: Actor) -> HttpResponse:
    """The PDF as a file to keep."""
    name = f"agreement-{agreement.pk}-{language}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(pdf(agreement, language, by=by), content_type="application/pdf", headers=headers)


def _fetch_nothing(url: str, *_: object, **__: object) -> dict[str, Any]:
    raise ValueError("a contract refers to nothing outside itself")
