"""The headers of an ELF file, System V ABI chapters 4 and 5: bounded, and no byte is trusted."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

MAGIC = b"\x7fELF"
MOST = 4096  # headers, or entries of the dynamic section
LONGEST = 4096  # bytes of a name
LOAD, DYNAMIC, INTERPRETER, NOTE = 1, 2, 3, 4  # types of segments
NEEDED, STRINGS, RPATH, RUNPATH = 1, 5, 15, 29  # tags of the dynamic section
SYMBOLS = 2  # type of the section that strip(1) takes away
BUILD_ID = 3  # type of a note of GNU's
KINDS = {1: "relocatable object", 2: "executable", 3: "shared object", 4: "core dump"}
MACHINES = {
    2: "SPARC", 3: "x86", 8: "MIPS", 20: "PowerPC", 21: "64-bit PowerPC", 22: "S/390", 40: "ARM",
    43: "64-bit SPARC", 50: "IA-64", 62: "x86-64", 183: "AArch64", 243: "RISC-V", 247: "BPF",
    258: "LoongArch",
}  # fmt: skip


class BadElf(ValueError):
    """These bytes are no ELF file, or a damaged one."""


@dataclass(frozen=True, slots=True)
class Part:
    """A segment or a section: where it lies in the file, and in memory."""

    kind: int
    offset: int
    size: int
    address: int
    name: str = ""
    memory_size: int = 0


@dataclass(frozen=True, slots=True)
class Elf:
    """An ELF file's bytes, and what its headers say."""

    data: bytes
    is_64: bool
    order: str  # "<" or ">", as struct has it
    kind: int
    machine: int
    segments: tuple[Part, ...]
    sections: tuple[Part, ...]

    @property
    def described(self) -> str:
        """What it is, in words."""
        kind = KINDS.get(self.kind, f"of kind {self.kind}")
        if self.kind == 3 and self.interpreter:
            kind = "position-independent executable"
        machine = MACHINES.get(self.machine, f"machine {self.machine}")
        return f"ELF {64 if self.is_64 else 32}-bit {kind} for {machine}"

    @property
    def interpreter(self) -> str:
        """The program that loads it, ld.so(8); empty: it is linked statically, or a library."""
        return next((_text(self.bytes_of(p)) for p in self.segments if p.kind == INTERPRETER), "")

    @property
    def has_symbols(self) -> bool:
        """Whether names of its functions were left in it."""
        return any(part.kind == SYMBOLS for part in self.sections)

    def section(self, name: str) -> Part | None:
        """Give the first section of a name."""
        return next((part for part in self.sections if part.name == name), None)

    def bytes_of(self, part: Part) -> bytes:
        """Give what lies in a part, as far as the file has it."""
        return self.data[part.offset : part.offset + part.size]

    def at_address(self, address: int, size: int) -> bytes:
        """Give bytes by where they would be in memory."""
        for part in self.segments:
            if part.kind == LOAD and part.address <= address < part.address + part.size:
                start = part.offset + address - part.address
                return self.data[start : min(start + size, part.offset + part.size)]
        return b""

    def dynamic(self) -> Iterator[tuple[str, str]]:
        """Give the libraries it needs ("library") and where it looks for them ("looks-in")."""
        entries = [*self._dynamic_entries()]
        strings = next((value for tag, value in entries if tag == STRINGS), 0)
        for tag, value in entries:
            what = {NEEDED: "library", RPATH: "looks-in", RUNPATH: "looks-in"}.get(tag)
            if what and (name := _text(self.at_address(strings + value, LONGEST))):
                yield what, name

    def build_id(self) -> str:
        """Give GNU's build id in hex; empty: it has none."""
        for part in self.segments:
            if part.kind == NOTE:
                for name, kind, content in self._notes(self.bytes_of(part)):
                    if name == b"GNU\0" and kind == BUILD_ID:
                        return content[:64].hex()
        return ""

    def _dynamic_entries(self) -> Iterator[tuple[int, int]]:
        form = f"{self.order}{'qQ' if self.is_64 else 'iI'}"
        size = struct.calcsize(form)
        for part in self.segments:
            if part.kind == DYNAMIC:
                data = self.bytes_of(part)[: MOST * size]
                yield from struct.iter_unpack(form, data[: len(data) // size * size])
                return

    def _notes(self, data: bytes) -> Iterator[tuple[bytes, int, bytes]]:
        place = 0
        for _ in range(MOST):
            if place + 12 > len(data):
                return
            name_size, size, kind = struct.unpack_from(f"{self.order}III", data, place)
            name_end = place + 12 + name_size
            begin = place + 12 + (name_size + 3) // 4 * 4
            yield data[place + 12 : name_end], kind, data[begin : begin + size]
            place = begin + (size + 3) // 4 * 4


def read_elf(data: bytes) -> Elf:
    """Read the headers of a file.

    Raises
    ------
    BadElf
        If they are damaged, or none.

    """
    try:
        return _read(data)
    except (struct.error, IndexError, OverflowError) as e:
        raise BadElf(f"its headers are damaged: {e}") from e


def _read(data: bytes) -> Elf:
    if data[:4] != MAGIC or data[4] not in (1, 2) or data[5] not in (1, 2):
        raise BadElf("it does not begin as an ELF file")
    is_64, order = data[4] == 2, "<" if data[5] == 1 else ">"
    form = f"{order}HHIQQQIHHHHHH" if is_64 else f"{order}HHIIIIIHHHHHH"
    (kind, machine, _, _, segments_at, sections_at, _, _, segment_size, segment_count,
     section_size, section_count, names) = struct.unpack_from(form, data, 16)  # fmt: skip
    segments = tuple(_segments(data, order, is_64, segments_at, segment_size, segment_count))
    sections = [*_sections(data, order, is_64, sections_at, section_size, section_count)]
    named = tuple(_named(data, sections, names))
    return Elf(data, is_64, order, kind, machine, segments, named)


def _segments(
    data: bytes, order: str, is_64: bool, at: int, size: int, count: int
) -> Iterator[Part]:
    form = f"{order}IIQQQQQQ" if is_64 else f"{order}IIIIIIII"
    if count and size < struct.calcsize(form):
        raise BadElf("its segments are too small")
    for number in range(min(count, MOST)):
        row = struct.unpack_from(form, data, at + number * size)
        if is_64:
            kind, _, offset, address, _, file_size, memory, _ = row
        else:
            kind, offset, address, _, file_size, memory, _, _ = row
        yield Part(kind, offset, file_size, address, memory_size=memory)


def _sections(
    data: bytes, order: str, is_64: bool, at: int, size: int, count: int
) -> Iterator[tuple[int, Part]]:
    """Give each with where its name stands; there may be none, as in a file that was cut."""
    form = f"{order}IIQQQQIIQQ" if is_64 else f"{order}IIIIIIIIII"
    if not at or size < struct.calcsize(form):
        return
    for number in range(min(count, MOST)):
        if at + (number + 1) * size > len(data):
            return
        name, kind, _, address, offset, length, *_ = struct.unpack_from(
            form, data, at + number * size
        )
        yield name, Part(kind, offset, 0 if kind == 8 else length, address)  # 8: not in the file


def _named(data: bytes, sections: list[tuple[int, Part]], names: int) -> Iterator[Part]:
    table = sections[names][1] if names < len(sections) else None
    for at, part in sections:
        if table and at < table.size:
            start = table.offset + at
            name = _text(data[start : start + 64])
            yield Part(part.kind, part.offset, part.size, part.address, name)
        else:
            yield part


def _text(data: bytes) -> str:
    return data.partition(b"\0")[0].decode("utf-8", "replace")
