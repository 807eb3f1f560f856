"""Flow exports: NetFlow v5 and v9, IPFIX and sFlow v5 from the network, and files of nfcapd.

Decoding, pairing and all state that grows is in ``whence._native.Exports``; here are the socket and
the program ``nfdump``.
"""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, Self, cast

import msgspec

from whence._native import Exports, Stream
from whence.model import BadInput, CannotAsk, NotPermitted
from whence.model.plural import many
from whence.world.own_addresses import ONE_OF_THEM
from whence.world.receive_buffer import dropped, make_room

LARGEST = 65_535  # bytes of a UDP datagram
ROOM = 64 << 20  # bytes the kernel keeps while we are busy: 25 s of 2000 datagrams a second
SMALLEST = 512  # bytes of that room which even an empty datagram takes
TURN = 0.1  # seconds without a datagram after which ended flows are looked for
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
NO_MAC = "00:00:00:00:00:00"
LONGEST_OBJECT = 1 << 16  # bytes; nfdump writes under 2 KiB a flow


@dataclass(frozen=True, slots=True)
class Sender:
    """An exporter, or one observation domain of it, and what did not arrive from it."""

    address: str
    port: int
    format: str
    domain: int
    datagrams: int
    records: int
    templates: int
    waiting_sets: int
    lost_sets: int
    lost_exports: int
    restarts: int
    heard: datetime


@dataclass(frozen=True, slots=True)
class ExportTotals:
    """What was read so far, and what was lost, where."""

    datagrams: int
    bytes: int
    records: int
    templates: int
    foreign: int
    damaged: int
    addressless: int
    waiting_sets: int
    lost_sets: int
    lost_exports: int
    refused_templates: int
    forgotten: int
    not_ip: int
    open_flows: int
    ended_early: int
    let_go: int
    dropped: int  # datagrams for which the kernel had no room

    @property
    def losses(self) -> Iterator[str]:
        """Each loss as a phrase, for the user."""
        yield from (
            many(count, one, several)
            for count, one, several in (
                (self.dropped, "datagram came faster than it could be read",
                 "datagrams came faster than they could be read"),
                (self.lost_exports, "export did not arrive, by its exporter's own count",
                 "exports did not arrive, by the exporters' own count"),
                (self.lost_sets, "set of records had no template",
                 "sets of records had no template"),
                (self.waiting_sets, "set of records still waits for its template",
                 "sets of records still wait for their template"),
                (self.damaged, "datagram was damaged", "datagrams were damaged"),
                (self.foreign, "datagram was no flow export", "datagrams were no flow exports"),
                (self.addressless, "record named no IP address", "records named no IP address"),
                (self.refused_templates, "template had no or too many fields",
                 "templates had no or too many fields"),
                (self.forgotten, "exporter was forgotten to make room",
                 "exporters were forgotten to make room"),
                (self.ended_early, "flow was ended early to make room",
                 "flows were ended early to make room"),
                (self.let_go, "row was not taken in time", "rows were not taken in time"),
            )
            if count
        )  # fmt: skip


class FlowExports:
    """Datagrams and records in; flows, records and interface counters out, as Arrow streams."""

    def __init__(self, native: Exports) -> None:
        self.native = native
        self.dropped = 0

    @classmethod
    def empty(
        cls,
        *,
        file: str = "",
        keep_records: bool = False,
        active_timeout: timedelta = timedelta(minutes=1),
        most_open: int = 1 << 17,
    ) -> FlowExports:
        """Begin without any flow.

        ``active_timeout`` is after how long the exporters report a flow that goes on; where one
        takes longer, that is learnt from its records.
        """
        native = Exports(
            file=file,
            keep_records=keep_records,
            active=active_timeout // MICROSECOND * 1000,
            most_open=most_open,
        )
        return cls(native)

    def flows(self) -> Stream:
        """Take the flows that have ended: rows of the flow table."""
        return self.native.flows()

    def records(self) -> Stream:
        """Take the records as they were exported, not yet multiplied by the sampling factor."""
        return self.native.records()

    def counters(self) -> Stream:
        """Take the interface counters that sFlow agents sent."""
        return self.native.counters()

    @property
    def totals(self) -> ExportTotals:
        """What was read and lost so far."""
        return ExportTotals(**self.native.totals(), dropped=self.dropped)

    @property
    def senders(self) -> list[Sender]:
        """Each exporter that is remembered."""
        return [
            Sender(**{**told, "heard": EPOCH + timedelta(microseconds=told["heard"] // 1000)})
            for told in self.native.senders()
        ]


class ExportSocket:
    """A UDP socket on which exporters are heard. The kernel keeps what comes while we are busy."""

    def __init__(self, opened: socket.socket) -> None:
        self._socket = opened
        self._buffer = bytearray(LARGEST)

    @classmethod
    def open(cls, address: str, port: int, room: int = ROOM) -> ExportSocket:
        """Listen.

        Raises
        ------
        CannotAsk
            If the address is not ours, or the port is taken.

        """
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        opened = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        try:
            opened.bind((address, port))
        except PermissionError as e:
            opened.close()
            raise NotPermitted(f"may not listen on port {port}", try_="use one above 1023") from e
        except (OSError, OverflowError) as e:
            opened.close()
            because = getattr(e, "strerror", None) or str(e)
            advice = {
                errno.EADDRINUSE: f"another port, or see who has it: ss -lunp sport = :{port}",
                errno.EADDRNOTAVAIL: ONE_OF_THEM,
            }.get(getattr(e, "errno", None) or 0, "")
            raise CannotAsk(
                f"could not listen on {address} port {port}", because=because, try_=advice
            ) from e
        make_room(opened, room)
        return cls(opened)

    @property
    def port(self) -> int:
        """The port, also where the kernel chose it."""
        return cast(int, self._socket.getsockname()[1])

    @property
    def room(self) -> int:
        """Bytes that the kernel keeps; fewer than asked for where this user may not have more."""
        return self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)

    @property
    def dropped(self) -> int:
        """Datagrams for which the kernel had no room, since the socket was opened."""
        return dropped(self._socket)

    def receive(self, exports: FlowExports, seconds: float) -> None:
        """Read what comes for so long, and end the flows of which nothing more is to come."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._socket.settimeout(min(left, TURN))
            try:
                self._take(exports)
            except TimeoutError:
                exports.native.end_until(time.time_ns())
        exports.dropped = self.dropped

    def drain(self, exports: FlowExports) -> None:
        """Read what the kernel has now, however long that takes, and wait for no more."""
        self._socket.settimeout(0)
        with suppress(BlockingIOError):
            for _ in range(self.room // SMALLEST):  # more come meanwhile: they came too late
                self._take(exports)
        exports.dropped = self.dropped

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()

    def _take(self, exports: FlowExports) -> None:
        length, sender = self._socket.recvfrom_into(self._buffer)
        content = bytes(memoryview(self._buffer)[:length])
        exports.native.feed(sender[0], sender[1], time.time_ns(), content)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_nfcapd(file: Path, exports: FlowExports) -> int:
    """Read a file that nfcapd wrote, through the program ``nfdump``; say how many records it had.

    Flows that go on in the next file stay open for it.

    nfcapd multiplies what was sampled by the sampling factor and forgets that: numbers of such
    records are estimates, and their ``sampling`` is 0.

    Raises
    ------
    CannotAsk
        If nfdump is not installed.
    BadInput
        If nfdump cannot read the file.

    """
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    # Not a pipe: nfdump would wait for ever if it wrote much and nobody read it.
    with tempfile.TemporaryFile() as complaints:
        try:
            nfdump = subprocess.Popen(
                ["nfdump", "-r", os.fspath(file.absolute()), "-o", "json"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaints,
                env=environment,
            )
        except FileNotFoundError as e:
            raise CannotAsk(
                f"could not read {file}",
                because="nfdump is not installed",
                try_="apt-get install nfdump",
            ) from e
        exports.native.read_from(str(file))
        count = 0
        with nfdump:
            try:
                for told in _objects(cast(IO[bytes], nfdump.stdout)):
                    count += _add(told, exports)
            except (msgspec.DecodeError, LookupError, TypeError, ValueError) as e:
                nfdump.kill()
                raise BadInput(
                    f"could not read {file}", because=f"nfdump wrote what whence does not know: {e}"
                ) from e
        complaints.seek(0)
        words = complaints.read(LONGEST_OBJECT).decode("utf-8", "replace").strip().splitlines()
        # nfdump 1.7.1 says by its standard error alone that a file is not one of nfcapd.
        if nfdump.returncode or (words and not count):
            because = words[-1] if words else f"nfdump ended with status {nfdump.returncode}"
            raise BadInput(f"could not read {file} beyond record {count}", because=because)
    return count


def _objects(lines: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Read the objects of nfdump's list one by one: each begins and ends on a line of its own."""
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    parts: list[bytes] = []
    size = 0
    for line in iter(lambda: lines.readline(LONGEST_OBJECT), b""):
        if line.startswith(b"{"):
            parts, size = [], 0
        size += len(line)
        if size > LONGEST_OBJECT:
            raise ValueError("an object without end")
        if line.startswith(b"}"):
            yield decode(b"".join(parts) + b"}")
            parts = []
        else:
            parts.append(line)


def _add(told: dict[str, Any], exports: FlowExports) -> bool:
    source = told.get("src4_addr") or told.get("src6_addr")
    destination = told.get("dst4_addr") or told.get("dst6_addr")
    if source is None or destination is None:
        return False  # an event of a firewall or NAT without addresses
    protocol = told.get("proto", 0)
    last = _nanoseconds(told.get("last") or told["t_last"])
    received = told.get("received")
    exports.native.add(
        exporter=told.get("ip4_router") or told.get("ip6_router") or "0.0.0.0",
        received=_nanoseconds(received) if received else last,
        first=_nanoseconds(told.get("first") or told["t_first"]),
        last=last,
        source=source,
        destination=destination,
        protocol=protocol,
        packets=told.get("in_packets", 0),
        bytes=told.get("in_bytes", 0),
        source_port=told.get("src_port", 0),
        destination_port=told.get("dst_port", 0),
        icmp=(told["icmp_type"], told["icmp_code"]) if "icmp_type" in told else None,
        tcp_flags=_flags(told.get("tcp_flags")) if protocol == socket.IPPROTO_TCP else None,
        back_packets=told.get("out_packets", 0),
        back_bytes=told.get("out_bytes", 0),
        tos=told.get("src_tos", 0),
        input=told.get("input_snmp", 0),
        output=told.get("output_snmp", 0),
        vlan=told.get("src_vlan", 0) & 0xFFF,
        source_mac=_mac(told.get("in_src_mac")),
        destination_mac=_mac(told.get("in_dst_mac") or told.get("out_dst_mac")),
        direction=told.get("direction"),
        next_hop=told.get("ip4_next_hop") or told.get("ip6_next_hop"),
        source_as=told.get("src_as", 0),
        destination_as=told.get("dst_as", 0),
        sampled=bool(told.get("sampled", 0)),
    )
    return True


def _nanoseconds(text: str) -> int:
    """Nanoseconds since 1970 of nfdump's time, which has no zone because TZ says UTC."""
    return (datetime.fromisoformat(text).replace(tzinfo=UTC) - EPOCH) // MICROSECOND * 1000


def _flags(text: str | None) -> int | None:
    """Eight letters or dots, CWR first and FIN last."""
    if text is None or len(text) != 8:
        return None
    return sum(0x80 >> place for place, letter in enumerate(text) if letter != ".")


def _mac(text: str | None) -> bytes | None:
    if text is None or text == NO_MAC:
        return None
    return bytes.fromhex(text.replace(":", ""))
