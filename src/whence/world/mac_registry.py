"""Who made a network card: the registries of the IEEE, packed; and newer ones the user brings.

The packed form is xz of UTF-8 text. Its first line is JSON: ``date`` (of the registries),
``source``, ``licence``. Each further line is a prefix of 6 (MA-L, CID), 7 (MA-M) or 9 (MA-S, IAB)
hex digits in upper case, a tab, and who it was assigned to. ``bench/station/pack_registry.py``
makes the bundled one.
"""

from __future__ import annotations

import json
import lzma
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from whence.model import CannotStore, Reading
from whence.world.contracts import Clock
from whence.world.durable import make_folder, replace

BUNDLED = Path(__file__).with_name("mac_registry.xz")
OWN = "mac-registry.xz"  # beside the user's cases
HEAD = ("date", "source", "licence")
LENGTHS = (9, 7, 6)  # hex digits of a prefix, the longest first: blocks lie within blocks
LARGEST = 64 << 20  # bytes, unpacked; all registries of 2026 take 2 MB
ISSUER = "IEEE Registration Authority"  # holds what is given out in smaller blocks


@dataclass(frozen=True, slots=True)
class Registry:
    """Who was assigned what, and how old that is."""

    date: date
    source: str
    licence: str
    makers: Mapping[str, str]  # prefix, 6, 7 or 9 hex digits in upper case → who has it

    def packed(self, effort: int = 1) -> bytes:
        """Write the packed form; ``effort`` is a preset of xz(1): 1 is quick, 9 is small."""
        head = {"date": self.date.isoformat(), "source": self.source, "licence": self.licence}
        lines = (f"{prefix}\t{maker}\n" for prefix, maker in sorted(self.makers.items()))
        text = json.dumps(head) + "\n" + "".join(lines)
        return lzma.compress(text.encode(), preset=effort)


@dataclass(frozen=True, slots=True)
class RegistryStatus:
    """Which registry is in use."""

    path: str
    date: date
    source: str
    licence: str
    assignments: Mapping[str, int]  # registry → how many


@dataclass(frozen=True, slots=True)
class _Opened:
    path: Path
    head: Mapping[str, str]
    lines: list[str]  # sorted, as they were packed

    def line(self, prefix: str) -> str:
        start = f"{prefix}\t"
        at = bisect_left(self.lines, start)
        found = self.lines[at] if at < len(self.lines) else ""
        return found if found.startswith(start) else ""

    def makers(self) -> dict[str, str]:
        rows = (line.partition("\t") for line in self.lines)
        return {prefix: maker for prefix, _, maker in rows}


@dataclass(slots=True)
class MacRegistry:
    """The newer of the bundled registry and the user's own: a ``world.MacMakers``."""

    state: Path
    observer: str
    clock: Clock
    _opened: _Opened | None = field(default=None, init=False)

    def maker(self, mac: str) -> Reading:
        """Say whose block a MAC address is of; no lines where nobody has it."""
        opened = self._open()
        digits = mac.replace(":", "").upper()
        found = next((line for n in LENGTHS if (line := opened.line(digits[:n]))), "")
        text = ""
        if found:
            prefix, _, maker = found.partition("\t")
            written = ":".join(re.findall("..?", prefix)).lower()
            told = {
                "maker": "" if maker == ISSUER else maker,
                "block": f"{written}/{4 * len(prefix)}",
                "registry": _registry_of(prefix),
                "date": opened.head["date"],
                "source": opened.head["source"],
            }
            text = json.dumps(told, ensure_ascii=False) + "\n"
        return Reading(f"maker of {mac}", text, self.clock(), self.observer)

    def status(self) -> RegistryStatus:
        """Say which registry is in use, of when, and how much is in it."""
        opened = self._open()
        return RegistryStatus(
            str(opened.path),
            date.fromisoformat(opened.head["date"]),
            opened.head["source"],
            opened.head["licence"],
            dict(sorted(Counter(map(_registry_of, opened.makers())).items())),
        )

    def update(self, newer: Registry) -> None:
        """Lay newer assignments over those in use, and keep the result as the user's own.

        Raises
        ------
        CannotStore, NotPermitted
            If it cannot be written.

        """
        makers = self._open().makers() | dict(newer.makers)
        packed = Registry(newer.date, newer.source, newer.licence, makers).packed()
        make_folder(self.state, 0o700)
        replace(self.state / OWN, packed, 0o600)
        self._opened = None

    def _open(self) -> _Opened:
        if self._opened is None:
            bundled, own = _read(BUNDLED), self.state / OWN
            newer = _read(own) if own.exists() else bundled
            self._opened = newer if newer.head["date"] >= bundled.head["date"] else bundled
        return self._opened


def _read(path: Path) -> _Opened:
    try:
        packed = path.read_bytes()
        text = lzma.LZMADecompressor().decompress(packed, max_length=LARGEST).decode()
        first, *lines = text.splitlines()
        head = json.loads(first)
        date.fromisoformat(head["date"])
        return _Opened(path, {name: head[name] for name in HEAD}, lines)
    except (OSError, lzma.LZMAError, ValueError, KeyError, TypeError) as e:
        raise CannotStore(
            f"the registry of MAC addresses in {path} cannot be read",
            because=str(e),
            try_=f"remove {path}, or: whence data update --from FILE",
        ) from e


def _registry_of(prefix: str) -> str:
    if len(prefix) == 6:  # AA0000 and its kin are DEC's, from before there were company ids
        return "CID" if prefix[1] == "A" and not prefix.startswith("AA") else "MA-L"
    return "MA-M" if len(prefix) == 7 else "MA-S"
