"""A contract on paper: the sealed document drawn as HTML and PDF for people, on demand."""

from datetime import datetime

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from contracts.agreements import agreements, identities
from contracts.models import Agreement
from contracts.terms import rights
from contracts.terms.terms import Language
from datasets.schedules import rows as schedule_rows
from exchange.kernel.actors import Actor
from exchange.look import paper
from exchange.look.templatetags.look import STANDINGS
from payments.plans import plans


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
            "plan": plans.parse(document["price"]),
            "coupon_off": agreements.coupon_off(document),
            "price_sentences": document.get("price_text", {}).get(language, ()),
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
    return paper.pdf(html(agreement, language, by=by), tuple(sorted(attached.items())), agreement.signed_at)


def answer(agreement: Agreement, language: Language, *, by: Actor) -> HttpResponse:
    """The PDF as a file to keep."""
    name = f"agreement-{agreement.pk}-{language}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(pdf(agreement, language, by=by), content_type="application/pdf", headers=headers)
