"""The addresses that --notify takes, read once and without letting a secret through."""

from __future__ import annotations

from urllib.parse import SplitResult, parse_qs, urlsplit

from whence.model import BadSettings
from whence.notify.plain import plain


def split(url: str) -> SplitResult:
    """Take an address apart.

    Raises
    ------
    BadSettings
        If it is not a URL, or holds a password: every user of a machine sees command lines.

    """
    try:
        parts = urlsplit(url)
        unusable = _unusable(url, parts)
    except ValueError:  # its text may repeat what somebody took for a good place for a password
        raise BadSettings(
            "this is not an address to notify",
            because="its host or port cannot be read",
            try_="SCHEME://HOST:PORT, with a port up to 65535",
        ) from None
    if unusable:
        raise BadSettings(
            f"this {plain(parts.scheme)} address cannot be used",
            because=unusable,
            try_="keep passwords in notify.toml or the environment, and write the rest as a URL",
        )
    return parts


def options(parts: SplitResult, *known: str) -> dict[str, str]:
    """Give what stands after the question mark, each at most once.

    Raises
    ------
    BadSettings
        If there is an option that is not among ``known``.

    """
    found = parse_qs(parts.query, keep_blank_values=True)
    for name, values in found.items():
        if name not in known or len(values) > 1:
            raise BadSettings(
                f"“{name}” cannot stand in this {parts.scheme} address",
                because="it stands there twice" if name in known else "it is not known",
                try_="use " + ", ".join(known) if known else "leave it out",
            )
    return {name: values[0] for name, values in found.items()}


def server(parts: SplitResult) -> str:
    """Give the host that an address names.

    Raises
    ------
    BadSettings
        If it names none.

    """
    if not parts.hostname:
        raise BadSettings(
            f"this {parts.scheme} address names no server",
            try_=f"{parts.scheme}://HOST…",
        )
    return parts.hostname


def _unusable(url: str, parts: SplitResult) -> str:
    if parts.password is not None:
        return "everybody on this machine would see the password in it"
    if parts.port == 0:
        return "there is no port 0"
    if not (url.isascii() and url.isprintable()) or " " in url:
        return "it has characters that a URL does not have"
    return ""
