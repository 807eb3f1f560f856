"""Forwarding tables of switches, as their command lines print them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.model import Reading
from whence.model.reported import Placed
from whence.switches._platforms import PLATFORMS, Platform
from whence.switches.command_line import CommandLineSwitch
from whence.world.switch_list import Way

LARGEST = 64 << 20  # characters
_THEN = datetime(1970, 1, 1, tzinfo=UTC)
_MAC = re.compile(
    r"(?i)\b(?:[0-9a-f]{4}[.-]){2}[0-9a-f]{4}\b|\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b"
    r"|\b[0-9a-f]{6}-[0-9a-f]{6}\b"
)
_ADDRESS = re.compile(r"\b\d+\.\d+\.\d+\.\d+\b|\blladdr\b")
_HEADING = re.compile(
    r"(?i)mac|vlan|total|entr(?:y|ies)|aging|ageing|count|unit|module|legend|dynamic"
)
_WORDS = re.compile(r"(?i)mac|vlan|port|interface|fdb|bridge|ethernet")


def _looks_like(head: Head) -> float:
    """Say how well the best platform's rows fit those lines that have a MAC address."""
    name, share = _best(head.lines)
    if not name or share < 0.3:
        return 0.0
    named = _WORDS.search("\n".join(line for line in head.lines[:20] if not _MAC.search(line)))
    return 0.85 if named else 0.55


@kind(_looks_like)
def mac_table(lines: Lines, given: Given) -> Iterator[Placed]:
    """Which MAC address is behind which port, as switches print it: show mac address-table.

    Of Cisco IOS and NX-OS, ProCurve and ArubaOS-Switch, AOS-CX, Junos, RouterOS, VRP, Comware. The
    platform is the one whose rows fit best. Which switch it was says its prompt, or --host.
    """
    text: list[str] = []
    size = 0
    for number, line in lines:
        size += len(line) + 1
        if size > LARGEST:
            lines.leave_out(f"lines beyond {LARGEST >> 20} MB of a forwarding table")
        else:
            text += [""] * (number - 1 - len(text)) + [line]
    platform, _ = _best([line for line in text if line][:2000])
    if not platform:
        for number, line in enumerate(text, start=1):
            if line.strip():
                lines.strange(number, line)
        return
    given.assume(f"rows are read as those of {platform}")
    switch = CommandLineSwitch(
        _Printed("\n".join(text)), Way("imported", "ssh", "", {"platform": platform})
    )
    taken = set()
    for learned in switch.learned():
        cited = learned.evidence[0].line
        taken.add(cited)
        vlan = learned.vlans[0] if learned.vlans else None
        yield Placed(cited, learned.mac, learned.port, vlan, str(learned.status))
    for number, line in enumerate(text, start=1):
        if line.strip() and number not in taken:
            _count(lines, number, line, PLATFORMS[platform])


def _count(lines: Lines, number: int, line: str, platform: Platform) -> None:
    if len(line) < 300 and platform.row.match(line):
        lines.leave_out("addresses of the switch itself, and of groups")
    elif _MAC.search(line):
        lines.strange(number, line)
    elif lines.prompt(line) or _HEADING.search(line) or not re.search(r"\d", line):
        lines.part()
    else:
        lines.strange(number, line)


class _Printed:
    """A device that has said all that it will say."""

    name = "imported"

    def __init__(self, text: str) -> None:
        self._reading = Reading("forwarding table", text, _THEN, "")

    def ask(self, question: str) -> Reading:
        return self._reading


def _best(lines: list[str]) -> tuple[str, float]:
    with_mac = [line for line in lines if len(line) < 300 and _MAC.search(line)]
    plain = [line for line in with_mac if not _ADDRESS.search(line)]
    if not plain:
        return "", 0.0
    fits = {
        name: sum(bool(platform.row.match(line)) for line in plain)
        for name, platform in PLATFORMS.items()
    }
    name = max(fits, key=lambda name: fits[name])
    return name, fits[name] / len(with_mac)
