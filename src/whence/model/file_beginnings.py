"""What a file is, by its first bytes, and which command takes it: for whoever gave it to another.

Of captures: draft-ietf-opsawg-pcap and -pcapng; of nfcapd: nffile.h; of SQLite:
sqlite.org/fileformat.html.
"""

from __future__ import annotations

CAPTURE = ("a capture of packets", "whence flows FILE, or whence TARGET --read FILE")
CASES = {
    b"WHNC": ("a case of whence", "whence case import FILE"),
    b"WHIM": ("an import of whence itself", "import the file that it was made of"),
    b"WHHI": ("a history of whence", "whence record status"),
}
BEGINNINGS = {
    b"\xd4\xc3\xb2\xa1": CAPTURE,
    b"\xa1\xb2\xc3\xd4": CAPTURE,
    b"\x4d\x3c\xb2\xa1": CAPTURE,
    b"\xa1\xb2\x3c\x4d": CAPTURE,
    b"\x0a\x0d\x0d\x0a": CAPTURE,
    b"\x0c\xa5": ("a file of nfcapd", "whence flows FILE, or nfdump -r FILE -o csv"),
    b"\x7fELF": ("a program", "whence program FILE"),
    b"MZ": ("a program of Windows", "whence program FILE"),
    b"SQLite format 3\0": ("a database of SQLite", "export the table as text"),
    b"\x30\0\0\0LfLe": (
        "a log of events as Windows wrote it before Vista (EVT)",
        "wevtutil epl /lf:true FILE.evt FILE.evtx, on Windows, and import that",
    ),
    b"ElfFile\0": ("a log of events of Windows (EVTX)", "whence import FILE"),
    b"%PDF-": ("a PDF", "save what it shows as text"),
}
APPLICATION = slice(68, 72)  # bytes of a file of SQLite that say whose it is
LONGEST = 72  # bytes that are looked at


def by_beginning(start: bytes) -> tuple[str, str] | None:
    """Say what a file is, and what to type, where its first bytes tell."""
    for magic, told in BEGINNINGS.items():
        if start.startswith(magic):
            return CASES.get(start[APPLICATION], told)
    return None
