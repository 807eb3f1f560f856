"""The chain as a picture: SVG as a tree of elements, in which no text can become an element."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from whence.inquiry.reporting.chain import Box
from whence.inquiry.reporting.report import Cited
from whence.model import Confidence, Package
from whence.model.visible_text import visible

WIDTH, STEP, GAP, MARGIN = 720, 26, 10, 8  # pixels
LINE, HEAD = 17, 16  # heights of lines of text
LETTER = 6.9  # pixels that a letter takes, or nearly; of bold ones of 13 pixels
DEEPEST = 8  # steps to the right; what is deeper is drawn there
# How sure a step is, as a line: the word stands beside it.
DASHES = {
    Confidence.CERTAIN: "",
    Confidence.LIKELY: "7 3",
    Confidence.POSSIBLE: "3 3",
    Confidence.REPORTED: "3 3",
    Confidence.UNKNOWN: "1 4",
}
STYLE = """
svg.chain { font: 13px/1.3 system-ui, "Liberation Sans", sans-serif; width: 100%; height: auto; }
.chain rect { fill: #f4f7fb; stroke: #44546a; }
.chain .first rect { fill: #e3edf9; stroke-width: 2; }
.chain .beside rect { fill: #fff; }
.chain line { stroke: #44546a; stroke-width: 1.5; }
.chain text { fill: #16202c; } .chain .by, .chain .detail { fill: #465364; font-size: 12px; }
.chain .name { font-weight: 600; }
@media screen and (prefers-color-scheme: dark) {
  .chain rect { fill: #1f2833; stroke: #8fa3bb; } .chain .first rect { fill: #24364d; }
  .chain .beside rect { fill: #171c22; } .chain line { stroke: #8fa3bb; }
  .chain text { fill: #e8edf3; } .chain .by, .chain .detail { fill: #b3c0cf; }
}"""


def element(boxes: Sequence[Box], untold: int = 0) -> Element:
    """Draw the boxes, one below the other, with lines from each to what it leads to."""
    root = Element("svg", {"class": "chain", "role": "img", "aria-labelledby": "chain-title"})
    title = SubElement(root, "title", {"id": "chain-title"})
    title.text = _told(boxes)
    top, tops = MARGIN, list[int]()
    for box in boxes:
        tops.append(top)
        top += _height(box) + GAP
    for number, box in enumerate(boxes):
        if box.by:
            _draw_way(root, boxes, tops, number)
    for box, at in zip(boxes, tops, strict=True):
        _draw_box(root, box, at)
    if untold:
        more = SubElement(root, "text", {"x": str(MARGIN), "y": str(top + 4), "class": "detail"})
        more.text = f"and {untold} more, which the list below has"
        top += LINE
    root.set("viewBox", f"0 0 {WIDTH} {top}")
    root.set("width", str(WIDTH))
    root.set("height", str(top))
    return root


def picture(boxes: Sequence[Box], untold: int = 0) -> str:
    """Give the picture as a file of its own."""
    root = element(boxes, untold)
    root.set("xmlns", "http://www.w3.org/2000/svg")
    style = Element("style")
    style.text = STYLE
    root.insert(1, style)
    return tostring(root, encoding="unicode") + "\n"


def _told(boxes: Sequence[Box]) -> str:
    """Tell the straight way in words, for who cannot see it."""
    way = [visible(box.thing, 60) for box in boxes if not box.depth]
    return "The chain: " + ", then ".join(way) if way else "The chain is empty"


def _left(box: Box) -> int:
    return MARGIN + min(box.depth, DEEPEST) * STEP


def _height(box: Box) -> int:
    return 10 + (HEAD if box.by else 0) + LINE * (1 + len(box.details))


def _draw_way(root: Element, boxes: Sequence[Box], tops: Sequence[int], number: int) -> None:
    """Draw the line to a box: down from the nearest box before it that is one step to the left."""
    box = boxes[number]
    level = min(box.depth, DEEPEST)
    from_level = level if not level else level - 1
    start = max(n for n in range(number) if min(boxes[n].depth, DEEPEST) <= from_level)
    x = MARGIN + from_level * STEP + 13
    below = tops[start] + _height(boxes[start])
    sure = box.by.fact.confidence if box.by else Confidence.CERTAIN
    if not level:
        _line(root, (x, below), (x, tops[number]), sure)
        return
    middle = tops[number] + _height(box) // 2
    _line(root, (x, below), (x, middle), Confidence.CERTAIN)
    _line(root, (x, middle), (_left(box), middle), sure)


def _line(root: Element, start: tuple[int, int], end: tuple[int, int], sure: Confidence) -> None:
    places = {"x1": start[0], "y1": start[1], "x2": end[0], "y2": end[1]}
    line = SubElement(root, "line", {name: str(place) for name, place in places.items()})
    if DASHES[sure]:
        line.set("stroke-dasharray", DASHES[sure])


def _draw_box(root: Element, box: Box, top: int) -> None:
    kind = "beside" if box.depth else "straight" if box.by else "first"
    group = SubElement(root, "g", {"class": kind})
    left, width = _left(box), WIDTH - MARGIN - _left(box)
    frame = {"x": left, "y": top, "width": width, "height": _height(box), "rx": 5}
    rectangle = SubElement(group, "rect", {name: str(value) for name, value in frame.items()})
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
    text.text = fitted(words, int((width - 20) / LETTER))


def fitted(words: str, most: int) -> str:
    """Cut off what would not fit; wide letters, as Chinese ones, take the room of two."""
    shown, room = "", most
    for letter in visible(words[: 4 * most]):
        room -= 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if room < 1:
            return f"{shown}…"
        shown += letter
    return shown
