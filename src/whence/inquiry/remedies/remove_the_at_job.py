"""A job of at(1) runs once; as long as it waits or runs it can be taken from the queue."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from whence.inquiry.remedies._declare import Chain, remedy
from whence.model import Fact, Job
from whence.model.suggestions import Invasive, Suggestion, all_or_none, command

_FILE = re.compile(r"[=a-zA-Z](?P<number>[0-9a-f]{5})[0-9a-f]{8}")  # at.c: queue, number, minute
KEPT = "/var/tmp/at-job-"


@remedy
def remove_the_at_job(chain: Chain) -> Iterator[Suggestion]:
    """Take the job from the queue of at."""
    for process, fact in chain.launches():
        job = fact.value
        if isinstance(job, Job) and job.scheduler == "at":
            yield _remove(job, fact, str(process))


def _remove(job: Job, fact: Fact, process: str) -> Suggestion:
    named = _FILE.fullmatch(posixpath.basename(job.source))
    number = str(int(named["number"], 16)) if named else ""
    text = f"Take job {number} from the queue of at" if number else "Take the job from at's queue"
    text += f" (“{job.command}”, {job.schedule}). It runs once; what runs now ends with {process}."
    if not number:
        again = "give the job to at again"
        return Suggestion(text, Invasive.ONE_JOB, fact.evidence, undo_text=again,
                          confidence=fact.confidence)  # fmt: skip
    return Suggestion(
        text,
        Invasive.ONE_JOB,
        fact.evidence,
        all_or_none(command("cp", "-p", job.source, KEPT + number), command("atrm", number)),
        command("at", "-f", KEPT + number, "now + 1 minute"),
        "with the time that it is to run at, as its owner",
        ("all else that this job does",),
        fact.confidence,
    )
