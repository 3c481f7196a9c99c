"""Each kind of clause: what it accepts, what it says in both languages, and whom it refuses."""

import math
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.clauses import countries, purposes
from contracts.clauses.declaration import Facts, Reason
from contracts.terms.terms import evaluate, parse, text
from exchange.kernel.errors import Invalid

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BUYER = "0190aaaa-0000-7000-8000-000000000001"
NOBODY = Facts(now=NOW)
HUGE = 10**6000


def read(kind: str, **values: object) -> dict[str, Any]:
    (clause,) = parse([{"kind": kind} | values]).to_list()
    return clause


def refusal(facts: Facts, kind: str, **values: object) -> Reason | None:
    (verdict,) = (one for one in evaluate(parse([{"kind": kind} | values]), facts) if one.kind == kind)
    return verdict.reason


def sentence(language: str, kind: str, **values: object) -> str:
    clauses = text(parse([{"kind": kind} | values]), language)  # type: ignore[arg-type]
    (found,) = [clause["text"] for clause in clauses if clause["kind"] == kind]
    return found


@pytest.mark.parametrize(
    ("clause", "wanted"),
    [
        ({"kind": "copies", "max": 0}, "a whole number from 1 to 10000; given 0"),
        ({"kind": "copies", "max": -1}, "given -1"),
        ({"kind": "copies", "max": 10_001}, "given 10001"),
        ({"kind": "copies", "max": True}, "given true"),
        ({"kind": "copies", "max": 2.0}, "given 2.0"),
        ({"kind": "copies", "max": math.nan}, "given NaN"),
        ({"kind": "copies", "max": math.inf}, "given Infinity"),
        ({"kind": "copies", "max": "2"}, 'given "2"'),
        ({"kind": "copies", "max": HUGE}, "given int"),
        ({"kind": "copies", "max": None}, "given null"),
        ({"kind": "duration", "days": 3651}, "from 1 to 3650"),
        ({"kind": "deletion", "days": 0}, "from 1 to 365"),
        ({"kind": "end_date", "on": "2027-02-29"}, 'given "2027-02-29"'),
        ({"kind": "end_date", "on": "20270131"}, "written YYYY-MM-DD"),
        ({"kind": "end_date", "on": "2027-W04-7"}, "written YYYY-MM-DD"),
        ({"kind": "end_date", "on": "9999-12-31"}, "to 2199-12-31"),
        ({"kind": "end_date", "on": 20270131}, "given 20270131"),
        ({"kind": "combination", "allowed": 1}, "true or false; given 1"),
        ({"kind": "combination", "allowed": "yes"}, "true or false"),
        ({"kind": "model_training", "allowed": True}, "one of no, non_commercial, yes; given true"),
        ({"kind": "attribution", "text": ""}, "a line of text of 1 to 500"),
        ({"kind": "attribution", "text": "a\nb"}, r"U\+000A"),
        ({"kind": "attribution", "text": "\ud800"}, r'given "\\ud800"'),
        ({"kind": "attribution", "text": "x" * 501}, "it has 501"),
        ({"kind": "attribution", "text": 5}, "given 5"),
        ({"kind": "purpose", "any_of": []}, "it has 0"),
        ({"kind": "purpose", "any_of": "research"}, "a list of 1 to"),
        ({"kind": "purpose", "any_of": ["research", "research"]}, "no item comes twice"),
        ({"kind": "purpose", "any_of": ["fun"]}, 'out of research, .*; given "fun"'),
        ({"kind": "purpose", "any_of": [["research"]]}, r'given \["research"\]'),
        ({"kind": "country", "any_of": ["fr"]}, 'given "fr"'),
        ({"kind": "country", "any_of": ["UK"]}, "ISO 3166-1"),
        ({"kind": "country", "any_of": ["EU"]}, "or groups: EEA, ADEQUATE"),
        ({"kind": "country", "any_of": ["FR"] * 251}, "it has 251"),
        ({"kind": "recipients", "any_of": ["buyer"]}, "UUIDs"),
        ({"kind": "recipients", "any_of": [BUYER, BUYER.upper()]}, "no item comes twice"),
        ({"kind": "addresses", "any_of": ["192.0.2.1/24"]}, "without host bits"),
        ({"kind": "addresses", "any_of": ["192.0.2.0/33"]}, "without host bits"),
        ({"kind": "addresses", "any_of": [3221225984]}, "address ranges"),
        ({"kind": "addresses", "any_of": ["fe80::%eth0/64"]}, "address ranges"),
        ({"kind": "addresses", "any_of": ["example.org"]}, "address ranges"),
    ],
)
def test_a_value_out_of_bounds_is_refused_with_what_is_wanted_and_what_was_given(
    clause: dict[str, Any], wanted: str
) -> None:
    with pytest.raises(Invalid, match=wanted) as refused:
        parse([clause])
    assert refused.value.detail.startswith(f"Clause 1 ({clause['kind']}): ")
    assert refused.value.detail.isascii()


def test_an_unknown_purpose_or_country_has_a_code_of_its_own() -> None:
    for clause, code in (
        ({"kind": "purpose", "any_of": ["fun"]}, "unknown_purpose"),
        ({"kind": "country", "any_of": ["XX"]}, "unknown_country"),
    ):
        with pytest.raises(Invalid) as refused:
            parse([clause])
        assert refused.value.code == code


def test_values_are_kept_in_one_form() -> None:
    assert read("country", any_of=["JP", "EEA"])["any_of"] == ["EEA", "JP"]
    assert read("recipients", any_of=[BUYER.upper()])["any_of"] == [BUYER]
    assert read("addresses", any_of=["2001:DB8:0::/32", "192.0.2.7"])["any_of"] == [
        "192.0.2.7/32",
        "2001:db8::/32",
    ]
    assert read("attribution", text="  Cafe\u0301  ")["text"] == "Café"


def test_a_wider_purpose_permits_the_narrower_and_not_the_other_way_round() -> None:
    facts = replace(NOBODY, purpose="academic_research")
    assert refusal(facts, "purpose", any_of=["research"]) is None
    assert refusal(facts, "purpose", any_of=["marketing", "academic_research"]) is None
    assert refusal(facts, "purpose", any_of=["commercial_research"]) == Reason.PURPOSE_NOT_ALLOWED
    assert (
        refusal(replace(NOBODY, purpose="research"), "purpose", any_of=["academic_research"])
        == Reason.PURPOSE_NOT_ALLOWED
    )
    assert refusal(replace(NOBODY, purpose="fun"), "purpose", any_of=["research"]) == Reason.PURPOSE_NOT_ALLOWED
    assert refusal(NOBODY, "purpose", any_of=["research"]) == Reason.UNDECIDABLE


def test_the_buyers_country_must_be_named_or_belong_to_a_group_named() -> None:
    known = replace(NOBODY, groups={"EEA": frozenset({"FR", "IS"}), "ADEQUATE": frozenset({"CH"})})
    for country, places, reason in (
        ("IS", ["EEA"], None),
        ("JP", ["EEA", "JP"], None),
        ("CH", ["ADEQUATE"], None),
        ("CH", ["EEA"], Reason.COUNTRY_NOT_ALLOWED),
        ("FR", ["ADEQUATE"], Reason.COUNTRY_NOT_ALLOWED),
        ("EEA", ["FR"], Reason.COUNTRY_NOT_ALLOWED),
        ("EEA", ["EEA"], Reason.COUNTRY_NOT_ALLOWED),
        (None, ["EEA"], Reason.UNDECIDABLE),
    ):
        assert refusal(replace(known, buyer_country=country), "country", any_of=places) == reason
    for country, places, reason in (("JP", ["EEA", "JP"], None), ("FR", ["EEA"], Reason.UNDECIDABLE)):
        assert refusal(replace(NOBODY, buyer_country=country), "country", any_of=places) == reason


def test_only_a_named_recipient_may_receive() -> None:
    assert refusal(replace(NOBODY, recipient_id=BUYER.upper()), "recipients", any_of=[BUYER]) is None
    assert (
        refusal(replace(NOBODY, recipient_id="x"), "recipients", any_of=[BUYER]) == Reason.RECIPIENT_NOT_NAMED
    )
    assert refusal(NOBODY, "recipients", any_of=[BUYER]) == Reason.UNDECIDABLE


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("192.0.2.0", None),
        ("192.0.2.255", None),
        ("::ffff:192.0.2.9", None),
        ("2001:db8::1", None),
        ("192.0.3.0", Reason.ADDRESS_NOT_ALLOWED),
        ("2001:db9::1", Reason.ADDRESS_NOT_ALLOWED),
        ("::ffff:192.0.3.9", Reason.ADDRESS_NOT_ALLOWED),
        ("2001:db8::1%eth0", Reason.UNDECIDABLE),
        ("localhost", Reason.UNDECIDABLE),
        ("", Reason.UNDECIDABLE),
        (None, Reason.UNDECIDABLE),
    ],
)
def test_an_address_must_lie_in_a_range(address: str | None, reason: Reason | None) -> None:
    facts = replace(NOBODY, address=address)
    assert refusal(facts, "addresses", any_of=["192.0.2.0/24", "2001:db8::/32"]) == reason


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (datetime(2028, 2, 29, 23, 59, 59, 999999, tzinfo=UTC), None),
        (datetime(2028, 3, 1, tzinfo=UTC), Reason.EXPIRED),
    ],
)
def test_an_end_date_includes_its_whole_day_in_utc(now: datetime, reason: Reason | None) -> None:
    assert refusal(Facts(now=now), "end_date", on="2028-02-29") == reason


def test_a_duration_runs_from_activation_and_ends_on_the_second() -> None:
    since = datetime(2028, 2, 28, 12, tzinfo=UTC)
    end = since + timedelta(days=2)
    for now, reason in ((since, None), (end - timedelta(microseconds=1), None), (end, Reason.EXPIRED)):
        assert refusal(Facts(now=now, active_since=since), "duration", days=2) == reason
    assert refusal(Facts(now=since, active_since=end), "duration", days=2) == Reason.UNDECIDABLE
    assert refusal(Facts(now=since), "duration", days=2) == Reason.UNDECIDABLE


@pytest.mark.parametrize(
    ("used", "reason"),
    [
        (0, None),
        (1, None),
        (2, Reason.COPIES_SPENT),
        (10**9, Reason.COPIES_SPENT),
        (-1, Reason.UNDECIDABLE),
        (True, Reason.UNDECIDABLE),
        (None, Reason.UNDECIDABLE),
    ],
)
def test_a_copy_more_needs_one_that_is_left(used: int | None, reason: Reason | None) -> None:
    assert refusal(replace(NOBODY, copies_used=used), "copies", max=2) == reason


def test_the_purpose_of_training_needs_the_permission_to_train() -> None:
    facts = replace(NOBODY, purpose="model_training")
    assert refusal(facts, "model_training", allowed="no") == Reason.PURPOSE_NOT_ALLOWED
    assert refusal(facts, "model_training", allowed="non_commercial") is None
    assert [verdict.kind for verdict in evaluate(parse([]), facts)] == ["model_training"]


def test_conduct_after_delivery_is_never_the_gateways_to_refuse() -> None:
    for kind, values in (
        ("combination", {"allowed": False}),
        ("publication", {"allowed": False}),
        ("redistribution", {"allowed": False}),
        ("attribution", {"text": "Port-Libre"}),
        ("deletion", {"days": 30}),
    ):
        assert refusal(NOBODY, kind, **values) is None


@pytest.mark.parametrize(
    ("kind", "values", "en", "fr"),
    [
        (
            "copies",
            {"max": 1},
            "You may download each file once. A download that breaks off goes on without being counted again.",
            "Vous pouvez télécharger chaque fichier une seule fois. "
            "Un téléchargement interrompu reprend sans être compté de nouveau.",
        ),
        (
            "duration",
            {"days": 3650},
            "Your access lasts 3,650 days from its activation. No download is possible after that.",
            "Votre accès dure 3\u202f650\u00a0jours à compter de son activation. "
            "Aucun téléchargement n’est possible ensuite.",
        ),
        (
            "end_date",
            {"on": "2027-08-01"},
            "Your access ends on 1 August 2027. No download is possible after that day (UTC).",
            "Votre accès prend fin le 1er\u00a0août 2027. "
            "Aucun téléchargement n’est possible après ce jour (UTC).",
        ),
        (
            "country",
            {"any_of": ["EEA", "KR", "US"]},
            "You receive the data only while the verified country of your organisation is as follows: "
            "any country of the European Economic Area (EEA), South Korea or United States.",
            "Vous ne recevez les données que tant que le pays vérifié de votre organisation est "
            "le suivant\u00a0: tout pays de l’Espace économique européen (EEE), Corée du Sud ou États-Unis.",
        ),
        (
            "purpose",
            {"any_of": ["academic_research"]},
            "You may use the data only for academic research.",
            "Vous ne pouvez utiliser les données que pour la recherche universitaire.",
        ),
        (
            "attribution",
            {"text": "Port-Libre"},
            "Wherever you publish or pass on the data or its results, you must name the source: “Port-Libre”.",
            "Partout où vous publiez ou transmettez les données ou leurs résultats, vous devez "
            "citer la source\u00a0: «\u00a0Port-Libre\u00a0».",
        ),
        (
            "deletion",
            {"days": 1},
            "Within 1 day of the end of your access you must delete every copy of the data and state "
            "through the exchange that you have done so.",
            "Le jour qui suit la fin de votre accès, vous devez effacer toutes les copies des données "
            "et l’attester par l’intermédiaire de la place.",
        ),
    ],
)
def test_a_clause_reads_as_a_whole_sentence_in_both_languages(
    kind: str, values: dict[str, Any], en: str, fr: str
) -> None:
    assert sentence("en", kind, **values) == en
    assert sentence("fr", kind, **values) == fr


@pytest.mark.parametrize(
    "clause",
    [
        {"kind": "purpose", "any_of": list(purposes.PURPOSES)},
        {"kind": "country", "any_of": ["EEA", "BO", "CD", "TW"]},
        {"kind": "recipients", "any_of": [BUYER, BUYER.replace("1", "2")]},
        {"kind": "addresses", "any_of": ["192.0.2.0/24", "198.51.100.0/24", "2001:db8::/32"]},
        {"kind": "copies", "max": 10_000},
        {"kind": "combination", "allowed": True},
        {"kind": "publication", "allowed": True},
        {"kind": "redistribution", "allowed": True},
        {"kind": "deletion", "days": 365},
    ],
)
def test_sentences_end_and_french_signs_stand_after_a_no_break_space(clause: dict[str, Any]) -> None:
    training = [{"kind": "model_training", "allowed": "yes"}]
    for language in ("en", "fr"):
        clauses = text(parse([clause, *training]), language)  # type: ignore[arg-type]
        assert [one["number"] for one in clauses] == list(range(1, len(clauses) + 1))
        for one in clauses:
            assert re.match(r"[A-Z].*\.$", one["text"]), one["text"]
            if language == "fr":
                assert not re.search(
                    r"(?<!\u00a0)[;!?»]|(?<![\u00a00-9a-f:]):(?!\S)|«(?!\u00a0)|'", one["text"]
                )


def test_silence_is_written_out() -> None:
    assert [clause["text"] for clause in text(parse([]), "en")] == [
        "You may analyse the data inside your own organisation.",
        "You may use the data for the purpose you declare when you ask for it, and for no other.",
        "You may not share the data with other organisations of your group.",
        "You may not combine the data with other data.",
        "You may not train models on the data.",
        "You may not publish results that you obtain from the data.",
        "You may not pass the data on to third parties, in whole or in part.",
        "You may not make works that contain the data, or a substantial part of it, in altered form.",
        "You may not have the data processed by others on your behalf.",
        "What these terms do not permit, you may not do.",
    ]
    assert [clause["standing"] for clause in text(parse([]), "fr")].count("evidenced") == 1


def test_participants_are_shown_by_name_where_the_name_is_known() -> None:
    named = text(parse([{"kind": "recipients", "any_of": [BUYER]}]), "en", names={BUYER: "Lanterne Mutual"})
    assert "Only this participant may receive the data: Lanterne Mutual." in [
        clause["text"] for clause in named
    ]


def test_every_country_has_a_name_in_both_languages() -> None:
    assert countries.name("DE", "fr") == "Allemagne"
    assert countries.name("KR", "en") == "South Korea"
    assert countries.name("BO", "fr") == "Bolivie"


def test_purposes_are_terms_of_the_data_privacy_vocabulary_or_of_our_own_profile() -> None:
    iris = [purpose.iri for purpose in purposes.PURPOSES.values()]
    assert len(set(iris)) == len(iris)
    assert [iri for iri in iris if not iri.startswith("https://w3id.org/dpv#")] == [
        "urn:comptoir:odrl:1#modelTraining"
    ]
    for purpose in purposes.PURPOSES.values():
        assert all(wider in purposes.PURPOSES for wider in purpose.wider)
        assert purposes.require(purpose.code) == purpose.code
    with pytest.raises(Invalid, match="research"):
        purposes.require("fun")
    with pytest.raises(Invalid, match="FR"):
        countries.require("EEA")
