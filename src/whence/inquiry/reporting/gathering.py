"""Makes the report of a case from what the case holds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import whence.probes
from whence.inquiry.explain import ALLOW, HEARD, NOTICED, Answer, NotChecked
from whence.inquiry.plan import Board
from whence.inquiry.reporting.questions import Asked, answered, topic_of
from whence.inquiry.reporting.report import (
    Cited,
    CitedLine,
    CitedReading,
    Custody,
    Remedy,
    Report,
    Topic,
)
from whence.inquiry.reporting.rewriting import rewritten
from whence.inquiry.reporting.timeline import timeline
from whence.model import (
    ATTEMPTED,
    BadInput,
    CannotAsk,
    Evidence,
    Fact,
    Probe,
    Reach,
    Sighting,
    ecs,
)
from whence.model.discovery import discover
from whence.model.secrets import redact
from whence.model.suggestions import Suggestion, typed
from whence.store.case_file import CaseFile

# Of one thing there is only one of these: two of them contradict each other.
ONLY_ONE = ("child-of", "runs", "runs-as", "plugged-in-at")
WITNESSED = "connections "  # how readings of sightings are called
MOST_SIGHTINGS = 5000


def report_of(
    case: CaseFile, answer: Answer, problems: Sequence[str], written: datetime, version: str
) -> Report:
    """Make the report of a case. Passwords are taken out of it, wherever they stand."""
    found = case.facts()
    story = answer.story
    labels: dict[Evidence, str] = {}
    for fact in found:
        for piece in fact.evidence:
            if piece not in labels:
                labels[piece] = case.label(piece)
    cited = [Cited(fact, tuple(labels[piece] for piece in fact.evidence)) for fact in found]
    by_fact = {one.fact: one for one in cited}
    probes = {probe.name: probe for probe in discover(whence.probes, Probe, absent={})}
    unasked = [*_unasked(case, found, probes)]
    sightings = tuple(_sightings(case))
    events, untold = timeline(case, answer.maker, sightings, found, labels)
    journal = [*case.journal()]
    report = Report(
        case=case.id,
        title=case.title,
        subject=case.subject,
        opened=case.created,
        seen=answer.at,
        written=written,
        version=version,
        verdict=story.verdict,
        sentence=story.sentence,
        others=story.others,
        lineage=tuple(by_fact[fact] for fact in dict.fromkeys(story.lineage)),
        facts=tuple(cited),
        questions=answered(
            case.subject,
            cited,
            story.lineage,
            _asked(case, probes, unasked),
            tuple(_remedy(one, labels) for one in answer.suggestions),
            _near_end(sightings),
        ),
        timeline=events,
        untold=untold,
        readings=tuple(_readings(labels)),
        conflicts=(*(answer.station.conflicts if answer.station else ()), *_conflicts(cited)),
        not_checked=(*answer.not_checked, *(one for _, one in unasked)),
        notes=tuple(case.notes()),
        sightings=sightings,
        maker=answer.maker,
        custody=Custody(case.head, len(journal), tuple(problems)),
    )
    return rewritten(report, redact)


def _remedy(one: Suggestion, labels: dict[Evidence, str]) -> Remedy:
    return Remedy(
        one.text,
        one.invasive.name.lower().replace("_", "-"),
        one.confidence,
        tuple(labels[piece] for piece in one.evidence if piece in labels),
        tuple(map(typed, one.commands)),
        tuple(map(typed, one.undo)),
        one.undo_text,
        one.breaks,
    )


def _near_end(sightings: Sequence[Sighting]) -> str:
    """Give the address of the machine that was seen at it, empty where none has one."""
    for seen in reversed(sightings):
        ours = seen.flow.source if seen.action == ATTEMPTED else seen.flow.destination
        if ours:
            return ours
    return ""


def _asked(
    case: CaseFile, probes: dict[str, Probe[Any]], unasked: Sequence[tuple[Topic, NotChecked]]
) -> Asked:
    nothing: Counter[Topic] = Counter()
    refused: defaultdict[Topic, list[NotChecked]] = defaultdict(list)
    for step in case.steps():
        relation = probes[step.probe].answers if step.probe in probes else ""
        topic = topic_of(step.about, relation)
        if step.refused:
            because = str(step.refused)
            because += f": {step.refused.because}" if step.refused.because else ""
            refused[topic].append(NotChecked(str(topic), because, step.refused.try_))
        elif not step.facts:
            nothing[topic] += 1
    for topic, one in unasked:
        refused[topic].append(one)
    return Asked(nothing, refused)


def _unasked(
    case: CaseFile, facts: list[Fact], probes: dict[str, Probe[Any]]
) -> Iterator[tuple[Topic, NotChecked]]:
    """Say which questions were never put, since they would have been heard."""
    put = {step.probe for step in case.steps()}
    away = Board(case.subject, facts).distances()
    for probe in probes.values():
        concerned = [
            t for t, far in away.items() if isinstance(t, probe.about) and far <= probe.near
        ]
        if probe.name in put or not concerned or probe.reach is Reach.SILENT:
            continue
        because = NOTICED if probe.reach is Reach.OTHER_END else HEARD
        missing = NotChecked(probe.question, because, ALLOW[probe.reach])
        yield topic_of(concerned[0], probe.answers), missing


def _sightings(case: CaseFile) -> Iterator[Sighting]:
    """Give what witnesses told, each sighting once, oldest first."""
    met: dict[str, None] = {}
    answers = case.answers()
    while True:
        try:
            source, answer = next(answers)
        except StopIteration:
            break
        except BadInput:  # the text of a reading is damaged; verification says so
            break
        if isinstance(answer, CannotAsk) or not source.startswith(WITNESSED):
            continue
        met |= dict.fromkeys(line for line in answer.text.split("\n") if line)
    for line in [*met][:MOST_SIGHTINGS]:
        try:
            yield ecs.from_line(line)
        except BadInput:
            continue


def _readings(labels: dict[Evidence, str]) -> Iterator[CitedReading]:
    """Give the readings that are cited, in the order of the labels."""
    alike: dict[tuple[str, str, datetime, str], list[CitedLine]] = {}
    for piece, label in sorted(labels.items(), key=lambda pair: int(pair[1][1:])):
        key = (piece.source, piece.reading, piece.taken, piece.observer)
        alike.setdefault(key, []).append(CitedLine(label, piece.line, piece.excerpt))
    for (source, digest, taken, observer), lines in alike.items():
        yield CitedReading(source, taken, observer, digest, tuple(lines))


def _conflicts(facts: Sequence[Cited]) -> Iterator[str]:
    """Say where facts contradict each other."""
    alike: dict[tuple[object, str], dict[object, Cited]] = {}
    for cited in facts:
        if cited.fact.relation in ONLY_ONE:
            values = alike.setdefault((cited.fact.subject, cited.fact.relation), {})
            values.setdefault(cited.fact.value, cited)
    for (subject, relation), values in alike.items():
        if len(values) > 1:
            told = " and ".join(f"{value} ({', '.join(c.labels)})" for value, c in values.items())
            yield f"{subject} {relation.replace('-', ' ')} {told}"
