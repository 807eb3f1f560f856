"""SNMP agents on loopback: one that serves recorded values, and the means for those that lie."""

from __future__ import annotations

import bisect
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from whence.world import ber
from whence.world.ber import Oid, parse_oid

Value = bytes  # a value as an element of BER
Values = Mapping[Oid, Value]
Reply = Callable[[bytes], list[bytes]]

END_OF_VIEW = b"\x82\x00"


def integer(value: int, tag: int = ber.INTEGER) -> Value:
    return ber.write_number(value, tag)


def octets(value: bytes) -> Value:
    return ber.write(ber.OCTETS, value)


def read_snmprec(text: str) -> dict[Oid, Value]:
    """Read a recording in the format of snmpsim: OID|TAG|VALUE."""
    found: dict[Oid, Value] = {}
    for line in text.splitlines():
        oid, tag, value = line.split("|", 2)
        number = int(tag.rstrip("xe"))
        if number in (ber.INTEGER, 0x41, 0x42, 0x43, 0x46, 65, 66, 67, 70):
            element = integer(int(value or 0), number)
        elif number == ber.OBJECT:
            element = ber.write_oid(parse_oid(value or "0.0"))
        elif tag.endswith("x"):
            element = ber.write(number, bytes.fromhex(value))
        elif number == ber.ADDRESS:
            element = ber.write(number, bytes(map(int, value.split("."))))
        else:
            element = ber.write(number, value.encode())
        found[parse_oid(oid)] = element
    return found


class Recorded:
    """Answers GET, GETNEXT, GETBULK and SET from values, by community, in v1 and v2c."""

    def __init__(self, communities: Mapping[str, dict[Oid, Value]]) -> None:
        self.communities = communities
        self.keys = {name: sorted(values) for name, values in communities.items()}
        self.asked = 0

    def __call__(self, request: bytes) -> list[bytes]:
        self.asked += 1
        version, community, tag, number, _, second, asked = parse(request)
        if community not in self.communities:
            return []
        values, keys = self.communities[community], self.keys[community]
        found: list[tuple[Oid, Value]] = []
        for oid, value in asked:
            if tag == 0xA0:
                found.append((oid, values.get(oid, b"\x81\x00")))
            elif tag == 0xA3:
                values[oid] = value
                found.append((oid, value))
            else:
                at = bisect.bisect_right(keys, oid)
                for key in keys[at : at + (second if tag == 0xA5 else 1)]:
                    found.append((key, values[key]))
                if at >= len(keys):
                    found.append((oid, END_OF_VIEW))
        if version == 0 and any(value[0] in (0x80, 0x81, 0x82) for _, value in found):
            return [respond(version, community, number, asked, error=2)]
        return [respond(version, community, number, found)]


def parse(
    request: bytes,
) -> tuple[int, str, int, int, int, int, list[tuple[Oid, Value]]]:
    """Take a request of v1 or v2c apart."""
    at, end = ber.expect(request, 0, len(request), ber.SEQUENCE)
    start, at = ber.expect(request, at, end, ber.INTEGER)
    version = ber.number(request, start, at)
    start, at = ber.expect(request, at, end, ber.OCTETS)
    community = request[start:at].decode()
    tag, at, end = ber.element(request, at, end)
    numbers = []
    for _ in range(3):
        start, at = ber.expect(request, at, end, ber.INTEGER)
        numbers.append(ber.number(request, start, at))
    number, first, second = numbers
    at, end = ber.expect(request, at, end, ber.SEQUENCE)
    asked = []
    while at < end:
        start, at = ber.expect(request, at, end, ber.SEQUENCE)
        name, middle = ber.expect(request, start, at, ber.OBJECT)
        asked.append((ber.object_identifier(request, name, middle), request[middle:at]))
    return version, community, tag, number, first, second, asked


def respond(
    version: int,
    community: str,
    number: int,
    bindings: list[tuple[Oid, Value]],
    error: int = 0,
) -> bytes:
    rows = [ber.write_sequence(ber.write_oid(oid), value) for oid, value in bindings]
    return ber.write_sequence(
        integer(version),
        octets(community.encode()),
        ber.write_sequence(
            integer(number),
            integer(error),
            integer(1 if error else 0),
            ber.write_sequence(*rows),
            tag=0xA2,
        ),
    )


@contextmanager
def serving(reply: Reply) -> Iterator[int]:
    """Answer datagrams on loopback, in a thread; give the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    request, peer = line.recvfrom(65535)
                except OSError:
                    return
                for answer in [] if stop.is_set() else reply(request):
                    line.sendto(answer, peer)

        thread = threading.Thread(target=serve)
        thread.start()
        port = line.getsockname()[1]
        try:
            yield port
        finally:
            stop.set()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
                waker.sendto(b"", ("127.0.0.1", port))
            thread.join()


def recording(path: Path) -> dict[Oid, Value]:
    return read_snmprec(path.read_text("utf-8", "surrogateescape"))
