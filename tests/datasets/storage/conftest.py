"""Both storages, each as it is deployed: a folder, and a bucket behind HTTP."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datasets.storage import Storage
from datasets.storage.files import FileStorage
from tests import buckets

bucket, s3_server = buckets.bucket, buckets.s3_server


@pytest.fixture
def s3_storage(bucket: Any, s3_server: str) -> Storage:
    from datasets.storage.s3 import S3Storage

    return S3Storage(bucket.name, endpoint=s3_server, region="eu-west-3", access_key="test", secret_key="test")


@pytest.fixture
def file_storage(tmp_path: Path) -> Storage:
    return FileStorage(tmp_path / "assets")


@pytest.fixture(params=["files", "s3"])
def store(request: pytest.FixtureRequest) -> Storage:
    """Each storage in turn."""
    found: Storage = request.getfixturevalue({"files": "file_storage", "s3": "s3_storage"}[request.param])
    return found


@pytest.fixture
def leftovers(request: pytest.FixtureRequest, store: Storage) -> Callable[[], list[str]]:
    """Everything that lies in the storage, whole or not."""

    def look() -> list[str]:
        if isinstance(store, FileStorage):
            return sorted(path.name for path in store.folder.glob("*")) + sorted(
                path.name for path in store.folder.glob(".*")
            )
        bucket = request.getfixturevalue("bucket")
        uploads = bucket.meta.client.list_multipart_uploads(Bucket=bucket.name).get("Uploads", [])
        return [item.key for item in bucket.objects.all()] + [upload["Key"] for upload in uploads]

    return look


@pytest.fixture
def dead_address() -> str:
    """An address on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
