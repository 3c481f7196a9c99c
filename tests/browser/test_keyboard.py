"""Pages by keyboard alone: from the catalogue to a request, and a sale revoked on its own page. Every stop of the Tab
key is in reading order, on the screen and plainly marked, and none holds the reader fast."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from contracts.models import Entitlement, Negotiation
from exchange.kernel.actors import Actor
from tests import dataset_makers, makers, sales
from tests.browser.conftest import PageAt

MOST_STOPS = 250
STOP = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const before = window.lastStop;
  window.lastStop = at;
  const style = getComputedStyle(at);
  const box = [...at.getClientRects()].find(one => one.width && one.height) || at.getBoundingClientRect();
  const x = Math.min(Math.max(box.x + box.width / 2, 1), innerWidth - 2);
  const y = Math.min(Math.max(box.y + box.height / 2, 1), innerHeight - 2);
  const shown = document.elementFromPoint(x, y);
  const covers = shown && (at.contains(shown) || shown.contains(at));
  const words = at.getAttribute('aria-label') || at.innerText || '';
  return {
    name: `${at.tagName} ${at.id || at.name || ''} ${words.slice(0, 50)}`,
    marked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    seen: Boolean(box.width && box.height && covers),
    within: before === at,  // from the day to the month of a date
    forward: !before || !before.isConnected || Boolean(
      before.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_FOLLOWING),
  };
}"""


@pytest.fixture(autouse=True)
def storage_folder(settings: Any, tmp_path: Any) -> None:
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_STORAGE_DIR = "files", tmp_path / "assets"


def stop(page: Page, key: str = "Tab") -> dict[str, Any] | None:
    """Press the key and look at where it led; None where that is the browser itself."""
    page.keyboard.press(key)
    found: dict[str, Any] | None = page.evaluate(STOP)
    return found


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the focus is on what is wanted; each stop on the way is seen and marked."""
    expect(wanted).to_be_visible()
    for _ in range(MOST_STOPS):
        found = stop(page)
        assert found is None or (found["marked"] and found["seen"]), f"{page.url}: {found}"
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"{page.url}: Tab never came to {wanted}")


def walk(page: Page) -> list[str]:
    """Every stop of a freshly opened page, and what is wrong with it, until the focus leaves the page at its end."""
    stops, wrong = [], []
    for _ in range(MOST_STOPS):
        found = stop(page)
        if found is not None and found["within"]:
            continue
        if found is None or not found["forward"]:  # round again
            break
        stops.append(found["name"])
        wrong += [f"not marked: {found['name']}"] if not found["marked"] else []
        wrong += [f"not on the screen: {found['name']}"] if not found["seen"] else []
    else:
        raise AssertionError(f"{page.url}: the focus goes round in {stops[-6:]}")
    assert wrong == [], f"{page.url}\n" + "\n".join(wrong)
    return stops


def reachable(page: Page) -> int:
    """How many places a reader can act at: one for each group of radio buttons."""
    return int(
        page.evaluate(
            """() => {
              const all = [...document.querySelectorAll(
                'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')];
              const open = all.filter(one => !one.disabled && one.checkVisibility({visibilityProperty: true}));
              const groups = new Set(open.filter(one => one.type === 'radio').map(one => one.name));
              return open.filter(one => one.type !== 'radio').length + groups.size;
            }"""
        )
    )


def test_from_the_catalogue_to_a_request(
    page_at: PageAt, own_database: None, seller: Actor, buyer: Actor, now: datetime, react: Callable[..., Any]
) -> None:
    sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID))
    react()
    page = page_at(member=makers.member(makers.participant_of(buyer), "trader", now))
    keys = page.keyboard
    page.goto("/catalogue")
    keys.press("/")
    expect(page.locator("#q")).to_be_focused()
    keys.type("cities")
    keys.press("Enter")
    page.wait_for_url("**/catalogue?q=cities*")
    tab_to(page, page.get_by_role("link", name="Skip to content"))
    keys.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    tab_to(page, page.get_by_role("link", name="Cities of France"))
    keys.press("Enter")
    page.wait_for_url("**/datasets/*")
    tab_to(page, page.get_by_role("link", name="Request this licence"))
    keys.press("Enter")
    page.wait_for_url("**/offers/*/request")
    tab_to(page, page.locator("input[name=purpose]").first)
    keys.press("Space")
    expect(page.locator("input[name=purpose]").first).to_be_checked()
    tab_to(page, page.get_by_label("What you will do with it"))
    keys.type("Compare the cities in our own research team.")
    tab_to(page, page.get_by_role("button", name="Send the request to the seller"))
    keys.press("Space")
    page.wait_for_url("**/negotiations/*")
    assert Negotiation.objects.get().use == "Compare the cities in our own research team."


def test_a_sale_is_revoked_on_its_own_page(
    page_at: PageAt, own_database: None, seller: Actor, buyer: Actor, now: datetime
) -> None:
    sold = sales.entitled(seller, buyer, plan=dict(sales.PAID))
    page = page_at(member=makers.member(makers.participant_of(seller), "trader", now))
    keys = page.keyboard
    page.goto(f"/sales/{sold.agreement_id}")
    tab_to(page, page.get_by_role("link", name="Revoke the access"))
    keys.press("Enter")
    page.wait_for_url("**/revoke")
    button = page.get_by_role("button", name="Revoke the access")
    tab_to(page, button)
    keys.press("Enter")
    expect(page.get_by_text("Fill this in.")).to_be_visible()
    tab_to(page, page.get_by_label("Reason"))
    keys.type("The bill of another sale was never paid.")
    tab_to(page, button)
    tab_to(page, page.get_by_role("link", name="Keep it"))
    found = stop(page, "Shift+Tab")
    assert found is not None and found["marked"]
    expect(button).to_be_focused()
    keys.press("Space")
    expect(page.get_by_text("The access is revoked for good.")).to_be_visible()
    sold.refresh_from_db()
    assert sold.state == Entitlement.State.REVOKED


@pytest.mark.parametrize("width", [1440, pytest.param(390, marks=pytest.mark.slow)])
def test_tab_leads_through_each_page_once_in_reading_order(
    page_at: PageAt,
    own_database: None,
    seller: Actor,
    buyer: Actor,
    now: datetime,
    react: Callable[..., Any],
    width: int,
) -> None:
    sold = sales.entitled(seller, buyer, plan=dict(sales.PAID))
    offer = sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID))
    react()
    buying = page_at(width, member=makers.member(makers.participant_of(buyer), "trader", now))
    selling = page_at(width, member=makers.member(makers.participant_of(seller), "trader", now))
    sale = f"/sales/{sold.agreement_id}"
    for page, path in (
        (buying, "/catalogue"),
        (buying, f"/datasets/{offer.dataset_id}"),
        (buying, f"/offers/{offer.pk}/request"),
        (buying, f"/my-data/{sold.pk}"),
        (selling, sale),
        (selling, f"{sale}/revoke"),
        (selling, f"/sell/datasets/{offer.dataset_id}/offers/new"),
    ):
        page.goto(path)
        stops = walk(page)
        assert len(stops) == reachable(page), f"{path}: {stops}"
