"""Parts of Elastic Common Schema documents about traffic.

What a whole flow says is defined in ``native/lines``.
"""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime
from typing import Any

Document = dict[str, Any]


def address_fields(name: str | None) -> Document:
    """Write an address under the name that ECS has for its kind: ip, or mac."""
    if name is None:
        return {}
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return {"address": name, "mac": mac_text(name)}
    return {"address": name, "ip": name}


def mac_text(mac: str) -> str:
    """Write a MAC address as ECS wants it (RFC 7042): 00-00-5E-00-53-23."""
    return mac.upper().replace(":", "-")


def time_text(moment: datetime) -> str:
    """Write a moment, in UTC whether it says so or not."""
    naive = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    return naive.isoformat(timespec="microseconds") + "Z"


def without_empty(**fields: Any) -> Document:
    """Leave out what is not known."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], ())}
