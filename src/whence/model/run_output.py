"""What the runs of a trapped program write: as its sensor tells it, and put together. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec

from whence.model.refusal import Refusal
from whence.model.secrets import redact

STREAMS = ("stdout", "stderr")
LIMIT = 64 << 10  # bytes of each stream of a run that are kept, unless told otherwise
MOST = 1 << 20
LONGEST = 4096  # characters of a line in which secrets are looked for at a time

CANNOT_SEE = (
    "what a program writes through io_uring, into memory that is mapped, or to a terminal that it "
    "opens itself; of what splice(2) and sendfile(2) pass on, only how much it is"
)


class OutputSettings(msgspec.Struct, frozen=True):
    """What to copy, and where to hand over the map of the processes that are awaited."""

    limit: int  # bytes of each stream of a run
    socket: int  # a descriptor


class OutputPiece(msgspec.Struct, frozen=True, tag="piece"):
    """Something that a run wrote."""

    run: int
    stream: int  # which of STREAMS
    offset: int  # in the stream
    data: bytes


class StreamTotals(msgspec.Struct, frozen=True):
    """How much a run wrote to a stream, in bytes."""

    kind: str = ""  # pipe, file, tty, socket, null, device; empty: it was closed
    written: int = 0
    passed_on: int = 0  # of these, by splice(2) and its kind
    lost: int = 0  # of the first, those whose memory could not be read or that had no room


class OutputEnded(msgspec.Struct, frozen=True, tag="ended"):
    """All pieces of a run have been told."""

    run: int
    streams: tuple[StreamTotals, StreamTotals]


class OutputStatus(msgspec.Struct, frozen=True, tag="status"):
    """What is not seen, because the kernel's tables were full; the first one says: it works."""

    runs_missed: int = 0
    processes_missed: int = 0  # that descend from runs
    calls_missed: int = 0  # while the same processor was in such a call already
    until: int = 0  # ns after boot: of all runs that ended before, the end has been told


OutputLine = OutputPiece | OutputEnded | OutputStatus | Refusal


@dataclass(frozen=True, slots=True)
class Written:
    """Text that was written to one stream, and how many bytes after it are missing."""

    stream: str
    text: str  # secrets redacted, what is no UTF-8 as \\xNN
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class StreamOutput:
    """How many bytes of a stream there were, and what became of them."""

    kind: str = ""  # as in StreamTotals
    written: int = 0
    kept: int = 0
    beyond: int = 0  # the limit
    passed_on: int = 0  # not seen
    lost: int = 0


@dataclass(frozen=True, slots=True)
class RunOutput:
    """What a run wrote, as far as it was kept, in the order in which it did."""

    chunks: tuple[Written, ...] = ()
    stdout: StreamOutput = StreamOutput()
    stderr: StreamOutput = StreamOutput()
    complete: bool = True  # False: it is not known whether this is all
    dropped: bool = False  # the text was not kept, because the file was full

    @property
    def streams(self) -> tuple[StreamOutput, StreamOutput]:
        """Both, in the order of STREAMS."""
        return self.stdout, self.stderr

    @property
    def text(self) -> str:
        """All that is here."""
        return "".join(chunk.text for chunk in self.chunks)

    def of(self, stream: str) -> str:
        """Give the text of one stream."""
        return "".join(chunk.text for chunk in self.chunks if chunk.stream == stream)

    def counted(self) -> RunOutput:
        """Give how much it was, without the text."""
        return replace(self, chunks=(), dropped=bool(self.chunks))


def put_together(
    pieces: Sequence[OutputPiece], ended: OutputEnded | None, unheld: Sequence[int] = (0, 0)
) -> RunOutput:
    """Put together what a run wrote.

    ``pieces`` are in the order in which they were told; ``unheld`` is how many bytes of each stream
    were told, and are not among them. ``ended`` is None where nobody told that these are all.
    """
    ends = ended.streams if ended else tuple(map(_as_far_as_told, _by_stream(pieces)))
    chunks = tuple(_chunks(pieces, [end.written for end in ends]))
    out, err = (
        _counted(end, sum(len(piece.data) for piece in own), lost)
        for end, own, lost in zip(ends, _by_stream(pieces), unheld, strict=True)
    )
    return RunOutput(chunks, out, err, complete=ended is not None)


def _by_stream(pieces: Sequence[OutputPiece]) -> tuple[list[OutputPiece], ...]:
    return tuple(
        [piece for piece in pieces if piece.stream == number] for number in range(len(STREAMS))
    )


def _as_far_as_told(pieces: Sequence[OutputPiece]) -> StreamTotals:
    written = max((piece.offset + len(piece.data) for piece in pieces), default=0)
    return StreamTotals(written=written, lost=written - sum(len(piece.data) for piece in pieces))


def _counted(end: StreamTotals, kept: int, unheld: int) -> StreamOutput:
    lost = end.lost + unheld
    beyond = max(0, end.written - kept - end.passed_on - lost)
    return StreamOutput(end.kind, end.written, kept, beyond, end.passed_on, lost)


def _chunks(pieces: Sequence[OutputPiece], written: Sequence[int]) -> Iterator[Written]:
    """Join what follows each other; a line is whole, also where it was written in parts."""
    last: Written | None = None
    for number, data, skipped in _lines(pieces, written):
        chunk = Written(STREAMS[number], _readable(data), skipped)
        if last and last.stream == chunk.stream and not last.skipped:
            last = replace(chunk, text=last.text + chunk.text)
            continue
        if last:
            yield last
        last = chunk
    if last:
        yield last


def _lines(
    pieces: Sequence[OutputPiece], written: Sequence[int]
) -> Iterator[tuple[int, bytes, int]]:
    """Yield stream, bytes, and how many bytes are missing after them."""
    rest = [b"", b""]
    expected = [0, 0]
    for piece in _in_order(pieces):
        at = piece.stream
        if piece.offset > expected[at]:
            yield at, rest[at], piece.offset - expected[at]
            rest[at] = b""
        whole, newline, begun = piece.data.rpartition(b"\n")
        if newline:
            yield at, rest[at] + whole + newline, 0
            rest[at] = begun
        else:
            rest[at] += piece.data
        expected[at] = piece.offset + len(piece.data)
    for at, total in enumerate(written):
        missing = max(0, total - expected[at])
        if rest[at] or missing:
            yield at, rest[at], missing


def _in_order(pieces: Sequence[OutputPiece]) -> Iterator[OutputPiece]:
    """Let the pieces of each stream be in the order of their offsets, in the places they have."""
    sorted_ones = [iter(sorted(own, key=lambda piece: piece.offset)) for own in _by_stream(pieces)]
    for piece in pieces:
        yield next(sorted_ones[piece.stream])


def _readable(data: bytes) -> str:
    text = data.decode("utf-8", "backslashreplace")
    return "".join(redact(part) for line in text.splitlines(keepends=True) for part in _parts(line))


def _parts(line: str) -> Iterable[str]:
    """Cut a long line at blanks: to look for secrets takes the square of its length."""
    while len(line) > LONGEST:
        at = line.rfind(" ", 1, LONGEST) + 1 or LONGEST
        yield line[:at]
        line = line[at:]
    yield line
