"""What a buyer may ask back, and until when. Pure; a policy is part of what is signed, and frozen on each charge."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast, get_args

from django.conf import settings

from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Invalid

Kind = Literal["none", "unused", "any"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LONGEST_WINDOW_DAYS = 365


@dataclass(frozen=True)
class Policy:
    """`unused`: the price is given back while nothing was taken; `any`: it may also be asked for once something was,
    and the seller decides; `none`: nothing may be asked for. The window runs from the payment."""

    kind: Kind
    window_days: int = 0

    def ends_at(self, paid_at: datetime) -> datetime:
        """Until when the buyer may ask."""
        return paid_at + timedelta(days=self.window_days)

    def to_dict(self) -> dict[str, Fact]:
        """The one JSON form of the policy; parse() gives the policy back."""
        return {"kind": self.kind, "window_days": self.window_days}


NONE = Policy("none")


def parse(raw: object) -> Policy:
    """Read a policy from its JSON form; Invalid says what is wanted and what was given."""
    if not isinstance(raw, Mapping) or not {"kind"} <= set(raw) <= {"kind", "window_days"}:
        raise _refusal(f"a refund policy has kind and window_days and nothing else; given {ascii(raw)[:80]}")
    kind, days = raw["kind"], raw.get("window_days", 0)
    if kind not in KINDS:
        raise _refusal(f"a refund policy's kind is one of {', '.join(KINDS)}; given {ascii(kind)[:80]}")
    if type(days) is not int or not 0 <= days <= LONGEST_WINDOW_DAYS:
        raise _refusal(
            f"window_days is a whole number from 0 to {LONGEST_WINDOW_DAYS}; given {ascii(days)[:80]}"
        )
    if (kind == "none") != (days == 0):
        raise _refusal("a policy of none has no window, and every other has one of a day or more")
    return Policy(cast(Kind, kind), days)


def thaw(raw: object) -> Policy:
    """The policy that a charge was made with; one from before there were policies lets nothing be asked."""
    return parse(raw) if raw else NONE


def default() -> Policy:
    """What holds where an offer says nothing of it."""
    kind = cast(Kind, settings.EXCHANGE_REFUND_POLICY)
    return NONE if kind == "none" else Policy(kind, settings.EXCHANGE_REFUND_DAYS)


def _refusal(detail: str) -> Invalid:
    return Invalid(detail, code="invalid_refund_policy")
