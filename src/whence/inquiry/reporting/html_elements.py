"""Elements of a page, with text that is made visible as it is put in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element, SubElement

from whence.model.visible_text import visible

LONGEST = 500  # characters of a text; the case has all
Cell = str | Element | Sequence["str | Element"]


def ids(labels: Iterable[str]) -> list[str | Element]:
    """Link labels of evidence, each once."""
    parts: list[str | Element] = []
    for label in dict.fromkeys(labels):
        parts += [" ", new("a", label, href=f"#{label}")]
    return parts


def listing(parent: Element, items: Sequence[Cell]) -> None:
    """Add a list, where there is something to list."""
    if items:
        listed = SubElement(parent, "ul")
        for item in items:
            fill(SubElement(listed, "li"), item)


def table_of(
    parent: Element,
    heads: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    caption: Cell,
    widths: Sequence[str] = (),
) -> Element:
    """Add a table; ``widths`` are classes of the style, one a column."""
    table = SubElement(parent, "table")
    if caption:
        fill(SubElement(table, "caption"), caption)
    for width in widths:
        SubElement(table, "col", {"class": width} if width else {})
    if heads:
        row = SubElement(SubElement(table, "thead"), "tr")
        for head in heads:
            add(row, "th", head, scope="col")
    body = SubElement(table, "tbody")
    for cells in rows:
        row = SubElement(body, "tr")
        for cell in cells:
            if isinstance(cell, Element) and cell.tag == "th":
                row.append(cell)
            else:
                fill(SubElement(row, "td"), cell)
    return table


def fill(element: Element, content: Cell) -> None:
    """Put text and elements into an element; text is made visible."""
    if isinstance(content, str):
        element.text = visible(content, LONGEST)
    elif isinstance(content, Element):
        element.append(content)
    else:
        for part in content:
            if isinstance(part, Element):
                element.append(part)
            elif len(element):
                element[-1].tail = (element[-1].tail or "") + visible(part)
            else:
                element.text = (element.text or "") + visible(part)


def add(parent: Element, tag: str, text: str, longest: int = LONGEST, **attributes: str) -> Element:
    """Add an element that has a text."""
    element = new(tag, text, longest, **attributes)
    parent.append(element)
    return element


def new(tag: str, text: str, longest: int = LONGEST, **attributes: str) -> Element:
    """Make an element that has a text; ``class_`` is its class."""
    element = Element(tag, {name.rstrip("_"): value for name, value in attributes.items()})
    element.text = visible(text, longest)
    return element
