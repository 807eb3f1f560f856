"""A report: all that is told of a case, whatever form it is then given."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from whence.inquiry.explain import NotChecked
from whence.inquiry.known import Verdict
from whence.model import Confidence, Fact, Observable, ProcessRecord, Sighting
from whence.store.ledger import NoteRow


class Topic(enum.StrEnum):
    """The ten questions of every investigation, in their order."""

    SIGHTING = "Is it really happening, since when, how much, how often?"
    PATH = "Which way does it go: does it start here, or pass through?"
    STATION = "Which machine is it?"
    PLACE = "Where is that machine plugged in, and what is behind that port?"
    PROCESS = "Which process makes it, running what, as whom?"
    LAUNCHER = "What started that process, and on what schedule?"
    PROGRAM = "Whose program is it, what is it for, is it intact?"
    REMOTE = "Who is at the other end?"
    REASON = "Where is that address configured, and what changed before it began?"
    REMEDY = "What would stop it, and did it?"

    @property
    def number(self) -> int:
        """Its place among the ten, from 1."""
        return [*Topic].index(self) + 1


class State(enum.StrEnum):
    """How a question ended."""

    ANSWERED = "answered"
    NOTHING = "asked, and nothing was found"
    REFUSED = "could not be asked"
    OPEN = "not asked"


class Redaction(enum.StrEnum):
    """What was replaced by pseudonyms."""

    NONE = "nothing"
    OWN = "own names and addresses"
    ALL = "all names and addresses"


@dataclass(frozen=True, slots=True)
class Cited:
    """A fact with the labels of its evidence: "E7"."""

    fact: Fact
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remedy:
    """One thing that would stop it: model.suggestions, as it is typed and told."""

    text: str  # what to do, one sentence
    invasive: str  # "one-process"; see model.suggestions.Invasive
    confidence: Confidence  # that this is what makes the traffic
    labels: tuple[str, ...]  # of the evidence why that would stop it
    commands: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()
    undo_text: str = ""
    breaks: tuple[str, ...] = ()  # what else would stop


@dataclass(frozen=True, slots=True)
class Question:
    """One of the ten, and what is known."""

    topic: Topic
    state: State
    facts: tuple[Cited, ...] = ()  # the first, those of the chain before others
    more: int = 0  # facts that are not among them
    confidence: Confidence = Confidence.UNKNOWN  # of the surest
    because: str = ""  # why there is no answer
    try_: str = ""  # what would get one
    remedies: tuple[Remedy, ...] = ()  # the least invasive first


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, and when."""

    at: datetime
    what: str
    kind: str  # "traffic", "process", "change" or "inquiry"
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CitedLine:
    """A line of a reading that something rests on."""

    label: str
    number: int  # from 1; 0: the reading as a whole
    text: str


@dataclass(frozen=True, slots=True)
class CitedReading:
    """A reading, with the lines of it that are cited."""

    source: str
    taken: datetime
    observer: str
    digest: str  # SHA-256 of its text; empty where it is withheld
    lines: tuple[CitedLine, ...]


@dataclass(frozen=True, slots=True)
class Custody:
    """How it can be shown that the case is what it was when it was written."""

    head: str  # the hash of the last entry
    entries: int
    problems: tuple[str, ...] = ()  # what is wrong with it, in words


@dataclass(frozen=True, slots=True)
class Report:
    """What a case came to, and what that rests on. All times are UTC."""

    case: str
    title: str  # as it was asked
    subject: Observable
    opened: datetime
    seen: datetime  # when the newest look was taken that it rests on
    written: datetime
    version: str  # of whence
    verdict: Verdict
    sentence: str
    others: tuple[str, ...]
    lineage: tuple[Cited, ...]
    facts: tuple[Cited, ...]  # all, in the order in which they were found
    questions: tuple[Question, ...]  # ten
    timeline: tuple[Event, ...]
    untold: int  # events that were left out of the timeline
    readings: tuple[CitedReading, ...]
    conflicts: tuple[str, ...]
    not_checked: tuple[NotChecked, ...]
    notes: tuple[NoteRow, ...]
    sightings: tuple[Sighting, ...]
    maker: tuple[ProcessRecord, ...]  # the process that it is about, then its ancestors
    custody: Custody
    redaction: Redaction = Redaction.NONE
