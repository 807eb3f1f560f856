"""The way of a cable as a picture: SVG, made of boxes and lines, with nothing of a stranger in it
that a browser would run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from whence.model.cables import Stop

WIDTH, HEIGHT, GAP, LINE = 190, 64, 46, 18  # pixels
LONGEST = 24  # characters of a line in a box; the title has the rest
FILLS = {"switch port": "#dbeafe", "panel": "#ede9fe", "outlet": "#dcfce7", "room": "#fef9c3"}


def picture(stops: Sequence[Stop]) -> str:
    """Draw the ways from a port, one below the other; breaks and doubts are told in words, too."""
    ways = [[*way] for _, way in groupby(stops, key=lambda stop: stop.way)]
    longest = max(map(len, ways), default=0)
    width = longest * (WIDTH + GAP) + GAP
    height = len(ways) * (HEIGHT + GAP + LINE) + GAP
    body = "\n".join(part for row, way in enumerate(ways) for part in _way(way, row))
    title = escape(" → ".join(map(str, ways[0])) if ways else "no cable")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" font-family="sans-serif" font-size="13">\n'
        f"<title>{title}</title>\n{body}\n</svg>\n"
    )


def _way(stops: Sequence[Stop], row: int) -> Iterator[str]:
    top = GAP + row * (HEIGHT + GAP + LINE)
    middle = top + HEIGHT // 2
    for column, stop in enumerate(stops):
        left = GAP + column * (WIDTH + GAP)
        broken = stop.kind == "break"
        if column:
            dashes = ' stroke-dasharray="5 5"' if broken or stop.doubts else ""
            yield (
                f'<line x1="{left - GAP}" y1="{middle}" x2="{left}" y2="{middle}" '
                f'stroke="#334155" stroke-width="2"{dashes}/>'
            )
        yield from _box(stop, left, top)


def _box(stop: Stop, left: int, top: int) -> Iterator[str]:
    broken = stop.kind == "break"
    dashes = ' stroke-dasharray="5 5"' if broken else ""
    yield f"<g><title>{escape(f'{stop} {stop.note}'.strip())}</title>"
    yield (
        f'<rect x="{left}" y="{top}" width="{WIDTH}" height="{HEIGHT}" rx="6" '
        f'fill="{FILLS.get(stop.kind, "#fee2e2")}" stroke="#334155"{dashes}/>'
    )
    lines = [stop.kind, stop.name, f"port {stop.port}" if stop.port else stop.note]
    for number, text in enumerate(filter(None, lines)):
        weight = ' font-weight="bold"' if number == 1 else ""
        yield (
            f'<text x="{left + 10}" y="{top + 20 + number * LINE}"{weight}>'
            f"{escape(_short(text))}</text>"
        )
    if stop.doubts:
        below, doubt = top + HEIGHT + LINE, escape(_short(stop.doubts[0]))
        yield f'<text x="{left}" y="{below}" fill="#b91c1c">? {doubt}</text>'
    yield "</g>"


def _short(text: str) -> str:
    printable = "".join(letter if letter.isprintable() else "�" for letter in text)
    return printable if len(printable) <= LONGEST else f"{printable[: LONGEST - 1]}…"
