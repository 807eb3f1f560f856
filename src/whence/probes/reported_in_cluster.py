from collections.abc import Iterator
from typing import Any

from whence.model import Confidence, Fact, Ip, Line, probe
from whence.probes._stations import MOST, Row, rows
from whence.world import Imported

REPORTED = Confidence.REPORTED


@probe(answers="was-reported-of")
def reported_in_cluster(ip: Ip, imported: Imported) -> Iterator[Fact]:
    """Which service or node of Kubernetes had this address, in lists that were imported?"""
    last: dict[tuple[str, str], tuple[Row, dict[str, Any], Line]] = {}
    for row, line in rows(imported.told(ip.address)):
        if told := row.get("cluster"):
            last[told["kind"], told["name"]] = row, told, line
    for row, told, line in [*last.values()][:MOST]:
        yield from _facts(ip, row, told, line)


def _facts(ip: Ip, row: Row, told: dict[str, Any], line: Line) -> Iterator[Fact]:
    def fact(relation: str, value: str) -> Fact:
        return ip.fact(relation, value, line.evidence, confidence=REPORTED)

    sort = f" ({told['sort']})" if "sort" in told else ""
    yield fact("was-reported-of", f"Kubernetes {told['kind']} {told['name']}{sort}")
    for port in told.get("ports", ()):
        yield fact("passes-on", port)
    if pods := told.get("pods"):
        yield fact("passes-on-to", f"pods with {pods}")
    if state := told.get("state"):
        yield fact("was-in-state", f"{state}, {row['file']} line {row['line']}")
