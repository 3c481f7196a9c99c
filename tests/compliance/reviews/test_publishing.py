"""The publish gate through the API: an undeclared column of Article 9 is refused, what law asks for must be stated, and
declaration and scan are read side by side by seller and officer alike."""

from datetime import date, timedelta
from typing import Any

import pytest

from compliance import legal
from compliance.models import Review
from compliance.reviews import statements
from compliance.reviews.statements import Statement
from datasets import datasets
from datasets.gate import findings
from exchange.kernel.errors import Invalid
from exchange.kernel.models import Event
from tests import dataset_makers as make
from tests.makers import Door

TODAY = date(2026, 11, 23)
REASON = {"reason": "Checked with the seller against the register."}
PATIENTS = b"visit,diagnosis,speed\n" + b"".join(f"{n},J{n % 90 + 10},{n}\n".encode() for n in range(40))
SPECIAL: dict[str, Any] = {
    "personal_data": "special",
    "columns": {"visit": "none", "speed": "none"},
    "legal_basis": "6.1.a",
    "article_9_ground": "9.2.a",
    "purposes": ["care"],
    "source": "a clinic",
}
DPIA = {"dpia_reference": "DPIA 12", "dpia_on": "2026-05-04", "dpia_outcome": "low_risk"}
EVIDENCE = {"ground_evidence": "file 7", "ground_sha256": "cd" * 32}


def plain(statement: Any) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, date) else value for name, value in statement.items()}


@pytest.mark.django_db
def test_an_undeclared_column_of_article_9_is_not_published_and_a_whole_declaration_waits_for_an_officer(
    seller: Any, officer: Any, outsider: Any
) -> None:
    dataset = make.draft(seller)
    make.declare_free(dataset, seller)
    make.measured(dataset, seller, {"visits.csv": PATIENTS})
    own: Any = Door(seller)
    desk: Any = Door(officer)
    path = f"/api/v1/datasets/{dataset.pk}"

    def publish() -> tuple[int, str, str]:
        said = own.post(f"{path}/publish")
        body = said.json()
        return (
            said.status_code,
            body.get("type", "").rsplit("/", 1)[-1].rsplit(":", 1)[-1],
            body.get("field", ""),
        )

    status, code, _ = publish()
    assert (status, code) == (409, "held_for_officer")
    dataset.refresh_from_db()
    assert dataset.state == "draft" and Review.objects.get().causes == ["mismatch", "special"]

    steps: list[tuple[dict[str, Any], str, str]] = [
        ({}, "ground_evidence_missing", "ground_evidence"),
        ({**EVIDENCE, "screening": ["matching"]}, "dpia_missing", "dpia_reference"),
        (DPIA, "notice_missing", "notice_url"),
        ({**plain(make.STATED), "rights_stated": False}, "rights_missing", "rights_stated"),
        ({"rights_stated": True, "rights": "licensed"}, "rights_missing", "rights_reference"),
    ]
    stated: dict[str, Any] = {}
    for more, wanted, field in steps:
        stated |= more
        assert own.post(f"{path}/declare", {**SPECIAL, "statement": stated}).status_code == 200
        assert publish() == (409, wanted, field)
    stated["rights_reference"] = "contract 2026/9"
    own.post(f"{path}/declare", {**SPECIAL, "statement": stated})
    assert publish()[:2] == (409, "held_for_officer")  # declared and found, and still an officer looks

    gate = own.get(f"{path}/gate").json()
    assert (gate["state"], gate["causes"], gate["lacking"]) == ("held", ["special"], [])
    assert gate["criteria"] == ["sensitive_data", "matching"]
    seen = {one["column"]: (one["declared"], one["found"], one["standing"]) for one in gate["columns"]}
    assert seen == {
        "diagnosis": ("special", "special", "agrees"),
        "visit": ("none", "", "clear"),
        "speed": ("none", "", "clear"),
    }
    [waiting] = desk.get("/api/v1/compliance/reviews", state="open", cause="special").json()["items"]
    review = desk.get(f"/api/v1/compliance/reviews/{waiting['id']}").json()
    assert review["columns"] == gate["columns"] and review["stated"]["dpia_reference"] == "DPIA 12"
    assert "J10" not in str(review)
    assert Door(outsider).get(f"/api/v1/compliance/reviews/{waiting['id']}").status_code == 404
    assert Door(outsider).get(f"{path}/gate").status_code == 404
    assert own.get(f"/api/v1/compliance/reviews/{waiting['id']}").json()["columns"] == gate["columns"]
    assert own.post(f"/api/v1/compliance/reviews/{waiting['id']}/approve", REASON).status_code == 403
    approved = desk.post(f"/api/v1/compliance/reviews/{waiting['id']}/approve", REASON).json()
    assert (approved["state"], len(approved["verdicts"])) == ("approved", 1)
    assert publish()[0] == 200
    looks = Event.objects.filter(name="officer.viewed").order_by("id")
    assert [b'"what":"compliance/reviews' in bytes(one.leaf) for one in looks] == [True, True]
    leaves = b"".join(bytes(one.leaf) for one in Event.objects.all())
    for typed in (b"file 7", b"DPIA 12", b"seller.example/notice", b"contract 2026/9", b"diagnosis"):
        assert typed not in leaves
    published = Event.objects.get(name="dataset.published")
    assert legal.current().sha256.encode() in bytes(published.leaf)


@pytest.mark.django_db
def test_a_revision_of_a_special_dataset_waits_unless_it_is_as_the_one_that_was_approved(
    seller: Any, officer: Any
) -> None:
    dataset = make.draft(seller)
    stated = {**make.STATED, **EVIDENCE, "screening": [], "ground_sha256": "cd" * 32}
    datasets.declare(dataset, **SPECIAL, statement=stated, by=seller)
    make.measured(dataset, seller, {"visits.csv": PATIENTS})
    first = Review.objects.get()
    Door(officer).post(f"/api/v1/reviews/{first.pk}/approve", REASON)  # the older path
    datasets.publish(dataset, seller)
    same = make.measured(dataset, seller, {"visits.csv": PATIENTS + b"99,J99,1\n"})
    assert datasets.require_publishable(dataset) == same and datasets.is_cleared(same)
    assert Review.objects.get(taken_from=first).state == "approved"
    other = make.measured(dataset, seller, {"visits.csv": PATIENTS.replace(b"speed", b"religion")})
    assert not datasets.is_cleared(other)
    assert findings.lines_of(same, datasets.current_declaration(dataset))[0].column == "diagnosis"


def lacks(statement: dict[str, Any], **given: Any) -> list[tuple[str, str]]:
    asked = {"whole": "personal", "article_9_ground": "", "kinds": set(), "rows": 10, "profile": legal.load()}
    found = statements.lacking(statements.read(statement), **{**asked, **given})
    return [(one.code, one.field) for one in found]


WHOLE: dict[str, Any] = plain(make.STATED)


@pytest.mark.parametrize(
    ("change", "given", "found"),
    [
        ({}, {}, []),
        ({}, {"whole": "none"}, []),
        ({"persons": 10_000}, {}, []),
        ({"persons": 10_000, "screening": ["monitoring"]}, {}, [("dpia_missing", "dpia_reference")]),
        ({"persons": None}, {"rows": 10_000, "whole": "special", "article_9_ground": "9.2.a"}, "dpia"),
        (
            {"persons": 10_000, "screening": ["scoring"], "dpia_reference": "x"},
            {},
            [("dpia_missing", "dpia_on")],
        ),
        ({"persons": 10_000, "screening": ["scoring"], **DPIA}, {}, []),
        ({"origin": ""}, {}, [("origin_missing", "origin")]),
        ({"notice_on": ""}, {}, [("notice_missing", "notice_on")]),
        (
            {"notice_exemption": "14.5.b"},
            {},
            [("notice_missing", "notice_exemption")],
        ),  # they gave it themselves
        ({"notice_exemption": "14.5.b", "origin": "others"}, {}, [("notice_missing", "notice_reason")]),
        ({"notice_exemption": "14.5.b", "origin": "public", "notice_reason": "10,000 books"}, {}, []),
        ({"rights": ""}, {}, [("rights_missing", "rights")]),
        (EVIDENCE, {"whole": "special"}, [("article_9_ground_missing", "article_9_ground")]),
        (
            {},
            {"whole": "special", "article_9_ground": "9.2.j"},
            [("ground_evidence_missing", "ground_evidence")],
        ),
        (
            EVIDENCE,
            {"whole": "special", "article_9_ground": "9.2.z"},
            [("ground_not_in_law", "article_9_ground")],
        ),
        ({}, {"whole": "special", "kinds": {"criminal"}}, [("criminal_law_missing", "criminal_law")]),
        ({"criminal_law": "Art. 9 of a law"}, {"whole": "special", "kinds": {"criminal"}}, []),
    ],
)
def test_what_law_asks_for_is_lacking_until_it_is_stated(change: Any, given: Any, found: Any) -> None:
    kept = {name: value for name, value in {**WHOLE, **change}.items() if value not in ("", None)}
    said = lacks(kept, **given)
    if found == "dpia":
        assert ("dpia_missing", "dpia_reference") in said
    elif given.get("kinds") and found:
        assert found[0] in said
    else:
        assert said == found


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"notice_url": "http://seller.example/notice"}, "notice_url"),
        ({"notice_url": "https://ada@seller.example/"}, "notice_url"),
        ({"notice_url": "https://["}, "notice_url"),
        ({"notice_sha256": "xyz"}, "notice_sha256"),
        ({"notice_on": TODAY + timedelta(days=1)}, "notice_on"),
        ({"dpia_on": "soon"}, "dpia_on"),
        ({"persons": -1}, "persons"),
        ({"persons": True}, "persons"),
        ({"screening": ["astrology"]}, "screening"),
        ({"origin": "the moon"}, "origin"),
        ({"notice_exemption": "14.5.e"}, "notice_exemption"),
    ],
)
def test_a_statement_that_cannot_be_is_refused_at_its_field(given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        statements.check(given, today=TODAY)
    assert (refusal.value.code, refusal.value.more) == ("bad_statement", {"field": field})


def test_a_statement_is_kept_and_read_again_as_it_was() -> None:
    given = {**make.STATED, **EVIDENCE, "dpia_on": TODAY, "screening": ["matching", "scoring"]}
    stated = statements.check(given, today=TODAY)
    assert stated.screening == ("scoring", "matching")  # in the order of the guidelines
    assert statements.read(stated.to_dict()) == stated
    assert statements.read({}) == Statement() == statements.check({}, today=TODAY)
    assert set(stated.facts()) & set(stated.typed()) == set()
    assert set(statements.SENTENCES) == {
        "criminal_law_missing",
        "article_9_ground_missing",
        "ground_not_in_law",
    } | {
        "ground_evidence_missing",
        "dpia_missing",
        "notice_missing",
        "origin_missing",
        "rights_missing",
    }


@pytest.mark.django_db
@pytest.mark.one_database
def test_columns_that_tell_somebody_only_together_are_a_hint_that_holds_nothing(seller: Any) -> None:
    people = b"age,sex,postcode,points\n" + b"".join(
        f"{20 + n % 30},f,1{n:04d},{n}\n".encode() for n in range(60)
    )
    dataset = make.draft(seller)
    make.declare_free(dataset, seller)
    revision = make.measured(dataset, seller, {"people.csv": people})
    found = {one.column: one for one in findings.lines_of(revision, datasets.current_declaration(dataset))}
    assert {name for name, one in found.items() if one.kind == "rare_combination"} == {"age", "sex", "postcode"}
    assert (found["age"].standing, found["age"].matched, found["age"].sampled) == ("hint", 60, 60)
    assert datasets.publish(dataset, seller).is_published
