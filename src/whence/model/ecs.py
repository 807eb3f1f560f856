"""Sightings as Elastic Common Schema documents, and back without loss.

Field names are those of ECS 8 (source, destination, network, process, event, host, user,
container); what ECS has no name for stands under ``whence``. ``whence.lineage`` holds the whole
chain of processes, the maker first, so that a document can be read back as it was.
"""

from __future__ import annotations

import ipaddress
import shlex
from datetime import UTC, datetime
from typing import Any

import msgspec

from whence.model.errors import BadInput
from whence.model.facts import Confidence
from whence.model.json_text import Document as Document
from whence.model.json_text import encode as encode
from whence.model.observables import Flow, Process
from whence.model.reported import Report
from whence.model.sightings import (
    ACCEPTED,
    ATTEMPTED,
    ProcessRecord,
    Sighting,
)

DIRECTIONS = {ACCEPTED: "ingress", ATTEMPTED: "egress"}  # a listener has none yet
CATEGORIES = {"category": ["network"], "kind": "event"}


def from_line(line: str) -> Sighting:
    """Read one line of JSON that ``encode(from_sighting(…))`` wrote.

    Raises
    ------
    BadInput
        If the line is not such a document.

    """
    try:
        return to_sighting(msgspec.json.decode(str(line)))  # a Line is too much str for it
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as e:
        raise BadInput("this is not a sighting as whence writes it", because=repr(e)) from e


def from_sighting(seen: Sighting) -> Document:
    """Write a sighting as an ECS document."""
    document = from_connection(seen)
    if maker := seen.maker:
        document["process"] = process_view(seen.lineage)
        if maker.user_id is not None:
            document["user"] = {"id": str(maker.user_id)}
    document["whence"]["lineage"] = [_builtins(record) for record in seen.lineage]
    return document


def from_connection(seen: Sighting) -> Document:
    """Write a sighting without who made it; ``from_sighting`` says that, too."""
    flow = seen.flow
    last = time_text(seen.last)
    document: Document = {
        "@timestamp": last,
        "event": CATEGORIES
        | {
            "action": seen.action,
            "type": ["connection", "start"] if seen.last == seen.first else ["connection"],
            "start": last if seen.first == seen.last else time_text(seen.first),
            "end": last,
        },
        "network": _without_empty(
            transport=flow.transport,
            type=_family(flow),
            direction=DIRECTIONS.get(seen.action),
            bytes=seen.bytes_sent + seen.bytes_received,
            packets=seen.packets_sent + seen.packets_received,
        ),
        "host": {"name": seen.observer},
        "observer": {"name": seen.observer},
    }
    outgoing = seen.action != ACCEPTED
    ours = (seen.bytes_sent, seen.packets_sent)
    theirs = (seen.bytes_received, seen.packets_received)
    document["source"] = _endpoint(flow.source, flow.source_port, *(ours if outgoing else theirs))
    document["destination"] = _endpoint(
        flow.destination, flow.destination_port, *(theirs if outgoing else ours)
    )
    if seen.interface:
        document["observer"]["egress"] = {"interface": {"name": seen.interface}}
    document["whence"] = {
        "sensor": seen.sensor,
        "confidence": str(seen.confidence),
        "count": seen.count,
        "cookie": seen.cookie,
        "network_namespace": seen.network_namespace,
    }
    if report := seen.report:
        document["event"]["original"] = report.said
        document["log"] = {"file": {"path": report.file}}
        document["whence"]["report"] = msgspec.to_builtins(report)
    return document


def to_sighting(document: Document) -> Sighting:
    """Read a sighting back from its document."""
    own = document["whence"]
    action = document["event"]["action"]
    source, destination = document["source"], document["destination"]
    ours, theirs = (destination, source) if action == ACCEPTED else (source, destination)
    return Sighting(
        flow=Flow(
            destination.get("ip"),
            destination.get("port"),
            source.get("ip"),
            source.get("port"),
            document["network"].get("transport"),
        ),
        action=action,
        first=datetime.fromisoformat(document["event"]["start"]),
        last=datetime.fromisoformat(document["event"]["end"]),
        lineage=tuple(to_record(record) for record in own["lineage"]),
        sensor=own["sensor"],
        observer=document["host"]["name"],
        count=own["count"],
        bytes_sent=ours.get("bytes", 0),
        packets_sent=ours.get("packets", 0),
        bytes_received=theirs.get("bytes", 0),
        packets_received=theirs.get("packets", 0),
        network_namespace=own["network_namespace"],
        interface=document.get("observer", {})
        .get("egress", {})
        .get("interface", {})
        .get("name", ""),
        cookie=own["cookie"],
        confidence=Confidence(own["confidence"]),
        report=msgspec.convert(own["report"], Report) if "report" in own else None,
    )


def to_record(builtins: Document) -> ProcessRecord:
    """Read a process record back as it stands in a document."""
    return msgspec.convert(builtins, ProcessRecord)


def record_line(record: ProcessRecord) -> str:
    """Write a process record as one line of JSON."""
    return encode(_builtins(record))


def record_from_line(line: str) -> ProcessRecord:
    """Read a line that ``record_line`` wrote."""
    try:
        return msgspec.json.decode(str(line), type=ProcessRecord)
    except msgspec.DecodeError as e:
        raise BadInput("this is not a process as whence writes it", because=str(e)) from e


def process_view(lineage: tuple[ProcessRecord, ...]) -> Document:
    """Show a process with its parents nested under ``parent``, as far back as is known."""
    view: Document = {}
    for record in reversed(lineage):
        view = _process(record) | ({"parent": view} if view else {})
    return view


def canonical_address(text: str) -> str:
    """Write an address in its canonical form; IPv4-mapped IPv6 becomes IPv4 (RFC 5952, 4291)."""
    address = ipaddress.ip_address(text)
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def _builtins(record: ProcessRecord) -> Document:
    """Write a process record in full, without a start that nobody told."""
    told: Document = msgspec.to_builtins(record)
    if not record.start_is_known:
        del told["started_at"]
    return told


def _process(record: ProcessRecord) -> Document:
    run = record.execution
    view: Document = {
        "pid": record.process.pid,
        "entity_id": entity_id(record.process),
    }
    if record.start_is_known:
        view["start"] = time_text(record.started_at)
    if record.name:
        view["name"] = record.name
    if record.user_id is not None:
        view["user"] = {"id": str(record.user_id)}
    if run:
        view |= _without_empty(
            executable=run.executable,
            args=list(run.args),
            args_count=len(run.args),
            command_line=shlex.join(run.args),
            working_directory=run.working_directory,
        )
    return view


def entity_id(process: Process) -> str:
    """Name a process so that the name is never used twice."""
    return f"{process.host}/{process.boot}/{process.pid}/{process.started}"


def _endpoint(address: str | None, port: int | None, size: int, packets: int) -> Document:
    end: Document = {"address": address, "ip": address} if address else {}
    if port is not None:
        end["port"] = port
    if packets or size:
        end |= {"bytes": size, "packets": packets}
    return end


def _family(flow: Flow) -> str | None:
    address = flow.destination or flow.source
    if address is None:
        return None
    return "ipv6" if ":" in address else "ipv4"


def time_text(moment: datetime) -> str:
    """Write a time as RFC 3339 does, in UTC with microseconds."""
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _without_empty(**fields: Any) -> Document:
    return {name: value for name, value in fields.items() if value not in (None, "", [])}
