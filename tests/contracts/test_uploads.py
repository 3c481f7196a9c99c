"""Uploads that stop and go on: tus 1.0.0 at the gateway, called as a server calls it, on a database of its own."""

import asyncio
import base64
import errno
import hashlib
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from contracts.gateway import tus
from contracts.gateway.gateway import Gateway
from datasets.models import Asset
from datasets.revisions import arrivals, assets, revisions
from datasets.storage import storage
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from tests import dataset_makers, makers, sales
from tests.tus_calls import PIECE, TUS, begin, code_of, offset_of, piece

pytestmark = [pytest.mark.usefixtures("own_database"), pytest.mark.by_the_clock]

CSV = dataset_makers.numbers(400_000)


@pytest.fixture(autouse=True)
def uploads_folder(settings: Any, tmp_path: Path) -> Path:
    settings.EXCHANGE_UPLOAD_DIR = tmp_path / "uploads"
    return tmp_path / "uploads"


@pytest.fixture
def asset(seller: Actor) -> Asset:
    revision = revisions.open_revision(dataset_makers.draft(seller), seller)
    return assets.announce(revision, name="a.csv", media_type="text/csv", by=seller)


@pytest.fixture
def path(asset: Asset, seller: Actor) -> str:
    return f"/u/{assets.upload_token(asset, seller)[0]}"


def is_empty(folder: Path) -> bool:
    return not folder.exists() or not list(folder.iterdir())


def require_received(asset: Asset, data: bytes) -> None:
    asset.refresh_from_db()
    assert asset.sha256 == hashlib.sha256(data).hexdigest()
    assert storage().read(asset.storage_key, 0, len(data) + 1) == data
    blocks = [data[at : at + Asset.BLOCK_BYTES] for at in range(0, len(data), Asset.BLOCK_BYTES)]
    assert bytes(asset.block_digests or b"") == b"".join(hashlib.sha256(block).digest() for block in blocks)
    assert Event.objects.filter(name="asset.received").count() == 1


def test_a_file_comes_in_pieces_through_several_processes(
    asset: Asset, path: str, uploads_folder: Path
) -> None:
    begun = begin(path, len(CSV), **{"upload-metadata": "modified MTIz"})
    assert (begun.status, begun.headers["location"]) == (201, path)
    step = len(CSV) // 4 + 1
    for at in range(0, len(CSV), step):
        answer = piece(path, at, CSV[at : at + step])  # each call is a gateway of its own, as after a restart
        assert answer.status == 204 and answer.headers["tus-resumable"] == "1.0.0"
        assert answer.headers["upload-offset"] == str(min(at + step, len(CSV)))
        assert "GMT" in answer.headers["upload-expires"]
    require_received(asset, CSV)
    assert is_empty(uploads_folder)
    assert offset_of(path) == len(CSV)
    assert piece(path, len(CSV), b"").status == 409


def test_one_process_reads_nothing_twice(asset: Asset, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(path, len(CSV))
    gateway, read = Gateway(), 0
    plain = arrivals.Arrival.read

    def counting(self: arrivals.Arrival, offset: int, length: int) -> bytes:
        nonlocal read
        read += length
        return plain(self, offset, length)

    monkeypatch.setattr(arrivals.Arrival, "read", counting)

    async def send_all() -> None:
        for at in range(0, len(CSV), 500_000):
            headers = {**PIECE, "upload-offset": str(at)}
            await sales.exchange(gateway, "PATCH", path, headers=headers, body=[CSV[at : at + 500_000]])

    asyncio.run(send_all())
    require_received(asset, CSV)
    assert read <= len(CSV) + 2 * tus.HEAD_BYTES


def test_a_cut_piece_counts_as_far_as_it_came(asset: Asset, path: str) -> None:
    begin(path, len(CSV))
    assert piece(path, 0, CSV[:600_000], cut_upload=True).status == 0
    assert offset_of(path) == 600_000
    assert piece(path, 600_000, CSV[600_000:]).status == 204
    require_received(asset, CSV)


def test_a_piece_elsewhere_than_where_it_stopped_changes_nothing(path: str) -> None:
    begin(path, 100)
    piece(path, 0, b"a" * 40)
    for offset in (0, 39, 41, 100, 10**17):
        answer = piece(path, offset, b"b" * 10)
        assert (answer.status, code_of(answer)) == (409, "wrong_offset")
        assert answer.headers["upload-offset"] == "40"
    assert offset_of(path) == 40


def test_more_bytes_than_were_announced_are_refused(asset: Asset, path: str) -> None:
    begin(path, 10)
    answer = piece(path, 0, b"n\n1\n2\n3\n4\n5\n6\n")
    assert (answer.status, code_of(answer)) == (422, "beyond_length")
    promised = piece(path, 0, b"n\n1", {"content-length": "11"})
    assert (promised.status, code_of(promised)) == (422, "beyond_length")
    assert offset_of(path) == 0
    asset.refresh_from_db()
    assert not asset.is_received


@pytest.mark.parametrize(
    ("method", "headers", "status", "code"),
    [
        ("HEAD", {}, 412, ""),
        ("PATCH", {**PIECE, "tus-resumable": "0.2.2", "upload-offset": "0"}, 412, "tus_version"),
        ("PATCH", {**TUS, "upload-offset": "0"}, 415, "encoding_not_taken"),
        ("PATCH", {**PIECE, "upload-offset": "-1"}, 422, "bad_upload_header"),
        ("PATCH", PIECE, 422, "bad_upload_header"),
        ("PATCH", {**PIECE, "upload-offset": "0", "upload-checksum": "md5 AA=="}, 400, "bad_upload_header"),
        ("PATCH", {**PIECE, "upload-offset": "0", "upload-checksum": "sha1 ?"}, 400, "bad_upload_header"),
        ("PATCH", {**PIECE, "upload-offset": "0", "upload-sender": "x" * 65}, 422, "bad_upload_header"),
        ("POST", TUS, 422, "bad_upload_header"),
        ("POST", {**TUS, "upload-defer-length": "1"}, 422, "bad_upload_header"),
        ("POST", {**TUS, "upload-length": "0"}, 422, "empty_file"),
        ("POST", {**TUS, "upload-length": str(10**15)}, 413, "too_large"),
        ("POST", {**TUS, "upload-length": "1", "upload-metadata": "x" * 1_001}, 422, "bad_upload_header"),
    ],
)
def test_what_is_not_tus_is_refused(
    method: str, headers: dict[str, str], status: int, code: str, path: str, asset: Asset
) -> None:
    begin(path, 10)
    answer = sales.call(method, path, headers=headers, body=[b"n\n"])
    assert answer.status == status
    assert code in code_of(answer)
    kept = arrivals.kept(asset.pk)
    assert kept is not None and (kept.offset, kept.length) == (0, 10)


def test_an_upload_that_has_not_begun_goes_on_nowhere(path: str, uploads_folder: Path) -> None:
    assert sales.call("HEAD", path, headers=TUS).status == 404
    answer = piece(path, 0, b"n\n")
    assert (answer.status, code_of(answer)) == (404, "no_upload")
    assert sales.call("DELETE", path, headers=TUS).status == 404
    assert is_empty(uploads_folder)


def test_the_door_says_what_it_can(path: str) -> None:
    answer = sales.call("OPTIONS", path)
    assert answer.status == 204 and answer.headers["tus-version"] == "1.0.0"
    assert answer.headers["tus-extension"] == "creation,checksum,expiration,termination"
    refused = sales.call("GET", path)
    assert (refused.status, refused.headers["allow"]) == (405, "PUT, OPTIONS, HEAD, POST, PATCH, DELETE")
    begin(path, 4)
    overridden = {**PIECE, "upload-offset": "0", "x-http-method-override": "PATCH"}
    assert sales.call("POST", path, headers=overridden, body=[b"n\n1\n"]).status == 204


def test_a_piece_is_held_to_its_checksum(asset: Asset, path: str) -> None:
    begin(path, len(CSV))
    half = CSV[:700_000]
    sha1 = "sha1 " + base64.b64encode(hashlib.sha1(half).digest()).decode()
    wrong = piece(path, 0, half[:-1] + b"!", {"upload-checksum": sha1})
    assert (wrong.status, code_of(wrong)) == (460, "bad_checksum")
    assert piece(path, 0, half[:60_000], {"upload-checksum": sha1}, cut_upload=True).status == 0
    assert offset_of(path) == 0
    assert piece(path, 0, half, {"upload-checksum": sha1}).status == 204
    assert piece(path, len(half), CSV[len(half) :]).status == 204
    require_received(asset, CSV)


def test_what_is_not_what_it_says_is_refused_with_its_first_piece(
    asset: Asset, path: str, uploads_folder: Path
) -> None:
    begin(path, 10**9)
    answer = piece(path, 0, b"\x89PNG" * 30_000)
    assert (answer.status, code_of(answer)) == (422, "not_csv")
    assert is_empty(uploads_folder)
    begin(path, 8)
    answer = piece(path, 0, b"<html>\n\n")
    assert (answer.status, code_of(answer)) == (422, "not_csv")
    assert is_empty(uploads_folder) and is_empty(Path(storage().folder))  # type: ignore[attr-defined]
    asset.refresh_from_db()
    assert not asset.is_received


def test_the_whole_is_held_to_its_digest(asset: Asset, path: str, uploads_folder: Path) -> None:
    begin(path, 4)
    wrong = {"repr-digest": f"sha-256=:{base64.b64encode(bytes(32)).decode()}:"}
    answer = piece(path, 0, b"n\n1\n", wrong)
    assert (answer.status, code_of(answer)) == (422, "digest_differs")
    assert is_empty(uploads_folder)
    asset.refresh_from_db()
    assert not asset.is_received


def test_a_second_sender_waits_until_the_first_pauses(asset: Asset, path: str, uploads_folder: Path) -> None:
    begin(path, len(CSV), **{"upload-sender": "first"})
    piece(path, 0, CSV[:500_000], {"upload-sender": "first"})
    other = {"upload-sender": "second"}
    for answer in (
        sales.call("HEAD", path, headers=TUS | other),
        piece(path, 500_000, CSV[500_000:], other),
        begin(path, len(CSV), **other),
        sales.call("DELETE", path, headers=TUS | other),
    ):
        assert answer.status == 423
    assert piece(path, 500_000, CSV[500_000:700_000], {"upload-sender": "first"}).status == 204
    long_ago = timezone.now().timestamp() - arrivals.LEASE.total_seconds() - 1
    [part] = uploads_folder.glob("*/*.part")
    os.utime(part, (long_ago, long_ago))
    assert piece(path, 700_000, CSV[700_000:900_000], other).status == 204
    assert piece(path, 900_000, CSV[900_000:], {"upload-sender": "first"}).status == 423
    assert piece(path, 900_000, CSV[900_000:], other).status == 204
    require_received(asset, CSV)


def test_of_requests_at_one_place_one_is_taken(asset: Asset, path: str) -> None:
    begin(path, len(CSV))
    gateway = Gateway()

    async def all_at_once() -> list[int]:
        headers = {**PIECE, "upload-offset": "0"}
        found = await asyncio.gather(
            *(sales.exchange(gateway, "PATCH", path, headers=headers, body=[CSV[:500_000]]) for _ in range(4))
        )
        return sorted(answer.status for answer in found)

    assert asyncio.run(all_at_once()) == [204, 409, 409, 409]
    assert piece(path, 500_000, CSV[500_000:]).status == 204
    require_received(asset, CSV)


def test_a_request_from_which_nothing_comes_gives_way(asset: Asset, path: str) -> None:
    begin(path, len(CSV))

    async def lost_and_back() -> tuple[sales.Answer, float]:
        parts, is_silent = [CSV[:300_000]], asyncio.Event()

        async def receive() -> Any:
            if parts:
                return {"type": "http.request", "body": parts.pop(), "more_body": True}
            is_silent.set()
            return await asyncio.Event().wait()  # for ever

        async def send(_: Any) -> None:
            return

        headers = [(name.encode(), value.encode()) for name, value in {**PIECE, "upload-offset": "0"}.items()]
        scope = {
            "type": "http",
            "method": "PATCH",
            "path": path,
            "headers": headers,
            "client": ("192.0.2.7", 1),
        }
        lost = asyncio.create_task(Gateway()(scope, receive, send))
        await is_silent.wait()
        answer = await sales.exchange(Gateway(), "HEAD", path, headers=TUS)
        await lost
        return answer

    answer = asyncio.run(lost_and_back())
    assert (answer.status, answer.headers["upload-offset"]) == (200, "300000")
    assert piece(path, 300_000, CSV[300_000:]).status == 204
    require_received(asset, CSV)


def test_beginning_again_forgets_what_had_come(asset: Asset, path: str, uploads_folder: Path) -> None:
    begin(path, len(CSV), **{"upload-metadata": "modified MTIz"})
    piece(path, 0, b"x" * 300_000)
    told = sales.call("HEAD", path, headers=TUS).headers
    assert (told["upload-length"], told["upload-metadata"]) == (str(len(CSV)), "modified MTIz")
    begin(path, 4)
    assert len(list(uploads_folder.glob("*/*.part"))) == 1
    assert piece(path, 0, b"n\n1\n").status == 204
    require_received(asset, b"n\n1\n")


def test_an_upload_can_be_called_off(asset: Asset, path: str, uploads_folder: Path) -> None:
    begin(path, 10)
    piece(path, 0, b"n\n1\n")
    assert sales.call("DELETE", path, headers=TUS).status == 204
    assert is_empty(uploads_folder)
    assert sales.call("PUT", path, body=[b"n\n1\n"]).status == 201


def test_a_whole_file_takes_the_place_of_the_pieces(asset: Asset, path: str, uploads_folder: Path) -> None:
    begin(path, len(CSV))
    piece(path, 0, CSV[:300_000])
    assert sales.call("PUT", path, body=[b"n\n1\n"]).status == 201
    assert is_empty(uploads_folder)
    answer = piece(path, 300_000, CSV[300_000:])
    assert (answer.status, code_of(answer)) == (409, "already_received")
    require_received(asset, b"n\n1\n")


def test_what_was_whole_but_not_put_away_is_put_away_when_asked(
    asset: Asset, path: str, uploads_folder: Path, settings: Any, tmp_path: Path
) -> None:
    begin(path, 4)
    folder, settings.EXCHANGE_STORAGE_DIR = settings.EXCHANGE_STORAGE_DIR, tmp_path / "taken"
    (tmp_path / "taken").write_text("a file where the folder should be")
    assert piece(path, 0, b"n\n1\n").status in (500, 503)
    asset.refresh_from_db()
    assert not asset.is_received and not is_empty(uploads_folder)
    settings.EXCHANGE_STORAGE_DIR = folder
    assert offset_of(path) == 4
    require_received(asset, b"n\n1\n")
    assert is_empty(uploads_folder)


def test_a_full_disk_keeps_what_fitted(asset: Asset, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(path, len(CSV))
    plain = os.pwrite

    def full(file: int, data: Any, offset: int) -> int:
        if offset >= 500_000:
            raise OSError(errno.ENOSPC, "no space left")
        return plain(file, data[: 500_000 - offset], offset)

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        answer = piece(path, 0, CSV)
        assert (answer.status, code_of(answer)) == (503, "storage_full")
    assert offset_of(path) == 500_000
    assert piece(path, 500_000, CSV[500_000:]).status == 204
    require_received(asset, CSV)


def test_a_link_that_may_not_send_any_more_changes_nothing(
    asset: Asset, seller: Actor, path: str, uploads_folder: Path, now: Any
) -> None:
    begin(path, 10)
    piece(path, 0, b"n\n1\n")
    makers.members.suspend(makers.participant_of(seller), reason="a look at it first", by=makers.operator(now))
    for answer in (sales.call("HEAD", path, headers=TUS), piece(path, 4, b"2\n"), begin(path, 10)):
        assert answer.status == 403
    kept = arrivals.kept(asset.pk)
    assert kept is not None and kept.offset == 4
    assert sales.call("HEAD", f"{path}x", headers=TUS).status == 403


def test_removing_the_file_forgets_what_had_come(
    asset: Asset, seller: Actor, path: str, uploads_folder: Path
) -> None:
    begin(path, 10)
    piece(path, 0, b"n\n1\n")
    assets.remove(asset, seller)
    assert is_empty(uploads_folder)
    assert piece(path, 4, b"2\n").status == 404


def test_what_stopped_is_kept_for_its_days_and_then_swept(asset: Asset, path: str, settings: Any) -> None:
    settings.EXCHANGE_UPLOAD_DAYS = 7
    begin(path, 10)
    piece(path, 0, b"n\n1\n")
    assert arrivals.sweep(timezone.now() + timedelta(days=6, hours=23)) == 0
    assert offset_of(path) == 4
    assert arrivals.sweep(timezone.now() + timedelta(days=7, minutes=1)) == 1
    assert arrivals.kept(asset.pk) is None
