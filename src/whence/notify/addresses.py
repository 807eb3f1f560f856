"""The addresses that --notify takes, read once and without letting a secret through."""

from __future__ import annotations

from urllib.parse import SplitResult, parse_qs, urlsplit

from whence.model import BadSettings


def split(url: str) -> SplitResult:
    """Take an address apart.

    Raises
    ------
    BadSettings
        If it is not a URL, or holds a password: every user of a machine sees command lines.

    """
    try:
        parts = urlsplit(url)
        port, password = parts.port, parts.password
    except ValueError as e:
        raise BadSettings("this is not an address to notify", because=str(e)) from None
    if password is not None or port == 0 or not (url.isascii() and url.isprintable()) or " " in url:
        raise BadSettings(
            f"this {parts.scheme} address cannot be used",
            because="a password in it would be seen by everybody"
            if password is not None
            else "its port is 0"
            if port == 0
            else "it has characters that belong in no address",
            try_="keep passwords in the settings file or the environment",
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
