"""docker inspect and podman inspect, of containers and of networks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.imports._containers import IDENTIFIER, moment, passed_on
from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._ends import address
from whence.inquiry.imports._json_objects import (
    LONGEST,
    Object,
    first_objects,
    listed,
    objects,
    within,
    word,
)
from whence.inquiry.imports._process_table import pid_of
from whence.inquiry.imports._sessions import table_time
from whence.model.mac_addresses import canonical_mac
from whence.model.reported import Contained, Row, Socket, Started

BOX = frozenset({"Id", "Name", "State", "Config", "NetworkSettings"})
NETWORK = frozenset({"Id", "Name", "Driver", "Containers"})
MOST = 100  # networks, ports and arguments of one container
_BEGINNING = tuple(map(re.compile, (r'"Id"\s*:\s*"', r'"Created"\s*:\s*"', r'"State"\s*:\s*\{')))


def _looks_like(head: Head) -> float:
    if any(told.keys() >= BOX or told.keys() >= NETWORK for told in first_objects(head)):
        return 0.95
    # One container alone may be longer than what files are recognised by.
    text = head.text.lstrip()[:4000]
    return 0.9 if text[:1] in ("[", "{") and all(part.search(text) for part in _BEGINNING) else 0.0


@kind(_looks_like, longest=LONGEST)
def docker_inspect(lines: Lines, given: Given) -> Iterator[Row]:
    """Containers of docker inspect and podman inspect, and docker network inspect.

    With name, image, addresses, the process on the machine, when it was started, and the ports of
    the machine that are passed on to it. Of docker network inspect, the addresses of those that
    are in the network.
    """
    for line, text, told in objects(lines):
        if told.keys() >= BOX:
            rows = [*_box(line, told, given)]
        elif told.keys() >= NETWORK:
            rows = [*_network(line, told)]
            if not rows:
                lines.leave_out("networks without containers")
                continue
        else:
            rows = []
        if rows:
            lines.several(len(rows))
            yield from rows
        else:
            lines.strange(line, text)


def _box(line: int, told: Object, given: Given) -> Iterator[Row]:
    identifier, name = word(told, "Id"), word(told, "Name").lstrip("/")
    if not name or not IDENTIFIER.fullmatch(identifier):
        return
    image = word(within(told, "Config"), "Image") or word(told, "ImageName", "Image")
    state, settings = within(told, "State"), within(told, "NetworkSettings")
    began = moment(word(state, "StartedAt"))
    runtime = "podman" if "ImageName" in told else "docker"
    networks = _networks(settings)
    for network, ip, mac in networks or [("", "", "")]:
        yield Contained(
            line,
            name,
            ip,
            mac,
            runtime,
            identifier,
            image,
            state=word(state, "Status"),
            network=network,
            began=began,
        )
    yield from _ports(line, within(settings, "Ports"), name, image)
    pid, program = pid_of(word(state, "Pid")), word(told, "Path")
    if pid is not None and program:
        arguments = told.get("Args")
        said = [one for one in arguments[:MOST] if isinstance(one, str)] if (
            isinstance(arguments, list)) else []  # fmt: skip
        command = word({"command": " ".join([program, *said])}, "command")
        user = word(within(told, "Config"), "User")
        at = table_time(given)
        yield Started(line, at, "", pid, program, command, user=user, began=began, only_met=True)


def _networks(settings: Object) -> list[tuple[str, str, str]]:
    """Give name, address and MAC address of each, each address once."""
    found: dict[str, tuple[str, str, str]] = {}
    each = [*within(settings, "Networks").items()][:MOST]
    for name, network in [*each, ("", settings)]:
        if not isinstance(network, dict):
            continue
        named = word({"name": name}, "name")
        mac = canonical_mac(word(network, "MacAddress")) or ""
        for key in ("IPAddress", "GlobalIPv6Address"):
            if ip := _plain(word(network, key)):
                found.setdefault(ip, (named, ip, mac))
    return [*found.values()]


def _ports(line: int, ports: Object, name: str, image: str) -> Iterator[Socket]:
    for inner in [*ports][:MOST]:
        port, _, transport = inner.partition("/")
        for one in listed(ports, inner, MOST):
            host, outer = word(one, "HostIp"), word(one, "HostPort")
            if row := passed_on(line, host, outer, transport or "tcp", port, name, image):
                yield row


def _network(line: int, told: Object) -> Iterator[Contained]:
    for identifier, box in within(told, "Containers").items():
        if not isinstance(box, dict) or not IDENTIFIER.fullmatch(identifier):
            continue
        name, mac = word(box, "Name"), canonical_mac(word(box, "MacAddress")) or ""
        for key in ("IPv4Address", "IPv6Address"):
            ip = _plain(word(box, key).partition("/")[0])
            if name and ip:
                yield Contained(
                    line, name, ip, mac, "docker", identifier, network=word(told, "Name")
                )


def _plain(text: str) -> str:
    """Give an address in its canonical form, without a link; empty where it is none."""
    return (address(text) or "").partition("%")[0]
