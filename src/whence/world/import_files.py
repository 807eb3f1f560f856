"""Files of other tools, opened: unpacked within bounds, decoded, in numbered lines."""

from __future__ import annotations

import bz2
import codecs
import hashlib
import io
import lzma
import os
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, cast

from whence.model import BadInput
from whence.model.given_file import must_be_readable
from whence.model.plural import many
from whence.model.secrets import redact
from whence.model.text_encoding import Encoding, encoding_of
from whence.world.packed_files import packing
from whence.world.this_host import utc_now

LARGEST = 4 << 30  # bytes of a file, unpacked
LONGEST = 1 << 20  # characters of a line; of what is longer, the beginning
BLOCK = 1 << 20  # bytes that are read at once
STARTS = 256  # bytes by which other kinds of files are told
SAMPLE = 1 << 22  # bytes by which the encoding is told
EVENT_END = "</Event>"
EVENT_LOG = b"ElfFile\0"
# Where a log of events (EVTX) says how many chunks it has, where they begin, and how long each is.
_CHUNKS_AT, EVENTS_AT, EVENTS_CHUNK = 42, 4096, 65_536
STDIN = "-"


class ImportFile:
    """A file of another tool, and what was read of it so far."""

    def __init__(self, name: str, written: int, file: BinaryIO) -> None:
        self.name = name
        self.written = written  # µs since 1970
        self.encoding = Encoding("utf-8")
        self.start = b""  # its first bytes, unpacked; known when its head was read
        self.cut: Counter[str] = Counter()  # what was not read, in words
        self._file = file

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file as it is; not to be asked for first while it is being read."""
        return _digest(self._file)

    def head(self, encoding: str | None = None) -> str:
        """Give its beginning; this decides in which encoding it is read, unless one is given.

        Raises
        ------
        BadInput
            If it cannot be in the encoding that is given.

        """
        data = b""
        for chunk in self._unpacked():
            data += chunk
            if len(data) >= SAMPLE:
                break
        self.encoding = Encoding(encoding) if encoding else encoding_of(data)
        self.start = data[:STARTS]
        if data:
            self.cut.clear()  # it is read again from its beginning, and counted then
        with self._in_words():
            text = codecs.getincrementaldecoder(self.encoding.name)("replace").decode(data)
        return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "")

    def blocks(self, *, events: bool = False) -> Iterator[tuple[int, list[str]]]:
        """Give its lines in blocks, each with the number of its first line, from 1.

        Of a log of events as XML, each event is a line. Passwords and tokens are taken out.
        """
        decoder = codecs.getincrementaldecoder(self.encoding.name)("replace")
        pieces = self._pieces(decoder, EVENT_END if events else "\n")
        number = 1
        with self._in_words():
            for lines in pieces:
                shown = redact("\n".join(lines)).split("\n")
                yield number, shown
                number += len(shown)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Say what a decoder that stops at what it cannot read means."""
        try:
            yield
        except UnicodeError as e:
            raise BadInput(
                f"{self.name} cannot be read as {self.encoding.name}",
                because=str(e),
                try_="leave out --encoding; where that guesses wrong, utf-16-le or cp850 …",
            ) from e

    def _pieces(self, decoder: codecs.IncrementalDecoder, end: str) -> Iterator[list[str]]:
        left, skipping, begun = "", False, False
        for chunk in self._unpacked():
            text = decoder.decode(chunk)
            if not begun and text:
                text, begun = text.removeprefix("\ufeff"), True
            self.cut["characters that could not be decoded"] += text.count("\ufffd")
            *lines, left = (left + text).split(end)
            if lines and skipping:
                lines, skipping = lines[1:], False
            if lines:
                yield [self._line(line, end) for line in lines]
            if len(left) > LONGEST:
                if not skipping:
                    yield [self._line(left, end)]
                left, skipping = "", True
        left += decoder.decode(b"", final=True)
        if left and not skipping:
            yield [self._line(left, "")]

    def _line(self, text: str, end: str) -> str:
        if len(text) > LONGEST:
            self.cut[f"ends of lines longer than {LONGEST >> 20} MB"] += 1
            text = text[:LONGEST]
        if end == EVENT_END:
            return " ".join(f"{text}{end}".split())
        return text.replace("\r", "").replace("\n", " ")

    def _unpacked(self) -> Iterator[bytes]:
        left = LARGEST
        try:
            for chunk in _chunks(self._file, self.name):
                yield chunk[:left]
                left -= len(chunk)
                if left <= 0:
                    self.cut[f"what goes beyond {LARGEST >> 30} GB"] += 1
                    return
        except (zlib.error, lzma.LZMAError, zipfile.BadZipFile, EOFError, OSError,
                NotImplementedError, RuntimeError) as e:  # fmt: skip
            self.cut[f"the rest of a damaged file ({e})"] += 1


@contextmanager
def open_import(path: str) -> Iterator[ImportFile]:
    """Open a file, or standard input where the path is -.

    Raises
    ------
    BadInput
        If it is a folder, an archive of several files, or a log of events and there is nothing
        to read these with.

    """
    if path == STDIN:
        with tempfile.TemporaryFile() as spool:
            _copy(cast(BinaryIO, sys.stdin.buffer) if sys.stdin else io.BytesIO(), spool)
            now = int(utc_now().timestamp() * 1_000_000)
            yield ImportFile("standard input", now, spool)
        return
    must_be_readable(Path(path), "look whether its name is right")
    if not Path(path).is_file():
        with Path(path).open("rb") as pipe, tempfile.TemporaryFile() as spool:
            _copy(pipe, spool)
            now = int(utc_now().timestamp() * 1_000_000)
            yield ImportFile(Path(path).name, now, spool)
        return
    with Path(path).open("rb") as file:
        written = Path(path).stat().st_mtime_ns // 1000
        yield ImportFile(Path(path).name, written, file)


def _copy(source: BinaryIO, spool: BinaryIO) -> None:
    left = LARGEST
    while left > 0 and (chunk := source.read(min(BLOCK, left))):
        spool.write(chunk)
        left -= len(chunk)


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(BLOCK):
        digest.update(chunk)
    return digest.hexdigest()


def _chunks(file: BinaryIO, name: str) -> Iterator[bytes]:
    file.seek(0)
    start = file.read(8)
    file.seek(0)
    if start == EVENT_LOG:
        return _events(file)
    match packing(start):
        case "gz":
            return _through(file, lambda: zlib.decompressobj(wbits=31))
        case "bz2":
            return _through(file, bz2.BZ2Decompressor)
        case "xz":
            return _through(file, lambda: lzma.LZMADecompressor(memlimit=128 << 20))
        case "zst":
            return _zstd(file)
        case "zip":
            return _zip(file, name)
        case _:
            return _plain(file)


def _plain(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(BLOCK):
        yield chunk


def _through(file: BinaryIO, begin: Callable[[], Any]) -> Iterator[bytes]:
    """Unpack in pieces of a bounded size: a small file may hold a terabyte."""
    stream, data = begin(), file.read(BLOCK)
    while True:
        piece = stream.decompress(data, BLOCK)
        yield piece
        if stream.eof:  # several may stand one after the other
            data = stream.unused_data.lstrip(b"\0") or file.read(BLOCK)
            if not data:
                return
            stream = begin()
            continue
        data = getattr(stream, "unconsumed_tail", b"")
        if not data and len(piece) < BLOCK:
            data = file.read(BLOCK)
            if not data:
                raise EOFError("it ends too early")


def _zstd(file: BinaryIO) -> Iterator[bytes]:
    """Unpack with zstd(1): Python has it from 3.14 on."""
    os.lseek(file.fileno(), 0, os.SEEK_SET)  # the program shares it, and not what Python has read
    try:
        program = subprocess.Popen(
            ["zstd", "-dcq", "--memory=128MB"], stdin=file, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except FileNotFoundError as e:
        raise BadInput(
            "it is packed with zstd, which is not installed", try_="apt-get install zstd"
        ) from e
    assert program.stdout
    try:
        while chunk := program.stdout.read(BLOCK):
            yield chunk
        if program.wait():
            raise EOFError("zstd could not unpack it")
    finally:
        program.kill()
        program.stdout.close()
        program.wait()


def _zip(file: BinaryIO, name: str) -> Iterator[bytes]:
    with zipfile.ZipFile(file) as archive:
        members = [one for one in archive.infolist() if not one.is_dir()]
        if len(members) != 1:
            raise BadInput(
                f"{name} holds {len(members)} files",
                because="an archive of one file is read as that file",
                try_="unpack it, and import the files in it",
            )
        if members[0].flag_bits & 1:
            raise BadInput(f"{name} is encrypted", try_="unpack it first")
        with archive.open(members[0]) as member:
            while chunk := member.read(BLOCK):
                yield chunk


def _events(file: BinaryIO) -> Iterator[bytes]:
    """Give a log of events (EVTX) as XML; a record that is damaged does not hide the others."""
    try:
        from evtx import PyEvtxParser
    except ModuleNotFoundError as e:
        raise BadInput(
            "it is a log of events (EVTX), and there is nothing to read it with",
            because="the Python package evtx is not installed",
            try_="pip install 'whence[evtx]', or on Windows: wevtutil qe FILE /lf /f:xml",
        ) from e
    try:
        records = PyEvtxParser(file).records()
    except (RuntimeError, OSError, ValueError) as e:
        raise EOFError(str(e)) from e
    damaged = 0
    while True:
        try:
            record = next(records)
        except StopIteration:
            break
        except (RuntimeError, OSError, ValueError):
            damaged += 1
            if damaged > 10_000:
                break
            continue
        text: str = cast(dict[str, Any], record)["data"]
        yield " ".join(text[max(0, text.find("<Event")) :].split()).encode() + b"\n"
    if damaged:
        raise EOFError(f"{many(damaged, 'record')} could not be read")
    file.seek(_CHUNKS_AT)
    chunks = int.from_bytes(file.read(2), "little")
    if file.seek(0, os.SEEK_END) < EVENTS_AT + chunks * EVENTS_CHUNK:
        raise EOFError(f"it ends before the last of its {chunks} chunks does")
