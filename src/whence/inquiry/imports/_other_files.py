"""Files that are often given to an import and are none: what they are, and what takes them."""

from __future__ import annotations

import re

CAPTURE = ("a capture of packets", "whence flows FILE, or whence TARGET --read FILE")
CASES = {
    b"WHNC": ("a case of whence", "whence case import FILE"),
    b"WHIM": ("an import of whence itself", "import the file that it was made of"),
    b"WHHI": ("a history of whence", "whence record status"),
}
# First bytes → what it is, and what to type. Of captures: draft-ietf-opsawg-pcap and -pcapng; of
# nfcapd: nffile.h; of SQLite, sqlite.org/fileformat.html.
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
    b"%PDF-": ("a PDF", "save what it shows as text"),
}
APPLICATION = slice(68, 72)  # bytes of a file of SQLite that say whose it is
_LOG = re.compile(
    r"(?:<\d{1,3}>)?(?:1 )?"
    r"(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S{0,20}) \S{1,255} \S"
)
_JOURNAL = '"__REALTIME_TIMESTAMP"'  # journalctl -o json; systemd.journal-fields(7)
PODS = "kubectl get pods -A -o wide, or with -o json or -o yaml, and import what that writes"
_KIND = re.compile(r"""\bkind["']?: ?["']?([A-Z]\w{0,60})""")
_HEADINGS = re.compile(
    r"(?:NAMESPACE\s+)?NAME\s+(?:(?P<nodes>STATUS\s+ROLES\s+AGE)|TYPE\s+CLUSTER-IP)\b"
)
_FIELDS = re.compile(r"(?:frame|eth|ip|ipv6|tcp|udp|_ws)\.[\w.]+[\t,;|](?:\w+\.[\w.]+|$).*")


def other_file(start: bytes, lines: list[str]) -> tuple[str, str] | None:
    """Say what a file is that no import takes, and what to type, where that is known."""
    for magic, told in BEGINNINGS.items():
        if start.startswith(magic):
            return CASES.get(start[APPLICATION], told)
    if lines and all(_LOG.match(line) or _JOURNAL in line for line in lines[:3]):
        return "a log", "whence logs load FILE, or whence logs parse FILE"
    if kinds := _of_kubernetes(start, lines):
        return f"of Kubernetes, and tells of {kinds}", PODS
    if lines and _FIELDS.match(lines[0]):
        return "a table of fields that tshark was told to print", "import what tshark -T ek writes"
    return None


def _of_kubernetes(start: bytes, lines: list[str]) -> str:
    """Name what JSON or YAML of Kubernetes, or a table of nodes or services, tells of."""
    if lines and (found := _HEADINGS.match(lines[0])):
        return "nodes" if found["nodes"] else "services"
    text = start.decode("utf-8", "replace").lstrip()
    if text.startswith("apiVersion: ") or (text[:1] == "{" and '"apiVersion"' in text):
        names = dict.fromkeys(name for name in _KIND.findall(text) if name != "List")
        return ", ".join(names) or "nothing"
    return ""


def is_text(start: bytes, text: str) -> bool:
    """Whether a file looks like text at all: hardly any control characters."""
    odd = sum(letter < " " and letter not in "\t\n\r\f\x1b" for letter in text[:2000])
    return bool(start) and odd <= len(text[:2000]) // 50
