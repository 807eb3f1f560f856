"""Files of other tools, recognised by what is in them, read, and made ready to be stored."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

import msgspec

import whence.inquiry.imports
from whence.inquiry.imports._declare import HEAD, Given, Head, Kind, Lines
from whence.inquiry.imports._documents import document
from whence.inquiry.imports._gathered import UNNAMED, Gathered
from whence.inquiry.imports._look_times import micros
from whence.inquiry.imports._other_files import is_text, other_file
from whence.model import BadInput
from whence.model.discovery import discover
from whence.model.ecs import Document
from whence.model.plural import many
from whence.model.reported import Row, Socket
from whence.store.imports import INDICES, Receipt, Statement, receipt_statement, text_statement
from whence.world.import_files import ImportFile

SURE_ENOUGH = 0.5
MOST_KINDS = 8  # in one file
SHOWN = 3  # lines that were not understood
LONGEST = 100  # characters of one that are shown


@dataclass(frozen=True, slots=True)
class Options:
    """What the user says of a file that it does not say itself."""

    host: str = ""  # the machine that it is about
    zone: tzinfo | None = None
    date: date | None = None
    began: datetime | None = None
    every: timedelta | None = None
    encoding: str | None = None
    kind: str | None = None

    def __str__(self) -> str:
        told = {
            "--zone": self.zone, "--date": self.date, "--began": self.began, "--every": self.every,
            "--encoding": self.encoding, "--kind": self.kind,
        }  # fmt: skip
        return " ".join(f"{name} {value}" for name, value in told.items() if value is not None)


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of reading a file."""

    file: str
    kinds: tuple[str, ...]
    encoding: str
    lines: int
    blank: int
    rows: int
    parts: int  # lines that are understood and no rows of their own
    strange: int
    left_out: int
    remarks: tuple[str, ...]


def kinds() -> list[Kind]:
    """Give all kinds of files that are known, by name."""
    found = discover(whence.inquiry.imports, Kind, absent={})
    return sorted({kind.name: kind for kind in found}.values(), key=lambda kind: kind.name)


class Taking:
    """One file on its way in."""

    def __init__(self, file: ImportFile, options: Options, local: tzinfo, now: datetime) -> None:
        self._now = now
        self.file = file
        self.options = options
        self._kinds = kinds()
        head = Head(file.head(options.encoding)[:HEAD])
        self.used = [self._first(head)]
        self.given = Given(
            file.name, file.written, options.zone, local=local, date=options.date,
            began=micros(options.began) if options.began else None,
            every=options.every // timedelta(microseconds=1) if options.every else None,
        )  # fmt: skip
        self._all: list[Lines] = []
        self._rows = 0
        self._first_line: dict[str, int] = {}
        self._left_out: Counter[str] = Counter()

    def documents(self) -> Iterator[Document]:
        """Give each row as an ECS document."""
        given = self.given
        for row in self._read(lambda first, lines: None):
            moment = given.written if given.began is None else given.began
            if isinstance(row, Socket):
                moment += row.look * (given.every or 0) if given.began is not None else 0
            told = document(row, self.options.host, moment)
            told["log"] = {"file": {"path": self.file.name}}
            told["whence"]["import"] = {
                "kind": self.used[-1].name,
                "line": row.line,
                "encoding": self.file.encoding.name,
            }
            yield told

    def statements(
        self, name: str, service: Callable[[str, str], int | None]
    ) -> Iterator[Statement]:
        """Give all that is to be stored of it; the receipt comes last."""
        text: list[Statement] = []
        gathered = Gathered(name, self.given, lambda: self.options.host or self._prompt(), service)
        for row in self._read(lambda first, lines: text.append(text_statement(first, lines))):
            yield from gathered.take(row)
            yield from text
            text.clear()
        self._check_understood()
        yield from gathered.finish()
        yield from text
        yield from ((statement, ()) for statement in INDICES)
        self._left_out.update(gathered.left_out)
        self.receipt = self._receipt(name, gathered)
        yield receipt_statement(self.receipt)

    @property
    def summary(self) -> Summary:
        """Say what came of it, after all of it was read."""
        return Summary(
            self.file.name,
            tuple(kind.name for kind in self.used),
            self.file.encoding.name,
            self._all[0].count if self._all else 0,
            self._all[0].blank if self._all else 0,
            self._rows,
            sum(lines.parts for lines in self._all),
            self._all[-1].strange_count + self._beyond if self._all else 0,
            sum(lines.left_out.total() for lines in self._all),
            tuple(self._remarks()),
        )

    def _first(self, head: Head) -> Kind:
        if self.options.kind:
            for kind in self._kinds:
                if kind.name == self.options.kind.lower():
                    return kind
            known = ", ".join(kind.name for kind in self._kinds)
            raise BadInput(f"there is no kind {self.options.kind}", try_=f"one of {known}")
        if not head.text.strip():
            if self.file.cut:
                raise BadInput(
                    f"{self.file.name}: nothing could be read", because=_words(self.file.cut)
                )
            raise BadInput(f"{self.file.name} is empty", try_="look whether the tool said anything")
        best = self._best(head)
        if best is None:
            raise unknown(self.file, head, self._kinds)
        return best

    def _best(self, head: Head, but: Sequence[Kind] = ()) -> Kind | None:
        sure = [(_certainty(kind, head), kind) for kind in self._kinds if kind not in but]
        certainty, kind = max(sure, key=lambda pair: pair[0], default=(0.0, None))
        return kind if certainty >= SURE_ENOUGH else None

    def _read(self, keep: Callable[[int, list[str]], None]) -> Iterator[Row]:
        """Read with the first kind; what it does not understand may be of another."""
        lines = Lines(self._numbered(keep), self.used[0].longest)
        self._beyond = 0
        while True:
            self._all.append(lines)
            self._first_line[self.used[-1].name] = 0
            for row in self.used[-1].read(lines, self.given):
                if not self._first_line[self.used[-1].name]:
                    self._first_line[self.used[-1].name] = row.line
                self._rows += 1
                yield self._of_a_host(row)
            rest = lines.strange_lines
            kind = None
            if rest and not self.options.kind and len(self.used) < MOST_KINDS:
                head = Head("\n".join(text[:4000] for _, text in rest[:1000])[:HEAD])
                kind = self._best(head, self.used)
            if kind is None:
                return
            self._beyond += lines.strange_count - len(rest)
            self.used.append(kind)
            lines = Lines(iter(rest), kind.longest)

    def _of_a_host(self, row: Row) -> Row:
        """Say of a socket whose it is, if a prompt above it says so and the user does not."""
        if not isinstance(row, Socket) or self.options.host:
            return row
        host = self._all[0].host_at(row.line)
        return msgspec.structs.replace(row, host=host) if host else row

    def _numbered(self, keep: Callable[[int, list[str]], None]) -> Iterator[tuple[int, str]]:
        events = self.used[0].name == "windows_events"
        for first, lines in self.file.blocks(events=events):
            keep(first, lines)
            yield from enumerate(lines, start=first)

    def _check_understood(self) -> None:
        """Refuse what somebody took for a kind that it is not; headings alone may well be there."""
        told = self.summary
        if self.options.kind and told.strange and not (told.rows or told.left_out):
            raise BadInput(
                f"no row of {told.file} is of the kind {self.used[0].name}",
                because="; ".join(_not_understood(self._all[-1])),
                try_="leave out --kind: what a file is, is told by its content",
            )

    def _remarks(self) -> Iterator[str]:
        if self.file.encoding.is_guess:
            yield f"it is read as {self.file.encoding.name}, which is a guess (or: --encoding)"
        if len(self.used) > 1:
            begun = ", ".join(
                f"{kind.name} from line {self._first_line[kind.name]} on" for kind in self.used
            )
            yield f"it holds outputs of {len(self.used)} tools: {begun}"
        if self._is_empty():
            yield "this look found nothing: there are headings alone"
        yield from self.given.assumed
        left_out = Counter(self._left_out)
        for lines in self._all:
            left_out.update(lines.left_out)
        for reason, count in left_out.items():
            yield f"left out: {count:,} {reason}"
        for what, count in self.file.cut.items():
            if count:
                yield f"not read: {count:,}× {what}"
        if self._all and self._all[-1].strange_lines:
            yield from _not_understood(self._all[-1])

    def _is_empty(self) -> bool:
        """Say whether there was nothing to read but what stands above rows."""
        if not self._all or self._rows:
            return False
        return not any(lines.strange_count or lines.left_out for lines in self._all)

    def _prompt(self) -> str:
        """Give the machine that prompts name, if it is one."""
        told = dict.fromkeys(self._prompts())
        return next(iter(told)) if len(told) == 1 else ""

    def _prompts(self) -> list[str]:
        return [host for lines in self._all for host in lines.hosts]

    def _receipt(self, name: str, gathered: Gathered) -> Receipt:
        summary = self.summary
        told = dict.fromkeys([*gathered.hosts, *self._prompts()])
        host = self.options.host or ", ".join([*told][:3])
        remarks = summary.remarks
        if gathered.processes and not host:
            remarks += (f"which machine it was made on is not in it: {UNNAMED} (or: --host)",)
        return Receipt(
            name, summary.file, self.file.digest, summary.kinds, host, str(self.options),
            summary.encoding, self._now.isoformat(timespec="seconds"),
            summary.lines, summary.rows, gathered.connections, gathered.processes, gathered.looks,
            summary.strange, remarks,
        )  # fmt: skip


def import_name(file: ImportFile, host: str) -> str:
    """Name an import by what is in the file, and whose it is: the same file gets the same name."""
    return hashlib.sha256(f"{file.digest} {host}".encode()).hexdigest()[:10]


def what_takes(file: ImportFile) -> tuple[str, str] | None:
    """Say what a file is that was given to another reader, and what to type; None: not known."""
    head = Head(file.head()[:HEAD])
    best = max(kinds(), key=lambda kind: _certainty(kind, head))
    if _certainty(best, head) >= SURE_ENOUGH:
        return f"of the kind {best.name}", "whence import FILE"
    found = other_file(file.start, [line.strip() for line in head.lines[:3]])
    if found or not is_text(file.start, head.text):
        return found
    return "text", "whence logs parse FILE"


def unknown(file: ImportFile, head: Head, known: Sequence[Kind]) -> BadInput:
    """Say that a file is of no kind that is known, what it looks like, and what takes it."""
    lines = [line.strip() for line in head.lines[:3]]
    if found := other_file(file.start, lines):
        what, instead = found
        return BadInput(
            f"{file.name} is {what}, which is not for whence import",
            try_=instead,
        )
    first = next(iter(lines), "")[:LONGEST]
    looks = f"it begins with “{first}”"
    if not is_text(file.start, head.text):
        looks = f"it is no text: it begins with the bytes {file.start[:16].hex(' ')}"
    guess = max(((_certainty(kind, head), kind.name) for kind in known), default=(0.0, ""))
    if guess[0] > 0:
        looks += f"; what is nearest is {guess[1]}, with little certainty"
    return BadInput(
        f"{file.name} is of no kind that whence can import",
        because=looks,
        try_="whence import --kinds shows which there are; --kind NAME reads it as one of them",
    )


def _certainty(kind: Kind, head: Head) -> float:
    return kind.recognise(head)


def _words(cut: Counter[str]) -> str:
    return ", ".join(what for what, count in cut.items() if count)


def _not_understood(lines: Lines) -> Iterator[str]:
    shown = ", ".join(
        f"{number} “{text.strip()[:LONGEST]}”" for number, text in lines.strange_lines[:SHOWN]
    )
    more = " …" if lines.strange_count > SHOWN else ""
    yield f"not understood: {many(lines.strange_count, 'line')}: {shown}{more}"
