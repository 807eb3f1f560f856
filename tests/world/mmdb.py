"""Writes a table in MaxMind's format (MaxMind DB 2.0): one network, one record."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Any

WIDE = {"build_epoch": 9, "node_count": 6, "autonomous_system_number": 6}  # else 16 bits wide
MARK = b"\xab\xcd\xefMaxMind.com"


def write_mmdb(path: Path, network: str, record: dict[str, Any]) -> None:
    """A tree with a node for each bit of the prefix, each of two pointers of 24 bits."""
    net = ipaddress.ip_network(network)
    count = net.prefixlen
    bits = f"{int(net.network_address):0{net.max_prefixlen}b}"[:count]
    nodes = b""
    for depth, bit in enumerate(bits):
        onward = depth + 1 if depth + 1 < count else count + 16  # the first byte of the data
        pair = (onward, count) if bit == "0" else (count, onward)  # count: nothing is known
        nodes += b"".join(pointer.to_bytes(3, "big") for pointer in pair)
    metadata = {
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "build_epoch": 1893456000,  # 2030
        "database_type": "Test",
        "description": {"en": "a test"},
        "ip_version": net.version,
        "languages": ["en"],
        "node_count": count,
        "record_size": 24,
    }
    path.write_bytes(nodes + bytes(16) + _packed(record) + MARK + _packed(metadata))


def _packed(value: Any, kind: int = 5) -> bytes:
    if isinstance(value, dict):
        pairs = (_packed(key) + _packed(one, WIDE.get(key, 5)) for key, one in value.items())
        return _head(7, len(value)) + b"".join(pairs)
    if isinstance(value, list):
        return _head(11, len(value)) + b"".join(map(_packed, value))
    if isinstance(value, str):
        return _head(2, len(value.encode())) + value.encode()
    number = int(value)
    size = (number.bit_length() + 7) // 8
    return _head(kind, size) + number.to_bytes(size, "big")


def _head(kind: int, size: int) -> bytes:
    """The type in the upper three bits; beyond seven it is in a byte of its own."""
    extended = bytes((kind - 7,)) if kind > 7 else b""
    first = 0 if kind > 7 else kind << 5
    if size < 29:
        return bytes((first | size,)) + extended
    return bytes((first | 29,)) + extended + bytes((size - 29,))
