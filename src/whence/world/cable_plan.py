"""The plan of cables that a user gave, as it is kept beside the cases."""

from __future__ import annotations

from pathlib import Path

import msgspec

from whence.model import BadInput, CannotAsk, Reading, SwitchPort
from whence.model.cables import Plan, Stop, read_plan
from whence.model.given_file import reading
from whence.world.contracts import Clock
from whence.world.durable import make_folder, replace

LARGEST = 32 << 20  # bytes of a plan


class CablePlan:
    """A plan in a file. A reading of it has the way from one port, a stop a line."""

    def __init__(self, path: Path, now: Clock) -> None:
        self.path = path
        self._now = now

    def plan(self) -> Plan:
        """Read all of it.

        Raises
        ------
        CannotAsk
            If there is none.

        """
        try:
            return _plan_of(_content(self.path))
        except OSError as e:
            raise CannotAsk(
                "there is no plan of cables",
                because=e.strerror or str(e),
                try_="whence config cables FILE",
            ) from e

    def from_port(self, port: SwitchPort) -> Reading:
        """Give the way from a port to the room, a stop a line."""
        stops = self.plan().stops(port.switch, port.port)
        text = "".join(f"{write_stop(stop)}\n" for stop in stops)
        return Reading(f"cables {port}", text, self._now(), "cable plan")


def _content(path: Path) -> bytes:
    """Read a file, which may be a pipe: it can be read once."""
    with path.open("rb") as file:
        raw = file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise BadInput(f"{path} is no plan of cables", because="it is larger than 32 MiB")
    return raw


def _plan_of(raw: bytes) -> Plan:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):  # Excel's “Unicode text”
        return read_plan(raw.decode("utf-16", "replace"))
    try:
        return read_plan(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:  # as spreadsheets in western Europe write it
        return read_plan(raw.decode("cp1252", "replace"))


def keep_plan(path: Path, place: Path) -> Plan:
    """Take in a plan: check it, and keep a copy at ``place``, for this user alone.

    Raises
    ------
    BadInput
        If it is not there or none, or has not one cable that can be used: the plan before stays.

    """
    with reading(path):
        content = _content(path)
    plan = _plan_of(content)
    if not plan.cables:
        said = "; ".join(f"line {mistake.line}: {mistake.what}" for mistake in plan.mistakes[:5])
        raise BadInput(
            f"{path} has no cable that can be used",
            because=said or "there is no line below the names of the columns",
            try_="see docs/how-to/keep-a-cable-plan.md for the columns; what was kept before stays",
        )
    make_folder(place.parent, 0o700)
    replace(place, content, 0o600)
    return plan


def write_stop(stop: Stop) -> str:
    """Write a stop as one line of JSON."""
    return msgspec.json.encode(stop).decode()


def read_stop(line: str) -> Stop:
    """Read a line that ``write_stop`` wrote."""
    try:
        return msgspec.json.decode(str(line), type=Stop)
    except msgspec.DecodeError as e:
        raise BadInput("this is not a stop of a cable", because=str(e)) from e
