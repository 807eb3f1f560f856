"""A report as a STIX 2.1 bundle. The same report gives the same bundle, to the byte."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from whence.inquiry.known import Verdict
from whence.inquiry.reporting.report import Cited, Report
from whence.inquiry.reporting.stix_ids import own_id
from whence.inquiry.reporting.stix_things import PROPERTIES, THINGS, Object, Things, moment
from whence.model import Confidence, Flow, Ip, Mac, Observable, ProcessRecord, Remote, Sighting
from whence.model.json_text import encode

MOST_SIGHTINGS = MOST_ARTIFACTS = 500
# Our words on the standard's scale “None / Low / Med / High”, appendix A of STIX 2.1.
CONFIDENCES = {
    Confidence.CERTAIN: 85,  # High
    Confidence.LIKELY: 50,  # Med
    Confidence.POSSIBLE: 15,  # Low
    Confidence.REPORTED: 15,  # Low: a third party's word that nobody checked
}  # unknown: not specified
INDICATES = {
    Verdict.EXPLAINED: "unknown",
    Verdict.BENIGN: "benign",
    Verdict.SUSPICIOUS: "anomalous-activity",
    Verdict.INSUFFICIENT: "unknown",
}
BEGAN = "2026-01-01T00:00:00.000Z"  # when what is the same in all bundles was made
TOOL = own_id("identity", "whence")


def stix_bundle(report: Report) -> str:
    """Write a report as a bundle."""
    things = Things(_records(report))
    objects = [*_objects(report, things)]
    bundle = {
        "type": "bundle",
        "id": own_id("bundle", report.case, report.custody.head, str(report.redaction)),
        "objects": [*_always(), *things.objects.values(), *objects],
    }
    return msgspec.json.format(encode(bundle), indent=2) + "\n"


def _records(report: Report) -> list[ProcessRecord]:
    seen = [record for sighting in report.sightings for record in sighting.lineage]
    return [*seen, *report.maker]


def _always() -> Iterator[Object]:
    """Give who made the bundle, and what is in it beside the standard's own."""
    yield {
        "type": "identity",
        "spec_version": "2.1",
        "id": TOOL,
        "created": BEGAN,
        "modified": BEGAN,
        "name": "whence",
        "identity_class": "system",
        "description": "Explains network traffic, with the evidence for each step.",
    }
    for known, name, kinds, says in (
        (PROPERTIES, "whence evidence", ["property-extension"],
         "Of a relationship: relation, and evidence by its labels in the case. Of an artifact: "
         "source, taken, observer, reading_sha256, and the lines that are cited by label."),
        (THINGS, "whence thing", ["new-sco"],
         "Type whence-thing: a job, service, session, container, switch port, outlet, setting or "
         "organisation. Properties: kind, name, fields."),
    ):  # fmt: skip
        yield {
            "type": "extension-definition",
            "spec_version": "2.1",
            "id": known,
            "created": BEGAN,
            "modified": BEGAN,
            "created_by_ref": TOOL,
            "name": name,
            "description": says,
            "schema": says,
            "version": "1.0.0",
            "extension_types": kinds,
        }


def _objects(report: Report, things: Things) -> Iterator[Object]:
    found: list[Object] = []
    found += _observed(report, things)
    found += _relationships(report, things)
    found += _words(report, things)
    artifacts = [things.artifact(reading) for reading in report.readings[:MOST_ARTIFACTS]]
    found += _sighted(report, found)
    refs = [*things.objects, *(one["id"] for one in found)] or [TOOL]
    yield from found
    subject = things.of(report.subject)
    made = _made("report", report, report.written, report.case)
    made |= {
        "name": report.sentence,
        "description": "\n".join((report.sentence, *report.others, *_left_out(report))),
        "report_types": ["observed-data"],
        "published": moment(report.written),
        "object_refs": [*dict.fromkeys((*refs, subject, *artifacts))],
        "labels": [f"verdict:{report.verdict}"],
    }
    yield made
    for number, note in enumerate(report.notes):
        told = _made("note", report, note.when, report.case, f"note {number}")
        told |= {"content": note.text, "authors": [note.author], "object_refs": [made["id"]]}
        yield told


def _left_out(report: Report) -> Iterator[str]:
    for what, whole, most in (
        ("sightings", len(report.sightings), MOST_SIGHTINGS),
        ("readings", len(report.readings), MOST_ARTIFACTS),
    ):
        if whole > most:
            yield f"{most} of {whole} {what} are in this bundle."
    yield f"Journal of the case: head {report.custody.head}."


def _made(kind: str, report: Report, at: datetime, *names: str) -> Object:
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": own_id(kind, report.case, *names),
        "created": moment(at),
        "modified": moment(at),
        "created_by_ref": TOOL,
    }


def _observed(report: Report, things: Things) -> Iterator[Object]:
    for number, seen in enumerate(report.sightings[:MOST_SIGHTINGS]):
        refs = [*_refs(seen, things)]
        if not refs:
            continue
        made = _made("observed-data", report, seen.last, f"sighting {number}")
        made |= {
            "first_observed": moment(seen.first),
            "last_observed": moment(seen.last),
            "number_observed": min(max(1, seen.count), 999_999_999),
            "object_refs": refs,
            **_sure(seen.confidence),
        }
        yield made


def _refs(seen: Sighting, things: Things) -> Iterator[str]:
    flow = seen.flow
    if flow.source is not None or flow.destination is not None:
        yield things.traffic(flow, seen)
        yield from (things.address(end) for end in (flow.source, flow.destination) if end)
    if seen.maker:
        yield things.process(seen.maker.process)


def _relationships(report: Report, things: Things) -> Iterator[Object]:
    for cited in dict.fromkeys(report.lineage):
        fact = cited.fact
        if isinstance(fact.value, str):
            continue
        source, target = things.of(fact.subject), things.of(fact.value)
        if source == target:  # an address and its role as the other end
            continue
        made = _made("relationship", report, fact.at, source, fact.relation, target)
        made |= {
            "relationship_type": "related-to",
            "description": f"{fact.subject} {fact.relation} {fact.value}",
            "source_ref": source,
            "target_ref": target,
            "extensions": {PROPERTIES: _evidence(cited)},
            **_sure(fact.confidence),
        }
        yield made


def _evidence(cited: Cited) -> Object:
    return {
        "extension_type": "property-extension",
        "relation": cited.fact.relation,
        "evidence": [*dict.fromkeys(cited.labels)],
    }


def _words(report: Report, things: Things) -> Iterator[Object]:
    """Give what is known of things in words, a note for each thing."""
    known: defaultdict[Observable, list[str]] = defaultdict(list)
    times: dict[Observable, datetime] = {}
    for cited in report.lineage:
        fact = cited.fact
        if isinstance(fact.value, str):
            ids = ", ".join(dict.fromkeys(cited.labels))
            known[fact.subject].append(f"{fact.relation}: {fact.value} ({fact.confidence}, {ids})")
            times.setdefault(fact.subject, fact.at)
    for thing, lines in known.items():
        ref = things.of(thing)
        made = _made("note", report, times[thing], "known", ref, thing.kind)
        made |= {
            "abstract": f"What is known of {thing}",
            "content": "\n".join(lines),
            "object_refs": [ref],
        }
        yield made


def _sighted(report: Report, found: Sequence[Object]) -> Iterator[Object]:
    """Give a pattern that finds the subject again, and that it was seen."""
    pattern = _pattern(report.subject)
    if not pattern:
        return
    observed = [one for one in found if one["type"] == "observed-data"]
    first = min((one["first_observed"] for one in observed), default=moment(report.opened))
    indicator = _made("indicator", report, report.opened, "subject")
    indicator |= {
        "name": str(report.subject),
        "indicator_types": [INDICATES[report.verdict]],
        "pattern": pattern,
        "pattern_type": "stix",
        "valid_from": first,
    }
    yield indicator
    if not observed:
        return
    places = []
    for name in dict.fromkeys(seen.observer for seen in report.sightings):
        place = _made("identity", report, report.opened, "observer", name)
        place |= {"name": name or "unknown", "identity_class": "system"}
        places.append(place["id"])
        yield place
    sighting = _made("sighting", report, report.seen, "subject")
    sighting |= {
        "first_seen": first,
        "last_seen": max(one["last_observed"] for one in observed),
        "count": min(sum(one["number_observed"] for one in observed), 999_999_999),
        "sighting_of_ref": indicator["id"],
        "observed_data_refs": [one["id"] for one in observed],
        "where_sighted_refs": places,
    }
    yield sighting


def _pattern(subject: Observable) -> str:
    match subject:
        case Flow(destination=None, destination_port=None, source=None, source_port=None):
            return ""
        case Flow() as flow:
            ends = (
                ("dst", flow.destination, flow.destination_port),
                ("src", flow.source, flow.source_port),
            )
            tests = [test for end in ends for test in _tests(*end)]
            return f"[{' AND '.join(tests)}]"
        case Remote() as remote:
            return f"[{' AND '.join(_tests('dst', remote.address, remote.port))}]"
        case Ip() as ip:
            kind = "ipv6-addr" if ":" in ip.address else "ipv4-addr"
            return f"[{kind}:value = {_quoted(ip.address)}]"
        case Mac() as mac:
            return f"[mac-addr:value = {_quoted(mac.address)}]"
        case _:
            return ""


def _tests(end: str, address: str | None, port: int | None) -> Iterator[str]:
    if address is not None:
        yield f"network-traffic:{end}_ref.value = {_quoted(address.partition('%')[0])}"
    if port is not None:
        yield f"network-traffic:{end}_port = {port}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _sure(confidence: Confidence) -> Object:
    scale = CONFIDENCES.get(confidence)
    return {} if scale is None else {"confidence": scale}
