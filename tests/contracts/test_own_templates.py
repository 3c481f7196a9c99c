"""A seller's own templates: clauses kept under a name, copied into offers, and never referred to by what was signed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from contracts.agreements import agreements
from contracts.models import OwnTemplate
from contracts.own_templates import own_templates
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.models import Event
from tests import dataset_makers, sales

pytestmark = pytest.mark.django_db
Refused = Callable[..., Any]
TERMS = [{"kind": "copies", "max": 2}, {"kind": "purpose", "any_of": ["research"]}]
OTHERS: list[dict[str, Any]] = [{"kind": "copies", "max": 9}]


def test_a_changed_or_dropped_template_touches_nothing_that_was_signed(
    seller: Actor, buyer: Actor, everything: Callable[[], Any]
) -> None:
    template = own_templates.keep("Our usual terms", TERMS, by=seller)
    offer = sales.offer(dataset_makers.published(seller), seller, terms=template.terms)
    right = sales.sold(offer, buyer, seller)
    before = (bytes(right.agreement.document), right.terms, offer.terms)
    own_templates.change(template, terms=OTHERS, by=seller)
    own_templates.change(template, name="Other terms", by=seller)
    own_templates.drop(template, by=seller)
    for row in (offer, right, right.agreement):
        row.refresh_from_db()
    assert (bytes(right.agreement.document), right.terms, offer.terms) == before
    assert agreements.is_intact(right.agreement) and not OwnTemplate.objects.exists()


def test_the_same_again_is_the_same_template_and_a_name_is_given_once(seller: Actor, refused: Refused) -> None:
    first = own_templates.keep("  Ours ", TERMS, by=seller)
    assert own_templates.keep("Ours", TERMS[::-1], by=seller).pk == first.pk
    with refused(Conflict, "template_name_taken"):
        own_templates.keep("Ours", OTHERS, by=seller)
    second = own_templates.keep("Theirs", OTHERS, by=seller)
    with refused(Conflict, "template_name_taken"):
        own_templates.change(second, name="Ours", by=seller)
    later = seller.moved_to(seller.at + timedelta(days=1))
    assert own_templates.change(first, name="Ours", terms=TERMS, by=later).changed_at == seller.at


def test_the_log_holds_no_name_and_other_sellers_find_none(
    seller: Actor, outsider: Actor, officer: Actor, refused: Refused
) -> None:
    template = own_templates.keep("For Maison Blanche", TERMS, by=seller)
    event = Event.objects.get(name="template.kept")
    assert b"Blanche" not in bytes(event.leaf) and b'"purpose","copies"' in bytes(event.leaf)
    assert list(own_templates.templates_visible_to(outsider)) == []
    assert own_templates.template_visible_to(officer, template.pk) == template
    with pytest.raises(NotFound):
        own_templates.template_visible_to(outsider, template.pk)
    with refused(Forbidden, "forbidden"):
        own_templates.change(template, name="Mine now", by=outsider)
    with refused(Forbidden, "forbidden"):
        own_templates.drop(template, by=outsider)


@pytest.mark.parametrize(
    ("name", "terms", "code"),
    [
        ("", TERMS, "invalid"),
        ("x" * 101, TERMS, "invalid"),
        ("A \u202e trick", TERMS, "invalid"),
        ("Good", [{"kind": "whatever"}], "unknown_clause"),
        ("Good", [{"kind": "licence", "sha256": "0" * 64, "title": "Ours"}], "no_such_licence_text"),
    ],
)
def test_what_is_no_template_is_refused(
    name: str, terms: Any, code: str, seller: Actor, refused: Refused
) -> None:
    with refused(Invalid, code):
        own_templates.keep(name, terms, by=seller)


def test_there_is_an_end_to_them(seller: Actor, refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_templates, "MOST", 1)
    first = own_templates.keep("One", TERMS, by=seller)
    with refused(Conflict, "too_many_templates"):
        own_templates.keep("Two", TERMS, by=seller)
    own_templates.drop(first, by=seller)
    with refused(NotFound, "not_found"):
        own_templates.change(first, name="Gone", by=seller)
    assert own_templates.keep("Two", TERMS, by=seller).name == "Two"


def test_over_the_api_they_are_kept_changed_and_dropped(seller: Actor, outsider: Actor, door: Any) -> None:
    kept = door(seller).post("/api/v1/templates", {"name": "Ours", "terms": TERMS})
    assert kept.status_code == 201
    path = f"/api/v1/templates/{kept.json()['id']}"
    assert door(outsider).get(path).status_code == 404
    mine = door(seller).http
    changed = mine.patch(path, {"terms": OTHERS}, content_type="application/json")
    assert (changed.json()["name"], changed.json()["terms"]) == ("Ours", OTHERS)
    assert mine.delete(path).status_code == 204
    assert door(seller).get("/api/v1/templates").json()["items"] == []
