"""Makes documents of invented datasets and asks the index for them, with no database behind."""

import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from datasets import search
from datasets.search import Document, Hits, Question, Variant

EVERYONE = frozenset({"everyone"})
ANSWERS = ("yes", "if", "no")


def numbered(number: int) -> UUID:
    """An id like those of rows: of a greater number, newer."""
    return UUID(int=(0x0190_0000_0000 + number) << 80 | 0x7 << 76 | 0b10 << 62 | number)


def document(number: int, title: str, *body: str, **changes: Any) -> Document:
    fields: dict[str, Any] = {"visible_to": EVERYONE, "body": body, **changes}
    return Document(id=numbered(number), title=title, **fields)


def index(*documents: Document) -> None:
    """An index of these documents and no others."""
    with search.turn_to_write(wait=True) as is_mine:
        assert is_mine
        search.rebuild(documents)


def write(*documents: Document) -> None:
    with search.turn_to_write(wait=True) as is_mine:
        assert is_mine
        search.write([one.id for one in documents], documents)


def ask(text: str = "", *, limit: int = 20, offset: int = 0, **changes: Any) -> Hits:
    return search.find(Question(**{"tokens": EVERYONE, "text": text, **changes}), limit=limit, offset=offset)


def numbers(hits: Hits) -> list[int]:
    """The numbers of the documents found, in order."""
    return [found.int & 0xFFFF_FFFF for found in hits.ids]


def invented(count: int, seed: int = 7) -> Iterator[Document]:
    """Datasets with common and rare words, some hidden, each with one to three variants."""
    chance = random.Random(seed)
    words = [f"w{number}" for number in range(3_000)]
    weights = [1 / (rank + 1) for rank in range(len(words))]
    sellers = [str(numbered(number)) for number in range(2_000)]
    for number in range(count):
        text = chance.choices(words, weights, k=30)
        seller = chance.choice(sellers)
        own = frozenset({f"p:{seller}", "officers"})
        audience = EVERYONE if chance.random() < 0.8 else own | {f"p:{chance.choice(sellers)}"}
        variants = tuple(
            Variant(
                audience,
                {"price": chance.choice(("free", "paid")), **{name: chance.choice(ANSWERS) for name in "abc"}},
            )
            for _ in range(chance.randint(1, 3))
        )
        yield document(
            number,
            " ".join(text[:4]),
            " ".join(text[4:]),
            visible_to=own | audience,
            marks={
                "theme": [chance.choice(("ENVI", "TRAN", "HEAL", "ECON"))],
                "seller": [seller],
                "country": chance.sample(("FR", "DE", "ES", "IT"), chance.randint(0, 3)),
                "personal_data": [chance.choice(("none", "personal"))],
            },
            variants=variants,
        )
