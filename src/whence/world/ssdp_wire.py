"""What a device says of itself by SSDP, and in the description that it points to: UPnP DA 1.1.

Pure: bytes in, values out.
"""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

LARGEST = 64 << 10  # bytes of a description that are read
LONGEST = 200  # characters of a value
SEARCH = (
    "M-SEARCH * HTTP/1.1\r\n"
    "HOST: {host}:1900\r\n"
    'MAN: "ssdp:discover"\r\n'
    "MX: 1\r\n"
    "ST: {wanted}\r\n"
    "\r\n"
)
EVERYTHING = "ssdp:all"
ROOT = "upnp:rootdevice"
HEADERS = ("server", "st", "usn", "location")
_TOLD = {  # of the device's description, UPnP DA 1.1 2.3
    "friendlyName": "name",
    "manufacturer": "manufacturer",
    "modelName": "model",
    "modelNumber": "model_number",
    "serialNumber": "serial",
}
_TAG = re.compile(rf"<({'|'.join(_TOLD)})\s*>\s*([^<]{{1,{8 * LONGEST}}})<")


def search(host: str, wanted: str = ROOT) -> bytes:
    """Ask for devices."""
    written = f"[{host}]" if ":" in host else host
    return SEARCH.format(host=written, wanted=wanted).encode()


def answer(message: bytes) -> dict[str, str]:
    """Read the headers of an answer that say something.

    Raises
    ------
    ValueError
        If it is no answer to a search.

    """
    first, *lines = message[:8192].decode("utf-8", "replace").split("\r\n")
    if not re.fullmatch(r"HTTP/1\.[01] 200\b.*", first):
        raise ValueError("it is no answer to a search")
    told: dict[str, str] = {}
    for line in lines[:64]:
        name, colon, value = line.partition(":")
        if colon and name.strip().lower() in HEADERS and value.strip():
            told.setdefault(name.strip().lower(), value.strip()[:LONGEST])
    return told


def own_path(location: str, address: str) -> tuple[int, str] | None:
    """Give port and path of a description that the device itself serves; None of any other.

    A device can point anywhere: only what is at the address that was asked is ever fetched.
    """
    try:
        parts = urlsplit(location)
        port = parts.port or 80
    except ValueError:
        return None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    fits = parts.scheme == "http" and parts.hostname == address and parts.username is None
    return (port, path) if fits and re.fullmatch(r"[\x21-\x7e]{1,500}", path) else None


def description(body: bytes) -> dict[str, str]:
    """Read who made a device; of the first of each tag, for others describe embedded devices.

    Tags are searched for, not parsed: a stranger's XML may hold entities without end.
    """
    told: dict[str, str] = {}
    for tag, value in _TAG.findall(body[:LARGEST].decode("utf-8", "replace")):
        if said := html.unescape(value).strip()[:LONGEST]:
            told.setdefault(_TOLD[tag], said)
    return told
