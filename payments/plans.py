"""Price plans: what a buyer pays and when. Pure; reads a plan strictly or says what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from exchange.kernel import money
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Invalid
from exchange.kernel.money import Money

_KINDS = ("free", "one_off")


@dataclass(frozen=True)
class Plan:
    """Free, or one price paid once, before tax."""

    kind: Literal["free", "one_off"]
    price: Money | None = None

    @property
    def is_free(self) -> bool:
        """Whether nothing is ever charged."""
        return self.price is None

    def to_dict(self) -> dict[str, Fact]:
        """The one JSON form of the plan; parse() gives the plan back."""
        if self.price is None:
            return {"kind": self.kind}
        price: dict[str, Fact] = {"amount_minor": self.price.minor, "currency": self.price.currency}
        return {"kind": self.kind, "price": price}


def parse(raw: object) -> Plan:
    """Read a plan from its JSON form; Invalid says what is wanted and what was given."""
    plan = _object(raw, "the plan")
    kind = plan.get("kind")
    if kind == "free":
        _only(plan, {"kind"}, "a free plan")
        return Plan("free")
    if kind == "one_off":
        _only(plan, {"kind", "price"}, "a one_off plan")
        return Plan("one_off", _price(plan.get("price")))
    raise _refusal(f"the plan's kind must be one of {', '.join(_KINDS)}; given {_shown(kind)}")


def _price(raw: object) -> Money:
    price = _object(raw, "the price of a one_off plan")
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
