"""The programs that supervisord is configured to run: http://supervisord.org/configuration.html."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from whence.model import Evidence, Reading
from whence.probes._files import names_in, read_if_there
from whence.world import Host

_CONFIGS = (  # where supervisord looks when it is not told
    "/etc/supervisor/supervisord.conf",
    "/etc/supervisord.conf",
    "/etc/supervisord/supervisord.conf",
)
_SECTION = re.compile(r"\s*\[(?P<section>[^\]]+)\]")
_COMMENT = re.compile(r"\s;")
_SETTING = re.compile(r"(?P<key>[a-z_]+)\s*[=:]\s*(?P<value>.*)")


@dataclass(frozen=True, slots=True)
class SupervisedProgram:
    """A ``[program:x]`` section."""

    name: str
    command: str
    evidence: Evidence


def supervisord_programs(host: Host, config: str | None) -> Iterator[SupervisedProgram]:
    """Give each configured program; none where no configuration can be read."""
    for path in (config,) if config else _CONFIGS:
        if reading := read_if_there(host, path):
            yield from _programs(reading)
            for name in _included(reading, host):
                if part := read_if_there(host, name):
                    yield from _programs(part)
            return


def _programs(reading: Reading) -> Iterator[SupervisedProgram]:
    for section, key, value, evidence in _settings(reading):
        if section.startswith("program:") and key == "command":
            name = section.removeprefix("program:")
            yield SupervisedProgram(name, value.replace("%(program_name)s", name), evidence)


def _included(reading: Reading, host: Host) -> Iterator[str]:
    here = posixpath.dirname(reading.source)
    for section, key, value, _ in _settings(reading):
        if (section, key) == ("include", "files"):
            for pattern in value.replace("%(here)s", here).split():
                folder, wanted = posixpath.split(posixpath.join(here, pattern))
                names = [name for name in names_in(host, folder) if fnmatchcase(name, wanted)]
                yield from (f"{folder}/{name}" for name in names)


def _settings(reading: Reading) -> Iterator[tuple[str, str, str, Evidence]]:
    section = ""
    for line in reading.lines():
        if begun := _SECTION.match(line):
            section = begun["section"]
        elif found := _SETTING.match(line):
            yield section, found["key"], _COMMENT.split(found["value"])[0].strip(), line.evidence
