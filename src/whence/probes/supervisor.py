"""Service managers other than systemd, each known by its own process above the service."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from whence.model import Confidence, Execution, Fact, Process, ProcessRecord, Service, probe
from whence.model.secrets import redact
from whence.probes._launches import split
from whence.probes._lineage import is_called, option, script_names, title
from whence.probes._records import Told, lineage
from whence.probes._supervisord import supervisord_programs
from whence.world import Host, Witness

ONE_EACH = {  # each of these supervises the service that its last argument names
    "runsv": "runit",
    "s6-supervise": "s6",
    "supervise": "daemontools",
}
INETDS = frozenset({"inetd", "xinetd"})
PM2 = re.compile(r"PM2\b.*God Daemon")


@probe(answers="started-by")
def supervisor(process: Process, host: Host, witness: Witness) -> Iterator[Fact]:
    """Which service of supervisord, runit, s6, OpenRC, pm2 or inetd is this process?

    Each of them starts the service itself, so that the parent tells the manager. runit and its
    kin name the service in their own arguments; supervisord's configuration holds its command.
    """
    match lineage(process, witness):
        case [child, parent, *_]:
            for service, how_sure in _services(child.record, parent.record):
                cited = (child.evidence, parent.evidence)
                yield process.fact("started-by", service, *cited, confidence=how_sure)
            if "supervisord" in script_names(parent.record):
                yield from _supervisord(process, child, parent, host)


def _services(child: ProcessRecord, parent: ProcessRecord) -> Iterator[tuple[Service, Confidence]]:
    args = parent.execution.args if parent.execution else ()
    host = parent.process.host
    for name in ONE_EACH.keys() & script_names(parent):
        service = posixpath.basename(args[-1]) if len(args) > 1 else name
        yield Service(host, ONE_EACH[name], service), Confidence.CERTAIN
    if is_called(parent, {"supervise-daemon"}) and len(args) > 1:
        yield Service(host, "OpenRC", args[1]), Confidence.CERTAIN
    if is_called(parent, INETDS):
        yield Service(host, "inetd", "inetd"), Confidence.LIKELY
    if PM2.match(title(parent)):  # nothing but a title, which any process may give itself
        yield Service(host, "pm2", title(child)), Confidence.POSSIBLE


def _supervisord(process: Process, child: Told, parent: Told, host: Host) -> Iterator[Fact]:
    cited = (child.evidence, parent.evidence)
    programs = supervisord_programs(host, option(parent.record, "c"))
    found = [program for program in programs if _runs(child.record, program.command)]
    for program in found:
        service = Service(process.host, "supervisord", program.name)
        how_sure = Confidence.CERTAIN if len(found) == 1 else Confidence.POSSIBLE
        yield process.fact("started-by", service, *cited, program.evidence, confidence=how_sure)
    if not found:
        service = Service(process.host, "supervisord", "supervisord")
        yield process.fact("started-by", service, *cited, confidence=Confidence.LIKELY)


def _runs(record: ProcessRecord, command: str) -> bool:
    """Say whether it was given these words; before a script's stands that of its interpreter."""
    match split(redact(command)):
        case [program, *words]:
            return any(_ran(run, posixpath.basename(program), words) for run in record.executions)
        case _:
            return False


def _ran(run: Execution, program: str, words: list[str]) -> bool:
    before, given = run.args[: -len(words) or None], run.args[len(run.args) - len(words) :]
    named = (run.file, *before[-1:])
    return [*map(redact, given)] == words and program in map(posixpath.basename, named)
