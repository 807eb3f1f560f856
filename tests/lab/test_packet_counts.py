"""What is counted in the kernel, against generators that say what they sent."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.lab.cable import FAR, MIDDLE, MIDDLE6, NEAR, NEAR6, Row, three_in_a_row
from tests.lab.watching import PATIENCE, Place
from whence.model.counted_flows import Counted, CountedFlow

pytestmark = pytest.mark.lab

# Counts in the place it is run in until its input ends; then it writes the table.
COUNT = (
    "import sys, msgspec\n"
    "from whence.sensors.packet_counting import OBJECT\n"
    "from whence.sensors.packet_table import PacketTable\n"
    "from whence.world.interfaces import interface\n"
    "from whence.world.packet_counts import PacketCounters\n"
    "by, size, *names = sys.argv[1:]\n"
    "table = PacketTable()\n"
    "sizes = {'flows_even': int(size), 'flows_odd': int(size)}\n"
    "with PacketCounters(OBJECT, [*map(interface, names)], by, sizes) as counters:\n"
    "    print('counting', flush=True)\n"
    "    for line in sys.stdin:\n"
    "        table.add(counters.take())\n"
    "    last = counters.take()\n"
    "    table.add(last)\n"
    "print(msgspec.json.encode(table.counted(last)).decode())\n"
)
DATAGRAMS = (
    "import socket, sys\n"
    "to, port, count, size, source = sys.argv[1], *map(int, sys.argv[2:6])\n"
    "s = socket.socket(socket.AF_INET6 if ':' in to else socket.AF_INET, socket.SOCK_DGRAM)\n"
    "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)\n"
    "s.bind(('::' if ':' in to else '0.0.0.0', source))\n"
    "for _ in range(count): s.sendto(bytes(size), (to, port))\n"
)
MANY_PORTS = (
    "import socket, sys\n"
    "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
    "s.bind(('0.0.0.0', 3000))\n"
    "for port in range(10000, 10000 + int(sys.argv[2])): s.sendto(bytes(10), (sys.argv[1], port))\n"
)
SINK = (  # 'exec' in the end that is called: takes one connection, and says how much came
    "import socket, sys\n"
    "listening = socket.create_server(('', int(sys.argv[1])))\n"
    "print('there', flush=True)\n"
    "connection, _ = listening.accept()\n"
    "print(sum(iter(lambda: len(connection.recv(1 << 20)), 0)), flush=True)\n"
)
STREAM = (
    "import socket, sys\n"
    "s = socket.create_connection((sys.argv[1], int(sys.argv[2])))\n"
    "s.sendall(bytes(int(sys.argv[3])))\n"
    "s.close()\n"
)
FRAMES = (  # Ethernet frames, put on the wire as they are
    "import socket, sys\n"
    "s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)\n"
    "s.bind(('end0', 0))\n"
    "for frame in sys.argv[1:]: s.send(bytes.fromhex(frame))\n"
)
HOLD_TUN = (  # an interface like that of a tunnel carries nothing unless somebody has it open
    "import fcntl, struct, sys\n"
    "file = open('/dev/net/tun', 'r+b', buffering=0)\n"
    "fcntl.ioctl(file, 0x400454ca, struct.pack('16sH22x', b'tun0', 0x1001))\n"
    "print('there', flush=True)\n"
    "sys.stdin.read()\n"
)
HEADER = "02000000000202000000000a"  # destination and source
IPV4 = "45000026000040004011" + "0000" + "c0000201c0000202"
UDP = "0bb80bb900120000" + "00" * 10


@pytest.fixture(scope="module")
def row() -> Iterator[Row]:
    with three_in_a_row() as row:
        for place, to in ((row.near, MIDDLE), (row.near, MIDDLE6), (row.near, FAR)):
            place.python(DATAGRAMS, to, "9", "1", "1", "2999")  # neighbours are known from here on
        yield row


class Counting:
    """Counts, and has the table in the end."""

    def __init__(self, place: Place, by: str, size: int, *interfaces: str) -> None:
        self.table: Counted
        self._process = place.start(sys.executable, "-c", COUNT, by, str(size), *interfaces)
        assert self._process.stdout
        assert self._process.stdout.readline() == "counting\n"

    def take(self) -> None:
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def end(self) -> None:
        import msgspec

        written, _ = self._process.communicate(timeout=PATIENCE)
        self.table = msgspec.json.decode(written, type=Counted)

    def flow(self, port: int) -> CountedFlow:
        (found,) = (flow for flow in self.table.flows if flow.destination_port == port)
        return found


@contextlib.contextmanager
def counting(
    place: Place, *interfaces: str, by: str = "tcx", size: int = 65536
) -> Iterator[Counting]:
    counts = Counting(place, by, size, *interfaces)
    try:
        yield counts
    finally:
        counts.end()


@pytest.mark.parametrize("by", ["tcx", "packet socket"])
def test_datagrams_to_the_byte(row: Row, by: str) -> None:
    with counting(row.middle, "near0", by=by) as counts:
        for _ in range(3):
            row.near.python(DATAGRAMS, MIDDLE, "4000", "1000", "100", "3000")
            counts.take()
        row.near.python(DATAGRAMS, MIDDLE6, "4001", "777", "100", "3001")
    seen = counts.flow(4000)
    assert (seen.source_ip, seen.source_port, seen.destination_ip) == (NEAR, 3000, MIDDLE)
    assert (seen.source_packets, seen.source_bytes) == (3000, 3000 * 128)
    assert (seen.source_payload, seen.source_wire_bytes) == (300_000, 3000 * 142)
    assert (seen.destination_packets, seen.state, seen.transport) == (0, "S0", "udp")
    assert (seen.direction_in, seen.origin) == ("incoming", "elsewhere")
    assert seen.source_mac != seen.destination_mac
    seen = counts.flow(4001)
    assert (seen.source_ip, seen.source_packets, seen.source_bytes) == (NEAR6, 777, 777 * 148)
    assert counts.table.lost == 0
    assert counts.table.by == by


@pytest.mark.parametrize("by", ["tcx", "packet socket"])
def test_an_interface_without_a_link_layer(row: Row, by: str) -> None:
    row.near.run(*["ip", "tuntap", "add", "dev", "tun0", "mode", "tun"])
    try:
        row.near.run(*["ip", "address", "add", "203.0.113.1/24", "dev", "tun0"])
        row.near.run(*["ip", "link", "set", "tun0", "up"])
        holder = row.near.start(sys.executable, "-c", HOLD_TUN)
        assert holder.stdout
        assert holder.stdout.readline() == "there\n"
        with counting(row.near, "tun0", by=by) as counts:
            row.near.python(DATAGRAMS, "203.0.113.9", "4040", "50", "100", "3000")
        holder.communicate(timeout=PATIENCE)
    finally:
        row.near.run(*["ip", "link", "delete", "tun0"])
    seen = counts.flow(4040)
    assert (seen.source_packets, seen.source_bytes, seen.source_wire_bytes) == (50, 6400, 6400)
    assert seen.source_mac is None


def test_it_counts_with_two_capabilities_and_no_others(row: Row) -> None:
    rights = "-all,+bpf,+net_admin"
    few = ("setpriv", "--no-new-privs", f"--bounding-set={rights}", f"--inh-caps={rights}")
    argv = (*few, sys.executable, "-m", "whence.sensors.packet_counting", "near0")
    process = subprocess.Popen(row.middle.command(*argv), stdout=subprocess.PIPE)
    assert process.stdout
    counts = process.stdout.read(4)
    process.terminate()
    rest, _ = process.communicate(timeout=PATIENCE)
    assert len(rest) > int.from_bytes(counts, sys.byteorder) > 0
    assert b"tcx" in rest
    assert process.returncode == 0


@dataclass(frozen=True)
class Segments:
    """What TCP of a namespace has sent. What it sends again is not in OutSegs of Linux."""

    first_time: int
    again: int

    @classmethod
    def sent(cls, place: Place) -> Segments:
        argv = place.command("cat", "/proc/thread-self/net/snmp")
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
        names, numbers = (line.split() for line in done.stdout.splitlines() if line[:4] == "Tcp:")
        told = dict(zip(names, numbers, strict=True))
        return cls(int(told["OutSegs"]), int(told["RetransSegs"]))

    def __sub__(self, before: Segments) -> Segments:
        return Segments(self.first_time - before.first_time, self.again - before.again)


def test_segments_that_leave_in_one_piece_are_counted_as_they_are_on_the_wire(row: Row) -> None:
    sink = row.middle.start(sys.executable, "-c", SINK, "4010")
    assert sink.stdout
    assert sink.stdout.readline() == "there\n"
    near, middle = Segments.sent(row.near), Segments.sent(row.middle)
    with counting(row.near, "end0") as counts:
        row.near.python(STREAM, MIDDLE, "4010", "3000000")
        assert sink.communicate(timeout=PATIENCE)[0] == "3000000\n"
    seen = counts.flow(4010)
    near, middle = Segments.sent(row.near) - near, Segments.sent(row.middle) - middle
    assert seen.source_packets == near.first_time + near.again
    assert seen.destination_packets == middle.first_time + middle.again
    assert seen.source_payload == 3_000_000 or (near.again and seen.source_payload > 3_000_000)
    assert seen.destination_payload == 0
    headers = seen.source_wire_bytes - seen.source_bytes
    assert headers == 14 * seen.source_packets
    assert (seen.syns, seen.answers, seen.fins, seen.state) == (1, 1, 2, "SF")
    assert (seen.origin, seen.direction_in, seen.cookie > 0) == ("here", "outgoing", True)


def test_what_passes_through_is_told_from_what_begins_here(row: Row) -> None:
    with counting(row.middle, "far0") as counts:
        row.near.python(DATAGRAMS, FAR, "4020", "10", "10", "3000")
        row.middle.python(DATAGRAMS, FAR, "4021", "10", "10", "3000")
    passing, own = counts.flow(4020), counts.flow(4021)
    assert (passing.source_ip, passing.origin, passing.cookie) == (NEAR, "passes through", 0)
    assert (own.origin, own.cookie > 0) == ("here", True)
    assert (passing.source_ttl_min, own.source_ttl_max) == (63, 64)


def test_tags_of_virtual_networks(row: Row) -> None:
    with counting(row.middle, "near0") as counts:
        row.near.python(
            FRAMES,
            HEADER + "81000064" + "0800" + IPV4 + UDP,
            HEADER + "88a80064" + "81000014" + "0800" + IPV4 + UDP,
            HEADER + "88cc" + "00" * 46,
        )
    found = {flow.vlan: flow for flow in counts.table.flows if flow.destination_port == 3001}
    assert set(found) == {"100", "100.20"}
    assert found["100"].source_wire_bytes == 18 + 38
    assert found["100.20"].source_wire_bytes == 22 + 38
    assert found["100"].source_bytes == 38
    assert counts.table.not_ip >= 1


def test_what_does_not_fit_is_counted_as_lost(row: Row) -> None:
    with counting(row.middle, "near0", size=100) as counts:
        row.near.python(MANY_PORTS, MIDDLE, "1000")
    ours = [flow for flow in counts.table.flows if flow.source_port == 3000]
    assert len(ours) >= 90
    assert sum(flow.source_packets for flow in ours) + counts.table.lost == 1000
    assert counts.table.lost_bytes == counts.table.lost * 52


def test_one_flow_that_is_sent_by_two_processors_at_once(row: Row) -> None:
    with counting(row.middle, "near0") as counts:
        senders = [
            row.near.start(sys.executable, "-c", DATAGRAMS, MIDDLE, "4050", "50000", "18", "3000")
            for _ in range(2)
        ]
        assert [sender.wait(PATIENCE) for sender in senders] == [0, 0]
    seen = counts.flow(4050)
    assert (seen.source_packets, seen.source_wire_bytes) == (100_000, 6_000_000)


def test_what_is_taken_out_in_between_is_neither_lost_nor_counted_twice(row: Row) -> None:
    with counting(row.middle, "near0") as counts:
        sender = row.near.start(
            sys.executable, "-c", DATAGRAMS, MIDDLE, "4030", "100000", "18", "3000"
        )
        while sender.poll() is None:
            counts.take()
            time.sleep(0.05)
    seen = counts.flow(4030)
    assert (seen.source_packets, seen.source_wire_bytes) == (100_000, 6_000_000)
