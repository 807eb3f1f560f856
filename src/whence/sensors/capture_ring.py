"""What to do with the files of a capture, so that they stay within their limits. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from whence.model.capture import Limits
from whence.world.capture_folder import Sealed


@dataclass(frozen=True, slots=True)
class Now:
    """How things are when so many bytes are to be written."""

    at: float
    to_write: int
    free: int  # of the file system
    sealed: tuple[Sealed, ...]  # the oldest first
    size: int = 0  # of the file that is written; 0: there is none
    began: float = 0


@dataclass(frozen=True, slots=True)
class Seal:
    """Complete the file; the next one will be begun."""


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a file: the oldest that is complete."""

    name: str


@dataclass(frozen=True, slots=True)
class Write:
    """Write."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Write nothing: there would be less left free than the reserve."""


Step = Seal | Delete | Write | Stop


def next_step(limits: Limits, now: Now) -> Step:
    """Say what to do next; ask again until it is to write or to stop."""
    if now.size and _is_complete(limits, now):
        return Seal()
    if now.sealed and _is_too_much(limits, now):
        return Delete(now.sealed[0].name)
    return Write() if now.free - now.to_write >= limits.reserve else Stop()


def _is_complete(limits: Limits, now: Now) -> bool:
    too_large = limits.file_size and now.size + now.to_write > limits.file_size
    return bool(too_large) or bool(limits.file_age and now.at - now.began >= limits.file_age)


def _is_too_much(limits: Limits, now: Now) -> bool:
    total = sum(file.size for file in now.sealed) + now.size + now.to_write
    return bool(
        (limits.files and len(now.sealed) >= limits.files)
        or (limits.total and total > limits.total)
        or (limits.keep and now.at - now.sealed[0].ended > limits.keep)
        or now.free - now.to_write < limits.reserve
    )
