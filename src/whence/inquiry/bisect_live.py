"""A search for a port with a real switch and real frames: carries out what the search wants."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from whence.inquiry.bisect_canary import Canary
from whence.inquiry.bisect_search import Search, run_again
from whence.model import CannotAsk
from whence.model.bisection import (
    Blind,
    Command,
    Event,
    Found,
    Mirror,
    Mirrored,
    Passed,
    Port,
    Skipped,
    Stopped,
    Watch,
)
from whence.world.mirror import CountsPackets, CutsFrames, KnowsStations, Mirrors
from whence.world.mirror import Mirror as Switch
from whence.world.mirror_folder import Before, MirrorFolder, running_boot
from whence.world.mirror_sniffer import MirrorSniffer

LATE = 0.01  # s that a frame may take from the kernel to us
TURN = 0.5  # s after which a face hears something
RETRIES = 2  # of a change that the switch did not carry out
PATIENCE = 2.0  # s until a link that is down is looked at again
COUNTED = 12.0  # s in which a switch counts anew; Open vSwitch does each 5 s
HUSH = 4.0  # s for which all that are mirrored may pause together
MANY = 50  # packets that it counted, of which none arrived
DOWN = 600.0  # s after which a link that is down ends the search


@dataclass(frozen=True, slots=True)
class Step:
    """What a search has done, for people and for programs."""

    at: float
    what: str  # mirror, watch, blind, skip, found, stopped
    ports: tuple[Port, ...] = ()
    reference: bool = False
    why: str = ""
    events: int = 0
    changes: int = 0
    rate: float = 0.0  # of the suspect, events a second
    alike: float = 0.0
    probabilities: Mapping[Port, float] = field(default_factory=dict)
    result: Found | Stopped | None = None


class LiveSearch:
    """Searches until it ends; ``steps`` may be left at any time, and restores what was mirrored."""

    def __init__(
        self,
        switch: Switch,
        sniffer: MirrorSniffer,
        folder: MirrorFolder,
        address: str,
        stations: Mapping[str, Port] | None = None,
        clock: Callable[[], float] = time.time,
        settles: float = 0.05,
    ) -> None:
        self._switch = switch
        self._sniffer = sniffer
        self._folder = folder
        self._address = address
        self._clock = clock
        self._settles = settles  # s after a change in which nothing counts
        self._canary = Canary(stations or {})
        self._mirrored: frozenset[Port] = frozenset()
        self._counted: dict[Port, int] = {}
        self.search: Search | None = None

    def steps(self, events: Sequence[Event]) -> Generator[Step, None, None]:
        """Go on after what happened already, which is at least the plan; restore in the end."""
        self.search, commands = run_again(events)
        if len(events) == 1:
            self._folder.note(events[0])
        else:
            commands = self._take(Blind(self._clock(), "it went on after it had been stopped"))
        before = Before(self._address, self._switch.switch, self._switch.saved(), running_boot())
        self._folder.will_change(before)
        try:
            yield from self._go_on(commands)
        finally:
            put_back(self._switch, self._folder)
            self._folder.close()

    def _go_on(self, commands: list[Command]) -> Iterator[Step]:
        told = 0.0
        while commands:
            command = commands[-1]
            if isinstance(command, Mirror):
                yield self._step("mirror", command.ports, command.reference, command.why)
                commands = self._change(command)
            elif isinstance(command, Watch):
                if self._clock() - told > TURN:
                    told = self._clock()
                    yield self._step("watch")
                commands = self._watch(command.seconds)
            else:
                yield self._step("found" if isinstance(command, Found) else "stopped")
                return

    def _change(self, wanted: Mirror) -> list[Command]:
        """Have the switch mirror something else, read it back, and say so."""
        assert self.search
        began = self._clock()
        if self.search.phase == "none" and not self._canary.rates:
            self._see_that_it_works()
            self._canary.learn(began)
        uplink = self.search.plan.uplink if wanted.reference else ""
        mirrors = Mirrors(frozenset(wanted.ports), uplink)
        for attempt in range(RETRIES + 1):
            self._switch.mirror(mirrors)
            found = self._switch.mirrored()
            if found is None or found == mirrors:
                break
            if attempt == RETRIES:
                raise not_carried_out(self._switch.switch, f"it mirrors {_named(found)}, "
                                      f"and was told {_named(mirrors)}")  # fmt: skip
        at = self._clock() + self._settles
        try:
            deque(self._sniffer.frames(at), maxlen=0)  # those of the last setting say nothing
        except CannotAsk as e:
            return self._wait_for_link(str(e))
        if isinstance(self._switch, CutsFrames):
            self._sniffer.cut = self._switch.cut if wanted.reference else 0
        self._sniffer.forget()
        self._mirrored = frozenset(wanted.ports)
        self._canary.begin(at)
        if self.search.phase == "all":
            self._counted = self._count()
        return self._take(Mirrored(at, wanted.ports, wanted.reference, at - began))

    def _watch(self, seconds: float) -> list[Command]:
        until = self._clock() + seconds
        while (now := self._clock()) < until:
            try:
                for frame in self._sniffer.frames(min(until, now + TURN)):
                    self._take(frame)
            except CannotAsk as e:
                return self._wait_for_link(str(e))
        self._listen_to_others()
        return self._take(Passed(until - LATE))  # later ones may wait to be read

    def _listen_to_others(self) -> None:
        """See that those are heard who should be."""
        assert self.search
        self._hear()
        if self.search.plan.way != "mirror" or self._wants_reference():
            return
        complaint = self._canary.complaint(self._mirrored, self._clock())
        while complaint and self._clock() < self._canary.began + HUSH:
            time.sleep(TURN)
            self._hear()
            complaint = self._canary.complaint(self._mirrored, self._clock())
        if complaint:
            raise not_carried_out(self._switch.switch, complaint)

    def _hear(self) -> None:
        known, heads = self._canary.ports, self._sniffer.heads()
        spoke = (head.source for head in heads if not known or head.to in known)
        self._canary.hear(spoke, self._clock())

    def _see_that_it_works(self) -> None:
        """All ports are mirrored: if nobody is heard, see whether the switch counts packets."""
        if not isinstance(self._switch, CountsPackets):
            return
        until = self._clock() + COUNTED
        if isinstance(self._switch, KnowsStations) and not self._canary.is_confirmed(
            self._mirrored
        ):
            self._canary.ports = self._switch.stations()  # it may have learned whom they talk to
            self._counted = self._count()
        while self._clock() < until and not self._canary.is_confirmed(self._mirrored):
            self._compare_counters()
            time.sleep(TURN)
            self._hear()

    def _compare_counters(self) -> None:
        """Nobody is heard: complain if the switch counts that somebody sends."""
        now = self._count()
        passed = sum(max(0, now[port] - self._counted.get(port, 0)) for port in now)
        if passed >= MANY:
            raise not_carried_out(
                self._switch.switch,
                f"none of the {passed} packets that came in by mirrored ports since then arrived "
                f"at {self._sniffer.name}",
            )

    def _count(self) -> dict[Port, int]:
        if not isinstance(self._switch, CountsPackets) or not self._mirrored:
            return {}
        counted = self._switch.counters()
        return {port: counted[port] for port in self._mirrored if port in counted}

    def _wants_reference(self) -> bool:
        return bool(self.search and self.search.wanted and self.search.wanted.reference)

    def _wait_for_link(self, because: str) -> list[Command]:
        began = self._clock()
        commands = self._take(Blind(began, because))
        while self._clock() - began < DOWN:
            time.sleep(PATIENCE)
            try:
                deque(self._sniffer.frames(self._clock() + 0.1), maxlen=0)
            except CannotAsk:
                continue
            return commands
        raise CannotAsk(because, try_="plug it in, then: whence bisect resume")

    def _take(self, event: Event) -> list[Command]:
        assert self.search
        self._folder.note(event)
        if not isinstance(event, Passed):
            self._folder.flush()
        return self.search.take(event)

    def _step(
        self, what: str, ports: tuple[Port, ...] = (), reference: bool = False, why: str = ""
    ) -> Step:
        assert self.search
        return step_of(self.search, self._clock(), what, ports, reference, why)


def step_of(
    search: Search,
    at: float,
    what: str,
    ports: tuple[Port, ...] = (),
    reference: bool = False,
    why: str = "",
) -> Step:
    """Say where a search is."""
    now = [search.watching.segment()] if search.watching else []
    events = sum(segment.single + segment.double for segment in (*search.segments, *now))
    suspect, alike = search.rates if search.belief else (0.0, 0.0)
    return Step(
        at, what, ports, reference, why, events, search.changes, suspect, alike,
        search.explained(), search.result,
    )  # fmt: skip


def steps_again(events: Sequence[Event]) -> Iterator[Step]:
    """Yield the steps that a search took, from its log alone."""
    search = Search(events[0])  # type: ignore[arg-type]
    commands = search.begin()
    for event in events:
        if isinstance(event, (Blind, Skipped)):
            yield step_of(search, event.at, "blind" if isinstance(event, Blind) else "skip",
                          why=event.because)  # fmt: skip
        if isinstance(event, Mirrored):
            why = commands[-1].why if commands and isinstance(commands[-1], Mirror) else ""
            yield step_of(search, event.at, "mirror", event.ports, event.reference, why)
        commands = search.take(event) or commands
        if search.result:
            ended = "found" if isinstance(search.result, Found) else "stopped"
            yield step_of(search, event.at, ended)
            return


def put_back(switch: Switch, folder: MirrorFolder) -> str:
    """Bring back what was mirrored before, if that was not done yet; say so."""
    before = folder.before()
    if before is None:
        return ""
    switch.restore(before.saved)
    folder.was_put_back()
    return f"{before.switch} mirrors what it mirrored before"


def not_carried_out(switch: str, because: str) -> CannotAsk:
    """Say that a switch accepted a change and ignored it."""
    return CannotAsk(
        f"{switch} does not mirror what it was told to",
        because=because,
        try_="look at its mirrors yourself; with --mirror manual: a person sets them",
    )


def _named(mirrors: Mirrors) -> str:
    ports = ", ".join(sorted(mirrors.ports)) or "nothing"
    return f"{ports} and what leaves by {mirrors.uplink}" if mirrors.uplink else ports
