"""A line of an anacrontab, or a file in a folder of jobs such as /etc/cron.daily."""

from __future__ import annotations

from collections.abc import Iterator

from whence.inquiry.remedies._declare import Chain, remedy
from whence.inquiry.remedies._lines import comment, uncomment
from whence.inquiry.remedies._others import other_connections
from whence.model import Fact, Job, Process
from whence.model.suggestions import Invasive, Suggestion, command


@remedy
def stop_the_anacron_job(chain: Chain) -> Iterator[Suggestion]:
    """Take a file in a folder of jobs its right to be run, or make anacron's line a comment."""
    for process, fact in chain.launches():
        job = fact.value
        if not isinstance(job, Job):
            continue
        if _is_file_of_a_folder(chain, job, fact):
            yield _file(chain, process, job, fact)
        elif job.scheduler == "anacron" and job.line and fact.relation == "started-by":
            yield _line(chain, process, job, fact)


def _is_file_of_a_folder(chain: Chain, job: Job, fact: Fact) -> bool:
    return (
        fact.relation == "started-by"
        and not job.line
        and job.scheduler in ("run-parts", "cron", "anacron")
        and job.source.startswith("/")
    )


def _file(chain: Chain, process: Process, job: Job, fact: Fact) -> Suggestion:
    owner = chain.known.best(job, "belongs-to")
    again = f" An upgrade of {owner.value} may give it back." if owner else ""
    return Suggestion(
        f"Take {job.source} the right to be run: run-parts passes over what is not executable."
        f"{again}",
        Invasive.ONE_JOB,
        fact.evidence,
        command("chmod", "a-x", job.source),
        command("chmod", "a+x", job.source),
        breaks=("all else that this script does", *other_connections(chain, process)),
        confidence=fact.confidence,
    )


def _line(chain: Chain, process: Process, job: Job, fact: Fact) -> Suggestion:
    goes_on = any(one.excerpt.endswith("\\") for one in fact.evidence if one.line == job.line)
    text = f"Make line {job.line} of {job.source} a comment: “{job.command}”."
    if goes_on:
        text = f"Make line {job.line} of {job.source}, and those it goes on in, comments."
    return Suggestion(
        text,
        Invasive.ONE_JOB,
        fact.evidence,
        () if goes_on else comment(job.source, job.line),
        () if goes_on else uncomment(job.source, job.line),
        "take the # away again" if goes_on else "",
        ("all that this line runs", *other_connections(chain, process)),
        fact.confidence,
    )
