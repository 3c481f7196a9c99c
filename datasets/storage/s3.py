"""boto3's only door: assets as objects of one bucket. Large ones go up in parts, which the server forgets
when they are aborted or swept."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from datasets.storage import ABOUT, LONGEST_UPLOAD, Writer, checked, full, lost, pour
from exchange.kernel.errors import Invalid, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART_BYTES = 8 * 1024 * 1024
MOST_PARTS = 10_000  # S3's own limit

_MISSING = {"NoSuchKey", "404", "NotFound"}
_NO_ROOM = {"QuotaExceeded", "XMinioStorageFull", "ServiceQuotaExceededException", "507"}


class S3Storage:
    def __init__(
        self,
        bucket: str,
        *,
        endpoint: str = "",
        public_endpoint: str = "",
        region: str,
        access_key: str = "",
        secret_key: str = "",
    ) -> None:
        self.bucket = bucket
        self.endpoint, self.public_endpoint = endpoint, public_endpoint
        self.session = boto3.session.Session(access_key or None, secret_key or None, region_name=region)
        self.client: S3Client = self.session.client(
            "s3",
            endpoint_url=endpoint or None,
            config=Config(
                connect_timeout=5,
                read_timeout=30,
                retries={"mode": "standard", "max_attempts": 4},
                max_pool_connections=32,
                s3={"addressing_style": "path" if endpoint else "auto"},
                # The checksum of a whole object does not fit a range of it, yet some servers send it.
                response_checksum_validation="when_required",
                request_checksum_calculation="when_required",
            ),
        )

    def writer(self, key: str) -> Writer:
        return _S3Writer(self.client, self.bucket, checked(key))

    def put(self, key: str, whole: Path) -> None:
        pour(whole, self.writer(key))

    def read(self, key: str, offset: int, length: int) -> bytes:
        if length == 0:
            return b""
        span = f"bytes={offset}-{offset + length - 1}"
        try:
            with _refusals():
                answer = self.client.get_object(Bucket=self.bucket, Key=checked(key), Range=span)
                if answer["ResponseMetadata"]["HTTPStatusCode"] != 206:
                    answer["Body"].close()
                    raise Unavailable("the storage server ignores ranges", code="storage_unavailable")
                return answer["Body"].read()
        except _PastTheEnd:
            return b""

    def read_at_once(self, key: str, offset: int, into: memoryview) -> bool:
        return False

    def size(self, key: str) -> int:
        with _refusals():
            return self.client.head_object(Bucket=self.bucket, Key=checked(key))["ContentLength"]

    def delete(self, key: str) -> None:
        with _refusals():
            self.client.delete_object(Bucket=self.bucket, Key=checked(key))

    def sweep(self, now: datetime) -> int:
        swept = 0
        with _refusals():
            pages = self.client.get_paginator("list_multipart_uploads").paginate(Bucket=self.bucket)
            for upload in (upload for page in pages for upload in page.get("Uploads", [])):
                if upload["Initiated"] < now - LONGEST_UPLOAD:
                    self.client.abort_multipart_upload(
                        Bucket=self.bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                    )
                    swept += 1
        return swept

    def link(self, key: str, *, headers: Mapping[str, str], about: str, seconds: int) -> str:
        with _refusals():
            plain = self.client.generate_presigned_url(
                "get_object", {"Bucket": self.bucket, "Key": checked(key)}, ExpiresIn=seconds
            )
            credentials = self.session.get_credentials()
            if credentials is None:
                raise Unavailable("the storage has no credentials", code="storage_unavailable")
            # Signed once more: the client's own function takes no parameters but S3's.
            asked = {f"response-{name}": value for name, value in headers.items()} | {ABOUT: about}
            address = plain.partition("?")[0]
            if self.endpoint and self.public_endpoint:
                address = self.public_endpoint.rstrip("/") + address.removeprefix(self.endpoint.rstrip("/"))
            request = AWSRequest("GET", address, params=asked)
            frozen = credentials.get_frozen_credentials()
            S3SigV4QueryAuth(frozen, "s3", self.client.meta.region_name, expires=seconds).add_auth(request)
            return str(request.prepare().url)

    def room(self) -> int | None:
        with _refusals():
            self.client.head_bucket(Bucket=self.bucket)
        return None


class _S3Writer:
    """Holds less than one part in memory; what fits into one part goes up in a single request."""

    def __init__(self, client: "S3Client", bucket: str, key: str) -> None:
        self.client, self.bucket, self.key = client, bucket, key
        self.waiting = bytearray()
        self.upload_id = ""
        self.parts: list[CompletedPartTypeDef] = []
        self.has_ended = False

    def write(self, data: bytes) -> None:
        self._require_open()
        self.waiting += data
        while len(self.waiting) >= PART_BYTES:
            part = bytes(self.waiting[:PART_BYTES])
            del self.waiting[:PART_BYTES]
            with self._aborting():
                self._send(part)

    def commit(self) -> None:
        self._require_open()
        with self._aborting():
            if not self.upload_id:
                self.client.put_object(Bucket=self.bucket, Key=self.key, Body=bytes(self.waiting))
            else:
                if self.waiting:
                    self._send(bytes(self.waiting))
                self.client.complete_multipart_upload(
                    Bucket=self.bucket,
                    Key=self.key,
                    UploadId=self.upload_id,
                    MultipartUpload={"Parts": self.parts},
                )
        self.has_ended = True

    def abort(self) -> None:
        if self.has_ended:
            return
        self.has_ended = True
        self.waiting.clear()
        if self.upload_id:
            # The sweep tries again where the server does not answer now.
            with suppress(BotoCoreError, ClientError):
                self.client.abort_multipart_upload(Bucket=self.bucket, Key=self.key, UploadId=self.upload_id)

    def _send(self, part: bytes) -> None:
        if len(self.parts) == MOST_PARTS:
            raise Invalid("this is more than the storage takes in one object", code="too_large")
        if not self.upload_id:
            started = self.client.create_multipart_upload(Bucket=self.bucket, Key=self.key)
            self.upload_id = started["UploadId"]
        number = len(self.parts) + 1
        answer = self.client.upload_part(
            Bucket=self.bucket, Key=self.key, UploadId=self.upload_id, PartNumber=number, Body=part
        )
        self.parts.append({"PartNumber": number, "ETag": answer["ETag"]})

    @contextmanager
    def _aborting(self) -> Iterator[None]:
        try:
            with _refusals():
                yield
        except Exception:
            self.abort()
            raise

    def _require_open(self) -> None:
        if self.has_ended:
            raise ValueError("this writer has ended")


class _PastTheEnd(Exception):
    """A range that starts where the object ends, or later."""


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in _MISSING:
            raise lost() from None
        if code == "InvalidRange":
            raise _PastTheEnd from None
        if code in _NO_ROOM:
            raise full() from None
        raise Unavailable(f"the storage server answers {code}", code="storage_unavailable") from None
    except BotoCoreError as error:
        kind = type(error).__name__
        raise Unavailable(f"the storage server cannot be used: {kind}", code="storage_unavailable") from None
