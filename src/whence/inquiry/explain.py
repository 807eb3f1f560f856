"""The main job: take a target, ask all there is to ask, and say what it came to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import whence.probes
from whence.inquiry.known import Known, Story
from whence.inquiry.look import Waiting, seen_by, wait_for
from whence.inquiry.means import ASKED, GIVE, Means
from whence.inquiry.plan import Board
from whence.inquiry.remedy import suggestions
from whence.inquiry.run import Outcome, investigate
from whence.inquiry.stations import Station, station_of
from whence.inquiry.story import MAKERS, tell
from whence.inquiry.witnesses import Seen, Witnesses
from whence.model import (
    BadInput,
    CannotAsk,
    Fact,
    Flow,
    Ip,
    Mac,
    Observable,
    Probe,
    Process,
    ProcessRecord,
    Reach,
    Reading,
    Remote,
    SensorStatus,
    WhenceError,
    ecs,
)
from whence.model.discovery import discover
from whence.model.suggestions import Suggestion
from whence.store.case_file import CaseFile
from whence.world import RecordedHost, Switches
from whence.world.switch_list import Way

if TYPE_CHECKING:
    from whence.inquiry.side_by_side import SideBySide

Hear = Callable[[Waiting | Outcome], None]

ALLOW = {
    Reach.LOCAL_NET: "--ask-neighbours",
    Reach.DEVICE: "--ask-devices",
    Reach.REMOTE: "--online",
    Reach.OTHER_END: "--touch-remote",
}
HEARD = "it would be heard outside this machine"
NOTICED = "it would speak with the other end, which notices"


@dataclass(frozen=True, slots=True)
class NotChecked:
    """A question that has no answer, why, and what would get one."""

    question: str
    because: str
    try_: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a case came to, with what a face needs to show it."""

    case: str
    subject: Observable
    story: Story
    at: datetime  # of the newest look that it rests on
    facts: tuple[tuple[str, Fact], ...]  # with the label of its first evidence: "E7"
    not_checked: tuple[NotChecked, ...]
    maker: tuple[ProcessRecord, ...] = ()  # the process that the story is about, and its ancestors
    sensor: SensorStatus | None = None
    station: Station | None = None  # the machine, where the case is about one
    suggestions: tuple[Suggestion, ...] = ()  # of what would stop it, the least invasive first


def explain(
    case: CaseFile,
    means: Means,
    limit: Reach,
    wait: timedelta | None,
    hear: Hear,
    level: str,
) -> Answer:
    """Investigate a case's subject, and keep every step in the case.

    A case that was begun before goes on where it stopped: what was refused is asked again, and
    what nobody had seen of the subject, for the world may have changed. When the traffic is not
    in the case, not in the history and not there now, waits for it as long as ``wait`` says.
    """
    seen = Seen(means.host.name, means.clock)
    again = _not_again(case) if wait is not None else ()
    status = _wait(case, means, seen, wait, hear, level)
    witness = Witnesses((*means.witnesses, seen), means.host.name, means.clock)
    given = means.recorded_by(case.keep_reading, witness)
    switches = _switches(means, case)
    if switches is not None:
        given[Switches] = switches
    board = Board(case.subject, case.facts(), _answered(case))
    probes = [probe for probe in _probes() if probe.reach not in means.quiet]
    refused = ask_all(case, board, given, limit, hear, probes)
    story = tell(case.subject, board.facts, *_asked(case))
    case.note_verdict(story.verdict, story.sentence)
    silent = [
        NotChecked("What was seen before?", _because(reason), reason.try_)
        for reason in witness.silent.values()
    ]
    silent += [
        NotChecked(f"Is it at {name}?", _because(reason), reason.try_)
        for name, reason in (switches.silent if switches else {}).items()
    ]
    silent += [
        NotChecked(f"Did {name} tell all that it has learned?", what)
        for name, what in (switches.missing if switches else ())
    ]
    unasked = _unasked(board, given, limit)
    speaks = {one.way.name: _speaks(one.way) for one in means.switches or ()}
    return _answer(case, board, story, (*silent, *again, *refused, *unasked), status, speaks)


def replay(case: CaseFile) -> tuple[Answer, list[str]]:
    """Ask everything again of the recorded world; say where the facts differ from the case's."""
    board = Board(case.subject, taken_as_they_stand(case))
    answered: set[tuple[str, Observable]] = set()
    asked = {step.probe for step in case.steps()}
    probes = [probe for probe in _probes() if probe.name in asked]
    for answers in case.sessions():
        world = _recorded(answers)
        everything: dict[type, object] = dict.fromkeys(ASKED, world)
        everything[Switches] = _replayed_switches(world)
        board.asked = set(answered)
        for outcome in investigate(board, probes, everything, max(Reach)):
            step = outcome.step
            if _is_settled(case, step.about, outcome.facts, outcome.refused):
                answered.add((step.probe.name, step.about))
    story = tell(case.subject, board.facts, *_asked(case))
    then, now = _words(case.facts()), _words(board.facts)
    differences = [f"only in the case: {fact}" for fact in sorted(then - now)]
    differences += [f"only in the replay: {fact}" for fact in sorted(now - then)]
    return _answer(case, board, story, (), None), differences


def taken_as_they_stand(case: CaseFile) -> list[Fact]:
    """Give the facts that no question of ours leads to: a replay believes the case in them."""
    known = {probe.name for probe in _probes()}
    return [fact for step in case.steps() if step.probe not in known for fact in step.facts]


def _switches(means: Means, case: CaseFile) -> SideBySide | None:
    if means.switches is None:
        return None
    from whence.inquiry.side_by_side import SideBySide  # not before: few ask devices

    return SideBySide(means.switches, means.host, means.clock, case.keep_reading)


def _replayed_switches(world: RecordedHost) -> Switches:
    from whence.inquiry.side_by_side import ReplayedSwitches  # not before, as above

    return ReplayedSwitches(world)


def answer_of(case: CaseFile) -> Answer:
    """Give the answer of a case as it stands, without asking anything."""
    board = Board(case.subject, case.facts(), _answered(case))
    probes = {probe.name: probe for probe in _probes()}
    last = {(step.probe, step.about): step for step in case.steps()}
    refused = [
        _not_checked(probes[step.probe], step.about, step.refused)
        for step in last.values()
        if step.refused and step.probe in probes
    ]
    return _answer(case, board, tell(case.subject, board.facts, *_asked(case)), refused, None)


def _recorded(answers: Sequence[tuple[str, Reading | CannotAsk]]) -> RecordedHost:
    observers = (given.observer for _, given in answers if isinstance(given, Reading))
    return RecordedHost(name=next(observers, "unknown"), answers=answers)


def _wait(
    case: CaseFile,
    means: Means,
    seen: Seen,
    wait: timedelta | None,
    hear: Hear,
    level: str,
) -> SensorStatus | None:
    if wait is None or not isinstance(case.subject, Flow) or _has_maker(case):
        return None
    with ExitStack() as stack:
        flows = (case.subject, case.subject.reversed())
        sensor = stack.enter_context(means.waits(flows, level))
        if found := seen_by(means.witnesses, case.subject):
            seen.sightings += found  # what is short may be gone when it is asked for again
            return None
        return wait_for(flows, sensor, seen, wait, hear)


def ask_all(
    case: CaseFile,
    board: Board,
    given: dict[type, object],
    limit: Reach,
    hear: Hear,
    probes: Sequence[Probe[Any]],
) -> list[NotChecked]:
    """Ask until nothing is left to ask, note each step, and say what could not be asked."""
    refused: list[NotChecked] = []
    for outcome in investigate(board, probes, given, limit):
        step = outcome.step
        case.note_step(step.probe.name, step.about, outcome.refused or outcome.facts)
        if outcome.refused:
            refused.append(_not_checked(step.probe, step.about, outcome.refused))
        hear(outcome)
    return refused


@cache
def _probes() -> list[Probe[Any]]:
    return [*discover(whence.probes, Probe, absent={})]


def _answered(case: CaseFile) -> set[tuple[str, Observable]]:
    return {
        (step.probe, step.about)
        for step in case.steps()
        if _is_settled(case, step.about, step.facts, step.refused)
    }


def _is_settled(
    case: CaseFile, about: Observable, facts: Sequence[Fact], refused: WhenceError | None
) -> bool:
    """Say whether to leave a question at its answer: nothing is one, but not of the subject."""
    return bool(facts) or (refused is None and about != case.subject)


def _asked(case: CaseFile) -> tuple[set[str], set[str]]:
    """Name the probes that were asked in a case, and those of them that nobody answered."""
    steps = case.steps()
    asked = {step.probe for step in steps}
    return asked, asked - {step.probe for step in steps if step.refused is None}


def _has_maker(case: CaseFile) -> bool:
    return any(fact.subject == case.subject and fact.relation in MAKERS for fact in case.facts())


def _not_again(case: CaseFile) -> tuple[NotChecked, ...]:
    """Say why nobody waits, where a case is gone on with that has its answer."""
    if not _has_maker(case):
        return ()
    anew = f"whence {case.subject} --wait 2h"
    return (NotChecked("Did it happen again?", "this case names who makes it", anew),)


def _unasked(board: Board, given: Mapping[type, object], limit: Reach) -> list[NotChecked]:
    """Say what was not asked: since it would be heard, or what it needs is not there."""
    found: list[NotChecked] = []
    for probe in _probes():
        if not _concerns(probe, board):
            continue
        missing = next(
            (GIVE[need] for need in probe.needs if need in GIVE and need not in given), None
        )
        if probe.reach > limit:
            because = NOTICED if probe.reach is Reach.OTHER_END else HEARD
            found.append(NotChecked(probe.question, because, ALLOW[probe.reach]))
        elif missing and isinstance(board.subject, Ip | Mac | Remote):
            found.append(NotChecked(probe.question, *missing))
    return found


def _concerns(probe: Probe[Any], board: Board) -> bool:
    return any(
        isinstance(thing, probe.about) and away <= probe.near
        for thing, away in board.distances().items()
    )


def _not_checked(probe: Probe[Any], about: Observable, reason: WhenceError) -> NotChecked:
    return NotChecked(f"{probe.question} ({about})", _because(reason), reason.try_)


def _because(reason: WhenceError) -> str:
    return f"{reason}: {reason.because}" if reason.because else str(reason)


def _answer(
    case: CaseFile,
    board: Board,
    story: Story,
    not_checked: Sequence[NotChecked],
    status: SensorStatus | None,
    speaks: Mapping[str, str] | None = None,
) -> Answer:
    labelled = tuple((case.label(fact.evidence[0]), fact) for fact in board.facts)
    blind = _blind(status) if status else ()
    maker = _maker(case, story)
    at = max((fact.at for fact in board.facts), default=case.created)
    return Answer(
        case.id,
        case.subject,
        story,
        at,
        labelled,
        (*not_checked, *blind),
        maker,
        status,
        _station(case.subject, board.facts),
        suggestions(case.subject, board.facts, speaks),
    )


def _speaks(way: Way) -> str:
    return way.options.get("platform", way.scheme)


def _station(subject: Observable, facts: Sequence[Fact]) -> Station | None:
    return station_of(subject, Known(facts)) if isinstance(subject, Ip | Mac) else None


def _blind(status: SensorStatus) -> tuple[NotChecked, ...]:
    because = f"the sensor “{status.sensor}” cannot see it"
    return tuple(NotChecked(what, because, "whence doctor") for what in status.cannot_see)


def _maker(case: CaseFile, story: Story) -> tuple[ProcessRecord, ...]:
    things = (case.subject, *(fact.value for fact in story.lineage))
    process = next((thing for thing in things if isinstance(thing, Process)), None)
    if process is None:
        return ()
    try:
        sessions = case.sessions()
    except BadInput:  # a text is damaged or missing, which verification tells
        return ()
    for answers in reversed(sessions):
        try:
            lines = _recorded(answers).process(process).lines()
            return tuple(ecs.record_from_line(line) for line in lines)
        except CannotAsk:
            continue
    return ()


def _words(facts: Sequence[Fact]) -> set[str]:
    return {f"{fact} ({fact.confidence})" for fact in facts}
