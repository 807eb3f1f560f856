"""Agents that cost next to nothing, so that the client is what is measured."""

from __future__ import annotations

import bisect
import multiprocessing
import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from tests.snmp_agents import END_OF_VIEW, Value, integer, octets, parse

from whence.world import ber
from whence.world.ber import Oid

FDB_PORT: Oid = (1, 3, 6, 1, 2, 1, 17, 7, 1, 2, 2, 1, 2)


class Encoded:
    """Answers GETNEXT and GETBULK with rows that were encoded before anybody asked."""

    def __init__(self, values: dict[Oid, Value]) -> None:
        self._keys = sorted(values)
        self._rows = [ber.write_sequence(ber.write_oid(key), values[key]) for key in self._keys]

    def __call__(self, request: bytes) -> bytes:
        version, community, tag, number, _, count, asked = parse(request)
        at = bisect.bisect_right(self._keys, asked[0][0])
        rows = self._rows[at : at + (count if tag == 0xA5 else 1)]
        if not rows:
            rows = [ber.write_sequence(ber.write_oid(asked[0][0]), END_OF_VIEW)]
        pdu = ber.write_sequence(
            integer(number), integer(0), integer(0), ber.write_sequence(*rows), tag=0xA2
        )
        return ber.write_sequence(integer(version), octets(community.encode()), pdu)


def switch_values(name: str, addresses: int, ports: int = 48) -> dict[Oid, Value]:
    """Make a switch with a forwarding table of so many rows."""
    values: dict[Oid, Value] = {(1, 3, 6, 1, 2, 1, 1, 5, 0): octets(name.encode())}
    for port in range(1, ports + 1):
        values[(1, 3, 6, 1, 2, 1, 2, 2, 1, 2, port)] = octets(f"port {port}".encode())
        values[(1, 3, 6, 1, 2, 1, 2, 2, 1, 3, port)] = integer(6)
        values[(1, 3, 6, 1, 2, 1, 17, 1, 4, 1, 2, port)] = integer(port)
    for n in range(addresses):
        mac = (2, n % 251, n >> 16 & 255, n >> 8 & 255, n & 255, 7)
        values[(*FDB_PORT, 1, *mac)] = integer(n % ports + 1)
    return values


@contextmanager
def served(switches: list[dict[Oid, Value]], delay: float = 0.0) -> Iterator[list[int]]:
    """Serve switches in a process of their own, each answer ``delay`` seconds after its request."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(switches, delay, theirs), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _serve(switches: list[dict[Oid, Value]], delay: float, told: Connection) -> None:
    selector = selectors.DefaultSelector()
    ports = []
    for values in switches:
        line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        line.bind(("127.0.0.1", 0))
        selector.register(line, selectors.EVENT_READ, Encoded(values))
        ports.append(line.getsockname()[1])
    told.send(ports)
    waiting: list[tuple[float, socket.socket, bytes, tuple[str, int]]] = []
    while True:
        left = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        for key, _ in selector.select(left):
            line = key.fileobj
            assert isinstance(line, socket.socket)
            request, peer = line.recvfrom(65535)
            answer = key.data(request)
            if delay:
                waiting.append((time.monotonic() + delay, line, answer, peer))
            else:
                line.sendto(answer, peer)
        while waiting and waiting[0][0] <= time.monotonic():
            _, line, answer, peer = waiting.pop(0)
            line.sendto(answer, peer)
