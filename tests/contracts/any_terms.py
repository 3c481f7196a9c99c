"""Random terms of every kind in the library, drawn from what each kind declares, and facts near to them: such as keep
every clause, such as offend one or two, and worlds that say the same as the facts."""

from collections.abc import Callable, Collection
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, partial
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from compliance import legal
from compliance.destinations import destinations
from contracts.clauses import LIBRARY, parameters
from contracts.clauses.access import OWN
from contracts.clauses.declaration import Clause, Facts
from contracts.clauses.licences import LICENCES
from contracts.clauses.parameters import Choice, Clock, Day, Flag, Known, Line, Maybe, Parameter, Several, Whole
from contracts.clauses.purposes import PURPOSES
from contracts.odrl.activation import Known as KnownOf
from contracts.odrl.activation import World
from contracts.terms.terms import Terms, evaluate, parse, thaw
from exchange.kernel.errors import Invalid
from exchange.participants import sectors

Raw = dict[str, Any]

WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
TRAINING = f"{OWN}trainModels"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BUYER = "0190aaaa-0000-7000-8000-000000000001"
OTHER = "0190aaaa-0000-7000-8000-000000000002"
GROUPS = destinations.groups(legal.load(), NOW.date())

_COUNTRIES = ["FR", "DE", "JP", "US", "BR", "CH"]
_RANGES = [
    *(str(IPv4Network((bits, 32 - host))) for bits, host in ((0xC0000200, 8), (0xC6336407, 0), (0, 32))),
    *(str(IPv6Network((bits << 96, length))) for bits, length in ((0x20010DB8, 32), (0x20010DB8, 128))),
]
_words = st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"]), min_size=1, max_size=12)
ITEMS: dict[Callable[[object], str], st.SearchStrategy[str]] = {
    parameters.purpose: st.sampled_from(list(PURPOSES)),
    parameters.place: st.sampled_from(["EEA", *_COUNTRIES]),
    parameters.participant: st.sampled_from([BUYER, OTHER]) | st.uuids().map(str),
    parameters.address_range: st.sampled_from(_RANGES),
    parameters.country: st.sampled_from(_COUNTRIES),
    parameters.licence: st.sampled_from(list(LICENCES)),
    parameters.currency: st.sampled_from(["EUR", "USD", "JPY"]),
    parameters.digest: st.binary(min_size=32, max_size=32).map(bytes.hex),
    parameters.company: _words,
    parameters.weekday: st.sampled_from(WEEKDAYS),
    parameters.channel: st.sampled_from(["gateway", "sharing", "bucket"]),
    parameters.sector: st.sampled_from(["A", "C", "L"]),
    parameters.zone: st.sampled_from(["Europe/Paris", "Asia/Kathmandu", "America/St_Johns", "UTC"]),
}


def values(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Raw values that a parameter reads."""
    match parameter:
        case Maybe(inner):
            return values(inner)
        case Whole(least, most):
            return st.integers(least, most) | st.sampled_from([least, most])
        case Flag():
            return st.booleans()
        case Choice(words):
            return st.sampled_from(words)
        case Day():
            return st.dates(date(2026, 1, 1), date(2030, 12, 31)).map(str) | st.sampled_from(
                ["2000-01-01", "2028-02-29", "2199-12-31"]
            )
        case Clock():
            return st.times().map("{:%H:%M}".format) | st.sampled_from(["00:00", "02:30", "24:00"]).filter(
                partial(is_read_by, parameter)
            )
        case Line():
            return _words.filter(partial(is_read_by, parameter))
        case Known(item):
            return ITEMS[item].filter(partial(is_read_by, parameter))
        case Several(item=item):
            return st.lists(ITEMS[item], min_size=1, max_size=3, unique=True).filter(
                partial(is_read_by, parameter)
            )
    raise NotImplementedError(f"no values are drawn for {type(parameter).__name__}")


def is_read_by(parameter: Parameter, raw: object) -> bool:
    try:
        parameter.read(raw)
    except parameters.Unreadable:
        return False
    return True


@cache
def raw_clause(kind: str) -> st.SearchStrategy[Raw]:
    """Clauses of one kind in their wire form, whose parameters go together."""
    declared = LIBRARY[kind].parameters
    must = {name: values(one) for name, one in declared.items() if not isinstance(one, Maybe)}
    may = {name: values(one) for name, one in declared.items() if isinstance(one, Maybe)}
    made = st.fixed_dictionaries({"kind": st.just(kind)} | must, optional=may)
    return made.filter(lambda raw: thaw([raw]).clauses[0].kind == kind)


def without_contradictions(raw: list[Raw]) -> list[Raw]:
    """The clauses in their order, without those that contradict the ones before."""
    kept: list[Raw] = []
    for clause in raw:
        try:
            parse([*kept, clause])
        except Invalid:
            continue
        kept.append(clause)
    return kept


raw_terms: st.SearchStrategy[list[Raw]] = (
    st.lists(st.sampled_from(list(LIBRARY)), unique=True, max_size=12)
    .flatmap(lambda kinds: st.tuples(*map(raw_clause, kinds)))
    .map(lambda drawn: without_contradictions(list(drawn)))
)
any_terms: st.SearchStrategy[Terms] = raw_terms.map(parse)


def kept_by(terms: Terms) -> Facts:
    """Facts that keep every clause of the terms, unless no facts could."""
    clauses = {clause.kind: clause for clause in terms.clauses}
    now = _a_moment_for(clauses)
    return Facts(
        now=now,
        purpose=_first(clauses, "purpose", "academic_research"),
        use_country=_first(clauses, "use_country", "FR").replace("EEA", "FR"),
        buyer_country=_first(clauses, "country", "FR").replace("EEA", "FR"),
        recipient_id=_first(clauses, "recipients", BUYER),
        address=_first(clauses, "addresses", "192.0.2.0/24").partition("/")[0],
        address_country=_first(clauses, "address_country", "FR").replace("EEA", "FR"),
        copies_used=0,
        active_since=now,
        groups=GROUPS,
        delivery=_first(clauses, "delivery", "gateway"),
        revision_number=7,
        revision_sealed_at=NOW - timedelta(days=30),
        agreed_number=7,
        sector=_first(clauses, "sector", ""),
        bytes_taken=0,
        rows_taken=0,
        asset_bytes=1,
        asset_rows=1,
    )


def _a_moment_for(clauses: dict[str, Clause]) -> datetime:
    """A moment before the end date and within the hours."""
    latest = NOW
    if (end := clauses.get("end_date")) is not None:
        latest = min(latest, datetime.combine(date.fromisoformat(end.words("on")), time(), UTC))
    if (hours := clauses.get("hours")) is None:
        return latest
    zone, begins = ZoneInfo(hours.words("zone")), time.fromisoformat(hours.words("start"))
    # On the day when clocks are put forward an hour is missing; a week before it is there.
    days = [(latest - timedelta(days=back)).date() for back in range(1, 15)]
    starts = [
        datetime.combine(day, begins, zone) for day in days if WEEKDAYS[day.weekday()] in hours.several("days")
    ]
    there = (start for start in starts if start.astimezone(UTC).astimezone(zone).time() == begins)
    return next(there).astimezone(UTC)


def _first(clauses: dict[str, Clause], kind: str, otherwise: str) -> str:
    return clauses[kind].several("any_of")[0] if kind in clauses else otherwise


OTHERWISE: dict[str, st.SearchStrategy[Any]] = {
    "now": st.integers(-4000 * 1440, 70_000 * 1440).map(lambda minutes: NOW + timedelta(minutes=minutes))
    | st.integers(-2880, 2880).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    "purpose": st.none() | st.sampled_from(list(PURPOSES)),
    "buyer_country": st.none() | st.sampled_from([*_COUNTRIES, "CN"]),
    "recipient_id": st.none() | st.sampled_from([BUYER, OTHER]),
    "address": st.none()
    | st.sampled_from(["192.0.2.7", "198.51.100.7", "2001:db8::", "::ffff:192.0.2.7", "2001:db9::"]),
    "use_country": st.none() | st.sampled_from([*_COUNTRIES, "CN"]),
    "address_country": st.none() | st.sampled_from([*_COUNTRIES, "CN"]),
    "delivery": st.none() | st.sampled_from(["gateway", "sharing", "bucket"]),
    "copies_used": st.none() | st.integers(0, 10_001),
    "active_since": st.none() | st.integers(-4000, 1).map(lambda days: NOW + timedelta(days=days)),
    "groups": st.none() | st.just(GROUPS),
    "revision_number": st.none() | st.integers(1, 9),
    "revision_sealed_at": st.none() | st.integers(-1000, 0).map(lambda days: NOW + timedelta(days=days)),
    "agreed_number": st.none() | st.integers(1, 9),
    "sector": st.none() | st.sampled_from(["", "A", "C", "L"]),
    **dict.fromkeys(
        ("bytes_taken", "rows_taken", "asset_bytes", "asset_rows"), st.none() | st.integers(0, 2**53)
    ),
}
"""What each fact may be instead."""


def edges(terms: Terms, facts: Facts) -> list[dict[str, Any]]:
    """The last fact that a clause permits, and the first that it does not."""
    clauses = {clause.kind: clause for clause in terms.clauses}
    found: list[dict[str, Any]] = [{}, {"purpose": "model_training"}]
    if (copies := clauses.get("copies")) is not None:
        found += [{"copies_used": copies.number("max") - less} for less in (0, 1)]
    if (volume := clauses.get("volume")) is not None:
        found += [{f"{name}_taken": most - less} for name, most in volume.values for less in (0, 1)]  # type: ignore[operator]
    if (duration := clauses.get("duration")) is not None:
        length = timedelta(days=duration.number("days"))
        found += [{"active_since": facts.now - length + more} for more in (timedelta(0), timedelta.resolution)]
    if (end := clauses.get("end_date")) is not None:
        over = datetime.combine(date.fromisoformat(end.words("on")), time(), UTC) + timedelta(days=1)
        found += [
            {"now": over - less, "active_since": over - less} for less in (timedelta(0), timedelta.resolution)
        ]
    return found


@st.composite
def facts_near(draw: st.DrawFn, terms: Terms, names: Collection[str] = ()) -> Facts:
    """Facts that keep all clauses that can be kept, at the edge of one or not, with up to two changed: of all facts,
    or of those that are named."""
    facts = kept_by(terms)
    facts = replace(facts, **draw(st.sampled_from(edges(terms, facts))))
    may_change = sorted(names) or [field.name for field in fields(Facts)]
    changed = draw(st.lists(st.sampled_from(may_change), max_size=2, unique=True))
    return replace(facts, **{name: draw(OTHERWISE[name]) for name in changed})


terms_and_facts: st.SearchStrategy[tuple[Terms, Facts]] = any_terms.flatmap(
    lambda terms: st.tuples(st.just(terms), facts_near(terms))
)


def permits(terms: Terms, facts: Facts) -> bool:
    """Whether no clause holds anything against the facts."""
    return all(verdict.ok for verdict in evaluate(terms, facts))


class Such:
    """All operands of which something is true, as a collection that can be asked for one of them."""

    def __init__(self, is_true: Callable[[str], bool]) -> None:
        self._is_true = is_true

    def __contains__(self, operand: object) -> bool:
        return self._is_true(str(operand))


def is_within(address: str, cidr: str) -> bool:
    """Whether an address range holds an address; one of IPv4 may be written in IPv6."""
    found = ip_address(address)
    return (getattr(found, "ipv4_mapped", None) or found) in ip_network(cidr)


def is_open(now: datetime, window: str) -> bool:
    """Whether a window of the week, such as "mon,tue 08:00-18:00 Europe/Paris", is open."""
    days, clocks, zone = window.split(" ")
    start, end = ((int(clock[:2]), int(clock[3:])) for clock in clocks.split("-"))
    local = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    for back in (0, 1):
        day = datetime.combine(local.date() - timedelta(days=back), time())
        begins = day + timedelta(hours=start[0], minutes=start[1])
        ends = day + timedelta(days=end < start, hours=end[0], minutes=end[1])
        if WEEKDAYS[day.weekday()] in days.split(",") and begins <= local < ends:
            return True
    return False


def world_of(facts: Facts) -> World:
    """The same facts as a state of the world in the words of ODRL, written down without looking at the clauses."""
    is_active = facts.active_since is not None and facts.active_since <= facts.now
    return World(
        now=facts.now,
        known={
            "purpose": _purposes(facts.purpose),
            f"{OWN}buyerCountry": _places(facts.buyer_country, facts),
            "spatial": _places(facts.use_country, facts),
            f"{OWN}addressCountry": _places(facts.address_country, facts),
            # Nobody sees it: it is as promised.
            f"{OWN}addressCountryPromised": Such(lambda place: True),
            "deliveryChannel": None if facts.delivery is None else {f"{OWN}{facts.delivery}"},
            f"{OWN}timeOfDay": Such(partial(is_open, facts.now)),
            **_revisions(facts),
            "recipient": None if facts.recipient_id is None else {f"urn:uuid:{facts.recipient_id}"},
            "virtualLocation": None if facts.address is None else Such(partial(is_within, facts.address)),
            "elapsedTime": facts.now - facts.active_since if is_active and facts.active_since else None,
            "count": None if facts.copies_used is None else facts.copies_used + 1,
            f"{OWN}bytesTaken": _sum(facts.bytes_taken, facts.asset_bytes),
            f"{OWN}rowsTaken": _sum(facts.rows_taken, facts.asset_rows),
            f"{OWN}buyerSector": {f"{sectors.IRI}{facts.sector}"} if facts.sector else None,
        },
    )


def _sum(taken: int | None, more: int | None) -> int | None:
    return None if taken is None or more is None else taken + more


def _places(country: str | None, facts: Facts) -> set[str] | None:
    """A country, and the groups to which it belongs."""
    if country is None:
        return None
    return {country, *(group for group, members in (facts.groups or {}).items() if country in members)}


def _revisions(facts: Facts) -> dict[str, KnownOf]:
    number, agreed, sealed_at = facts.revision_number, facts.agreed_number, facts.revision_sealed_at
    left = {name: f"{OWN}{name}" for name in ("lastRevisions", "revisionsSince", "laterRevisions")}
    if number is None or agreed is None:
        return dict.fromkeys(left.values())
    is_old = number < agreed
    return {
        left["lastRevisions"]: Such(lambda most: not is_old or number > agreed - int(most)),
        left["revisionsSince"]: None
        if is_old and sealed_at is None
        else Such(lambda day: not is_old or f"{sealed_at:%Y-%m-%d}" >= day),
        left["laterRevisions"]: Such(lambda which: number <= agreed or which == "all"),
    }


def _purposes(code: str | None) -> frozenset[str] | None:
    """A declared purpose, and all that it is too."""
    if code is None:
        return None
    return frozenset({f"{OWN}declaredPurpose", *(PURPOSES[one].iri for one in (code, *PURPOSES[code].wider))})
