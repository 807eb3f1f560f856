from collections.abc import Iterator

from whence.model import Confidence, Fact, Ip, Line, Reach, probe
from whence.model.neighbour_questions import NeighbourQuestion
from whence.probes._stations import Row, mac, named, not_taken, rows, system_by_ttl
from whence.world import Neighbours

COMPUTER, MESSENGER, SERVER = 0x00, 0x03, 0x20  # suffixes, see netbios_wire
MARK = "__MSBROWSE__"  # of master browsers: \x01\x02__MSBROWSE__\x02

Named = tuple[Row, Line]


@probe(answers="has-netbios-name", reach=Reach.LOCAL_NET, near=1)
def netbios_names(ip: Ip, neighbours: Neighbours) -> Iterator[Fact]:
    """What does it call itself by NetBIOS: its computer name, its workgroup, who is logged on?"""
    if ":" in ip.address:
        return  # NetBIOS knows IPv4 alone
    reading = neighbours.ask(NeighbourQuestion.NETBIOS, ip.address)
    names = [(row, line) for row, line in rows(reading) if "suffix" in row]
    computer = _computer(names)
    if computer:
        yield from named(ip, computer[0]["name"], computer[1].evidence)
    for row, line in names:
        name = str(row["name"])
        if row["group"] and row["suffix"] == COMPUTER and MARK not in name:
            yield _reported(ip, "is-in-workgroup", name, line)
        if row["suffix"] == MESSENGER and computer and name != computer[0]["name"]:
            yield _reported(ip, "has-user", name, line)
    for row, line in names:
        text = f"{row['name']} <{row['suffix']:02x}> {row['meaning'] or 'not known'}"
        yield _reported(ip, "has-netbios-name", text, line)
        if row["conflict"]:
            yield _reported(ip, "shares-its-name", str(row["name"]), line)
    for row, line in rows(reading):
        if station := mac(row.get("mac")):
            yield ip.fact("says-its-mac-is", station, line.evidence, confidence=Confidence.REPORTED)
        if ttl := row.get("ttl"):
            yield from system_by_ttl(ip, ttl, line.evidence)
    yield from not_taken(ip, reading)


def _computer(names: list[Named]) -> Named | None:
    for suffix in (COMPUTER, SERVER):
        for row, line in names:
            if row["suffix"] == suffix and not row["group"]:
                return row, line
    return None


def _reported(ip: Ip, relation: str, text: str, line: Line) -> Fact:
    return ip.fact(relation, text, line.evidence, confidence=Confidence.REPORTED)
