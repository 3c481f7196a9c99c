"""The outlines of the countries for the map: Natural Earth's, which are in the public domain, in an equal-area
projection, and the middle of each country. They are drawn, never decided by."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).parents[1] / "data" / "world.json"


@dataclass(frozen=True)
class World:
    """Paths by country code, the empty code for land without one; `middles` in the same units. `small` countries are
    hard to see, so they are drawn as dots."""

    width: int
    height: int
    land: Mapping[str, str]
    middles: Mapping[str, tuple[int, int]]
    small: frozenset[str]


@lru_cache(maxsize=1)
def world() -> World:
    """The outlines that ship."""
    read = json.loads(_FILE.read_text())
    middles = {code: (x, y) for code, (x, y) in read["middles"].items()}
    return World(read["width"], read["height"], read["land"], middles, frozenset(read["small"]))
