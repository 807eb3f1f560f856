"""Hears which names belong to addresses: ``python -m whence.sensors.name_hearing``.

Packets (``world.name_packets``) are read by the native part, in a process that has no rights any
more. What it heard is told once a second, as lines of ``model.heard_names``.
"""

from __future__ import annotations

import os
import select
import signal
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator

import msgspec

from whence.model import WhenceError
from whence.model.heard_names import NAMES_HOSTS, HeardName, HearingStatus
from whence.model.refusal import Refusal
from whence.world import capabilities
from whence.world.name_packets import LARGEST, RAW, NamePackets
from whence.world.native_part import load_native_part
from whence.world.this_host import utc_now

EVERY = 1.0  # seconds between two readings
MOST = 20_000  # packets of one reading
LONGEST = 253  # letters of a name, RFC 1035 2.3.4
_FILE = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, LARGEST, RAW)  # of pcap(5)
_PACKET = struct.Struct("<IIII")
_COLUMNS = ("subject_ip", "value", "relation", "source")
_HOW = {  # what the native part says, and how model.heard_names.HOW calls it
    ("resolves-to", "dns"): "dns",
    ("served-as", "tls"): "tls",
    ("served-as", "http"): "http",
    ("certificate-subject", "tls"): "certificate",
}
_RELATIONS = [*{relation for relation, _ in _HOW}]


class NameHearing:
    """The packets, and what was heard since it was last told."""

    def __init__(self) -> None:
        load_native_part()
        self._listening = NamePackets()
        self._file = os.memfd_create("heard")
        capabilities.give_up_all_but(())
        self._packets: list[bytes] = []
        self._read = self._lost = 0

    def run(self, ended: threading.Event) -> None:
        """Listen until told to end."""
        self._say([self._status()])
        poll = select.poll()
        poll.register(self._listening)
        poll.register(1, 0)  # 0: only if nobody reads
        due = time.monotonic() + EVERY
        while not ended.is_set():
            left = due - time.monotonic()
            poll.modify(self._listening, select.POLLIN if len(self._packets) < MOST else 0)
            ready = dict(poll.poll(max(0.0, left) * 1000))
            if ready.get(1, 0) & (select.POLLERR | select.POLLHUP):
                return  # nobody reads any more
            self._take()
            if time.monotonic() >= due:
                due = time.monotonic() + EVERY
                self._tell()
        self._tell()

    def _take(self) -> None:
        while len(self._packets) < MOST and (packet := self._listening.next()):
            self._packets.append(packet)

    def _tell(self) -> None:
        lost = self._listening.lost()
        if not self._packets and not lost:
            return
        self._lost += lost
        self._read += len(self._packets)
        now = utc_now()
        names = Counter(self._names(int(now.timestamp())))
        self._packets.clear()
        heard = [HeardName(now, *name, count) for name, count in names.items()]
        self._say([*heard, self._status()])

    def _names(self, second: int) -> Iterator[tuple[str, str, str]]:
        """Read the packets as a capture file, and yield addresses with their names."""
        if not self._packets:
            return
        file = [_FILE]
        for packet in self._packets:
            file += (_PACKET.pack(second, 0, len(packet), len(packet)), packet)
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, b"".join(file), 0)
        from whence import _native  # not before it is known that it loads

        reading = _native.Packets([f"/proc/self/fd/{self._file}"], names="called")
        flows = reading.flows(["source_ip"])
        while flows.texts(["source_ip"], "source_ip", []) is not None:
            pass  # names are there when all has been read
        names = reading.names()
        while (rows := names.texts(_COLUMNS, "relation", _RELATIONS)) is not None:
            for address, name, relation, source in rows:
                how = _HOW.get((relation or "", source or ""))
                if address and name and how and len(name) <= LONGEST:
                    is_host = how in NAMES_HOSTS
                    yield address, name.rstrip(".").lower() if is_host else name, how

    def _status(self) -> HearingStatus:
        return HearingStatus(utc_now(), self._read, self._lost)

    def _say(self, lines: list[HeardName | HearingStatus]) -> None:
        text = memoryview(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
        while text:
            text = text[os.write(1, text) :]


def main() -> int:
    """Listen until told to end, and give the exit status."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    try:
        NameHearing().run(ended)
    except WhenceError as error:
        os.write(1, msgspec.json.encode(Refusal.of(error)) + b"\n")
        return error.exit_code
    except BrokenPipeError:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
