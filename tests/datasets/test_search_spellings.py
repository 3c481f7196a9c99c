"""Did you mean: what is proposed for a text that next to nothing has, in English and French, and to whom."""

import pytest

from tests.datasets.search_makers import ask, document, index, numbers, write

FLIGHTS = [document(number, "Flights from Paris", "Hourly weather") for number in range(1, 21)]
MOBILITY = [document(number, "Données de mobilité", "Les forêts françaises") for number in range(21, 41)]
BOTH = [document(number, "Weather of the forests") for number in range(41, 44)]


@pytest.fixture
def market() -> None:
    index(*FLIGHTS, *MOBILITY, *BOTH)


@pytest.mark.parametrize(
    ("asked", "proposed"),
    [
        ("fligths", "flights"),
        ("flihgts", "flights"),
        ("lights", "flights"),
        ("Fligths from Pariss", "flights from paris"),
        ("fligths wether", "flights weather"),
        ("weather, FLIGTHS!", "weather, flights!"),
        ('"hourly weather" fligths', '"hourly weather" flights'),
        ("donees", "données"),
        ("donnnées", "données"),
        ("l'mobilite des donees", "l'mobilite des données"),
        ("mobiliet francaisse", "mobilité françaises"),
        ("forrets", "forêts"),
        ("weather forrests", "weather forests"),
    ],
)
def test_a_misspelt_word_is_proposed_as_it_is_written(market: None, asked: str, proposed: str) -> None:
    assert ask(asked).correction == proposed
    assert ask(proposed).correction == ""
    assert ask(proposed).total > 0


@pytest.mark.parametrize(
    "asked",
    [
        "flights",
        "paris weather",
        "foret",
        "flig",
        "nothing like it",
        "",
        "!!",
        "flights trains",
        '"fligths now"',
        "19",
    ],
)
def test_nothing_is_proposed_for_words_that_are_there_or_like_none(market: None, asked: str) -> None:
    assert ask(asked).correction == ""


def test_numbers_and_short_words_are_meant_as_they_are() -> None:
    index(*(document(number, "Flights of 2013 in Pau") for number in range(20)))
    for asked in ("2014", "flights 2014", "pao"):
        hits = ask(asked)
        assert (numbers(hits), hits.is_corrected, hits.correction) == ([], False, "")


def test_a_rare_word_yields_to_a_much_commoner_one_and_is_still_found() -> None:
    index(document(99, "Fligths, misspelt by the seller"), *FLIGHTS)
    hits = ask("fligths")
    assert (numbers(hits), hits.is_corrected, hits.correction) == ([99], False, "flights")
    index(document(99, "Fligths"), *FLIGHTS[:9])
    assert ask("fligths").correction == ""  # nine are not much more than one


def test_a_word_that_is_hidden_is_never_proposed() -> None:
    own = frozenset({"p:one"})
    index(document(1, "Zeppelins", visible_to=own), document(2, "Zepelinen"))
    assert ask("zepelins").correction == ""
    assert ask("zepelins", tokens={"everyone", "p:one"}).correction == "zeppelins"
    write(document(1, "Zéppelins", visible_to=own), document(3, "Zeppelins"))
    assert ask("zepelins").correction == "zeppelins"  # not with the accent that only others see


def test_the_spelling_of_most_is_proposed() -> None:
    index(*(document(number, "Resume" if number < 7 else "Résumé") for number in range(10)))
    assert ask("resumme").correction == "resume"
    index(*(document(number, "Resume" if number < 4 else "Résumé") for number in range(10)))
    assert ask("resumme").correction == "résumé"
