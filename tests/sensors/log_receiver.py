"""A receiver as tests use it: the real process, on loopback, with a spool of its own."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from whence.model.log_receiving import LogSources, ReceiverSettings, ReceiverStatus, SpoolLimits
from whence.world.log_receiver_process import LogReceiverProcess
from whence.world.log_spool import Kind, Record, SpoolReader

PATIENCE = 20.0
NO_FLOOR = SpoolLimits(floor=0, floor_share=0)
HERE = ("127.0.0.1", 0)


@dataclass
class Running:
    """A receiver that listens."""

    process: LogReceiverProcess
    spool: Path
    status: ReceiverStatus
    notes: list[str] = field(default_factory=list)
    seen: int = 0  # messages that were there before, and are not given

    def __post_init__(self) -> None:
        self._statuses = self.process.statuses()
        self.wait_for(lambda status: True)

    def port(self, transport: str) -> int:
        """Where it listens."""
        (place,) = [one for one in self.status.listening if one.startswith(f"{transport} ")]
        return int(place.rpartition(":")[2])

    def wait_for(self, wanted: Callable[[ReceiverStatus], bool]) -> ReceiverStatus:
        """Read how it is until that is so."""
        end = time.monotonic() + PATIENCE
        for status in self._statuses:
            if status:
                self.status = status
                self.notes += status.notes
                if wanted(status):
                    return status
            assert time.monotonic() < end, self.status
        raise AssertionError(self.status)

    def wait_for_messages(self, count: int) -> list[Record]:
        """Wait until so many are in the spool, and give them."""
        end = time.monotonic() + PATIENCE
        while len(found := messages(self.spool)[self.seen :]) < count:
            assert time.monotonic() < end, found
            time.sleep(0.02)
        return found

    def finish(self) -> ReceiverStatus:
        """End it, and give its last word."""
        self.process.end()
        return self.wait_for(lambda status: status.ended)

    def kill(self) -> None:
        """Kill it, as kill -9 does."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.close()


@contextmanager
def receiving(spool: Path, sources: LogSources, **others: Any) -> Iterator[Running]:
    settings = ReceiverSettings(str(spool), sources, limits=NO_FLOOR, every=0.05)
    settings = replace(settings, **others)
    with LogReceiverProcess(settings) as process:
        yield Running(process, spool, ReceiverStatus())


def everything(spool: Path) -> list[Record]:
    reader = SpoolReader(spool)
    found = [*reader.records()]
    assert not reader.damage
    return found


def messages(spool: Path) -> list[Record]:
    return [record for record in everything(spool) if record.kind is not Kind.GAP]


def texts(spool: Path) -> list[str]:
    return [record.payload.decode() for record in messages(spool)]


def send_datagrams(port: int, *sent: bytes, address: str = "127.0.0.1") -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as out:
        for message in sent:
            out.sendto(message, (address, port))


def send_stream(port: int, *pieces: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port)) as out:
        for piece in pieces:
            out.sendall(piece)
