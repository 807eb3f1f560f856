"""Neighbours that lldpd on this machine knows: ``lldpcli -f json0``, lldpcli(8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from whence.model import CannotAsk
from whence.model.switching import Neighbour
from whence.world import Device

QUESTION = "lldpcli -f json0 show neighbors details"
ABLE = {
    "Bridge": "bridge",
    "Router": "router",
    "Wlan": "access-point",
    "Tel": "telephone",
    "Station": "station",
    "Repeater": "repeater",
    "Docsis": "cable-modem",
    "Other": "other",
}


def neighbours_or_remark(
    device: Device, ports: Iterable[str], remarks: list[str]
) -> Iterator[Neighbour]:
    """Yield who says at these ports who he is; why that is not known is added to the remarks."""
    try:
        yield from neighbours(device, ports)
    except CannotAsk as reason:
        remarks.append(f"neighbours are not known: {reason}")


def neighbours(device: Device, ports: Iterable[str]) -> Iterator[Neighbour]:
    """Yield who says at these ports who he is.

    Raises
    ------
    CannotAsk
        If lldpd is not there, or what it says cannot be read.

    """
    reading = device.ask(QUESTION)
    known = set(ports)
    try:
        for told in _all(reading.json(), "lldp", "interface"):
            if told.get("name") in known:
                yield _neighbour(told, reading.whole())
    except (msgspec.ValidationError, AttributeError, TypeError) as e:
        raise CannotAsk("lldpd answers in a form that is not known", because=str(e)) from e


def _neighbour(told: dict[str, Any], evidence: Any) -> Neighbour:
    chassis = next(_all(told, "chassis"), {})
    port = next(_all(told, "port"), {})
    enabled = {
        ABLE.get(str(one.get("type")), "")
        for one in _all(chassis, "capability")
        if one.get("enabled") is True
    }
    return Neighbour(
        str(told["name"]),
        "cdp" if str(told.get("via", "")).startswith("CDP") else "lldp",
        None,
        _value(chassis, "id"),
        _value(port, "id"),
        _value(chassis, "name"),
        _value(chassis, "descr"),
        frozenset(enabled - {""}),
        tuple(str(one.get("value", "")) for one in _all(chassis, "mgmt-ip")),
        (evidence,),
    )


def _value(told: dict[str, Any], name: str) -> str:
    return str(next(_all(told, name), {}).get("value", ""))


def _all(told: Any, *names: str) -> Iterator[dict[str, Any]]:
    """Yield the objects that are found by following names through lists of objects."""
    if not names:
        if isinstance(told, dict):
            yield told
        return
    inner = told.get(names[0], []) if isinstance(told, dict) else []
    for one in inner if isinstance(inner, list) else [inner]:
        yield from _all(one, *names[1:])
