"""A report as a page: one file without scripts, which fetches nothing and prints well.

The page is a tree of elements until it is written (xml.etree), so no text of a stranger can become
an element or an attribute.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from whence.inquiry.reporting import chain_picture
from whence.inquiry.reporting.chain import boxes
from whence.inquiry.reporting.html_elements import (
    LONGEST,
    Cell,
    add,
    fill,
    ids,
    listing,
    new,
    table_of,
)
from whence.inquiry.reporting.html_style import STYLE
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

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)


def html_page(report: Report) -> str:
    """Write a report as HTML."""
    root = Element("html", {"lang": "en"})
    head = SubElement(root, "head")
    SubElement(head, "meta", {"charset": "utf-8"})
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": POLICY})
    SubElement(head, "meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"})
    SubElement(head, "meta", {"name": "referrer", "content": "no-referrer"})
    SubElement(head, "meta", {"name": "generator", "content": f"whence {report.version}"})
    add(head, "title", f"Case {report.case}: {visible(report.subject, 100)}")
    SubElement(head, "style").text = STYLE + chain_picture.STYLE
    body = SubElement(root, "body")
    _first(SubElement(body, "header"), report)
    main = SubElement(body, "main")
    for number, (title, write) in enumerate(SECTIONS.items(), start=1):
        section = SubElement(main, "section", {"aria-labelledby": f"part{number}"})
        add(section, "h2", title, id=f"part{number}")
        write(section, report)
    _unlink(root)
    return "<!doctype html>\n" + tostring(root, encoding="unicode", method="html") + "\n"


def _unlink(root: Element) -> None:
    """Leave the label, and no link, where the evidence is not among what is shown."""
    there = {element.get("id") for element in root.iter()}
    for link in root.iter("a"):
        if link.get("href", "")[1:] not in there:
            link.attrib.pop("href", None)


def _first(header: Element, report: Report) -> None:
    """Fill what stands on the first page: damage first, then the answer."""
    add(header, "p", f"Report of case {report.case}", class_="kicker")
    if report.custody.problems:
        box = SubElement(header, "div", {"class": "broken", "role": "alert"})
        add(box, "p", SAID.DAMAGED, class_="state")
        listing(box, report.custody.problems)
    add(header, "h1", report.sentence, longest=2000)
    verdict = add(header, "p", "Verdict: ")
    add(verdict, "span", str(report.verdict), class_=f"verdict {report.verdict}")
    for other in report.others:
        add(header, "p", other, longest=2000)
    rows: list[list[Cell]] = [
        [new("th", name, scope="row"), text] for name, text in at_a_glance(report)
    ]
    table = table_of(header, (), rows, "At a glance. All times are in UTC.", ("w2", ""))
    table.set("class", "glance")
    if report.redaction is not Redaction.NONE:
        add(header, "p", SAID.REDACTED.format(what=report.redaction), class_="state")
    contents = SubElement(header, "nav", {"aria-label": "Contents"})
    items = SubElement(contents, "ol")
    for number, title in enumerate(SECTIONS, start=1):
        add(SubElement(items, "li"), "a", title, href=f"#part{number}")


def _chain(section: Element, report: Report) -> None:
    if not report.lineage:
        add(section, "p", "No fact leads from the subject to a cause.")
        return
    found = boxes(report.subject, report.lineage, report.facts)
    # Of a small screen it is wider; who has no mouse moves it with the arrow keys.
    named = {"class": "wide", "tabindex": "0", "role": "group", "aria-label": "The chain, drawn"}
    SubElement(section, "div", named).extend(chain_picture.elements(*found))
    shown = report.lineage[:MOST_FACTS]
    _facts(section, shown, "The chain in words: each fact leads to the next.")
    _left_out(section, len(shown), len(report.lineage), "facts of the chain", report.case)


def _questions(section: Element, report: Report) -> None:
    for question in report.questions:
        add(section, "h3", f"{question.topic.number}. {question.topic}")
        _answer(section, question)


def _answer(section: Element, question: Question) -> None:
    if question.facts:
        state = f"{question.state}, {question.confidence}"
        add(section, "p", state, class_="state")
        more: list[Cell] = [f"and {question.more} more, below"] if question.more else []
        listing(section, [*(_cited(one) for one in question.facts), *more])
        return
    if question.remedies:
        state = f"{question.state}, {question.confidence}"
        add(section, "p", state, class_="state")
        add(section, "p", SAID.REMEDIES)
        ways = SubElement(section, "ol")
        for one in question.remedies:
            _remedy(SubElement(ways, "li"), one)
        add(add(section, "p", "Afterwards: "), "code", question.try_)
        return
    add(section, "p", f"{question.state}: {question.because}", class_="open")
    if question.try_:
        add(add(section, "p", "Try: "), "code", question.try_)


def _remedy(item: Element, one: Remedy) -> None:
    fill(item, [f"{visible(one.text, 2000)} ({one.confidence}) ", *ids(one.labels)])
    steps: list[Cell] = [new("code", line, 2000) for line in one.commands]
    steps += [["undo: ", new("code", line, 2000)] for line in one.undo]
    if one.undo_text:
        steps.append(f"undo: {one.undo_text}")
    if one.breaks:
        steps.append(f"also stops: {'; '.join(one.breaks)}")
    listing(item, steps)


def _timeline(section: Element, report: Report) -> None:
    rows: list[list[Cell]] = [
        [
            moment(event.at).removesuffix(" UTC"),
            event.kind,
            [new("span", event.what), *ids(event.labels)],
        ]
        for event in report.timeline
    ]
    table_of(section, ("time (UTC)", "kind", "what happened"), rows, "", ("w3", "w1", ""))
    if report.untold:
        untold = many(report.untold, "sighting in between is", "sightings in between are")
        add(section, "p", f"{untold} not shown.")


def _conflicts(section: Element, report: Report) -> None:
    if not report.conflicts:
        add(section, "p", "No facts contradict each other.")
    listing(section, report.conflicts)


def _not_checked(section: Element, report: Report) -> None:
    if not report.not_checked:
        add(section, "p", nothing_left_out(report))
        return
    rows: list[list[Cell]] = [
        [one.question, one.because, new("code", one.try_)] for one in report.not_checked
    ]
    table_of(section, ("question", "why it has no answer", "what would get one"), rows, "")


def _notes(section: Element, report: Report) -> None:
    if not report.notes:
        add(section, "p", "Nobody wrote a note.")
    for note in report.notes:
        add(section, "h3", f"{note.author}, {moment(note.when)}")
        for line in note.text.split("\n"):
            add(section, "p", line)


def _evidence(section: Element, report: Report) -> None:
    shown, untold = shown_evidence(report)
    for reading in shown:
        told = SubElement(section, "div", {"class": "reading"})
        add(told, "h3", reading.source)
        about = add(told, "p", f"read {moment(reading.taken)} on {reading.observer}, ")
        about.append(new("code", f"SHA-256 {reading.digest}" if reading.digest else SAID.WITHHELD))
        about.set("class", "soft")
        listed = SubElement(told, "dl")
        for line in reading.lines:
            where = f"{line.label}, line {line.number}" if line.number else f"{line.label}, whole"
            add(listed, "dt", where, id=line.label)
            text = "\n".join(map(visible, line.text[:LONGEST].split("\n")))
            rest = len(line.text) - LONGEST
            stated = add(listed, "dd", "", class_="text")
            stated.text = f"{text} … ({rest} characters more)" if rest > 0 else text
    lines = sum(len(reading.lines) for reading in shown)
    _left_out(section, lines, lines + untold, "cited lines", report.case)


def _other_facts(section: Element, report: Report) -> None:
    chain = {cited.fact for cited in report.lineage}
    others = [cited for cited in report.facts if cited.fact not in chain]
    if not others:
        add(section, "p", "All facts are in the chain.")
        return
    _facts(section, others[:MOST_FACTS], "")
    _left_out(section, min(MOST_FACTS, len(others)), len(others), "facts", report.case)


def _verify(section: Element, report: Report) -> None:
    for text in how_to_verify(report):
        add(section, "p", text)
    add(add(section, "p", "Head: "), "code", report.custody.head)


SECTIONS = {
    "The chain": _chain,
    "The ten questions": _questions,
    "Timeline": _timeline,
    "Conflicts": _conflicts,
    "Not checked": _not_checked,
    "Notes": _notes,
    "Evidence": _evidence,
    "Facts beside the chain": _other_facts,
    "How to verify": _verify,
}


def _facts(section: Element, facts: Sequence[Cited], caption: str) -> None:
    rows: list[list[Cell]] = [
        [str(one.fact.subject), one.fact.relation.replace("-", " "),
         new("span", str(one.fact.value)), str(one.fact.confidence),
         ids(one.labels)]
        for one in facts
    ]  # fmt: skip
    heads = ("about", "relation", "value", "how sure", "evidence")
    table = table_of(section, heads, rows, caption, ("w2", "w4", "", "w1", "w1"))
    table.set("class", "facts")


def _cited(one: Cited) -> list[str | Element]:
    return [f"{visible(statement(one), LONGEST)} ({one.fact.confidence}) ", *ids(one.labels)]


def _left_out(section: Element, shown: int, whole: int, what: str, case: str) -> None:
    if text := left_out(shown, whole, what, case):
        add(section, "p", text, class_="state")
