"""The ten questions, and what the facts and refusals of a case say to each. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from whence.inquiry.explain import NotChecked
from whence.inquiry.reporting.report import Cited, Question, Remedy, State, Topic
from whence.model import (
    Confidence,
    Container,
    Fact,
    Flow,
    Hostname,
    Ip,
    Job,
    Mac,
    Observable,
    Organisation,
    Outlet,
    Package,
    Process,
    Program,
    Remote,
    Service,
    Session,
    Setting,
    SwitchPort,
    User,
)
from whence.model.special_ranges import is_public

MOST = 10  # facts of an answer; all are told elsewhere
# What a fact is about decides first, then its relation, then again what it is about.
FIRST: dict[type, Topic] = {
    Remote: Topic.REMOTE,
    Organisation: Topic.REMOTE,
    SwitchPort: Topic.PLACE,
    Outlet: Topic.PLACE,
    Setting: Topic.REASON,
}
RELATIONS = {
    "seen": Topic.SIGHTING,
    "also-calls": Topic.SIGHTING,
    "captured": Topic.SIGHTING,
    "talked-with": Topic.SIGHTING,
    "contacts": Topic.SIGHTING,
    "not-attributed": Topic.PROCESS,
    "goes": Topic.PATH,
    "plugged-in-at": Topic.PLACE,
    "reached-through": Topic.PLACE,
    "was-heard": Topic.PLACE,
    "is-address-of": Topic.PLACE,
    "ends-at": Topic.STATION,
    "is-told-of-in": Topic.STATION,
    "made-by": Topic.PROCESS,
    "answered-by": Topic.PROCESS,
    "child-of": Topic.LAUNCHER,
    "started-by": Topic.LAUNCHER,
    "part-of": Topic.LAUNCHER,
    "explains-times-of": Topic.LAUNCHER,
    "belongs-to": Topic.PROGRAM,
    "other-end": Topic.REMOTE,
    "is-known-as": Topic.REMOTE,
    "configured-in": Topic.REASON,
}
LAST: dict[type, Topic] = {
    Flow: Topic.SIGHTING,
    Ip: Topic.STATION,
    Mac: Topic.STATION,
    Hostname: Topic.STATION,
    Process: Topic.PROCESS,
    User: Topic.PROCESS,
    Container: Topic.PROCESS,
    Job: Topic.LAUNCHER,
    Service: Topic.LAUNCHER,
    Session: Topic.LAUNCHER,
    Program: Topic.PROGRAM,
    Package: Topic.PROGRAM,
}
# What to type where nothing is known: {target}, {address}, {pid}, {path} are filled in.
TRY = {
    Topic.SIGHTING: "whence {target} --wait 2h",
    Topic.PATH: "whence path FILE, with a capture of all interfaces",
    Topic.STATION: "whence station {inside} --ask-neighbours",
    Topic.PLACE: "whence place {inside}",
    Topic.PROCESS: "whence {target} --wait 2h",
    Topic.LAUNCHER: "whence started PID",
    Topic.PROGRAM: "whence program PATH",
    Topic.REMOTE: "whence remote {address} --online",
    Topic.REASON: "whence find {address}",
    Topic.REMEDY: "whence watch {target}, after something was changed: is it silent?",
}

IMPORT_AGAIN = "whence import FILE, of a look that was taken after something was changed"


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions that were put, or could have been, by topic."""

    nothing: Mapping[Topic, int]  # how many were put and found nothing
    refused: Mapping[Topic, Sequence[NotChecked]]


def topic_of(about: Observable | type, relation: str) -> Topic:
    """Say to which of the ten a fact or a question belongs."""
    kind = about if isinstance(about, type) else type(about)
    return FIRST.get(kind) or RELATIONS.get(relation) or LAST.get(kind, Topic.SIGHTING)


def answered(
    subject: Observable,
    facts: Sequence[Cited],
    lineage: Iterable[Fact],
    asked: Asked,
    remedies: tuple[Remedy, ...] = (),
    near: str = "",
) -> tuple[Question, ...]:
    """Say what is known of each question, or why nothing is, and what to do.

    ``near`` is the address of the machine that was seen at it, where one is known.
    """
    chain = dict.fromkeys(lineage)
    by_topic: defaultdict[Topic, list[Cited]] = defaultdict(list)
    for cited in facts:
        by_topic[topic_of(cited.fact.subject, cited.fact.relation)].append(cited)
    told = tuple(
        _question(topic, _chosen(by_topic[topic], chain), _advice(topic, subject, near), asked)
        for topic in Topic
    )
    is_imported = any(isinstance(f.value, Process) and f.value.is_reported for f in chain)
    return tuple(map(partial(_with_remedies, remedies, is_imported), told))


def _with_remedies(remedies: tuple[Remedy, ...], is_imported: bool, question: Question) -> Question:
    if question.topic is not Topic.REMEDY:
        return question
    if is_imported:
        question = replace(question, try_=IMPORT_AGAIN)
    if not remedies:
        return question
    order = [*Confidence]
    sure = min((one.confidence for one in remedies), key=order.index)
    return replace(question, state=State.ANSWERED, confidence=sure, because="", remedies=remedies)


def _chosen(found: Sequence[Cited], chain: Mapping[Fact, None]) -> list[Cited]:
    """Put what is in the chain first; each fact once."""
    return sorted(dict.fromkeys(found), key=lambda cited: cited.fact not in chain)


def _question(topic: Topic, facts: Sequence[Cited], advice: str, asked: Asked) -> Question:
    if facts:
        order = [*Confidence]
        sure = min((cited.fact.confidence for cited in facts), key=order.index)
        more = max(0, len(facts) - MOST)
        return Question(topic, State.ANSWERED, tuple(facts[:MOST]), more, sure)
    refused = asked.refused.get(topic, ())
    if refused:
        because = "; ".join(dict.fromkeys(one.because for one in refused))
        hints = "; ".join(dict.fromkeys(one.try_ for one in refused if one.try_))
        return Question(topic, State.REFUSED, because=because, try_=hints or advice)
    if asked.nothing.get(topic):
        count = asked.nothing[topic]
        because = f"{count} question{'s were' if count > 1 else ' was'} put; none had an answer"
        return Question(topic, State.NOTHING, because=because, try_=advice)
    because = "nothing in this case asks for it"
    return Question(topic, State.OPEN, because=because, try_=advice)


def _advice(topic: Topic, subject: Observable, near: str) -> str:
    target, address, inside = str(subject), "ADDRESS", near or "ADDRESS"
    match subject:
        case Flow():
            address = subject.destination or subject.source or address
            inside = subject.source or near or _if_inside(address)
        case Ip() | Mac():
            address = inside = subject.address
        case Remote():
            address = subject.address
            inside = near or _if_inside(address)
        case Process():
            target = str(subject.pid)
        case Program():
            target = "ADDRESS:PORT"
    return TRY[topic].format(target=target, address=address, inside=inside)


def _if_inside(address: str) -> str:
    """Leave the word for it where an address is outside, which no switch here knows."""
    return "ADDRESS" if address == "ADDRESS" or is_public(address) else address
