"""What the tools of container runtimes have in common: ids, published ports, moments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC

from whence.inquiry.imports._ends import address, number
from whence.inquiry.imports._look_times import log_time
from whence.model.reported import Socket

IDENTIFIER = re.compile(r"[0-9a-f]{12}(?:[0-9a-f]{52})?")
MOST_PORTS = 100  # of one container that are told one by one
# 0.0.0.0:8080->80/tcp, [::]:8000-8002->8000-8002/tcp, :::53->53/udp; an 80/tcp is not published
_PUBLISHED = re.compile(
    r"(?:(?P<host>\S*?):)?(?P<first>\d{1,5})(?:-(?P<last>\d{1,5}))?"
    r"->(?P<inner>\d{1,5})(?:-\d{1,5})?(?:/(?P<transport>tcp|udp|sctp))?"
)
_NEVER = "0001-01-01"


def published(line: int, text: str, name: str, image: str) -> Iterator[Socket]:
    """Give the ports of the machine that are passed on to a container, as docker ps lists them."""
    left = MOST_PORTS
    for part in text.split(",")[:MOST_PORTS]:
        found = _PUBLISHED.fullmatch(part.strip())
        if not found:
            continue
        first, last = int(found["first"]), int(found["last"] or found["first"])
        for offset in range(min(last - first + 1, left)):
            outer, inner = first + offset, int(found["inner"]) + offset
            transport = found["transport"] or "tcp"
            if row := passed_on(
                line, found["host"] or "", str(outer), transport, str(inner), name, image
            ):
                left -= 1
                yield row


def passed_on(
    line: int, host: str, port: str, transport: str, inner: str, name: str, image: str
) -> Socket | None:
    """Write a published port as a socket that waits; None where it is none."""
    if not number(port) or not number(inner) or transport not in ("tcp", "udp", "sctp"):
        return None
    local = address(host) if host else "0.0.0.0"  # so docker takes it
    if local is None:
        return None
    of = f" of {image}" if image else ""
    state = f"passed on to port {inner} of container {name}{of}"
    return Socket(line, transport, local, port, None, None, state, listening=True)


def moment(text: str) -> int | None:
    """Read when something began, in RFC 3339; None where it never did."""
    plain = re.sub(r"(\.\d{6})\d+", r"\1", text[:40])  # Go writes nanoseconds
    return None if not plain or plain.startswith(_NEVER) else log_time(plain, UTC)
