"""Sales over HTTP alone, as two organisations' clients make them with the API and the gateway."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from tests.servers import eventually

FREE: Mapping[str, Any] = {"kind": "free"}
PAID: Mapping[str, Any] = {"kind": "one_off", "price": {"amount_minor": 12_500, "currency": "EUR"}}
RESEARCH: Mapping[str, Any] = {"kind": "purpose", "any_of": ["research"]}
_DISTINCT_ROWS = 9_973
USE = "Compare the morning peak of three cities in our research team."
DESCRIPTION: Mapping[str, Any] = {
    "title": "Bicycle counters of Lyon",
    "summary": "Passages at three counters, hour by hour.",
    "description": "A *made* example.",
    "keywords": ["bicycles", "traffic"],
    "theme": "TRAN",
    "language": "en",
}


def table(rows: int) -> bytes:
    """A CSV file of three columns and so many rows; 1,000,000 rows are about 23 MB."""
    whole, rest = divmod(rows, _DISTINCT_ROWS)
    few = b"".join(_row(n) for n in range(rest))
    all_of_them = b"".join(_row(n) for n in range(_DISTINCT_ROWS)) if whole else b""
    return b"counter,hour,passages\n" + all_of_them * whole + few


def _row(n: int) -> bytes:
    return b"counter-%d,%d,%d\n" % (n % 997, n % 24, n * 7919 % 100_003)


def asked(answer: httpx.Response) -> Any:
    """The JSON of an answer that went well."""
    assert answer.is_success, f"{answer.request.method} {answer.request.url.path}: {answer.text}"
    return answer.json()


def code_of(answer: httpx.Response) -> str:
    """The code of a refusal, which is a problem document."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return str(answer.json()["type"]).rpartition(":")[2]


def declared(seller: httpx.Client, **changes: Any) -> str:
    """A draft dataset that holds no personal data, as declared."""
    dataset = asked(seller.post("/datasets", json={**DESCRIPTION, **changes}))["id"]
    asked(seller.post(f"/datasets/{dataset}/declare", json={"personal_data": "none"}))
    return str(dataset)


def upload_url(seller: httpx.Client, revision: str, name: str) -> str:
    """Announce a file; where to send its bytes."""
    media_type = "application/vnd.apache.parquet" if name.endswith(".parquet") else "text/csv"
    announced = seller.post(f"/revisions/{revision}/assets", json={"name": name, "media_type": media_type})
    return str(asked(announced)["upload_url"])


def sealed(seller: httpx.Client, dataset: str, files: Mapping[str, bytes]) -> str:
    """A sealed revision, not measured yet."""
    revision = str(asked(seller.post(f"/datasets/{dataset}/revisions"))["id"])
    for name, content in files.items():
        asked(httpx.put(upload_url(seller, revision, name), content=content, timeout=60))
    asked(seller.post(f"/revisions/{revision}/seal"))
    return revision


def measured(seller: httpx.Client, revision: str, within_seconds: float = 40) -> Any:
    """The revision, once the worker has measured it."""
    return eventually(
        lambda: asked(seller.get(f"/revisions/{revision}")),
        lambda row: row["measuring"] == "done",
        within_seconds,
    )


def published(seller: httpx.Client, files: Mapping[str, bytes], **changes: Any) -> str:
    """A published dataset of one revision."""
    dataset = declared(seller, **changes)
    measured(seller, sealed(seller, dataset, files))
    asked(seller.post(f"/datasets/{dataset}/publish"))
    return dataset


def offered(
    seller: httpx.Client,
    dataset: str,
    *,
    copies: int | None = None,
    plan: Mapping[str, Any] = FREE,
    sale: str = "instant",
) -> str:
    """A published offer to everybody."""
    terms = [RESEARCH, *([{"kind": "copies", "max": copies}] if copies else [])]
    body = {"dataset_id": dataset, "title": "Research licence", "terms": terms, "plan": plan, "sale": sale}
    offer = str(asked(seller.post("/offers", json=body))["id"])
    asked(seller.post(f"/offers/{offer}/publish"))
    return offer


def requested(buyer: httpx.Client, offer: str) -> str:
    """A negotiation that the buyer has begun."""
    wish = {"offer_id": offer, "purpose": "research", "country": "DE", "use": USE}
    return str(asked(buyer.post("/negotiations", json=wish))["id"])


def entitled(
    seller: httpx.Client, buyer: httpx.Client, files: Mapping[str, bytes], *, copies: int | None = None
) -> str:
    """An active right to a fresh dataset, free and sold at once."""
    offer = offered(seller, published(seller, files), copies=copies)
    accepted = asked(buyer.post(f"/negotiations/{requested(buyer, offer)}/accept"))
    return str(accepted["entitlement_id"])


def link(buyer: httpx.Client, entitlement: str, **which: str) -> str:
    """A fresh link: `asset` names a file to start with, `transfer` one to go on with."""
    return str(asked(buyer.post(f"/entitlements/{entitlement}/tokens", json=which))["url"])


def transfers(buyer: httpx.Client, entitlement: str) -> list[Any]:
    """The transfers under a right, as the buyer sees them."""
    return list(asked(buyer.get("/transfers", params={"entitlement": entitlement}))["items"])


def copies_used(buyer: httpx.Client, entitlement: str) -> dict[str, int]:
    return dict(asked(buyer.get(f"/entitlements/{entitlement}"))["copies_used"])


def receipt(buyer: httpx.Client, transfer: str, file: Path) -> Path:
    """Keep the receipt of a completed transfer, once the log has sealed and signed its start and its end."""
    path = f"/transfers/{transfer}/receipt"
    answer = eventually(
        lambda: buyer.get(path), lambda found: found.status_code == 200 and len(found.json()["events"]) > 1
    )
    file.write_bytes(answer.content)
    return file


def items(client: httpx.Client, path: str, **query: str) -> Iterator[Any]:
    """Every row of a list, page after page."""
    cursor: str | None = ""
    while cursor is not None:
        page = asked(
            client.get(path, params={**query, "limit": "100", **({"cursor": cursor} if cursor else {})})
        )
        yield from page["items"]
        cursor = page["next_cursor"]
