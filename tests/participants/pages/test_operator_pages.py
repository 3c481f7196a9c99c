"""The operator verifies, refuses, suspends, restores and closes organisations on pages, and sees who acts for them."""

import re
from typing import Any

import pytest
from django.test import Client

from exchange.kernel.models import Event
from exchange.participants.members import members
from exchange.participants.models import Participant
from tests import makers
from tests.compliance.pages.conftest import signed_in

pytestmark = pytest.mark.django_db
EVIDENCE = "Extract of the trade register of 21 November 2026, shown on screen."
REASON = "The entry in the register has lapsed."


def text(answer: Any) -> str:
    return str(answer.content.decode())


def shown(answer: Any) -> str:
    """What the form on a page posts of the row that it showed."""
    found = re.search(r'name="shown" value="([^"]*)"', text(answer))
    assert found, text(answer)
    return found.group(1)


@pytest.fixture
def applicant(operator: Any) -> Participant:
    return makers.applicant("Cartouche Mobility Lab", "FR", operator.at)


@pytest.fixture
def verified(operator: Any) -> Participant:
    return makers.participant("Lanterne Mutual", "BE", operator.at)


def path(participant: Participant, verb: str = "") -> str:
    return f"/operate/participants/{participant.pk}" + (f"/{verb}" if verb else "")


def decide(desk: Client, participant: Participant, verb: str, **typed: Any) -> Any:
    """Open the page of a verb and send its form."""
    where = path(participant, verb)
    return desk.post(where, {"shown": shown(desk.get(where)), **typed})


def test_who_waits_stands_on_top_and_in_the_header(
    desk: Client, applicant: Participant, verified: Participant
) -> None:
    answer = desk.get("/operate/participants")
    page = text(answer)
    assert [one.pk for one in answer.context["waiting"]] == [applicant.pk]
    assert 'Participants <span class="n">1</span>' in page
    assert page.index("Cartouche Mobility Lab") < page.index("Lanterne Mutual")
    assert "declares France, no registration number" in page
    assert {value: count for value, _, count in answer.context["states"]}["applied"] == 1


def test_the_list_is_narrowed_by_state_and_name(
    desk: Client, applicant: Participant, verified: Participant
) -> None:
    def names(query: str) -> list[str]:
        return [row.participant.name for row in desk.get(f"/operate/participants{query}").context["rows"]]

    assert names("?state=applied") == ["Cartouche Mobility Lab"]
    assert names("?name=lanterne") == ["Lanterne Mutual"]
    assert names("?name=lanterne&state=applied") == []
    assert desk.get("/operate/participants?state=nonsense").status_code == 404
    assert desk.get("/operate/participants", {"name": "\x00"}).status_code == 422
    assert "No organisation is here" in text(desk.get("/operate/participants?name=nobody"))


def test_an_organisation_is_verified_on_evidence(desk: Client, applicant: Participant) -> None:
    seen = {"country": "CH", "sector": "K", "evidence": EVIDENCE, "certifications": "dpf, pipeda dpf"}
    answer = decide(desk, applicant, "verify", **seen)
    assert (answer.status_code, answer["Location"]) == (302, path(applicant))
    applicant.refresh_from_db()
    assert (applicant.state, applicant.verified_country, applicant.verified_sector) == ("verified", "CH", "K")
    assert applicant.certifications == ["dpf", "pipeda"]
    page = text(desk.get(path(applicant)))
    for words in (
        "Verified. It may sell and buy from now on.",
        EVIDENCE,
        "not as declared",
        "Switzerland",
        "K – Telecomm",
    ):
        assert words in page


@pytest.mark.parametrize(
    "typed",
    [
        {"evidence": ""},
        {"evidence": "too short"},
        {"evidence": "a" * 2_001},
        {"evidence": "ten letters \u202e turned"},
        {"evidence": "nul \x00 in the middle"},
        {"country": "XX"},
        {"sector": "Z"},
        {"certifications": "Not A Word!"},
        {"certifications": " ".join(f"word{n}" for n in range(21))},
    ],
)
def test_what_cannot_be_accepted_changes_nothing_and_stays_typed(
    desk: Client, applicant: Participant, typed: dict[str, str]
) -> None:
    before = Event.objects.count()
    given = {"country": "FR", "evidence": EVIDENCE, "certifications": "", **typed}
    answer = decide(desk, applicant, "verify", **given)
    assert answer.status_code == 422
    assert 'class="error"' in text(answer)
    applicant.refresh_from_db()
    assert (applicant.state, Event.objects.count()) == ("applied", before)


def test_evidence_is_put_right_and_what_stood_there_stays_in_the_history(
    desk: Client, verified: Participant
) -> None:
    decide(desk, verified, "verify", country="NL", evidence=EVIDENCE, certifications="")
    verified.refresh_from_db()
    assert (verified.state, verified.verified_country, verified.evidence) == ("verified", "NL", EVIDENCE)
    page = text(desk.get(path(verified)))
    assert "Evidence put right" in page and "extract of the register" in page


def test_a_stale_page_is_told_how_things_stand(desk: Client, verified: Participant, operator: Any) -> None:
    old = shown(desk.get(path(verified, "verify")))
    members.amend(
        verified, country="NL", evidence="a colleague looked again", by=operator.moved_to(operator.at)
    )
    members.amend(verified, country="NL", evidence="and again, later on", by=operator)
    Participant.objects.filter(pk=verified.pk).update(verified_at="2026-11-22T10:00:00Z")
    answer = desk.post(
        path(verified, "verify"),
        {"shown": old, "country": "BE", "evidence": EVIDENCE, "certifications": ""},
    )
    assert answer.status_code == 409
    assert "Nothing was done" in text(answer) and "and again, later on" in text(answer)
    verified.refresh_from_db()
    assert verified.verified_country == "NL"


def test_an_application_that_was_corrected_meanwhile_is_not_verified_as_it_was(
    desk: Client, applicant: Participant, operator: Any
) -> None:
    old = shown(desk.get(path(applicant, "verify")))
    said = {"name": applicant.name, "country": "DE", "registration_number": "HRB 1", "website": ""}
    members.correct(applicant, **said, by=makers.system(operator.at))
    typed = {"country": "FR", "evidence": EVIDENCE, "certifications": ""}
    answer = desk.post(path(applicant, "verify"), {"shown": old, **typed})
    assert answer.status_code == 409
    for words in ("Nothing was done", "HRB 1", "Corrected what it says of itself"):
        assert words in text(answer)
    assert Participant.objects.get(pk=applicant.pk).state == "applied"


def test_a_second_decision_on_a_stale_page_is_refused(
    desk: Client, verified: Participant, operator: Any
) -> None:
    old = shown(desk.get(path(verified, "suspend")))
    members.suspend(verified, reason=REASON, by=operator)
    before = Event.objects.count()
    answer = desk.post(path(verified, "suspend"), {"shown": old, "reason": REASON})
    assert answer.status_code == 409 and "Nothing was done" in text(answer)
    assert desk.get(path(verified, "suspend"))["Location"] == path(verified)
    assert Event.objects.count() == before


def test_an_organisation_is_suspended_and_restored_with_reasons(desk: Client, verified: Participant) -> None:
    page = text(desk.get(path(verified, "suspend")))
    assert "A running download stops within a second. None runs now." in page
    decide(desk, verified, "suspend", reason=REASON)
    assert Participant.objects.get(pk=verified.pk).state == "suspended"
    page = text(desk.get(path(verified)))
    assert REASON in page and "Restore it" in page
    decide(desk, verified, "restore", reason="The entry is renewed.")
    assert Participant.objects.get(pk=verified.pk).state == "verified"
    assert "The entry is renewed." in text(desk.get(path(verified)))


@pytest.mark.parametrize("verb", ["suspend", "close"])
@pytest.mark.parametrize("reason", ["", "no", "a" * 513, "ten letters \u202e turned"])
def test_a_bad_reason_changes_nothing(desk: Client, verified: Participant, verb: str, reason: str) -> None:
    before = Event.objects.count()
    answer = decide(desk, verified, verb, reason=reason, phrase="close for good")
    assert answer.status_code == 422 and 'class="error"' in text(answer)
    assert Participant.objects.get(pk=verified.pk).state == "verified"
    assert Event.objects.count() == before


def test_an_application_is_refused_and_an_organisation_closed_for_good(
    desk: Client, applicant: Participant, verified: Participant
) -> None:
    decide(desk, applicant, "close", reason="no entry in the register")
    assert Participant.objects.get(pk=applicant.pk).state == "closed"
    assert decide(desk, verified, "close", reason=REASON, phrase="yes").status_code == 422
    assert Participant.objects.get(pk=verified.pk).state == "verified"
    decide(desk, verified, "close", reason=REASON, phrase=" Close  for good ")
    assert Participant.objects.get(pk=verified.pk).state == "closed"
    assert "It is closed for good. Nobody acts for it." in text(desk.get(path(verified)))


def test_nobody_decides_about_an_organisation_of_their_own(
    desk: Client, person: Any, applicant: Participant, operator: Any
) -> None:
    manager = makers.system(operator.at)
    _, token = members.invite(applicant, email=person.user.email, role="viewer", by=manager)
    members.join(token, person.user, by=manager)
    page = text(desk.get(path(applicant)))
    assert "nobody decides about an organisation of their own" in page
    assert "Verify it" not in page
    before = Event.objects.count()
    answer = desk.post(path(applicant, "close"), {"shown": "anything", "reason": REASON})
    assert answer.status_code == 409
    assert Participant.objects.get(pk=applicant.pk).state == "applied"
    assert Event.objects.count() == before
    own = makers.participant_of(operator)
    assert "It stays as it is." in text(desk.get(path(own)))


def test_what_people_typed_is_shown_as_text(desk: Client, operator: Any) -> None:
    hostile = '<script>alert("x")</script> 🐟 שלום'
    one = members.apply(makers.user(), name=hostile, country="IL", by=makers.system(operator.at))
    for page in (
        text(desk.get("/operate/participants")),
        text(desk.get(path(one))),
        text(desk.get(path(one, "verify"))),
    ):
        assert "<script>alert" not in page and "&lt;script&gt;alert" in page
    answer = desk.post(path(one, "verify"), {"shown": "applied", "evidence": "x" * 100_000, "country": "IL"})
    assert answer.status_code == 422


def test_members_of_every_organisation_are_listed_and_searched(
    desk: Client, person: Any, verified: Participant, operator: Any
) -> None:
    makers.member(verified, "trader", operator.at, email="trader@lanterne.example")
    makers.member(makers.participant_of(operator), "officer", operator.at, email="officer@house.example")

    def rows(query: str = "") -> list[Any]:
        return list(desk.get(f"/operate/members{query}").context["rows"])

    manager = verified.members.get(role="manager")
    by_email = {row.email: row for row in rows()}
    assert manager.user.email in by_email and "officer@house.example" in by_email
    assert "trader@lanterne.example" not in text(desk.get("/operate/members"))
    assert by_email[person.user.email].has_second_factor
    assert not by_email["officer@house.example"].has_second_factor
    assert "1 officer or operator has no second factor" in text(desk.get("/operate/members"))
    assert [row.member.role for row in rows("?words=lanterne&role=trader")] == ["trader"]
    assert rows("?words=trader@lanterne.example") == []
    assert [row.email for row in rows("?words=officer@house")] == ["officer@house.example"]
    assert [row.member.pk for row in rows("?factor=on")] == [person.pk]
    assert person.pk not in [row.member.pk for row in rows("?factor=off")]
    assert "Nobody fits these filters" in text(desk.get("/operate/members?words=nobody"))
    assert desk.get("/operate/members?role=king").status_code == 422


def test_the_number_of_queries_does_not_grow(
    desk: Client, verified: Participant, operator: Any, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries() -> dict[str, int]:
        found = {}
        for where in ("/operate/participants", "/operate/members", path(verified)):
            with CaptureQueriesContext(
                connection,
            ) as seen:
                desk.get(where)
            found[where] = len(seen)
        return found

    queries()
    before = queries()
    for n in range(12):
        makers.participant(f"Further {n}", "FR", operator.at)
        makers.applicant(f"Waiting {n}", "FR", operator.at)
        makers.member(verified, "viewer", operator.at)
    assert queries() == before


def test_pages_go_on_by_cursor(desk: Client, operator: Any) -> None:
    for n in range(25):
        makers.applicant(f"Waiting {n}", "FR", operator.at)
    first = desk.get("/operate/participants?state=applied")
    assert len(first.context["rows"]) == 20
    cursor = first.context["page"].next_cursor
    second = desk.get(f"/operate/participants?state=applied&cursor={cursor}")
    assert [row.participant.name for row in second.context["rows"]][-1] == "Waiting 0"
    assert 'rel="prev"' in text(second)
    assert "All 25 that wait" in text(desk.get("/operate/participants"))


def test_the_pages_speak_french(desk: Client, applicant: Participant, verified: Participant) -> None:
    desk.cookies["django_language"] = "fr"
    for where, words in (
        ("/operate/participants", "Ce qui vous attend"),
        (path(applicant), "Votre décision"),
        (path(applicant, "verify"), "À contrôler"),
        (path(verified, "suspend"), "s’arrête en moins d’une seconde"),
        ("/operate/members", "Second facteur"),
    ):
        page = text(desk.get(where))
        assert '<html lang="fr"' in page and words in page, where


def test_a_form_needs_its_csrf_token(person: Any, verified: Participant) -> None:
    browser = signed_in(person, second_factor=True, enforce_csrf_checks=True)
    assert browser.post(path(verified, "suspend"), {"shown": "x", "reason": REASON}).status_code == 403
    assert Participant.objects.get(pk=verified.pk).state == "verified"
