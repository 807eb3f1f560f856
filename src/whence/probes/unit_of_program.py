"""From a program to the unit that starts it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.model import Fact, Program, Service, probe
from whence.probes._dpkg import LISTS, owners_of
from whence.probes._files import names_in, read_if_there
from whence.probes._units import SYSTEM, units_of
from whence.world import Host

OWN = "/etc/systemd/system"
_UNIT = re.compile(r"(?:/usr)?/lib/systemd/system/(?P<name>[^/]+\.service)")


@probe(answers="started-as", near=0)
def unit_of_program(program: Program, host: Host) -> Iterator[Fact]:
    """Which unit of its package, or of the administrator, starts this program?"""
    units = units_of(SYSTEM, host)
    if program.host != host.name or units is None:
        return
    for name in dict.fromkeys(_named(program, host)):
        unit = units.unit(name)
        for setting in unit.all("ExecStart") if unit else ():
            command = setting.value.lstrip("-@:+!").split()
            if program.path in command:
                service = Service(host.name, SYSTEM, name)
                yield program.fact("started-as", service, setting.evidence)
                break


def _named(program: Program, host: Host) -> Iterator[str]:
    for owner in owners_of(program.path, host):
        reading = read_if_there(host, f"{LISTS}/{owner}.list")
        for line in reading.lines() if reading else ():
            if found := _UNIT.fullmatch(line):
                yield found["name"]
    yield from (name for name in names_in(host, OWN) if name.endswith(".service"))
