"""Storage that fails or stalls in the middle of a download: no wrong byte leaves, the record says why it was cut, and
going on later works and costs nothing."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from contracts.models import CopyCount, Transfer
from contracts.transfers import transfers
from datasets.storage import storage
from exchange.kernel.models import Event
from tests import buckets, dataset_makers, sales
from tests.fakes.slow_line import SlowLine, slow_line

pytestmark = [pytest.mark.usefixtures("own_database"), pytest.mark.by_the_clock]

BIG = dataset_makers.numbers(700_000)  # over four blocks; no .csv, which would be measured


@pytest.fixture
def bucket_line(settings: Any, s3_server: str) -> Iterator[SlowLine]:
    """Storage on S3, reached by a line that can stall."""
    with slow_line(urlsplit(s3_server).port or 0) as line:
        settings.EXCHANGE_STORAGE, settings.EXCHANGE_S3_REGION = "s3", buckets.REGION
        settings.EXCHANGE_S3_BUCKET = buckets.fresh_bucket(s3_server, "test", "test").name
        settings.EXCHANGE_S3_ENDPOINT = f"http://127.0.0.1:{line.port}"
        settings.EXCHANGE_S3_ACCESS_KEY = settings.EXCHANGE_S3_SECRET_KEY = "test"
        settings.EXCHANGE_STORAGE_SECONDS = 1
        yield line


def cut_in_the_middle(link: str, fail: Callable[[], object]) -> sales.Answer:
    """A download in whose middle storage fails."""
    return sales.call("GET", link, after_first=fail)


def goes_on(right: Any, buyer: Any, begun: sales.Answer) -> bool:
    """Whether the same transfer can be gone on with, to the same file, as the same copy."""
    transfer = Transfer.objects.get()
    resumed = sales.link(right, buyer, transfer=transfer)
    rest = sales.call("GET", resumed, headers={"range": f"bytes={len(begun.body)}-"})
    transfer.refresh_from_db()
    whole = bytes(begun.body + rest.body)
    return (rest.status, whole, transfer.state, CopyCount.objects.get().used) == (206, BIG, "completed", 1)


def test_a_file_that_is_lost_cuts_the_download_and_it_goes_on_once_it_is_back(seller: Any, buyer: Any) -> None:
    right = sales.entitled(seller, buyer, files={"big.bin": BIG})
    file = storage().folder / sales.asset_of(right).storage_key  # type: ignore[attr-defined]
    away = file.with_name("away")
    begun = cut_in_the_middle(sales.link(right, buyer), lambda: file.rename(away))
    assert 0 < len(begun.body) < len(BIG) and not begun.is_whole
    assert bytes(begun.body) == BIG[: len(begun.body)]
    transfer = Transfer.objects.get()
    assert (transfer.state, transfer.reason) == ("interrupted", "storage_lost")
    assert transfer.sent_bytes == len(begun.body)
    assert Event.objects.filter(name="transfer.interrupted").count() == 1
    away.rename(file)
    assert goes_on(right, buyer, begun)


def test_before_the_first_byte_it_is_a_plain_answer_and_the_copy_comes_back(seller: Any, buyer: Any) -> None:
    right = sales.entitled(seller, buyer, files={"big.bin": BIG})
    file = storage().folder / sales.asset_of(right).storage_key  # type: ignore[attr-defined]
    away = file.rename(file.with_name("away"))
    answer = sales.call("GET", sales.link(right, buyer))
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert b"storage_lost" in answer.body
    transfers.sweep_idle(now=timezone.now() + timedelta(seconds=20))
    assert (Transfer.objects.get().state, CopyCount.objects.get().used) == ("aborted", 0)
    away.rename(file)
    assert sales.call("GET", sales.link(right, buyer)).is_whole


@pytest.mark.parametrize("how", ["stalls", "breaks"])
def test_a_bucket_that_stalls_or_breaks_cuts_the_download_and_it_goes_on(
    how: str, bucket_line: SlowLine, seller: Any, buyer: Any
) -> None:
    right = sales.entitled(seller, buyer, files={"big.bin": BIG})

    def fail() -> None:
        bucket_line.stall()
        bucket_line.breaks = how == "breaks"

    begun = cut_in_the_middle(sales.link(right, buyer), fail)
    assert 0 < len(begun.body) < len(BIG) and not begun.is_whole
    assert bytes(begun.body) == BIG[: len(begun.body)]
    transfer = Transfer.objects.get()
    assert (transfer.state, transfer.sent_bytes) == ("interrupted", len(begun.body))
    assert transfer.reason in ("storage_stalled", "storage_unavailable")
    bucket_line.mend()
    assert goes_on(right, buyer, begun)
