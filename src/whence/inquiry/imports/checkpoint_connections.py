"""“fw tab -t connections” of Check Point."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address

from whence.inquiry.imports._declare import Given, Lines, by_row, kind
from whence.inquiry.imports._sessions import session, table_time
from whence.model.reported import Traffic

_WORD = "[0-9a-f]{8}"
_ROW = re.compile(  # direction; source, port, destination, port, protocol; what else is kept
    rf"<0000000[01], (?P<source>{_WORD}), (?P<source_port>{_WORD}), (?P<destination>{_WORD}), "
    rf"(?P<destination_port>{_WORD}), (?P<protocol>{_WORD});.*>"
)
_LINK = re.compile(rf"<(?:{_WORD}, ){{5}}{_WORD}> -> <(?:{_WORD}, ){{5}}{_WORD}>.*")
_BESIDE = re.compile(
    r"\s*(?:localhost:|-+ \w+ -+|(?:dynamic|static), id \d+.*|\.\.\.\(\d+ More\))\s*"
)


@kind(by_row(0.97, _ROW))
def checkpoint_connections(lines: Lines, given: Given) -> Iterator[Traffic]:
    """Connections through Check Point firewalls, by “fw tab -t connections -u”.

    The way back of a connection, which is a row of its own, is passed over. There are no times in
    it: --began says when it was asked for.
    """
    for number, text in lines:
        if found := _ROW.fullmatch(text):
            source, destination = (
                (str(IPv4Address(int(found[end], 16))), str(int(found[f"{end}_port"], 16)))
                for end in ("source", "destination")
            )
            protocol = str(int(found["protocol"], 16))
            if row := session(number, table_time(given), protocol, source, destination):
                yield row
        elif _LINK.fullmatch(text) or _BESIDE.fullmatch(text):
            lines.part()
        elif text.strip():
            lines.strange(number, text)
