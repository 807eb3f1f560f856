"""The machine that is asked about: the one whence runs on, or another one by ssh."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from whence.inquiry.look import Sensor
from whence.model import Flow
from whence.model.neighbour_questions import NeighbourQuestion
from whence.world import (
    FileChanges,
    Host,
    Neighbours,
    Programs,
    Resolver,
    Search,
    ThisHost,
    Witness,
    utc_now,
)
from whence.world.changed_files import ThisMachinesFiles
from whence.world.names import ThisResolver
from whence.world.neighbours import ThisNeighbours
from whence.world.present import PresentWitness
from whence.world.processes import LiveProcesses
from whence.world.sensor_process import SensorProcess
from whence.world.ssh_shell import SshLogin
from whence.world.these_programs import Allowed, ThesePrograms
from whence.world.this_search import ThisSearch

Waits = Callable[[Sequence[Flow], str], AbstractContextManager[Sensor]]


@dataclass(frozen=True, slots=True)
class LookedAt:
    """Who looks at a machine, of what is there now."""

    host: Host
    processes: Callable[[], LiveProcesses]
    present: Callable[[], Witness]
    neighbours: Neighbours
    search: Callable[[Sequence[str]], Search]  # is given the names that an address is known by
    changed_files: FileChanges
    waits: Waits
    programs: Callable[[Allowed | None], Programs]
    resolver: Resolver | None  # None: names are not asked for there
    ahead: float = 0.0  # seconds that its clock is ahead of ours

    @property
    def is_here(self) -> bool:
        """Whether whence runs on it, so that what was recorded here is of it."""
        return isinstance(self.host, ThisHost)


def this_machine(link: str = "") -> LookedAt:
    """Give the machine whence runs on; of link-local addresses those of a link, if it is named."""
    host = ThisHost()
    return LookedAt(
        host,
        LiveProcesses.open,
        PresentWitness.open,
        ThisNeighbours(host.name, utc_now, together=[*NeighbourQuestion], link=link),
        lambda names: ThisSearch(known_as=names),
        ThisMachinesFiles(),
        SensorProcess,
        lambda allowed: ThesePrograms(host.name, utc_now, allowed),
        ThisResolver(host.name, utc_now),
    )


@contextmanager
def look_at(on: SshLogin | None = None) -> Iterator[LookedAt]:
    """Give a machine to look at; one that is logged in to is logged out of at the end.

    Raises
    ------
    CannotAsk, NotPermitted
        If nobody can log in to it.

    """
    if on is None:
        yield this_machine()
        return
    # Not before: few look at another machine.
    from whence.world.ssh_changed_files import SshChangedFiles
    from whence.world.ssh_host import SshHost
    from whence.world.ssh_neighbours import SshNeighbours
    from whence.world.ssh_proc import SshProc, ssh_processes
    from whence.world.ssh_programs import SshPrograms
    from whence.world.ssh_search import SshSearch
    from whence.world.ssh_shell import SshShell
    from whence.world.ssh_sockets import SshSensor, SshSockets

    shell = SshShell(on)
    opened: list[SshPrograms] = []

    def programs(allowed: Allowed | None) -> SshPrograms:
        opened.append(SshPrograms(shell, host, allowed))
        return opened[-1]

    try:
        host = SshHost(shell)
        files = SshProc(shell)
        processes = ssh_processes(shell, host, files)
        sockets = SshSockets(shell, processes, files)
        yield LookedAt(
            host,
            lambda: processes,
            lambda: PresentWitness(processes, sockets),
            SshNeighbours(host, utc_now),
            lambda names: SshSearch(shell, host, known_as=names),
            SshChangedFiles(shell, host),
            lambda flows, _level: SshSensor(shell, sockets, flows),
            programs,
            None,
            host.ahead,
        )
    finally:
        for one in opened:
            one.close()
        shell.close()
