"""The tour by hand in the README names what stands on the pages: its words are looked up in what the pages say."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from infra import translations

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
TOUR = README.partition("## Sell and buy in ten minutes, by hand")[2].partition("\n## ")[0]
LABELS = sorted({bold for bold in " ".join(TOUR.split()).split("**")[1::2] if not bold.endswith(".")})


@pytest.fixture(scope="module")
def said() -> set[str]:
    """Every English sentence of the pages."""
    found: set[str] = set()
    for app in translations.APPS:
        with translations.file_of(app).open("rb") as file:
            for message in read_po(file):
                found |= {message.id} if isinstance(message.id, str) else set(message.id)
    return found


@pytest.mark.parametrize("label", LABELS)
def test_what_the_tour_names_stands_on_a_page(label: str, said: set[str]) -> None:
    assert any(sentence == label or sentence.startswith(f"{label} %(") for sentence in said)


def test_the_tour_is_there_with_its_picture_and_its_logins() -> None:
    assert len(LABELS) > 12
    cast = (ROOT / "infra" / "demo" / "cast.py").read_text()
    for login in re.findall(r"`(\w+)@demo\.example`", TOUR):
        assert f'"{login}"' in cast
    [picture] = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert (ROOT / picture).read_bytes().startswith(b"\x89PNG")
