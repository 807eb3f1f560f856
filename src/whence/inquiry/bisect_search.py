"""The search for a port: events in, commands out. Pure: no clock, no switch, no packets.

First everything is mirrored, then nothing, to learn the rates; then always those ports that tell
most, until one is as sure as wanted; then the control test: off, on, off … Where the uplink can be
mirrored too there is nothing to learn first, and silence costs nothing: then it is always those
whose probabilities sum to a half.

Wald 1945 for the tests; Horstein 1963 and Waeber, Frazier, Henderson 2013 for halving the mass;
Lindley 1956 for what tells most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from whence.inquiry.bisect_choice import likeliest, most_telling
from whence.inquiry.bisect_control import ALL, MOST, PHASE, SURE, ControlTest, total
from whence.model.bisection import (
    NONE,
    Blind,
    Command,
    Event,
    Found,
    Frame,
    Mirror,
    Mirrored,
    Passed,
    Plan,
    Port,
    Segment,
    Skipped,
    Stopped,
    Watch,
)
from whence.model.bisection_belief import Belief, Rates, by_port, by_rates
from whence.model.bisection_watching import (
    AT_LEAST,
    COPIES,
    ENOUGH,
    EVENTS,
    GAPS,
    KEPT,
    Watching,
    coarser_gaps,
    events_among,
    gap_in_all,
    known_gap,
    unevenness,
)

SILENCE = 0.4  # of the first look's time, with nothing mirrored
DROWNED = 1.5  # look-alikes for each event of the suspect
BEFORE_TEST = 10.0  # times less sure than is wanted in the end
MANY = 30  # events, before it is said that look-alikes are too many
PATIENCE = 300.0  # events to be expected, after which a search has failed
WATCHED = 120.0  # s, before which no search has failed, however many events that are
CHANGES = 120  # of mirrors, after which it has failed
LEAST = 0.5  # events to be expected, before which ports are not changed again
DEAF = 3.0  # times a phase, after which bursts have left no more time in which one could begin
STEP = 0.25  # events to be expected between two looks at what is believed


@dataclass(slots=True)
class Search:
    """A search, and what it knows."""

    plan: Plan
    phase: str = "all"  # all, none, halves, control, others, end
    segments: list[Segment] = field(default_factory=list)
    changes: int = 0
    short: int = 0  # frames that may be of a mirrored port or not: they are left out
    result: Found | Stopped | None = None
    skipped: dict[Port, str] = field(default_factory=dict)
    reference: bool = False  # two copies of an event tell that its port is mirrored
    gap: float = GAPS[0]
    watching: Watching | None = None
    belief: Belief | None = None
    wanted: Mirror | None = None
    cost: float = 0.1  # s that a change takes, as learned
    probabilities: dict[Port, float] = field(default_factory=dict)
    rates: tuple[float, float] = (1.0, 0.1)  # of suspect and look-alikes, as believed
    test: ControlTest | None = None
    _joint: Mapping[Port, Sequence[float]] = field(default_factory=dict)  # of port and rates
    _grid_weights: Sequence[float] = ()
    _times: list[float] = field(default_factory=list)  # of frames, with the uplink mirrored
    _seen: list[Watching] = field(default_factory=list)
    _until: float = 0.0  # when the last setting of the mirrors ended
    _going_on: float = 0.0  # s that a burst could go on after it
    _blind: float = 0.0  # s between settings, in which nothing could be seen; no silence
    _refused: set[Port] = field(default_factory=set)  # what the control test spoke against
    _scaled: int = 0  # events that the grid was scaled by

    def begin(self) -> list[Command]:
        """Say what to do first."""
        if self.plan.burst is not None:
            self.gap = self.plan.burst
        self.reference = bool(self.plan.uplink)
        if self.reference:
            self.phase = "halves"
            self._believe(1.0)
            return [self._mirror(self._half(), "half of the ports, and the uplink")]
        return [self._mirror(self._usable(), "all ports: how often does it happen?")]

    def take(self, event: Event) -> list[Command]:
        """Learn what happened, and say what to do."""
        if self.result:
            return []
        if isinstance(event, Blind):
            self._fold()
            return [self.wanted] if self.wanted else []
        if isinstance(event, Skipped):
            return self._skip(event)
        if isinstance(event, Mirrored):
            return self._begin_to_watch(event)
        if self.watching is None:
            return []
        if isinstance(event, Frame) and event.mark == "short":
            self.short += 1
        elif isinstance(event, Frame):
            self.watching.frame(event)
            self._keep_time(event.at)
        elif isinstance(event, Passed):
            self.watching.passed(event.at)
            return [*self._next()]
        return []

    def explained(self) -> dict[str, float]:
        """Say how sure each port is, the likeliest first; the empty name is none of them."""
        found = sorted(self.probabilities.items(), key=lambda pair: -pair[1])
        return {port: share for port, share in found if share >= 0.0005}

    @property
    def tested(self) -> Port:
        """The port that the control test is about, or was."""
        return self.test.suspect if self.test else NONE

    def _begin_to_watch(self, event: Mirrored) -> list[Command]:
        self._fold()
        self.changes += 1
        if event.took:
            self.cost = event.took if self.changes == 1 else 0.7 * self.cost + 0.3 * event.took
        self._blind += max(0.0, event.at - self._until) if self._until else 0.0
        self.watching = Watching(event, self.gap, self._going_on)
        return [self._watch()]

    def _skip(self, event: Skipped) -> list[Command]:
        self.skipped[event.port] = event.because
        if self.wanted and event.port in self.wanted.ports:
            return [self._mirror(tuple(p for p in self.wanted.ports if p != event.port), "skipped")]
        return []

    def _fold(self) -> None:
        """Put away what was seen with the last setting of the mirrors."""
        if self.watching is None:
            return
        segment = self.watching.segment()
        self._until, self._going_on = self.watching.now, self.watching.going_on
        self._seen.append(self.watching)
        self.watching = None
        self.segments.append(segment)
        if self.test and self.phase == "control":
            self.test.segments.append(segment)
        if self.belief:
            self.belief.learn(segment)

    def _next(self) -> Iterator[Command]:
        done = {
            "all": self._first_look,
            "none": self._silence,
            "halves": self._halves,
            "control": self._control_test,
            "others": self._look_at_others,
        }[self.phase]()
        yield done if done else self._watch()

    def _watch(self) -> Watch:
        return Watch(max(0.02, min(STEP / self._rate(), 60.0)) if self.belief else 0.25)

    # The first look: all mirrored, then none.

    def _first_look(self) -> Command | None:
        assert self.watching
        frames, now = self.watching.times, self.watching.now
        if len(frames) < ENOUGH:
            return None
        gap = self.plan.burst
        if gap is None:
            gap = known_gap(frames, now)
        elif now - frames[0] < AT_LEAST or events_among(frames, gap) < EVENTS:
            return None
        if gap is None:
            return None
        self.gap = gap
        self.watching = self.watching.again(gap)
        self._fold()
        if self.plan.way == "cable":  # nobody unplugs all of an office
            first = self.segments[-1]
            self._believe(max(first.single, 1) / max(first.seconds, 1e-3))
            self.phase = "halves"
            return self._halves()
        self.phase = "none"
        return self._mirror((), "none: what is seen anyway?")

    def _silence(self) -> Command | None:
        assert self.watching
        first = next(segment for segment in reversed(self.segments) if segment.ports)
        silent = sum(segment.seconds for segment in self.segments if not segment.ports)
        if silent + self._watched() < SILENCE * first.seconds:
            return None
        self._fold()
        self._believe(max(first.single, 1) / max(first.seconds, 1e-3))
        self.phase = "halves"
        return self._halves()

    # Halves of the mass, until one port is sure.

    def _halves(self) -> Command | None:
        self._look()
        port = max(self.probabilities, key=self.probabilities.__getitem__)
        if self._has_failed():
            return self._with_coarser_gap() or self._drowned()
        if self.reference and self._gives_no_copies():
            return self._without_reference()
        if self.probabilities[port] >= self._enough_to_test():
            gap = self._known_gap() if port else self.gap
            if gap is None:
                return None
            if gap > self.gap:
                return self._count_again(gap)
            if port:
                return self._begin_test(port)
            return self._with_coarser_gap() or self._end(self._none())
        return self._half_again() if self.reference else self._what_tells_most()

    def _half_again(self) -> Command | None:
        """With the uplink each event tells as much as half of the ports can."""
        ports = self._half()
        if self.watching is None:
            return self._mirror(ports, "half of what is likely")
        held = frozenset(self.watching.began.ports)
        if self.watching.settled() and self._says_enough(held) and frozenset(ports) != held:
            return self._mirror(ports, "half of what is likely")
        return None

    def _what_tells_most(self) -> Command | None:
        """Without it silence tells as well, and nobody knows yet how often look-alikes come."""
        assert self.belief
        held = None
        if self.watching:
            if not self.watching.settled() or self._watched() < LEAST / self._rate():
                return None
            held = frozenset(self.watching.began.ports)
        ports = most_telling(
            self.belief, self._joint, self._usable(), held,
            rate=self._rate(), cost=self.cost, cables=self.plan.way == "cable",
        )  # fmt: skip
        return None if ports is None else self._mirror(ports, "what tells most now")

    def _keep_time(self, at: float) -> None:
        """Keep when frames came that are seen whatever is mirrored; a copy is no other frame."""
        at -= self._blind
        alone = not self._times or at - self._times[-1] > COPIES
        if self.reference and self.phase == "halves" and alone and len(self._times) < KEPT:
            self._times.append(at)

    def _coarser(self) -> float | None:
        """Give a gap that merges more frames, if all that was seen speaks for it."""
        gap = self.gap if self.plan.burst is not None else gap_in_all(self._all_seen(), self.gap)
        return gap if gap > self.gap else None

    def _known_gap(self) -> float | None:
        """Give how close frames are one event; None: that is not known yet."""
        gap: float | None = self.gap
        if self.reference and self.plan.burst is None:
            assert self.watching
            gap = known_gap(self._times, self.watching.now - self._blind)
        return gap if gap is None else max(gap, self._coarser() or gap)

    def _with_coarser_gap(self) -> Command | None:
        """Before it gives up: look whether it goes with more of the frames taken for one event."""
        gaps = coarser_gaps(self._all_seen(), self.gap) if self.plan.burst is None else []
        return self._count_again(gaps[0]) if gaps else None

    def _all_seen(self) -> list[Watching]:
        """Give all settings; where copies would count as frames, none with copies."""
        seen = [*self._seen, *([self.watching] if self.watching else [])]
        return [one for one in seen if self.gap > COPIES or not one.began.reference]

    def _count_again(self, gap: float) -> Mirror:
        """Count bursts as events, in what was seen and from now on."""
        self.gap = gap
        self._fold()
        self.phase, self.test = "halves", None
        self._refused.clear()
        self.segments, self._going_on = [], 0.0
        for seen in self._seen:
            again = seen.again(self.gap, self._going_on)
            self._going_on = again.going_on
            self.segments.append(again.segment())
        self._believe(_rate_of_all(self.segments))
        return self._mirror(self._half(), "half of what is likely; its frames come in bursts")

    def _gives_no_copies(self) -> bool:
        """Say whether no event was ever seen twice, and some should have been."""
        seen = [*self.segments, *([self.watching.segment()] if self.watching else [])]
        if any(segment.double for segment in seen):
            return False
        too_short = self.short >= ENOUGH + sum(segment.single for segment in seen)
        return too_short or self.probabilities[NONE] > 0.9

    def _without_reference(self) -> Mirror:
        """Begin anew: some switches never hand over a frame twice, nor mark it."""
        self._fold()
        self.reference = False
        self.belief, self.segments, self.probabilities, self._seen = None, [], {}, []
        self.phase = "all"
        because = (
            f"{self.short} frames are too short to be marked"
            if self.short
            else "this switch does not give two copies"
        )
        return self._mirror(self._usable(), f"all ports; {because}, the uplink is no use")

    def _enough_to_test(self) -> float:
        """Say how sure to be before the test, which makes it a thousand times surer, or refutes."""
        return max(0.5, 1 - BEFORE_TEST * (1 - self.plan.confidence))

    def _says_enough(self, held: frozenset[Port]) -> bool:
        mass = sum(self.probabilities.get(port, 0.0) for port in held)
        margin = self._margin()
        return not margin <= mass <= 1 - margin

    def _margin(self) -> float:
        """Say how near to sure a half must be before the next: the dearer a change, the nearer."""
        return 0.03 if self.cost * self.rates[0] > 3 else 0.12  # events during a change

    def _half(self) -> tuple[Port, ...]:
        """Choose ports of about half of the mass, the likeliest first."""
        if self.probabilities.get(NONE, 0.0) > 0.5:
            return self._usable()
        return likeliest(self.probabilities, self._usable())

    # The control test: off and on by turns, then all others.

    def _begin_test(self, port: Port) -> Command:
        self._fold()
        self.test = ControlTest(port, self._usable(), self.plan.way == "cable")
        self.phase = "control"
        return self._mirror(self.test.turned_off, f"does it go with {port} off?", reference=False)

    def _control_test(self) -> Command | None:
        assert self.test
        assert self.belief
        assert self.watching
        wanted = self.test.phase / self._rate()
        if self.watching.segment().seconds < wanted and self._watched() < DEAF * wanted:
            return None
        self._fold()
        if (gap := self._coarser()) is not None:
            return self._count_again(gap)
        # How long a phase is to be is learned from the test, too; its weights are from before it.
        self.rates = _mean(self.belief.grid, by_rates(self.belief.joint()))
        bursts = unevenness(self._all_seen(), self.gap)
        test, weight = self.test, self.test.weigh(self.belief.grid, self._grid_weights, bursts)
        if test.confirms(weight):
            if test.cables:
                return self._end(Found(test.suspect, test.summary(), test.share()))
            self.phase = "others"
            return self._mirror(test.others, "all others: is there a second source?", False)
        if test.phases >= 3 and weight < -SURE:
            return self._go_back()
        if test.phases > MOST:
            return self._with_coarser_gap() or self._drowned()
        if test.is_on:
            return self._mirror(test.turned_off, f"without {test.suspect}: does it go?", False)
        return self._mirror(test.turned_on, f"{test.suspect}: does it come back?", False)

    def _go_back(self) -> Command:
        """The control test spoke against the port; what it saw has been learned already."""
        assert self.test
        if self.test.suspect in self._refused:
            return self._end(
                Stopped(
                    f"{self.test.suspect} looks right and does not pass the control test",
                    "look whether the mirror shows other ports' traffic, too: whence bisect log",
                )
            )
        self._refused.add(self.test.suspect)
        self.phase = "halves"
        self._look()
        return self._mirror(self._half(), "half of what is likely, again")

    def _look_at_others(self) -> Command | None:
        assert self.watching
        assert self.test
        watched, wanted = self._watched(), 2 * PHASE / self._rate()
        if watched < wanted:
            return None
        seen = self.watching.segment()
        if seen.single and watched < 2 * wanted:
            return None  # look-alikes may come together by chance: a second source goes on
        quiet = total([one for one in self.segments if not one.ports and not one.reference])
        share = self.test.share_beside(seen, quiet)
        is_slight = ALL <= share < 1  # a second source, and hardly anything comes of it
        if watched < 4 * wanted and (is_slight or self.test.doubts(seen, quiet)):
            return None
        return self._end(Found(self.test.suspect, self.test.summary(), share, seen.single))

    # What all of it shares.

    def _look(self) -> None:
        """Bring up to date what is believed."""
        assert self.belief
        now = self.watching.segment() if self.watching else None
        self._scale(now)
        self._joint = self.belief.joint(now)
        self.probabilities = by_port(self._joint)
        summed = by_rates(self._joint)
        self.rates = _mean(self.belief.grid, summed)
        self._grid_weights = summed

    def _believe(self, rate: float) -> None:
        self.belief = Belief(self.plan.ports, self.plan.weights, rate)
        for segment in self.segments:
            self.belief.learn(segment)
        self._look()

    def _scale(self, now: Segment | None) -> None:
        """With the uplink mirrored, rates are learned on the way: move the grid there."""
        if not self.reference or self.phase != "halves" or self._scaled >= 16:
            return
        seen = [*self.segments, *([now] if now else [])]
        events = sum(segment.single + segment.double for segment in seen)
        if events >= max(2, 2 * self._scaled):
            self._scaled = events
            seconds = max(sum(segment.seconds for segment in seen), 1e-3)
            self.belief = Belief(self.plan.ports, self.plan.weights, events / seconds)
            for segment in self.segments:
                self.belief.learn(segment)

    def _watched(self) -> float:
        """Say for how long it has been like this, s."""
        return self.watching.now - self.watching.began.at if self.watching else 0.0

    def _rate(self) -> float:
        """Say how often the suspect's events are believed to come, a second."""
        return max(self.rates[0], 1e-6)

    def _usable(self) -> tuple[Port, ...]:
        return tuple(port for port in self.plan.ports if port not in self.skipped)

    def _mirror(self, ports: Sequence[Port], why: str, reference: bool | None = None) -> Mirror:
        self._fold()
        with_uplink = self.reference if reference is None else reference
        self.wanted = Mirror(tuple(ports), with_uplink, why)
        return self.wanted

    def _has_failed(self) -> bool:
        suspect = self.rates[0]
        seconds = sum(segment.seconds for segment in self.segments)
        events = sum(segment.single + segment.double for segment in self.segments)
        # What was seen with one setting alone says nothing of look-alikes.
        differ = len({frozenset(segment.ports) for segment in self.segments}) > 1
        drowned = differ and events >= MANY and self._drowning() > 0.95 and not self.reference
        long = seconds > WATCHED and seconds * suspect > PATIENCE
        return drowned or long or self.changes > CHANGES

    def _drowning(self) -> float:
        """Say how sure it is that look-alikes are too many."""
        assert self.belief
        cells = zip(self.belief.grid, self._grid_weights, strict=True)
        return sum(weight for rates, weight in cells if rates.alike > DROWNED * rates.suspect)

    def _drowned(self) -> Command:
        suspect, alike = self.rates
        return self._end(
            Stopped(
                f"look-alikes drown the suspect: about {alike:.2g} a second, the suspect's "
                f"{suspect:.2g}, after {self.changes} mirror changes",
                "narrow the filter, so that it lets through less of what is not meant",
            )
        )

    def _none(self) -> Stopped:
        left_out = ", ".join(self.skipped)
        return Stopped(
            "the traffic comes in by none of these ports"
            + (f"; not looked at: {left_out}" if left_out else ""),
            "give the ports that are missing, or look at the next switch, behind the uplink",
        )

    def _end(self, result: Found | Stopped) -> Command:
        self._fold()
        self.phase, self.result = "end", result
        return result


def run_again(events: Sequence[Event]) -> tuple[Search, list[Command]]:
    """Fold a search over what happened; give it, and what it wants next."""
    plan = events[0]
    assert isinstance(plan, Plan)
    search = Search(plan)
    wanted = search.begin()
    for event in events[1:]:
        if commands := search.take(event):
            wanted = commands
    return search, wanted


def _rate_of_all(segments: Sequence[Segment]) -> float:
    """Give the events a second, of all ports: of what the uplink showed, or with most mirrored."""
    most = max(len(segment.ports) for segment in segments)
    loud = [one for one in segments if one.reference] or [
        one for one in segments if len(one.ports) == most
    ]
    events = sum(one.single + one.double for one in loud)
    return max(events, 1) / max(sum(one.seconds for one in loud), 1e-3)


def _mean(grid: Sequence[Rates], weights: Sequence[float]) -> tuple[float, float]:
    suspect = sum(rates.suspect * weight for rates, weight in zip(grid, weights, strict=True))
    return suspect, sum(rates.alike * weight for rates, weight in zip(grid, weights, strict=True))
