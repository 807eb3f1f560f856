"""What was taken for the zone of times that say none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from whence.model.plural import many


@dataclass(frozen=True, slots=True)
class AssumedZone:
    """A zone that nobody stated."""

    zone: str
    lines: int  # whose times say none
    timed: int  # lines with a time

    @property
    def words(self) -> str:
        """Say so, and how to state another."""
        which = (
            f"{self.lines:,} of {many(self.timed, 'line')} with a time say no zone"
            if self.lines < self.timed
            else "the times of these lines say no zone"
        )
        return (
            f"{which}: taken to be {self.zone}, as this machine is; "
            "--zone [SOURCE=]ZONE says another"
        )


def words_of(zone: AssumedZone | None) -> tuple[str, ...]:
    """Say which zone was taken, if one was."""
    return (zone.words,) if zone else ()


def words_of_loaded(zones: Sequence[str]) -> tuple[str, ...]:
    """Say the same of files in a lake, by the zone that was taken for each."""
    if not zones:
        return ()
    files = "a file was" if len(zones) == 1 else f"{len(zones):,} files were"
    return (
        f"{files} loaded whose times say no zone: taken to be {', '.join(sorted({*zones}))}, as "
        "the machine was; logs load --zone [SOURCE=]ZONE says another, into a lake of its own",
    )


__all__ = ["AssumedZone", "words_of", "words_of_loaded"]
