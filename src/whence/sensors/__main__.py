"""A sensor as a process of its own: ``python -m whence.sensors [--level NAME] [--match FLOW]…``.

It opens what it needs, lays down all rights but those of its sensor, and writes a JSON object a
line, before it waits for more, as model.sensor_lines says. It ends on SIGTERM, SIGINT, and when
nobody reads any more: a sensor says something every second, and then finds out.
"""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO

import msgspec

import whence.sensors
from whence.model import BadInput, Flow, Sensor, SensorStatus, Sighting, WhenceError
from whence.model.discovery import discover
from whence.model.sensor_lines import LineWriter
from whence.sensors.ladder import AnySensor, choose
from whence.world import capabilities

AUTO = "auto"
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)
AGAIN = 0.1  # seconds
AT_ONCE = 256  # lines
SELDOM = 50_000  # new objects before the next collection


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sensor until it is told to end, and give its exit status."""
    options = _options(arguments)
    for number in ENDING:
        signal.signal(number, _end)
    out = sys.stdout.buffer
    lines = LineWriter()
    try:
        _watch(options.level, options.match, lines, out)
    except WhenceError as error:
        _write(out, lines.refusal(error))
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())  # for the flush at exit
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m whence.sensors", description=__doc__)
    parser.add_argument("--level", default=AUTO, metavar="NAME", help="a sensor by its name")
    parser.add_argument(
        "--match",
        action="append",
        default=[],
        type=_flow,
        metavar="FLOW",
        help="tell only what this covers: a Flow as JSON; may be given more than once",
    )
    return parser.parse_args(arguments)


def _flow(text: str) -> Flow:
    try:
        return msgspec.json.decode(text, type=Flow)
    except msgspec.DecodeError as e:
        raise argparse.ArgumentTypeError(f"not a flow: {e}") from e


def _watch(level: str, matching: Sequence[Flow], lines: LineWriter, out: BinaryIO) -> None:
    sensor, events, _refused = choose(_sensors(level), _lowered)
    _keep_only_rights_of(sensor)
    gc.freeze()  # what was imported stays: leave it out of every later collection
    gc.set_threshold(SELDOM)  # what sensors keep is bounded and has no cycles
    told: list[bytes] = []
    try:
        for event in events:
            if event and _is_wanted(event, matching):
                told += lines.lines(event)
            if told and (not event or len(told) >= AT_ONCE):
                _write(out, b"\n".join(told))  # each write wakes the reader up
                told.clear()
    except KeyboardInterrupt:
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)
    finally:
        close = getattr(events, "close", None)
        if close:
            close()


def _sensors(level: str) -> list[AnySensor]:
    absent: dict[str, str] = {}
    found: list[AnySensor] = [*discover(whence.sensors, Sensor, absent)]
    chosen = [sensor for sensor in found if level in (AUTO, sensor.name)]
    if not chosen:
        names = ", ".join(sensor.name for sensor in found)
        raise BadInput(f"there is no sensor “{level}”", try_=f"one of {names}")
    return chosen


@contextmanager
def _lowered(needs: tuple[Any, ...]) -> Iterator[None]:
    """Try a sensor with no more rights than it will have; take them back for the next level."""
    rights = _rights(type(need) for need in needs)
    if rights is None:
        yield
        return
    capabilities.lower(rights)
    try:
        yield
    finally:
        capabilities.restore()


def _keep_only_rights_of(sensor: AnySensor) -> None:
    rights = _rights(sensor.needs)
    if rights is not None:
        capabilities.give_up_all_but(rights)


def _rights(needs: Iterable[type]) -> frozenset[int] | None:
    """Say which capabilities are needed once all is open; None where one need does not tell."""
    stated = [getattr(need, "CAPABILITIES", None) for need in needs]
    if not stated or all(one is None for one in stated):
        return None
    return frozenset(number for one in stated if one for number in one)


def _is_wanted(event: Sighting | SensorStatus, matching: Sequence[Flow]) -> bool:
    if not matching or isinstance(event, SensorStatus):
        return True
    return any(flow.covers(event.flow) for flow in matching)


def _write(out: BinaryIO, line: bytes) -> None:
    out.write(line + b"\n")
    out.flush()


def _end(_signal: int, _frame: object) -> None:
    """Interrupt what runs; once more if that was called from C, which swallows exceptions."""
    signal.setitimer(signal.ITIMER_REAL, AGAIN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
