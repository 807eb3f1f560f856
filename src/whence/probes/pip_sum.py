"""From a program to whether it is the file that pip installed."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from whence.model import Fact, Program, probe
from whence.probes._sums import compared
from whence.probes.pip_package import recorded_line
from whence.world import Host, Programs


@probe(answers="agrees-with-package", near=2)
def pip_sum(program: Program, host: Host, programs: Programs) -> Iterator[Fact]:
    """Is this program as pip installed it, by its sum?"""
    recorded = recorded_line(program, host)
    if recorded is None:
        return
    kind, _, coded = recorded.line.rsplit(",", 2)[1].partition("=")  # PEP 376, PEP 427
    if kind != "sha256":
        return
    try:
        expected = base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).hex()
    except (binascii.Error, ValueError):
        return
    package = recorded.folder.rpartition("/")[2].removesuffix(".dist-info")
    yield compared(program, programs, "sha256", expected, recorded.line.evidence, package=package)
