"""A download from the page to the last byte, through the gateway, with what the page says afterwards."""

from collections.abc import Callable
from urllib.parse import unquote, urlparse

from exchange.kernel.actors import Actor
from tests import sales
from tests.contracts.pages.conftest import Reader, text_of

Open = Callable[..., Reader]


def test_a_download_leads_to_the_gateway(own_database: None, seller: Actor, buyer: Actor, reader: Open) -> None:
    held = sales.entitled(seller, buyer)
    browser = reader(buyer)
    asset = sales.asset_of(held)
    page = text_of(browser.get(f"/my-data/{held.pk}"))
    assert "0 of 2 copies taken" in page and "/api/v1/oauth/token" in page and asset.sha256 in page
    answer = browser.post(f"/my-data/{held.pk}/download", asset=str(asset.pk))
    # A place on this very origin, by whichever name the reader came: the CSP lets a form lead to no other.
    assert answer.status_code == 302 and answer["Location"].startswith("/d/")
    taken = sales.call("GET", unquote(urlparse(answer["Location"]).path))
    assert (taken.status, len(taken.body)) == (200, asset.size_bytes)
    after = text_of(browser.get(f"/my-data/{held.pk}"))
    assert "1 of 2 copies taken" in after and f"/transfers/{held.transfers.get().pk}/receipt" in after
