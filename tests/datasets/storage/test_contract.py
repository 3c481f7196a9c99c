"""What both storages promise."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from datasets.storage import Storage, new_key
from datasets.storage.files import FileStorage
from datasets.storage.s3 import S3Storage
from exchange.kernel.errors import Unavailable

MEBIBYTE = 1024 * 1024


def put(store: Storage, data: bytes, *, chunk: int = 700_001) -> str:
    key = new_key()
    writer = store.writer(key)
    for start in range(0, len(data), chunk):
        writer.write(data[start : start + chunk])
    writer.commit()
    return key


@pytest.mark.parametrize("size", [1, 5_000, 8 * MEBIBYTE, 8 * MEBIBYTE + 1, 19 * MEBIBYTE + 17])
def test_what_is_committed_is_read_back_whole(store: Storage, size: int) -> None:
    data = os.urandom(size)
    key = put(store, data)
    assert store.size(key) == size
    assert store.read(key, 0, size) == data


def test_an_object_may_be_empty(store: Storage) -> None:
    key = put(store, b"")
    assert store.size(key) == 0
    assert store.read(key, 0, 10) == b""


@pytest.mark.parametrize(("offset", "length"), [(0, 1), (0, 0), (3, 4), (9, 1), (8, 100), (10, 5), (500, 5)])
def test_a_read_answers_the_range_as_far_as_the_object_goes(store: Storage, offset: int, length: int) -> None:
    key = put(store, b"0123456789")
    assert store.read(key, offset, length) == b"0123456789"[offset : offset + length]


def test_nothing_can_be_read_before_commit(store: Storage) -> None:
    key = new_key()
    writer = store.writer(key)
    writer.write(b"x" * (9 * MEBIBYTE))
    with pytest.raises(Unavailable) as refusal:
        store.read(key, 0, 1)
    assert refusal.value.code == "storage_lost"
    writer.abort()


@pytest.mark.parametrize("size", [0, 10, 9 * MEBIBYTE])
def test_nothing_stays_after_abort(store: Storage, leftovers: Callable[[], list[str]], size: int) -> None:
    writer = store.writer(new_key())
    writer.write(b"x" * size)
    writer.abort()
    writer.abort()
    assert leftovers() == []


def test_abort_after_commit_takes_nothing_away(store: Storage) -> None:
    key = new_key()
    writer = store.writer(key)
    writer.write(b"kept")
    writer.commit()
    writer.abort()
    assert store.read(key, 0, 10) == b"kept"


def test_a_writer_that_has_ended_takes_no_more(store: Storage) -> None:
    key = new_key()
    writer = store.writer(key)
    writer.write(b"all")
    writer.commit()
    with pytest.raises(ValueError, match="ended"):
        writer.write(b"more")
    with pytest.raises(ValueError, match="ended"):
        writer.commit()
    assert store.read(key, 0, 10) == b"all"


def test_deleting_is_done_once_and_may_be_repeated(store: Storage, leftovers: Callable[[], list[str]]) -> None:
    key, other = put(store, b"gone"), put(store, b"stays")
    store.delete(key)
    store.delete(key)
    assert leftovers() == [other]


def test_a_lost_object_is_told_from_an_empty_one(store: Storage) -> None:
    for ask in (lambda: store.read(new_key(), 0, 1), lambda: store.size(new_key())):
        with pytest.raises(Unavailable) as refusal:
            ask()
        assert refusal.value.code == "storage_lost"


@pytest.mark.parametrize(
    "key", ["", ".", "..", "../escape-escape-escape", "a/b", "UPPERUPPERUPPERUPPER", "short", "k" * 65]
)
def test_only_keys_of_ours_are_taken(store: Storage, leftovers: Callable[[], list[str]], key: str) -> None:
    for ask in (store.writer, store.size, store.delete, lambda k: store.read(k, 0, 1)):
        with pytest.raises(ValueError, match="not a storage key"):
            ask(key)
    assert leftovers() == []


def test_how_much_room_is_left_is_answered_where_there_is_a_limit(store: Storage) -> None:
    room = store.room()
    assert room is None if isinstance(store, S3Storage) else room is not None and room > MEBIBYTE


def test_a_storage_that_cannot_be_reached_says_so(s3_server: str, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    gone = S3Storage("no-such-bucket", endpoint=s3_server, region="eu-west-3", access_key="t", secret_key="t")
    for store in (FileStorage(blocked / "assets"), gone):
        with pytest.raises(Unavailable):
            store.room()


@pytest.mark.parametrize("size", [1, 5_000, 8 * MEBIBYTE + 1])
def test_a_whole_file_is_put_and_may_be_put_again(
    store: Storage, leftovers: Callable[[], list[str]], tmp_path: Path, size: int
) -> None:
    data, key, whole = os.urandom(size), new_key(), tmp_path / "whole"
    whole.write_bytes(data)
    store.put(key, whole)
    store.put(key, whole)
    assert store.read(key, 0, size + 1) == data
    assert leftovers() == [key]
    whole.unlink()
    assert store.read(key, 0, size + 1) == data
    store.delete(key)
    assert leftovers() == []
