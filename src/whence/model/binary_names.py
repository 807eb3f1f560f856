"""Hosts and URLs that stand in the bytes of a program, with where. Pure, and bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.model.named_hosts import CLEAR
from whence.model.names_said import names_said
from whence.model.program_contents import Said

BEFORE = 260  # bytes that are looked at before a sign of a name
LONGEST = 320
MOST_SIGNS = 20_000
_ENDS = "|".join(sorted(CLEAR.split(), key=len, reverse=True))
# A sign of a name: what all URLs have, an end that is clear, or the dots of an address. Each
# begins with a byte that is rare, so that most of a file is passed over quickly.
_SIGN = re.compile(
    rf"://[A-Za-z0-9\[]|\.(?:{_ENDS})(?![A-Za-z0-9_.-])|\.\d{{1,3}}\.\d{{1,3}}\.\d{{1,3}}".encode()
)
_STRING = re.compile(rb"[\x20-\x7e]+")
_TAIL = re.compile(rb"[\x20-\x7e]*$")


def binary_names(data: bytes) -> Iterator[Said]:
    """Say what printable text in these bytes names; a single word is no more than possible."""
    done = count = 0
    for sign in _SIGN.finditer(data):
        if sign.start() < done:
            continue
        count += 1
        if count > MOST_SIGNS:
            yield Said("not-read", f"what stands behind byte {sign.start():#x}")
            return
        above = data[max(done, sign.start() - BEFORE) : sign.start()]
        tail = _TAIL.search(above)
        start = sign.start() - (len(tail[0]) if tail else 0)
        found = _STRING.match(data, start, sign.start() + LONGEST)
        if found:
            done = found.end()
            yield from names_said(found[0].decode("ascii"), offset=start)
