"""What was changed on this machine before something began."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from whence.api.looked_at import LookedAt, this_machine
from whence.inquiry.change_timeline import NotTold, Timeline, change_timeline, touched_by
from whence.model.changed import Change, Onset, Ranked
from whence.model.errors import CannotAsk
from whence.model.evidence import Reading
from whence.model.facts import Confidence
from whence.store.case_file import CaseFile
from whence.store.cases import Cases
from whence.store.import_witness import ImportWitness
from whence.store.imports import Imports
from whence.world import FileChanges, utc_now
from whence.world.places import Places
from whence.world.recording import RecordingHost

KEPT = 3  # changes that a case keeps
STEP = "changes"  # in the case's journal, in place of a probe
LAKE_MOST = 200  # changes that are taken from the log lines of other devices


def changes_before(
    onset: Onset,
    window: timedelta,
    *,
    touching: Sequence[str] = (),
    case: str | None = None,
    lake: Path | None = None,
    on: LookedAt | None = None,
) -> Timeline:
    """Rank what was changed before an onset; of a case's chain, what touches it comes first.

    If there is a lake of log lines, what devices logged of changes to themselves is in it. A case
    keeps the first few of them, with what they were read from.
    """
    since = (onset.not_before or onset.seen) - window
    there = on or this_machine()
    logged = _logged(onset, onset.seen - since, lake)
    if there.is_here:
        logged += _imported(since, onset.seen)
    if case is None:
        return change_timeline(there.host, there.changed_files, onset, window, touching, logged)
    with closing(Cases(Places.of_this_user().cases, utc_now).open(case)) as opened:
        keeping = _Keeping(opened, there.changed_files)
        names = [*touching, *touched_by(opened.facts())]
        host = RecordingHost(there.host, keeping.keep)
        found = change_timeline(host, keeping, onset, window, names, logged)
        keeping.write(found)
    return found


def _imported(since: datetime, until: datetime) -> list[Change]:
    """Give the changes that event logs of other machines tell of, if any were imported."""
    told = Imports(Places.of_this_user().imports)
    if not told.paths():
        return []
    return [*ImportWitness(told, "imported", utc_now).changes(since, until)]


class _Keeping:
    """Keeps in a case what changes were read from, and the first few of them."""

    def __init__(self, case: CaseFile, files: FileChanges) -> None:
        self._case = case
        self._files = files
        self._kept: dict[str, tuple[str, Reading]] = {}

    def keep(self, source: str, answer: Reading | CannotAsk) -> None:
        """Remember a reading; only what a change rests on is written down."""
        if isinstance(answer, Reading):
            self._kept[answer.digest] = (source, answer)

    def changed_files(self, folders: Sequence[str], since: datetime, until: datetime) -> Reading:
        """Name files that were changed, as ``world.FileChanges`` does."""
        reading = self._files.changed_files(folders, since, until)
        self.keep(reading.source, reading)
        return reading

    def write(self, found: Timeline) -> None:
        """Write the first few changes into the case."""
        facts = []
        for ranked in found.changes[:KEPT]:
            change = ranked.change
            if change.evidence.reading in self._kept:
                self._case.keep_reading(*self._kept[change.evidence.reading])
                who = f", by {change.who}" if change.who and change.command else ""
                said = f"{change.at:%Y-%m-%d %H:%M:%S} UTC: {change.what}{who}"
                facts.append(self._case.subject.fact(
                    "changed-before", said, change.evidence, confidence=Confidence.POSSIBLE
                ))  # fmt: skip
        self._case.note_step(STEP, self._case.subject, facts)


def _logged(onset: Onset, window: timedelta, folder: Path | None) -> list[Change]:
    place = folder or Places.of_this_user().logs / "lake"
    if not place.is_dir() or (folder is None and not any(place.iterdir())):
        return []  # a receiver that heard nothing leaves an empty one
    # Not before: the engine that reads logs takes longer to import than all else takes to read.
    from whence.analysis.log_changes import BEFORE
    from whence.analysis.log_changes import changes as logged_changes
    from whence.api.log_lake import open_lake
    from whence.store.log_files import engine

    with open_lake(folder) as lake, closing(engine()) as tables:
        # A whole day, however short the window: what is routine shows only there.
        span = max(window, BEFORE)
        lake.relation(tables, onset.seen - span)
        found = logged_changes(tables, onset.seen, (), LAKE_MOST, span)
    changes = []
    for told in found:
        source = f"log lines in {place}, position {told.position}"
        device = told.host or ""
        evidence = Reading(source, told.original, utc_now(), device or "unknown").whole()
        words = f"{device or 'a device'}: {told.words}"
        things = (device,) if device else ()
        changes.append(Change(told.time, "log", words, things, evidence, device, told.who))
    return changes


__all__ = ["Change", "NotTold", "Onset", "Ranked", "Timeline", "changes_before", "utc_now"]
