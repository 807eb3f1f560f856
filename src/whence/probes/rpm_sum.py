"""From a program to whether it is the file that its RPM package brought."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import CannotAsk, Fact, Program, probe
from whence.probes._packages import resolved
from whence.probes._rpm import has_rpm_packages
from whence.probes._sums import compared
from whence.world import Host, Programs

KINDS = {"8": "sha256", "": "md5", "1": "md5"}  # numbers of OpenPGP, RFC 9580 section 9.5
CONFIG = 1  # RPMFILE_CONFIG
FORMAT = (
    "--queryformat=[%{=NAME}\\t%{=FILEDIGESTALGO}\\t"
    "%{FILEDIGESTS}\\t%{FILEFLAGS}\\t%{FILENAMES}\\n]"
)


@probe(answers="agrees-with-package", near=2)
def rpm_sum(program: Program, host: Host, programs: Programs) -> Iterator[Fact]:
    """Is this program as its RPM package brought it, by its sum?"""
    path = program.path
    if program.host != host.name or not has_rpm_packages(host):
        return
    places = {path, resolved(path, host)}
    try:
        found = host.run("rpm", "-qf", FORMAT, path)
    except CannotAsk as refusal:
        if refusal.because.startswith("exit status"):  # nobody owns it
            return
        raise
    for line in found.lines():
        fields = line.split("\t")
        if len(fields) == 5 and fields[4] in places and fields[2]:
            package, number, expected, flags, _ = fields
            kind = KINDS.get(number.removeprefix("(none)"))
            if kind is None:
                raise CannotAsk(f"{path} was not compared", because=f"sums of kind {number}")
            is_setting = bool(int(flags or 0) & CONFIG)
            yield compared(program, programs, kind, expected, line.evidence,
                           package=package, is_setting=is_setting)  # fmt: skip
            return
