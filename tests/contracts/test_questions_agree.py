"""“May I?” beside the terms it rests on, over random terms and questions: it never fails, never permits more than the
clauses do, and a further restriction never turns a no into a yes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings, target
from hypothesis import strategies as st

from compliance import legal
from compliance.destinations import destinations
from contracts.clauses import LIBRARY
from contracts.clauses.declaration import Facts
from contracts.clauses.purposes import PURPOSES
from contracts.decisions import answers
from contracts.decisions.answers import Asked, Buyer, Known, Law, Right
from contracts.terms import terms as usage_terms
from exchange.kernel.errors import Invalid

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BUYER, OTHER = "0190aaaa-0000-7000-8000-000000000001", "0190aaaa-0000-7000-8000-000000000002"
PLACES = ["FR", "DE", "CH", "JP", "BY"]
SAMPLES: dict[str, list[dict[str, Any]]] = {
    "purpose": [
        {"any_of": ["research"]},
        {"any_of": ["model_training", "marketing"]},
        {"any_of": ["research", "marketing"]},
    ],
    "country": [{"any_of": ["DE"]}, {"any_of": ["DE", "JP"]}, {"any_of": ["EEA"]}],
    "recipients": [{"any_of": [BUYER]}, {"any_of": [BUYER, OTHER]}, {"any_of": [OTHER]}],
    "addresses": [{"any_of": ["192.0.2.0/24"]}],
    "end_date": [{"on": "2026-11-22"}, {"on": "2027-02-28"}, {"on": "2026-11-21"}],
    "duration": [{"days": 1}, {"days": 365}],
    "copies": [{"max": 1}],
    "combination": [{"allowed": True}],
    "model_training": [{"allowed": "yes"}, {"allowed": "non_commercial"}, {"allowed": "no"}],
    "redistribution": [{"allowed": True}, {"allowed": False}],
    "deletion": [{"days": 30}],
}
GRANTS = ("purpose", *(kind for kind, one in LIBRARY.items() if one.when_silent))
"""What widens when it is written: a purpose takes the place of the declared one, a permission that of its silence."""

clauses = st.fixed_dictionaries({}, optional={kind: st.sampled_from(some) for kind, some in SAMPLES.items()})
rights = st.fixed_dictionaries(
    {
        "state": st.sampled_from(["active", "active", "active", "pending", "suspended", "expired", "revoked"]),
        "agreement_state": st.sampled_from(["signed", "signed", "signed", "terminated"]),
        "purpose": st.sampled_from(list(PURPOSES)),
        "activated_at": st.sampled_from([None, NOW, NOW - timedelta(days=10)]),
        "ends_at": st.sampled_from([None, NOW, NOW + timedelta(days=100)]),
        "is_sealed": st.sampled_from([True, True, True, False]),
    }
)
first = st.sampled_from(
    [NOW, NOW + timedelta(microseconds=1), NOW + timedelta(days=99), NOW + timedelta(days=365)]
)
questions = st.builds(
    lambda start, more, **rest: Asked(first=start, last=start + more, **rest),
    start=first,
    more=st.sampled_from([timedelta(0), timedelta(hours=24)]),
    purpose=st.sampled_from(list(PURPOSES)),
    country=st.sampled_from(PLACES),
    recipient=st.sampled_from([None, BUYER, OTHER]),
)
classes = st.sampled_from(["none", "personal", "special"])


def law(personal_data: Any) -> Law:
    """The packaged legal profile, for data of one class."""
    profile = legal.load()

    def carries(right: Right, country: str, day: date) -> destinations.Destination:
        return destinations.decide(
            profile, country=country, personal_data=personal_data, certifications=frozenset(), on=day
        )

    return Law(carries, lambda day: destinations.groups(profile, day))


def right_of(raw: dict[str, Any], fields: dict[str, Any]) -> Right | None:
    """A right by these clauses; None where they contradict each other, so that nobody could sign them."""
    try:
        terms = usage_terms.parse([{"kind": kind, **values} for kind, values in raw.items()])
    except Invalid:
        return None
    return Right(id="1", agreement="2", terms=terms, **fields)


def known(*several: Right | None) -> Known:
    buyer = Buyer(BUYER, "verified", "DE", frozenset())
    return Known(buyer, tuple(one for one in several if one), is_whole=True, now=NOW)


@settings(max_examples=400, deadline=None)
@given(clauses, rights, questions, classes)
def test_a_yes_offends_no_clause_and_lasts_beyond_the_question(
    raw: Any, fields: Any, asked: Asked, personal_data: str
) -> None:
    right = right_of(raw, fields)
    judged = answers.judge(asked, known(right), law(personal_data))
    target(float(judged.word == "yes"))
    if judged.word != "yes" or right is None:
        assert judged.code and judged.until is None
        return
    assert right.state == "active" and right.agreement_state == "signed" and right.is_sealed
    assert judged.until is None or judged.until > asked.last
    for moment in (asked.first, asked.last):
        facts = Facts(
            now=max(moment, right.activated_at or moment),
            purpose=asked.purpose,
            buyer_country="DE",
            recipient_id=BUYER,
            active_since=right.activated_at,
            groups=law(personal_data).groups(moment.date()),
        )
        verdicts = usage_terms.evaluate(right.terms, facts)
        assert all(one.ok for one in verdicts if not LIBRARY[one.kind].is_of_delivery)
    if asked.recipient == OTHER:
        assert usage_terms.permissions(right.terms)["pass_on"] != "no"
    if personal_data != "none":
        assert law(personal_data).carries(right, asked.country, asked.last.date()).allowed


@settings(max_examples=400, deadline=None)
@given(
    clauses,
    rights,
    questions,
    classes,
    st.sampled_from([kind for kind in SAMPLES if kind not in GRANTS]),
    st.data(),
)
def test_a_further_restriction_never_permits_more(
    raw: Any, fields: Any, asked: Asked, personal_data: str, kind: str, data: st.DataObject
) -> None:
    without = {name: values for name, values in raw.items() if name != kind}
    narrower = right_of({**without, kind: data.draw(st.sampled_from(SAMPLES[kind]))}, fields)
    wider = right_of(without, fields)
    if narrower is None or wider is None:
        return
    if answers.judge(asked, known(narrower), law(personal_data)).word == "yes":
        assert answers.judge(asked, known(wider), law(personal_data)).word == "yes"


@settings(max_examples=200, deadline=None)
@given(clauses, rights, questions, classes)
def test_another_right_never_takes_a_yes_away(raw: Any, fields: Any, asked: Asked, personal_data: str) -> None:
    right = right_of(raw, fields)
    ended = right_of({}, {**fields, "state": "revoked"})
    alone = answers.judge(asked, known(right), law(personal_data))
    beside = answers.judge(asked, known(right, ended), law(personal_data))
    assert (alone.word == "yes") == (beside.word == "yes")


@settings(max_examples=200, deadline=None)
@given(clauses, rights, questions)
def test_a_clause_that_cannot_be_read_is_never_a_yes(raw: Any, fields: Any, asked: Asked) -> None:
    right = right_of(raw, fields)
    if right is None:
        return
    unread = usage_terms.thaw([*right.terms.to_list(), {"kind": "of tomorrow"}])
    judged = answers.judge(asked, known(replace(right, terms=unread)), law("none"))
    assert judged.word != "yes"


def test_every_kind_says_whether_it_bears_on_use() -> None:
    of_delivery = {kind for kind, one in LIBRARY.items() if one.is_of_delivery}
    assert {"addresses", "copies"} <= of_delivery
    assert not of_delivery & {"purpose", "country", "recipients", "end_date", "duration", "model_training"}
