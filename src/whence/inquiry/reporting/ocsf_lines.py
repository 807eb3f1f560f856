"""A report as lines of OCSF: network activity, process activity, and a detection finding.

Names and numbers are those of the Open Cybersecurity Schema Framework 1.8.0, classes 4001, 1007
and 2004. What OCSF has no name for stands below ``unmapped``.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import PurePosixPath

from whence.inquiry.known import Verdict
from whence.inquiry.reporting.json_document import fact
from whence.inquiry.reporting.report import Cited, Report
from whence.model import (
    ACCEPTED,
    LISTENING,
    Confidence,
    Flow,
    Hostname,
    Ip,
    Mac,
    Observable,
    Process,
    ProcessRecord,
    Program,
    Remote,
    Sighting,
    User,
)
from whence.model.ecs import entity_id
from whence.model.json_text import Document, encode
from whence.world.packet_filter import PROTOCOLS

VERSION = "1.8.0"
NETWORK_ACTIVITY, PROCESS_ACTIVITY, DETECTION_FINDING = 4001, 1007, 2004
# Parts of the schema that a class is told to have in addition.
PROFILES = {
    NETWORK_ACTIVITY: ["host", "security_control"],
    PROCESS_ACTIVITY: ["host"],
    DETECTION_FINDING: ["incident"],
}
OPEN, LISTEN, LAUNCH, CREATE = 1, 7, 1, 1  # activity_id of their classes
UNKNOWN_DEVICE, UNKNOWN_FILE = 0, 0  # type_id
INFORMATIONAL, MEDIUM = 1, 3  # severity_id
INBOUND, OUTBOUND, UNKNOWN_DIRECTION = 1, 2, 0
VERDICTS = {
    Verdict.EXPLAINED: 99,  # Other: OCSF has no word for it, so `verdict` says it
    Verdict.BENIGN: 5,
    Verdict.SUSPICIOUS: 4,
    Verdict.INSUFFICIENT: 7,
}
CONFIDENCES = {
    Confidence.CERTAIN: 3,
    Confidence.LIKELY: 2,
    Confidence.POSSIBLE: 1,
    Confidence.REPORTED: 1,
    Confidence.UNKNOWN: 0,
}
MOST_EVIDENCES = 200


def ocsf_lines(report: Report) -> Iterator[str]:
    """Yield the lines: what was seen, which processes began, and what it came to."""
    for number, seen in enumerate(report.sightings):
        yield encode(_network(report, seen, number))
    for number, record in enumerate(report.maker):
        if not record.start_is_known:  # that it began is no event where nobody told when
            continue
        yield encode(_process(report, report.maker[number:], record, number))
    yield encode(_finding(report))


def _event(report: Report, kind: int, activity: int, uid: str, at: datetime) -> Document:
    return {
        "class_uid": kind,
        "category_uid": kind // 1000,
        "activity_id": activity,
        "type_uid": kind * 100 + activity,
        "severity_id": INFORMATIONAL,
        "time": _milliseconds(at),
        "timezone_offset": 0,
        "metadata": {
            "version": VERSION,
            "uid": f"{report.case}/{uid}",
            "correlation_uid": report.case,
            "profiles": PROFILES[kind],
            "product": {"name": "whence", "vendor_name": "whence", "version": report.version},
        },
    }


def _network(report: Report, seen: Sighting, number: int) -> Document:
    activity = LISTEN if seen.action == LISTENING else OPEN
    event = _event(report, NETWORK_ACTIVITY, activity, f"sighting-{number}", seen.last)
    flow = seen.flow
    ends = {
        "src_endpoint": _endpoint(flow.source, flow.source_port),
        "dst_endpoint": _endpoint(flow.destination, flow.destination_port),
    }
    event |= {name: end for name, end in ends.items() if end}
    direction = {ACCEPTED: INBOUND, LISTENING: UNKNOWN_DIRECTION}.get(seen.action, OUTBOUND)
    event["connection_info"] = {"direction_id": direction, **_protocol(flow.transport)}
    event |= {
        "start_time": _milliseconds(seen.first),
        "end_time": _milliseconds(seen.last),
        "count": max(1, seen.count),
        "confidence_id": CONFIDENCES[seen.confidence],
        "device": _device(seen.observer),
    }
    if seen.packets_sent or seen.packets_received:
        event["traffic"] = {
            "bytes": seen.bytes_sent + seen.bytes_received,
            "bytes_out": seen.bytes_sent,
            "bytes_in": seen.bytes_received,
            "packets": seen.packets_sent + seen.packets_received,
            "packets_out": seen.packets_sent,
            "packets_in": seen.packets_received,
        }
    if seen.lineage:
        event["actor"] = {"process": _process_view(seen.lineage)}
    event["observables"] = _observables([_flow_ends(flow)])
    event["unmapped"] = {"whence.sensor": seen.sensor, "whence.action": seen.action}
    return event


def _process(
    report: Report, lineage: Sequence[ProcessRecord], record: ProcessRecord, number: int
) -> Document:
    event = _event(report, PROCESS_ACTIVITY, LAUNCH, f"process-{number}", record.started_at)
    parents = lineage[1:]
    # OCSF wants an actor; where the parent is not known, it is an application that nobody named.
    actor = {"process": _process_view(parents)} if parents else {"app_name": "unknown"}
    event |= {
        "actor": actor,
        "device": _device(record.process.host),
        "process": _process_view(lineage),
        "observables": _observables([[record.process]]),
    }
    return event


def _finding(report: Report) -> Document:
    event = _event(report, DETECTION_FINDING, CREATE, "verdict", report.seen)
    order = [*Confidence]
    sure = max((one.fact.confidence for one in report.lineage), key=order.index, default=order[-1])
    things = [[one.fact.subject, *_as_thing(one)] for one in report.lineage]
    first = min((seen.first for seen in report.sightings), default=None)
    last = max((seen.last for seen in report.sightings), default=None)
    event |= {
        "severity_id": MEDIUM if report.verdict is Verdict.SUSPICIOUS else INFORMATIONAL,
        "is_alert": report.verdict is Verdict.SUSPICIOUS,
        "verdict_id": VERDICTS[report.verdict],
        "verdict": str(report.verdict),
        "confidence_id": CONFIDENCES[sure],
        "message": report.sentence,
        "status_id": 1,  # New
        "finding_info": {
            "uid": report.case,
            "title": report.sentence,
            "desc": " ".join((report.sentence, *report.others)),
            "created_time": _milliseconds(report.seen),
            "data_sources": [*dict.fromkeys(one.source for one in report.readings)][:100],
            **({"first_seen_time": _milliseconds(first)} if first else {}),
            **({"last_seen_time": _milliseconds(last)} if last else {}),
        },
        "evidences": [_evidence(one) for one in report.lineage[:MOST_EVIDENCES]],
        "observables": _observables([[report.subject], *things]),
        "unmapped": {
            "whence.head": report.custody.head,
            "whence.evidences_left_out": max(0, len(report.lineage) - MOST_EVIDENCES),
            "whence.not_checked": [one.question for one in report.not_checked],
        },
    }
    return event


def _as_thing(cited: Cited) -> list[Observable]:
    return [cited.fact.value] if isinstance(cited.fact.value, Observable) else []


def _evidence(cited: Cited) -> Document:
    evidence: Document = {"name": cited.fact.relation, "uid": ",".join(dict.fromkeys(cited.labels))}
    evidence["data"] = fact(cited)
    value = cited.fact.value
    if isinstance(value, Process):
        evidence["process"] = {"pid": value.pid, "uid": entity_id(value)}
    elif isinstance(value, Program):
        evidence["file"] = _file(value.path)
    elif isinstance(value, User):
        evidence["user"] = {"uid": str(value.uid), **({"name": value.name} if value.name else {})}
    return evidence


def _process_view(lineage: Sequence[ProcessRecord]) -> Document:
    view: Document = {}
    for record in reversed(lineage):
        inner = _one_process(record)
        if view:
            inner["parent_process"] = view
        view = inner
    return view


def _one_process(record: ProcessRecord) -> Document:
    view: Document = {
        "pid": record.process.pid,
        "uid": entity_id(record.process),
    }
    if record.start_is_known:
        view["created_time"] = _milliseconds(record.started_at)
    if record.name:
        view["name"] = record.name
    if record.user_id is not None:
        view["user"] = {"uid": str(record.user_id)}
    if run := record.execution:
        if run.executable:
            view["file"] = _file(run.executable)
        if run.args:
            view["cmd_line"] = " ".join(run.args)
        if run.working_directory:
            view["working_directory"] = run.working_directory
    return view


def _file(path: str) -> Document:
    return {"name": PurePosixPath(path).name or path, "path": path, "type_id": UNKNOWN_FILE}


def _device(name: str) -> Document:
    return {"name": name, "type_id": UNKNOWN_DEVICE}


def _endpoint(address: str | None, port: int | None) -> Document:
    if address is None:
        return {}
    end: Document = {"ip": _plain(address)}
    if port is not None:
        end["port"] = port
    return end


def _protocol(transport: str | None) -> Document:
    if transport is None:
        return {}
    number = PROTOCOLS.get(transport)
    if number is None and transport.isdigit():
        number = int(transport)
    return {"protocol_name": transport, **({} if number is None else {"protocol_num": number})}


def _observables(things: Iterable[Iterable[Observable]]) -> list[Document]:
    found: dict[tuple[str, str], Document] = {}
    for one in (one for group in things for one in group):
        for name, type_id, value in _observable(one):
            found.setdefault((name, value), {"name": name, "type_id": type_id, "value": value})
    return [*found.values()]


def _flow_ends(flow: Flow) -> list[Observable]:
    return [Ip(end) for end in (flow.source, flow.destination) if end is not None]


def _observable(one: Observable) -> Iterator[tuple[str, int, str]]:
    """Give name, type_id and value, as OCSF's observables have them."""
    match one:
        case Flow():
            for end in _flow_ends(one):
                yield from _observable(end)
        case Ip() | Remote():
            yield "ip", 2, _plain(one.address)
        case Mac():
            yield "mac", 3, one.address
        case Hostname():
            yield "hostname", 1, one.name
        case Process():
            yield "process.pid", 15, str(one.pid)
        case Program():
            yield "file.path", 45, one.path
        case User():
            yield "user.name", 4, str(one)
        case _:
            yield f"whence.{one.kind}", 99, str(one)


def _plain(address: str) -> str:
    """Leave out the link of a link-local address, which is no part of it."""
    plain = address.partition("%")[0]
    try:
        return str(ipaddress.ip_address(plain))
    except ValueError:
        return plain


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
