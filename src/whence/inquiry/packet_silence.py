"""Watch, by the packets of an interface, whether something falls silent after a change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from whence.inquiry.passing import passing
from whence.inquiry.silence_words import moment, number, span
from whence.model import Flow, Ip
from whence.model.counted_flows import Counted
from whence.model.plural import many

ENOUGH = 3.0  # packets to be expected, of which none came
FEW = 5  # packets before the change; where there are fewer, it is looked longer
LONGER = 6  # times as long, at most


@dataclass(frozen=True, slots=True)
class PacketSilence:
    """What passed before a change, and after it. Times are in seconds."""

    target: Ip | Flow
    interfaces: tuple[str, ...]
    since: datetime  # the change
    now: datetime
    before: int  # packets
    before_span: float  # 0: nobody counted before
    after: int  # packets since the time that it may take to end
    after_span: float  # without a packet; where some came: all of the time after that
    last: datetime | None  # packet that was counted
    lost: int  # packets that were not counted
    done: bool = True  # False: it was interrupted

    @property
    def goes_on(self) -> bool:
        """Whether it was there after the time that it may take to end."""
        return self.after > 0

    @property
    def per_second(self) -> float:
        """Packets a second, before the change."""
        return self.before / self.before_span if self.before_span else 0.0

    @property
    def expected(self) -> float:
        """Packets that were to come in the silence, if it had gone on as before."""
        return self.per_second * self.after_span

    @property
    def is_silent(self) -> bool:
        """Whether it fell silent for as long as was asked, and that says something."""
        return self.done and not self.goes_on and self.expected >= ENOUGH

    @property
    def sentence(self) -> str:
        """Say it in one sentence."""
        where = f"watched on {' and '.join(self.interfaces)}"
        usual = f"{_rate(self.per_second)} before"
        if self.goes_on:
            came = f"{_packets(self.after)} in {span(self.after_span)} {where}"
            now = _rate(self.after / self.after_span if self.after_span else 0.0)
            compared = f", where it was {usual}" if self.before_span else ""
            since = moment(self.since)
            return f"{self.target} goes on after the change of {since}: {came}, {now}{compared}."
        none = f"none in {span(self.after_span)} {where}"
        if self.expected < ENOUGH:
            why = "too little was counted before to say what was to be expected"
            return f"{self.target} is silent since {moment(self.since)}: {none}; {why}."
        return (
            f"{self.target} fell silent at {moment(self.last or self.since)}: {none}, where "
            f"{number(self.expected)} packets were to be expected at the {usual}."
        )


def sent(counted: Counted, target: Ip | Flow) -> int:
    """Count the packets that an address sent; of a place that is called, those sent to it."""
    told = passing(counted)
    if isinstance(target, Flow) and target.destination_port is not None:
        return sum(
            call.sent_packets
            for call in told.calls
            if call.destination == target.destination
            and call.port == target.destination_port
            and target.source in (None, call.source)
        )
    address = target.address if isinstance(target, Ip) else target.destination
    return sum(one.sent_packets for one in told.stations if one.address == address)


def watch(
    target: Ip | Flow,
    interfaces: tuple[str, ...],
    counts: Iterator[Counted],
    quiet: timedelta,
    grace: timedelta,
    change: Callable[[], datetime] | datetime,
    look: timedelta,
    hear: Callable[[int, timedelta], None],
) -> PacketSilence:
    """Count before a change for as long as ``look`` or longer, have it made, and watch.

    It ends when nothing was sent for as long as ``quiet``; or ``quiet`` later than the ``grace``
    after the change, in which what ran may end, if something was sent in that time. A ``change``
    that was made already is told by its time, and nothing is known of before. ^C ends it with what
    there is. ``hear`` is told how many packets there were, and how long it is silent.
    """
    first = newest = next(counts)
    before = sent(first, target)
    last: datetime | None = first.at if before else None
    if not isinstance(change, datetime):
        while newest.at - first.at < (look if before >= FEW else LONGER * look):
            newest = next(counts)
            if (count := sent(newest, target)) > before:
                before, last = count, newest.at
            hear(before, timedelta())
    length = (newest.at - first.at).total_seconds()
    since = change if isinstance(change, datetime) else change()
    begin = max(since, first.at)  # nobody watched earlier
    may_end = max(since + grace, first.at)
    total = at_grace = before
    done = False
    try:
        for newest in counts:
            count = sent(newest, target)
            if count > total:
                total, last = count, newest.at
            if newest.at <= may_end:
                at_grace = total
            still = newest.at - max(last or begin, begin)
            hear(total, still)
            if newest.at <= begin:
                continue  # counted while the person was at it
            done = still >= quiet or newest.at >= may_end + quiet
            if done:
                break
    except KeyboardInterrupt:
        pass
    after = total - at_grace
    quiet_from = max(last or begin, begin)
    if newest.at - quiet_from >= quiet:
        after = 0  # it came to its end later than was thought
    watched = newest.at - (may_end if after else quiet_from)
    return PacketSilence(
        target, interfaces, since, newest.at, before, length, after,
        max(0.0, watched.total_seconds()), last, newest.lost, done,
    )  # fmt: skip


def figures(found: PacketSilence) -> Iterator[tuple[str, str]]:
    """Give what it rests on."""
    if found.before_span:
        counted = f"{_packets(found.before)} in {span(found.before_span)} counted"
        yield "before", f"{counted}, {_rate(found.per_second)}"
    else:
        yield "before", "nobody counted"
    last = f", the last {moment(found.last)}" if found.last else ""
    word = "" if found.goes_on else "silent "
    yield "after", f"{word}{span(found.after_span)}{last}; {_packets(found.lost)} not counted"


def _packets(count: int) -> str:
    return many(count, "packet")


def _rate(per_second: float) -> str:
    return f"{number(per_second)} a second"
