"""Statements of earnings: what a party earned in one month, each line with the integers that it follows from. Every sum
is done again here, from these integers alone, and the exchange's seal is held against the whole."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature

from compliance.verifier.cases import public_key
from compliance.verifier.errors import Incomplete, Tampered
from compliance.verifier.spelling import read_base64, shown

VERSION = "comptoir.earnings/1"
WHOLE = 10_000
_STANDS = ("held_minor", "payable_minor", "owed_minor")
_SUMS = ("net", "tax", "fee")
_SALES = ("charge.paid", "charge.paid.intermediary", "prepaid.spent", "prepaid.spent.intermediary")
_DIRECT = "charge.paid.direct"
_MOVES = ("hold.released", "receivable.set_off")
"""What brings nothing and takes nothing: money goes from one account of the party to another."""

Line = Mapping[str, Any]


@dataclass
class EarningsFindings:
    """What the check of a statement came to: how many lines follow from their integers, by kind, and which do not tell
    what they follow from."""

    party: str
    period: str
    is_sealed: bool
    done_again: dict[str, int] = field(default_factory=dict)
    taken_as_told: dict[str, int] = field(default_factory=dict)


class _Left:
    """What is left of each sale that the statement tells of, by everything that it says went back of it."""

    def __init__(self) -> None:
        self._sales: dict[str, dict[str, int]] = {}

    def follow(self, line: Line, where: str) -> None:
        """Take one line; Tampered where it says that something else was left."""
        if "sale" in line:
            sale = line["sale"]
            parties = [one["party"] for one in sale["shares"]]
            points = [_whole(one, "basis_points") for one in sale["shares"]]
            parts = dict(zip(parties, largest_remainder(_whole(sale, "held_minor"), points), strict=True))
            self._sales[sale["charge"]] = {name: _whole(sale, f"{name}_minor") for name in _SUMS} | parts
        elif "back" in line and (rest := self._sales.get(line["back"]["charge"])) is not None:
            back = line["back"]
            if line["kind"] != "refund.failed" and rest != _named(back["left"]):
                raise Tampered(f"{where}: this is not what was left of the sale")
            sign = 1 if line["kind"] == "refund.failed" else -1
            gone = _gone(back)
            self._sales[back["charge"]] = {
                name: minor + sign * gone.get(name, 0) for name, minor in rest.items()
            }


def check_statement(file: bytes, seal_key: str | None) -> EarningsFindings:
    """Do every sum of a statement again; Tampered at the first that differs, and where the seal is not the key's."""
    document, seal = read_statement(file)
    if document.get("v") != VERSION:
        raise Incomplete(f"the file is no statement of the form {VERSION}")
    if seal_key is not None:
        require_seal(document, seal, seal_key)
    found = EarningsFindings(str(document.get("party")), str(document.get("period")), seal_key is not None)
    try:
        for one in document["currencies"]:
            _check_currency(one, document, found)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise Tampered("the statement is not of its form") from None
    return found


def read_statement(file: bytes) -> tuple[dict[str, Any], str]:
    """The document of a statement and its seal; Incomplete where the file holds none."""
    whole = _object(file)
    document = whole.get("statement")
    if not isinstance(document, dict):
        raise Incomplete(f"the file is no statement of the form {VERSION}")
    return document, str(whole.get("seal"))


def canonical(document: Mapping[str, Any]) -> bytes:
    """The bytes under the seal: the one spelling of the document."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def largest_remainder(minor: int, weights: Sequence[int]) -> list[int]:
    """`minor` over `weights`; where remainders tie, the earlier weight gets the unit."""
    whole = sum(weights)
    if minor < 0 or whole <= 0 or min(weights) < 0:
        raise ValueError("weights and the sum are zero or more")
    parts = [minor * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda index: (-(minor * weights[index] % whole), index))
    for index in order[: minor - sum(parts)]:
        parts[index] += 1
    return parts


def _check_currency(one: Mapping[str, Any], document: Mapping[str, Any], found: EarningsFindings) -> None:
    stands = {name: _whole(one["opening"], name) for name in _STANDS}
    moment, left = "", _Left()
    for number, line in enumerate(one["lines"], start=1):
        where = f"line {number} of {shown(one['currency'])}"
        if not (str(document["from"]) <= line["at"] < str(document["until"])) or line["at"] < moment:
            raise Tampered(f"{where} does not stand in its place in time")
        moment = line["at"]
        datetime.fromisoformat(moment)
        kind = str(line["kind"])
        is_known = _follows(line, str(document["party"]), where)
        left.follow(line, where)
        counts = found.done_again if is_known else found.taken_as_told
        counts[kind] = counts.get(kind, 0) + 1
        for name in _STANDS:
            stands[name] += _whole(line, name)
    if stands != {name: _whole(one["closing"], name) for name in _STANDS}:
        raise Tampered(
            f"the lines in {shown(one['currency'])} do not lead from the opening to the closing balance"
        )


def _follows(line: Line, party: str, where: str) -> bool:
    """Whether the line tells what it follows from; Tampered where it does not follow."""
    kind = line["kind"]
    held, payable, owed = (_whole(line, name) for name in _STANDS)
    effect = held + payable - owed
    if kind in _SALES:
        if (held, payable, owed) != (_of_sale(line["sale"], party, where), 0, 0):
            raise Tampered(f"{where}: this is not the party’s part of the sale")
    elif kind == _DIRECT:
        _of_sale(line["sale"], party, where)
        if (held, payable, owed) != (0, 0, _whole(line["sale"], "fee_minor")):
            raise Tampered(f"{where}: the fee of a sale that was paid directly is owed")
    elif "back" in line:
        taken = _of_back(line["back"], party, where)
        if effect != (taken if kind == "refund.failed" else -taken):
            raise Tampered(f"{where}: this is not the party’s part of what went back")
    elif kind in _MOVES:
        if effect:
            raise Tampered(f"{where}: money was made or lost on the way")
    elif "payout" in line:
        amount = _whole(line["payout"], "amount_minor")
        if (held, payable, owed) != (0, amount if kind == "payout.failed" else -amount, 0):
            raise Tampered(f"{where}: this is not the amount of the payout")
    else:
        return False
    return True


def _of_sale(sale: Mapping[str, Any], party: str, where: str) -> int:
    """The party's part of a sale: net less the fee, with the tax where sellers owe it, by basis points."""
    gross, net, tax, fee = (_whole(sale, f"{name}_minor") for name in ("gross", *_SUMS))
    held = net - fee + (tax if sale["is_tax_in_parts"] is True else 0)
    parties, points = (
        [one["party"] for one in sale["shares"]],
        [_whole(one, "basis_points") for one in sale["shares"]],
    )
    if gross != net + tax or not 0 <= fee <= net or held != _whole(sale, "held_minor"):
        raise Tampered(f"{where}: the sums of the sale do not add up")
    if sum(points) != WHOLE or parties != sorted(set(parties)) or party not in parties:
        raise Tampered(f"{where}: the parts of all parties do not make a whole")
    part = largest_remainder(held, points)[parties.index(party)]
    if part != _whole(sale, "your_minor"):
        raise Tampered(f"{where}: {points[parties.index(party)]} of {WHOLE} of {held} is {part}")
    return part


def _of_back(back: Mapping[str, Any], party: str, where: str) -> int:
    """The party's part of a sum that went back: of what was left of each part of the sale, by largest remainder."""
    gross, net, tax, fee = (_whole(back, f"{name}_minor") for name in ("gross", *_SUMS))
    left = back["left"]
    if back.get("is_direct") is True:  # the seller gave the money back itself, and need not pay the fee of it
        if not 0 <= fee <= _whole(left, "fee_minor") or gross != net + tax:
            raise Tampered(f"{where}: the exchange gives up no more than its fee")
        return -fee
    if [net, tax] != largest_remainder(gross, [_whole(left, "net_minor"), _whole(left, "tax_minor")]):
        raise Tampered(f"{where}: net and tax do not follow from what was left of them")
    parts = _gone(back)
    if parts["fee"] != fee or parts[party] != _whole(back, "your_minor"):
        raise Tampered(f"{where}: the parts do not follow from what was left of them")
    return parts[party]


def _gone(back: Mapping[str, Any]) -> dict[str, int]:
    """Who gives what of a sum that goes back, of what each has left; net and tax as they are told."""
    net, tax = _whole(back, "net_minor"), _whole(back, "tax_minor")
    if back.get("is_direct") is True:
        return {"net": net, "tax": tax, "fee": _whole(back, "fee_minor")}
    named = _named(back["left"])
    names = sorted(named.keys() - {"net", "tax"})
    shared = net + tax if back["is_tax_in_parts"] is True else net
    parts = largest_remainder(shared, [named[name] for name in names])
    return {"net": net, "tax": tax, **dict(zip(names, parts, strict=True))}


def _named(left: Mapping[str, Any]) -> dict[str, int]:
    parts = {str(one["party"]): _whole(one, "minor") for one in left["parts"]}
    return {name: _whole(left, f"{name}_minor") for name in _SUMS} | parts


def require_seal(document: Mapping[str, Any], seal: str, key: str) -> None:
    """Hold the exchange's seal against a statement; Tampered where it is not the key's."""
    kid, _, encoded = seal.partition(":")
    public = public_key(key)
    try:
        if not key.startswith(f"{kid}:"):
            raise ValueError
        public.verify(read_base64(encoded), canonical(document))
    except (InvalidSignature, Tampered, ValueError):
        raise Tampered("the seal is not one of the key given with --seal-key") from None


def _whole(row: Mapping[str, Any], name: str) -> int:
    value = row[name]
    if type(value) is not int:
        raise ValueError(f"{name} is a whole number")
    return value


def _object(file: bytes) -> dict[str, Any]:
    try:
        data = json.loads(file)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise Tampered("the statement is not a JSON object")
    return data
