from collections.abc import Iterator

from whence.model import Fact, Ip, Line, probe
from whence.probes._stations import ANSWERED, SILENT, Row, mac, rows
from whence.world import Neighbours

SHOWN = 3  # network namespaces that are told by name


@probe(answers="answers-at")
def neighbour(ip: Ip, neighbours: Neighbours) -> Iterator[Fact]:
    """Which MAC address answers for this address, as the kernel knows?"""
    closed, found = None, False
    own: list[tuple[Row, Line]] = []
    for row, line in rows(neighbours.known()):
        if "namespaces_not_entered" in row:
            closed = row["namespaces_not_entered"], line
        if row.get("ip") != ip.address:
            continue
        found = True
        station = mac(row["mac"])
        if row["state"] == "OWN":
            own.append((row, line))
        if station and row["state"] in ANSWERED:
            yield ip.fact("answers-at", station, line.evidence, confidence=ANSWERED[row["state"]])
            if row["state"] != "OWN":
                text = f"{row['state']} on {_where(row)}, last confirmed {row['age']} s ago"
                yield ip.fact("is-in-neighbour-table", text, line.evidence)
        elif row["state"] in SILENT:
            text = f"asked on {_where(row)} {row['age']} s ago, and nobody answered"
            yield ip.fact("does-not-answer", text, line.evidence)
    for text, line in _holders(own):
        yield ip.fact("is-held-by", text, line.evidence)
    if closed and not found:
        count, line = closed
        text = f"{count} network namespaces of this machine, which only root may enter"
        yield ip.fact("was-not-sought-in", text, line.evidence)


def _holders(own: list[tuple[Row, Line]]) -> Iterator[tuple[str, Line]]:
    """Say where on this machine it is; each network namespace has a loopback of its own."""
    inner = [(row, line) for row, line in own if row["namespace"]]
    for row, line in own:
        if not row["namespace"]:
            yield f"this machine itself, on {_where(row)}", line
    for row, line in inner[:SHOWN]:
        yield f"a network namespace of this machine ({_where(row)})", line
    if left := inner[SHOWN:]:
        yield f"{len(left)} more network namespaces of this machine", left[0][1]


def _where(row: Row) -> str:
    return str(row["interface"]) + (f" {row['namespace']}" if row["namespace"] else "")
