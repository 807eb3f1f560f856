"""What a service says of itself when it is called: HTTP, SSH, SMTP and their kin. Pure.

A banner is a claim: who is called may say anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 200  # characters of a claim
SYSTEMS = (  # as written in banners → as people call it
    ("Red Hat Enterprise Linux", "Red Hat Enterprise Linux"),
    ("Red Hat", "Red Hat"),
    ("AlmaLinux", "AlmaLinux"),
    ("Rocky", "Rocky Linux"),
    ("CentOS", "CentOS"),
    ("Fedora", "Fedora"),
    ("Oracle Linux", "Oracle Linux"),
    ("Amazon Linux", "Amazon Linux"),
    ("Raspbian", "Raspbian"),
    ("Ubuntu", "Ubuntu"),
    ("Debian", "Debian"),
    ("SUSE", "SUSE"),
    ("Alpine", "Alpine Linux"),
    ("FreeBSD", "FreeBSD"),
    ("OpenBSD", "OpenBSD"),
    ("NetBSD", "NetBSD"),
    ("Microsoft", "Windows"),
    ("Windows", "Windows"),
    ("Win64", "Windows"),
    ("RouterOS", "RouterOS"),
    ("FortiSSH", "FortiOS"),
    ("Cisco", "Cisco's system"),
)
_SSH = re.compile(r"SSH-[\d.]+-(?P<software>\S+)(?: (?P<comment>[^\r\n]*))?")
_MAIL = re.compile(r"220[ -](?P<name>\S+)[ ]?(?P<rest>[^\r\n]*)")
_STATUS = re.compile(r"HTTP/[\d.]+ (?P<status>\d{3})")
_HEADER = re.compile(
    r"(?im)^(?P<name>server|x-powered-by|location|via)[ \t]*:[ \t]*(?P<value>[^\r\n]+)"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What it says: the protocol that it speaks, and the words."""

    protocol: str
    words: str


def claims(banner: str) -> list[Claim]:
    """Read what was received; nothing where it is none of the protocols."""
    if found := _SSH.match(banner):
        software, comment = found["software"], found["comment"] or ""
        return [Claim("SSH", _program(software, f"{software} {comment}"))]
    if found := _STATUS.match(banner):
        head = re.split(r"\r?\n\r?\n", banner, maxsplit=1)[0]
        headers = {one["name"].lower(): one["value"].strip() for one in _HEADER.finditer(head)}
        return [*_web(headers)] or [Claim("HTTP", f"nothing but the status {found['status']}")]
    if found := _MAIL.match(banner):
        said = f"{found['name']} {found['rest']}".strip()[:LONGEST]
        system = _system(said)
        return [Claim("SMTP or FTP", said + (f", which means {system}" if system else ""))]
    first = banner.splitlines()[0].strip() if banner.strip() else ""
    return [Claim("a text protocol", first[:LONGEST])] if first.isprintable() and first else []


def _web(headers: dict[str, str]) -> list[Claim]:
    told = []
    if server := headers.get("server"):
        told.append(Claim("HTTP", _program(server.partition(" ")[0], server)))
    if power := headers.get("x-powered-by"):
        told.append(Claim("HTTP", f"that it is powered by {power}"[:LONGEST]))
    if place := headers.get("location"):
        told.append(Claim("HTTP", f"that it leads on to {place}"[:LONGEST]))
    if proxy := headers.get("via"):
        told.append(Claim("HTTP", f"that it is behind a proxy, {proxy}"[:LONGEST]))
    return told


def _program(software: str, said: str) -> str:
    """Name the program, and the system that it was built for: “Apache/2.4 on Debian”."""
    system = _system(said)
    return f"{software} on {system}"[:LONGEST] if system else software[:LONGEST]


def _system(said: str) -> str:
    return next((name for mark, name in SYSTEMS if mark.lower() in said.lower()), "")
