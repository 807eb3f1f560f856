"""Files of packets, read whole: pcapng as it is, pcap made into pcapng."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from whence.model import BadInput, CannotStore
from whence.world import pcapng

LARGEST = 512 << 20  # bytes, unpacked
SECTION = b"\x0a\x0d\x0d\x0a"
# What a pcap file begins with (pcap-savefile(5)): order of bytes, and nanoseconds in its unit.
_PCAP = {
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
_MOST_OF_ONE = 256 << 10  # bytes of a packet; the snapshot length of tcpdump(8) is as large


def read_packets(path: Path) -> bytes:
    """Read a capture and give it as pcapng; one that is cut off, as far as it goes.

    Raises
    ------
    BadInput
        If it is no capture, or too large.
    CannotStore
        If it cannot be read.

    """
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as e:
        raise BadInput(f"{path.name} is damaged", because=str(e)) from e
    except OSError as e:
        raise CannotStore(f"could not read {path}", because=e.strerror or str(e)) from e
    if len(content) > LARGEST:
        raise BadInput(
            f"{path.name} is larger than {LARGEST >> 20} MiB",
            try_="take the packets in question out of it: tcpdump -r FILE -w SMALLER host ADDRESS",
        )
    if content.startswith(SECTION):
        return content
    if content[:4] in _PCAP:
        return b"".join(_converted(content))
    raise BadInput(
        f"{path.name} is no capture",
        because="it begins neither as pcap nor as pcapng does",
        try_="unpack it first, if it is packed by another program than gzip",
    )


def _converted(content: bytes) -> Iterator[bytes]:
    order, unit = _PCAP[content[:4]]
    if len(content) < 24:
        raise BadInput("the capture is cut off in its first bytes")
    largest, link = struct.unpack(f"{order}II", content[16:24])
    yield pcapng.section("whence", "")
    yield pcapng.interface(link & 0xFFFF, largest & 0x7FFFFFFF, "", "")
    head, at = struct.Struct(f"{order}IIII"), 24
    while at + 16 <= len(content):
        seconds, parts, kept, length = head.unpack_from(content, at)
        at += 16
        if kept > _MOST_OF_ONE or at + kept > len(content):
            return
        time = seconds * 1_000_000_000 + parts * unit
        yield pcapng.packet(0, time, content[at : at + kept], length, 0)
        at += kept
