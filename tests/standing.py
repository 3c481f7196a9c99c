"""Who nearly every test asks for stays from one test to the next: `seller` and `buyer` are made in transactions around
those of the tests, which are taken back when a test asks for others, or for a database of its own."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction

if TYPE_CHECKING:
    from exchange.kernel.actors import Actor

ORDER = ("seller", "buyer", "operator", "officer", "outsider")
"""Whom most tests ask for comes first: whoever was made later goes with whoever was made before."""


class Standing:
    """Whom the tests of this process have in common at the moment, each made in a block of its own."""

    def __init__(self) -> None:
        self._actors: dict[str, Actor] = {}
        self._blocks: list[transaction.Atomic] = []
        self._line: object = None

    def found(self, name: str) -> "Actor | None":
        """Who stands under this name."""
        return self._actors.get(name)

    def stand(self, names: Sequence[str], make: Callable[[str], "Actor"]) -> None:
        """Let just these stand, in this order: those who do already, and the others made."""
        if not self._is_whole():
            self.fall()
        kept = 0
        while kept < len(names) and names[: kept + 1] == list(self._actors)[: kept + 1]:
            kept += 1
        self.fall(kept)
        if kept:
            cache.clear()  # of how often somebody has tried
        for name in names[kept:]:
            self._begin()
            try:
                self._actors[name] = make(name)
            except BaseException:
                self.fall()
                raise

    def fall(self, kept: int = 0) -> None:
        """Take back all but the first ones."""
        if not self._is_whole():
            kept = 0
            connection.close()
            connection.connect()
            self._blocks.clear()
        for block in reversed(self._blocks[kept:]):
            transaction.set_rollback(True)
            block.__exit__(None, None, None)
        del self._blocks[kept:]
        self._actors = {name: self._actors[name] for name in list(self._actors)[:kept]}

    def _begin(self) -> None:
        block = transaction.atomic()
        block._from_testcase = True
        block.__enter__()
        self._blocks.append(block)
        self._line = connection.connection

    def _is_whole(self) -> bool:
        """Whether the blocks are still open, and none in them; a test may have ended the connection."""
        if not self._blocks:
            return True
        is_ours = connection.connection is self._line and not connection.closed_in_transaction
        return is_ours and connection.atomic_blocks == self._blocks and not connection.needs_rollback


standing = Standing()


def wanted_by(item: pytest.Item, folder: str) -> list[str]:
    """Who may stand for a test in `folder`: nobody, if it or its file has a database, a time or a cast of its own."""
    names = item.fixturenames  # type: ignore[attr-defined]
    known: dict[str, Sequence[Any]] = item._fixtureinfo.name2fixturedefs  # type: ignore[attr-defined]
    asked = [name for name in ORDER if name in names]
    own = [name for name in (*asked, "now") if name in known and known[name][-1].baseid != folder]
    wide = [
        one[-1] for one in known.values() if one[-1].baseid and one[-1].scope in ("module", "class", "package")
    ]
    is_by_the_clock = item.get_closest_marker("by_the_clock") is not None
    return [] if own or wide or is_by_the_clock or "own_database" in names else asked
