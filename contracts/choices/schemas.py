"""In and out shapes of the choices of an offer."""

from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from contracts.choices import choices
from contracts.choices.choices import Choice
from contracts.models import Offer
from contracts.odrl import policies
from contracts.terms import terms
from exchange.kernel.money import Money
from exchange.kernel.schemas import In, MoneyOut, OptionalLine

Number = Annotated[int, Field(ge=1, le=1_000)]


class ChoiceIn(In):
    """Clauses that set a choice apart, and what it costs."""

    terms: list[dict[str, Any]]
    plan: dict[str, Any]


class ChoiceOut(Schema):
    """`terms` are the clauses that set a choice apart; the offer's other clauses hold for each. `digest` stands for all
    that would be signed, and its price."""

    number: int
    terms: list[dict[str, Any]]
    plan: dict[str, Any]
    digest: str


class PriceIn(In):
    """`choice` is left out where an offer leaves nothing to choose. `coupon`: a code to weigh for your organisation;
    nothing is taken of it."""

    choice: Number | None = None
    coupon: OptionalLine = ""


class PriceOut(Schema):
    """All that would be agreed, and what it costs; `digest` stands for both. `due_first` is what is charged at the
    signature before VAT, less what a coupon takes off, whether the price is for all or for you alone: both count."""

    choice: int | None
    terms: list[dict[str, Any]]
    text: dict[str, list[dict[str, Any]]]
    permissions: dict[str, str]
    policy: dict[str, Any]
    plan: dict[str, Any]
    due_first: MoneyOut | None
    digest: str


def choice_out(offer: Offer, choice: Choice) -> dict[str, Any]:
    return {
        "number": choice.number,
        "terms": choice.own,
        "plan": choice.plan,
        "digest": choices.digest(offer, choice),
    }


def price_out(offer: Offer, choice: Choice, due_first: Money | None) -> dict[str, Any]:
    found = terms.thaw(choice.terms)
    return {
        "choice": choice.number,
        "terms": choice.terms,
        "text": {"en": terms.text(found, "en"), "fr": terms.text(found, "fr")},
        "permissions": terms.permissions(found),
        "due_first": MoneyOut.of(due_first) if due_first else None,
        "policy": policies.offered(
            found, offer_id=offer.pk, seller_id=offer.seller_id, dataset_id=offer.dataset_id
        ),
        "plan": choice.plan,
        "digest": choices.digest(offer, choice),
    }
