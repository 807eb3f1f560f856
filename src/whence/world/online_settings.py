"""Whom one asks of the outside: each end point can be set, in a file or the environment.

The file is TOML: $WHENCE_ONLINE, or whence/online.toml below $XDG_CONFIG_HOME, or
/etc/whence/online.toml. It holds no secrets. A variable such as WHENCE_ONLINE_WHOIS_SERVER goes
before the file; docs/how-to/find-out-who-is-at-the-other-end.md has them all.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import msgspec

from whence.model import BadSettings

VARIABLE = "WHENCE_ONLINE"
LARGEST = 1 << 20  # bytes; it is written by hand


@dataclass(frozen=True, slots=True)
class OnlineSettings:
    """Where questions go. A server is HOST or HOST:PORT."""

    dns_server: str = ""  # empty: those of /etc/resolv.conf
    whois_server: str = "whois.iana.org"  # which refers to the registry in charge
    rdap_server: str = ""  # a URL, in place of the registry in charge
    rdap_bootstrap: str = ""  # a file as IANA has them (RFC 9224), in place of the bundled one
    ca: str = ""  # authorities to trust for RDAP in place of the system's, PEM
    origin_zone: str = "origin.asn.cymru.com"  # Team Cymru's service, or one like it
    origin6_zone: str = "origin6.asn.cymru.com"
    names_zone: str = "asn.cymru.com"
    hash_lookup: str = "https://hashlookup.circl.lu"  # CIRCL's service, or one like it
    patience: float = 5.0  # seconds without an answer; a whole conversation takes four times that
    at: Mapping[str, str] = field(default_factory=dict)  # HOST:PORT as called → where it is instead


def read_online_settings(environment: Mapping[str, str]) -> OnlineSettings:
    """Read the settings of this user.

    Raises
    ------
    BadSettings
        If the file or a variable is not right.

    """
    told = _from_file(environment)
    for one in fields(OnlineSettings):
        value = environment.get(f"{VARIABLE}_{one.name.upper()}")
        if value is not None:
            told[one.name] = _pairs(value) if one.name == "at" else value
    try:
        return msgspec.convert(told, OnlineSettings, strict=False)
    except msgspec.ValidationError as e:
        raise BadSettings("the settings for --online are not right", because=str(e)) from None


def _from_file(environment: Mapping[str, str]) -> dict[str, Any]:
    home = environment.get("XDG_CONFIG_HOME") or environment.get("HOME", "") + "/.config"
    usual = (Path(home, "whence/online.toml"), Path("/etc/whence/online.toml"))
    named = environment.get(VARIABLE)
    path = Path(named) if named else next((one for one in usual if one.is_file()), None)
    if path is None:
        return {}
    try:
        with path.open("rb") as file:
            told = tomllib.loads(file.read(LARGEST).decode())
    except OSError as e:
        raise BadSettings(f"could not read {path}", because=e.strerror or str(e)) from e
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise BadSettings(f"{path} is not TOML", because=str(e)) from None
    known = {one.name for one in fields(OnlineSettings)}
    if unknown := sorted(told.keys() - known):
        raise BadSettings(f"{path} has an unknown setting", because=", ".join(unknown))
    return told


def _pairs(text: str) -> dict[str, str]:
    """Read ``whois.example:43=127.0.0.1:4343,…``."""
    pairs = (one.partition("=") for one in text.split(",") if one.strip())
    return {name.strip(): place.strip() for name, _, place in pairs}
