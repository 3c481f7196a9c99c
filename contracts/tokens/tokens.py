"""Download tokens: a short-lived signed right to start one transfer, or to go on with one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import quote
from uuid import UUID

from django.conf import settings

from compliance.health import access
from contracts.tokens.bindings import UNBOUND, Binding, claims_of, read_from
from exchange.kernel import own_tokens
from exchange.kernel.actors import Actor, Kind
from exchange.kernel.ids import new_id
from exchange.kernel.own_tokens import OwnPurpose
from exchange.kernel.signing import BadToken

AUDIENCE = "download"
_id = lru_cache(16_384)(UUID)  # the same few come again and again


@dataclass(frozen=True)
class DownloadToken:
    """The claims of a token: under which entitlement, for which asset, by whom, and which transfer it goes on
    with, if any. `id` names the one transfer that a token without one starts; `ended_at` is there where a token
    was ours and is over, which is refused and recorded."""

    id: str
    entitlement_id: UUID
    asset_id: UUID
    buyer_id: UUID
    actor: str
    actor_kind: Kind
    transfer_id: UUID | None
    ended_at: datetime | None = None
    binding: Binding = UNBOUND


def issue(
    *,
    entitlement_id: UUID,
    asset_id: UUID,
    transfer_id: UUID | None,
    by: Actor,
    binding: Binding = UNBOUND,
) -> tuple[str, datetime]:
    """A token and when it ends."""
    expires = by.at + timedelta(seconds=settings.EXCHANGE_DOWNLOAD_TOKEN_SECONDS)
    claims = {
        "jti": new_id().hex,  # in the order of time, as it is indexed by
        "entitlement": str(entitlement_id),
        "asset": str(asset_id),
        "sub": str(by.participant_id),
        "actor": by.name,
        "kind": str(by.kind),
        "transfer": str(transfer_id) if transfer_id else None,
        **claims_of(binding),
    }
    access.note_token(claims["jti"], entitlement_id=entitlement_id, asset_id=asset_id, at=by.at)
    return own_tokens.sign(OwnPurpose.DOWNLOAD, claims, audience=AUDIENCE, expires=expires), expires


def read(token: str, *, now: datetime) -> DownloadToken:
    """The claims of a token that this exchange signed; BadToken for any other."""
    ended_at = None
    try:
        claims = own_tokens.read(OwnPurpose.DOWNLOAD, token, audience=AUDIENCE, now=now)
    except BadToken as refusal:
        if refusal.claims is None:
            raise
        claims, ended_at = refusal.claims, datetime.fromtimestamp(refusal.claims["exp"], UTC)
    try:
        return DownloadToken(
            id=str(claims["jti"]),
            entitlement_id=_id(claims["entitlement"]),
            asset_id=_id(claims["asset"]),
            buyer_id=_id(claims["sub"]),
            actor=str(claims["actor"]),
            actor_kind=Kind(claims["kind"]),
            transfer_id=UUID(claims["transfer"]) if claims["transfer"] else None,
            ended_at=ended_at,
            binding=read_from(claims),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadToken("this token lacks what a download needs") from None


def link(token: str, name: str) -> str:
    """The address at which the gateway takes the token; the name is what the file will be called."""
    return f"{settings.EXCHANGE_URL}/d/{token}/{quote(name, safe='')}"
