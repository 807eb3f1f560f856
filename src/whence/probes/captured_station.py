from collections.abc import Iterator

from whence.model import Confidence, Fact, Ip, Line, probe
from whence.model.systems import system_by_class, system_by_request, system_by_syn
from whence.probes._stations import Row, mac, named, rows, system_by_ttl
from whence.world import PacketWitness

ROUTER = 3  # addresses with one MAC; more, and it is a router that others' packets came by
NAMING = frozenset({"is-called", "resolves-to", "noted-as"})
BESIDE = {
    "workgroup": "is-in-workgroup",
    "runs-software": "may-run",
    "is-model": "describes-itself-as",
    "plugged-into": "is-plugged-into",
}


SYSTEMS = {  # who reads it, and what it is
    "tcp-syn": (system_by_syn, "by how it begins connections, {}"),
    "dhcp-fingerprint": (system_by_request, "by what it asks a DHCP server for, {}"),
    "vendor-class": (system_by_class, "by what it calls itself to a DHCP server, {}"),
}


@probe(answers="was-captured-at", near=1)
def captured_station(ip: Ip, packets: PacketWitness) -> Iterator[Fact]:
    """What do captured packets tell of this machine: its MAC address, its names?"""
    for row, line in rows(packets.station(ip.address)):
        yield from _claim(ip, row.get("claim", {}), line)
        yield from _said(ip, row.get("said", {}), line)
        yield from _packets(ip, row.get("packets", {}), line)


def _claim(ip: Ip, row: Row, line: Line) -> Iterator[Fact]:
    if station := mac(row.get("mac")):
        yield ip.fact("was-captured-at", station, line.evidence)


def _said(ip: Ip, row: Row, line: Line) -> Iterator[Fact]:
    relation, value = row.get("relation"), str(row.get("value", ""))
    if relation in NAMING:
        yield from named(ip, value, line.evidence)
    elif relation in BESIDE:
        text = f"{value} ({row['source']}, {row['file']} {row['place']})"
        yield ip.fact(BESIDE[relation], text, line.evidence, confidence=Confidence.REPORTED)
    elif relation in SYSTEMS:
        yield from _system(ip, relation, value, row, line)
    elif relation == "leased" and value == ip.address and (station := mac(row["mac"])):
        yield ip.fact("leased-to", station, line.evidence, confidence=Confidence.LIKELY)


def _system(ip: Ip, relation: str, value: str, row: Row, line: Line) -> Iterator[Fact]:
    """State what the machine may run, by a sign whose meaning is known."""
    read, words = SYSTEMS[relation]
    where = f" ({row['source']}, {row['file']} {row['place']})"
    if system := read(value):
        text = f"{system}, {words.format(value)}{where}"
        yield ip.fact("may-run", text, line.evidence, confidence=Confidence.POSSIBLE)
    elif relation == "vendor-class":
        yield ip.fact("may-run", value + where, line.evidence, confidence=Confidence.REPORTED)


def _packets(ip: Ip, row: Row, line: Line) -> Iterator[Fact]:
    station = mac(row.get("mac"))
    if station and row["addresses_of_mac"] <= ROUTER:
        yield ip.fact("was-captured-at", station, line.evidence, confidence=Confidence.LIKELY)
        yield from system_by_ttl(ip, row["ttl"], line.evidence)
