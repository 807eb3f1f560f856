"""Leases of Kea: its CSV files (memfile), and the JSON that its lease commands answer.

Kea Administrator Reference Manual 8.1 and 9.1, 15.7 (lease_cmds); libvirt's dnsmasq writes
JSON with like names.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import msgspec

from whence.model.errors import BadInput
from whence.model.evidence import Reading
from whence.model.leases.lease import Lease, canonical_ip, mac_of_duid, moment
from whence.model.mac_addresses import canonical_mac

HEADER = "address,"
STATES = {"0": "active", "1": "declined", "2": "expired", "3": "released", "4": "registered"}
ENDLESS = "4294967295"  # seconds: what a lease without an end is written with, RFC 2131 3.3
COMMA = "&#x2c"  # how a comma within a value is written


def kea_csv(reading: Reading) -> Iterator[Lease]:
    """Give each row, in the order of the file; the last for an address is true."""
    columns: list[str] = []
    for line in reading.lines():
        try:
            [fields] = csv.reader([line])
        except (csv.Error, ValueError):
            continue
        if line.startswith(HEADER):  # a file that was appended to may have several
            columns = fields
            continue
        told = {
            name: value.replace(COMMA, ",")
            for name, value in zip(columns, fields, strict=False)  # older versions write fewer
        }
        if ip := canonical_ip(told.get("address", "")):
            yield Lease(
                ip,
                _mac(told.get("hwaddr", ""), told.get("duid", "")),
                told.get("hostname", "").rstrip("."),
                STATES.get(told.get("state", ""), ""),
                None if told.get("valid_lifetime") == ENDLESS else moment(told.get("expire", "")),
                (line.evidence,),
            )


def json_leases(reading: Reading) -> Iterator[Lease]:
    """Give each lease that stands anywhere in the JSON.

    Raises
    ------
    BadInput
        If it is no JSON.

    """
    try:
        document = msgspec.json.decode(reading.text)
    except (msgspec.DecodeError, RecursionError) as e:
        raise BadInput(f"{reading.source} is no JSON", because=str(e)) from e
    for told in _objects([document], 8):
        if "Leases" in told:  # systemd-networkd: the address beside them is the server's own
            continue
        ip = canonical_ip(_text(told, "ip-address", "AddressString", "Address"))
        if ip:
            yield Lease(
                ip,
                _mac(_text(told, "hw-address", "mac-address", "HardwareAddress"),
                     _text(told, "duid")),
                _text(told, "hostname", "Hostname").rstrip("."),
                STATES.get(str(told.get("state", "")), ""),
                _end(told),
                (reading.whole(),),
            )  # fmt: skip


def _objects(things: Iterable[object], depth: int) -> Iterator[Mapping[str, object]]:
    for thing in things:
        if isinstance(thing, dict):
            yield thing
        if isinstance(thing, dict | list) and depth:
            inner = thing.values() if isinstance(thing, dict) else thing
            yield from _objects((one for one in inner if isinstance(one, dict | list)), depth - 1)


def _text(told: Mapping[str, object], *names: str) -> str:
    """Give the first of these values as text; systemd writes addresses as lists of bytes."""
    for name in names:
        value = told.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, list) and all(isinstance(b, int) and 0 <= b < 256 for b in value):
            return bytes(value).hex(":") if len(value) == 6 else ".".join(map(str, value))
    return ""


def _end(told: Mapping[str, object]) -> datetime | None:
    begun, span = told.get("cltt"), told.get("valid-lft")
    if str(span) == ENDLESS:
        return None
    if isinstance(begun, int) and isinstance(span, int):
        return moment(begun + span)
    if isinstance(micro := told.get("ExpirationRealtimeUSec"), int):
        return moment(micro / 1e6)
    return moment(told.get("expiry-time"))


def _mac(hardware: str, duid: str) -> str:
    if mac := canonical_mac(hardware):
        return mac
    try:
        return mac_of_duid(bytes.fromhex(duid.replace(":", ""))) or ""
    except ValueError:
        return ""
