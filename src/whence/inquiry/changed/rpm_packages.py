"""The package database of Fedora, Red Hat and SUSE: when each package was put in, rpm(8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from whence.inquiry.changed._declare import Past, change_source
from whence.model.changed import Change
from whence.probes._rpm import has_rpm_packages

FORMAT = "--queryformat=%{INSTALLTIME} %{NAME} %{VERSION}-%{RELEASE}\\n"


@change_source
def rpm_packages(past: Past) -> Iterator[Change]:
    """RPM packages that were installed or upgraded; of removed ones nothing is left."""
    if not has_rpm_packages(past.host):
        return
    for line in past.host.run("rpm", "-qa", FORMAT).lines():
        seconds, _, rest = line.partition(" ")
        name, _, version = rest.partition(" ")
        if not seconds.isdecimal():
            continue
        at = datetime.fromtimestamp(int(seconds), UTC)
        if past.holds(at):
            yield Change(
                at, "package", f"{name} was put in: {version}", (name,), line.evidence,
                "put in",
            )  # fmt: skip
