"""The ends of traffic as tools write them: address and port, in many forms."""

from __future__ import annotations

from functools import lru_cache

from whence.model.ecs import canonical_address

ANY = ("*", "")


@lru_cache(maxsize=1 << 16)
def address(text: str) -> str | None:
    """Give an address in its canonical form, without brackets; None where it is none."""
    text = text.strip("[]")
    if ":" not in text:
        text = text.partition("%")[0]  # ss names the link of an IPv4 socket that is bound to one
    try:
        return canonical_address(text)
    except ValueError:
        return None


def end(text: str) -> tuple[str | None, str | None]:
    """Split “address:port” as it is written; what stands for any is None.

    The address may be a name, in brackets, or with a link behind a % inside or after them.
    """
    host, colon, port = text.rpartition(":")
    if not colon:
        host, port = text, ""
    inside, bracket, link = host.partition("]")
    host = inside.lstrip("[") + (link if bracket else "")
    return (None if host in ANY else host), (None if port in ANY else port)


def number(text: str | None) -> int | None:
    """Read a port; None where it is none."""
    if text and text.isascii() and text.isdigit() and len(text) < 6 and int(text) < 1 << 16:
        return int(text)
    return None


def whole(text: str) -> int:
    """Read a number that tools write as - or nothing where they have none; less than 2^63."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
