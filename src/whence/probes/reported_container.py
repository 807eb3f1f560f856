from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from whence.model import Confidence, Container, Fact, Ip, Line, probe
from whence.probes._stations import MOST, Row, rows
from whence.world import Imported

REPORTED = Confidence.REPORTED


@probe(answers="was-reported-of")
def reported_container(ip: Ip, imported: Imported) -> Iterator[Fact]:
    """Which container or pod had this address, in lists of other tools that were imported?"""
    last: dict[object, tuple[Row, dict[str, Any], Line]] = {}
    for row, line in rows(imported.told(ip.address)):
        if told := row.get("container"):
            last[told.get("identifier") or told.get("pod") or told.get("name")] = row, told, line
    for row, told, line in [*last.values()][:MOST]:
        yield from _facts(ip, row, told, line)


def _facts(ip: Ip, row: Row, told: dict[str, Any], line: Line) -> Iterator[Fact]:
    pod, node, evidence = told.get("pod"), told.get("node"), line.evidence
    if node:
        yield ip.fact("is-on-node", node, evidence, confidence=REPORTED)
    if told.get("shares_network"):
        text = f"Kubernetes node {node}" if node else "a Kubernetes node"
        yield ip.fact("was-reported-of", text, evidence, confidence=REPORTED)
        yield ip.fact("shares-network-with", f"Kubernetes pod {pod}", evidence, confidence=REPORTED)
        return
    box: Ip | Container = ip
    if pod:
        text = f"Kubernetes pod {pod}{f' on {node}' if node else ''}"
        yield ip.fact("was-reported-of", text, evidence, confidence=REPORTED)
    else:
        box = Container(row.get("host", ""), told.get("runtime", ""), told["identifier"])
        yield ip.fact("was-reported-of", box, evidence, confidence=REPORTED)
        yield box.fact("named", told["name"], evidence, confidence=REPORTED)
    if image := told.get("image"):
        yield box.fact("runs-image", image, evidence, confidence=REPORTED)
    if began := told.get("began"):
        text = f"{datetime.fromtimestamp(began / 1_000_000, UTC):%Y-%m-%d %H:%M:%S} UTC"
        yield box.fact("was-started", text, evidence, confidence=REPORTED)
    if state := told.get("state"):
        text = f"{state}, {row['file']} line {row['line']}"
        yield box.fact("was-in-state", text, evidence, confidence=REPORTED)
