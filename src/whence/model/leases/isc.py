"""dhcpd.leases(5) of ISC's server, of Debian, pfSense and many appliances.

The file only grows: of several blocks for one address, the last is true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from whence.model.evidence import Evidence, Line, Reading
from whence.model.leases.lease import Lease, canonical_ip, mac_of_duid, moment
from whence.model.mac_addresses import canonical_mac

BEGIN = frozenset({"lease", "iaaddr", "iaprefix"})
WORDS = frozenset({"hardware", "client-hostname", "set", "binding", "ends"})  # what is kept
_BEGIN = re.compile(r"\s*\S+\s+(\S+)\s*\{")
_CLIENT6 = re.compile(r'\s*ia-(?:na|ta|pd)\s+"((?:[^"\\]|\\.)*)"\s*\{')
_MAC = re.compile(r"\s*hardware\s+\S+\s+([0-9a-fA-F:]+)\s*;")
_NAME = re.compile(r'\s*client-hostname\s+"((?:[^"\\]|\\.)*)"')
_VENDOR = re.compile(r'\s*set\s+vendor-class-identifier\s*=\s*"((?:[^"\\]|\\.)*)"')
_STATE = re.compile(r"\s*binding\s+state\s+(\w+)\s*;")
_ENDS = re.compile(r"\s*ends\s+(?:epoch\s+(\d+)|\d\s+(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d)|never)")
_ESCAPED = re.compile(r"\\([0-7]{3}|.)")


def isc_leases(reading: Reading) -> Iterator[Lease]:
    """Give each block, in the order of the file."""
    block: _Block | None = None
    duid = b""
    for line in reading.lines():
        word = line.split(None, 1)[0] if line.strip() else ""
        if word in ("ia-na", "ia-ta", "ia-pd"):
            found = _CLIENT6.match(line)
            duid = _bytes(found[1])[4:] if found else b""  # before it stands the IAID
        elif word in BEGIN:
            if found := _BEGIN.match(line):
                is_v6 = word != "lease"
                block = _Block(found[1], line.evidence, mac_of_duid(duid) if is_v6 else None)
        elif block and word.startswith("}"):
            yield from block.lease()
            block = None
        elif block and word in WORDS:
            block.take(line)


class _Block:
    """What was read of a lease so far."""

    def __init__(self, ip: str, evidence: Evidence, mac: str | None) -> None:
        self._ip = canonical_ip(ip.partition("/")[0])
        self._mac = mac or ""
        self._name = self._state = self._vendor = ""
        self._ends: datetime | None = None
        self._evidence = [evidence]

    def take(self, line: Line) -> None:
        if found := _MAC.match(line):
            self._mac = canonical_mac(found[1]) or ""
        elif found := _NAME.match(line):
            self._name = _bytes(found[1]).decode("utf-8", "replace")
        elif found := _VENDOR.match(line):
            self._vendor = _bytes(found[1]).decode("utf-8", "replace")
            return
        elif found := _STATE.match(line):
            self._state = found[1]
            return
        elif found := _ENDS.match(line):
            self._ends = moment(found[1]) if found[1] else _utc(found[2])
            return
        else:
            return
        self._evidence.append(line.evidence)

    def lease(self) -> Iterator[Lease]:
        if self._ip:
            cited = tuple(self._evidence)
            yield Lease(
                self._ip, self._mac, self._name, self._state, self._ends, cited, self._vendor
            )


def _utc(text: str | None) -> datetime | None:
    try:
        return datetime.strptime(text or "", "%Y/%m/%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _bytes(text: str) -> bytes:
    """Undo the escapes of dhcpd: a backslash and three octal digits, or the character itself."""

    def meant(found: re.Match[str]) -> str:
        code = found[1]
        return chr(int(code, 8) & 0xFF) if len(code) == 3 else code

    return _ESCAPED.sub(meant, text).encode("latin-1", "replace")
