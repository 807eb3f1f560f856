"""A file of the desktop that starts the maker when its user logs in."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from whence.inquiry.remedies._declare import Chain, remedy
from whence.inquiry.remedies._others import other_connections
from whence.model import Job
from whence.model.suggestions import Invasive, Suggestion, Words, command

OFF = ".off"  # the desktop reads only what ends in .desktop


@remedy
def hide_the_autostart(chain: Chain) -> Iterator[Suggestion]:
    """Keep the desktop from starting it when its user logs in."""
    for process, fact in chain.launches():
        job = fact.value
        if isinstance(job, Job) and job.scheduler == "autostart" and fact.relation == "started-by":
            name = posixpath.basename(job.source)
            whole = job.source.startswith("/etc/")
            yield Suggestion(
                f"Keep the desktop from starting {name} at a login"
                + (" of any user; for one alone, “Hidden=true” in a file of this name in that "
                   "user's ~/.config/autostart does it" if whole else "")
                + ". What runs now goes on.",
                Invasive.ONE_JOB,
                fact.evidence,
                _moved(job.source, job.source + OFF),
                _moved(job.source + OFF, job.source),
                breaks=("all that this program is for", *other_connections(chain, process)),
                confidence=fact.confidence,
            )  # fmt: skip


def _moved(path: str, to: str) -> tuple[Words, ...]:
    return command("mv", "-n", path, to) if path.startswith("/") else ()
