"""What is told of traffic that nobody was caught making. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from whence.inquiry.known import Known, Story, Verdict
from whence.model import Fact, Flow, Observable

CAPTURED = ("captured", "goes", "is-known-as")
CONFIGURED = "configured-in"
LISTENED = "is-listened-on"
MOST_PLACES = 3
REPORTED = "reported-in"
ALSO_CALLS = "also-calls"
TOLD_OF = "is-told-of-in"


def story_of_times(known: Known, subject: Observable, facts: Sequence[Fact]) -> Story:
    """Nobody was caught; perhaps the times say something."""
    nobody = f"{subject}: no process was seen making this traffic"
    listened = known.about(subject, LISTENED)
    if listened:
        places = " and ".join(dict.fromkeys(str(fact.value) for fact in listened[:MOST_PLACES]))
        nobody += (
            f"; somebody listens on {places}: another user's process, which root may see, or the "
            "kernel itself"
        )
    fits = [
        fact for fact in facts if fact.relation == "explains-times-of" and fact.value == subject
    ]
    if fits:
        jobs = " or ".join(str(fact.subject) for fact in fits)
        nobody += f"; its times fit {jobs} ({fits[0].confidence})"
    packets = known.about(subject, *CAPTURED)
    ways = sorted(
        {str(fact.value).partition(":")[0] for fact in packets if fact.relation == "goes"}
    )
    if ways:
        nobody += f"; it was captured, and {' and '.join(ways)}"
    elif packets:
        nobody += "; it was captured"
    reported = known.about(subject, REPORTED)
    if reported:
        nobody += "; files of other tools tell of it"
    calls = known.about(subject, ALSO_CALLS)[:1]
    if calls:
        nobody += f"; it calls others, too: {calls[0].value}"
    machine = known.about(subject, TOLD_OF)[:1]
    if machine and isinstance(subject, Flow) and not known.about(subject, "ends-at"):
        nobody += f"; {machine[0].value} tells which machine it is: "
        nobody += f"whence station {subject.destination}"
    lineage = (
        *known.about(subject, "seen"), *calls, *listened, *reported, *machine, *packets, *fits,
        *configured(known, subject),
    )  # fmt: skip
    return Story(f"{nobody}.", Verdict.INSUFFICIENT, lineage)


def configured(known: Known, subject: Observable) -> tuple[Fact, ...]:
    """Give where the address is configured, but not each of many places."""
    return tuple(known.about(subject, CONFIGURED)[:MOST_PLACES])
