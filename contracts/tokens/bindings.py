"""What a download token may be bound to beside its right: ranges of network addresses, and a key of the client that
proves itself with each request. Who carries a bound token off cannot use it from elsewhere, or without the key."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contracts.models import SeenProof
from contracts.tokens.dpop import KEPT_SECONDS, MISSING, Proof
from exchange.kernel.errors import Forbidden, Invalid

MOST_RANGES = 8

SENTENCES = {
    "address_not_bound": "this token is bound to other network addresses",
    "dpop_missing": "this token is bound to a key; send a proof in the header DPoP",
    "dpop_bad": "the proof in the header DPoP is none that can be checked",
    "dpop_wrong_key": "the proof was signed by another key than this token is bound to",
    "dpop_wrong_request": "the proof was signed for another request or another token",
    "dpop_stale": "the proof is too old, or from the future; sign a new one for each request",
    "dpop_used": "this proof was used before; sign a new one for each request",
}


@dataclass(frozen=True)
class Binding:
    """`network`: from which addresses a token opens anything, all when empty. `key`: the thumbprint of the key that
    must sign a proof for each request; none when empty."""

    network: tuple[str, ...] = ()
    key: str = ""

    def __bool__(self) -> bool:
        return bool(self.network or self.key)


UNBOUND = Binding()


def wanted(network: Sequence[str], proof: Proof | None, now: datetime) -> Binding:
    """The binding that a buyer asks for: these ranges, and the key behind `proof`, which is used up by it."""
    if len(network) > MOST_RANGES:
        raise Invalid(f"a token is bound to at most {MOST_RANGES} address ranges", code="bad_network")
    ranges = tuple(dict.fromkeys(_range(text) for text in network))
    if proof is None:
        return Binding(ranges)
    if (code := proof.code or _spend(proof, now)) is not None:
        raise Forbidden(SENTENCES[code], code=code)
    return Binding(ranges, proof.key)


def refusal(binding: Binding, address: str | None, proof: Proof | None, now: datetime) -> str | None:
    """Why a request with a token so bound is refused, or None. A proof that is taken is used up in the open
    transaction, so that of two requests with copies of it one is refused, at whichever gateways they came."""
    if binding.network and not _is_within(binding.network, address):
        return "address_not_bound"
    if not binding.key:
        return None
    proof = proof or MISSING
    if proof.code is not None:
        return proof.code
    return _spend(proof, now) if proof.key == binding.key else "dpop_wrong_key"


def claims_of(binding: Binding) -> dict[str, Any]:
    """How a token says it; `cnf` as RFC 9449 has it."""
    claims: dict[str, Any] = {}
    if binding.network:
        claims["net"] = list(binding.network)
    if binding.key:
        claims["cnf"] = {"jkt": binding.key}
    return claims


def read_from(claims: Mapping[str, Any]) -> Binding:
    """The binding that a token's claims say."""
    if "net" not in claims and "cnf" not in claims:
        return UNBOUND
    return Binding(tuple(str(one) for one in claims.get("net", ())), str(claims.get("cnf", {}).get("jkt", "")))


def forget(*, now: datetime) -> int:
    """Drop used proofs that no clock takes any more; answers how many."""
    count, _ = SeenProof.objects.filter(seen_at__lt=now - timedelta(seconds=KEPT_SECONDS)).delete()
    return count


def _spend(proof: Proof, now: datetime) -> str | None:
    _, is_new = SeenProof.objects.get_or_create(pk=proof.id, defaults={"seen_at": now})
    return None if is_new else "dpop_used"


def _range(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError:
        raise Invalid("a network is an address or a range such as 192.0.2.0/24", code="bad_network") from None


def _is_within(network: Sequence[str], address: str | None) -> bool:
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found
    return any(found in ipaddress.ip_network(one) for one in network)
