"""When the file system of logs is full."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from whence.analysis.log_baseline import Judgement
from whence.analysis.log_forecast import Cause, Forecast, forecast
from whence.analysis.log_rotation import Growth, grown, since_rotation
from whence.api.log_lake import lake_folder
from whence.api.log_rates import judged_rates
from whence.model import BadInput, WhenceError
from whence.world.file_systems import look, room
from whence.world.this_host import utc_now

RECENT = timedelta(hours=2)  # what the lake had before says nothing of now
TICK = 0.5  # seconds between two questions whether to stop


@dataclass(frozen=True, slots=True)
class Told:
    """A forecast, when it was made, and what could not be taken into account."""

    forecast: Forecast
    at: datetime
    left_out: tuple[str, ...] = ()


def when_full(
    path: Path,
    *,
    watch: timedelta | None = None,
    rate: float | None = None,
    causes: Sequence[Cause] = (),
    folder: Path | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Told:
    """Say when the file system of a folder of logs is full, in bytes and inodes.

    How fast the folder grows is watched for a while if ``watch`` is given, else read from what
    its logs hold since they were rotated; what is known of rotation also counts where ``rate`` says
    how fast it grows, in bytes an hour. If the lake (``folder``) knows how many bytes would be
    usual now, it is told when it would be full at that rate.

    Raises
    ------
    BadInput
        If there is no such folder.

    """
    if not path.exists():
        raise BadInput(f"there is no folder {path}", try_="give the folder of the logs: --path")
    place = path if path.is_dir() else path.parent
    found = room(place)
    before = after = look(place)
    growth: Growth | None
    if watch is None:
        growth = since_rotation(before)
    else:
        begun = time.monotonic()
        end = begun + watch.total_seconds()
        while (left := end - time.monotonic()) > 0 and not stop():
            time.sleep(min(TICK, left))
        after = look(place)
        growth = grown(before, after) if after.at > before.at else None
    if rate is not None:
        growth = replace(growth or Growth(rate, ""), bytes_per_hour=rate, source="the given number")
    share, missing = _usual_share(folder)
    usual = None if growth is None or share is None else growth.bytes_per_hour * share
    left_out = [*missing]
    if after.unreadable:
        left_out.append(f"{after.unreadable} folders below {place} could not be looked into")
    return Told(forecast(found, growth, causes, usual), after.at, tuple(left_out))


def _usual_share(folder: Path | None) -> tuple[float | None, list[str]]:
    """Say what share of the bytes that come now would be usual; None where they are usual."""
    if not lake_folder(folder).is_dir():
        return None, []
    try:
        judged = judged_rates(every=timedelta(hours=1), folder=folder)
    except WhenceError as e:
        return None, [f"the lake was not asked: {e}"]
    if judged is None or len(judged.totals["bytes"]) < 2:
        return None, []
    if judged.rates.end < utc_now() - RECENT:
        return None, []
    last = judged.totals["bytes"][-2]  # the last hour that is over
    if last.judgement is not Judgement.HIGH or not last.value:
        return None, list(judged.left_out)
    return last.expected / last.value, list(judged.left_out)
