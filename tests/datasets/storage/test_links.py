"""Links to storage: who holds one reads one object for some seconds. nanio checks signatures as S3 does; moto believes
every one, so what it takes proves nothing."""

import http.client
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from datasets.storage import ABOUT, Storage, new_key
from datasets.storage.files import FileStorage
from datasets.storage.s3 import S3Storage
from tests.buckets import REGION, fresh_bucket, nanio
from tests.servers import eventually

HEADERS = {
    "content-type": "text/csv",
    "content-disposition": "attachment; filename*=UTF-8''villes%20%C3%A9.csv",
}


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Storage]:
    """A bucket whose server checks signatures."""
    with nanio(tmp_path_factory.mktemp("nanio")) as (endpoint, access_key, secret_key):
        bucket = fresh_bucket(endpoint, access_key, secret_key)
        yield S3Storage(
            bucket.name, endpoint=endpoint, region=REGION, access_key=access_key, secret_key=secret_key
        )


def put(store: Storage, data: bytes) -> str:
    key = new_key()
    writer = store.writer(key)
    writer.write(data)
    writer.commit()
    return key


def link(store: Storage, key: str, seconds: int = 30) -> str:
    return store.link(key, headers=HEADERS, about="the-transfer", seconds=seconds)


def get(url: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    at = urlsplit(url)
    connection = http.client.HTTPConnection(str(at.hostname), at.port, timeout=60)
    try:
        connection.request("GET", f"{at.path}?{at.query}", headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), {k.lower(): v for k, v in answer.getheaders()}
    finally:
        connection.close()


def changed(url: str, **parameters: str) -> str:
    """The same link with other parameters."""
    at = urlsplit(url)
    given = {name: values[0] for name, values in parse_qs(at.query).items()} | parameters
    return at._replace(query=urlencode(given)).geturl()


def test_a_link_reads_its_object(strict: S3Storage) -> None:
    url = link(strict, put(strict, b"city,population\n"))
    assert get(url)[:2] == (200, b"city,population\n")
    assert get(url, Range="bytes=5-8")[:2] == (206, b"popu")
    assert parse_qs(urlsplit(url).query)[ABOUT] == ["the-transfer"]
    assert parse_qs(urlsplit(url).query)["X-Amz-Expires"] == ["30"]


def test_a_forged_link_opens_nothing(strict: S3Storage) -> None:
    key = put(strict, b"secret")
    other, url = put(strict, b"another secret"), link(strict, key)
    thief = S3Storage(
        strict.bucket,
        endpoint=strict.client.meta.endpoint_url,
        region=REGION,
        access_key="exchange",
        secret_key="a guess",
    )
    forged = {
        "another signature": changed(url, **{"X-Amz-Signature": "0" * 64}),
        "another key": url.replace(key, other),
        "a longer life": changed(url, **{"X-Amz-Expires": "3600"}),
        "another purpose": changed(url, **{ABOUT: "another-transfer"}),
        "another type": changed(url, **{"response-content-type": "text/html"}),
        "another's secret": link(thief, key),
        "no signature": url.partition("?")[0],
    }
    answers = {why: get(one)[:2] for why, one in forged.items()}
    assert {why: status for why, (status, _) in answers.items() if status != 403} == {}
    assert not any(body == b"secret" for _, body in answers.values())
    assert get(url)[0] == 200, "the true one still opens"


def test_a_link_opens_nothing_once_its_seconds_are_over(strict: S3Storage) -> None:
    url = link(strict, put(strict, b"short"), seconds=4)
    assert get(url)[0] == 200
    eventually(lambda: get(url)[0], lambda status: status == 403)


def test_moto_believes_what_nanio_refuses(s3_storage: S3Storage) -> None:
    """Why the two tests above are made against nanio."""
    url = link(s3_storage, put(s3_storage, b"open to all"))
    status, body, headers = get(changed(url, **{"X-Amz-Signature": "0" * 64}))
    assert (status, body) == (200, b"open to all")
    assert headers["content-disposition"] == HEADERS["content-disposition"]
    assert headers["content-type"] == "text/csv"


def test_links_lead_to_where_buyers_reach_the_bucket(s3_server: str) -> None:
    store = S3Storage(
        "assets",
        endpoint=s3_server,
        public_endpoint="https://data.example.org",
        region=REGION,
        access_key="t",
        secret_key="t",
    )
    at = urlsplit(link(store, new_key()))
    assert (at.scheme, at.netloc) == ("https", "data.example.org") and at.path.startswith("/assets/")


def test_a_folder_gives_no_links(file_storage: FileStorage, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no links"):
        link(file_storage, put(file_storage, b"x"))
