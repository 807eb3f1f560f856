"""A report as one JSON document, with all that is in it."""

from __future__ import annotations

from typing import Any

import msgspec

from whence.inquiry.reporting.report import Cited, Remedy, Report
from whence.model import Observable, ecs
from whence.model.ecs import time_text
from whence.model.json_text import Document, encode

ECS_VERSION = "8.17.0"
FORMAT = 1  # of the document


def json_document(report: Report) -> str:
    """Write a report as JSON, indented."""
    return msgspec.json.format(encode(as_document(report)), indent=2) + "\n"


def as_document(report: Report) -> Document:
    """Write a report as an ECS document; what ECS has no name for is in ``whence.report``."""
    document: Document = {
        "@timestamp": time_text(report.written),
        "ecs": {"version": ECS_VERSION},
        "event": {"kind": "state", "category": ["network", "process"], "action": "reported"},
        "message": report.sentence,
    }
    if report.maker:
        document["process"] = ecs.process_view(report.maker)
    document["whence"] = {
        "report": {
            "format": FORMAT,
            "version": report.version,
            "case": report.case,
            "target": report.title or str(report.subject),
            "subject": thing(report.subject),
            "opened": time_text(report.opened),
            "newest_look": time_text(report.seen),
            "written": time_text(report.written),
            "redacted": str(report.redaction),
            "verdict": str(report.verdict),
            "sentence": report.sentence,
            "others": list(report.others),
            "lineage": [fact(one) for one in report.lineage],
            "questions": [
                {
                    "number": one.topic.number,
                    "question": str(one.topic),
                    "state": str(one.state),
                    "confidence": str(one.confidence),
                    "facts": [fact(cited) for cited in one.facts],
                    "facts_left_out": one.more,
                    "because": one.because,
                    "try": one.try_,
                    "remedies": [remedy(way) for way in one.remedies],
                }
                for one in report.questions
            ],
            "timeline": [
                {"at": time_text(e.at), "kind": e.kind, "what": e.what, "evidence": list(e.labels)}
                for e in report.timeline
            ],
            "timeline_left_out": report.untold,
            "facts": [fact(one) for one in report.facts],
            "readings": [
                {
                    "source": one.source,
                    "taken": time_text(one.taken),
                    "observer": one.observer,
                    "sha256": one.digest or None,
                    "cited": msgspec.to_builtins(one.lines),
                }
                for one in report.readings
            ],
            "conflicts": list(report.conflicts),
            "not_checked": [
                {"question": one.question, "because": one.because, "try": one.try_}
                for one in report.not_checked
            ],
            "notes": [
                {"at": time_text(one.when), "author": one.author, "text": one.text}
                for one in report.notes
            ],
            "custody": msgspec.to_builtins(report.custody),
        }
    }
    return document


def fact(cited: Cited) -> Document:
    """Write a fact: what it is about and its value as people write them, and by their fields."""
    one = cited.fact
    document: Document = {
        "subject": thing(one.subject),
        "relation": one.relation,
        "value": one.value if isinstance(one.value, str) else thing(one.value),
        "confidence": str(one.confidence),
        "at": time_text(one.at),
        "evidence": list(dict.fromkeys(cited.labels)),
    }
    return document


def remedy(one: Remedy) -> Document:
    """Write what would stop it, as answers have it under ``whence.remedies``."""
    return {
        "text": one.text,
        "invasive": one.invasive,
        "confidence": str(one.confidence),
        "commands": list(one.commands),
        "undo": list(one.undo),
        "undo_text": one.undo_text,
        "also_stops": list(one.breaks),
        "evidence": list(dict.fromkeys(one.labels)),
    }


def thing(observable: Observable) -> dict[str, Any]:
    """Write a thing: its kind, how people write it, its fields."""
    fields: dict[str, Any] = msgspec.to_builtins(observable)
    return {"kind": observable.kind, "text": str(observable), **fields}
