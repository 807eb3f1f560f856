"""Is who is at the other end whom a service's unit names for its documentation?"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from whence.model import CannotAsk, Fact, Organisation, Service, probe
from whence.model.maker_names import Maker
from whence.probes._makers_here import Made, resembling
from whence.world import Host

FOLDERS = ("/etc/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system")


@probe(answers="resembles-maker-of", near=3)
def resembles_unit_documentation(organisation: Organisation, host: Host) -> Iterator[Fact]:
    """Does the documentation of a service here lie with this organisation?"""
    yield from resembling(organisation, _inventory(host))


def _inventory(host: Host) -> Iterator[Made]:
    for folder in FOLDERS:
        try:
            found = host.run("grep", "-rsH", "--include=*.service", "^Documentation=http", folder)
        except CannotAsk:  # no such folder, or no such line in it, grep(1)
            continue
        for line in found.lines():
            path, _, pages = line.partition(":Documentation=")
            for page in pages.split():
                if page.startswith(("http://", "https://")):
                    service = Service(host.name, "systemd", posixpath.basename(path))
                    yield service, Maker("", (page,)), line.evidence
