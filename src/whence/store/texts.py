"""The texts of readings: each stored once, by its SHA-256, compressed."""

from __future__ import annotations

import hashlib
import zlib

from whence.model import BadInput, CannotStore, Reading

LARGEST = 64 << 20  # bytes of one text, so that no file can make us unpack more


def packed(reading: Reading) -> bytes:
    """Compress the text of a reading.

    Raises
    ------
    CannotStore
        If it is larger than a case takes.

    """
    raw = reading.text.encode("utf-8", "surrogatepass")
    if len(raw) > LARGEST:
        raise CannotStore(
            f"what {reading.source} gave is too large to be kept",
            because=f"it has {len(raw)} bytes, and a case takes {LARGEST} at once",
        )
    return zlib.compress(raw)


def unpacked(digest: str, blob: bytes) -> str:
    """Read a text back, and make sure that it is the one of this digest.

    Raises
    ------
    BadInput
        If it is not.

    """
    try:
        unpacking = zlib.decompressobj()
        raw = unpacking.decompress(blob, LARGEST)
        if unpacking.unconsumed_tail:
            raise BadInput(f"reading {digest[:12]} is too large", because="it is a zip bomb")
        if not unpacking.eof or unpacking.unused_data:
            raise BadInput(f"reading {digest[:12]} is damaged", because="it ends too soon or late")
        if hashlib.sha256(raw).hexdigest() != digest:
            raise BadInput(f"the text of reading {digest[:12]} does not hash to its name")
        return raw.decode("utf-8", "surrogatepass")
    except (zlib.error, UnicodeDecodeError, TypeError) as e:
        raise BadInput(f"reading {digest[:12]} is damaged", because=str(e)) from e
