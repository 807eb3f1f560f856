"""Which files may hold an address, by the native part of whence.

A scan is only quick: it names files that hold one of the literals, or what begins like a range.
Whether that is the address, and where, is read afterwards.
"""

from __future__ import annotations

import errno
import ipaddress
import os
import re
from collections.abc import Sequence

from whence.model.address_forms import Wanted, literals
from whence.model.mentions import NotRead
from whence.model.octet_ranges import wide_blocks
from whence.world.file_tree import FORBIDDEN, LARGEST, NO_FILE, TOO_LARGE
from whence.world.native_part import load_native_part

PATIENCE = 600.0  # seconds that a scan may take
MAY_NOT = (errno.EPERM, errno.EACCES)


def scan(places: Sequence[str], wanted: Wanted, ranges: bool, not_read: NotRead) -> list[str]:
    """Name the files below these places that may hold the address, or with ``ranges`` one of it.

    Compressed files are only named where ranges are wanted, which is where one looks closely.

    Raises
    ------
    CannotAsk
        If the native part is not there.

    """
    load_native_part("files cannot be searched")
    from whence._native import files_that_may_hold

    found, left_out, ended = files_that_may_hold(
        [*places], [*literals(wanted)], range_pattern(wanted) if ranges else None,
        packed=ranges, largest=LARGEST, patience=PATIENCE,
    )  # fmt: skip
    for number, too_large, example, count in left_out:
        if number is None:
            not_read.add(TOO_LARGE if too_large else NO_FILE, example, count)
        else:
            reason = FORBIDDEN if number in MAY_NOT else os.strerror(number)
            not_read.add(reason, example, count)
    if not ended:
        not_read.add(f"not looked at within {PATIENCE:.0f} s", ", ".join(places))
    return found


def range_pattern(wanted: Wanted) -> str:
    """Give what a range looks like that may hold the address, as an expression for bytes."""
    address = wanted.parsed()
    if isinstance(address, ipaddress.IPv6Address):
        first = int(address) >> 112
        return f"\\b0{{0,3}}(?:{first:x}|{first:X}):[0-9A-Fa-f:]*"
    first = address.packed[0]
    mask = r"""[\s"',;:=]{1,4}[a-zA-Z_ -]{0,12}[\s"':=]{0,4}(?:255|0)\."""
    to = r"[ \t]{0,2}(?:-|\.\.|to)[ \t]{0,2}[0-9]"
    ends = rf"""\*|/[0-9]|{to}|\.[\s,;"']|{mask}"""
    some = r"[0-9]{1,3}-[0-9]{1,3}"
    octets = r"(?:\.[0-9*][0-9,*-]*){3}"
    listed = rf"{first}(?:\.[0-9]{{1,3}}){{1,3}},[0-9][0-9,]*(?:-[0-9]|\.[0-9*])"
    span = rf"[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}}{to}{{1,3}}\."
    columns = rf"{first}(?:\.[0-9]{{1,3}}){{2}}\.[0-9]{{1,6}}(?:\.[0-9]{{1,3}}){{3}}"  # of SQLite
    wide = "|".join(map(re.escape, wide_blocks(address)))
    # Whatever stands before it: in a row of SQLite one text follows the other without a space.
    return "|".join(
        (rf"{first}\.(?:[0-9.]*(?:{ends}))|{first}/8", some + octets, listed, span, columns, wide)
    )
