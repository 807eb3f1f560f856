"""A line of a crontab that starts the maker is made a comment."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from whence.inquiry.remedies._declare import Chain, remedy
from whence.inquiry.remedies._lines import comment, uncomment
from whence.inquiry.remedies._others import other_connections
from whence.model import Fact, Job, Process
from whence.model.suggestions import Invasive, Suggestion, command
from whence.probes._crontabs import PERSONAL

RUNNING = "What runs already goes on until it ends."


@remedy
def comment_the_cron_line(chain: Chain) -> Iterator[Suggestion]:
    """Make the line of the crontab a comment."""
    for process, fact in chain.launches():
        job = fact.value
        if isinstance(job, Job) and job.scheduler == "cron" and job.line:
            yield _personal(chain, process, job, fact) or _system(chain, process, job, fact)


def _system(chain: Chain, process: Process, job: Job, fact: Fact) -> Suggestion:
    return Suggestion(
        f"Make line {job.line} of {job.source} a comment: “{job.schedule} {job.command}”. "
        f"{RUNNING}",
        Invasive.ONE_JOB,
        fact.evidence,
        comment(job.source, job.line),
        uncomment(job.source, job.line),
        breaks=(*_the_line(job), *other_connections(chain, process)),
        confidence=fact.confidence,
    )


def _personal(chain: Chain, process: Process, job: Job, fact: Fact) -> Suggestion | None:
    """Go by crontab(1) where a file is a user's own."""
    folder, owner = posixpath.split(job.source)
    if folder not in PERSONAL or folder == "/etc/crontabs":  # that one is edited as it is
        return None
    edit = command("crontab", "-u", owner, "-e") if not owner.startswith("-") else ()
    return Suggestion(
        f"Put a # before the line “{job.schedule} {job.command}” of {owner}'s crontab "
        f"({owner} does it by crontab -e). {RUNNING}",
        Invasive.ONE_JOB,
        fact.evidence,
        edit,
        edit,
        "take the # away again",
        (*_the_line(job), *other_connections(chain, process)),
        fact.confidence,
    )


def _the_line(job: Job) -> Iterator[str]:
    if any(mark in job.command for mark in (";", "&&", "||", "|")):
        yield "all that this line runs"
