"""What the S3 storage does beyond the contract: stale uploads, servers that are away or refuse."""

from datetime import timedelta
from typing import Any

import pytest

from datasets.storage import Storage, new_key, storage
from datasets.storage.s3 import S3Storage
from exchange.kernel.errors import Unavailable


def test_the_sweep_aborts_uploads_older_than_a_day(bucket: Any, s3_storage: S3Storage) -> None:
    cut = s3_storage.writer(new_key())
    cut.write(b"x" * (9 * 1024 * 1024))
    listing = bucket.meta.client.list_multipart_uploads
    # The server's own date of it: moto's uploads are all of the year 2010.
    started = listing(Bucket=bucket.name)["Uploads"][0]["Initiated"]

    assert s3_storage.sweep(started + timedelta(hours=23)) == 0
    assert len(listing(Bucket=bucket.name)["Uploads"]) == 1
    assert s3_storage.sweep(started + timedelta(hours=25)) == 1
    assert listing(Bucket=bucket.name).get("Uploads", []) == []


def test_a_server_that_is_away_is_unavailable(dead_address: str) -> None:
    away = S3Storage("any", endpoint=dead_address, region="eu-west-3", access_key="a", secret_key="b")
    for ask in (
        lambda: away.read(new_key(), 0, 1),
        lambda: away.size(new_key()),
        lambda: away.delete(new_key()),
    ):
        with pytest.raises(Unavailable) as refusal:
            ask()
        assert refusal.value.code == "storage_unavailable"
        assert "127.0.0.1" not in refusal.value.detail


def test_an_upload_to_a_bucket_that_is_not_there_is_unavailable(s3_server: str) -> None:
    nowhere = S3Storage(
        "no-such-bucket", endpoint=s3_server, region="eu-west-3", access_key="a", secret_key="b"
    )
    writer = nowhere.writer(new_key())
    with pytest.raises(Unavailable) as refusal:
        writer.write(b"x" * (9 * 1024 * 1024))
    assert refusal.value.code == "storage_unavailable"
    with pytest.raises(ValueError, match="ended"):
        writer.commit()


def test_settings_choose_the_storage(settings: Any, bucket: Any, s3_server: str) -> None:
    settings.EXCHANGE_STORAGE = "s3"
    settings.EXCHANGE_S3_BUCKET, settings.EXCHANGE_S3_ENDPOINT = bucket.name, s3_server
    settings.EXCHANGE_S3_ACCESS_KEY = settings.EXCHANGE_S3_SECRET_KEY = "test"
    chosen: Storage = storage()
    key = new_key()
    writer = chosen.writer(key)
    writer.write(b"through settings")
    writer.commit()
    assert bucket.Object(key).get()["Body"].read() == b"through settings"
