from collections.abc import Iterator

from whence.model import Fact, Ip, probe
from whence.probes._stations import ANSWERED, SILENT, Row, mac, rows
from whence.world import Neighbours


@probe(answers="answers-at")
def neighbour(ip: Ip, neighbours: Neighbours) -> Iterator[Fact]:
    """Which MAC address answers for this address, as the kernel knows?"""
    closed, found = None, False
    for row, line in rows(neighbours.known()):
        if "namespaces_not_entered" in row:
            closed = row["namespaces_not_entered"], line
        if row.get("ip") != ip.address:
            continue
        found = True
        station = mac(row["mac"])
        if row["state"] == "OWN":
            yield ip.fact("is-a", _own(row), line.evidence)
        if station and row["state"] in ANSWERED:
            yield ip.fact("answers-at", station, line.evidence, confidence=ANSWERED[row["state"]])
            if row["state"] != "OWN":
                text = f"{row['state']} on {_where(row)}, last confirmed {row['age']} s ago"
                yield ip.fact("is-in-neighbour-table", text, line.evidence)
        elif row["state"] in SILENT:
            text = f"asked on {_where(row)} {row['age']} s ago, and nobody answered"
            yield ip.fact("does-not-answer", text, line.evidence)
    if closed and not found:
        count, line = closed
        text = f"{count} network namespaces of this machine, which only root may enter"
        yield ip.fact("was-not-sought-in", text, line.evidence)


def _own(row: Row) -> str:
    if row["namespace"]:
        return f"in a network namespace of this machine ({_where(row)})"
    return f"this machine itself, on {_where(row)}"


def _where(row: Row) -> str:
    return str(row["interface"]) + (f" {row['namespace']}" if row["namespace"] else "")
