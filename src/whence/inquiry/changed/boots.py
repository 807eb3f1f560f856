"""wtmp(5): when the machine was started, and with which kernel."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from whence.inquiry.changed._declare import Past, change_source
from whence.model.changed import Change

_BOOT = re.compile(
    r"reboot\s+system boot\s+(?P<kernel>\S+)\s+\w{3} (?P<at>\w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})"
)


@change_source
def boots(past: Past) -> Iterator[Change]:
    """When the machine was started, and whether with another kernel than before."""
    older = None
    for line in reversed([*past.host.run("last", "-x", "-F", "-w", "reboot").lines()]):
        if not (found := _BOOT.match(line)):
            continue
        kernel = found["kernel"]
        at = datetime.strptime(found["at"], "%b %d %H:%M:%S %Y").replace(tzinfo=past.zone)
        if past.holds(at.astimezone(UTC)):
            other = (
                f", with another kernel than before ({older})"
                if older not in (None, kernel)
                else ""
            )
            words = f"the machine was started, with Linux {kernel}{other}"
            things = ("boot", f"linux-image-{kernel}")
            yield Change(at.astimezone(UTC), "boot", words, things, line.evidence)
        older = kernel
