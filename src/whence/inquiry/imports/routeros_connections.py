"""“/ip firewall connection print” of MikroTik RouterOS."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.imports._declare import Given, Lines, by_row, kind
from whence.inquiry.imports._sessions import named_ends, session, table_time
from whence.model.reported import Traffic

_IP = r"\d{1,3}(?:\.\d{1,3}){3}"
_ROW = re.compile(
    r"\s*\d+\s++(?P<flags>[A-Za-z ]{0,20}?)\s*+\b"
    r"(?P<protocol>tcp|udp|icmp|gre|ipsec-esp|igmp|ospf|sctp)\s+"
    rf"(?P<source>{_IP})(?::(?P<source_port>\d+))?\s+"
    rf"(?P<destination>{_IP})(?::(?P<destination_port>\d+))?"
    r"(?:\s+(?P<state>[a-z]+(?:-[a-z0-9]+)*))?(?:\s+\d.*)?\s*"
)
_BESIDE = re.compile(r"\s*(?:Flags: .*|Columns: .*|#\s.*SRC-ADDRESS.*|[A-Z] - .*|-- .*)")
SEEN_REPLY = "S"


@kind(by_row(0.92, _ROW))
def routeros_connections(lines: Lines, given: Given) -> Iterator[Traffic]:
    """Connections through MikroTik RouterOS, by “/ip firewall connection print”.

    One without the flag S (seen-reply) was not answered. There are no times in it: --began says
    when it was asked for.
    """
    for number, text in lines:
        found = _ROW.fullmatch(text)
        row = found and session(
            number, table_time(given), found["protocol"], *named_ends(found),
            state=found["state"] or "", answered=SEEN_REPLY in found["flags"],
        )  # fmt: skip
        if row:
            yield row
        elif _BESIDE.fullmatch(text):
            lines.part()
        elif text.strip():
            lines.strange(number, text)
