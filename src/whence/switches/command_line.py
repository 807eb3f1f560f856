"""Switches by their command line, for those that have no SNMP, or do not let it be seen."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.model import CannotAsk, Line, Reading
from whence.model.computed_once import computed_once
from whence.model.plural import many
from whence.model.switching import (
    CAPABILITIES,
    Counters,
    Identity,
    Learned,
    Neighbour,
    Port,
    Resolved,
)
from whence.switches._forwarding_rows import LONGEST, Entry, entry
from whence.switches._platforms import PLATFORMS, Platform
from whence.world import Device
from whence.world.switch_list import Driver, Way

# The letters by which `show lldp neighbors detail` tells capabilities.
LETTERS = {"B": "bridge", "R": "router", "W": "access-point", "T": "telephone", "S": "station",
           "P": "repeater", "C": "cable-modem", "O": "other"}  # fmt: skip
_FIELD = re.compile(
    r"\s*(?P<name>Local (?:Intf|Port id)|Chassis id|Port id|System Name|System Description"
    r"|Enabled Capabilities|(?:Management|IP|IPv4) [Aa]ddress|IP)\s*:\s*(?P<value>.*)$"
)
NOT_ADVERTISED = "not advertised"


class CommandLineSwitch:
    """Asks for the forwarding table in the words of a platform."""

    def __init__(self, device: Device, way: Way) -> None:
        self.name = way.name
        self._device = device
        self._platform = _platform(way.options.get("platform", ""))
        self._remarks: list[str] = []
        self._missing: list[str] = []

    def identity(self) -> Identity:
        """Give the name of the settings: command lines tell theirs in too many ways."""
        return Identity(self.name, "by its command line", evidence=(self._forwarding.whole(),))

    def ports(self) -> Iterator[Port]:
        """Give the ports at which anybody is heard; of others a forwarding table says nothing."""
        seen: dict[str, Learned] = {}
        for row in self.learned():
            seen.setdefault(row.port, row)
        for name, row in seen.items():
            yield Port(None, name, up=True, evidence=row.evidence)

    def learned(self) -> Iterator[Learned]:
        """Give its forwarding table; lines with an address that do not fit are counted."""
        strange = 0
        for line in self._forwarding.lines():
            found = entry(self._platform, line)
            if found is None:
                strange += bool(_ANY_MAC.search(line))
            elif found.has_place:
                yield _learned(found, line)
        if strange:
            self._remark(f"{many(strange, 'line')} with an address could not be read")
            self._missing = self._remarks[-1:]

    def neighbours(self) -> Iterator[Neighbour]:
        """Give whom it heard by LLDP, where the platform's answer is known."""
        if not self._platform.neighbours:
            self._remark("neighbours are not asked for by command line on this platform")
            return
        try:
            reading = self._device.ask(self._platform.neighbours)
        except CannotAsk as reason:
            self._remark(f"neighbours are not known: {reason}")
            return
        yield from _neighbours(reading.lines())

    def counters(self) -> Iterator[Counters]:
        """Give none: they are asked for by SNMP."""
        return iter(())

    def resolved(self) -> Iterator[Resolved]:
        """Give none."""
        return iter(())

    def remarks(self) -> tuple[str, ...]:
        """Say what could not be read so far."""
        return tuple(self._remarks)

    def missing(self) -> tuple[str, ...]:
        """Say what was printed, and could not be read."""
        return tuple(self._missing)

    @computed_once
    def _forwarding(self) -> Reading:
        return self._device.ask(self._platform.forwarding)

    def _remark(self, text: str) -> None:
        if text not in self._remarks:
            self._remarks.append(text)


_ANY_MAC = re.compile(
    r"(?i)\b(?:[0-9a-f]{4}[.-]){2}[0-9a-f]{4}\b|\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b"
)


def _platform(name: str) -> Platform:
    try:
        return PLATFORMS[name]
    except KeyError:
        raise CannotAsk(
            f"the platform “{name}” is not known", try_=", ".join(sorted(PLATFORMS))
        ) from None


def _learned(found: Entry, line: Line) -> Learned:
    return Learned(
        found.mac,
        found.port,
        None,
        () if found.vlan is None else (found.vlan,),
        found.vlan or 0,
        found.status,
        found.age,
        (line.evidence,),
    )


def _neighbours(lines: Iterator[Line]) -> Iterator[Neighbour]:
    """Read blocks of “name: value”; the first name that comes again begins the next block."""
    block: dict[str, tuple[str, Line]] = {}
    for line in lines:
        found = _FIELD.match(line) if len(line) < LONGEST else None
        if not found:
            continue
        name = found["name"].lower()
        if name in block and name in ("local intf", "chassis id"):
            yield from _neighbour(block)
            block = {}
        if name not in block and found["value"].strip():
            block[name] = (found["value"].strip(), line)
    yield from _neighbour(block)


def _neighbour(block: dict[str, tuple[str, Line]]) -> Iterator[Neighbour]:
    told = {name: value for name, (value, _) in block.items() if NOT_ADVERTISED not in value}
    port = told.get("local intf") or told.get("local port id")
    if not port or "chassis id" not in told:
        return
    digits = re.sub(r"[^0-9a-f]", "", told["chassis id"].lower())
    is_mac = len(digits) == 12 and bool(_ANY_MAC.fullmatch(told["chassis id"]))
    letters = re.findall(r"[A-Z]", told.get("enabled capabilities", ""))
    able = frozenset(LETTERS[letter] for letter in letters if letter in LETTERS)
    addresses = [
        told[name] for name in ("ip", "management address", "ipv4 address") if name in told
    ]
    yield Neighbour(
        port,
        "lldp",
        None,
        bytes.fromhex(digits).hex(":") if is_mac else told["chassis id"],
        told.get("port id", ""),
        told.get("system name", ""),
        told.get("system description", ""),
        able & set(CAPABILITIES),
        tuple(addresses),
        tuple(line.evidence for _, line in block.values()),
    )


SSH = Driver("ssh", CommandLineSwitch)
