"""What searches for a port found: ``whence bisect`` writes it down, and probes read it."""

from __future__ import annotations

import msgspec

from whence.model import CannotAsk, Reading
from whence.world import durable
from whence.world.contracts import Clock
from whence.world.mirror_folder import MirrorFolder

MOST = 200  # results that are kept, the newest


class FoundPort(msgspec.Struct, frozen=True, omit_defaults=True):
    """The port by which the traffic of a machine comes in, and how that was tested."""

    at: float  # seconds since 1970
    about: str  # an IP or MAC address
    switch: str
    port: str
    filter: str
    interface: str  # of this machine, where frames were mirrored to
    observer: str  # this machine
    on: int  # events while its mirror was on, and while it was off
    off: int
    on_seconds: float
    off_seconds: float
    ratio: float  # decimal logarithm of the likelihood ratio
    share: float | None = None  # of all that matched; None: could not be told
    changes: int = 0
    events: int = 0


_FOUND = msgspec.json.Decoder(FoundPort)


class ThesePortSearches:
    """The searches of one user: a ``world.PortSearches``."""

    def __init__(self, folder: MirrorFolder, observer: str, now: Clock) -> None:
        self._path = folder.path / "found.jsonl"
        self._observer = observer
        self._now = now

    def note(self, found: FoundPort) -> None:
        """Write a result down; it is on disk when this returns."""
        lines = [*self._lines(), msgspec.json.encode(found)][-MOST:]
        durable.replace(self._path, b"".join(line + b"\n" for line in lines), 0o600)

    def of(self, address: str) -> Reading:
        """Give what was found of a machine, a JSON object a line, the newest last."""
        lines = [line.decode() for line in self._lines() if _FOUND.decode(line).about == address]
        text = "".join(f"{line}\n" for line in lines)
        return Reading(f"port searches of {address}", text, self._now(), self._observer)

    def have(self, address: str) -> bool:
        """Say whether anything was found of a machine."""
        return any(_FOUND.decode(line).about == address for line in self._lines())

    def _lines(self) -> list[bytes]:
        try:
            lines = self._path.read_bytes().splitlines()
            for line in lines:
                _FOUND.decode(line)
        except FileNotFoundError:
            return []
        except (OSError, msgspec.DecodeError) as e:
            raise CannotAsk(
                f"could not read {self._path}",
                because=str(e),
                try_="if it is damaged, remove it, and search again",
            ) from e
        return lines


def read_found(line: str) -> FoundPort:
    """Read a line that ``ThesePortSearches`` gave.

    Raises
    ------
    CannotAsk
        If it is none.

    """
    try:
        return _FOUND.decode(line)
    except msgspec.DecodeError as e:
        raise CannotAsk("this is not a port that was found", because=str(e)) from e
