"""The chain as a picture: SVG as a tree of elements, in which no text can become an element."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from whence.inquiry.reporting.chain import Box
from whence.inquiry.reporting.report import Cited
from whence.model import Confidence, Package
from whence.model.visible_text import visible

WIDTH, STEP, GAP, MARGIN = 720, 26, 10, 8  # pixels
LINE, HEAD = 17, 16  # heights of lines of text
LETTER, BOLD = 6.9, 9.0  # pixels that a letter takes, or nearly: of 12 pixels, bold ones of 13
DEEPEST = 8  # steps to the right; what is deeper is drawn there
# How sure a step is, as a line: the word stands beside it.
DASHES = {
    Confidence.CERTAIN: "",
    Confidence.LIKELY: "7 3",
    Confidence.POSSIBLE: "3 3",
    Confidence.REPORTED: "3 3",
    Confidence.UNKNOWN: "1 4",
}
PAPER = 900  # pixels: what fits on a page, so that no box is torn in two
# Attributes, since not all that prints SVG minds the style sheet of the page around it.
INK, SOFT, EDGE = "#16202c", "#465364", "#44546a"
FILLS = {"first": "#e3edf9", "straight": "#f4f7fb", "beside": "#ffffff"}
STYLE = """
svg.chain { display: block; width: 100%; height: auto; }
@media screen and (prefers-color-scheme: dark) {
  .chain rect { fill: #1f2833; stroke: #8fa3bb; } .chain .first rect { fill: #24364d; }
  .chain .beside rect { fill: #171c22; } .chain line { stroke: #8fa3bb; }
  .chain text { fill: #e8edf3; } .chain .by, .chain .detail { fill: #b3c0cf; }
}"""


@dataclass(frozen=True, slots=True)
class _Placed:
    box: Box
    top: int

    @property
    def below(self) -> int:
        return self.top + _height(self.box)


def elements(boxes: Sequence[Box], untold: int = 0) -> Iterator[Element]:
    """Draw the boxes, one below the other, with lines from each to what it leads to.

    Yields a picture for each page that they would take; together they are one.
    """
    placed: list[_Placed] = []
    top = MARGIN
    for box in boxes:
        placed.append(_Placed(box, top))
        top += _height(box) + GAP
    start = 0
    while start < len(placed):
        end = start + 1
        while end < len(placed) and placed[end].below - placed[start].top < PAPER:
            end += 1
        last = end == len(placed)
        yield _page(placed, start, end, untold if last else 0)
        start = end


def _page(placed: Sequence[_Placed], start: int, end: int, untold: int) -> Element:
    """Draw some of the boxes, and the lines that pass by them."""
    root = Element("svg", {"class": "chain", "role": "img"})
    root.set("font-family", "system-ui, 'Liberation Sans', 'DejaVu Sans', sans-serif")
    root.set("font-size", "13")
    title = SubElement(root, "title")
    title.text = _told([one.box for one in placed[start:end]])
    first = placed[start].top - MARGIN if placed[start:] else 0
    last = placed[end - 1].below + GAP if placed else MARGIN
    for number in range(1, len(placed)):
        if placed[number].box.by:
            _draw_way(root, placed, number, (first, last))
    for one in placed[start:end]:
        _draw_box(root, one.box, one.top)
    if untold:
        _text(root, 0, last + 4, f"and {untold} more, which the list below has", "detail", WIDTH)
        last += LINE
    root.set("viewBox", f"0 {first} {WIDTH} {last - first}")
    root.set("width", str(WIDTH))
    root.set("height", str(last - first))
    return root


def _told(boxes: Sequence[Box]) -> str:
    """Tell the straight way in words, for who cannot see it."""
    way = [visible(box.thing, 60) for box in boxes if not box.depth]
    return "The chain: " + ", then ".join(way) if way else "The chain is empty"


def _level(box: Box) -> int:
    return min(box.depth, DEEPEST)


def _left(box: Box) -> int:
    return MARGIN + _level(box) * STEP


def _height(box: Box) -> int:
    return 10 + (HEAD if box.by else 0) + LINE * (1 + len(box.details))


def _draw_way(root: Element, placed: Sequence[_Placed], number: int, page: tuple[int, int]) -> None:
    """Draw the line to a box: down from the nearest box before it that is one step to the left."""
    box, top = placed[number].box, placed[number].top
    level = _level(box)
    from_level = level if not level else level - 1
    start = max(n for n in range(number) if _level(placed[n].box) <= from_level)
    x = MARGIN + from_level * STEP + 13
    below = placed[start].below
    sure = box.by.fact.confidence if box.by else Confidence.CERTAIN
    if not level:
        _line(root, (x, below), (x, top), sure, page)
        return
    middle = top + _height(box) // 2
    _line(root, (x, below), (x, middle), Confidence.CERTAIN, page)
    _line(root, (x, middle), (_left(box), middle), sure, page)


def _line(
    root: Element,
    start: tuple[int, int],
    end: tuple[int, int],
    sure: Confidence,
    page: tuple[int, int],
) -> None:
    """Draw what of a line is on the page."""
    first, last = page
    from_y, to_y = max(start[1], first), min(end[1], last)
    if from_y > to_y:
        return
    places = {"x1": start[0], "y1": from_y, "x2": end[0], "y2": to_y}
    line = SubElement(root, "line", {name: str(place) for name, place in places.items()})
    line.set("stroke", EDGE)
    line.set("stroke-width", "1.5")
    if DASHES[sure]:
        line.set("stroke-dasharray", DASHES[sure])


def _draw_box(root: Element, box: Box, top: int) -> None:
    kind = "beside" if box.depth else "straight" if box.by else "first"
    group = SubElement(root, "g", {"class": kind})
    left, width = _left(box), WIDTH - MARGIN - _left(box)
    frame = {"x": left, "y": top, "width": width, "height": _height(box), "rx": 5}
    rectangle = SubElement(group, "rect", {name: str(value) for name, value in frame.items()})
    rectangle.set("fill", FILLS[kind])
    rectangle.set("stroke", EDGE)
    rectangle.set("stroke-width", "2" if kind == "first" else "1")
    SubElement(rectangle, "title").text = visible(box.thing, 1000)
    if box.by and DASHES[box.by.fact.confidence]:
        rectangle.set("stroke-dasharray", DASHES[box.by.fact.confidence])
    y = top + 17
    if box.by:
        _text(group, left, y, _by(box, box.by), "by", width)
        y += HEAD
    # The kind stands before the name where the name alone does not say it.
    known = isinstance(box.thing, Package) or str(box.thing).startswith(box.thing.kind)
    name = str(box.thing) if known else f"{box.thing.kind.replace('-', ' ')} {box.thing}"
    _text(group, left, y, name, "name", width)
    for detail in box.details:
        y += LINE
        words = detail.fact.relation.replace("-", " ")
        _text(group, left, y, f"{words}: {detail.fact.value}{_ids(detail)}", "detail", width)


def _by(box: Box, cited: Cited) -> str:
    words = cited.fact.relation.replace("-", " ")
    if box.backwards:
        words = f"which {words} {cited.fact.value}"
    return f"{words} · {cited.fact.confidence}{_ids(cited)}"


def _ids(cited: Cited) -> str:
    return f" · {', '.join(dict.fromkeys(cited.labels[:3]))}" if cited.labels else ""


def _text(group: Element, left: int, y: int, words: str, kind: str, width: int) -> None:
    text = SubElement(group, "text", {"x": str(left + 10), "y": str(y), "class": kind})
    text.set("fill", INK if kind == "name" else SOFT)
    if kind == "name":
        text.set("font-weight", "600")
    else:
        text.set("font-size", "12")
    text.text = fitted(words, int((width - 20) / (BOLD if kind == "name" else LETTER)))


def fitted(words: str, most: int) -> str:
    """Cut off what would not fit; wide letters, as Chinese ones, take the room of two."""
    shown, room = "", most
    for letter in visible(words[: 4 * most]):
        room -= 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if room < 1:
            return f"{shown}…"
        shown += letter
    return shown
