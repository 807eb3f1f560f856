"""Windows' netstat, in any language: rows are known by their form, never by their words."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._empty_looks import is_empty_look, windows_heading
from whence.inquiry.imports._ends import end
from whence.inquiry.imports._look_times import look_time
from whence.model.reported import Owner, Socket

_ROW = re.compile(
    r"(?P<indent>\s*)(?P<transport>TCP|UDP)(?:v[46])?\s+(?P<local>\S*:(?:\d+|\*|[\w.-]+))"
    r"\s+(?P<remote>\S*:(?:\d+|\*|[\w.-]+))(?P<rest>(?:\s.*)?)",
)
_QUOTE = re.compile(r"(?:\s*+[>|] ?)++")
_PROGRAM = re.compile(r"\s*\[(.+)\]\s*")
_PROMPT = re.compile(r"\s*(?:PS )?[A-Za-z]:\\[^>]*>\s*(?P<command>.*)")
_COMMAND = re.compile(r"(?i)\bnetstat\b[^|>&]*?\s(?P<every>\d+)\s*(?:[|>&].*)?$")
_PAGER = re.compile(r"\s*--.*--\s*")
_PATH = re.compile(r"[A-Za-z]:\\|\\\\")
# Words behind the state: of -t, and the template of -y.
_BEHIND = re.compile(
    r"(?i)(?:InHost|Offload\w*|Upload\w*|(?:Internet|Datacenter)(?:Custom)?|Compat)$"
)
_INTERRUPTED = "^C"
_NOT_LISTENING = ("BOUND", "CLOSED")  # states without another end, of -q
HEADING = 4  # lines that stand above the rows of a look


def _looks_like(head: Head) -> float:
    lines = [*map(_unquoted, head.lines)]
    rows = sum(bool(_ROW.fullmatch(line)) for line in lines)
    if rows:
        return 0.95 if rows * 12 >= len(lines) else 0.0
    return 0.9 if is_empty_look(lines, windows_heading, _is_interruption) else 0.0


def _unquoted(text: str) -> str:
    """Take away what mails and posts put before each line."""
    return text[found.end() :] if (found := _QUOTE.match(text)) else text


def _is_interruption(text: str) -> bool:
    return text.strip() == _INTERRUPTED


@kind(_looks_like)
def windows_netstat(lines: Lines, given: Given) -> Iterator[Socket]:
    """Sockets of Windows, by netstat -abno, -ano or -abn, also again and again.

    In any language of Windows, with the services and programs that own the sockets, as far as
    -b tells. Output of several looks (`netstat -abno 10 > file`) has no times: --began says when
    the first was taken, and --every how far they are apart; a date and time that stand between
    the looks are used.
    """
    reader = _Reader(lines, given)
    for number, text in lines:
        yield from reader.take(number, text)
    yield from reader.end()


class _Reader:
    """Rows wait for the lines below them that say whose they are."""

    def __init__(self, lines: Lines, given: Given) -> None:
        self._lines = lines
        self._given = given
        self._row: Socket | None = None
        self._indent = 0
        self._open = False  # the line above is a row, or of its owner
        self._components: list[str] = []
        self._sentence = ""  # it says that nobody may know, or is a service of several words
        self._empty = 0  # looks that found nothing, since the last row
        self._heading: list[tuple[int, str]] = []  # lines of which a row below says what they are
        self._look = 0
        self._at: int | None = None
        self._rows = 0

    def take(self, number: int, raw: str) -> Iterator[Socket]:
        text = _unquoted(raw)
        if found := _ROW.fullmatch(text):
            yield from self._finish()
            self._begin_look()
            self._row = self._read(number, found)
            self._open = True
            self._indent = len(found["indent"])
        elif not text.strip():
            self._open = False
            if text != raw:  # a quoted blank line; Lines counts those that are blank as they are
                self._lines.part()
        elif found := _PROMPT.fullmatch(text):
            self._open = False
            self._note_command(found["command"])
            self._lines.part()
        elif (
            (self._open and self._row and self._take_owner(text))
            or _PAGER.fullmatch(text)
            or _is_interruption(text)
        ):
            self._lines.part()
        else:
            self._open = False
            self._wait(number, raw)

    def end(self) -> Iterator[Socket]:
        yield from self._finish()
        below = 0  # the titles of columns, of a last look that found nothing
        for place, (_, text) in enumerate(self._heading, start=1):
            below = place if windows_heading(_unquoted(text)) else below
        self._lines.part(below)
        for number, text in self._heading[below:]:
            self._lines.strange(number, text)

    def _finish(self) -> Iterator[Socket]:
        if self._row:
            yield msgspec.structs.replace(self._row, components=tuple(self._components))
            self._rows += 1
        self._row, self._components, self._sentence = None, [], ""

    def _begin_look(self) -> None:
        """What stands above a row is the heading of a look."""
        if not self._heading:
            return
        if self._rows or self._empty:
            self._look += bool(self._rows) + self._empty
            self._at, self._empty = None, 0
        for _, text in self._heading:
            if (at := look_time(text, self._given)) is not None:
                self._at = at
            self._lines.part()
        self._heading = []

    def _wait(self, number: int, text: str) -> None:
        if any(text == waiting for _, waiting in self._heading):  # nothing was below that one
            self._empty += 1
            for _ in self._heading:
                self._lines.part()
            self._heading = []
        self._heading.append((number, text))
        if len(self._heading) > HEADING:
            self._lines.strange(*self._heading.pop(0))

    def _note_command(self, command: str) -> None:
        found = _COMMAND.search(command.strip())
        if found and self._given.every is None and 0 < int(found["every"][:6]) < 100_000:
            self._given.every = int(found["every"]) * 1_000_000
            self._given.assume(f"looks are {found['every']} s apart, by the command above them")

    def _take_owner(self, text: str) -> bool:
        """Take a line below a row: a service or library, the program, or that nobody may know."""
        assert self._row
        found = _PROGRAM.fullmatch(text)
        if self._sentence and not found:
            self._open = False
            return False
        if found:
            self._components += [self._sentence] if self._sentence else []
            self._row = msgspec.structs.replace(
                self._row, program=found[1].strip(), owner=Owner.NAMED
            )
            self._open = False
            return True
        word = text.strip()
        if self._is_component(text, word):
            self._components.append(word)
            return True
        if _PAGER.fullmatch(text) or look_time(text, self._given) is not None:
            return False
        self._row = msgspec.structs.replace(self._row, owner=Owner.UNAVAILABLE)
        self._sentence = word
        return True

    def _is_component(self, text: str, word: str) -> bool:
        """Services and libraries are indented as rows are, or are one word of ASCII."""
        if _PATH.match(word):
            return True
        if _PAGER.fullmatch(word):
            return bool(self._components)  # "-- unknown component(s) --" of Windows XP
        indent = len(text) - len(text.lstrip())
        is_sentence = " " in word or not word.isascii()
        if self._indent >= 2:
            return indent >= 2 and not (is_sentence and len(word.split()) > 2)
        return not is_sentence

    def _read(self, number: int, found: re.Match[str]) -> Socket:
        local, local_port = end(found["local"])
        remote, remote_port = end(found["remote"])
        state, pid = _state_and_pid(found["rest"])
        return Socket(
            number,
            found["transport"].lower(),
            local,
            local_port,
            remote,
            remote_port,
            state,
            found["transport"] == "TCP" and remote_port == "0" and state not in _NOT_LISTENING,
            pid,
            look=self._look,
            at=self._at,
        )


def _state_and_pid(rest: str) -> tuple[str | None, int | None]:
    """The last number is the pid: states may have several words, and headings lack a column."""
    words = rest.split()
    if words and _BEHIND.match(words[-1]):
        words.pop()
    pid = None
    if words and words[-1].isascii() and words[-1].isdigit() and len(words[-1]) < 11:
        pid = int(words.pop())
    return " ".join(words) or None, pid
