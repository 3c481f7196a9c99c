"""What a revision's page says of the one before it: files and columns that are new, gone or of another type."""

from collections.abc import Callable

import pytest

from datasets import datasets, queries
from datasets.models import Dataset, Revision
from datasets.revisions import differences, revisions
from exchange.kernel.actors import Actor
from tests import dataset_makers
from tests.contracts.pages.conftest import Reader, text_of
from tests.questions import asked_by

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
BEFORE = {
    "airports.csv": b"code,name,opened\nCDG,Paris,1974\nLYS,Lyon,1975\n",
    "same.csv": b"a\n1\n2\n",
    "gone.csv": b"a\n1\n2\n",
    "grown.csv": b"a\n1\n2\n",
    "notes.csv": b"a,b\n1,2\n3,4,5,6\n",
}
NOW = {
    "airports.csv": b"code,zone,opened\nCDG,CET,1974-03-08\nLYS,CET,1975-04-12\n",
    "same.csv": BEFORE["same.csv"],
    "new.csv": b"a\n1\n2\n",
    "grown.csv": b"a\n1\n2\n3\n",
    "notes.csv": b"a,b\n1,2\n3,4,5,6,7\n",
}


@pytest.fixture
def draft(seller: Actor) -> Dataset:
    made = dataset_makers.draft(seller)
    datasets.declare(made, personal_data="none", by=seller)
    return made


def said(revision: Revision) -> dict[str, list[str]]:
    before = queries.revision_before(revision)
    assert before is not None
    found = differences.against(before, queries.assets_of(revision))
    return {one.name: [" ".join([part.words, *part.shown]) for part in one.parts] for one in found}


def test_each_file_is_held_against_the_one_of_its_name(draft: Dataset, seller: Actor) -> None:
    dataset_makers.measured(draft, seller, BEFORE)
    assert said(dataset_makers.measured(draft, seller, NOW)) == {
        "airports.csv": [
            "1 new column: zone",
            "1 column is gone: name",
            "1 column has another type: opened whole number → date",
            "Rows: 2, 2 before.",
        ],
        "grown.csv": ["The same columns.", "Rows: 3, 2 before."],
        "new.csv": ["A new file."],
        "notes.csv": ["Another content. It is not compared column by column."],
        "same.csv": ["The same file, byte by byte."],
        "gone.csv": ["Not in this revision any more."],
    }


def test_many_columns_are_counted_and_the_first_are_named(draft: Dataset, seller: Actor) -> None:
    dataset_makers.measured(draft, seller, {"wide.csv": b"a\n1\n"})
    wide = ",".join(f"c{n}" for n in range(40)).encode()
    now = dataset_makers.measured(draft, seller, {"wide.csv": wide + b"\n" + b",".join([b"1"] * 40) + b"\n"})
    before = queries.revision_before(now)
    assert before is not None
    new = differences.against(before, queries.assets_of(now))[0].parts[0]
    assert (new.words, len(new.shown), new.more) == ("40 new columns:", 12, 28)


def test_a_revoked_revision_is_not_what_one_compares_with(draft: Dataset, seller: Actor) -> None:
    first = dataset_makers.measured(draft, seller)
    second = dataset_makers.measured(draft, seller)
    revisions.revoke(second, "A column was wrong throughout.", seller)
    third = dataset_makers.measured(draft, seller)
    assert queries.revision_before(third) == first
    assert queries.revision_before(first) is None


def test_the_page_shows_it_in_both_languages(draft: Dataset, seller: Actor, reader: Open) -> None:
    first = dataset_makers.measured(draft, seller, BEFORE)
    second = dataset_makers.measured(draft, seller, NOW)
    browser, path = reader(seller), "/sell/revisions/"
    page = text_of(browser.get(f"{path}{second.pk}"))
    assert "Against revision 1" in page and "1 new column:" in page and "<code>zone</code>" in page
    french = text_of(browser.get(f"{path}{second.pk}", "fr"))
    assert "1 nouvelle colonne" in french and "<code>zone</code>" in french
    assert "Against revision" not in text_of(browser.get(f"{path}{first.pk}"))


def test_a_hostile_column_name_is_shown_as_text(draft: Dataset, seller: Actor, reader: Open) -> None:
    dataset_makers.measured(draft, seller, {"a.csv": b"a\n1\n"})
    now = dataset_makers.measured(draft, seller, {"a.csv": b"a,<script>alert(1)</script>\n1,2\n"})
    page = text_of(reader(seller).get(f"/sell/revisions/{now.pk}"))
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page


def test_it_takes_as_many_queries_for_many_files_as_for_one_and_none_in_templates(
    draft: Dataset, seller: Actor, reader: Open
) -> None:
    browser, counts = reader(seller), []
    for files in (1, 6):
        for turn in range(2):
            named = {f"f{n}.csv": b"a\n%d\n" % turn for n in range(files)}
            now = dataset_makers.measured(draft, seller, named)
        count, from_templates = asked_by(lambda now=now: browser.get(f"/sell/revisions/{now.pk}"))
        assert from_templates == []
        counts.append(count)
    assert counts[0] == counts[1]
