"""Watch that some traffic has ceased after a change, and say how sure that is."""

from __future__ import annotations

import ipaddress
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

import whence.analysis._silence as judge
from whence.inquiry.silence import Vigil, is_after, keep_vigil, once, who_again
from whence.inquiry.silence_words import statement
from whence.model import (
    ACCEPTED,
    ATTEMPTED,
    BadInput,
    CannotAsk,
    Confidence,
    Fact,
    Flow,
    Reading,
    Sighting,
    WhenceError,
    ecs,
)
from whence.model.silence import Silence, Watched, seconds, united
from whence.probes.passes_through import passes_through
from whence.store.case_file import CaseFile
from whence.store.history import History
from whence.world import ThisHost, utc_now
from whence.world.netlink import TALKING
from whence.world.own_addresses import own_addresses
from whence.world.places import Places
from whence.world.sensor_process import SensorProcess
from whence.world.sockets import Sockets

STEP = "until_silent"  # in the case's journal, in place of a probe
CHANGED, WATCHED = "change-made", "silence-watched"
CEASED, SILENT, GOES_ON = "ceased-after", "silent-since", "goes-on-after"  # as in inquiry.story
ROUNDED = 2.0  # seconds between two looks at the clock
LOOK_BACK = timedelta(days=90)
CEASES = (Confidence.LIKELY, Confidence.POSSIBLE)
MOST = 20_000  # sightings before the change, the newest


@dataclass(frozen=True, slots=True)
class Ceased:
    """What came of it."""

    case: str
    target: Flow
    silence: Silence
    sentence: str
    again: str = ""  # who made it again; empty: it was not seen
    seen: Sighting | None = None
    interrupted: bool = False
    done: bool = False  # as long as the user asked for
    cannot_see: tuple[str, ...] = ()
    not_read: tuple[str, ...] = ()  # of what was before, and why
    passing: tuple[str, ...] = ()  # stations whose connections to it only pass through here

    @property
    def is_silent(self) -> bool:
        """Whether it was silent for as long as was asked, and that says something."""
        return self.done and not self.again and self.silence.confidence in CEASES


def until_silent(
    case: CaseFile,
    quiet: timedelta,
    *,
    after: datetime | None = None,
    grace: timedelta = timedelta(minutes=1),
    level: str = "auto",
    hear: Callable[[Vigil, timedelta], None] = lambda vigil, left: None,
) -> Ceased:
    """Watch until the traffic of a case was silent for ``quiet`` after a change, or comes again.

    Only time in which somebody watched counts. The case remembers when the change was made and
    what was watched, so that it can be gone on with; what a recorder kept counts, too. ^C ends it
    with what there is.

    Raises
    ------
    BadInput
        If the case is about no traffic.
    CannotAsk
        If no sensor can run here, or if all that was seen was seen on another machine.

    """
    flow = case.subject
    if not isinstance(flow, Flow):
        raise BadInput(f"{flow} is no traffic", because="only traffic can fall silent",
                       try_="whence ADDRESS:PORT --until-silent 24h, or with -i IF")  # fmt: skip
    _refuse_elsewhere(case, flow)
    since = _change(case, flow, after)
    watch = _Watch(case, flow, since, since + grace)
    vigil = Vigil(None)
    need = quiet - timedelta(seconds=watch.watched())
    if not watch.again() and need > timedelta():
        with SensorProcess((flow, flow.reversed()), level) as sensor:
            vigil = keep_vigil(
                (flow, flow.reversed()), sensor, since + grace, need, utc_now, hear, watch.keep
            )
        if vigil.watched:
            watch.keep(vigil.watched)
    return watch.result(vigil, quiet)


class _Watch:
    """What is known of a watch: before the change, and since."""

    def __init__(self, case: CaseFile, flow: Flow, since: datetime, grace: datetime) -> None:
        self._case = case
        self._flow = flow
        self._flows = (flow, flow.reversed())
        self._since = since
        self._grace = grace
        self._history = History(Places.of_this_user().history, utc_now)
        self._not_read: dict[str, None] = {}
        self._before = self._sightings(None, since)
        self._kept: list[Watched] = []

    def again(self) -> Sighting | None:
        """Give what was seen after the change, by the recorder or now."""
        later = [seen for seen in self._sightings(self._grace, None) if self._is_after(seen)]
        if not later and utc_now() > self._grace:
            later = [seen for seen in self._present() if self._is_after(seen) and seen.maker]
        callers = [seen for seen in later if seen.action == ATTEMPTED]
        return next(iter(callers or later), None)

    def watched(self) -> float:
        """Say for how many seconds after the change somebody watched, so far."""
        return seconds(self._spans_after(utc_now()))

    def keep(self, watched: Watched) -> None:
        """Write down in the case that somebody watched."""
        began = self._kept[-1].ended if self._kept else watched.began
        part = Watched(began, watched.ended, watched.sensor, watched.lost - self._lost_so_far())
        text = msgspec.json.encode(part).decode()
        reading = self._reading("the watch for silence", text)
        said = f"{_at(part.began)} to {_at(part.ended)} UTC by {part.sensor}, {part.lost} lost"
        _write(self._case, self._flow.fact(WATCHED, said, reading.whole()), reading)
        self._kept.append(part)

    def result(self, vigil: Vigil, quiet: timedelta) -> Ceased:
        """Judge what was watched, and write that down."""
        seen = vigil.seen or self.again()
        silence = self._judged(max(self._since, min(seen.first if seen else utc_now(), utc_now())))
        again = f"{_at(seen.last)} UTC {who_again(seen, self._before)}" if seen else ""
        done = not vigil.interrupted and silence.watched >= quiet.total_seconds() - ROUNDED
        sentence = statement(str(self._flow), silence, again, done=done)
        passing = self._passing()
        self._write_result(silence, sentence, again, passing, done=done)
        return Ceased(self._case.id, self._flow, silence, sentence, again, seen,
                      vigil.interrupted, done, vigil.cannot_see, (*self._not_read,),
                      passing)  # fmt: skip

    def _passing(self) -> tuple[str, ...]:
        """Say what passes through here: that starts elsewhere, and was not watched."""
        with self._passing_over():
            facts = passes_through.ask(self._flow, ThisHost())
            return tuple(str(fact.value) for fact in facts)
        return ()

    def _judged(self, end: datetime) -> Silence:
        made = [seen for seen in self._before if seen.action == ATTEMPTED]
        told = made or [seen for seen in self._before if seen.action == ACCEPTED]
        begins = [seen.first.timestamp() for seen in told]
        first = min((seen.first for seen in told), default=None)
        spans = self._recorded()
        earlier = seconds(united(spans, first, self._since)) if first else 0.0
        if first and not earlier:  # nobody recorded: it was looked at, from then to the change
            earlier = (self._since - first).total_seconds()
        later = self._spans_after(end)
        known = judge.before(begins, self._since.timestamp(), earlier)
        watched = seconds(later)
        by_chance = judge.chance(known, watched)
        period = known.period
        return Silence(
            self._since, end, len(known.times), sum(max(1, seen.count) for seen in told), first,
            max((seen.last for seen in told), default=None), earlier, watched,
            sum(span.lost for span in later), tuple(sorted({span.sensor for span in later})),
            max(known.gaps[:-1], default=0.0), period.seconds if period else 0.0,
            period.jitter if period else 0.0, judge.expected(known, watched), by_chance,
            judge.enough(known), judge.confidence(by_chance),
        )  # fmt: skip

    def _write_result(
        self, silence: Silence, sentence: str, again: str, passing: tuple[str, ...], *, done: bool
    ) -> None:
        told = {"sentence": sentence, "figures": silence, "passing": passing}
        text = msgspec.json.encode(told).decode()
        reading = self._reading("what was watched for silence", text)
        sure = silence.confidence
        if again:
            _write(self._case, self._flow.fact(GOES_ON, sentence, reading.whole()), reading)
        elif done:
            relation = CEASED if sure in CEASES else SILENT
            fact = self._flow.fact(relation, sentence, reading.whole(), confidence=sure)
            _write(self._case, fact, reading)
        else:
            self._case.note_interrupted(sentence)

    def _sightings(self, since: datetime | None, until: datetime | None) -> list[Sighting]:
        told = [*self._remembered(since, until), *_in_case(self._case)]
        # Files of other tools tell of the same connections again, by whatever clock. They say
        # nothing of what came after a change, and of before only where nobody else does.
        own = [seen for seen in told if not seen.report]
        told = own or (told if until else [])
        return [
            seen
            for seen in once(told)
            if not ((until and seen.first > until) or (since and seen.last < since))
            and any(flow.covers(seen.flow) for flow in self._flows)
        ]

    def _remembered(self, since: datetime | None, until: datetime | None) -> Iterator[Sighting]:
        begin = since or self._since - LOOK_BACK
        with self._passing_over():
            for flow in dict.fromkeys(self._flows):
                yield from deque(self._history.sightings(flow, begin, until), maxlen=MOST)
        for reason in self._history.unreadable.values():
            self._not_read[str(reason)] = None

    def _recorded(self) -> list[Watched]:
        with self._passing_over():
            return [Watched(*span) for span in self._history.watched()]
        return []

    def _spans_after(self, end: datetime) -> list[Watched]:
        spans = (*self._recorded(), *_watches(self._case, self._flow))
        return united(spans, self._since, end)

    def _present(self) -> Iterator[Sighting]:
        sockets = Sockets.open()
        for flow in dict.fromkeys(self._flows):
            with self._passing_over():
                # Where one end has hung up, and the other has not closed yet, nothing goes on.
                yield from sockets.now(flow, TALKING)

    def _is_after(self, seen: Sighting) -> bool:
        return is_after(seen, self._flows, self._grace)

    def _lost_so_far(self) -> int:
        return sum(part.lost for part in self._kept)

    def _passing_over(self) -> _Noting:
        return _Noting(self._not_read)

    def _reading(self, source: str, text: str) -> Reading:
        return Reading(source, text, utc_now(), ThisHost().name)


class _Noting(suppress):
    """Go on without what cannot be read, and keep the reason."""

    def __init__(self, reasons: dict[str, None]) -> None:
        super().__init__(WhenceError)
        self._reasons = reasons

    def __exit__(self, kind: object, fault: object, trace: object) -> bool:
        if isinstance(fault, WhenceError):
            self._reasons[f"{fault}: {fault.because}" if fault.because else str(fault)] = None
        return isinstance(fault, WhenceError)


def _refuse_elsewhere(case: CaseFile, flow: Flow) -> None:
    """Refuse where only files tell of the traffic, and neither end is an address of this machine.

    No sensor here would ever see it, so its silence would say nothing.
    """
    told = [*_in_case(case)]
    ends = {end for seen in told for end in (seen.flow.source, seen.flow.destination) if end}
    if not told or any(seen.report is None for seen in told):
        return
    if any(ipaddress.ip_address(end).is_loopback for end in ends):
        return  # of whichever machine
    if ends.isdisjoint(own_addresses(ThisHost())):
        raise CannotAsk(
            f"nobody on this machine sees {flow}",
            because="the case knows of it from files that tell of another machine",
            try_="whence import what is recorded there after the change; or, where its packets "
            f"pass, begun before the change: whence {case.id} --until-silent 1m -i INTERFACE",
        )


def _change(case: CaseFile, flow: Flow, after: datetime | None) -> datetime:
    """Give when the change was made: as is said now, or as was said before; else it is now.

    Where it went on after the last change, there must have been another.
    """
    told = [fact for fact in case.facts() if fact.relation in (CHANGED, GOES_ON)]
    if after is None and told and told[-1].relation == CHANGED:
        return datetime.fromisoformat(str(told[-1].value))
    since = after or utc_now()
    if since > utc_now():
        raise BadInput("--after is in the future", because="a change is made before one watches")
    text = f"a change was made at {since.isoformat()}, the user says"
    reading = Reading("what the user said", text, utc_now(), ThisHost().name)
    fact = flow.fact(CHANGED, since.isoformat(), reading.whole(), confidence=Confidence.REPORTED)
    _write(case, fact, reading)
    return since


def _write(case: CaseFile, fact: Fact, reading: Reading) -> None:
    case.keep_reading(reading.source, reading)
    case.note_step(STEP, fact.subject, [fact])


def _watches(case: CaseFile, flow: Flow) -> Iterator[Watched]:
    for fact in case.facts():
        if fact.subject == flow and fact.relation == WATCHED:
            with suppress(msgspec.DecodeError):
                yield msgspec.json.decode(fact.evidence[0].excerpt, type=Watched)


def _in_case(case: CaseFile) -> Iterable[Sighting]:
    """Give the sightings that a case rests on."""
    for source, answer in case.answers():
        if source.startswith("connections ") and not isinstance(answer, CannotAsk):
            yield from map(ecs.from_line, filter(None, answer.lines()))


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


__all__ = ["Ceased", "Vigil", "until_silent"]
