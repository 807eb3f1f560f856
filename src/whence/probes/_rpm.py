"""Whose file it is, by the package database of Fedora, Red Hat, SUSE and their kin."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import CannotAsk, Fact, Observable, Reading
from whence.probes._files import names_in
from whence.probes._packages import each_labelled, package_facts, resolved
from whence.world import Host

_FOLDERS = ("/usr/lib/sysimage/rpm", "/var/lib/rpm", "/root/.rpmdb")  # the last is Debian's
_FILES = {"rpmdb.sqlite", "Packages.db", "Packages"}
FORMAT = (
    "--queryformat=Name: %{NAME}\\nVersion: %{VERSION}-%{RELEASE}\\nVendor: %{VENDOR}\\n"
    "Homepage: %{URL}\\nSummary: %{SUMMARY}\\n"
)


def has_rpm_packages(host: Host) -> bool:
    """Say whether rpm keeps packages here. Asked without a database, it would make one."""
    return any(not _FILES.isdisjoint(names_in(host, folder)) for folder in _FOLDERS)


def rpm_facts(thing: Observable, path: str, host: Host) -> Iterator[Fact]:
    """State which packages the file at ``path`` came with, for ``thing``, which it defines."""
    if not path.startswith("/") or not has_rpm_packages(host):
        return
    found = _search(path, host)
    if found is None and (target := resolved(path, host)) != path:
        found = _search(target, host)
    for described in each_labelled(found) if found else ():
        yield from package_facts(thing, "rpm", described)


def _search(path: str, host: Host) -> Reading | None:
    """Ask ``rpm -qf``, which says on standard output that nobody owns a file, and fails."""
    try:
        return host.run("rpm", "-qf", FORMAT, path)
    except CannotAsk as refusal:
        if refusal.because.startswith("exit status") or "No such file" in refusal.because:
            return None
        raise
