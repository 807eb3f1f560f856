"""Numbers, spans and ends of traffic as people say them."""

from __future__ import annotations

from datetime import UTC, datetime


def number(count: float) -> str:
    """Write a number: 251, 9,998, 2.4."""
    return f"{count:,.0f}" if count >= 10 or count == int(count) else f"{count:.1f}"


def span(seconds: float) -> str:
    """Write a span of time: 0.8 s, 45 s, 5 min, 1.5 h, 3.0 d."""
    if seconds < 10 and seconds != int(seconds):
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.3g} min"
    if seconds < 2 * 86400:
        return f"{seconds / 3600:.3g} h"
    return f"{seconds / 86400:.3g} d"


def end(address: str | None, port: int | None = None, transport: str | None = None) -> str:
    """Write one end of traffic: 192.0.2.7, 192.0.2.7 port 53/udp; ICMP has no ports."""
    text = address or "any"
    if transport and "icmp" in transport:
        return f"{text} by {transport}"
    if port is None:
        return f"{text} by {transport}" if transport else text
    return f"{text} port {port}/{transport}" if transport else f"{text} port {port}"


def percent(part: float, whole: float) -> str:
    """Write a share: 98 %; below one, <1 %."""
    share = 100 * part / whole if whole else 0
    return "<1 %" if 0 < share < 1 else f"{share:.0f} %"


def utc(moment: datetime) -> datetime:
    """Make a moment of a table, which is in UTC and does not say so, an aware one."""
    return moment.replace(tzinfo=UTC)


def listed(names: list[str], most: int = 3) -> str:
    """Write some names: a, b and c; a, b and 5 more."""
    shown = names if len(names) <= most else [*names[: most - 1], f"{len(names) - most + 1:,} more"]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
