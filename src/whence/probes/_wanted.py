"""What has a unit started: the [Install] section of its file, systemd.unit(5)."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Observable
from whence.probes._units import units_of
from whence.world import Host

KEYS = ("WantedBy", "RequiredBy", "UpheldBy", "Also", "Alias")
STATIC = "nothing: it is static"  # as systemctl(1) is-enabled calls it


def wanted(thing: Observable, manager: str, name: str, host: Host) -> Iterator[Fact]:
    """State what the file of a unit says of who wants it."""
    units = units_of(manager, host)
    unit = units and units.unit(name)
    if not unit:
        return
    said = [setting for setting in unit.all(*KEYS) if setting.section == "Install"]
    for setting in said:
        text = f"{setting.value} ({setting.key})"
        yield thing.fact("wanted-by", text, setting.evidence)
    if not said:
        yield thing.fact("wanted-by", STATIC, unit.whole)
