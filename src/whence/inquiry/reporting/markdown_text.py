"""A report as Markdown (CommonMark, with GitHub's tables), for tickets and mails.

Values stand in code spans, in which nothing is read as markup; in sentences, what could be is
escaped. So no heading, link, mention, picture or cell can come from a stranger.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from whence.inquiry.reporting.chain import boxes
from whence.inquiry.reporting.report import Cited, Question, Redaction, Remedy, Report
from whence.inquiry.reporting.words import (
    MOST_FACTS,
    SAID,
    at_a_glance,
    how_to_verify,
    left_out,
    moment,
    nothing_left_out,
    shown_evidence,
    statement,
)
from whence.model.plural import many
from whence.model.visible_text import visible

LONGEST = 400  # characters of a text; the case has all
# Each could begin something: emphasis, code, a link, a tag, a table's cell, a reference.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#!|~&$^])")
# Lists, underlined headings and rules, at the beginning of a line.
_BEGINS = re.compile(r"^(\d{0,9})((?<!\d)[-+=]|(?<=\d)[.)](?=\s|$))")
# Words that a reader such as GitHub's makes links of, wherever they stand: into code spans.
_WORD = re.compile(r"\S+")
_LINK = re.compile(r"@|://|\bwww\.|\bGH-", re.IGNORECASE)


def markdown(report: Report) -> str:
    """Write a report as Markdown."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"# {prose(report.sentence, 2000)}"
    yield ""
    if report.custody.problems:
        yield f"**{SAID.DAMAGED}**"
        yield ""
        yield from (f"- {prose(problem)}" for problem in report.custody.problems)
        yield ""
    yield f"Verdict: **{report.verdict}**"
    yield from (f"\n{prose(other, 2000)}" for other in report.others)
    yield ""
    yield from _table(("", "all times in UTC"), ((n, code(v)) for n, v in at_a_glance(report)))
    if report.redaction is not Redaction.NONE:
        yield f"\n{SAID.REDACTED.format(what=report.redaction)}"
    yield from _chapter("The chain", _chain(report))
    yield from _chapter("The ten questions", _questions(report.questions))
    yield from _chapter("Timeline", _timeline(report))
    yield from _chapter(
        "Conflicts", _listed(map(prose, report.conflicts), "No facts contradict each other.")
    )
    yield from _chapter("Not checked", _not_checked(report))
    yield from _chapter("Notes", _notes(report))
    yield from _chapter("Evidence", _evidence(report))
    yield from _chapter("Facts beside the chain", _facts(report))
    yield from _chapter("How to verify", _verify(report))


def _chapter(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield ""
    yield f"## {title}"
    yield ""
    yield from lines


def _chain(report: Report) -> Iterator[str]:
    if not report.lineage:
        yield "No fact leads from the subject to a cause."
        return
    found, untold = boxes(report.subject, report.lineage, report.facts)
    for box in found:
        indent = "  " * box.depth
        how = ""
        if box.by:
            words = box.by.fact.relation.replace("-", " ")
            words = f"which {words} the one above" if box.backwards else words
            how = f"{words} ({box.by.fact.confidence}{_ids(box.by.labels)}): "
        yield f"{indent}- {how}{box.thing.kind.replace('-', ' ')} {code(box.thing)}"
        for detail in box.details:
            relation = detail.fact.relation.replace("-", " ")
            yield f"{indent}  - {relation}: {code(detail.fact.value)}{_ids(detail.labels)}"
    if untold:
        yield f"- and {untold} more, which the table of facts has"


def _questions(questions: Sequence[Question]) -> Iterator[str]:
    for question in questions:
        yield f"### {question.topic.number}. {question.topic}"
        yield ""
        if question.facts:
            yield f"{question.state}, **{question.confidence}**"
            yield ""
            yield from (f"- {_told(one)}" for one in question.facts)
            if question.more:
                yield f"- and {question.more} more"
        elif question.remedies:
            yield from _remedies(question)
        else:
            yield f"{question.state}: {prose(question.because, 2000)}"
            if question.try_:
                yield f"\nTry: {code(question.try_)}"
        yield ""


def _remedies(question: Question) -> Iterator[str]:
    yield f"{question.state}, **{question.confidence}**. {SAID.REMEDIES}"
    yield ""
    for number, one in enumerate(question.remedies, start=1):
        yield f"{number}. {prose(one.text, 2000)} ({one.confidence}{_ids(one.labels)})"
        yield from (f"   - {line}" for line in _steps(one))
    yield f"\nAfterwards: {code(question.try_)}"


def _steps(one: Remedy) -> Iterator[str]:
    yield from map(_command, one.commands)
    yield from (f"undo: {_command(line)}" for line in one.undo)
    if one.undo_text:
        yield f"undo: {prose(one.undo_text, 2000)}"
    if one.breaks:
        yield f"also stops: {prose('; '.join(one.breaks), 2000)}"


def _command(line: str) -> str:
    return code(line, 2000)


def _timeline(report: Report) -> Iterator[str]:
    rows = (
        (moment(event.at), event.kind, f"{code(event.what)}{_ids(event.labels)}")
        for event in report.timeline
    )
    yield from _table(("time", "kind", "what happened"), rows)
    if report.untold:
        untold = many(report.untold, "sighting in between is", "sightings in between are")
        yield f"\n{untold} not shown."


def _not_checked(report: Report) -> Iterator[str]:
    if not report.not_checked:
        yield nothing_left_out(report)
        return
    yield from _table(
        ("question", "why it has no answer", "what would get one"),
        ((prose(o.question), prose(o.because), code(o.try_)) for o in report.not_checked),
    )


def _notes(report: Report) -> Iterator[str]:
    for note in report.notes:
        yield f"{code(note.author)}, {moment(note.when)}:"
        yield ""
        yield from (f"> {prose(line)}" if line else ">" for line in note.text.split("\n"))
        yield ""
    if not report.notes:
        yield "Nobody wrote a note."


def _evidence(report: Report) -> Iterator[str]:
    shown, untold = shown_evidence(report)
    for reading in shown:
        yield f"{code(reading.source)}, read {moment(reading.taken)} on {code(reading.observer)},"
        yield f"SHA-256 `{reading.digest}`" if reading.digest else SAID.WITHHELD
        yield ""
        for line in reading.lines:
            where = f"line {line.number}" if line.number else "whole"
            yield f"- **{line.label}**, {where}: {code(line.text)}"
        yield ""
    told = sum(len(reading.lines) for reading in shown)
    if text := left_out(told, told + untold, "cited lines", report.case):
        yield text


def _facts(report: Report) -> Iterator[str]:
    chain = {cited.fact for cited in report.lineage}
    others = [cited for cited in report.facts if cited.fact not in chain]
    if not others:
        yield "All facts are in the chain."
        return
    yield from _table(
        ("about", "relation", "value", "how sure", "evidence"), map(_row, others[:MOST_FACTS])
    )
    if text := left_out(min(MOST_FACTS, len(others)), len(others), "facts", report.case):
        yield f"\n{text}"


def _row(one: Cited) -> tuple[str, ...]:
    return (
        code(one.fact.subject),
        one.fact.relation.replace("-", " "),
        code(one.fact.value),
        str(one.fact.confidence),
        ", ".join(dict.fromkeys(one.labels)),
    )


def _verify(report: Report) -> Iterator[str]:
    for text in how_to_verify(report):
        yield prose(text, 2000)
        yield ""
    yield f"Head: `{report.custody.head}`"


def _told(one: Cited) -> str:
    return f"{code(statement(one))} ({one.fact.confidence}{_ids(one.labels)})"


def _ids(labels: Iterable[str]) -> str:
    shown = ", ".join(dict.fromkeys(labels))
    return f", {shown}" if shown else ""


def _listed(items: Iterable[str], nothing: str) -> Iterator[str]:
    lines = [f"- {item}" for item in items]
    yield from lines or [nothing]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def prose(text: object, longest: int = LONGEST) -> str:
    """Write words into a sentence: markup is escaped, what could be a link is code."""
    shown = visible(text, longest).strip()
    parts: list[str] = []
    at = 0
    for word in _WORD.finditer(shown):
        if _LINK.search(word[0]):
            parts += [_MARKUP.sub(r"\\\1", shown[at : word.start()]), code(word[0])]
            at = word.end()
    parts.append(_MARKUP.sub(r"\\\1", shown[at:]))
    return _BEGINS.sub(r"\1\\\2", "".join(parts))


def code(text: object, longest: int = LONGEST) -> str:
    """Write a value as a code span, whatever it holds; a bar would end a table's cell."""
    shown = visible(text, longest)
    if not shown.strip():
        return "`(empty)`" if not shown else "`(blanks)`"
    ticks = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    room = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{ticks}{room}{shown}{room}{ticks}".replace("|", "\\|")
