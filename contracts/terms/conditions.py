"""What must hold before an offer is asked for, answered or signed: of its terms, and of the data and where it goes."""

from datetime import UTC, datetime

from compliance import gates
from contracts.terms import address_countries, destination_words
from contracts.terms import terms as usage_terms
from datasets import datasets
from datasets.models import Dataset, Revision
from exchange.kernel.errors import Conflict, Forbidden
from exchange.participants.models import Participant

_CLAUSE_REFUSALS = {
    "country_not_allowed": "the terms do not permit this country",
    "purpose_not_allowed": "the terms do not permit this purpose",
    "use_country_not_allowed": "the terms do not permit this country of use",
    "recipient_not_named": "the terms name other recipients",
    "sector_not_allowed": "the terms do not permit the sector of the buyer",
    "sector_unknown": "the terms permit certain sectors alone, and the operator has seen none of the buyer",
    "undecidable": "this clause cannot be decided from what is known",
}


def require_not_over(terms: usage_terms.Terms, at: datetime) -> None:
    """Refuse terms whose last day of access has passed: nobody could use what they permit."""
    last = usage_terms.limits(terms).end_date
    if last is not None and at.astimezone(UTC).date() > last:
        raise Conflict(f"the last day of access that these terms name was {last}", code="end_passed")


def require_checkable(terms: usage_terms.Terms) -> None:
    """Refuse terms that say more than this exchange can do: a check that it has no data for."""
    for clause in terms.clauses:
        is_checked = clause.kind == "address_country" and clause.flag("is_checked")
        if is_checked and not address_countries.is_configured():
            raise Conflict(
                "the clause address_country cannot be checked here: this exchange has no list of address ranges",
                code="no_address_database",
                more={"clause": clause.kind},
            )


def require_permitted(
    terms: usage_terms.Terms, purpose: str, country: str, buyer: Participant, at: datetime
) -> None:
    """Refuse a request that the terms already rule out, by what it declares or what was verified of the buyer."""
    require_checkable(terms)
    for verdict in against(terms, purpose, country, buyer, at):
        code = str(verdict.reason or "undecidable")
        said = _CLAUSE_REFUSALS.get(code, code)
        raise Forbidden(
            f"refused by the clause {verdict.kind}: {said}", code=code, more={"clause": verdict.kind}
        )


def against(
    terms: usage_terms.Terms, purpose: str, country: str, buyer: Participant, at: datetime
) -> list[usage_terms.Verdict]:
    """What the terms have against a request, by what it declares or what was verified of the buyer."""
    groups, sector = gates.groups_on(at.date()), buyer.verified_sector
    return [
        verdict
        for place in sorted({country, buyer.verified_country})
        for verdict in usage_terms.request_allowed(
            terms, purpose, place, str(buyer.pk), use_country=country, sector=sector, groups=groups
        )
        if not verdict.ok
    ]


def require_destination(dataset: Dataset, revision: Revision, buyer: Participant, at: datetime) -> None:
    """Refuse personal data a way to a country that the law does not open."""
    require_way_open(dataset, datasets.class_in_force(dataset, revision), buyer, at)


def require_way_open(dataset: Dataset, data_class: str, buyer: Participant, at: datetime) -> None:
    """The same for data of a class that is known."""
    destination = gates.destination(
        data_class,
        buyer.verified_country,
        frozenset(buyer.certifications),
        at.date(),
        gates.Importer(buyer.pk, dataset.seller_id, dataset.pk),
    )
    if not destination.allowed:
        code = destination.reason or "destination_refused"
        raise Forbidden(
            f"this dataset holds personal data, and it may not go to {buyer.verified_country}: "
            f"{destination_words.hint(code)} (legal profile {destination.profile_version})",
            code=code,
        )
