"""A timer of systemd that starts the maker's unit is stopped, and starts no more at boot."""

from __future__ import annotations

from collections.abc import Iterator

from whence.inquiry.remedies._declare import Chain, remedy
from whence.inquiry.remedies._others import other_connections, unit_mates
from whence.inquiry.remedies._systemctl import is_static, systemctl
from whence.model import Fact, Job, Process, Service
from whence.model.suggestions import Invasive, Suggestion, Words, all_or_none
from whence.probes._timers import timer_name


@remedy
def disable_the_timer(chain: Chain) -> Iterator[Suggestion]:
    """Stop the timer that starts it."""
    for process, fact in chain.launches():
        job = fact.value
        if (
            isinstance(job, Job)
            and job.scheduler == "systemd"
            and isinstance(fact.subject, Service)
        ):
            yield _stop(chain, process, job, fact, fact.subject)


def _stop(chain: Chain, process: Process, job: Job, fact: Fact, started: Service) -> Suggestion:
    name = timer_name(job)
    stop, start = stopping(started.manager, name, static=is_static(chain, job))
    runs = f" {started} does not run at “{job.schedule}” any more" if job.schedule else ""
    return Suggestion(
        f"Stop the timer {name}:{runs or f' {started} is not started by it any more'}; what runs "
        f"now goes on.",
        Invasive.ONE_JOB,
        fact.evidence,
        stop,
        start,
        breaks=(
            f"all else that {started} does",
            *unit_mates(chain, process),
            *other_connections(chain, process),
        ),
        confidence=fact.confidence,
    )


def stopping(
    manager: str, unit: str, *, static: bool
) -> tuple[tuple[Words, ...], tuple[Words, ...]]:
    """Give what stops a unit for good, and what undoes that: systemctl(1)."""
    if static:  # nothing to disable: a link to /dev/null keeps it down
        return systemctl(manager, "mask", "--now", "--", unit), all_or_none(
            systemctl(manager, "unmask", "--", unit), systemctl(manager, "start", "--", unit)
        )
    return (
        systemctl(manager, "disable", "--now", "--", unit),
        systemctl(manager, "enable", "--now", "--", unit),
    )
