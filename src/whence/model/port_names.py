"""Names and ranges of ports, as people type them. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from whence.model import BadInput
from whence.model.bisection import Port

MOST = 4096  # ports
DIGITS = 9  # of a port's number; ifIndexes have as many
APART = re.compile(r" \(ifIndex [0-9]+\)\Z")


def read_ports(text: str) -> tuple[Port, ...]:
    """Read names and ranges: 1-24; p1-p24; Gi1/0/1-24,Gi2/0/1.

    Raises
    ------
    BadInput
        If there are none, the same twice, or more than a switch has.

    """
    found: list[Port] = []
    for part in filter(None, map(str.strip, text.split(","))):
        found += _range(part)
        if len(found) > MOST:
            raise _no_ports(text, f"they are more than {MOST:,}, and no switch has as many")
    if not found:
        raise _no_ports(text, "there are none")
    if len(set(found)) != len(found):
        twice = next(port for port, count in Counter(found).items() if count > 1)
        raise _no_ports(text, f"{twice[:40]} is there more than once")
    return tuple(found)


def told_apart(name: str, index: int) -> str:
    """Put the ifIndex behind a name that several ports of a switch have."""
    return f"{name} (ifIndex {index})"


def as_called(name: str) -> str:
    """Give the name that the switch itself has for a port, without what tells it apart."""
    return APART.sub("", name)


def _range(part: str) -> Iterator[Port]:
    """Give the ports of a range; what is none is the name of a port."""
    found = re.fullmatch(r"(.*?)([0-9]+)-(?:\1)?([0-9]+)", part)
    if not found:
        yield part
        return
    stem, first, last = found.groups()
    if max(len(first), len(last)) > DIGITS or int(last) - int(first) >= MOST:
        raise _no_ports(part, f"it is a range of more than {MOST:,}, and no switch has as many")
    if int(last) < int(first):
        raise _no_ports(part, f"the range ends at {last}, before it begins")
    yield from (f"{stem}{number}" for number in range(int(first), int(last) + 1))


def _no_ports(text: str, because: str) -> BadInput:
    shown = f"{text[:80]}…" if len(text) > 80 else text
    return BadInput(
        f"“{shown}” does not name ports",
        because=because,
        try_="--ports 1-24, or: Gi1/0/1-24,Gi2/0/1",
    )
