"""What each tag writes, and that hostile text stays text."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.translation import override

from exchange.kernel.money import Money

AT = datetime(2026, 11, 20, 13, 32, 7, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>\"'‮"


def drawn(source: str, language: str = "en", **context: Any) -> str:
    with override(language):
        return Template("{% load look %}" + source).render(Context(context))


def test_money_is_written_for_people_and_for_machines() -> None:
    assert drawn("{% money amount %}", amount=Money(148_000, "EUR")) == (
        '<data class="money" value="1480.00">€1,480.00</data>'
    )
    assert "480,00" in drawn('{% money 48000 "EUR" %}', "fr")


def test_a_moment_carries_its_offset() -> None:
    assert drawn("{% when at %}", at=AT).startswith('<time datetime="2026-11-20T14:32:07+01:00">')
    assert drawn("{% when at %}", at=None) == "–"
    assert drawn("{% when at %}", at=AT.date()).startswith('<time datetime="2026-11-20">')


@pytest.mark.parametrize(
    ("days", "english", "french"),
    [(0, "today", "aujourd’hui"), (1, "in 1 day", "dans 1 jour"), (-3, "3 days ago", "il y a 3 jours")],
)
def test_days_away(days: int, english: str, french: str) -> None:
    context = {"at": AT + timedelta(days=days), "now": AT}
    assert drawn("{% away at now %}", **context) == english
    assert drawn("{% away at now %}", "fr", **context) == french


def test_standing_says_icon_and_word() -> None:
    found = drawn('{% standing "enforced" %}')
    assert 'class="standing st-enforced"' in found and "<svg" in found and "Enforced" in found
    assert "Imposé" in drawn('{% standing "enforced" %}', "fr")


def test_an_icon_that_is_not_there_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="no icon"):
        drawn('{% icon "../../secret" %}')


def test_a_party_is_a_shape_a_word_and_a_name() -> None:
    found = drawn('{% party who "seller" %}', who=SimpleNamespace(name="Cartouche"))
    assert "p-seller" in found and '<span class="sr">Seller: </span>' in found and "Cartouche" in found


@pytest.mark.parametrize(
    "source",
    [
        "{% badge text 'ok' 'check' %}",
        "{% party text 'buyer' %}",
        "{% copyable text %}",
        "{% short text %}",
        "{% notice 'warn' text %}{{ text }}{% endnotice %}",
        "{% nothing text %}{{ text }}{% endnothing %}",
        "{% table text %}<tr><td>{{ text }}</td></tr>{% endtable %}",
    ],
)
def test_hostile_text_stays_text(source: str) -> None:
    found = drawn(source, text=HOSTILE)
    assert "<script" not in found and "&lt;script&gt;" in found
    assert 'alert(1)"' not in found


def test_a_link_changes_one_parameter_and_keeps_the_rest() -> None:
    request = RequestFactory().get("/desk", {"q": "a&b", "cursor": "x", "facet": ["1", "2"]})
    assert drawn("{% query cursor=None %}", request=request) == "?q=a%26b&amp;facet=1&amp;facet=2"
    assert drawn("{% query cursor='y' q='' %}", request=request) == "?cursor=y&amp;facet=1&amp;facet=2"
    assert drawn("{% query cursor=None q=None facet=None %}", request=request) == "/desk"


def test_a_table_keeps_its_meaning_when_folded() -> None:
    rows = (
        '<thead><tr><th scope="col">A</th></tr></thead><tbody><tr><th scope="row">1</th><td>2</td></tr></tbody>'
    )
    found = drawn("{% table 'Transfers' %}" + rows + "{% endtable %}")
    for role in ("table", "rowgroup", "row", "columnheader", "rowheader", "cell"):
        assert f'role="{role}"' in found
    assert 'aria-label="Transfers"' in found


def test_a_pager_and_a_bill() -> None:
    pager = drawn('{% include "look/pager.html" %}', newer="", older="?cursor=x", span="1 to 20")
    assert 'href="?cursor=x"' in pager and 'aria-disabled="true"' in pager
    bill = drawn(
        '{% include "look/bill.html" %}',
        rows=[("Licence", "12 months", Money(100, "EUR"))],
        total=Money(100, "EUR"),
        total_words="To pay",
        caption="Price",
    )
    assert bill.count("€1.00") == 2 and "<tfoot>" in bill


def test_a_stepper_says_where_one_is() -> None:
    found = drawn('{% include "look/stepper.html" %}', steps=[("A", "/a"), ("B", ""), ("C", "")], current=2)
    assert 'href="/a"' in found and found.count('aria-current="step"') == 1 and "(done)" in found
