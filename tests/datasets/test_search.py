"""The search index by itself: words in two languages, marks, counts, order, and texts that mean harm."""

from datetime import UTC, datetime
from itertools import islice

import pytest

from datasets import search
from datasets.search import Question, Unreadable, Variant
from datasets.search.documents import as_indexed
from tests.datasets.search_makers import (
    EVERYONE,
    ask,
    document,
    index,
    invented,
    numbered,
    numbers,
    write,
)


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Flights departing New York", "flight"),
        ("A flight", "flights"),
        ("Données de mobilité", "donnees"),
        ("Donnees de mobilite", "données mobilité"),
        ("Les forêts", "foret"),
        ("Une foret", "FORÊTS"),
        ("Consommation d’énergie", "energie"),
        ("La consommation énergétique", "énergétiques"),
        ("énergie", "l'énergie"),
        ("Œuvres d'art", "oeuvre"),
        ("Oeuvres d'art", "œuvre"),
        ("Straße und Weg", "strasse"),
        ("Strasse", "STRAẞE straße"),
        ("Re\u0301sume\u0301 des donne\u0301es", "résumé données"),
        ("ﬁle ＡＢＣ", "file abc"),
        ("birth_date", "birth date"),
        ("vitamin C", "vitamin c"),
        ("Cities of France", "the cities in France"),
        ("日本語データ", "日本語"),
    ],
)
def test_words_are_found_however_they_are_written(written: str, asked: str) -> None:
    index(document(1, "Something", written), document(2, "Something else", "entirely"))
    hits = ask(asked)
    assert numbers(hits) == [1]
    assert not hits.is_corrected


def test_every_word_has_to_be_there() -> None:
    index(document(1, "Flights and weather"), document(2, "Flights"), document(3, "Weather"))
    assert numbers(ask("weather flights")) == [1]
    assert numbers(ask("weather flights trains")) == []


def test_the_last_word_may_be_a_beginning_and_no_other() -> None:
    index(document(1, "Flights between cities"), document(2, "Flightless birds"))
    assert set(numbers(ask("flig"))) == {1, 2}
    assert numbers(ask("cities flig")) == [1]
    assert numbers(ask("flig cities")) == []
    assert numbers(ask("fl")) == []


def test_a_word_may_be_one_letter_off_where_nothing_has_it_as_it_is() -> None:
    index(document(1, "Flights from Paris"), document(2, "Lights of Lyon"))
    for misspelt in ("flihgts", "fligths", "flightz", "fliights", "flghts"):
        hits = ask(misspelt)
        assert numbers(hits) == [1], misspelt
        assert hits.is_corrected
    assert numbers(ask("lights")) == [2] and not ask("lights").is_corrected
    assert numbers(ask("fXXghts")) == []
    assert not ask("nothing like it").is_corrected


def test_short_words_and_found_words_are_never_corrected() -> None:
    index(document(1, "Sea"), document(2, "Paris", marks={"theme": ["TRAN"]}), document(3, "Pares"))
    assert numbers(ask("sez")) == []
    narrowed = ask("paris", marks={"theme": ["ENVI"]})
    assert numbers(narrowed) == [] and not narrowed.is_corrected


def test_a_phrase_has_to_stand_together() -> None:
    index(document(1, "New York flights"), document(2, "York has a new station"), document(3, "New", "York"))
    assert numbers(ask('"new york"')) == [1]
    assert numbers(ask("« new york » flights")) == [1]
    assert set(numbers(ask("new york"))) == {1, 2, 3}


def test_the_title_comes_first_then_keywords_then_the_rest_and_newer_before_older() -> None:
    index(
        document(1, "Penguins"),
        document(2, "Penguins again"),
        document(3, "Birds", tags=("penguins",)),
        document(4, "Birds of the south", "penguins and others"),
        document(5, "Birds", "a penguinarium"),
        document(6, "Penguins", visible_to=frozenset({"p:other"})),
    )
    assert numbers(ask("penguins")) == [2, 1, 3, 4]
    assert numbers(ask("penguin")) == [2, 1, 3, 4, 5]
    assert numbers(ask("penguin", order="newest")) == [5, 4, 3, 2, 1]


def test_without_words_the_newest_or_the_last_published_come_first() -> None:
    day = datetime(2026, 11, 1, tzinfo=UTC)
    index(
        document(1, "A", published_at=day.replace(day=9)),
        document(2, "B", published_at=day),
        document(3, "C"),
        document(4, "D", published_at=day),
    )
    assert numbers(ask()) == numbers(ask(order="published")) == [1, 4, 2, 3]


def test_newest_is_by_the_newest_revision_then_by_publication_then_by_the_id() -> None:
    day = datetime(2026, 11, 1, tzinfo=UTC)
    index(
        document(1, "A", published_at=day, revised_at=day.replace(day=20)),
        document(2, "B", published_at=day.replace(day=19), revised_at=day.replace(day=2)),
        document(3, "C", published_at=day.replace(day=9)),
        document(4, "D"),
        document(5, "D"),
        document(6, "E", revised_at=day.replace(day=9)),
    )
    for order in ("newest", "match"):
        assert numbers(ask(order=order)) == [1, 6, 3, 2, 5, 4]
    assert numbers(ask(order="published"))[:3] == [2, 3, 1]


def test_the_least_amount_comes_first_and_what_has_none_last() -> None:
    own = frozenset({"p:one"})
    index(
        document(1, "A", amounts={"everyone": 10**16}),
        document(2, "B", amounts={"everyone": 0}),
        document(3, "C", amounts={"everyone": 900, "p:one": 20}),
        document(4, "D", amounts={"everyone": 900}),
        document(5, "E"),
        document(6, "E", amounts={"p:one": 900}, visible_to=own | EVERYONE),
        document(7, "E", amounts={"p:other": 1}),
    )
    assert numbers(ask(order="amount", amounts_of=["everyone"])) == [2, 4, 3, 1, 7, 6, 5]
    whole = [2, 3, 6, 4, 1, 7, 5]
    ordered = {"order": "amount", "amounts_of": ["p:one", "everyone"]}
    assert numbers(ask(**ordered)) == whole
    for limit in (1, 2, 3):
        paged = [
            one for start in range(0, 9, limit) for one in numbers(ask(limit=limit, offset=start, **ordered))
        ]
        assert paged == whole
    assert numbers(ask("e", **ordered)) == [6, 7, 5]


@pytest.mark.parametrize("amounts", [{"everyone": -1}, {"everyone": 10**20}, {"a|b": 1}])
def test_an_amount_that_would_be_out_of_order_is_refused(amounts: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="has"):
        as_indexed(document(1, "A", amounts=amounts))


def test_only_what_a_token_opens_is_found_or_counted() -> None:
    index(
        document(1, "Open", marks={"theme": ["ENVI"]}),
        document(2, "For one", marks={"theme": ["ENVI"]}, visible_to=frozenset({"p:one", "officers"})),
    )
    assert numbers(ask()) == [1]
    assert numbers(ask(tokens={"everyone", "p:one"})) == [2, 1]
    assert numbers(ask(tokens={"everyone", "p:two"})) == [1]
    assert numbers(ask(tokens=())) == []
    found = search.find(Question(EVERYONE), limit=9, facets=["theme"])
    assert (found.total, found.counts) == (1, {"theme": {"ENVI": 1}})


def test_marks_of_a_variant_must_hold_of_one_that_may_be_seen() -> None:
    free_no = Variant(EVERYONE, {"price": "free", "train": "no", "combine": "yes"})
    paid_yes = Variant(EVERYONE, {"price": "paid", "train": "yes", "combine": "no"})
    hidden = Variant(frozenset({"p:one"}), {"price": "free", "train": "yes", "combine": "no"})
    index(document(1, "A", variants=(free_no, paid_yes, hidden)), document(2, "B", variants=(paid_yes,)))
    assert numbers(ask(variant_marks={"price": ["free"]})) == [1]
    assert numbers(ask(variant_marks={"train": ["yes"]})) == [2, 1]
    assert numbers(ask(variant_marks={"price": ["free"], "train": ["yes"]})) == []
    assert numbers(ask(variant_marks={"price": ["free"], "train": ["yes"]}, tokens={"everyone", "p:one"})) == [
        1
    ]
    assert numbers(ask(variant_marks={"price": ["free", "paid"], "train": ["yes"]})) == [2, 1]
    assert numbers(ask(variant_marks={"combine": ["yes"], "train": ["no"], "price": ["free"]})) == [1]
    assert numbers(ask(variant_marks={"price": [".*"]})) == numbers(ask(variant_marks={"price": ["("]})) == []


def test_a_facet_is_counted_as_if_nothing_were_asked_of_it() -> None:
    index(
        document(1, "A", marks={"theme": ["ENVI"], "country": ["FR", "DE"]}),
        document(2, "B", marks={"theme": ["TRAN"], "country": ["FR"]}),
        document(3, "C", marks={"theme": ["TRAN"], "country": ["DE"]}),
    )
    question = Question(EVERYONE, marks={"theme": ["TRAN"], "country": ["FR"]})
    found = search.find(question, limit=9, facets=["theme", "country", "language"])
    assert numbers(found) == [2]
    assert found.counts == {"theme": {"ENVI": 1, "TRAN": 1}, "country": {"FR": 1, "DE": 1}, "language": {}}


HOSTILE = [
    *(
        '"',
        '"""',
        "'",
        "(",
        ")",
        "((((",
        "AND",
        "a AND b OR NOT c",
        "NOT",
        "title:flights",
        "id:*",
        "*",
        "?",
        "~",
    ),
    *("flights~2", "^5", "+flights -paris", "[a TO z]", "{!x}", "\\", "a\\", "//", ".*", "w1|w2", "\0", "a\0b"),
    *(
        "😀",
        "👩‍👩‍👧",
        "\u202eabc",
        "\ud800",
        "é" * 10_000,
        "flights " * 2_000,
        '"a" ' * 3_000,
        "<script>",
        "%00%",
        "$",
    ),
    *("«", "» «", "״", "\u0301", "ﷺ", "İ", "'; DROP TABLE datasets; --", "{{7*7}}", "\r\n\t", "𝔣𝔩𝔦𝔤𝔥𝔱𝔰"),
]


def test_no_text_is_a_command_or_an_error() -> None:
    index(document(1, "Flights from Paris"))
    for text in HOSTILE:
        assert set(numbers(ask(text))) <= {1}
        assert set(numbers(ask(f"flights {text}"))) <= {1}
        mark = text.encode(errors="ignore").decode()
        marks = {"price": [mark], "train": [mark, "yes"]}
        assert numbers(ask(variant_marks=marks, marks={"theme": [mark]})) == []


def test_a_text_without_words_finds_nothing_and_no_text_finds_all() -> None:
    index(document(1, "Flights"))
    assert numbers(ask("!!! 😀")) == []
    assert numbers(ask("   ")) == [1]
    assert numbers(ask("the of")) == []


def test_pages_are_one_list_that_a_rebuild_gives_again() -> None:
    documents = list(invented(400))
    index()
    for start in range(0, 400, 40):  # ten segments, which merge on the way
        write(*islice(documents, start, start + 40))
    write(*documents[:100])
    for text in ("", "w0", "w1 w0"):
        whole = numbers(ask(text, limit=1_000))
        paged = [number for start in range(0, 420, 20) for number in numbers(ask(text, offset=start))]
        assert paged == whole and len(set(whole)) == len(whole)
        index(*reversed(documents))
        assert numbers(ask(text, limit=1_000)) == whole
    assert numbers(ask(offset=10**9)) == []


def test_without_an_index_a_question_is_refused() -> None:
    assert not search.is_ready()
    with pytest.raises(Unreadable):
        ask()
    assert numbered(1) < numbered(2)
