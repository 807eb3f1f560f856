"""What happened when: the traffic, the processes, changes, and the inquiry itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from whence.inquiry.reporting.report import Event
from whence.model import Evidence, Fact, ProcessRecord, Sighting
from whence.store.case_file import CaseFile
from whence.store.journal import Entry

MOST = 200  # events of the traffic
LONGEST = 200  # characters of a command line
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?= UTC)")


def timeline(
    case: CaseFile,
    maker: Sequence[ProcessRecord],
    sightings: Sequence[Sighting],
    facts: Sequence[Fact],
    labels: Mapping[Evidence, str],
) -> tuple[tuple[Event, ...], int]:
    """Give the events, oldest first, and how many sightings were left out in between."""
    seen = sorted(sightings, key=lambda one: one.first)
    untold = max(0, len(seen) - MOST)
    if untold:
        seen = [*seen[: MOST // 2], *seen[-MOST // 2 :]]
    events = [
        *map(_traffic, seen),
        *_processes(maker),
        *_changes(facts, labels),
        *_inquiry(case.journal()),
    ]
    return tuple(sorted(events, key=lambda event: event.at)), untold


def _traffic(seen: Sighting) -> Event:
    who = f" by {seen.maker.process}" if seen.maker else ""
    often = (
        f", {seen.count} times until {seen.last:%Y-%m-%d %H:%M:%S} UTC" if seen.count > 1 else ""
    )
    return Event(seen.first, f"{seen.action}: {seen.flow}{who}{often}", "traffic")


def _processes(maker: Sequence[ProcessRecord]) -> Iterator[Event]:
    """Give when processes began, and what they ran.

    Only a sensor that saw execve(2), which knows what file it was given, knows when a program was
    run; the time of all else is that of a look at what was running already.
    """
    for record in maker:
        told = [run for run in record.executions if run.file or run.at <= record.started_at]
        if not told and record.start_is_known:
            yield Event(record.started_at, f"{record.process} began", "process")
        for run in record.executions:
            command = " ".join(run.args) or run.executable
            short = command if len(command) <= LONGEST else f"{command[:LONGEST]}…"
            verb = "ran" if run in told else "was seen running"
            yield Event(run.at, f"{record.process} {verb}: {short}", "process")


def _changes(facts: Sequence[Fact], labels: Mapping[Evidence, str]) -> Iterator[Event]:
    """Give what facts say was changed, where they say when."""
    for fact in facts:
        if fact.relation in ("last-changed", "changed") and (at := _MOMENT.search(str(fact.value))):
            try:
                moment = datetime.fromisoformat(at[0]).replace(tzinfo=UTC)
            except ValueError:
                continue
            cited = tuple(labels[piece] for piece in fact.evidence)
            words = f"{fact.subject}, {fact.relation.replace('-', ' ')}: {fact.value}"
            yield Event(moment, words, "change", cited)


def _inquiry(journal: Iterator[Entry]) -> Iterator[Event]:
    for entry in journal:
        body = entry.content
        match entry.kind:
            case "opened":
                what = "this case was opened"
            case "resumed":
                what = "the inquiry went on"
            case "interrupted":
                what = f"the inquiry was interrupted: {body.get('because', '')}"
            case "imported":
                what = f"the case was imported from {body.get('file', '')}"
            case "clock-went-back":
                what = f"the clock went back, from {body.get('from', '')}"
            case "note":
                what = f"{body.get('author', '')} wrote a note"
            case "verdict":
                what = f"verdict: {body.get('verdict', '')}"
            case _:
                continue
        yield Event(entry.moment, what, "inquiry")
