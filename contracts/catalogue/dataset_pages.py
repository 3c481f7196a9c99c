"""A dataset as buyers see it: what is in it, on what terms it is offered, its revisions, and who sells it."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from contracts.catalogue import catalogue, dataset_files, dataset_history, dataset_offers, seller_record
from contracts.catalogue.entries import is_country
from datasets import queries, words
from datasets.descriptions import markup
from datasets.models import Dataset, Revision
from datasets.schedules import rows as schedule_rows
from exchange.look import formats
from exchange.look.answers import show
from exchange.look.names import country_name, language_name
from exchange.participants.actors.page_auth import PageRequest, open_page


@require_safe
@never_cache
@open_page
def dataset(request: PageRequest, dataset_id: UUID) -> HttpResponse:
    """One dataset. `offer`, `file` and `column` choose what is looked at; what is not there is passed over."""
    actor, asked = request.actor, request.GET
    found = catalogue.dataset_visible_to(actor, dataset_id)
    rail = dataset_offers.rail(actor, found, catalogue.offers_of(actor, found), asked.get("offer", ""))
    revision, declaration = queries.current_revision(found.pk), queries.current_declaration(found.pk)
    record = seller_record.of(found.seller_id, found.seller.verified_at, actor.at)
    address = f"{settings.EXCHANGE_URL}{reverse('dataset', args=[found.pk])}"
    context = {
        "dataset": found,
        "rail": rail,
        "revision": revision,
        "revision_mark": words.REVISIONS[revision.state] if revision else None,
        "files": dataset_files.files(revision, declaration, asked.get("file", ""), asked.get("column", "")),
        "history": dataset_history.history(found),
        "schedule": schedule_rows.announced(found, actor.at.date()),
        "record": record,
        "answer_words": _span(record.answer) if record.answer is not None else "",
        "inspection_days": settings.EXCHANGE_INSPECTION_DAYS,
        "is_visitor": not request.user.is_authenticated,
        "address": address,
        "citation": _citation(found, revision, address),
        **_described(found),
    }
    return show(request, "contracts/dataset.html", context, section="catalogue")


def _described(found: Dataset) -> dict[str, object]:
    return {
        "seller_country": found.seller.verified_country or found.seller.country,
        "theme_words": words.THEMES.get(found.theme, found.theme),
        "language_name": language_name(found.language),
        "frequency": words.FREQUENCIES.get(found.frequency, ""),
        "places": [_place(place) for place in found.spatial],
        "description_html": markup.render(found.description),
    }


def _span(spent: timedelta) -> str:
    """Minutes under an hour, hours under two days, then days."""
    minutes = max(1, round(spent.total_seconds() / 60))
    if minutes < 60:
        said, count = ngettext("%(count)s minute", "%(count)s minutes", minutes), minutes
    elif minutes < 48 * 60:
        count = round(minutes / 60)
        said = ngettext("%(count)s hour", "%(count)s hours", count)
    else:
        count = round(minutes / 60 / 24)
        said = ngettext("%(count)s day", "%(count)s days", count)
    return said % {"count": formats.number(count)}


def _place(code: str) -> str:
    return country_name(code) if is_country(code) else code


def _citation(found: Dataset, revision: Revision | None, address: str) -> str:
    """In the form of DataCite: who, when, what, which version, where; with the digest where there is one."""
    if revision is None or revision.sealed_at is None:
        return f"{found.seller.name}: {found.title}. {settings.EXCHANGE_NAME}. {address}"
    return (
        f"{found.seller.name} ({revision.sealed_at.year}): {found.title}. Version {revision.number}. "
        f"{settings.EXCHANGE_NAME}. {address} sha256:{revision.digest}"
    )
