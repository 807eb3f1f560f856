"""Event logs of Windows as XML: Sysmon, updates, services, installed programs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC
from xml.etree import ElementTree as ET

from whence.inquiry.imports import _changing_commands, _sysmon_changes
from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._ends import address, number, whole
from whence.inquiry.imports._look_times import log_time
from whence.inquiry.imports._windows_paths import paths_in
from whence.model.reported import Altered, Lookup, Row, Started, Traffic

Fields = Mapping[str, str]
SYSMON = ("Microsoft-Windows-Sysmon", "Linux-Sysmon")
_EVENT = re.compile(r"<Event[\s>]")
_DIGITS = re.compile(r"\.(\d{6})\d+")
MOST_PROCESSES = 200_000  # that are remembered by their GUID, so that connections have parents


def _looks_like(head: Head) -> float:
    return 0.98 if _EVENT.search(head.text) and "<System>" in head.text.replace(" ", "") else 0.0


@kind(_looks_like, longest=1 << 20)
def windows_events(lines: Lines, given: Given) -> Iterator[Row]:
    """Event logs of Windows, as XML, or EVTX with the extra `evtx`.

    Sysmon 1 (processes), 3 (connections), 22 (names asked for), and its changes: 6 (drivers), 11
    (files) and 12 to 14 (registry) where they start something by themselves, 16 (what it records),
    19 to 21 (WMI), and 1 of schtasks, sc, msiexec, net and reg where they change something. System
    19, 20, 43, 44 (updates), 7036, 7040, 7045 (services); Application MsiInstaller 1033, 1034,
    11707, 11724 (programs). Other events are counted and left out. By saving the log as XML or
    EVTX, by `wevtutil qe LOG /f:xml > file`, or by ToXml() of what Get-WinEvent gives.
    """
    reader = _Events()
    for line, text in lines:
        start = _EVENT.search(text)
        if not start:
            stripped = text.strip()
            if stripped.startswith("<") or not stripped:
                lines.part(1 if stripped else 0)
            else:
                lines.strange(line, text)
            continue
        system, data = _read(text[start.start() :])
        row = reader.row(line, system, data) if system else None
        if row:
            yield row
            # A process that was started to change something is a change as well.
            if isinstance(row, Started) and (change := _changing_commands.told(row)):
                lines.several(2)
                yield change
        elif system and (reason := reader.passed_over(system)):
            lines.leave_out(reason)
        else:
            lines.strange(line, text)


def _read(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """Take an event apart. It begins at its own tag: no document type can define entities in it."""
    end = text.rfind("</Event>")
    try:
        event = ET.fromstring(text[: end + 8] if end > 0 else text)
    except (ET.ParseError, ValueError, RecursionError):
        return {}, {}
    system: dict[str, str] = {}
    data: dict[str, str] = {}
    unnamed = 0
    for part in event:
        tag = _name(part.tag)
        if tag == "System":
            for one in part:
                name = _name(one.tag)
                system[name] = (one.text or "").strip()
                system |= {f"{name}.{key}": value for key, value in one.attrib.items()}
        elif tag in ("EventData", "UserData"):
            for one in part.iter():
                if one is part:
                    continue
                key = one.get("Name") or (_name(one.tag) if _name(one.tag) != "Data" else "")
                if not key:
                    unnamed += 1
                    key = f"param{unnamed}"
                data.setdefault(key, (one.text or "").strip())
    return system, data


def _name(tag: str) -> str:
    return tag.rpartition("}")[2]


class _Events:
    """Remembers the processes that Sysmon told of, for those that name them."""

    def __init__(self) -> None:
        self._started: dict[str, Started] = {}

    def row(self, line: int, system: Fields, data: Fields) -> Row | None:
        at = _moment(system.get("TimeCreated.SystemTime", ""))
        identity = _identity(system)
        host = system.get("Computer", "")
        if at is None:
            return None
        if system.get("Provider.Name") in SYSMON:
            utc = data.get("UtcTime", "").replace(" ", "T")
            at = log_time(utc, UTC) if utc else at
            if at is None:
                return None
            if identity == 1:
                return self._start(line, at, host, data)
            if identity == 3:
                return self._connection(line, at, host, data)
            if identity == 22:
                return self._lookup(line, at, host, data)
            who = self._who(system, data)
            return _sysmon_changes.told(line, at, host, identity or 0, data, who)
        return _altered(line, at, host, system, data, identity)

    def passed_over(self, system: Fields) -> str:
        """Say why an event is no row, where it is a whole event that is not taken."""
        identity, provider = _identity(system), system.get("Provider.Name", "")
        if identity is None or _moment(system.get("TimeCreated.SystemTime", "")) is None:
            return ""
        if provider in SYSMON and identity in (1, 3, 22):
            return ""
        return f"events {identity} of {provider[:60] or 'somebody unnamed'}"

    def _start(self, line: int, at: int, host: str, data: Fields) -> Started | None:
        pid = whole(data.get("ProcessId", "")[:10])
        guid = data.get("ProcessGuid", "")
        if not pid or not data.get("Image"):
            return None
        started = Started(
            line, at, host, pid, data["Image"], data.get("CommandLine", ""),
            data.get("CurrentDirectory", ""), data.get("User", ""), guid, at,
            self._parent(line, at, host, data),
        )  # fmt: skip
        self._remember(guid, started)
        return started

    def _parent(self, line: int, at: int, host: str, data: Fields) -> Started | None:
        guid, pid = data.get("ParentProcessGuid", ""), whole(data.get("ParentProcessId", "")[:10])
        if guid in self._started:
            return self._started[guid]
        if not pid or data.get("ParentImage", "-") in ("-", ""):
            return None
        return Started(
            line, at, host, pid, data["ParentImage"], data.get("ParentCommandLine", ""),
            user=data.get("ParentUser", ""), guid=guid, only_met=True,
        )  # fmt: skip

    def _met(self, line: int, at: int, host: str, data: Fields) -> Started | None:
        """Give the process that an event names, with all that was told of it before."""
        guid, pid = data.get("ProcessGuid", ""), whole(data.get("ProcessId", "")[:10])
        if guid and guid in self._started:
            return self._started[guid]
        if not pid:
            return None
        met = Started(
            line, at, host, pid, data.get("Image", ""), user=data.get("User", ""), guid=guid,
            only_met=True,
        )  # fmt: skip
        self._remember(guid, met)
        return met

    def _who(self, system: Fields, data: Fields) -> str:
        """Give the user; old Sysmon names none, but the process was told of when it began."""
        maker = self._started.get(data.get("ProcessGuid", ""))
        user = data.get("User", "").strip()
        if user in ("", "-") and maker:
            user = maker.user
        return user if user not in ("", "-") else system.get("Security.UserID", "")

    def _remember(self, guid: str, started: Started) -> None:
        if guid and len(self._started) < MOST_PROCESSES:
            self._started[guid] = started

    def _connection(self, line: int, at: int, host: str, data: Fields) -> Traffic | None:
        """Sysmon's source is the end that called: Initiated says whether that was this host."""
        source, destination = (
            address(data.get(name, "")) for name in ("SourceIp", "DestinationIp")
        )
        if source is None or destination is None:
            return None
        name = data.get("DestinationHostname", "")
        return Traffic(
            line, at, at, data.get("Protocol", "").lower() or "tcp",
            source, number(data.get("SourcePort")),
            destination, number(data.get("DestinationPort")),
            host=host, name="" if name == "-" else name,
            incoming=data.get("Initiated", "true").lower() == "false",
            process=self._met(line, at, host, data),
        )  # fmt: skip

    def _lookup(self, line: int, at: int, host: str, data: Fields) -> Lookup | None:
        name = data.get("QueryName", "")
        if not name:
            return None
        told = re.split(r"[;\s]+", data.get("QueryResults", ""))
        answers = tuple(dict.fromkeys(ip for one in told if (ip := address(one))))
        process = self._met(line, at, host, data)
        return Lookup(line, at, name, answers[:100], host, process=process)


def _identity(system: Fields) -> int | None:
    text = system.get("EventID", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _moment(text: str) -> int | None:
    """Windows writes seven to nine digits of a second."""
    return log_time(_DIGITS.sub(r".\1", text), UTC) if text else None


def _altered(
    line: int, at: int, host: str, system: Fields, data: Fields, identity: int | None
) -> Altered | None:
    provider = system.get("Provider.Name", "")
    first, second, third = (data.get(f"param{n}", "") for n in (1, 2, 3))
    who = system.get("Security.UserID", "")
    if provider == "Microsoft-Windows-WindowsUpdateClient":
        title = data.get("updateTitle", "")
        happened = {19: "was installed", 20: "could not be installed", 43: "began to be installed",
                    44: "began to be downloaded"}.get(identity or 0)  # fmt: skip
        if not happened:
            return None
        what = f"the update {title or '(without a title)'} {happened}"
        return Altered(line, at, host, "package", what, (title,) if title else (), who)
    if provider == "Service Control Manager":
        return _service(line, at, host, data, identity, (first, second, third), who)
    if provider == "MsiInstaller":
        happened = {1033: "was installed", 11707: "was installed", 1034: "was removed",
                    11724: "was removed"}.get(identity or 0)  # fmt: skip
        name = re.split(r" -- |: ", first.removeprefix("Product: "))[0]
        if not happened or not name:
            return None
        version = f" {second}" if identity in (1033, 1034) and second else ""
        what = f"the program {name}{version} {happened}"
        return Altered(line, at, host, "package", what, (name,), who)
    return None


def _service(
    line: int, at: int, host: str, data: Fields, identity: int | None,
    given: tuple[str, str, str], who: str,
) -> Altered | None:  # fmt: skip
    first, second, third = given
    if identity == 7045:
        name, image = data.get("ServiceName", ""), data.get("ImagePath", "")
        what = f"the service {name} was installed: {image}"
        things = tuple(dict.fromkeys((name, image, *paths_in(image))))
        return Altered(line, at, host, "unit", what, things, who) if name else None
    if identity == 7040:
        what = f"the start of the service {first} was changed from {second} to {third}"
        return Altered(line, at, host, "unit", what, (first,), who) if first else None
    if identity == 7036:
        what = f"the service {first} went to the state {second}"
        return Altered(line, at, host, "unit", what, (first,), who) if first else None
    return None
