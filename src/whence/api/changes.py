"""What was changed on this machine before something began."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from whence.api.looked_at import LookedAt, this_machine
from whence.inquiry.change_timeline import NotTold, Timeline, change_timeline, touched_by
from whence.model.changed import Change, Onset, Ranked
from whence.model.evidence import Reading
from whence.store.cases import Cases
from whence.store.import_witness import ImportWitness
from whence.store.imports import Imports
from whence.world import utc_now
from whence.world.places import Places

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

    If there is a lake of log lines, what devices logged of changes to themselves is in it.
    """
    names = [*touching]
    if case is not None:
        with closing(Cases(Places.of_this_user().cases, utc_now).open(case)) as opened:
            names += touched_by(opened.facts())
    since = (onset.not_before or onset.seen) - window
    there = on or this_machine()
    logged = _logged(onset, onset.seen - since, lake)
    if there.is_here:
        logged += _imported(since, onset.seen)
    return change_timeline(there.host, there.changed_files, onset, window, names, logged)


def _imported(since: datetime, until: datetime) -> list[Change]:
    """Give the changes that event logs of other machines tell of, if any were imported."""
    told = Imports(Places.of_this_user().imports)
    if not told.paths():
        return []
    return [*ImportWitness(told, "imported", utc_now).changes(since, until)]


def _logged(onset: Onset, window: timedelta, folder: Path | None) -> list[Change]:
    place = folder or Places.of_this_user().logs / "lake"
    if not place.is_dir():
        return []
    # Not before: the engine that reads logs takes longer to import than all else takes to read.
    from whence.analysis.log_changes import changes as logged_changes
    from whence.api.log_lake import open_lake
    from whence.store.log_files import engine

    with open_lake(folder) as lake, closing(engine()) as tables:
        lake.relation(tables, onset.seen - window)
        found = logged_changes(tables, onset.seen, (), LAKE_MOST)
    changes = []
    for told in found:
        source = f"log lines in {place}, position {told.position}"
        device = told.host or ""
        evidence = Reading(source, told.original, utc_now(), device or "unknown").whole()
        words = f"{device or 'a device'}: {told.words}"
        things = (device,) if device else ()
        changes.append(Change(told.time, "log", words, things, evidence, device))
    return changes


__all__ = ["Change", "NotTold", "Onset", "Ranked", "Timeline", "changes_before", "utc_now"]
