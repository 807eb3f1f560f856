"""Unit files of a systemd, also of one that does not run: systemd.unit(5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from whence.model import Evidence, Reading
from whence.model.crontab import joined
from whence.probes._accounts import home
from whence.probes._files import names_in, read_if_there
from whence.world import Host

SYSTEM = "systemd"
_USER = "systemd --user of uid "
_SYSTEM_FOLDERS = (  # the first that has a file of this name wins
    "/etc/systemd/system.control",
    "/run/systemd/system.control",
    "/run/systemd/transient",
    "/run/systemd/generator.early",
    "/etc/systemd/system",
    "/run/systemd/system",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
    "/run/systemd/generator.late",
)
_USER_FOLDERS = (
    "{home}/.config/systemd/user",
    "/etc/systemd/user",
    "/run/user/{uid}/systemd/transient",
    "/run/user/{uid}/systemd/user",
    "/run/systemd/user",
    "/run/user/{uid}/systemd/generator",
    "{home}/.local/share/systemd/user",
    "/usr/local/share/systemd/user",
    "/usr/share/systemd/user",
    "/usr/local/lib/systemd/user",
    "/usr/lib/systemd/user",
)
_SECTION = re.compile(r"\s*\[(?P<section>[^\]]+)\]\s*$")
_SETTING = re.compile(r"\s*(?P<key>[A-Za-z][\w-]*)\s*=\s*(?P<value>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Setting:
    """One ``Key=Value`` of a unit, and where it stands."""

    section: str
    key: str
    value: str
    path: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class UnitFile:
    """What the file of a unit and its drop-ins say, together."""

    name: str
    path: str
    whole: Evidence
    settings: tuple[Setting, ...]

    @property
    def stem(self) -> str:
        """The name without its type."""
        return self.name.rpartition(".")[0]

    def all(self, *keys: str) -> list[Setting]:
        """Give each of these settings; an empty one takes back what stood before it."""
        kept: list[Setting] = []
        for setting in self.settings:
            if setting.key in keys and not setting.value:
                kept = [other for other in kept if other.key != setting.key]
            elif setting.key in keys:
                kept.append(setting)
        return kept

    def last(self, key: str) -> str:
        """Give the last of these settings with its specifiers resolved, or nothing."""
        settings = self.all(key)
        return self.resolved(settings[-1].value) if settings else ""

    def resolved(self, value: str) -> str:
        """Put in what the specifiers for the unit's own name stand for."""
        prefix, _, instance = self.stem.partition("@")
        meant = {"i": instance, "I": instance, "p": prefix, "P": prefix}
        meant |= {"n": self.name, "N": self.stem, "%": "%"}
        return re.sub(r"%([a-zA-Z%])", lambda found: meant.get(found[1], found[0]), value)


@dataclass(frozen=True, slots=True)
class Units:
    """The unit files of one service manager, in the order in which it looks for them."""

    host: Host
    folders: tuple[str, ...]
    arguments: tuple[str, ...] = ()  # what systemctl needs to reach the manager
    _listed: dict[str, list[str]] = field(default_factory=dict)

    def named(self, *types: str) -> Iterator[UnitFile]:
        """Give each unit of these types that has a file and is no template."""
        found = {name for folder in self.folders for name in self._names(folder)}
        for name in sorted(name for name in found if name.endswith(types)):
            if "@." not in name and (unit := self.unit(name)):
                yield unit

    def unit(self, name: str) -> UnitFile | None:
        """Read a unit's file, or that of its template, and its drop-ins."""
        template = re.sub(r"@.*(?=\.)", "@", name)
        files = [*dict.fromkeys((name, template))]
        for path in (path for file in files for path in self._places(file)):
            if reading := read_if_there(self.host, path):
                parts = (reading, *self._drop_ins(files))
                settings = tuple(setting for part in parts for setting in _settings(part))
                return UnitFile(name, reading.source, reading.whole(), settings)
        return None

    def _drop_ins(self, files: list[str]) -> Iterator[Reading]:
        found: dict[str, str] = {}
        for folder in (path for file in files for path in self._places(f"{file}.d")):
            for part in self._names(folder):
                if part.endswith(".conf"):
                    found.setdefault(part, f"{folder}/{part}")
        for _, path in sorted(found.items()):
            if reading := read_if_there(self.host, path):
                yield reading

    def _places(self, name: str) -> Iterator[str]:
        return (f"{folder}/{name}" for folder in self.folders if name in self._names(folder))

    def _names(self, folder: str) -> list[str]:
        if folder not in self._listed:
            self._listed[folder] = names_in(self.host, folder)
        return self._listed[folder]


def manager_name(uid: int | None) -> str:
    """Name the system's own service manager, or that of a user."""
    return SYSTEM if uid is None else f"{_USER}{uid}"


def user_of(manager: str) -> int | None:
    """Give the uid of the user whose own service manager this is; None for any other."""
    uid = manager.removeprefix(_USER)
    return int(uid) if uid != manager and uid.isdecimal() else None


def units_of(manager: str, host: Host) -> Units | None:
    """Give the units of a manager of this host; None where it is no systemd of its own."""
    if manager == SYSTEM:
        return Units(host, _SYSTEM_FOLDERS)
    if (uid := user_of(manager)) is None:
        return None
    whose = {"uid": uid, "home": home(host, uid) or f"/home/{uid}"}
    folders = tuple(folder.format_map(whose) for folder in _USER_FOLDERS)
    return Units(host, folders, ("--user", f"--machine={uid}@.host"))


def _settings(reading: Reading) -> Iterator[Setting]:
    section = ""
    for line in joined(line for line in reading.lines() if line.lstrip()[:1] not in ("#", ";")):
        if begun := _SECTION.match(line):
            section = begun["section"]
        elif found := _SETTING.match(line):
            yield Setting(
                section, found["key"], found["value"].rstrip(), reading.source, line.evidence
            )
