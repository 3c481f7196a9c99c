"""Price plans: what a buyer pays and when. Pure; reads a plan strictly or says what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast, get_args

from exchange.kernel import money
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Invalid
from exchange.kernel.money import LARGEST_MINOR, Money
from payments.plans import refund_policies
from payments.plans.refund_policies import Policy

Kind = Literal["free", "one_off", "subscription", "metered", "instalments", "quote"]
Meter = Literal["rows", "bytes", "copies", "requests"]
Model = Literal["per_unit", "package", "graduated", "volume"]

KINDS: tuple[Kind, ...] = get_args(Kind)
METERS: tuple[Meter, ...] = get_args(Meter)
MODELS: tuple[Model, ...] = get_args(Model)
LONGEST_PERIOD_MONTHS = 36
MOST_PERIODS = 120
MOST_TRIAL_DAYS = 90
MOST_TIERS = 20
MOST_PARTS = 36
LONGEST_INSTALMENTS_DAYS = 3_650
LARGEST_QUANTITY = 10**15


@dataclass(frozen=True)
class Rhythm:
    """The periods of a subscription: how long each is, for how many it is agreed, the days before the first is charged,
    and whether the buyer may ask that another term follows."""

    months: int
    periods: int = 1
    trial_days: int = 0
    is_renewable: bool = False


@dataclass(frozen=True)
class Tier:
    """`price_minor` for `per` units, up to and with the unit number `up_to`; None is without end."""

    up_to: int | None
    price_minor: int
    per: int = 1


@dataclass(frozen=True)
class Component:
    """What is counted, and what it costs beyond the units that are included in each period."""

    meter: Meter
    model: Model
    tiers: tuple[Tier, ...]
    included: int = 0


@dataclass(frozen=True)
class Metering:
    """What is paid for use, after each period; `cap_minor` is what a buyer's own limit begins with."""

    currency: str
    components: tuple[Component, ...]
    months: int = 1
    minimum_minor: int = 0
    cap_minor: int | None = None


@dataclass(frozen=True)
class Part:
    """One part of a price, and how many days after the start it is due."""

    amount_minor: int
    after_days: int


@dataclass(frozen=True)
class Plan:
    """What is paid and when, before tax. `price` is what one_off and instalments cost in all, and a subscription for
    each period; use is paid by its tiers, and a quote has no price until the seller names one."""

    kind: Kind
    price: Money | None = None
    rhythm: Rhythm | None = None
    metering: Metering | None = None
    parts: tuple[Part, ...] = ()
    refund: Policy | None = None
    """What may be asked back; None is what the exchange's own policy says."""

    @property
    def is_free(self) -> bool:
        """Whether nothing is ever charged."""
        return self.kind == "free"

    @property
    def is_quote(self) -> bool:
        """Whether the seller has still to name the price."""
        return self.kind == "quote"

    @property
    def is_over_time(self) -> bool:
        """Whether more is charged after the first charge."""
        return self.kind in ("subscription", "metered", "instalments")

    @property
    def due_first(self) -> Money | None:
        """What is charged when both have signed; None where nothing is, or not yet."""
        if self.price is None or (self.rhythm and self.rhythm.trial_days):
            return None
        return Money(self.parts[0].amount_minor, self.price.currency) if self.parts else self.price

    @property
    def whole(self) -> Money | None:
        """What is paid in all for what was agreed; None where that depends on the use, or is not named yet."""
        if self.price is None or self.rhythm is None:
            return self.price
        return Money(self.price.minor * self.rhythm.periods, self.price.currency)

    @property
    def currency(self) -> str | None:
        """The currency of all its amounts; None where it has none."""
        if self.metering is not None:
            return self.metering.currency
        return self.price.currency if self.price else None

    def to_dict(self) -> dict[str, Fact]:
        """The one JSON form of the plan; parse() gives the plan back."""
        found: dict[str, Fact] = {"kind": self.kind}
        if self.price is not None:
            found["price"] = {"amount_minor": self.price.minor, "currency": self.price.currency}
        if self.rhythm is not None:
            found |= {
                "months": self.rhythm.months,
                "periods": self.rhythm.periods,
                "trial_days": self.rhythm.trial_days,
                "is_renewable": self.rhythm.is_renewable,
            }
        if self.metering is not None:
            found |= _of_metering(self.metering)
        if self.parts:
            found["parts"] = [
                {"amount_minor": part.amount_minor, "after_days": part.after_days} for part in self.parts
            ]
        if self.refund is not None:
            found["refund"] = self.refund.to_dict()
        return found


def parse(raw: object) -> Plan:
    """Read a plan from its JSON form; Invalid says what is wanted and what was given."""
    plan = dict(_object(raw, "the plan"))
    policy = plan.pop("refund", None)
    found = _of_kind(plan)
    if policy is None:
        return found
    if found.is_free:
        raise _refusal("what is free has nothing to give back")
    return replace(found, refund=refund_policies.parse(policy))


def _of_kind(plan: Mapping[str, object]) -> Plan:
    kind = plan.get("kind")
    if kind in ("free", "quote"):
        _only(plan, {"kind"}, f"a {kind} plan")
        return Plan(kind)
    if kind == "one_off":
        _only(plan, {"kind", "price"}, "a one_off plan")
        return Plan("one_off", _price(plan.get("price"), kind))
    if kind == "subscription":
        return _subscription(plan)
    if kind == "metered":
        return _metered(plan)
    if kind == "instalments":
        return _instalments(plan)
    raise _refusal(f"the plan's kind must be one of {', '.join(KINDS)}; given {_shown(kind)}")


def _subscription(plan: Mapping[str, object]) -> Plan:
    known = {"kind", "price", "months", "periods", "trial_days", "is_renewable"}
    _only(plan, known, "a subscription plan")
    rhythm = Rhythm(
        _number(plan.get("months"), "months", 1, LONGEST_PERIOD_MONTHS),
        _number(plan.get("periods", 1), "periods", 1, MOST_PERIODS),
        _number(plan.get("trial_days", 0), "trial_days", 0, MOST_TRIAL_DAYS),
        _flag(plan.get("is_renewable", False), "is_renewable"),
    )
    return Plan("subscription", _price(plan.get("price"), "subscription"), rhythm)


def _metered(plan: Mapping[str, object]) -> Plan:
    known = {"kind", "currency", "months", "components", "minimum_minor", "cap_minor"}
    _only(plan, known, "a metered plan")
    components = tuple(_component(one) for one in _list(plan.get("components"), "components", 1, len(METERS)))
    if len({one.meter for one in components}) != len(components):
        raise _refusal("a metered plan counts each meter once")
    cap = plan.get("cap_minor")
    metering = Metering(
        _currency(plan.get("currency")),
        components,
        _number(plan.get("months", 1), "months", 1, LONGEST_PERIOD_MONTHS),
        _number(plan.get("minimum_minor", 0), "minimum_minor", 0, LARGEST_MINOR - 1),
        None if cap is None else _number(cap, "cap_minor", 1, LARGEST_MINOR - 1),
    )
    if metering.cap_minor is not None and metering.cap_minor < metering.minimum_minor:
        raise _refusal("cap_minor must not be below minimum_minor")
    if not metering.minimum_minor and not any(tier.price_minor for one in components for tier in one.tiers):
        raise _refusal('a price of zero is not asked for: use {"kind": "free"}')
    return Plan("metered", metering=metering)


def _component(raw: object) -> Component:
    given = _object(raw, "a component")
    _only(given, {"meter", "model", "tiers", "included"}, "a component")
    model = _word(given.get("model"), "model", MODELS)
    tiers = tuple(_tier(one) for one in _list(given.get("tiers"), "tiers", 1, MOST_TIERS))
    if model in ("per_unit", "package") and len(tiers) != 1:
        raise _refusal(f"a component of the model {model} has one tier")
    ends = [tier.up_to for tier in tiers]
    inner = [end for end in ends if end is not None]
    if ends[-1] is not None or len(inner) != len(ends) - 1 or inner != sorted(set(inner)):
        raise _refusal("the tiers of a component rise by up_to, and the last one has none")
    return Component(
        cast(Meter, _word(given.get("meter"), "meter", METERS)),
        cast(Model, model),
        tiers,
        _number(given.get("included", 0), "included", 0, LARGEST_QUANTITY),
    )


def _tier(raw: object) -> Tier:
    given = _object(raw, "a tier")
    _only(given, {"up_to", "price_minor", "per"}, "a tier")
    up_to = given.get("up_to")
    return Tier(
        None if up_to is None else _number(up_to, "up_to", 1, LARGEST_QUANTITY),
        _number(given.get("price_minor"), "price_minor", 0, LARGEST_MINOR - 1),
        _number(given.get("per", 1), "per", 1, LARGEST_QUANTITY),
    )


def _instalments(plan: Mapping[str, object]) -> Plan:
    _only(plan, {"kind", "price", "parts"}, "an instalments plan")
    price = _price(plan.get("price"), "instalments")
    parts = tuple(_part(one) for one in _list(plan.get("parts"), "parts", 2, MOST_PARTS))
    days = [part.after_days for part in parts]
    if days[0] != 0 or days != sorted(set(days)):
        raise _refusal("the first part is due after 0 days, and each later one after more")
    if (asked := sum(part.amount_minor for part in parts)) != price.minor:
        raise _refusal(f"the parts add up to {asked}, and the price is {price.minor}")
    return Plan("instalments", price, parts=parts)


def _part(raw: object) -> Part:
    given = _object(raw, "a part")
    _only(given, {"amount_minor", "after_days"}, "a part")
    return Part(
        _number(given.get("amount_minor"), "amount_minor", 1, LARGEST_MINOR - 1),
        _number(given.get("after_days"), "after_days", 0, LONGEST_INSTALMENTS_DAYS),
    )


def _of_metering(metering: Metering) -> dict[str, Fact]:
    components: list[Fact] = [
        {
            "meter": one.meter,
            "model": one.model,
            "included": one.included,
            "tiers": [
                {"up_to": tier.up_to, "price_minor": tier.price_minor, "per": tier.per} for tier in one.tiers
            ],
        }
        for one in metering.components
    ]
    return {
        "currency": metering.currency,
        "months": metering.months,
        "components": components,
        "minimum_minor": metering.minimum_minor,
        "cap_minor": metering.cap_minor,
    }


def _price(raw: object, kind: str) -> Money:
    price = _object(raw, f"the price of a {kind} plan")
    _only(price, {"amount_minor", "currency"}, "a price")
    minor, currency = price.get("amount_minor"), price.get("currency")
    if type(minor) is not int:
        raise _refusal(f"amount_minor must be a whole number of minor units (cents); given {_shown(minor)}")
    if not isinstance(currency, str):
        raise _refusal(f"currency must be an ISO 4217 code such as EUR; given {_shown(currency)}")
    asked = money.price(minor, currency)
    if not asked:
        raise _refusal('a price of zero is not asked for: use {"kind": "free"}')
    return asked


def _currency(raw: object) -> str:
    if not isinstance(raw, str):
        raise _refusal(f"currency must be an ISO 4217 code such as EUR; given {_shown(raw)}")
    return money.price(0, raw).currency


def _number(raw: object, name: str, least: int, most: int) -> int:
    if type(raw) is not int or not least <= raw <= most:
        raise _refusal(f"{name} must be a whole number from {least} to {most}; given {_shown(raw)}")
    return raw


def _flag(raw: object, name: str) -> bool:
    if not isinstance(raw, bool):
        raise _refusal(f"{name} must be true or false; given {_shown(raw)}")
    return raw


def _word(raw: object, name: str, known: tuple[str, ...]) -> str:
    if not isinstance(raw, str) or raw not in known:
        raise _refusal(f"{name} must be one of {', '.join(known)}; given {_shown(raw)}")
    return raw


def _list(raw: object, name: str, least: int, most: int) -> list[object]:
    if not isinstance(raw, list | tuple) or not least <= len(raw) <= most:
        raise _refusal(f"{name} must be a list of {least} to {most}; given {_shown(raw)}")
    return list(raw)


def _object(raw: object, noun: str) -> Mapping[str, object]:
    if isinstance(raw, Mapping):
        return raw
    raise _refusal(f"{noun} must be an object; given {_shown(raw)}")


def _only(given: Mapping[str, object], known: set[str], noun: str) -> None:
    if unknown := sorted(_shown(key) for key in given if key not in known):
        raise _refusal(
            f"{noun} has {', '.join(sorted(known))} and nothing else; given {', '.join(unknown)} too"
        )


def _shown(value: object) -> str:
    return ascii(value)[:80]


def _refusal(detail: str) -> Invalid:
    return Invalid(detail, code="invalid_plan")
