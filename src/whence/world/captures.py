"""Capture files, read by the native part: flows, names and ARP as columns for DuckDB.

The only module that opens `whence._native` for packets. Nothing is read before somebody reads the
flows; names and ARP are whole once the flows were read.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

from whence import _native
from whence.model.given_file import must_be_readable
from whence.model.refusals import Refusal
from whence.world.capture_times import CaptureTimes, LeftOut, Overlap, SetBack, overlaps, ran
from whence.world.reading_apart import read_apart
from whence.world.standard_input import STANDARD_INPUT

Checksums = Literal["ignore", "count", "drop"]
"""What to do with wrong ones: a sender whose network card fills them in shows only wrong ones."""

Split = Literal["vlan", "tunnel"]

Listening = Literal["none", "addresses", "called", "all"]
"""Which names are wanted; ``addresses`` are those that DNS, DHCP and the like give to addresses,
``called`` also those by which connections ask for a server.

The first bytes of connections are looked at where all are wanted, or ``ja4`` and ``server_name``.
"""

T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ETHERNET = 1  # LINKTYPE_ETHERNET, https://www.tcpdump.org/linktypes.html
_MEMORY = 256 << 20
_APART = timedelta(milliseconds=1)  # more than two tools note the time of the same packet apart
# Nanoseconds by which the times of the same packet differ: as two tools note it, and in a copy of a
# capture, which may be in microseconds.
_TOOLS, _COPY = 100_000, 1000


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a reading has come."""

    bytes_read: int
    bytes_total: int | None
    """None where a pipe does not tell."""
    packets: int


@dataclass(frozen=True, slots=True)
class CapturedInterface:
    """An interface that packets of a file were captured on."""

    file: str
    name: str
    link: int
    """LINKTYPE_ number."""
    packets: int
    drops: int | None
    """What the capturing program says it lost; None where it does not say."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A place where a file is not what it should be."""

    file: str
    offset: int
    """In bytes, after decompression."""
    packet: int
    """Number of the last packet before it."""
    reason: str
    resumed: int | None
    """Offset where reading went on; None where it stopped."""

    def __str__(self) -> str:
        """Say it in a sentence."""
        where = f"{self.file}: {self.reason}, at byte {self.offset} after packet {self.packet}"
        return where if self.resumed is None else f"{where}; read on from byte {self.resumed}"


@dataclass(frozen=True, slots=True)
class ReadSummary:
    """What was read, and what was left out, with the reason."""

    packets: int
    bytes: int
    """On the wire."""
    first: datetime | None
    last: datetime | None
    interfaces: tuple[CapturedInterface, ...]
    damage: tuple[Damage, ...]
    skipped_links: dict[int, int]
    """Packets by link types that are not understood."""
    not_ip: dict[int, int]
    """Frames without IP by EtherType; 0 is IEEE 802.2."""
    filtered: int
    not_asked: int
    """Those of them for whose link type the filter makes no sense."""
    malformed: int
    cut_off: int
    """Packets whose headers the capture has not all of: they are in no flow."""
    fragments: int
    incomplete_fragments: int
    """Datagrams of which a piece is missing: they are in no flow."""
    bad_checksums: int
    exports: int
    """Datagrams that look like flow exports: NetFlow, IPFIX or sFlow."""
    early_flows: int
    """Flows that were cut in two because memory was full."""
    names_left_out: int
    arp_left_out: int
    refusals_left_out: int
    connections: int
    """TCP connections that were asked for and answered."""
    begun_twice: int
    """Those of them of which SYN and answer were both seen more than once."""
    sampled: int
    """Packets with a number of their sender, each counted once."""
    sampled_twice: int
    """Those of them that came again at once, and only once."""
    times: tuple[CaptureTimes, ...]
    left_out: tuple[LeftOut, ...]
    not_compared: int
    """Packets of which nobody knows whether another file has them, too: they were too many."""
    overlaps: tuple[Overlap, ...]
    """Of files that were not compared."""
    complete: bool
    encrypted: int = 0
    """Frames in which nobody can look: 802.11, MACsec."""

    @property
    def ran(self) -> timedelta | None:
        """How long was captured, where time stamps go back; None where the others tell it."""
        return ran(self.times)


@dataclass(frozen=True, slots=True)
class CapturedExports:
    """Datagrams with flow exports, and what became of them."""

    datagrams: int
    repeated: int
    """Seen again at another place of the capture: they count once."""
    cut_off: int
    """Those of which the capture has only the beginning."""


def _ignore(_reached: Reached) -> None:
    """Take no notice."""


class Captures:
    """Capture files that are read once, from the first packet to the last."""

    def __init__(
        self,
        opened: Callable[..., _native.Packets],
        files: Sequence[Path],
        compared: Sequence[Overlap] = (),
    ) -> None:
        self._opened = opened
        self._packets = opened(overlaps=[*map(_window, compared)])
        self._compared = compared
        self._files = tuple(files)
        self._total = _total_size(self._files)

    @classmethod
    def open(
        cls,
        files: Sequence[Path],
        *,
        filter: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        checksums: Checksums = "ignore",
        split: Sequence[Split] = (),
        names: Listening = "all",
        guess_servers: bool = True,
        memory: int = _MEMORY,
        threads: int | None = None,
        link: int | None = None,
    ) -> "Captures":
        """Open pcap and pcapng files, compressed or not; `-` is the standard input.

        `split` holds flows of different VLANs or tunnels apart, `link` is the link type for which
        the filter must make sense (that of the first file unless said), `memory` bounds the flows
        that are kept, in bytes. Two threads read where two may run: more take memory and gain
        little.
        """
        for file in files:
            _can_be_read(file)
        program, by_link = None, []
        if filter:
            from whence.world.packet_filters import compile_by_link  # for who wants one

            kind = link if link is not None else link_type(files[0]) if files else _ETHERNET
            by_link = [*compile_by_link(filter, kind).items()]
            program = by_link[0][1]
        opened = partial(
            _native.Packets,
            files,
            filter=program,
            by_link=by_link,
            since=None if since is None else _nanoseconds(since),
            until=None if until is None else _nanoseconds(until),
            checksums=checksums,
            names=names,
            split=split,
            guess_servers=guess_servers,
            memory=memory,
            threads=threads or min(2, len(os.sched_getaffinity(0))),
        )
        return cls(opened, files)

    def compared(self) -> "Captures | None":
        """Open files that overlap anew, to leave out of one what another has; once they were read.

        None where no two of them overlap, or one cannot be read again.
        """
        found = () if self._compared else self._overlaps()
        again = all(file.is_file() for file in self._files)
        return Captures(self._opened, self._files, found) if found and again else None

    def _overlaps(self) -> Sequence[Overlap]:
        said = self._packets.summary()
        interfaces: dict[str, set[str]] = {}
        for one in said["interfaces"]:
            interfaces.setdefault(one["file"], set()).update([one["name"]] if one["name"] else [])
        return overlaps([*map(_times, said["times"])], interfaces)

    def flows(self, columns: Sequence[str] | None = None) -> _native.Stream:
        """Give the flows, an object that DuckDB can scan once; fewer columns take less time."""
        return self._packets.flows(columns)

    def sums(self, internal: Sequence[str] = ()) -> _native.Sums | None:
        """Read everything and give what the flows add up to; `internal` are networks inside.

        None where the same packets were seen at several places, or there are too many flows: only
        a table of flows can tell which of them count. Then the captures must be opened anew.
        """
        return self._packets.sums(internal)

    def names(self) -> _native.Stream:
        """Give what machines are called, by what the packets said."""
        return self._packets.names()

    def names_said(self, relations: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        """Yield, in place of ``names``, each address, relation and name that packets said."""
        stream, columns = self._packets.names(), ("subject_ip", "relation", "value")
        while (rows := stream.texts(columns, "relation", relations)) is not None:
            for address, relation, name in rows:
                if address and relation and name:
                    yield address, relation, name

    def arp(self) -> _native.Stream:
        """Give who asked for which address, and who answered."""
        return self._packets.arp()

    def refused(self) -> list[Refusal]:
        """Give what ICMP errors said, and about which packets."""
        return [*map(_refusal, self._packets.refused())]

    def read_exports(self, exports: _native.Exports) -> bool:
        """Read on and hand flow exports over, in place of reading flows; open it on one thread.

        False at the end; else there are flows to be taken before it goes on.
        """
        return self._packets.exports(exports)

    @property
    def exported(self) -> CapturedExports:
        """Say what became of the flow exports that were read."""
        return CapturedExports(*self._packets.exported())

    def stop(self) -> None:
        """Stop the reading soon, from any thread."""
        self._packets.stop()

    def reached(self) -> Reached:
        """How far has the reading come?"""
        return Reached(self._packets.bytes_read, self._total, self._packets.packets_read)

    def read(self, work: Callable[[], T], progress: Callable[[Reached], None] = _ignore) -> T:
        """Do what reads the flows (a query, say), and tell `progress` how far it has come.

        Whatever interrupts it, as ^C does, stops the reading.
        """

        def hear() -> None:
            progress(self.reached())

        result = read_apart(work, self.stop, hear)
        hear()
        return result

    def summary(self) -> ReadSummary:
        """Say what was read so far, and what was left out."""
        said = self._packets.summary()
        return ReadSummary(
            packets=said["packets"],
            bytes=said["bytes"],
            first=_time(said["first"]),
            last=_time(said["last"]),
            interfaces=tuple(CapturedInterface(**one) for one in said["interfaces"]),
            damage=tuple(Damage(**one) for one in said["damage"]),
            skipped_links=said["skipped_links"],
            not_ip=said["not_ip"],
            filtered=said["filtered"],
            not_asked=said["not_asked"],
            malformed=said["malformed"],
            cut_off=said["cut_off"],
            fragments=said["fragments"],
            incomplete_fragments=said["incomplete_fragments"],
            bad_checksums=said["bad_checksums"],
            exports=said["exports"],
            early_flows=said["early_flows"],
            names_left_out=said["names_left_out"],
            arp_left_out=said["arp_left_out"],
            refusals_left_out=said["refusals_left_out"],
            connections=said["connections"],
            begun_twice=said["begun_twice"],
            sampled=said["sampled"],
            sampled_twice=said["sampled_twice"],
            times=tuple(map(_times, said["times"])),
            left_out=tuple(
                LeftOut(
                    one["file"],
                    one["other"],
                    one["packets"],
                    _moment(one["first"]),
                    _moment(one["last"]),
                )
                for one in said["left_out"]
            ),
            not_compared=said["not_compared"],
            overlaps=() if self._compared else tuple(o for o in self._overlaps() if o.in_part),
            complete=said["complete"],
            encrypted=said["encrypted"],
        )


def link_type(file: Path) -> int:
    """Say what link type the first packets of a file have: Ethernet where it cannot be said.

    A pipe cannot be looked at before it is read.
    """
    return _native.link_type(file) if file.is_file() else _ETHERNET


def _can_be_read(file: Path) -> None:
    if file == STANDARD_INPUT:
        return
    must_be_readable(file, "give the path of a capture")


def _total_size(files: Sequence[Path]) -> int | None:
    if any(not file.is_file() for file in files):
        return None
    return sum(file.stat().st_size for file in files)


def _nanoseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


def _time(nanoseconds: int | None) -> datetime | None:
    return None if nanoseconds is None else _moment(nanoseconds)


def _moment(nanoseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=nanoseconds // 1000)


def _window(overlap: Overlap) -> tuple[int, int, int]:
    begin, end = overlap.begin - _APART, overlap.end + _APART
    return _nanoseconds(begin), _nanoseconds(end), _TOOLS if overlap.in_part else _COPY


def _refusal(said: "_native.RefusalRow") -> Refusal:
    row: dict[str, Any] = {**said, "first": _moment(said["first"]), "last": _moment(said["last"])}
    return Refusal(**row)


def _times(said: "_native.TimesSummary") -> CaptureTimes:
    def place(packet: int, before: int, behind: int) -> SetBack:
        return SetBack(said["file"], packet, _moment(before), _moment(behind))

    early = said["first_early"]
    return CaptureTimes(
        said["file"],
        _moment(said["first"]),
        _moment(said["last"]),
        timedelta(microseconds=said["ran"] // 1000),
        tuple(place(*back) for back in said["set_back"]),
        said["early"],
        place(*early) if early else None,
    )
