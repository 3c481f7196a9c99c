"""The contract on paper: the words of the sealed document for people of any script, with the document attached."""

import hashlib
import io
import json
import re
import shutil
import subprocess
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

import pypdf
import pytest
from pypdf.generic import StreamObject

from contracts.agreements import agreements, identities, papers
from contracts.models import Agreement
from exchange.kernel.actors import Actor
from tests import makers, sales

pytestmark = pytest.mark.django_db

NAMES = {
    "ar": "شركة البيانات المحدودة",
    "he": "חברת הנתונים בע״מ",
    "zh": "数据交易有限公司",
    "und-zsye": "Forêt 🌲 & <b>Söhne</b> “GmbH”",
}


def sold_to(name: str, seller: Actor, now: datetime, **changes: Any) -> tuple[Agreement, Actor]:
    buyer = makers.trader(name, "DE", now)
    return sales.entitled(seller, buyer, **changes).agreement, buyer


def streams_of(pdf: bytes) -> list[bytes]:
    """What the objects of a PDF hold, unpacked."""
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    objects = [reader.get_object(number) for number in range(1, int(str(reader.trailer["/Size"])))]
    return [found.get_data() for found in objects if isinstance(found, StreamObject)]


def glyphs_of(pdf: bytes) -> dict[str, set[int]]:
    """Every character that the fonts of a PDF were asked to draw, with the numbers of its glyphs; 0 is none."""
    drawn: dict[str, set[int]] = {}
    for stream in streams_of(pdf):
        for block in re.findall(rb"beginbfchar(.*?)endbfchar", stream, re.DOTALL):
            for glyph, text in re.findall(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>", block):
                for character in bytes.fromhex(text.decode()).decode("utf-16-be"):
                    drawn.setdefault(character, set()).add(int(glyph, 16))
    return drawn


def has_font_for(language: str) -> bool:
    if shutil.which("fc-list") is None:
        return False
    return bool(subprocess.run(["fc-list", f":lang={language}"], capture_output=True, check=True).stdout)


@pytest.mark.parametrize("language", NAMES)
def test_names_of_every_script_are_drawn_where_a_font_has_them(
    language: str, seller: Actor, now: datetime
) -> None:
    agreement, buyer = sold_to(NAMES[language], seller, now)
    pdf = papers.pdf(agreement, "en", by=buyer)
    assert pdf.startswith(b"%PDF-")
    identity = next(t for t in streams_of(pdf) if b"comptoir.identity" in t and b'"side":"buyer"' in t)
    assert json.loads(identity)["name"] == NAMES[language]
    if has_font_for(language):
        drawn = glyphs_of(pdf)
        for character in NAMES[language].replace(" ", ""):
            assert drawn.get(character, set()) - {0}, f"U+{ord(character):04X} is not drawn"


def test_a_name_is_text_and_never_markup(seller: Actor, now: datetime) -> None:
    agreement, buyer = sold_to(NAMES["und-zsye"], seller, now)
    page = papers.html(agreement, "en", by=buyer)
    assert "<bdi>Forêt 🌲 &amp; &lt;b&gt;Söhne&lt;/b&gt; “GmbH”</bdi>" in page
    assert "<b>" not in page


@pytest.mark.parametrize("language", ["en", "fr"])
def test_paper_and_document_say_the_same(language: Any, seller: Actor, buyer: Actor) -> None:
    agreement = sales.entitled(seller, buyer, plan=dict(sales.PAID)).agreement
    document = agreements.document(agreement)
    page = papers.html(agreement, language, by=seller)
    said = text_of(page)
    assert f'<html lang="{language}">' in page
    for clause in document["text"][language]:
        assert clause["text"] in said
    for mark in (agreement.shared_id, agreement.digest, agreement.seal, document["revision"]["profile_sha256"]):
        assert mark in said
    for signature in document["signatures"]:
        assert signature["event"] in said and signature["leaf_sha256"] in said
    assert ("100,00" if language == "fr" else "€100.00") in said and sales.USE in said


def test_the_attached_document_is_the_sealed_one(seller: Actor, buyer: Actor) -> None:
    agreement = sales.entitled(seller, buyer).agreement
    kept = streams_of(papers.pdf(agreement, "fr", by=seller))
    assert bytes(agreement.document) in kept
    document = agreements.document(agreement)
    for side, text in identities.texts_visible_to(seller, agreement).items():
        assert text.encode() in kept
        assert hashlib.sha256(text.encode()).hexdigest() == document[side]["identity_sha256"]


def test_terms_name_organisations_on_paper_and_ids_in_the_document(seller: Actor, buyer: Actor) -> None:
    named = {"kind": "recipients", "any_of": [str(buyer.participant_id)]}
    agreement = sales.entitled(seller, buyer, terms=[named]).agreement
    name = makers.participant_of(buyer).name
    assert f"receive the data: {name}." in text_of(papers.html(agreement, "en", by=buyer))
    assert name not in bytes(agreement.document).decode()


def test_paper_refers_to_nothing_outside_itself(seller: Actor, buyer: Actor) -> None:
    page = papers.html(sales.entitled(seller, buyer).agreement, "en", by=buyer)
    assert not re.search(r"\s(src|href|style)=", page) and "<script" not in page


def test_the_api_answers_both_papers_to_both_sides_alone(seller: Actor, buyer: Actor, outsider: Actor) -> None:
    agreement = sales.entitled(seller, buyer).agreement
    for actor in (seller, buyer):
        door = makers.Door(actor)
        page = door.get(f"/api/v1/agreements/{agreement.pk}/text?language=fr")
        assert page.status_code == 200 and "Contrat" in page.content.decode()
        paper = door.get(f"/api/v1/agreements/{agreement.pk}/pdf")
        assert paper.headers["Content-Type"] == "application/pdf" and paper.content.startswith(b"%PDF-")
    for kind in ("text", "pdf"):
        assert makers.Door(outsider).get(f"/api/v1/agreements/{agreement.pk}/{kind}").status_code == 404
        assert (
            makers.Door(buyer).get(f"/api/v1/agreements/{agreement.pk}/{kind}?language=de").status_code == 422
        )


def text_of(page: str) -> str:
    class Reader(HTMLParser):
        said = ""

        def handle_data(self, data: str) -> None:
            self.said += data

    reader = Reader()
    reader.feed(page)
    return reader.said
