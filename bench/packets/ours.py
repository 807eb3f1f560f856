"""Hold what whence says against the truth, flow by flow."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bench.packets.truth import NUMBERS, Ends, Flow, Truth

Told = dict[str, Any]
SIDES = ("source", "destination")
SHORTEST_PERIOD = 10  # seconds; what comes more often is taken for parts of one contact


def flows(output: Path, truth: Truth) -> Told:
    """Compare every flow of ``whence flows --json``."""
    with output.open() as file:
        documents = (json.loads(line) for line in file if line.startswith("{"))
        return compared(map(_row, documents), truth)


def expected_of_flows(truth: Truth) -> Told:
    return {
        "packets": truth.packets,
        "bytes": truth.bytes,
        "flows": len(truth.flows),
        "flows never seen": 0,
        "flows that are not there": 0,
        "flows with other numbers": 0,
        "flows with another state": 0,
        "ghosts found": len(truth.ghosts),
    }


def compared(rows: Iterable[dict[str, Any]], truth: Truth) -> Told:
    """Compare flow rows with the truth; rows of the same five-tuple are one flow of it."""
    seen: dict[Ends, Counter[str]] = {}
    states: dict[Ends, str] = {}
    for row in rows:
        ends = _ends(row)
        numbers = seen.setdefault(ends, Counter())
        states.setdefault(ends, row["state"])
        numbers["rows"] += 1
        for name in NUMBERS:
            numbers[name] += row.get(name) or 0
            numbers[f"{name} not told"] += row.get(name) is None
    told: Counter[str] = Counter()
    told["rows"] = sum(numbers["rows"] for numbers in seen.values())
    told["flows"] = len(seen)
    told["packets"] = sum(_both(numbers, "packets") for numbers in seen.values())
    told["bytes"] = sum(_both(numbers, "bytes") for numbers in seen.values())
    names = ("never seen", "that are not there", "with other numbers", "with another state")
    told.update({f"flows {name}": 0 for name in names})
    for flow in truth.flows:
        numbers = seen.get(flow.ends, Counter())
        if not numbers:
            told["flows never seen"] += 1
            continue
        different = [*_different(numbers, flow)]
        told["flows with other numbers"] += bool(different)
        told.update({f"of these, {name}": 1 for name in different})
        told["flows with another state"] += states[flow.ends] != flow.state
        unanswered = numbers["destination_packets"] == 0
        told["ghosts found"] += unanswered and flow.ends in truth.ghosts
    told["flows that are not there"] = len(seen.keys() - {flow.ends for flow in truth.flows})
    return dict(told)


def _different(numbers: Counter[str], flow: Flow) -> Iterator[str]:
    for name, number in zip(NUMBERS, flow.numbers, strict=True):
        # Zeek does not tell the payload of a single packet; repeated SYNs are told as SYNs.
        told = not numbers[f"{name} not told"]
        if name == "source_retransmissions" and flow.kind == "ghost":
            told = False
        if told and numbers[name] != number:
            yield name


def _row(document: dict[str, Any]) -> dict[str, Any]:
    """Give an Elastic Common Schema document as a row of the flow table."""
    if "network" not in document:
        return document
    row = {**document["whence"], "protocol": int(document["network"]["iana_number"])}
    for side in SIDES:
        for name, value in document[side].items():
            row[f"{side}_{name}"] = value
    return row


def _ends(row: dict[str, Any]) -> Ends:
    return (
        row["source_ip"],
        row["source_port"],
        row["destination_ip"],
        row["destination_port"],
        row["protocol"],
    )


def _both(numbers: Counter[str], what: str) -> int:
    return sum(numbers[f"{side}_{what}"] for side in SIDES)


def talkers(output: Path, _truth: Truth) -> Told:
    """Read ``whence talkers --json``: who is loud is the first inside without a role."""
    with output.open() as file:
        rows = [json.loads(line)["whence"] for line in file if line.startswith("{")]
    return {"loud": next(_loud(rows), "")}


def expected_of_talkers(truth: Truth) -> Told:
    return {"loud": truth.loud}


def talkers_told(said: dict[str, Any]) -> Told:
    totals = said["totals"]
    return {
        "packets": totals["packets"],
        "bytes": totals["bytes"],
        "loud": next(_loud(said["rows"]), ""),
    }


def _loud(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    return (row["name"] for row in rows if row.get("inside") and not row.get("roles"))


def counted(output: Path, _truth: Truth) -> Told:
    """Read what ``in_python.py flows`` printed."""
    told: Told = json.loads(output.read_text().strip().splitlines()[-1])
    return told


def expected_of_counted(truth: Truth) -> Told:
    return {"packets": truth.packets, "bytes": truth.bytes}


def analysed(output: Path, truth: Truth) -> Told:
    """Read what ``in_python.py analysis`` printed."""
    said = json.loads(output.read_text().strip().splitlines()[-1])
    called, found = _ghost_pairs(truth), {tuple(pair) for pair in said["ghosts"]}
    periods = {(source, destination): period for source, destination, period in said["beacons"]}
    return {
        **talkers_told(said["talkers"]),
        "ghosts called often": len(called & found),
        "ghosts that are none": len(found - _nowhere(truth)),
        "beacons": sum(
            abs(periods.get(pair, 0) - period) <= 0.1 * period
            for pair, period in truth.beacons.items()
            if period >= SHORTEST_PERIOD
        ),
        "beacons that are none": len(periods.keys() - truth.beacons.keys()),
    }


def expected_of_analysed(truth: Truth) -> Told:
    return {
        "packets": truth.packets,
        "bytes": truth.bytes,
        "loud": truth.loud,
        "ghosts called often": len(_ghost_pairs(truth)),
        "ghosts that are none": 0,
        "beacons": sum(period >= SHORTEST_PERIOD for period in truth.beacons.values()),
        "beacons that are none": 0,
    }


def _ghost_pairs(truth: Truth) -> set[tuple[str, str]]:
    """Give who called which ghost on one port three times or more; fewer may be an accident."""
    tries: Counter[tuple[str, str, int, int]] = Counter()
    for flow in truth.flows:
        if flow.ends in truth.ghosts:
            source, _, destination, port, protocol = flow.ends
            tries[source, destination, port, protocol] += flow.tries
    return {(each[0], each[1]) for each, times in tries.items() if times >= 3}


def _nowhere(truth: Truth) -> set[tuple[str, str]]:
    return {(ends[0], ends[2]) for ends in truth.ghosts}
