"""Syslog records on their way: to this machine's socket, by UDP, TCP or TLS."""

from __future__ import annotations

import contextlib
import errno
import socket
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from whence.world.post import reaching

FAREWELL = 2.0  # seconds that a receiver gets to close its end


@dataclass(frozen=True, slots=True)
class Collector:
    """A syslog receiver in the network."""

    host: str
    port: int
    patience: float = 20.0  # seconds without an answer

    def __str__(self) -> str:
        return f"the syslog receiver {self.host}:{self.port}"


def send_local(path: str, records: Sequence[bytes]) -> None:
    """Write each record to a socket such as /dev/log, be it one of datagrams or a stream.

    Raises
    ------
    Undelivered
        If nobody listens there.

    """
    with reaching(path, FAREWELL, lambda: None):
        try:
            _write_local(path, socket.SOCK_DGRAM, records)
        except OSError as e:
            if e.errno != errno.EPROTOTYPE:
                raise
            _write_local(path, socket.SOCK_STREAM, [record + b"\0" for record in records])


def send_datagrams(collector: Collector, records: Sequence[bytes]) -> None:
    """Send each record in a packet of its own (RFC 5426). Nobody acknowledges them."""
    with reaching(str(collector), collector.patience, lambda: None):
        family, kind, protocol, _name, address = socket.getaddrinfo(
            collector.host, collector.port, type=socket.SOCK_DGRAM
        )[0]
        with socket.socket(family, kind, protocol) as out:
            out.connect(address)
            for record in records:
                out.send(record)


def send_stream(
    collector: Collector, records: Sequence[bytes], trust: ssl.SSLContext | None
) -> None:
    """Send all records over one connection, counted in octets (RFC 6587, over TLS RFC 5425).

    Syslog has no acknowledgement. What can be told is whether the receiver was there, was the
    right one, and closed its end in peace.

    Raises
    ------
    Undelivered
        If the receiver could not be reached, is not trusted, or broke off.

    """
    opened: list[socket.socket] = []
    with (
        reaching(str(collector), collector.patience, lambda: opened[0] if opened else None),
        _connected(collector, trust) as out,
    ):
        opened.append(out)
        out.sendall(b"".join(b"%d %b" % (len(record), record) for record in records))
        _say_goodbye(out)


def _write_local(path: str, kind: int, records: Sequence[bytes]) -> None:
    with socket.socket(socket.AF_UNIX, kind) as out:
        out.settimeout(FAREWELL)
        out.connect(path)
        for record in records:
            out.sendall(record)


@contextlib.contextmanager
def _connected(collector: Collector, trust: ssl.SSLContext | None) -> Iterator[socket.socket]:
    with socket.create_connection((collector.host, collector.port), collector.patience) as plain:
        if trust is None:
            yield plain
            return
        with trust.wrap_socket(plain, server_hostname=collector.host) as private:
            yield private


def _say_goodbye(out: socket.socket) -> None:
    out.settimeout(FAREWELL)
    with contextlib.suppress(TimeoutError, ssl.SSLEOFError):
        if isinstance(out, ssl.SSLSocket):
            out.unwrap()  # RFC 5425, 4.4: close_notify
        else:
            out.shutdown(socket.SHUT_WR)
            out.recv(1)
