"""ip neigh of iproute2, as text or JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._ends import address
from whence.model.mac_addresses import canonical_mac
from whence.model.reported import Pairing

_STATE = r"(?:REACHABLE|STALE|DELAY|PROBE|FAILED|INCOMPLETE|PERMANENT|NOARP|NONE)"
_ROW = re.compile(
    r"(?P<ip>[0-9A-Fa-f.:]+) (?:dev (?P<interface>\S+) )?(?:lladdr (?P<mac>\S+) )?(?P<rest>.*?)"
    rf"(?P<state>{_STATE})(?: proto \S+)?\s*"
)

LONGEST = 100_000  # lines of a list
_END = re.compile(r"(?:^|\[|\}) ?\]$")


def _looks_like(head: Head) -> float:
    if head.text.lstrip().startswith("[") and '"dst"' in head.text and '"dev"' in head.text:
        return 0.9
    return 0.95 if head.share(_ROW.fullmatch) > 0.2 else 0.0


@kind(_looks_like, longest=1 << 20)
def ip_neigh(lines: Lines, given: Given) -> Iterator[Pairing]:
    """Which MAC address has which IP address on Linux, by ip neigh, also with -s or -json.

    Those that did not answer are taken in, too. There are no times in it: --began says when it
    was asked for.
    """
    waiting: list[tuple[int, str]] = []  # lines of a list that is not complete yet
    for line, text in lines:
        stripped = text.strip()
        if waiting or (stripped.startswith("[") and len(stripped) <= 1 << 20):
            waiting.append((line, stripped))
            if _END.search(stripped) or len(waiting) > LONGEST:
                yield from _list(lines, waiting)
                waiting = []
        elif (found := _ROW.fullmatch(stripped)) and (ip := address(found["ip"])):
            mac = canonical_mac(found["mac"] or "") or ""
            yield Pairing(line, ip, mac, found["state"], found["interface"] or "")
        elif stripped:
            lines.strange(line, text)
    yield from _list(lines, waiting)


def _list(lines: Lines, told: list[tuple[int, str]]) -> Iterator[Pairing]:
    """Read what ip -json wrote: one line, or with -pretty several."""
    full = [(line, text) for line, text in told if text]
    try:
        entries: Any = msgspec.json.decode("".join(text for _, text in full) or "null")
    except (msgspec.DecodeError, RecursionError):
        for line, text in full:
            lines.strange(line, text)
        return
    objects = [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []
    found = [row for one in objects if (row := _entry(full[0][0], one))]
    lines.part(len(full) - bool(found))
    lines.several(len(found))
    yield from found


def _entry(line: int, told: dict[str, Any]) -> Pairing | None:
    words = {name: told.get(name) for name in ("dst", "dev", "lladdr")}
    ip, interface, mac = (word if isinstance(word, str) else "" for word in words.values())
    plain = address(ip)
    if plain is None:
        return None
    state = told.get("state")
    first = state[0] if isinstance(state, list) and state else ""
    return Pairing(line, plain, canonical_mac(mac) or "", str(first)[:20], interface)
