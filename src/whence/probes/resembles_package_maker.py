"""Is who is at the other end the maker of a package that is installed here?"""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Organisation, Package, probe
from whence.model.maker_names import Maker
from whence.probes._makers_here import Made, resembling
from whence.probes._packages import is_there
from whence.probes._rpm import has_rpm_packages
from whence.world import Host

# One package a line; packages of others than the distribution often name their maker here alone.
DPKG = (
    "dpkg-query",
    "-W",
    "-f=${Package}\\t${Version}\\t${Maintainer}\\t${Homepage}\\t${Origin}\\n",
)
RPM = ("rpm", "-qa", "--qf", "%{NAME}\\t%{VERSION}\\t%{VENDOR}\\t%{URL}\\t%{PACKAGER}\\n")
DPKG_STATUS = "/var/lib/dpkg/status"
NOTHING = ("", "(none)")


@probe(answers="resembles-maker-of", near=3)
def resembles_package_maker(organisation: Organisation, host: Host) -> Iterator[Fact]:
    """Does this organisation resemble the maker of a package that is installed here?"""
    yield from resembling(organisation, _inventory(host))


def _inventory(host: Host) -> Iterator[Made]:
    for manager, command, is_here in (
        ("dpkg", DPKG, is_there(DPKG_STATUS, host)),
        ("rpm", RPM, has_rpm_packages(host)),
    ):
        if is_here:
            for line in host.run(*command).lines():
                name, version, *told = [*line.split("\t"), "", ""][:5]
                said = [text for text in told if text.strip() not in NOTHING]
                for text in said:  # a packager and a vendor are two makers
                    yield Package(manager, name, version), Maker(text, tuple(said)), line.evidence
