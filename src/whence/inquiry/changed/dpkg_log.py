"""dpkg.log: what was put in and taken out, to the second, dpkg(1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.changed._declare import Past, change_source
from whence.inquiry.changed._texts import moment, rotated
from whence.model.changed import Change

LOG = "/var/log/dpkg.log"
_LINE = re.compile(
    r"(?P<at>\S+ \S+) (?P<how>install|upgrade|remove|purge) "
    r"(?P<package>\S+) (?P<old>\S+) (?P<new>\S+)"
)
WORDS = {"install": "installed", "upgrade": "upgraded", "remove": "removed", "purge": "purged"}


@change_source
def dpkg_log(past: Past) -> Iterator[Change]:
    """Packages of Debian that were installed, upgraded or removed."""
    for line in rotated(LOG, past):
        found = _LINE.match(line)
        if not found or not (at := moment(found["at"], past)) or not past.holds(at):
            continue
        name, how = found["package"], WORDS[found["how"]]
        versions = {
            "install": found["new"],
            "upgrade": f"{found['old']} → {found['new']}",
        }.get(found["how"], found["old"])
        yield Change(
            at, "package", f"{name} was {how}: {versions}", (name.partition(":")[0], name),
            line.evidence, f"{how} {at:%Y-%m-%dT%H}",
        )  # fmt: skip
