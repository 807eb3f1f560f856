"""From what the user typed to what can be asked about: names resolved, pids made processes."""

from __future__ import annotations

from whence.model import CannotAsk, Flow, Hostname, Observable, Process, ecs
from whence.model.targets import is_name
from whence.world import Host
from whence.world.names import resolve
from whence.world.processes import LiveProcesses


def subject_of(
    given: Observable, host: Host, processes: LiveProcesses, *, online: bool
) -> Observable:
    """Complete a target.

    Raises
    ------
    CannotAsk
        If a name cannot be resolved here (and the network may not be asked), or there is no
        such process.

    """
    if isinstance(given, Hostname):
        return Flow(_address(given.name, host, online))
    if isinstance(given, Flow) and is_name(given):
        address = _address(given.destination or "", host, online)
        return Flow(address, given.destination_port)
    if isinstance(given, Process) and not given.started:
        return _process(given, processes)
    return given


def _process(given: Process, processes: LiveProcesses) -> Process:
    try:
        return processes.record(given.pid).process
    except CannotAsk as reason:
        raise CannotAsk(
            f"there is no process {given.pid}",
            because=reason.because or str(reason),
            try_="whence ADDRESS:PORT, which also looks back at what has ended",
        ) from reason


def _address(name: str, host: Host, online: bool) -> str:
    for line in host.read("/etc/hosts").lines():
        address, *names = line.partition("#")[0].split() or [""]
        if name in (known.lower() for known in names):
            return ecs.canonical_address(address)
    if not online:
        raise CannotAsk(
            f"the address of {name} is not known here",
            because="it is not in /etc/hosts, and asking a DNS server would tell others about it",
            try_=f"give the address, or allow it: whence {name} --online",
        )
    return ecs.canonical_address(resolve(name))
