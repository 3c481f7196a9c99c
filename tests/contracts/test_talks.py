"""The thread of a negotiation: both sides write, with files; nobody else reads it, and nothing of it changes."""

import hashlib
import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from contracts.models import Attachment, Message, Negotiation
from contracts.negotiations import negotiations
from contracts.talks import talks
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.models import Event
from tests import dataset_makers, sales

FILE = talks.File("Plan ‏עברית.pdf", b"%PDF-1.7 made up")


@pytest.fixture
def asked(seller: Any, buyer: Any) -> Negotiation:
    return sales.request(sales.offer(dataset_makers.published(seller), seller), buyer)


def test_both_sides_write_and_the_log_holds_hashes_alone(
    asked: Negotiation, seller: Any, buyer: Any, officer: Any, outsider: Any
) -> None:
    talks.post(asked, "Which counters are in it?", by=buyer)
    answer = talks.post(asked, "See the plan.", files=[FILE], by=seller)
    for reader in (seller, buyer, officer):
        said = [(one.side, one.body) for one in talks.messages_visible_to(reader, asked.pk)]
        assert said == [("buyer", "Which counters are in it?"), ("seller", "See the plan.")]
    with pytest.raises(NotFound):
        talks.messages_visible_to(outsider, asked.pk)
    leaf = json.loads(bytes(Event.objects.get(subject=f"message:{answer.pk}").leaf))
    assert leaf["facts"]["attachments"] == [hashlib.sha256(FILE.content).hexdigest()]
    assert "plan" not in json.dumps(leaf)
    kept = Attachment.objects.get()
    assert bytes(talks.attachment_visible_to(buyer, kept.pk).content) == FILE.content
    with pytest.raises(NotFound):
        talks.attachment_visible_to(outsider, kept.pk)


def test_the_same_words_right_after_are_one_message(asked: Negotiation, seller: Any, buyer: Any) -> None:
    first = talks.post(asked, "Any news?", by=buyer)
    assert talks.post(asked, "Any news?", by=buyer).pk == first.pk
    talks.post(asked, "Not yet.", by=seller)
    assert talks.post(asked, "Any news?", by=buyer).pk != first.pk


@pytest.mark.parametrize(
    ("body", "files", "code"),
    [
        ("", [], "invalid"),
        ("x" * 4_001, [], "invalid"),
        ("A \u202e trick", [], "invalid"),
        ("Look.", [talks.File("a\nb", b"x")], "invalid"),
        ("Look.", [talks.File("empty", b"")], "attachment_too_large"),
        ("Look.", [talks.File("large", b"x" * (talks.LARGEST_BYTES + 1))], "attachment_too_large"),
        ("Look.", [talks.File("one", b"x")] * 21, "too_many_attachments"),
    ],
)
def test_what_cannot_be_kept_is_refused_whole(
    body: str, files: list[talks.File], code: str, asked: Negotiation, buyer: Any, refused: Any
) -> None:
    with refused(Invalid, code):
        talks.post(asked, body, files=files, by=buyer)


def test_strangers_do_not_write_and_nobody_does_after_a_refusal(
    asked: Negotiation, seller: Any, buyer: Any, outsider: Any, refused: Any
) -> None:
    with refused(Forbidden, "forbidden"):
        talks.post(asked, "Let me in.", by=outsider)
    negotiations.refuse(asked, reason="", by=seller)
    with refused(Conflict, "wrong_state"):
        talks.post(asked, "Why?", by=buyer)


def test_a_message_stays_as_it_was_sent(asked: Negotiation, buyer: Any) -> None:
    talks.post(asked, "As it is.", files=[FILE], by=buyer)
    for model, change in ((Message, {"body": "otherwise"}), (Attachment, {"content": b"other"})):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.update(**change)
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.all()._raw_delete(model.objects.db)


def test_the_api_takes_files_and_gives_them_back_as_files(
    asked: Negotiation, seller: Any, buyer: Any, outsider: Any, door: Any
) -> None:
    path = f"/api/v1/negotiations/{asked.pk}/messages"
    body = {"body": "The plan.", "attachments": [{"name": "page.html", "content": "PGI+"}]}
    posted = door(buyer).post(path, body)
    assert posted.status_code == 201
    [file] = posted.json()["attachments"]
    found = door(seller).get(f"/api/v1/attachments/{file['id']}")
    assert found.content == b"<b>" and found.headers["Content-Type"] == "application/octet-stream"
    assert found.headers["Content-Disposition"] == 'attachment; filename="page.html"'
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert door(outsider).get(f"/api/v1/attachments/{file['id']}").status_code == 404
    assert [row["body"] for row in door(seller).get(path).json()["items"]] == ["The plan."]
    broken = {"body": "The plan.", "attachments": [{"name": "page.html", "content": "?"}]}
    assert door(buyer).post(path, broken).json()["type"].endswith(":attachment_malformed")
