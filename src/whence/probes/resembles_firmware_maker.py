"""Is who is at the other end the maker of this machine?"""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import CannotAsk, Fact, Organisation, probe
from whence.model.maker_names import Maker
from whence.probes._makers_here import Made, resembling
from whence.world import Host

FOLDER = "/sys/class/dmi/id"  # drivers/firmware/dmi-id.c
VENDORS = {
    "sys_vendor": "this machine",
    "board_vendor": "this machine's board",
    "bios_vendor": "this machine's firmware",
    "chassis_vendor": "this machine's case",
}


@probe(answers="resembles-maker-of", near=3)
def resembles_firmware_maker(organisation: Organisation, host: Host) -> Iterator[Fact]:
    """Does this organisation resemble the maker of this machine, its board or firmware?"""
    yield from resembling(organisation, _inventory(host))


def _inventory(host: Host) -> Iterator[Made]:
    for name, made in VENDORS.items():
        try:
            reading = host.read(f"{FOLDER}/{name}")
        except CannotAsk:  # a virtual machine or a small board has not all of them
            continue
        for line in reading.lines():
            if line.strip():
                yield f"{made} ({line.strip()[:100]})", Maker(line.strip()), line.evidence
