"""What a host has written down about logins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from whence.model import CannotAsk, Evidence, Reading
from whence.probes._zones import time_zone
from whence.world import Host

_LAST = re.compile(  # last -F -i: who, where, from where, since when
    r"(?P<user>\S+)\s+(?P<terminal>\S+)\s+(?P<remote>[0-9a-f.:]+)\s+"
    r"\w{3} (?P<since>\w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})"
)
_NOWHERE = frozenset({"0.0.0.0", "::"})  # what last prints for a login that came by no network


@dataclass(frozen=True, slots=True)
class Login:
    """A login, as far as it is written down."""

    user: str = ""
    terminal: str = ""
    remote: str = ""
    service: str = ""  # the PAM service that let them in
    evidence: tuple[Evidence, ...] = ()


def logind_session(session: str, host: Host) -> Login:
    """Give what systemd-logind keeps of a session; it forgets it when the session ends."""
    looks: tuple[Callable[[], Reading], ...] = (
        lambda: host.read(f"/run/systemd/sessions/{session}"),
        lambda: host.run("loginctl", "show-session", "--", session),
    )
    for look in looks:
        try:
            reading = look()
        except CannotAsk:
            continue
        told = dict(line.split("=", 1) for line in reading.lines() if "=" in line)
        return Login(
            told.get("USER") or told.get("Name", ""),
            told.get("TTY", ""),
            told.get("REMOTE_HOST") or told.get("RemoteHost", ""),
            told.get("SERVICE") or told.get("Service", ""),
            (reading.whole(),),
        )
    return Login()


def last_login(terminal: str, before: datetime, host: Host) -> Login:
    """Give the latest login on a terminal before a time, from wtmp(5)."""
    try:
        reading = host.run("last", "-F", "-i", "-w")
    except CannotAsk:
        return Login()
    return next(_logins(reading, terminal, before, host), Login())


def _logins(reading: Reading, terminal: str, before: datetime, host: Host) -> Iterator[Login]:
    zone = time_zone(host)
    for line in reading.lines():  # the newest is first
        found = _LAST.match(line)
        if found and found["terminal"] == terminal:
            since = datetime.strptime(found["since"], "%b %d %H:%M:%S %Y").replace(tzinfo=zone)
            if since <= before:
                remote = "" if found["remote"] in _NOWHERE else found["remote"]
                yield Login(found["user"], terminal, remote, "", (line.evidence,))
