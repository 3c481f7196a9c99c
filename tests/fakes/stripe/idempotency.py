"""Idempotency keys as Stripe keeps them. In v1 the first answer is kept, whatever it was, and given again for a day; in
v2 what succeeded is given again, and what failed is tried anew."""

from dataclasses import dataclass
from typing import Any

from tests.fakes.stripe.refusals import invalid, key_reused
from tests.fakes.stripe.world import DAY, World

Json = dict[str, Any]
_LONGEST = 255
_KEPT_DAYS, _KEPT_DAYS_V2 = 1, 30


@dataclass(frozen=True)
class Asking:
    """What a key is used for."""

    account: str
    key: str
    method: str
    path: str
    given: Json
    is_v2: bool

    @property
    def what(self) -> tuple[str, str, Json]:
        return self.method, self.path, self.given


@dataclass(frozen=True)
class Kept:
    """The answer that a key gives from now on."""

    asked: Asking
    at: int
    status: int
    body: Any


def kept(world: World, asking: Asking) -> Kept | None:
    """The answer that is there already; a refusal where the key was used for something else."""
    if not asking.key:
        return None
    if len(asking.key) > _LONGEST:
        raise invalid(f"Idempotency keys can have up to {_LONGEST} characters.")
    found: Kept | None = world.kept.get((asking.account, asking.key))
    days = _KEPT_DAYS_V2 if asking.is_v2 else _KEPT_DAYS
    if found is None or found.at + days * DAY <= world.now:
        return None
    if found.asked.what != asking.what:
        raise key_reused(asking.key)
    if asking.is_v2 and found.status >= 400:
        return None
    return found


def keep(world: World, asking: Asking, status: int, body: Any) -> None:
    """Keep the first answer."""
    world.kept[asking.account, asking.key] = Kept(asking, world.now, status, body)
