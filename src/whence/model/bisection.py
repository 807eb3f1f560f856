"""The words of a search for the port by which traffic comes in: what happens, and what to do next.

All that happens is an event with its time in seconds since 1970; a search is a fold over them. So a
simulation, a live search, one that goes on after a kill, and a replay are the same code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

Port = str  # as the switch calls it
Mark = Literal["", "port", "short"]
NONE = ""  # in place of a port: the traffic comes in by none of those that were asked about


class Plan(msgspec.Struct, frozen=True, tag="plan"):
    """What is looked for, and where."""

    at: float
    switch: str
    ports: tuple[Port, ...]
    uplink: Port = NONE  # can be mirrored, too: what leaves by it is the reference
    confidence: float = 0.999  # wanted in the end
    weights: tuple[float, ...] = ()  # prior, a weight a port, as its RX counter; else all alike
    burst: float | None = None  # s; frames closer than this are one event; None: find out
    mirror: str = ""  # the URL of the driver, without secrets
    interface: str = ""
    filter: str = ""
    way: str = "mirror"  # or cable: the same search with plugs in place of mirrors
    case: str = ""  # that is told what is found
    about: str = ""  # the address of the machine whose traffic it is, where there is a case


class Mirrored(msgspec.Struct, frozen=True, tag="mirrored"):
    """From now on exactly these ports are mirrored: it was read back."""

    at: float
    ports: tuple[Port, ...]
    reference: bool = False  # what leaves by the uplink, too
    took: float = 0.0  # s


class Frame(msgspec.Struct, frozen=True, tag="frame", omit_defaults=True):
    """A frame that may be the suspect's was seen."""

    at: float
    digest: str = ""  # the same for copies of one frame
    mark: Mark = ""  # port: of a mirrored one, as a second copy would say; short: it cannot be told


class Passed(msgspec.Struct, frozen=True, tag="passed"):
    """Until now, nothing else was seen."""

    at: float


class Blind(msgspec.Struct, frozen=True, tag="blind"):
    """From now on nothing is known, until something is mirrored again: killed, cable out."""

    at: float
    because: str


class Skipped(msgspec.Struct, frozen=True, tag="skipped"):
    """This port cannot be mirrored; go on without it."""

    at: float
    port: Port
    because: str = ""


Event = Plan | Mirrored | Frame | Passed | Blind | Skipped


class Mirror(msgspec.Struct, frozen=True, tag="mirror"):
    """Mirror what comes in by exactly these ports, then say so."""

    ports: tuple[Port, ...]
    reference: bool = False
    why: str = ""


class Watch(msgspec.Struct, frozen=True, tag="watch"):
    """Say what is seen, and when so many seconds have passed."""

    seconds: float


class Control(msgspec.Struct, frozen=True):
    """What the control test saw, mirror off and on by turns."""

    times: int  # that it was on
    on: int  # events
    off: int
    on_seconds: float
    off_seconds: float
    ratio: float  # decimal logarithm of the likelihood ratio: it is this port, it is not


class Found(msgspec.Struct, frozen=True, tag="found"):
    """The end: it is this port."""

    port: Port
    control: Control
    share: float | None = None  # of all that matches; None: could not be told
    others: int = 0  # events while all but this port were mirrored


class Stopped(msgspec.Struct, frozen=True, tag="stopped"):
    """The end, without a port."""

    because: str
    try_: str


Command = Mirror | Watch | Found | Stopped


class Segment(msgspec.Struct, frozen=True):
    """A time in which the same ports were mirrored, and what was seen in it."""

    ports: frozenset[Port]
    reference: bool = False
    seconds: float = 0.0  # in which an event could have begun
    single: int = 0  # events of which one copy was seen
    double: int = 0  # two copies: by the port and by the uplink


def in_words(ports: Sequence[Port]) -> str:
    """Name ports shortly: 1-3, 7; Gi1/0/1-12; none."""
    runs: list[tuple[str, int, int]] = []
    for stem, number in sorted(map(_split, ports)):
        if number >= 0 and runs and runs[-1][0] == stem and runs[-1][2] == number - 1:
            runs[-1] = (stem, runs[-1][1], number)
        else:
            runs.append((stem, number, number))
    return ", ".join(map(_run, runs)) or "none"


def _split(port: Port) -> tuple[str, int]:
    stem = port.rstrip("0123456789")
    number = port.removeprefix(stem)
    plain = number.isascii() and str(int(number or 0)) == number
    return (stem, int(number)) if plain else (port, -1)


def _run(run: tuple[str, int, int]) -> str:
    stem, first, last = run
    if first < 0:
        return stem
    return f"{stem}{first}" + (f"-{last}" if last > first else "")
