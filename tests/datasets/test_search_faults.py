"""The index under rivals, kills and damage: one writer at a time, a whole commit or none, and what is broken is
reported as such and built anew."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datasets import search
from datasets.search import Unreadable, Variant
from exchange.kernel.errors import Unavailable
from tests.datasets.search_makers import EVERYONE, ask, document, index, invented, numbered, numbers, write
from tests.servers import eventually

fork = multiprocessing.get_context("fork")
KILLS = 12


def generation(folder: Path) -> Path:
    return folder / (folder / "current").read_text()


def test_a_document_that_is_written_again_takes_its_own_place() -> None:
    index(*(document(number, "Old") for number in range(1, 6)))
    for _ in range(3):
        write(document(3, "New"))
    assert numbers(ask("new")) == [3]
    assert numbers(ask("old")) == [5, 4, 2, 1]
    assert ask().total == 5
    with search.turn_to_write(wait=True):
        search.write([numbered(3), numbered(99)], [])
    assert ask().total == 4


def test_a_reader_in_another_process_sees_each_commit_at_once() -> None:
    index(document(1, "One"))
    ours, theirs = fork.Pipe()

    def read() -> None:
        while theirs.recv():
            theirs.send(numbers(ask()))

    reader = fork.Process(target=read, daemon=True)
    reader.start()
    for expected in ([1], [2, 1], [3, 2, 1]):
        if expected != [1]:
            write(document(expected[0], "More"))
        ours.send(True)
        assert ours.recv() == expected
    index(document(9, "Nine"))
    ours.send(True)
    assert ours.recv() == [9]
    ours.send(False)
    reader.join(timeout=60)
    assert reader.exitcode == 0


def test_rivals_take_turns_and_lose_nothing() -> None:
    index()

    def writes(first: int) -> None:
        for number in range(first, first + 10):
            write(document(number, "Written by a rival"), document(1_000, "Shared"))

    rivals = [fork.Process(target=writes, args=(first,)) for first in (100, 200, 300)]
    for rival in rivals:
        rival.start()
    for rival in rivals:
        rival.join(timeout=60)
    assert [rival.exitcode for rival in rivals] == [0, 0, 0]
    assert ask("rival").total == 30
    assert numbers(ask("shared")) == [1_000]


def test_nobody_else_writes_during_a_turn() -> None:
    index()
    with search.turn_to_write(wait=False) as is_mine:
        assert is_mine
        with search.turn_to_write(wait=False) as is_theirs:
            assert not is_theirs
    with search.turn_to_write(wait=False) as is_mine:
        assert is_mine


def test_a_writer_killed_in_mid_commit_leaves_the_last_commit_whole(search_folder: Path) -> None:
    index()
    acknowledged = fork.Value("i", 0)

    def write_for_ever() -> None:
        number = acknowledged.value
        while True:
            write(*(document(number * 20 + offset, "Batch", f"batch{number}") for offset in range(20)))
            number += 1
            acknowledged.value = number

    for kill in range(KILLS):
        writer = fork.Process(target=write_for_ever)
        known = acknowledged.value
        writer.start()
        if kill % 2:
            eventually(lambda: acknowledged.value, known.__lt__)
        time.sleep(0.03 * kill)
        os.kill(writer.pid or 0, signal.SIGKILL)
        writer.join()
        total = ask("batch").total
        assert total in (acknowledged.value * 20, acknowledged.value * 20 + 20)
        assert search.is_ready()
    write(document(10**6, "Afterwards"))
    assert numbers(ask("afterwards")) == [10**6]
    assert acknowledged.value > 0


def test_a_rebuild_killed_half_way_leaves_the_index_in_use(search_folder: Path) -> None:
    index(document(1, "Before"))

    def rebuild() -> None:
        with search.turn_to_write(wait=True):
            search.rebuild(slowly())

    def slowly() -> Any:
        for one in invented(1_000):
            time.sleep(0.01)
            yield one

    builder = fork.Process(target=rebuild)
    builder.start()
    time.sleep(0.5)
    assert numbers(ask("before")) == [1]
    os.kill(builder.pid or 0, signal.SIGKILL)
    builder.join()
    assert numbers(ask("before")) == [1]
    index(document(2, "After"))
    assert numbers(ask()) == [2]
    assert len([path for path in search_folder.iterdir() if path.is_dir()]) == 1


def empty(path: Path) -> None:
    path.write_bytes(b"")


def tear(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


DAMAGES: list[Callable[[Path], None]] = [Path.unlink, empty, tear]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_broken_file_is_reported_and_mended(damage: Callable[[Path], None], search_folder: Path) -> None:
    documents = [
        document(number, f"Number {number}", "text", marks={"theme": ["ENVI"]}) for number in range(50)
    ]
    index(*documents)
    unread = set()
    for suffix in (".fast", ".idx", ".json", ".pos", ".store", ".term"):
        index(*documents)
        for path in generation(search_folder).glob(f"[!.]*{suffix}"):
            damage(path)
        try:
            assert ask("text").total == 50
        except Unreadable:
            assert not search.is_ready()
            unread.add(suffix)
    assert {".fast", ".idx", ".json", ".term"} <= unread
    index(document(1, "Mended"))
    assert numbers(ask()) == [1] and search.is_ready()


def test_flipped_bytes_never_stop_a_question(search_folder: Path) -> None:
    for position in range(8):
        index(*invented(300))
        files = sorted(path for path in generation(search_folder).iterdir() if path.suffix)
        content = bytearray(files[position % len(files)].read_bytes())
        for place in range(0, len(content), max(1, len(content) // 50)):
            content[place] ^= 0x5A
        files[position % len(files)].write_bytes(bytes(content))
        for text in ("", "w0", "w1 w2", "wzz"):
            try:
                search.find(search.Question(EVERYONE, text), limit=50, facets=["theme"])
            except Unreadable:
                continue
    index(document(1, "Mended"))
    assert numbers(ask()) == [1]


@pytest.mark.parametrize(
    "pointer", ["", "nowhere", "../outside", "0-0123456789abcdef", "1-0123456789abcdef", "/", "\0"]
)
def test_a_pointer_to_nothing_is_no_index(pointer: str, search_folder: Path) -> None:
    index(document(1, "One"))
    (search_folder / "current").write_text(pointer)
    assert not search.is_ready()
    with pytest.raises(Unreadable):
        write(document(2, "Two"))
    index(document(3, "Three"))
    assert numbers(ask()) == [3]


def test_an_index_of_another_format_is_built_anew(search_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index(document(1, "One"))
    monkeypatch.setattr("datasets.search.folders.FORMAT", "another")
    assert not search.is_ready()
    index(document(1, "One"))
    assert search.is_ready() and generation(search_folder).name.startswith("another-")


def test_a_folder_that_cannot_be_written_is_a_refusal(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.EXCHANGE_SEARCH_DIR = tmp_path / "file"
    assert not search.is_ready()
    with pytest.raises(Unavailable):
        search.rebuild([])


def test_tokens_and_marks_of_variants_are_plain_words() -> None:
    for word in ("", "A b", "a|b", "a;b", "a=b", "é"):
        with pytest.raises(Unavailable):
            index(document(1, "One", variants=(Variant(EVERYONE, {"price": word}),)))
