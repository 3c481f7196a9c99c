"""The door that bytes enter and leave through, called as a server calls it, on a database of its own."""

import asyncio
import base64
import hashlib
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from contracts.entitlements import entitlements
from contracts.gateway.gateway import Gateway
from contracts.models import CopyCount, Transfer
from contracts.transfers import transfers
from datasets.models import Asset
from datasets.revisions import assets, revisions
from datasets.storage import storage
from exchange.kernel import signing
from exchange.kernel.models import Event
from tests import dataset_makers, makers, sales

pytestmark = [pytest.mark.usefixtures("own_database"), pytest.mark.by_the_clock]

LONGER_THAN_A_TEST = 600.0  # seconds that a reader takes for each chunk, unless it is cut
REASON = "the buyer's report shows another purpose"
BIG = dataset_makers.numbers(700_000)  # over four blocks; no .csv, which would be measured


@pytest.fixture
def entitlement(seller: Any, buyer: Any) -> Any:
    return sales.entitled(seller, buyer, files={"big.bin": BIG})


class TestDownload:
    def test_a_whole_file_arrives_with_its_digest(self, entitlement: Any, buyer: Any) -> None:
        answer = sales.call("GET", sales.link(entitlement, buyer))
        assert (answer.status, bytes(answer.body), answer.is_whole) == (200, BIG, True)
        digest = base64.b64encode(hashlib.sha256(BIG).digest()).decode()
        assert answer.headers["repr-digest"] == f"sha-256=:{digest}:"
        assert answer.headers["content-length"] == str(len(BIG))
        assert "content-encoding" not in answer.headers
        transfer = Transfer.objects.get()
        assert (transfer.state, transfer.sent_ranges) == ("completed", [[0, len(BIG)]])
        names = list(
            Event.objects.filter(name__startswith="transfer.").order_by("id").values_list("name", flat=True)
        )
        assert names == ["transfer.started", "transfer.completed"]

    def test_parallel_ranges_are_one_transfer(self, entitlement: Any, buyer: Any) -> None:
        link, gateway, step = sales.link(entitlement, buyer), Gateway(), len(BIG) // 8 + 1

        async def all_at_once() -> list[sales.Answer]:
            wanted = [f"bytes={first}-{first + step - 1}" for first in range(0, len(BIG), step)]
            return await asyncio.gather(
                *(sales.exchange(gateway, "GET", link, headers={"range": r}) for r in wanted)
            )

        answers = asyncio.run(all_at_once())
        assert {answer.status for answer in answers} == {206}
        assert b"".join(bytes(answer.body) for answer in answers) == BIG
        assert Transfer.objects.get().state == "completed"
        assert CopyCount.objects.get().used == 1

    def test_a_cut_download_goes_on_where_it_stopped(self, entitlement: Any, buyer: Any) -> None:
        link = sales.link(entitlement, buyer)
        first = sales.call("GET", link, hang_up_after=len(BIG) // 3)
        assert not first.is_whole
        transfer = Transfer.objects.get()
        assert 0 < transfer.sent_bytes < len(BIG)
        resumed = sales.link(entitlement, buyer, transfer=transfer)
        rest = sales.call(
            "GET",
            resumed,
            headers={"range": f"bytes={len(first.body)}-", "if-range": first.headers["etag"]},
        )
        assert rest.status == 206 and bytes(first.body + rest.body) == BIG
        transfer.refresh_from_db()
        assert transfer.state == "completed"
        assert CopyCount.objects.get().used == 1

    def test_a_server_that_ends_cuts_its_downloads_and_keeps_what_left(
        self, entitlement: Any, buyer: Any
    ) -> None:
        link, gateway = sales.link(entitlement, buyer), Gateway()

        async def end_in_the_middle() -> sales.Answer:
            has_begun = asyncio.Event()
            begin = partial(asyncio.get_running_loop().call_soon_threadsafe, has_begun.set)
            running = asyncio.create_task(
                sales.exchange(gateway, "GET", link, pause=LONGER_THAN_A_TEST, after_first=begin)
            )
            await has_begun.wait()
            await gateway.close()
            return await running

        answer = asyncio.run(end_in_the_middle())
        assert 0 < len(answer.body) < len(BIG) and not answer.is_whole
        assert Transfer.objects.get().sent_bytes == len(answer.body)

    def test_a_reader_who_leaves_before_the_first_byte_gets_the_copy_back(
        self, entitlement: Any, buyer: Any
    ) -> None:
        answer = sales.call("GET", sales.link(entitlement, buyer), cut_upload=True)
        assert answer.body == b""
        transfer = Transfer.objects.get()
        assert (transfer.state, transfer.reason) == ("interrupted", "nothing_sent")
        transfers.sweep_idle(now=timezone.now() + timedelta(seconds=20))
        assert CopyCount.objects.get().used == 0

    def test_a_revocation_stops_bytes_that_flow(self, entitlement: Any, seller: Any, buyer: Any) -> None:
        link = sales.link(entitlement, buyer)
        revoke = partial(entitlements.revoke, entitlement, reason=REASON, by=seller)
        answer = sales.call("GET", link, pause=LONGER_THAN_A_TEST, after_first=revoke)
        assert 0 < len(answer.body) < len(BIG) and not answer.is_whole
        transfer = Transfer.objects.get()
        assert (transfer.state, transfer.reason) == ("revoked", "entitlement_revoked")
        assert transfer.sent_bytes == len(answer.body)
        assert sales.call("GET", link).status == 403

    def test_a_suspension_interrupts_and_resuming_goes_on(
        self, entitlement: Any, seller: Any, buyer: Any
    ) -> None:
        link = sales.link(entitlement, buyer)
        suspend = partial(entitlements.suspend, entitlement, reason=REASON, by=seller)
        assert not sales.call("GET", link, pause=LONGER_THAN_A_TEST, after_first=suspend).is_whole
        assert Transfer.objects.get().state == "interrupted"
        entitlement.refresh_from_db()
        entitlements.resume(entitlement, reason=REASON, by=seller)
        assert sales.call("GET", link).is_whole
        assert Transfer.objects.get().state == "completed"

    def test_bytes_that_are_not_what_was_sealed_never_leave(self, entitlement: Any, buyer: Any) -> None:
        asset = sales.asset_of(entitlement)
        with (storage().folder / asset.storage_key).open("r+b") as file:  # type: ignore[attr-defined]
            file.seek(2 * Asset.BLOCK_BYTES + 5)
            file.write(b"X")
        answer = sales.call("GET", sales.link(entitlement, buyer))
        assert not answer.is_whole and bytes(answer.body) == BIG[: 2 * Asset.BLOCK_BYTES]

    @pytest.mark.parametrize(
        ("headers", "status"),
        [({"range": "bytes=99999999-"}, 416), ({"if-none-match": "*"}, 304), ({"if-match": '"x"'}, 412)],
    )
    def test_answers_without_bytes_take_no_copy(
        self, headers: dict[str, str], status: int, entitlement: Any, buyer: Any
    ) -> None:
        answer = sales.call("GET", sales.link(entitlement, buyer), headers=headers)
        assert answer.status == status
        assert not CopyCount.objects.filter(used__gt=0).exists()
        if status == 416:
            assert answer.headers["content-range"] == f"bytes */{len(BIG)}"

    def test_head_tells_without_sending(self, entitlement: Any, buyer: Any) -> None:
        answer = sales.call("HEAD", sales.link(entitlement, buyer))
        assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", str(len(BIG)))
        assert not Transfer.objects.exists()

    def test_a_name_of_any_alphabet_is_safe_in_headers(self, seller: Any, buyer: Any) -> None:
        found = sales.entitled(seller, buyer, files={"Île d'été 数据 100%.csv": b"a\n1\n"})
        answer = sales.call("GET", sales.link(found, buyer))
        assert answer.status == 200
        assert answer.headers["content-disposition"].isascii()
        assert "filename*=UTF-8''%C3%8Ele" in answer.headers["content-disposition"]


class TestBadTokens:
    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
    def test_other_methods_are_refused(self, method: str, entitlement: Any, buyer: Any) -> None:
        answer = sales.call(method, sales.link(entitlement, buyer))
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")

    def test_guesses_and_forgeries_are_refused_and_leave_no_event(self, entitlement: Any, buyer: Any) -> None:
        _, _, token, name = sales.link(entitlement, buyer).split("/")
        header, claims, signature = token.split(".")
        none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"download+jwt"}').decode().rstrip("=")
        access = signing.sign_token(
            signing.Purpose.ACCESS, {}, audience="download", expires=timezone.now() + timedelta(days=1)
        )
        before = Event.objects.count()
        guesses = {
            "nonsense": "token_malformed",
            "x" * 5_000: "token_malformed",
            f"{none}.{claims}.": "token_wrong_kind",
            f"{header}.{claims}.{signature[:-4]}AAAA": "token_forged",
            access: "token_wrong_kind",
        }
        for guess, code in guesses.items():
            answer = sales.call("GET", f"/d/{guess}/{name}")
            assert answer.status == 403
            assert code.encode() in answer.body, guess[:20]
        assert Event.objects.count() == before
        assert not Transfer.objects.exists()

    @pytest.mark.parametrize("path", ["/d/", "/d/x", "/d/a/b/c", "/u/", "/x/y", "/u/a/b"])
    def test_there_is_nothing_at_other_paths(self, path: str) -> None:
        assert sales.call("GET" if path.startswith("/d") else "PUT", path).status in (403, 404)


class TestUpload:
    @pytest.fixture
    def asset(self, seller: Any) -> Any:
        revision = revisions.open_revision(dataset_makers.draft(seller), seller)
        return assets.announce(revision, name="cities.csv", media_type="text/csv", by=seller)

    @pytest.fixture
    def path(self, asset: Any, seller: Any) -> str:
        return f"/u/{assets.upload_token(asset, seller)[0]}"

    @pytest.fixture(autouse=True)
    def nothing_left_behind(self, own_database: None, storage_folder: Any) -> Iterator[None]:
        yield
        kept = set(Asset.objects.exclude(storage_key="").values_list("storage_key", flat=True))
        on_disk = (
            {file.name for file in storage_folder.rglob("*") if file.is_file()}
            if storage_folder.exists()
            else set()
        )
        assert on_disk == kept

    def test_bytes_stream_in_with_their_digests(self, asset: Any, path: str) -> None:
        chunks = [BIG[i : i + 100_000] for i in range(0, len(BIG), 100_000)]
        assert sales.call("PUT", path, body=chunks).status == 201
        asset.refresh_from_db()
        assert (asset.size_bytes, asset.sha256) == (len(BIG), hashlib.sha256(BIG).hexdigest())
        assert len(bytes(asset.block_digests)) == 32 * -(-len(BIG) // Asset.BLOCK_BYTES)

    def test_an_asset_is_received_once(self, asset: Any, path: str) -> None:
        assert sales.call("PUT", path, body=[b"a\n1\n"]).status == 201
        assert sales.call("PUT", path, body=[b"b\n2\n"]).status == 409
        asset.refresh_from_db()
        assert asset.sha256 == hashlib.sha256(b"a\n1\n").hexdigest()

    def test_of_two_uploads_at_once_one_wins(self, asset: Any, path: str) -> None:
        gateway = Gateway()

        async def both() -> list[int]:
            found = await asyncio.gather(
                *(sales.exchange(gateway, "PUT", path, body=[b"n\n", b"%d\n" % n]) for n in range(4))
            )
            return sorted(answer.status for answer in found)

        assert asyncio.run(both()) == [201, 409, 409, 409]

    @pytest.mark.parametrize(
        ("headers", "body", "status", "code"),
        [
            ({}, [b""], 422, "empty_file"),
            ({}, [b"\x00\x01\x02binary"], 422, "not_csv"),
            ({"content-length": "99999999999999"}, [b"a"], 413, "too_large"),
            ({"content-length": "10"}, [b"a\n1\n"], 422, "cut_short"),
            (
                {"repr-digest": f"sha-256=:{base64.b64encode(bytes(32)).decode()}:"},
                [b"a\n"],
                422,
                "digest_differs",
            ),
            ({"repr-digest": "sha-256=:====:"}, [b"a\n"], 422, "bad_digest"),
            ({"content-encoding": "gzip"}, [b"a\n"], 415, "encoding_not_taken"),
            ({"content-range": "bytes 0-1/2"}, [b"a\n"], 415, "encoding_not_taken"),
        ],
    )
    def test_what_cannot_be_kept_is_refused(
        self, headers: dict[str, str], body: list[bytes], status: int, code: str, asset: Any, path: str
    ) -> None:
        answer = sales.call("PUT", path, headers=headers, body=body)
        assert (answer.status, code in answer.body.decode()) == (status, True)
        asset.refresh_from_db()
        assert not asset.is_received

    def test_a_digest_that_fits_is_taken(self, path: str) -> None:
        digest = base64.b64encode(hashlib.sha256(b"a\n1\n").digest()).decode()
        headers = {"repr-digest": f"sha-512=:AAAA:, sha-256=:{digest}:"}
        assert sales.call("PUT", path, headers=headers, body=[b"a\n1\n"]).status == 201

    def test_too_many_bytes_are_refused_while_they_stream(self, asset: Any, path: str, settings: Any) -> None:
        settings.EXCHANGE_UPLOAD_LARGEST_BYTES = 1_000
        answer = sales.call("PUT", path, body=[b"a" * 600, b"b" * 600, b"c" * 10**6])
        assert answer.status == 413
        asset.refresh_from_db()
        assert not asset.is_received

    def test_a_cut_upload_leaves_nothing_and_may_be_sent_again(self, asset: Any, path: str) -> None:
        answer = sales.call("PUT", path, body=[b"a\n1\n"], cut_upload=True)
        assert answer.status == 0
        asset.refresh_from_db()
        assert not asset.is_received
        assert sales.call("PUT", path, body=[b"a\n1\n"]).status == 201

    def test_a_stalled_upload_is_cut(self, path: str, settings: Any) -> None:
        settings.EXCHANGE_UPLOAD_IDLE_SECONDS = 0.2

        async def stalled() -> list[Any]:
            sent: list[Any] = []
            first = [{"type": "http.request", "body": b"a\n", "more_body": True}]

            async def receive() -> Any:
                if first:
                    return first.pop()
                await asyncio.sleep(60)
                return None

            async def send(message: Any) -> None:
                sent.append(message)

            scope = {"type": "http", "method": "PUT", "path": path, "headers": [], "client": ("192.0.2.7", 1)}
            await Gateway()(scope, receive, send)
            return sent

        assert asyncio.run(stalled())[0]["status"] == 408

    def test_a_sealed_revision_takes_no_more_bytes(self, asset: Any, seller: Any, path: str) -> None:
        other = assets.announce(asset.revision, name="late.csv", media_type="text/csv", by=seller)
        late = f"/u/{assets.upload_token(other, seller)[0]}"
        assert sales.call("PUT", path, body=[b"a\n1\n"]).status == 201
        assets.remove(other, seller)
        revisions.seal(asset.revision, seller)
        assert sales.call("PUT", late, body=[b"a\n1\n"]).status == 404
        assert sales.call("PUT", path, body=[b"a\n1\n"]).status == 409

    def test_a_seller_who_is_suspended_sends_nothing(self, seller: Any, path: str, now: Any) -> None:
        makers.members.suspend(makers.participant_of(seller), reason=REASON, by=makers.operator(now))
        assert sales.call("PUT", path, body=[b"a\n1\n"]).status == 403

    def test_a_download_token_uploads_nothing(self, entitlement: Any, buyer: Any) -> None:
        token = sales.link(entitlement, buyer).split("/")[2]
        assert sales.call("PUT", f"/u/{token}", body=[b"x"]).status == 403


def test_a_group_of_attempts_is_decided_by_one_transaction(entitlement: Any, buyer: Any, now: Any) -> None:
    links = [sales.link(entitlement, buyer) for _ in range(10)]
    verdicts = transfers.start_many([sales.attempt(link, now) for link in links], now=now)
    assert [verdict.code for verdict in verdicts] == [None] * 2 + ["copies_spent"] * 8
