"""Objects of Stripe as plain dictionaries: the pinned version of the API may be older than the types of the SDK."""

from collections.abc import Mapping
from typing import Any, TypeAlias
from uuid import UUID

import stripe

Object: TypeAlias = dict[str, Any]


def plain(found: stripe.StripeObject) -> Object:
    """The object and all in it."""
    return found.to_dict(for_json=True)


def id_of(found: object) -> str | None:
    """The id of what stands there as an id, or whole."""
    if isinstance(found, Mapping):
        found = found.get("id")
    return found if isinstance(found, str) else None


def ours(found: Mapping[str, Any], name: str) -> UUID | None:
    """The id of our own row that was written on the object; None for what is not this exchange's."""
    try:
        return UUID(str((found.get("metadata") or {}).get(name)))
    except ValueError:
        return None
