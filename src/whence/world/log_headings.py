"""The lines at the head of a log which say what the columns below are.

The native part reads them; whoever follows a file hands them on, because the lines that come later
cannot be read without. They are those of the Extended Log File Format (W3C WD-logfile-960323), of
Zeek's tables and of flow logs of AWS VPCs.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from whence.world.wide_lines import wide

_NAMES = (b"#Version:", b"#Fields:", b"#Date:", b"#Time Format:", b"#separator ", b"#fields\t",
          b"#path\t")  # fmt: skip
_ANEW = (b"#Version:", b"#separator ")  # with these a head begins
BEGIN = 16 << 10  # bytes of a file in which its head is
BEGINNINGS = (b"#", b"\xff", b"\xfe")  # of lines that a head has further below, also in UTF-16
_LONGEST = 4096  # bytes of a line
_MARK = b"\xef\xbb\xbf"


def amended(heading: list[str], lines: Iterable[bytes]) -> list[str]:
    """Give the head as it is after these lines, of which most are none of it."""
    for line in lines:
        plain = _narrow(line).removeprefix(_MARK).rstrip(b"\r")
        name = _name(plain)
        if not name or len(plain) > _LONGEST:
            continue
        text = plain.decode("utf-8", "replace")
        kept = [] if name in _ANEW else [one for one in heading if _name(one.encode()) != name]
        heading = [*kept, text]
    return heading


def read_heading(file: int) -> list[str]:
    """Read the head of an open file."""
    begin = os.pread(file, BEGIN, 0)
    if order := wide(begin[:4]):
        whole = begin[: order.end_of_lines(begin)]
        return amended([], map(order.message, order.lines(whole)))
    return amended([], begin.split(b"\n")[:-1])


def _narrow(line: bytes) -> bytes:
    """Give a line of UTF-16, which says that it is by its mark, as one of UTF-8."""
    if line[:1] not in BEGINNINGS[1:] or not (order := wide(line[:4])):
        return line
    return line.removeprefix(order.mark).decode(order.codec, "replace").encode()


def _name(line: bytes) -> bytes:
    """Say which line of a head it is; empty: none."""
    if line.startswith(b"#"):
        return next((name for name in _NAMES if line.startswith(name)), b"")
    words = line.split(b" ") if b" srcaddr" in line else []
    plain = line.replace(b" ", b"").replace(b"-", b"")
    is_flow = b"dstaddr" in words and b"start" in words and plain.isalpha() and plain.islower()
    return b"flow" if is_flow else b""
