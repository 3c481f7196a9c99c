"""The transfer map as a picture: countries in the colour and the hatching of what carried the data there, and lines
from where it came. Pure: whole numbers only, so that every language draws the same."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from compliance.flows.outline import World

MECHANISMS = ("not_personal", "eea", "adequacy", "scc", "bcr", "derogation", "")
"""From free to doubtful: a country bears the last of those by which data went there."""

_CLASSES = {
    "not_personal": "q1",
    "eea": "k1",
    "adequacy": "k2",
    "scc": "k3",
    "bcr": "k5",
    "derogation": "k4",
    "": "k4",
}
_HATCHED = {"adequacy": "rising", "scc": "dots", "bcr": "crossed", "derogation": "falling", "": "level"}
_WIDEST = 6
_DOT = 5


@dataclass(frozen=True)
class Way:
    """How often data went from one country to another under one mechanism."""

    country_from: str
    country_to: str
    mechanism: str
    transfers: int
    sent_bytes: int = 0


@dataclass(frozen=True)
class Shape:
    """A country; `kind` is its class of colour, `hatch` the pattern over it, both empty where nothing went."""

    code: str
    path: str
    kind: str
    hatch: str


@dataclass(frozen=True)
class Dot:
    """A country too small to be seen."""

    code: str
    x: int
    y: int
    radius: int
    kind: str
    hatch: str


@dataclass(frozen=True)
class Line:
    """From a country to another, bent so that both ways are seen."""

    path: str
    width: int
    mechanism: str


@dataclass(frozen=True)
class Sign:
    """What a colour and a hatching mean."""

    mechanism: str
    kind: str
    hatch: str


@dataclass(frozen=True)
class Picture:
    width: int
    height: int
    shapes: Sequence[Shape]
    dots: Sequence[Dot]
    lines: Sequence[Line]
    signs: Sequence[Sign]
    unplaced: Sequence[str]


def draw(ways: Iterable[Way], world: World) -> Picture:
    """The map of these ways; `unplaced` are countries that the outlines do not know: they stand in the table alone."""
    found = [way for way in ways if way.transfers > 0]
    gravest: dict[str, str] = {}
    for way in found:
        before = gravest.get(way.country_to)
        gravest[way.country_to] = way.mechanism if before is None else max(before, way.mechanism, key=_gravity)
    shapes = [
        Shape(code, path, _kind(gravest.get(code)), _hatch(gravest.get(code)))
        for code, path in world.land.items()
    ]
    dots = [
        Dot(code, *world.middles[code], _DOT, _kind(mechanism), _hatch(mechanism))
        for code, mechanism in sorted(gravest.items())
        if code in world.middles and (code in world.small or code not in world.land)
    ]
    used = sorted(set(gravest.values()), key=_gravity)
    return Picture(
        width=world.width,
        height=world.height,
        shapes=shapes,
        dots=dots,
        lines=_lines(found, world),
        signs=[Sign(one, _kind(one), _hatch(one)) for one in used],
        unplaced=sorted(code for code in gravest if code not in world.middles),
    )


def _lines(ways: Sequence[Way], world: World) -> list[Line]:
    totals: dict[tuple[str, str], tuple[int, str]] = {}
    for way in ways:
        key = (way.country_from, way.country_to)
        if way.country_from == way.country_to or not set(key) <= world.middles.keys():
            continue
        count, mechanism = totals.get(key, (0, way.mechanism))
        totals[key] = (count + way.transfers, max(mechanism, way.mechanism, key=_gravity))
    return [
        Line(_bent(world.middles[start], world.middles[end]), min(len(str(count)), _WIDEST), mechanism)
        for (start, end), (count, mechanism) in sorted(totals.items())
    ]


def _bent(start: tuple[int, int], end: tuple[int, int]) -> str:
    (x, y), (to_x, to_y) = start, end
    middle_x, middle_y = (x + to_x) // 2, (y + to_y) // 2
    return f"M{x} {y}Q{middle_x + (to_y - y) // 5} {middle_y - abs(to_x - x) // 5} {to_x} {to_y}"


def _gravity(mechanism: str) -> int:
    return MECHANISMS.index(mechanism) if mechanism in MECHANISMS else len(MECHANISMS)


def _kind(mechanism: str | None) -> str:
    return "" if mechanism is None else _CLASSES.get(mechanism, "k4")


def _hatch(mechanism: str | None) -> str:
    return "" if mechanism is None else _HATCHED.get(mechanism, "")
