"""The log's public door: checkpoint, verifier key and tiles, as files that anyone may keep. Entries hold what
companies trade, so they are for officers alone."""

from contextlib import suppress

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from compliance import desk
from compliance.log.published import CHECKPOINT, PRUNED, SUCCESSOR, VKEY, Folder, folder_of
from compliance.verifier.tiles import ENTRIES, Tile
from exchange.kernel.actors import Scope
from exchange.kernel.errors import ExchangeError
from exchange.participants.actors.auth import authenticate

_TEXT = "text/plain; charset=utf-8"
_BINARY = "application/octet-stream"
_FOREVER = "public, max-age=31536000, immutable"
_A_MOMENT = "public, max-age=1"
_FOR_EVERY_SITE = {"Access-Control-Allow-Origin": "*"}  # so that anybody's page may check the log


@require_safe
def log_file(request: HttpRequest, log: str, path: str) -> HttpResponse:
    """One file of a log (C2SP tlog-tiles); every path that is none is nowhere."""
    folder = folder_of(log)
    if path in (CHECKPOINT, VKEY, SUCCESSOR, PRUNED):
        return _answer(folder.read(path), _TEXT, _A_MOMENT)
    tile = Tile.at(path)
    if tile is None:
        raise Http404
    if tile.level == ENTRIES:
        return _entries(request, log, tile)
    return _answer(_hashes(folder, tile), _BINARY, _FOREVER)


def _hashes(folder: Folder, tile: Tile) -> bytes | None:
    """A tile, once a checkpoint covers it: before, its hashes may still change."""
    return folder.read(tile.path) if folder.shows(tile) else None


def _entries(request: HttpRequest, log: str, tile: Tile) -> HttpResponse:
    actor = None
    with suppress(ExchangeError):  # a token that opens nothing is nobody's
        actor = authenticate(request)
    if actor is None or not actor.can(Scope.AUDIT):
        raise Http404
    return _answer(desk.read_entries(log, tile, by=actor), _BINARY, "private, no-store")


def _answer(data: bytes | None, content_type: str, cache: str) -> HttpResponse:
    if data is None:
        raise Http404
    headers = {"Cache-Control": cache, **(_FOR_EVERY_SITE if cache.startswith("public") else {})}
    return HttpResponse(data, content_type=content_type, headers=headers)
