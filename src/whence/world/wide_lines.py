"""Lines of a file in UTF-16, as PowerShell and other tools of Windows write it."""

from __future__ import annotations

from dataclasses import dataclass

UNIT = 2  # bytes
_BEGIN = 2 * UNIT  # bytes of a file that tell
_ENDS = "\r\0"


@dataclass(frozen=True, slots=True)
class Wide:
    """One of the two orders of bytes."""

    mark: bytes  # what a text may begin with, and what a line that is taken out begins with
    codec: str

    def end_of_lines(self, data: bytes) -> int:
        """Say how many bytes the whole lines have; a newline lies on the border of a unit."""
        newline = "\n".encode(self.codec)
        at = data.rfind(newline)
        while at % UNIT and at >= 0:
            at = data.rfind(newline, 0, at + 1)
        return at + UNIT if at >= 0 else 0

    def lines(self, data: bytes) -> list[bytes]:
        """Take whole lines apart; without their newlines."""
        text = data[:-UNIT].decode(self.codec, "surrogatepass")
        return [self._packed(line) for line in text.split("\n")]

    def message(self, line: bytes) -> bytes:
        """Give a line as it is kept: without what ends it, and so that it tells what it is.

        One that has nothing else is empty.
        """
        text = line.decode(self.codec, "surrogatepass").removeprefix("\N{BOM}").strip(_ENDS)
        return self.mark + self._packed(text) if text else b""

    def _packed(self, text: str) -> bytes:
        return text.encode(self.codec, "surrogatepass")


LITTLE = Wide(b"\xff\xfe", "utf-16-le")
BIG = Wide(b"\xfe\xff", "utf-16-be")


def wide(begin: bytes) -> Wide | None:
    """Say in which order a file is that begins so; None if it is not in UTF-16.

    A log that was emptied and goes on has its mark no more: its first two letters tell.
    """
    for one in (LITTLE, BIG):
        if begin.startswith(one.mark):
            return one
        if len(begin) >= _BEGIN and not any(begin[one is LITTLE : _BEGIN : UNIT]):
            letters = begin[one is BIG : _BEGIN : UNIT]
            if all(0x20 <= letter < 0x7F for letter in letters):
                return one
    return None


__all__ = ["UNIT", "Wide", "wide"]
