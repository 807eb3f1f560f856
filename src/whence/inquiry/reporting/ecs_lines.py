"""A report as lines of ECS: each sighting an event, then the answer as a state."""

from __future__ import annotations

from collections.abc import Iterator

from whence.inquiry.reporting.json_document import ECS_VERSION
from whence.inquiry.reporting.report import Report
from whence.model import Flow, Ip, Mac, Remote, ecs
from whence.model.ecs import time_text
from whence.model.json_text import Document, encode


def ecs_lines(report: Report) -> Iterator[str]:
    """Yield the lines: what was seen, oldest first, and what it came to."""
    for seen in report.sightings:
        document = ecs.from_sighting(seen)
        document["ecs"] = {"version": ECS_VERSION}
        document["whence"]["case"] = report.case
        yield encode(document)
    yield encode(_answer(report))


def _answer(report: Report) -> Document:
    document: Document = {
        "@timestamp": time_text(report.seen),
        "ecs": {"version": ECS_VERSION},
        "event": {
            "kind": "state",
            "category": ["network", "process"],
            "type": ["info"],
            "action": "explained",
            "created": time_text(report.written),
            "id": report.case,
        },
        "message": report.sentence,
        "whence": {
            "case": report.case,
            "target": str(report.subject),
            "verdict": str(report.verdict),
            "sentence": report.sentence,
            "others": list(report.others),
            "head": report.custody.head,
            "lineage": [
                {
                    "subject": str(one.fact.subject),
                    "relation": one.fact.relation,
                    "value": str(one.fact.value),
                    "confidence": str(one.fact.confidence),
                    "evidence": list(dict.fromkeys(one.labels)),
                }
                for one in report.lineage
            ],
        },
    }
    document |= _subject(report)
    if observers := [*dict.fromkeys(reading.observer for reading in report.readings)]:
        document["observer"] = {"name": observers[0]}
    if report.maker:
        document["process"] = ecs.process_view(report.maker)
        document["host"] = {"name": report.maker[0].process.host}
    return document


def _subject(report: Report) -> Document:
    """Name what it is about where ECS has a place for it."""
    match report.subject:
        case Flow() as flow:
            called = {"ip": flow.destination, "port": flow.destination_port}
            calls = {"ip": flow.source, "port": flow.source_port}
            ends = {"destination": called, "source": calls}
            told = {
                name: {k: v for k, v in end.items() if v is not None} for name, end in ends.items()
            }
            return {name: end for name, end in told.items() if end}
        case Remote() as remote:
            port = {} if remote.port is None else {"port": remote.port}
            return {"destination": {"ip": remote.address, **port}}
        case Ip() as ip:
            return {"host": {"ip": [ip.address]}}
        case Mac() as mac:
            return {"host": {"mac": [mac.address.replace(":", "-").upper()]}}
        case _:
            return {}
