"""Whatever stands in a case, a page and a text have no markup but whence's own."""

from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import pairwise
from xml.etree.ElementTree import Element

import pytest
import tinyhtml5
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.inquiry.reporting.samples import TEXTS as FORMS
from tests.inquiry.reporting.samples import a_report, hostile, plain
from whence.inquiry.reporting.chain import boxes
from whence.inquiry.reporting.chain_picture import elements, fitted
from whence.inquiry.reporting.html_page import POLICY, html_page
from whence.inquiry.reporting.markdown_text import code, markdown, prose
from whence.inquiry.reporting.report import CitedLine, Custody, State
from whence.inquiry.reporting.words import MOST_LINES, shown_evidence
from whence.model.visible_text import visible

NASTY = [
    "<script>alert(1)</script>", "</title></style><img src=x onerror=alert(1)>", "]]>", "<!--",
    "\x1b[31mred\x1b]8;;http://x\x07", "\u202egnp.exe", "\0\0", "\udcff\udc80", "a|b|c", "``x``",
    "\n\n# heading\n\n| a | b |\n|---|---|", "![p](http://x/y.png)", "<http://x> @all #1 www.x.org",
    "&amp;&#0;&lt;", "\\", "\\`", "* _x_ ~~y~~ $z$", "\r\n> quoted", "\u2028\u2029\ufeff\ufffe",
]  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=40),
    st.text("<>&\"'`|\\#*_[]()!\n\r\t -=~@:/.w0123456789\0\x1b", max_size=40),
)
READER = MarkdownIt("commonmark").enable("table")


def shape(page: str) -> Counter[tuple[str, ...]]:
    """Count elements with the names of their attributes; ids and links, which are ours, too."""
    root = tinyhtml5.parse(page, namespace_html_elements=False)
    found = (one for one in root.iter() if isinstance(one.tag, str))
    return Counter((one.tag, *sorted(map(str, one.attrib))) for one in found)


@cache
def ordinary_shape() -> Counter[tuple[str, ...]]:
    return shape(html_page(hostile("x")))


@settings(max_examples=6)
@example(" ".join(NASTY))
@given(TEXTS)
def test_no_element_of_a_page_comes_from_a_stranger(text: str) -> None:
    """But that a note's lines are lines."""
    page = html_page(hostile("x" + text.replace("\n", " ")))
    assert shape(page) == ordinary_shape()
    assert not set(page) & {"\0", "\x1b", "\u202e", "\udcff"}


@settings(max_examples=6)
@example(" ".join(NASTY))
@given(TEXTS)
def test_no_markup_of_a_text_comes_from_a_stranger(text: str) -> None:
    """But that a note's lines stay lines."""
    hidden = hostile("x" + text.replace("\n", " "))
    ours, theirs = (
        Counter(
            token.type
            for part in READER.parse(markdown(report))
            for token in (part, *(part.children or ()))
        )
        for report in (hostile("x"), hidden)
    )
    loose = ("text", "code_inline", "softbreak")  # links and mails are put into code
    assert {k: n for k, n in theirs.items() if k not in loose} == {
        k: n for k, n in ours.items() if k not in loose
    }
    assert not set(markdown(hidden)) & {"\0", "\x1b", "\u202e", "\udcff"}


@settings(max_examples=30)
@given(TEXTS)
def test_a_value_is_one_cell_of_a_table(text: str) -> None:
    tokens = READER.parse(f"| a | b |\n|---|---|\n| {code(text)} | {prose(text)} |\n")
    assert [token.type for token in tokens].count("td_open") == 2


def test_a_code_span_says_what_it_was_given() -> None:
    for text in ("plain", "`", "``a`", " a", "a `b` c", "x\\y"):
        [_, inline, _] = READER.parse(code(text))
        assert [(t.type, t.content.strip()) for t in inline.children or ()] == [
            ("code_inline", text.strip())
        ]


def test_a_page_fetches_nothing_and_runs_nothing() -> None:
    page = html_page(a_report())
    root = tinyhtml5.parse(page, namespace_html_elements=False)
    assert not [
        one for one in root.iter() if one.tag in ("script", "link", "img", "iframe", "form")
    ]
    targets = [one.get("href", "") for one in root.iter("a")]
    anchors = {one.get("id") for one in root.iter()}
    assert targets
    assert all(target.startswith("#") and target[1:] in anchors for target in targets)
    policy = next(one for one in root.iter("meta") if one.get("http-equiv"))
    assert policy.get("content") == POLICY
    assert "default-src 'none'" in POLICY
    assert "url(" not in page
    assert "@import" not in page


def test_a_page_can_be_heard_and_found_one_s_way_in() -> None:
    root = tinyhtml5.parse(html_page(a_report()), namespace_html_elements=False)
    assert [one.get("lang") for one in root.iter("html")] == ["en"]
    assert len([*root.iter("h1")]) == 1
    levels = [int(one.tag[1]) for one in root.iter() if str(one.tag) in ("h1", "h2", "h3")]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(one.get("scope") for one in root.iter("th"))
    ids = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(ids) == len(set(ids))


def test_damage_is_said_before_the_answer() -> None:
    broken = replace(a_report(), custody=Custody("ab" * 32, 9, ("the text of E1 is missing",)))
    for text in (html_page(broken), markdown(broken)):
        assert "is damaged" in text
        assert text.index("the text of E1 is missing") < text.index("asked about")


def test_a_text_of_a_megabyte_is_cut_and_says_so() -> None:
    page = html_page(hostile("x" * 1_000_000))
    assert len(page) < 300_000
    assert "characters more" in page
    assert len(markdown(hostile("y" * 1_000_000))) < 300_000


def test_of_much_evidence_the_chains_is_shown_and_the_rest_is_counted() -> None:
    report = plain()
    lines = tuple(CitedLine(f"E{number}", number, "x") for number in range(3, 1000))
    many = replace(report.readings[0], lines=lines)
    told, untold = shown_evidence(replace(report, readings=(many, *report.readings)))
    shown = {line.label for one in told for line in one.lines}
    assert {label for one in report.lineage for label in one.labels} <= shown
    assert (len(shown), untold) == (MOST_LINES, 997 + 2 - MOST_LINES)
    page = html_page(replace(report, readings=(many,)))
    assert f"{MOST_LINES} of 997 cited lines are shown" in page
    root = tinyhtml5.parse(page, namespace_html_elements=False)
    there = {one.get("id") for one in root.iter()}
    assert all(link.get("href", "")[1:] in there for link in root.iter("a") if link.get("href"))


def test_a_picture_is_drawn_page_by_page_and_holds_each_box_once() -> None:
    report = a_report()
    found, untold = boxes(report.subject, report.lineage, report.facts)
    assert untold == 0
    assert len({box.thing for box in found}) == len(found)
    pages = [*elements(found * 9)]
    assert len(pages) > 1
    assert sum(len([*page.iter("rect")]) for page in pages) == 9 * len(found)
    assert all(0 < int(str(page.get("height"))) <= 1000 for page in pages)


def test_a_line_never_leaves_its_page() -> None:
    report = a_report()
    found, _ = boxes(report.subject, report.lineage, report.facts)
    for page in elements(found * 9):
        _, top, _, height = (float(part) for part in str(page.get("viewBox")).split())
        for line in page.iter("line"):
            assert top <= float(_value(line, "y1")) <= float(_value(line, "y2")) <= top + height


def _value(element: Element, name: str) -> str:
    return str(element.get(name))


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\x1bb", "a\\x1bb"), ("\u202ex", "\\u202ex"), ("\udcff", "\\udcff"), ("é|<", "é|<")],
)
def test_what_steers_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_wide_letters_take_room_for_two() -> None:
    assert fitted("汉汉汉汉汉汉", 7) == "汉汉汉…"
    assert fitted("abcdef", 7) == "abcdef"


@pytest.mark.parametrize("form", ["html", "md"])
def test_questions_that_nobody_asked_are_not_told_as_asked(form: str) -> None:
    asked, *rest = plain().questions
    questions = (asked, *(replace(one, state=State.OPEN, facts=(), remedies=()) for one in rest))
    text = FORMS[form](replace(plain(), questions=questions, not_checked=()))
    assert "9 of the ten questions have no answer" in text
    assert "Everything that could be asked was asked" not in text
    assert "these of the ten: 2, 3, 4, 5, 6, 7, 8, 9, 10" in text


@pytest.mark.parametrize("form", ["html", "md"])
def test_where_all_was_asked_it_is_said(form: str) -> None:
    questions = tuple(replace(one, state=State.ANSWERED) for one in plain().questions)
    text = FORMS[form](replace(plain(), questions=questions, not_checked=()))
    assert "0 of the ten questions have no answer" in text
    assert "Everything that could be asked was asked" in text
