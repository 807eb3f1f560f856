"""What all forms of a report that people read say in the same words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from whence.inquiry.reporting.report import Cited, CitedReading, Redaction, Report, State
from whence.model.plural import many

MOST_FACTS = 300  # of a table; as JSON there are all
MOST_LINES = 300  # of evidence


class SAID:
    """Sentences."""

    DAMAGED = (
        "This case is damaged: what follows may not be what was written down. "
        "Do not rely on it before this is explained:"
    )
    REDACTED = (
        "Redacted: {what} were replaced by pseudonyms, the same by the same throughout this "
        "report. The case itself is not redacted."
    )
    REMEDIES = "whence did none of this. The least invasive comes first:"
    WITHHELD = "SHA-256 withheld: it would let short texts be guessed"


def moment(at: datetime) -> str:
    """Write a time as people do, with its zone."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def statement(cited: Cited) -> str:
    """Write a fact as a sentence, nearly."""
    fact = cited.fact
    value = str(fact.value)
    if value.startswith(f"{fact.subject} "):  # a whole sentence about it
        return value
    return f"{fact.subject} {fact.relation.replace('-', ' ')} {value}"


def at_a_glance(report: Report) -> Iterator[tuple[str, str]]:
    """Give what a reader wants to know first of a report, beside its answer."""
    yield "asked about", f"{report.subject.kind.replace('-', ' ')} {report.subject}"
    if report.title and report.title != str(report.subject):
        yield "typed as", report.title
    yield "case", report.case
    yield "opened", moment(report.opened)
    yield "newest look", moment(report.seen)
    seen_by = dict.fromkeys(reading.observer for reading in report.readings)
    if seen_by:
        yield "seen by", ", ".join(seen_by)
    facts, readings = many(len(report.facts), "fact"), many(len(report.readings), "cited reading")
    unanswered = sum(one.state is not State.ANSWERED for one in report.questions)
    has = "has" if unanswered == 1 else "have"
    yield "rests on", f"{facts} from {readings}; {unanswered} of the ten questions {has} no answer"
    yield "report written", f"{moment(report.written)}, by whence {report.version}"
    if report.redaction is not Redaction.NONE:
        yield "redacted", str(report.redaction)


def nothing_left_out(report: Report) -> str:
    """Say, where no question was left out, which of the ten the case has none for."""
    numbers = [str(one.topic.number) for one in report.questions if one.state is State.OPEN]
    if not numbers:
        return "Everything that could be asked was asked."
    return (
        "Of the questions that whence could put, none was left out. Not asked, since nothing in "
        f"this case leads there, were these of the ten: {', '.join(numbers)}."
    )


def shown_evidence(report: Report) -> tuple[tuple[CitedReading, ...], int]:
    """Choose the cited lines that are shown, those of the chain first, and count the others."""
    cited = (*report.lineage, *(one for told in report.questions for one in told.facts))
    every = dict.fromkeys(line.label for one in report.readings for line in one.lines)
    wanted = (label for one in cited for label in one.labels if label in every)
    shown = {*[*dict.fromkeys((*wanted, *every))][:MOST_LINES]}
    parts = (
        replace(one, lines=tuple(line for line in one.lines if line.label in shown))
        for one in report.readings
    )
    told = tuple(one for one in parts if one.lines)
    return told, len(every) - sum(len(one.lines) for one in told)


def left_out(shown: int, whole: int, what: str, case: str) -> str:
    """Say that not all is shown, and where all is; nothing where all is shown."""
    if shown >= whole:
        return ""
    return f"{shown} of {whole} {what} are shown. All are in: whence report {case} -o report.json"


def how_to_verify(report: Report) -> Iterator[str]:
    """Say how to show that the case is what it was when it was written."""
    yield (
        f"The journal of case {report.case} has "
        f"{many(report.custody.entries, 'entry', 'entries')}, each with the "
        "hash (SHA-256) of the one before. Whoever knows the head, which is the hash of the last "
        "entry, can tell later that no entry was changed, removed or put in between: "
        f"“whence case verify {report.case} --head HEAD” checks it, and that the journal leads "
        "through that head. Notes and further questions are added behind it, and give a new head."
    )
    yield (
        "The chain shows that nothing was changed since somebody else noted the head. It cannot "
        "show that whoever kept the case did not write all of it anew: send the head to somebody "
        "by another way than the report."
    )
    yield f"“whence show E1 --case {report.case}” shows evidence in the text it stood in."
