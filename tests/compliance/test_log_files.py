"""The log's public door: what strangers check is theirs to read, what companies trade is not."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from compliance.verifier.tiles import Tile
from exchange.kernel.models import Event

pytestmark = pytest.mark.django_db


def test_anyone_reads_checkpoint_key_and_hash_tiles(story: Callable[..., Any], public_log: Any) -> None:
    for _ in range(300):
        story().tell("started")
    public_log.publish()
    http = Client()
    for name in ("checkpoint", "vkey"):
        answer = http.get(f"/log/2026/{name}")
        assert answer.content == (public_log.folder() / name).read_bytes()
        assert answer.headers["Cache-Control"] == "public, max-age=1"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    for name in ("tile/0/000", "tile/0/001.p/45", "tile/1/000.p/1"):
        answer = http.get(f"/log/2026/{name}")
        assert answer.content == (public_log.folder() / name).read_bytes()
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert len(answer.content) == 32 * Tile.at(name).width
    assert http.head("/log/2026/checkpoint").status_code == 200
    assert http.post("/log/2026/checkpoint").status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "2026/",
        "2026/ALARM",
        "2026/tile",
        "2026/tile/0",
        "2026/tile/0/000.p/0",
        "2026/tile/0/000.p/256",
        "2026/tile/0/000.p/03",
        "2026/tile/00/000.p/3",
        "2026/tile/0/0",
        "2026/tile/64/000",
        "2026/tile/0/x000/000",
        "2026/tile/0/../0/000.p/3",
        "2026/../2026/checkpoint",
        "2026/..%2f..%2fsigner%2flog.pem",
        "2026/checkpoint/",
        "2026/.checkpoint",
        "2026/tile/entries/000.p/3/",
        "2025/checkpoint",
        "2026/successor",
        "2026.1/checkpoint",
        "2026.10/checkpoint",
        "2026./checkpoint",
        "99999999999999999999/checkpoint",
    ],
)
def test_every_other_path_is_nowhere(path: str, story: Callable[..., Any], public_log: Any) -> None:
    story().whole()
    public_log.publish()
    (public_log.folder() / "ALARM").write_text("a reason")
    assert Client().get(f"/log/{path}").status_code == 404


def test_a_tile_is_shown_only_once_a_checkpoint_covers_it(story: Callable[..., Any], public_log: Any) -> None:
    story().whole()
    public_log.seal()
    steps = public_log.signer().steps("2026", story().at)
    written = [next(steps), next(steps)]
    steps.close()
    assert "tile/0/000.p/3" in written
    assert Client().get("/log/2026/tile/0/000.p/3").status_code == 404
    public_log.publish()
    assert Client().get("/log/2026/tile/0/000.p/3").status_code == 200
    checkpoint = public_log.folder() / "checkpoint"
    checkpoint.write_bytes(checkpoint.read_bytes()[:-3])
    assert Client().get("/log/2026/tile/0/000.p/3").status_code == 404


def test_entries_are_for_officers_alone_who_are_seen_reading_them(
    story: Callable[..., Any],
    public_log: Any,
    door: Callable[..., Any],
    officer: Any,
    operator: Any,
    seller: Any,
    outsider: Any,
) -> None:
    story(seller.participant_id).whole()
    public_log.publish()
    size = int((public_log.folder() / "checkpoint").read_text().split("\n")[1])
    name = f"tile/entries/000.p/{size}"
    strangers = [
        Client(),
        Client(headers={"Authorization": "Bearer forged"}),
        *(door(actor).http for actor in (operator, seller, outsider)),
    ]
    for http in strangers:
        assert http.get(f"/log/2026/{name}").status_code == 404
    assert not Event.objects.filter(name="officer.viewed").exists()
    answer = door(officer).http.get(f"/log/2026/{name}")
    assert answer.content == (public_log.folder() / name).read_bytes()
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert b'"what":"entries"' in bytes(Event.objects.get(name="officer.viewed").leaf)
    assert door(officer).http.get("/log/2026/tile/entries/000").status_code == 404
