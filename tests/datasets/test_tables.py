"""Tables in files of strangers: what is read, what is refused in plain words, and what DuckDB may not touch."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.contents import CSV, PARQUET, shown
from datasets.profiles.bins import Spread
from datasets.profiles.tables import TOP, Part, Table, Unreadable, open_table


def names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def types(table: Table) -> list[str]:
    return [column.type for column in table.columns]


def test_columns_types_and_counts_are_read(opened: Any) -> None:
    with opened(b"city,people,since\nParis,2103,2020-01-01\nLyon,NA,2021-01-01\nLyon,,2022-01-01\n") as table:
        assert table.row_count == 3
        assert names(table) == ["city", "people", "since"]
        assert types(table) == ["VARCHAR", "BIGINT", "DATE"]
        assert [(c.filled, c.distinct) for c in table.counts()] == [(3, 2), (1, 1), (3, 3)]
        assert table.top(0) == [("Lyon", 2), ("Paris", 1)]
        assert table.span(0) is None
        assert table.span(1) == ("2103", "2103")
        assert table.span(2) == ("2020-01-01", "2022-01-01")
        assert sorted(table.sample(0, 10)) == ["Lyon", "Lyon", "Paris"]


@pytest.mark.parametrize(
    "data",
    [
        b"a,b\r\n1,2\r\n3,4\r\n",
        b"a,b\r1,2\r3,4\r",
        b"\xef\xbb\xbfa,b\n1,2\n3,4",
        b"a;b\n1;2\n3;4\n",
        b"a\tb\n1\t2\n3\t4\n",
        b"a|b\n1|2\n3|4\n",
        b'"a","b"\n"1","2"\n\n"3","4"\n',
    ],
)
def test_the_ways_people_write_csv_are_one_table(opened: Any, data: bytes) -> None:
    with opened(data) as table:
        assert names(table) == ["a", "b"]
        assert types(table) == ["BIGINT", "BIGINT"]
        assert table.row_count == 2


def test_the_first_line_names_the_columns_even_when_all_is_text(opened: Any) -> None:
    with opened(b"carrier,name\nAA,American\nUA,United\n") as table:
        assert names(table) == ["carrier", "name"]
        assert table.row_count == 2


def test_a_table_may_have_no_rows(opened: Any) -> None:
    with opened(b"a,b\n") as table:
        assert table.row_count == 0
        assert [(c.filled, c.distinct) for c in table.counts()] == [(0, 0), (0, 0)]
        assert table.span(0) is None
        assert table.top(0) == []
        assert table.sample(0, 10) == []


def test_a_type_told_from_the_first_lines_gives_way_to_a_later_line(opened: Any) -> None:
    with opened(b"a,b\n" + b"1,2\n" * 60_000 + b"one,2\n") as table:
        assert types(table) == ["VARCHAR", "BIGINT"]
        assert table.row_count == 60_001


def test_cells_that_a_spreadsheet_would_run_are_only_text(opened: Any) -> None:
    cells = ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", '=HYPERLINK(""http://x"",""y"")']
    data = "cell,n\n" + "".join(f'"{cell}",1\n' for cell in cells)
    with opened(data.encode()) as table:
        assert types(table)[0] == "VARCHAR"
        assert len(table.top(0)) == 5
        assert "=1+1" in [value for value, _ in table.top(0)]


def test_unicode_is_kept_and_what_cannot_be_shown_is_not(opened: Any) -> None:
    data = 'ville\u202e,\u200b,人口,a\u0301\n"Orl\u00e9ans\u0007\nligne",1,2,3\n'
    with opened(data.encode()) as table:
        assert names(table) == ["ville", "column 2", "人口", "\u00e1"]
        assert table.top(0) == [("Orléans ligne", 1)]


def test_hostile_column_names_are_only_names(opened: Any) -> None:
    wicked = ['a"; DROP TABLE t; --', "a'b", "x" * 5_000, "SELECT", "", "", "A", "a"]
    header = ",".join('"' + name.replace('"', '""') + '"' for name in wicked)
    with opened(f"{header}\n1,2,3,4,5,6,7,8\n".encode()) as table:
        found = names(table)
        assert found[0] == wicked[0]
        assert len(found[2]) == 200
        assert len(set(found)) == len(wicked)
        assert [c.filled for c in table.counts()] == [1] * len(wicked)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"a,b\n1,2\n1,2,3\n4\n", "first line names"),
        (b"Dear reader, this is a letter.\nIt has lines, and, well, more.\nBye\n", "first line names"),
        (b"a,b\n" + b"1,2\n" * 60_000 + b"caf\xe9,3\n", "not UTF-8"),
        (b"a,b\n" + b"x" * 3_000_000 + b",1\n", "a line of more than"),
        (b"a,b\n1," + b"9" * 5_000_000, "a line of more than"),
        (b'a,b\n"never closed,1\n' + b"x,2\n" * 100, "first line names"),
        (",".join(f"c{n}" for n in range(5_000)).encode() + b"\n", "5,000 columns; at most 2,000"),
    ],
)
def test_a_csv_that_is_not_one_is_told_in_plain_words(opened: Any, data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as unreadable, opened(data):
        pass
    assert reason in unreadable.value.reason
    assert "/" not in unreadable.value.reason
    assert "reader" not in unreadable.value.reason


def test_random_bytes_are_never_more_than_unreadable(opened: Any) -> None:
    chance = random.Random(7)
    for size in (1, 10, 1_000, 100_000):
        for media_type, start in ((CSV, b""), (PARQUET, b"PAR1")):
            data = start + chance.randbytes(size) + start
            try:
                with opened(data, media_type) as table:
                    table.counts()
            except Unreadable as unreadable:
                assert len(unreadable.reason) < 100


def parquet(folder: Path, table: pa.Table) -> bytes:
    pq.write_table(table, folder / "made")
    return (folder / "made").read_bytes()


def test_parquet_is_read_with_its_own_types(opened: Any, tmp_path: Path) -> None:
    made = pa.table(
        {
            "n": pa.array([1, None, 3], pa.int32()),
            "price": pa.array([1.5, 2.5, float("nan")]),
            "who": ["a", "b", "b"],
            "tags": [["x"], [], None],
            "raw": pa.array([b"\x00\xff", b"", None]),
            "at": pa.array([1, 2, 3], pa.timestamp("us", tz="UTC")),
        }
    )
    with opened(parquet(tmp_path, made), PARQUET) as table:
        assert table.row_count == 3
        assert [column.kind for column in table.columns] == [
            "number",
            "number",
            "text",
            "other",
            "other",
            "moment",
        ]
        assert [count.filled for count in table.counts()] == [2, 3, 3, 2, 2, 3]
        assert table.span(0) == ("1", "3")
        assert table.top(2) == [("b", 2), ("a", 1)]
        for index in range(6):
            assert all(isinstance(value, str) for value in table.sample(index, 10))


def test_a_parquet_of_too_many_columns_is_refused(opened: Any, tmp_path: Path) -> None:
    made = pa.table({f"c{number}": [1] for number in range(2_001)})
    with pytest.raises(Unreadable, match="2,001 columns"), opened(parquet(tmp_path, made), PARQUET):
        pass


@pytest.mark.parametrize("cut", [5, 100, -1])
def test_a_broken_parquet_is_told_in_plain_words(opened: Any, tmp_path: Path, cut: int) -> None:
    whole = parquet(tmp_path, pa.table({"n": list(range(1_000))}))
    with pytest.raises(Unreadable) as unreadable, opened(whole[:cut], PARQUET):
        pass
    assert unreadable.value.reason == "it is damaged, or not of the kind that it says"


def test_different_values_are_counted_one_by_one_up_to_ten_thousand(opened: Any) -> None:
    data = b"few,many\n" + b"".join(b"%d,%d\n" % (n % 9_000, n) for n in range(40_000))
    with opened(data) as table:
        few, many = table.counts()
        assert few.distinct == 9_000
        assert 30_000 < many.distinct <= 40_000


def test_the_twelve_most_frequent_values_are_told(opened: Any) -> None:
    data = "word\n" + "".join(f"w{n:02d}\n" * (30 - n) for n in range(20))
    with opened(data.encode()) as table:
        assert TOP == 12
        assert table.top(0) == [(f"w{n:02d}", 30 - n) for n in range(12)]


def test_gaps_are_counted_in_equal_parts_of_the_rows(opened: Any) -> None:
    data = b"n,gap\n" + b"".join(b"%d,%s\n" % (n, b"" if n < 3 else b"x") for n in range(10))
    with opened(data) as table:
        assert table.filled_by("rows", parts=2) == [Part("0", 5, [5, 2]), Part("1", 5, [5, 5])]
    with opened(b"n,gap\n") as table:
        assert table.filled_by("rows", parts=2) == []


def test_gaps_are_counted_by_months_and_years(opened: Any) -> None:
    data = b"at,gap\n2013-12-31T23:59:59Z,\n2014-01-01T00:00:00Z,x\n2014-01-02T01:00:00+02:00,x\n"
    with opened(data) as table:
        assert table.columns[0].type == "TIMESTAMP WITH TIME ZONE"
        assert table.filled_by("year_month") == [Part("2013-12", 1, [1, 0]), Part("2014-01", 2, [2, 2])]
        assert [part.key for part in table.filled_by("year")] == ["2013", "2014"]


def test_a_wide_table_is_asked_in_pieces(opened: Any) -> None:
    wide = ",".join(f"c{n}" for n in range(250)) + "\n" + (",".join("7" * 250) + "\n") * 30
    with opened(wide.encode()) as table:
        assert [part.fills for part in table.filled_by("rows", parts=3)] == [[10] * 250] * 3
        assert [count.distinct for count in table.counts()] == [1] * 250
        assert table.in_order(range(250)) == set(range(250))


def test_numbers_that_never_step_back_are_known(opened: Any) -> None:
    data = "up,down,wave,half\n" + "".join(f"{n},{-n},{n % 7},{n / 2}\n" for n in range(100))
    with opened(data.encode()) as table:
        assert table.in_order(range(4)) == {0}
        assert table.in_order([1, 2]) == set()


def test_values_are_counted_from_each_edge_to_before_the_next(opened: Any) -> None:
    values = ["-0.5", "0", "0.1", "0.29", "0.3", "0.7", "0.8", "5", "inf", "-inf", "nan", ""]
    with opened(("x,y\n" + "".join(f"{value},1\n" for value in values)).encode()) as table:
        assert table.columns[0].type == "DOUBLE"
        assert table.placed(0, [0.0, 0.1, 0.3, 0.7, 0.8]) == ([1, 2, 1, 1], 1, 2)
        assert table.spread(0) == Spread(-0.5, 5.0, -0.5, 5.0)


@pytest.mark.parametrize(
    ("kind", "values", "spread"),
    [
        (pa.timestamp("s"), [0, 60], Spread(0, 60, 0, 60)),
        (pa.date32(), [1, 2], Spread(86_400, 172_800, 86_400, 172_800)),
        (pa.time64("us"), [3_600_000_000, 7_200_000_000], Spread(3_600, 7_200, 3_600, 7_200)),
        (pa.decimal128(38, 0), [10**30, -(10**30)], Spread(-1e30, 1e30, -1e30, 1e30)),
        (pa.float64(), [float("nan"), float("inf")], None),
        (pa.binary(), [b"a", b"b"], None),
    ],
)
def test_the_spread_of_values_is_told_in_numbers(
    opened: Any, tmp_path: Path, kind: Any, values: list[Any], spread: Spread | None
) -> None:
    with opened(parquet(tmp_path, pa.table({"x": pa.array(values, kind)})), PARQUET) as table:
        assert table.spread(0) == spread


def test_chosen_rows_are_read_in_the_order_of_the_file(opened: Any) -> None:
    data = "a,b,c\n" + "".join(f"{n},{'x' * 600 if n == 7 else ''},{n}\n" for n in range(1, 30))
    with opened(data.encode()) as table:
        assert table.rows([20, 7], 2) == [["7", "x" * 500], ["20", None]]


def test_when_the_time_is_up_a_running_question_is_stopped(opened: Any) -> None:
    with opened(b"a\n" + b"".join(b"%d\n" % n for n in range(20_000)), seconds=1.5) as table:
        asked = "SELECT count(*) FROM t AS x, t AS y, t AS z WHERE hash(x.c0, y.c0, z.c0) % 7 = 1"
        with pytest.raises(Unreadable, match="took too long"):
            table._desk.ask(asked)
        with pytest.raises(Unreadable, match="took too long"):
            table.counts()


@pytest.mark.parametrize(
    "question",
    [
        "SELECT * FROM read_text('{outside}')",
        "SELECT * FROM read_csv('{outside}')",
        "SELECT * FROM '{outside}'",
        "SELECT * FROM read_text('{inside}/../secret.txt')",
        "COPY (SELECT 1) TO '{outside}.copy'",
        "ATTACH '{outside}.db'",
        "SELECT * FROM read_csv('https://example.org/a.csv')",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '100GB'",
        "SELECT * FROM glob('{outside}')",
    ],
)
def test_nothing_outside_the_folder_can_be_touched(tmp_path: Path, question: str) -> None:
    secret, inside = tmp_path / "secret.txt", tmp_path / "inside"
    secret.write_text("secret")
    inside.mkdir()
    (inside / "table").write_bytes(b"a\n1\n")
    with (
        open_table(inside / "table", CSV, memory="500MB", seconds=60) as table,
        pytest.raises(Unreadable),
    ):
        table._desk.ask(question.format(outside=secret, inside=inside))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["inside", "secret.txt"]


def test_memory_is_limited(opened: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "table").write_bytes(b"a\n" + b"".join(b"%d\n" % n for n in range(300_000)))
    with open_table(tmp_path / "table", CSV, memory="20MB", seconds=60) as table:
        asked = "SELECT length(string_agg(repeat(CAST(c0 AS VARCHAR), 100), ',')) FROM t"
        with pytest.raises(Unreadable, match="more memory"):
            table._desk.ask(asked)


def test_shown_text_is_one_line_that_can_be_stored() -> None:
    assert shown(" a\n\tb\x00\u200b\ud800 ", 10) == "a b"
    assert shown("x" * 300, 200) == "x" * 200


def test_rows_whose_combination_is_rare_are_counted_as_by_hand(opened: Any) -> None:
    chance = random.Random(5)
    rows = [
        (chance.choice("fm"), chance.choice(("10115", "20095", "")), str(chance.randint(30, 33)))
        for _ in range(80)
    ]
    data = "sex,postcode,age\n" + "".join(",".join(row) + "\n" for row in rows)
    whole = Counter(row for row in rows if all(row))
    by_sex = Counter(row[0] for row in rows)
    with opened(data.encode()) as table:
        for below in (2, 5, 9):
            assert table.rare([0, 1, 2], below) == sum(count for count in whole.values() if count < below)
        assert table.rare([0], 5) == sum(count for count in by_sex.values() if count < 5) == 0
