"""The maker's own unit of systemd, or the socket or path that starts it."""

from __future__ import annotations

from collections.abc import Iterator

from whence.inquiry.remedies._declare import Chain, remedy
from whence.inquiry.remedies._others import other_connections, unit_mates
from whence.inquiry.remedies._systemctl import is_shared, is_static, systemctl
from whence.inquiry.remedies.disable_the_timer import stopping
from whence.model import Fact, Process, Service
from whence.model.suggestions import Invasive, Suggestion
from whence.probes._units import user_of

TRANSIENT = ".scope"


@remedy
def stop_the_service(chain: Chain) -> Iterator[Suggestion]:
    """Stop the unit of systemd that it runs in."""
    for process, fact in chain.launches():
        unit = fact.value
        if isinstance(unit, Service) and systemctl(unit.manager, "status"):
            if unit.name.startswith("app-") and "@autostart." in unit.name:
                continue  # a file of the desktop's, and another remedy
            if not is_shared(unit.name):
                yield _stop(chain, process, unit, fact)


def _stop(chain: Chain, process: Process, unit: Service, fact: Fact) -> Suggestion:
    whose = user_of(unit.manager)
    of = f" of the user with uid {whose}" if whose is not None else ""
    breaks = (*unit_mates(chain, process), *other_connections(chain, process))
    if unit.name.endswith(TRANSIENT):
        return Suggestion(
            f"Stop {unit}{of}. It was made while the machine runs, and may be made again.",
            Invasive.ONE_SERVICE, fact.evidence, systemctl(unit.manager, "stop", "--", unit.name),
            undo_text="start the program again as it was started", breaks=breaks,
            confidence=fact.confidence,
        )  # fmt: skip
    stop, start = stopping(unit.manager, unit.name, static=is_static(chain, unit))
    again = any(chain.known.about(unit, "triggered-by"))
    text = f"Stop {unit}{of}, and keep it from being started at boot."
    if again:
        text += " What triggers it must be stopped, too, or starts it again."
    return Suggestion(
        text, Invasive.ONE_SERVICE, fact.evidence, stop, start,
        breaks=(f"all that {unit} is for", *_described(chain, unit), *breaks),
        confidence=fact.confidence,
    )  # fmt: skip


def _described(chain: Chain, unit: Service) -> Iterator[str]:
    for fact in chain.known.about(unit, "described-as")[:1]:
        yield f"it describes itself as “{fact.value}”"
