"""Where is an address configured? A case that asks this one question, as deep as is allowed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import whence.probes
from whence.inquiry.explain import Hear, NotChecked, ask_all
from whence.inquiry.known import Known
from whence.inquiry.means import Means
from whence.inquiry.plan import Board
from whence.inquiry.remedies._declare import Chain
from whence.inquiry.remedies.correct_the_row import correct_the_row
from whence.inquiry.unseen_story import CONFIGURED
from whence.inquiry.witnesses import Seen, Witnesses
from whence.model import (
    ATTEMPTED,
    BadInput,
    Execution,
    Fact,
    Flow,
    Observable,
    Probe,
    Process,
    ProcessRecord,
    Reach,
    Setting,
    Sighting,
)
from whence.model.discovery import discover
from whence.model.mention_ranking import says_nothing, weight
from whence.model.mentions import Mention, NotRead, decode_mention
from whence.model.suggestions import Suggestion
from whence.store.case_file import CaseFile

ASKED = (
    "configured_in",
    "configured_elsewhere",
    "configured_in_database",
    "configured_in_own_database",
    "dpkg_package_of_setting",
    "held_in_memory",
    "last_changed",
    "rpm_package_of_setting",
)


@dataclass(frozen=True, slots=True)
class Place:
    """A place where the address is configured, with all that is known of it."""

    setting: Setting
    mention: Mention
    confidence: str
    evidence: str  # "E7"
    says: str
    package: str = ""
    changed: str = ""
    committed: str = ""


@dataclass(frozen=True, slots=True)
class Hunt:
    """Where an address is configured, the likeliest place first."""

    case: str
    address: str
    at: datetime
    places: tuple[Place, ...]
    more: tuple[str, ...]  # what was found beyond these, in words
    not_looked_into: tuple[str, ...]
    not_checked: tuple[NotChecked, ...]
    suggestions: tuple[Suggestion, ...] = ()  # of rows of databases, how to put them right

    @property
    def sentence(self) -> str:
        """Say what it came to."""
        if not self.places:
            return f"{self.address} was not found where it was looked for."
        best = self.places[0]
        why = f", {best.setting.why}" if best.setting.why else ""
        form = best.mention.form
        how = f" ({form}: {best.mention.written})" if best.mention.written != self.address else ""
        return f"{self.address} stands in {best.setting}{how}{why}."


def find(case: CaseFile, means: Means, makers: Sequence[ProcessRecord], hear: Hear) -> Hunt:
    """Look for a case's address; ``makers`` is the process that the user named, with ancestors."""
    seen = Seen(means.host.name, means.clock, _named(case.subject, makers, means))
    heard = (seen,) if makers else (*means.witnesses, seen)
    witness = Witnesses(heard, means.host.name, means.clock)
    board = Board(case.subject)
    given = means.recorded_by(case.keep_reading, witness)
    refused = ask_all(case, board, given, Reach.SILENT, hear, _probes())
    hunt = _hunt(case, board.facts, refused)
    case.note_verdict("explained" if hunt.places else "insufficient", hunt.sentence)
    return hunt


def program_record(path: str, host: str, boot: str, at: datetime) -> ProcessRecord:
    """Describe a program that need not run, as the maker of traffic."""
    run = Execution(at, path, path, (path,))
    return ProcessRecord(Process(host, boot, 0, 0), at, executions=(run,))


def _probes() -> list[Probe[Any]]:
    return [probe for probe in discover(whence.probes, Probe, absent={}) if probe.name in ASKED]


def _named(subject: Observable, makers: Sequence[ProcessRecord], means: Means) -> list[Sighting]:
    if not makers or not isinstance(subject, Flow):
        return []
    now = means.clock()
    return [Sighting(subject, ATTEMPTED, now, now, tuple(makers), "the user", means.host.name)]


def _hunt(case: CaseFile, facts: Sequence[Fact], refused: Sequence[NotChecked]) -> Hunt:
    about: dict[tuple[Observable, str], list[Fact]] = {}
    for fact in facts:
        about.setdefault((fact.subject, fact.relation), []).append(fact)
    found = about.get((case.subject, CONFIGURED), [])
    places = {
        fact.value: _place(case, fact, about) for fact in found if isinstance(fact.value, Setting)
    }
    told = sorted(places.values(), key=lambda place: weight(place.mention, place.setting.why))
    better = [place for place in told if not says_nothing(place.mention)] or told
    skipped = about.get((case.subject, "not-looked-into"), [])
    address = case.subject.destination if isinstance(case.subject, Flow) else None
    return Hunt(
        case.id,
        address or str(case.subject),
        max((fact.at for fact in facts), default=case.created),
        tuple(better),
        tuple(str(fact.value) for fact in found if not isinstance(fact.value, Setting)),
        tuple(dict.fromkeys(str(fact.value) for fact in skipped)),
        tuple(_without_placeholder(refused)),
        tuple(correct_the_row.suggest(Chain(case.subject, Known(facts), tuple(facts)))),
    )


def _without_placeholder(refused: Sequence[NotChecked]) -> Iterator[NotChecked]:
    """Leave out “--database URL” where settings name a database: its URL is told."""
    is_named = any("--database" in entry.try_ and "://" in entry.try_ for entry in refused)
    return (entry for entry in refused if not (is_named and entry.try_.endswith("database URL")))


def _place(case: CaseFile, fact: Fact, about: dict[tuple[Observable, str], list[Fact]]) -> Place:
    setting = fact.value
    assert isinstance(setting, Setting)
    mention = decode_mention(fact.evidence[0].excerpt)
    if isinstance(mention, NotRead):
        raise BadInput("the case does not say where the address stands")

    def said(relation: str) -> str:
        return ", ".join(str(one.value) for one in about.get((setting, relation), []))

    return Place(
        setting, mention, str(fact.confidence), case.label(fact.evidence[0]),
        said("says"), said("belongs-to"), said("last-changed"), said("committed-by"),
    )  # fmt: skip
