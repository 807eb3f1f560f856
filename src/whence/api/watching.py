"""Watch connections, processes and packets as they come, and keep them."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from whence.api.kept_cases import case
from whence.inquiry.capture import Capture
from whence.inquiry.capture_target import patterns_of
from whence.inquiry.counting import Counting, count, count_once
from whence.inquiry.doctor import Checked, examine, levels
from whence.inquiry.passing import Passing, passing
from whence.inquiry.recorder import NameKeeper, Recording, keep_history
from whence.inquiry.subject import subject_of
from whence.inquiry.talks import Talk, Talks
from whence.model import (
    BadInput,
    CannotAsk,
    Flow,
    SensorStatus,
    Sighting,
    WhenceError,
)
from whence.model.capture import Around, CaptureSettings, Limits
from whence.model.counted_flows import Counted
from whence.model.targets import parse_target
from whence.notify import choose
from whence.notify.notifier import Notifier
from whence.notify.settings import read_settings
from whence.store.heard_names import HeardNames
from whence.store.history import History
from whence.world import ThisHost, utc_now
from whence.world.interfaces import interfaces_up
from whence.world.narrowed_filter import check_expression
from whence.world.places import Places
from whence.world.processes import LiveProcesses
from whence.world.sensor_process import SensorProcess
from whence.world.service_install import install, remove, status
from whence.world.sockets import Sockets

_CASE = re.compile(r"last|\d{4}-\d\d-\d\d-[0-9a-z]{1,8}")


def watch(
    targets: Sequence[str],
    *,
    level: str = "auto",
    online: bool = False,
    span: timedelta | None = None,
) -> Iterator[Sighting | SensorStatus | None]:
    """Yield each connection that touches one of the targets, all of them if none is given.

    None comes about once a second while nothing happens, so that a face can do something else.
    """
    flows = [flow for target in targets for flow in _flows(target, online)]
    seconds = span.total_seconds() if span else None
    with SensorProcess([*flows, *(flow.reversed() for flow in flows)], level) as sensor:
        for event in sensor.events(seconds):
            if not isinstance(event, Sighting) or _wanted(event, flows):
                yield event


def present() -> Iterator[Sighting]:
    """Yield the connections that are there now."""
    yield from Sockets.open().now(Flow())


def live(*, level: str = "auto", span: timedelta | None = None) -> Iterator[list[Talk]]:
    """Yield who talks to whom, the last heard first, about twice a second."""
    talks = Talks()
    shown = utc_now()
    for event in watch((), level=level, span=span):
        if isinstance(event, Sighting):
            talks.add(event)
        if event is None or utc_now() - shown > timedelta(seconds=0.5):
            shown = utc_now()
            yield talks.newest()


def live_with_packets(
    interfaces: Sequence[str], *, level: str = "auto", span: timedelta | None = None
) -> Iterator[tuple[list[Talk], Passing]]:
    """Yield who talks to whom, and what passes interfaces, about twice a second.

    Raises
    ------
    BadInput, NotPermitted, CannotAsk
        If there is no such interface, or nothing counts packets here.

    """
    with Counting(interfaces, timedelta(seconds=0.5)) as counting:
        talks: list[Talk] = []
        yield talks, passing(counting.newest)  # before the sensor begins, since it may be refused
        for talks in live(level=level, span=span):
            yield talks, passing(counting.newest)


def passing_now(interfaces: Sequence[str], span: timedelta) -> Passing:
    """Count on interfaces for a while, and say what passed."""
    return passing(talkers_live(interfaces, span))


def interfaces() -> list[str]:
    """Name the interfaces of this machine that are up, without loopback.

    Raises
    ------
    CannotAsk
        If there is none.

    """
    found = interfaces_up()
    if not found:
        raise CannotAsk("no interface is up but loopback", try_="whence live -i lo")
    return found


def record(
    *,
    state: Path | None = None,
    level: str = "auto",
    keep: timedelta = timedelta(days=90),
    largest: int = 1 << 30,
    names: bool = True,
) -> Iterator[Recording]:
    """Keep the history of connections until closed; yield what was kept, about once a second.

    With ``names``, also which names belong to addresses, as packets tell.
    """
    directory = state or Places.of_this_user().own_history
    history = History(directory, utc_now, keep, largest)
    with SensorProcess(level=level) as sensor:
        if not names:
            yield from keep_history(sensor, history)
            return
        with closing(NameKeeper(HeardNames(directory, utc_now), keep)) as keeper:
            yield from keep_history(sensor, history, keeper)


def record_install() -> list[str]:
    """Write the recorder's systemd unit and start it; say what was done."""
    return install([str(Path(sys.argv[0]).absolute())])


def record_remove() -> list[str]:
    """Take away what ``record_install`` wrote; say what was done."""
    return remove()


def record_status() -> list[str]:
    """Say how the installed recorder is."""
    return status()


def notifier(url: str, say: Callable[[WhenceError], None], ca: Path | None = None) -> Notifier:
    """Make ready to tell whoever a URL names, with the settings of this user.

    With ``ca``, a file of certificates, no other authority is trusted.

    Raises
    ------
    BadSettings
        If there is no channel for such an address, or it lacks something.

    """
    return choose.notifier(url, read_settings(ThisHost().name, os.environ, ca=ca), say)


def sensors() -> list[str]:
    """Name the sensors that watch connections, the best one first."""
    return [sensor.name for sensor in levels({})]


def doctor() -> Iterator[Checked]:
    """Say what this machine lets whence see, level by level, and what would give more."""
    yield from examine(Places.of_this_user())


def capture_settings(
    target: str,
    *,
    interfaces: Sequence[str] = (),
    folder: Path | None = None,
    limits: Limits | None = None,
    around: Around | None = None,
    largest: int = 128,
    ring: int = 64 << 20,
    names_processes: bool = True,
    engine: str = "auto",
    filter_: str = "",
    online: bool = False,
) -> CaptureSettings:
    """Say how to capture the packets of a target: address, port, MAC, name or case.

    Without a folder, one is named after time and target. ``filter_`` (pcap-filter(7)) narrows it.

    Raises
    ------
    BadInput, CannotAsk
        If the target is nothing whose packets could be told from others, or the filter is none.

    """
    if filter_:
        check_expression(filter_)
    if _CASE.fullmatch(target.strip()):
        with case(target.strip()) as known:
            patterns = patterns_of(known.subject, known.facts())
    else:
        host = ThisHost()
        given = parse_target(target, host.name, host.boot)
        patterns = patterns_of(subject_of(given, host, LiveProcesses.open(), online=online))
    name = re.sub(r"[^\w.]+", "-", target.strip()).strip("-.")
    place = Places.of_this_user().captures / f"{utc_now():%Y-%m-%dT%H%M%SZ}-{name}"
    return CaptureSettings(
        target.strip(),
        str(folder.absolute() if folder else place),
        patterns,
        tuple(interfaces),
        largest,
        limits or Limits(),
        around,
        ring,
        names_processes=names_processes,
        engine=engine,
        filter=filter_,
    )


def capture(settings: CaptureSettings, *, level: str = "auto") -> Capture:
    """Begin to capture, for a ``with`` block."""
    return Capture(settings, level)


def talkers_live(
    interfaces: Sequence[str], span: timedelta, stop: Callable[[], bool] = lambda: False
) -> Counted:
    """Count, in the kernel, all packets of interfaces for a span of time; give the flows.

    It ends before that as soon as ``stop`` says so.
    """
    return count_once(interfaces, span, stop)


def count_live(
    interfaces: Sequence[str],
    *,
    span: timedelta | None = None,
    every: timedelta = timedelta(seconds=1),
) -> Iterator[Counted]:
    """Count, in the kernel, all packets of interfaces; yield the flows so far, again and again."""
    yield from count(interfaces, span, every)


def _flows(target: str, online: bool) -> Iterator[Flow]:
    host = ThisHost()
    given = parse_target(target, host.name, host.boot)
    subject = subject_of(given, host, LiveProcesses.open(), online=online)
    if not isinstance(subject, Flow):
        raise BadInput(
            f"“{target}” is not traffic",
            because="only an address, a port or a name can be watched",
            try_="whence watch 203.0.113.7:443",
        )
    yield subject


def _wanted(seen: Sighting, flows: Sequence[Flow]) -> bool:
    return not flows or any(flow.touches(seen.flow) for flow in flows)
