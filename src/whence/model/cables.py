"""A plan of cables: from a port of a switch over panels to an outlet in a room. Pure.

The plan is what people wrote down, and people are sloppy: heads of columns are taken in several
languages and spellings, and what cannot be used is told with its line.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from whence.model.errors import BadInput

LONGEST = 200  # characters of a cell
MOST = 200_000  # lines

# What people call the columns, without case, blanks and punctuation.
HEADS: Mapping[str, tuple[str, ...]] = {
    "switch": (
        "switch", "device", "switchname", "sw", "host", "gerat", "gerät", "hostname", "gerätename",
        "commutateur", "équipement", "equipement", "conmutador", "equipo", "dispositivo",
    ),
    "port": (
        "port", "switchport", "interface", "swport", "ifname", "portnr", "portno", "anschluss",
        "schnittstelle", "portcommutateur", "puerto", "porta", "poort", "interfaz", "interfaccia",
    ),
    "panel": (
        "panel", "patchpanel", "patch", "rack", "patchfeld", "pp", "panneau", "panneaudebrassage",
        "bandeau", "paneldeparcheo", "pannello", "patchpaneel", "paneel",
    ),
    "panel_port": (
        "panelport", "patchport", "panelportno", "patchpanelport", "feldport", "ppport",
        "patchfeldport", "portpanneau", "portbandeau", "puertopanel",
        "portapannello", "paneelpoort",
    ),
    "outlet": (
        "outlet", "jack", "socket", "dose", "wallport", "wallsocket", "datendose", "prise",
        "anschlussdose", "netzwerkdose", "wanddose", "wallplate", "wallbox", "drop",
        "toma", "roseta",
        "presa", "wandcontactdoos", "wandaansluiting",
    ),
    "room": (
        "room", "location", "raum", "office", "place", "ort", "zimmer", "salle", "büro", "bureau",
        "emplacement", "sala", "habitación", "oficina", "stanza", "ufficio", "kamer", "ruimte",
    ),
    "note": (
        "note", "notes", "comment", "remark", "bemerkung", "notiz", "comments", "kommentar",
        "remarque", "commentaire", "nota", "notas", "comentario", "osservazioni", "opmerking",
    ),
}  # fmt: skip
NEEDED = ("switch", "port")
_LONG_NAMES = (  # of ports, and how switches shorten them: IOS, IOS XR, NX-OS, Comware, VRP, Junos
    ("twogigabitethernet", "tw"),
    ("fivegigabitethernet", "fi"),
    ("twentyfivegigabitethernet", "twe"),
    ("twentyfivegige", "twe"),
    ("ten-gigabitethernet", "te"),
    ("tengigabitethernet", "te"),
    ("xgigabitethernet", "te"),
    ("tengige", "te"),
    ("xge", "te"),
    ("fortygigabitethernet", "fo"),
    ("fortygige", "fo"),
    ("fge", "fo"),
    ("hundredgigabitethernet", "hu"),
    ("hundredgige", "hu"),
    ("hge", "hu"),
    ("gigabitethernet", "gi"),
    ("fastethernet", "fa"),
    ("ethernet", "eth"),
    ("port-channel", "po"),
    ("bridge-aggregation", "bagg"),
    ("bundle-ether", "be"),
    ("ge", "gi"),
    ("et", "eth"),
)
_UNIT = re.compile(r"((?:ge|mge|fe|xe|et)-\d+/\d+/\d+)\.\d+")  # of Junos: what a bridge calls it
_SPACES = re.compile(r"[^\S\r\n]+")  # also those that do not break, as in what was pasted
_UNSEEN = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]")
_SEPARATOR = re.compile(r"(?i)\s*\"?sep=(.)\"?[;,\t ]*\r?(?:\n|\Z)")  # Excel's own first line


@dataclass(frozen=True, slots=True)
class Cable:
    """A line of the plan."""

    switch: str
    port: str
    panel: str = ""
    panel_port: str = ""
    outlet: str = ""
    room: str = ""
    note: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Stop:
    """A place that a cable comes to, on its way from a switch to a room."""

    kind: str  # "switch port", "panel", "outlet", "room", "device"; "break": the plan ends there
    name: str
    port: str = ""
    note: str = ""
    doubts: tuple[str, ...] = ()
    way: int = 1  # which of several ways from the same port it is on

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" + (f" port {self.port}" if self.port else "")


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a line of the plan, and whether it was used all the same."""

    line: int
    what: str
    used: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """All cables, and what was wrong with the file."""

    cables: tuple[Cable, ...]
    mistakes: tuple[Mistake, ...] = ()

    def at(self, switch: str, port: str) -> tuple[Cable, ...]:
        """Give the cables at a port, however its name is spelled."""
        wanted = (plain_switch(switch), plain_port(port))
        return tuple(
            cable
            for cable in self.cables
            if (plain_switch(cable.switch), plain_port(cable.port)) == wanted
        )

    def stops(self, switch: str, port: str) -> tuple[Stop, ...]:
        """Give the way from a port to the room, with what is missing and what is doubtful."""
        return tuple(
            stop
            for way, cable in enumerate(self.at(switch, port), 1)
            for stop in self._way(cable, way)
        )

    def _way(self, cable: Cable, way: int) -> Iterator[Stop]:
        doubts = tuple(
            f"line {other.line} claims the same {'outlet' if other.panel != cable.panel else 'end'}"
            for other in self.others_at(cable)
        )
        yield Stop("switch port", cable.switch, cable.port, f"line {cable.line}", (), way)
        if cable.panel or cable.panel_port:
            yield Stop("panel", cable.panel or "?", cable.panel_port, "", doubts, way)
        if cable.outlet:
            yield Stop("outlet", cable.outlet, "", cable.note, () if cable.panel else doubts, way)
            if cable.room:
                yield Stop("room", cable.room, way=way)
        else:
            where = "at the panel" if cable.panel else "at the switch"
            missing = f"the plan ends {where}: it names no outlet"
            room = f", but the room {cable.room}" if cable.room else ""
            yield Stop("break", missing + room, "", cable.note, (), way)

    def others_at(self, cable: Cable) -> tuple[Cable, ...]:
        """Give the other cables that claim the same panel port, or the same outlet."""
        return tuple(
            other
            for other in self.cables
            if other != cable and (_same_panel(other, cable) or _same_outlet(other, cable))
        )


def read_plan(text: str) -> Plan:
    """Read a plan from CSV: with commas, semicolons or tabs, the first line naming the columns.

    Raises
    ------
    BadInput
        If there is no line that names the columns, or it has no switch and port.

    """
    rows = _numbered(text.removeprefix("\ufeff"))
    line, heads = next(rows, (1, []))
    columns, mistakes = _columns(heads, line)
    cables = tuple(_cables(rows, columns, len(heads), mistakes))
    mistakes += _contradictions(cables)
    return Plan(cables, tuple(sorted(mistakes, key=lambda mistake: mistake.line)))


def _numbered(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty, each with the line it starts in."""
    said = _SEPARATOR.match(text)
    if said:
        text = text[said.end() :]
    delimiter = said[1] if said else _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    before = 1 if said else 0
    line = 1 + before
    try:
        for row in reader:
            if any(cell.strip() for cell in row) and not row[0].lstrip().startswith("#"):
                yield line, row
            line = reader.line_num + 1 + before
    except csv.Error as e:
        raise BadInput("this is no CSV", because=f"line {line}: {e}") from e


def _delimiter(text: str) -> str:
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return max(",;\t", key=first.count)


def _columns(heads: Sequence[str], line: int) -> tuple[dict[str, int], list[Mistake]]:
    found: dict[str, int] = {}
    mistakes: list[Mistake] = []
    for number, head in enumerate(heads):
        word = re.sub(r"[\W_]+", "", head.casefold())
        name = next((name for name, words in HEADS.items() if word in words), None)
        if name is None and word:
            mistakes.append(Mistake(line, f"the column “{head.strip()}” is not known", used=True))
        elif name in found:
            mistakes.append(Mistake(line, f"the column “{head.strip()}” stands twice", used=True))
        elif name:
            found[name] = number
    missing = [name for name in NEEDED if name not in found]
    if missing:
        raise BadInput(
            f"the plan has no column for the {' and the '.join(missing)}",
            because=f"line {line} has: {', '.join(head.strip() for head in heads) or 'nothing'}",
            try_=f"switch,port,panel,panel_port,outlet,room,note (“{missing[0]}” is also called:"
            f" {', '.join(HEADS[missing[0]][1:])})",
        )
    return found, mistakes


def _cables(
    rows: Iterator[tuple[int, list[str]]],
    columns: Mapping[str, int],
    width: int,
    mistakes: list[Mistake],
) -> Iterator[Cable]:
    given: dict[tuple[str, ...], int] = {}
    for line, row in rows:
        cells = {name: _cell(row[n]) if n < len(row) else "" for name, n in columns.items()}
        problem = _problem(cells, any(map(str.strip, row[width:])))
        if line > MOST:
            mistakes.append(Mistake(line, f"there are more than {MOST:,} lines: the rest is left"))
            return
        if problem:
            mistakes.append(Mistake(line, problem))
        elif (first := given.setdefault(tuple(cells.values()), line)) != line:
            mistakes.append(Mistake(line, f"line {first} says the same"))
        else:
            yield Cable(**cells, line=line)


def _cell(text: str) -> str:
    return _SPACES.sub(" ", _UNSEEN.sub("", text)).strip()


def _problem(cells: Mapping[str, str], has_more: bool) -> str:
    if any(len(cell) > LONGEST for cell in cells.values()):
        return f"a cell has more than {LONGEST} characters"
    if any(not cell.isprintable() for cell in cells.values()):
        return "a cell has characters that cannot be printed"
    missing = [name for name in NEEDED if not cells[name]]
    if missing:
        return f"there is no {' and no '.join(missing)}"
    return "there are more cells than columns" if has_more else ""


def _contradictions(cables: Sequence[Cable]) -> list[Mistake]:
    """Say where two lines want one port, one panel port or one outlet."""
    found: list[Mistake] = []
    seen: dict[tuple[str, ...], Cable] = {}
    for cable in cables:
        for what, key in _claims(cable):
            first = seen.setdefault((what, *key), cable)
            if first is not cable:
                text = f"{what} {' '.join(filter(None, key))} is also on line {first.line}"
                found.append(Mistake(cable.line, text, used=True))
    return found


def _claims(cable: Cable) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "port", (plain_switch(cable.switch), plain_port(cable.port))
    if cable.panel and cable.panel_port:
        yield "panel port", (cable.panel.casefold(), cable.panel_port.casefold())
    if cable.outlet:
        yield "outlet", (cable.outlet.casefold(), cable.room.casefold())


def _same_panel(one: Cable, other: Cable) -> bool:
    mine = (one.panel.casefold(), one.panel_port.casefold())
    return bool(all(mine)) and mine == (other.panel.casefold(), other.panel_port.casefold())


def _same_outlet(one: Cable, other: Cable) -> bool:
    mine = (one.outlet.casefold(), one.room.casefold())
    return bool(one.outlet) and mine == (other.outlet.casefold(), other.room.casefold())


def plain_switch(name: str) -> str:
    """Write the name of a switch so that two spellings of it are equal: short, small letters."""
    lower = name.strip().casefold()
    return lower if re.fullmatch(r"[\d.:]+", lower) else lower.partition(".")[0]


def plain_port(name: str) -> str:
    """Write the name of a port so that two spellings of it are equal.

    GigabitEthernet1/0/7, Gi 1/0/7 and gi1/0/07 are one port.
    """
    lower = re.sub(r"\s+", "", name.casefold())
    if unit := _UNIT.fullmatch(lower):
        lower = unit[1]
    for long, short in _LONG_NAMES:
        if re.match(rf"{re.escape(long)}(?=[\d-])", lower):
            lower = short + lower.removeprefix(long).lstrip("-")
            break
    lower = re.sub(r"^port(?=\d)", "", lower)
    return re.sub(r"(?<!\d)0+(?=\d)", "", lower)
