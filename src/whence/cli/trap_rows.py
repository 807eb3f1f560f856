"""A run of a trapped program as a line: as it begins, and when it has ended."""

from __future__ import annotations

from datetime import timedelta

from whence.cli.say import duration
from whence.cli.sighting import describe, name_of
from whence.cli.trap_output import amount
from whence.model.digits import three_digits
from whence.model.trap_words import outcome, started_by
from whence.model.trapped import Run


def began(run: Run) -> str:
    """Say that a run began: who it is, and by whom."""
    if not run.lineage:
        return f"{run.at:%H:%M:%S}  #{run.number}  by {started_by(run)}"
    own, *above = run.lineage
    parents = "".join(f" ← {name_of(record)}[{record.process.pid}]" for record in above)
    user = f"  uid {own.user_id}" if own.user_id is not None else ""
    return (
        f"{run.at:%H:%M:%S}  #{run.number}  {describe(own)}{user}  by {started_by(run)} {parents}"
    )


def ended(run: Run) -> str:
    """Say how a run ended, how much it wrote and where it connected to."""
    lasted = f" after {_lasted(run.lasted)}" if run.lasted is not None else ""
    called = ", ".join(f"{one}" + (f" ×{one.count}" if one.count > 1 else "") for one in run.called)
    at = f"{run.ended:%H:%M:%S}" if run.ended else " " * 8
    wrote = amount(run.output)
    to = f"; called {called}" if called else ""
    return f"{at}  #{run.number}  {outcome(run)}{lasted}{wrote}{to}"


def all_of(name: str) -> str:
    """Say how all of what runs wrote is shown."""
    return f"whence trap show {name} --output"


def _lasted(span: timedelta) -> str:
    seconds = span.total_seconds()
    if seconds < 1:
        return f"{three_digits(seconds * 1000)} ms"
    return f"{seconds:.3g} s" if seconds < 90 else duration(span)
