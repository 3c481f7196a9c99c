"""Writes a small MaxMind database (version 2 of its format, IPv4, records of 24 bits), as publishers of them do."""

import ipaddress
from collections.abc import Mapping
from typing import Any

_MARKER = b"\xab\xcd\xefMaxMind.com"
_UINT16, _UINT32, _UINT64 = bytes([5 << 5 | 2]), bytes([6 << 5 | 4]), bytes([8, 2])
_WIDTHS = {_UINT16: 2, _UINT32: 4, _UINT64: 8}


def written(countries: Mapping[str, Any]) -> bytes:
    """A database of networks, such as 192.0.2.0/24, each with its record."""
    nodes: list[list[Any]] = [[None, None]]
    for network, record in countries.items():
        _put(nodes, ipaddress.IPv4Network(network), record)
    data, offsets = b"", {}
    for node in nodes:
        for side in node:
            if side is not None and not isinstance(side, int):
                key = repr(side)
                if key not in offsets:
                    offsets[key] = len(data)
                    data += _encoded(side)
    tree = b"".join(_record(side, len(nodes), offsets) for node in nodes for side in node)
    about = {
        "node_count": (_UINT32, len(nodes)),
        "record_size": (_UINT16, 24),
        "ip_version": (_UINT16, 4),
        "database_type": "Test-Country",
        "languages": ["en"],
        "binary_format_major_version": (_UINT16, 2),
        "binary_format_minor_version": (_UINT16, 0),
        "build_epoch": (_UINT64, 1_800_000_000),
        "description": {"en": "of tests"},
    }
    return tree + bytes(16) + data + _MARKER + _encoded(about)


def _put(nodes: list[list[Any]], network: ipaddress.IPv4Network, record: Any) -> None:
    at, bits = 0, f"{int(network.network_address):032b}"[: network.prefixlen]
    for bit in bits[:-1]:
        if nodes[at][int(bit)] is None:
            nodes.append([None, None])
            nodes[at][int(bit)] = len(nodes) - 1
        at = nodes[at][int(bit)]
    nodes[at][int(bits[-1])] = record


def _record(side: Any, count: int, offsets: Mapping[str, int]) -> bytes:
    if isinstance(side, int):
        return side.to_bytes(3)
    return (count if side is None else count + 16 + offsets[repr(side)]).to_bytes(3)


def _encoded(value: Any) -> bytes:
    if isinstance(value, str):
        said = value.encode()
        return bytes([2 << 5 | len(said)]) + said
    if isinstance(value, dict):
        inside = b"".join(_encoded(name) + _encoded(one) for name, one in value.items())
        return bytes([7 << 5 | len(value)]) + inside
    if isinstance(value, list):
        return bytes([len(value), 4]) + b"".join(map(_encoded, value))
    kind, number = value if isinstance(value, tuple) else (_UINT32, value)
    return kind + int(number).to_bytes(_WIDTHS[kind])
