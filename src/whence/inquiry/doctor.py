"""What this machine lets whence see, and what would give more."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace

import whence.probes
import whence.sensors
from whence.model import CannotAsk, NotPermitted, Probe, Sensor, SensorStatus, WhenceError
from whence.model.discovery import discover
from whence.store.history import History
from whence.world import utc_now
from whence.world.counting_process import CountingProcess
from whence.world.dumpcap import Dumpcap, is_installed
from whence.world.execution_gate import ExecutionGate
from whence.world.interfaces import interface_at
from whence.world.native_part import load_native_part
from whence.world.packet_filter import LOOPBACK, everything
from whence.world.packet_filters import compile_filter
from whence.world.packet_ring import BLOCK, PacketRing
from whence.world.places import VARIABLE, Places
from whence.world.processes import LiveProcesses
from whence.world.sensor_process import SensorProcess

MOMENT = 0.1  # seconds in which packets are counted


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing that was examined."""

    what: str
    works: bool
    says: str = ""
    because: str = ""
    try_: str = ""
    cannot_see: tuple[str, ...] = ()


def examine(places: Places) -> Iterator[Checked]:
    """Try each part for real: at once what takes a process of its own, and tell it in order."""
    absent: dict[str, str] = {}
    sensors = levels(absent)
    with ThreadPoolExecutor(len(sensors) + 1, "doctor") as threads:
        tried = threads.map(_try, sensors)
        packets = threads.submit(lambda: [*_packets()])
        yield from _with_the_one_in_use(tried)
        yield from _numbers()
        probes = [*discover(whence.probes, Probe, absent)]
        yield Checked(f"{len(probes)} questions can be asked", bool(probes))
        for module, package in absent.items():
            yield Checked(module, False, because=f"the package {package} is not installed",
                          try_=f"pip install {package}")  # fmt: skip
        yield from packets.result()
    yield from extras()
    yield _history(places)
    yield _cases(places)


def _with_the_one_in_use(tried: Iterable[Checked]) -> Iterator[Checked]:
    """Say of the first level that works that it is the one in use."""
    taken = False
    for checked in tried:
        is_it = checked.works and not taken
        taken = taken or checked.works
        says = f"{checked.says} This is the level in use." if is_it else checked.says
        yield replace(checked, says=says)


def _numbers() -> Iterator[Checked]:
    """Say whether this runs apart from the processes of the machine, as in most containers."""
    with suppress(CannotAsk):
        if LiveProcesses.open().numbered_as_kernel:
            return
        yield Checked(
            "processes of the whole machine are seen",
            False,
            "Those told of have the kernel's numbers, which mean others in this container.",
            "this runs in a pid namespace of its own",
            "start the container with --pid=host, or run whence on the host",
        )


def levels(absent: dict[str, str]) -> list[Sensor[...]]:
    """Give the sensors, the best one first; note in ``absent`` what is not installed."""
    return sorted(discover(whence.sensors, Sensor, absent), key=lambda sensor: sensor.level)


def _packets() -> Iterator[Checked]:
    """Try what reads, filters, keeps and counts packets, and what traps; for a moment."""
    reads = "captures and flow exports are read and files searched, by the native part"
    yield _works(reads, load_native_part, "whence flows, talkers, findings, path, find")
    yield _works("packets are filtered, by libpcap", lambda: compile_filter("ip"), "--filter")
    yield _works("packets are captured", _capture, "whence capture")
    yield _works("packets are counted in the kernel", _count, "whence talkers -i, whence live -i")
    yield _works("runs of a program are told of before they begin", _ask_before, "whence trap")


EXTRAS = {  # module → what it gives, and the extra of whence that brings it
    "pg8000": ("PostgreSQL is searched", "databases"),
    "pymysql": ("MySQL and MariaDB are searched", "databases"),
    "maxminddb": ("tables of MaxMind's format are read", "maxmind"),
    "cryptography": ("switches are asked by SNMPv3", "snmp3"),
    "pynetbox": ("the cables of a NetBox are read", "netbox"),
}


def extras() -> Iterator[Checked]:
    """Say what else would be read or asked, with what is not there."""
    for module, (gives, extra) in EXTRAS.items():
        if importlib.util.find_spec(module):
            yield Checked(gives, True, f"extra “{extra}”")
        else:
            because = f"the package {module} is not installed"
            yield Checked(gives, False, "", because, f"pip install 'whence[{extra}]'")


def _works(what: str, try_it: Callable[[], object], serves: str) -> Checked:
    try:
        try_it()
    except WhenceError as reason:
        because = f"{reason}: {reason.because}" if reason.because else str(reason)
        return Checked(what, False, f"for {serves}", because, reason.try_)
    return Checked(what, True, f"for {serves}")


def _capture() -> None:
    try:
        PacketRing(everything(1), cooked=True, interface=LOOPBACK, size=BLOCK).close()
    except NotPermitted:
        if not is_installed():
            raise
        Dumpcap(everything(1), [interface_at(LOOPBACK)], cooked=False, largest=1).close()


def _ask_before() -> None:
    gate = ExecutionGate.open()
    try:
        gate.mark(__file__)  # which nobody executes
    finally:
        gate.close()


def _count() -> None:
    with CountingProcess(["lo"], MOMENT) as counting:
        next(counting.counts())


def _try(sensor: Sensor[...]) -> Checked:
    name = f"level {sensor.level}: {sensor.name}"
    try:
        with SensorProcess(level=sensor.name) as process:
            for event in process.events():
                if isinstance(event, SensorStatus):
                    return Checked(
                        name, True, sensor.does, event.detail, cannot_see=event.cannot_see
                    )
    except CannotAsk as reason:
        because = f"{reason}: {reason.because}" if reason.because else str(reason)
        return Checked(name, False, sensor.does, because, reason.try_ or sensor.better_with)
    return Checked(name, False, sensor.does)


def _cases(places: Places) -> Checked:
    what = f"cases are kept in {places.cases}"
    if places.can_keep_cases():
        return Checked(what, True)
    return Checked(what, False, because="this user may not write there",
                   try_=f"name another folder: {VARIABLE}=/some/folder whence …")  # fmt: skip


def _history(places: Places) -> Checked:
    advice = "whence record install"
    try:
        spans = History(places.history, utc_now).watched()
    except WhenceError as reason:
        return Checked("history of connections", False, because=str(reason), try_=advice)
    if not spans:
        return Checked("history of connections", False, because="none was recorded", try_=advice)
    began, ended, sensor, lost = spans[-1]
    text = f"{began:%Y-%m-%d %H:%M} to {ended:%Y-%m-%d %H:%M} UTC by {sensor}, {lost} lost"
    return Checked(f"history of connections in {places.history}", True, text)
