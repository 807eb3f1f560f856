"""From what the user typed to what can be asked about: names resolved, pids made processes."""

from __future__ import annotations

import json

from whence.model import BadInput, CannotAsk, Flow, Hostname, Mac, Observable, Process, ecs
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
        If a name cannot be resolved here (and the network may not be asked), no neighbour has
        the MAC address, or there is no such process.
    BadInput
        If a MAC address stands for several IP addresses.

    """
    if isinstance(given, Mac):
        return Flow(_neighbour(given, host))
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


def _neighbour(mac: Mac, host: Host) -> str:
    """Find the IP address that a neighbour with this MAC address answers for."""
    neighbours = json.loads(host.run("ip", "-json", "neigh").text or "[]")
    found = [str(one["dst"]) for one in neighbours if one.get("lladdr") == mac.address]
    addresses = [address for address in found if ":" not in address] or found
    if not addresses:
        raise CannotAsk(
            f"no neighbour of this machine is known to have {mac}",
            because="its neighbour table holds those that it spoke with lately, on its own links",
            try_=f"whence station {mac}, or ask about its IP address",
        )
    if len(addresses) > 1:
        raise BadInput(
            f"{mac} answers for {len(addresses)} addresses",
            because=", ".join(addresses[:10]),
            try_=f"ask about one of them, or: whence station {mac}",
        )
    return ecs.canonical_address(addresses[0])


def _address(name: str, host: Host, online: bool) -> str:
    for line in host.read("/etc/hosts").lines():
        address, *names = line.partition("#")[0].split() or [""]
        if name in (known.lower() for known in names):
            return ecs.canonical_address(address)
    if not online:
        raise CannotAsk(
            f"the address of {name} is not known here",
            because="it is not in /etc/hosts, and asking a DNS server would tell others about it",
            try_="give the address, or allow it with --online",
        )
    return ecs.canonical_address(resolve(name))
