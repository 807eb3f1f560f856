"""From a program to whether it is the file that its Debian package brought."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import CannotAsk, Confidence, Fact, Line, Program, probe
from whence.probes._dpkg import LISTS, Owner, owners_of_file, spellings
from whence.probes._packages import resolved
from whence.probes._sums import compared
from whence.world import Host, Programs

SETTINGS = "-f=${Conffiles}\\n"


@probe(answers="agrees-with-package", near=2)
def dpkg_sum(program: Program, host: Host, programs: Programs) -> Iterator[Fact]:
    """Is this program as its Debian package brought it, by its sum?"""
    if program.host != host.name:
        return
    for owner in owners_of_file(program.path, host):
        if owner.confidence is not Confidence.CERTAIN:
            continue  # made when it was installed, and of that no sum was kept
        if brought := _brought(owner, program.path, host):
            yield compared(program, programs, "md5", brought[:32], brought.evidence,
                           owner.evidence, package=owner.package)  # fmt: skip
            return
        if setting := _setting(owner, host):
            yield compared(program, programs, "md5", setting.split()[1], setting.evidence,
                           owner.evidence, package=owner.package, is_setting=True)  # fmt: skip
            return
        raise CannotAsk(
            f"{program.path} was not compared",
            because=f"the package {owner.package} keeps no sum of it",
        )


def _brought(owner: Owner, path: str, host: Host) -> Line | None:
    """Find the line of a file in the sums that its package came with, deb-md5sums(5).

    Of a link, what it points to has a sum; the link itself has none.
    """
    try:
        reading = host.read(f"{LISTS}/{owner.package}.md5sums")
    except CannotAsk:  # a package may have none
        return None
    sums = {line[34:]: line for line in reading.lines() if line[32:34] == "  "}
    if found := sums.get(owner.path[1:]):
        return found
    target = resolved(path, host)
    names = spellings(target) if target != path else ()
    return next((sums[name[1:]] for name in names if name[1:] in sums), None)


def _setting(owner: Owner, host: Host) -> Line | None:
    """Find the sum of a setting, which stands in the database: dpkg-query(1), Conffiles."""
    if not owner.path.startswith("/etc/"):
        return None
    for line in host.run("dpkg-query", "-W", SETTINGS, owner.package).lines():
        if line.split()[:1] == [owner.path] and len(line.split()) > 1:
            return line
    return None
