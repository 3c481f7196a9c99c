"""Which function answers which operation, and what it is called with."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import ge, gt, le, lt
from typing import Any, TypeAlias
from urllib.parse import urlencode

from tests.fakes.stripe.refusals import Refusal, invalid
from tests.fakes.stripe.world import World

Json = dict[str, Any]
_LARGEST_PAGE, _USUAL_PAGE, _USUAL_PAGE_V2 = 100, 10, 20
_METADATA_KEYS, _METADATA_KEY, _METADATA_VALUE = 50, 40, 500


@dataclass(frozen=True)
class Call:
    """One request that is well formed: its parameters, and the values in its path."""

    world: World
    given: Json
    path: dict[str, str]


Answer: TypeAlias = Callable[[Call], Json]
ROUTES: dict[tuple[str, str], Answer] = {}


def route(method: str, template: str) -> Callable[[Answer], Answer]:
    """The function answers this operation of the specification."""

    def note(answer: Answer) -> Answer:
        ROUTES[method, template] = answer
        return answer

    return note


def merged(before: Json, given: object) -> Json:
    """Metadata after an update: an empty value takes a key away, an empty whole takes all."""
    if not isinstance(given, dict):
        return {} if given == "" else before
    for name, value in given.items():
        if len(name) > _METADATA_KEY:
            raise invalid(f"Metadata keys can have up to {_METADATA_KEY} characters.", "metadata")
        if len(value) > _METADATA_VALUE:
            raise invalid(f"Metadata values can have up to {_METADATA_VALUE} characters.", f"metadata[{name}]")
    after = {name: value for name, value in (before | given).items() if value != ""}
    if len(after) > _METADATA_KEYS:
        raise invalid(f"You can only have up to {_METADATA_KEYS} metadata keys.", "metadata")
    return after


def listed(call: Call, kind: str, *filters: str) -> Json:
    """A page of the asking account's objects of this kind, newest first."""
    found = call.world.all(kind)
    for name in filters:
        if name in call.given:
            found = [one for one in found if one.get(name) == call.given[name]]
    return page(call, within(call, found))


def within(call: Call, found: list[Json]) -> list[Json]:
    """Those that were created when the caller asks about."""
    if "created" not in call.given:
        return found
    return [one for one in found if _is_within(one["created"], call.given["created"])]


def page(call: Call, found: list[Json]) -> Json:
    """The part of a list that was asked for."""
    limit = call.given.get("limit", _USUAL_PAGE)
    if not 1 <= limit <= _LARGEST_PAGE:
        raise invalid(f"Invalid limit: must be between 1 and {_LARGEST_PAGE}", "limit")
    ids = [one["id"] for one in found]
    for name in ("starting_after", "ending_before"):
        if name in call.given and call.given[name] not in ids:
            raise invalid(f"No such object: '{call.given[name]}'", name, code="resource_missing")
    if "starting_after" in call.given:
        found = found[ids.index(call.given["starting_after"]) + 1 :]
    if "ending_before" in call.given:
        before = found[: ids.index(call.given["ending_before"])]
        return _page_of(call, before[-limit:], has_more=len(before) > limit)
    return _page_of(call, found[:limit], has_more=len(found) > limit)


def numbered_page(call: Call, found: list[Json]) -> Json:
    """The part of a list of v2 that was asked for; the next page has an address of its own."""
    limit, start = call.given.get("limit", _USUAL_PAGE_V2), int(call.given.get("page", 0))
    if not 1 <= limit <= _LARGEST_PAGE:
        raise invalid(f"Invalid limit: must be between 1 and {_LARGEST_PAGE}", "limit")
    query = urlencode([*_pairs(call.given), ("page", start + limit)])
    following = f"{call.path['url']}?{query}" if len(found) > start + limit else None
    return {"data": found[start : start + limit], "next_page_url": following, "previous_page_url": None}


def _pairs(given: Json) -> Iterator[tuple[str, Any]]:
    for name, value in given.items():
        if isinstance(value, list):
            yield from ((f"{name}[{number}]", one) for number, one in enumerate(value))
        elif isinstance(value, dict):
            yield from ((f"{name}[{inner}]", one) for inner, one in value.items())
        elif name != "page":
            yield name, value


def _page_of(call: Call, found: list[Json], *, has_more: bool) -> Json:
    return {"object": "list", "data": found, "has_more": has_more, "url": call.path["url"]}


def _is_within(at: int | str, wanted: Any) -> bool:
    if not isinstance(wanted, dict):
        return bool(at == wanted)
    holds = {"gt": gt, "gte": ge, "lt": lt, "lte": le}
    return all(holds[name](at, limit) for name, limit in wanted.items())


def require_amount(amount: int, currency: str, name: str = "amount") -> None:
    """Refuse an amount or a currency that Stripe does not take."""
    if currency not in CURRENCIES:
        raise invalid(f"Invalid currency: {currency}.", "currency")
    if amount < 1:
        raise invalid("Invalid positive integer", name, code="parameter_invalid_integer")
    if amount > _LARGEST:
        raise invalid("Amount must be no more than €999,999.99", name, code="amount_too_large")
    if currency in _THREE_DECIMALS and amount % 10:
        raise invalid("Invalid amount: the last of three decimals must be zero", name)
    if currency in _WHOLE and amount % 100:
        raise invalid("Invalid amount: this currency has no decimals, and is written with two", name)


def expanded(call: Call, answer: Json, *, kind: str) -> Json:
    """The answer with the objects in it that `expand` names."""
    for wanted in call.given.get("expand", ()):
        _expand(call.world, answer, wanted.split("."), wanted)
    return answer


def _expand(world: World, here: Any, path: list[str], wanted: str) -> None:
    if isinstance(here, list):
        for one in here:
            _expand(world, one, path, wanted)
        return
    first, rest = path[0], path[1:]
    shown = INCLUDED.get((here.get("object", ""), first))
    if shown is not None:
        here[first] = shown(world, here)
    elif first not in here:
        raise _cannot_expand(wanted)
    value = here[first]
    if isinstance(value, str):
        if value not in world.objects:
            raise _cannot_expand(wanted)
        here[first] = dict(world.objects[value])
    if rest and here[first] is not None:
        _expand(world, here[first], rest, wanted)


def _cannot_expand(wanted: str) -> Refusal:
    return invalid(f"This property cannot be expanded ({wanted}).", "expand[0]")


INCLUDED: dict[tuple[str, str], Callable[[World, Json], Any]] = {}
"""What an object shows only when `expand` names it."""

_LARGEST = 99_999_999
_WHOLE = frozenset(["isk", "ugx"])
_THREE_DECIMALS = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
CURRENCIES = frozenset(
    "aed afn all amd aoa ars aud awg azn bam bbd bdt bhd bmd bnd bob brl bsd bwp byn bzd cad cdf chf clp cny "
    "cop crc cve czk djf dkk dop dzd egp etb eur fjd gbp gel ghs gip gmd gnf gtq gyd hkd hnl huf idr ils inr isk jmd "
    "jod jpy kes kgs khr krw kwd kyd kzt lak lbp lkr mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio "
    "nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar scr sek sgd sos srd szl thb tjs tnd top try "
    "ttd twd tzs uah ugx usd uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw".split()
)
