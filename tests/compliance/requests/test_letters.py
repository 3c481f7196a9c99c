"""What a person reads: letters speak of the page of a request to those who have one, and to nobody else."""

from datetime import datetime
from typing import Any

import pytest

from compliance.models import SubjectRequest
from compliance.requests import clock, decisions, identity, intake, letter_words
from exchange.kernel.actors import Actor
from exchange.participants import vault

pytestmark = pytest.mark.django_db
QUESTION = "Which list do you mean, and since when are you on it?"


def by_post(officer: Actor, at: datetime, language: str) -> SubjectRequest:
    asked = intake.Asked(
        kind="access", name="Jane Roe", words="All of it.", address="2 rue de la Paix", language=language
    )
    return intake.take_in(asked, channel="letter", received_at=at, by=officer)


def letter(request: SubjectRequest, kind: str) -> str:
    """The body of the one letter of this kind."""
    said = vault.read(request.letters.get(kind=kind).record)
    assert said is not None
    return str(said["body"])


@pytest.mark.parametrize(
    ("language", "page"), [("en", "page of your request"), ("fr", "page de votre demande")]
)
def test_who_asked_by_post_is_sent_to_no_page(
    database: None, officer: Actor, now: datetime, language: str, page: str
) -> None:
    request = by_post(officer, now, language)
    clock.pause(request, "identity", QUESTION, by=officer)
    clock.resume(request, by=officer)
    identity.identify(request, "document_seen", by=officer)
    clock.pause(request, "clarification", QUESTION, by=officer)
    clock.resume(request, by=officer)
    decisions.start(request, by=officer)
    decisions.answer(request, "Nothing is kept of you, here or at any seller.", by=officer)
    for kind in ("received", "ask_identity", "ask_clarification", "answered"):
        body = letter(request, kind)
        assert page not in body and len(body) > 80, kind
        assert request.person in body or kind == "answered"
    assert request.letters.filter(mail_due_at__isnull=False).count() == 0


def test_who_left_an_address_is_sent_to_the_page(asked: Any, officer: Actor) -> None:
    request = asked(by=officer)
    assert "page of your request" in letter(request, "received")


def test_every_letter_is_said_in_both_languages_and_leaves_nothing_unfilled(
    database: None, officer: Actor, now: datetime
) -> None:
    for language in ("en", "fr"):
        request = by_post(officer, now, language)
        kinds = {*letter_words._texts(), *letter_words._texts_by_post()}
        for kind in kinds:
            subject, body = letter_words.of(request, kind, words="Because of this.", code="123456")
            assert subject and body and "%(" not in subject + body and "{" not in body, kind
    said = {letter_words.of(request, kind, words="x", code="1")[0] for kind in kinds}
    assert "Nous avons bien reçu votre demande" in said and "We have received your request" not in said


@pytest.mark.parametrize(
    ("language", "ground"),
    [
        ("en", "The request is manifestly unfounded (article 12(5)(b) of the GDPR)."),
        ("fr", "La demande est manifestement infondée (article 12(5)(b) du RGPD)."),
    ],
)
def test_a_refusal_says_its_ground_as_the_person_reads_it(
    database: None, officer: Actor, now: datetime, language: str, ground: str
) -> None:
    request = by_post(officer, now, language)
    decisions.refuse(request, "12(5)(b) unfounded", "The same was answered last week, in full.", by=officer)
    assert ground in letter(request, "refused")
