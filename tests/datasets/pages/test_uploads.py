"""A file from the page to storage: the link that our script is answered takes it, once."""

from collections.abc import Callable

import pytest

from datasets.models import Asset
from datasets.revisions import assets, revisions
from exchange.kernel.actors import Actor
from tests import dataset_makers, sales
from tests.contracts.pages.conftest import Reader, text_of
from tests.datasets.pages.test_revision_pages import announced, path

pytestmark = pytest.mark.transactional
Open = Callable[..., Reader]


def test_the_link_takes_the_file_once(own_database: None, seller: Actor, reader: Open) -> None:
    opened = revisions.open_revision(dataset_makers.draft(seller), seller)
    browser = reader(seller)
    answer = announced(browser, opened, "cities.csv")
    url = answer.json()["upload_url"]
    assert answer.status_code == 200 and url.startswith("/u/")
    taken = sales.call("PUT", url, body=[dataset_makers.SMALL_CSV])
    assert taken.status == 201, bytes(taken.body)
    assert sales.call("PUT", url, body=[dataset_makers.SMALL_CSV]).status == 409
    assert Asset.objects.get().is_received
    assert "1 of 1 file stored" in text_of(browser.get(path(opened)))


def test_a_file_that_came_in_part_says_how_far_and_until_when(
    own_database: None, seller: Actor, reader: Open
) -> None:
    opened = revisions.open_revision(dataset_makers.draft(seller), seller)
    browser = reader(seller)
    url = announced(browser, opened, "grandes villes.csv").json()["upload_url"]
    tus = {"tus-resumable": "1.0.0"}
    assert sales.call("POST", url, headers=tus | {"upload-length": "1000"}).status == 201
    assert "Its bytes have not come yet." in text_of(browser.get(path(opened)))
    piece = tus | {"upload-offset": "0", "content-type": "application/offset+octet-stream"}
    assert sales.call("PATCH", url, headers=piece, body=[b"n\n" * 249]).status == 204
    shown = text_of(browser.get(path(opened)))
    assert "Paused at 49%. Kept until" in shown and "Choose the same file to go on." in shown
    french = text_of(browser.get(path(opened), "fr"))
    assert "En pause à 49" in french and "Choisissez le même fichier pour continuer." in french
    assets.remove(Asset.objects.get(), seller)
    assert "Kept until" not in text_of(browser.get(path(opened)))
