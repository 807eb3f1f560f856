"""Connections over which log lines come: TCP, TLS and sockets of the file system."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from pathlib import Path
from typing import Any

from whence.model import BadSettings
from whence.model.log_receiving import Certificate
from whence.world.log_ports import open_path, open_port, peer_text, where
from whence.world.log_spool import Kind, mark

CHUNK = 1 << 16
GREETING = 10.0  # seconds in which TLS has to be agreed on


def server_trust(files: Certificate) -> ssl.SSLContext:
    """Read who we are by TLS, and whom we trust.

    Raises
    ------
    BadSettings
        If one of the files is not what it should be.

    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(files.certificate, files.key, password=_no_password)
    except (OSError, ssl.SSLError) as e:
        raise BadSettings(
            f"could not use the certificate {files.certificate} with the key {files.key}",
            because=getattr(e, "reason", None) or e.strerror or str(e),
            try_="give both as PEM: --certificate FILE --key FILE",
        ) from e
    if files.client_ca:
        try:
            context.load_verify_locations(files.client_ca)
        except (OSError, ssl.SSLError) as e:
            because = getattr(e, "reason", None) or e.strerror or str(e)
            raise BadSettings(f"could not use {files.client_ca}", because=because) from e
        context.verify_mode = ssl.CERT_REQUIRED
    return context


class Refused(Exception):
    """A connection over which nothing can come: TLS was not agreed on."""


class Connection:
    """A sender that is connected; reading never waits."""

    def __init__(self, opened: socket.socket, kind: Kind, peer: str, port: int) -> None:
        self.kind, self.peer = kind, peer
        self.mark = mark(kind, peer, port)
        self.where = f"{peer} port {port}" if port else peer
        self.subject = ""  # of its certificate
        self._socket = opened
        self._until = time.monotonic() + GREETING if isinstance(opened, ssl.SSLSocket) else 0.0

    def fileno(self) -> int:
        """Give the descriptor, to wait for it."""
        return self._socket.fileno()

    @property
    def is_late(self) -> bool:
        """Whether it should have said who it is by now."""
        return bool(self._until) and time.monotonic() > self._until

    @property
    def has_more(self) -> bool:
        """Whether there is something to read that nobody waiting on the descriptor is told of."""
        return isinstance(self._socket, ssl.SSLSocket) and self._socket.pending() > 0

    def read(self) -> bytes | None:
        """Read what there is; None: nothing yet; empty: it has ended.

        Raises
        ------
        Refused
            If TLS is not agreed on.

        """
        try:
            if self._until and isinstance(self._socket, ssl.SSLSocket):
                self._socket.do_handshake()
                self._until = 0.0
                self.subject = _subject(self._socket)
            return self._gather()
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None
        except ssl.SSLError as e:
            if self._until:
                raise Refused(f"TLS with {self.where}: {e.reason or e}") from e
            return b""
        except OSError as e:
            if self._until:
                raise Refused(f"TLS with {self.where}: {e.strerror or e}") from e
            return b""

    def _gather(self) -> bytes:
        """Read once; by TLS until there is as much, since a record has 16 KiB at most."""
        data = self._socket.recv(CHUNK)
        if not data or not isinstance(self._socket, ssl.SSLSocket):
            return data
        parts, size = [data], len(data)
        with contextlib.suppress(OSError):
            while data and size < CHUNK:
                data = self._socket.recv(CHUNK)
                parts.append(data)
                size += len(data)
        return b"".join(parts)

    def close(self) -> None:
        """Hang up; by TLS a farewell is answered, RFC 5425 section 4.4."""
        if isinstance(self._socket, ssl.SSLSocket) and not self._until:
            with contextlib.suppress(OSError):
                self._socket.unwrap()
        self._socket.close()


class Listener:
    """A socket to which senders connect."""

    def __init__(
        self, opened: socket.socket, kind: Kind, trust: ssl.SSLContext | None = None
    ) -> None:
        self.kind = kind
        self._socket, self._trust = opened, trust

    @classmethod
    def tcp(cls, address: str, port: int, trust: ssl.SSLContext | None = None) -> Listener:
        """Listen on a port; with ``trust`` for TLS."""
        opened = open_port(address, port, socket.SOCK_STREAM)
        return cls(opened, Kind.TLS if trust else Kind.TCP, trust)

    @classmethod
    def unix(cls, path: str) -> Listener:
        """Listen on a socket of the file system."""
        return cls(open_path(path, socket.SOCK_STREAM), Kind.UNIX)

    def fileno(self) -> int:
        """Give the descriptor, to wait for it."""
        return self._socket.fileno()

    @property
    def where(self) -> str:
        """Where it listens."""
        return where(self._socket)

    def accept(self) -> Connection | None:
        """Accept somebody, if somebody waits.

        Raises
        ------
        Refused
            If it has gone again.
        OSError
            If that takes more open files than we may have.

        """
        try:
            opened, name = self._socket.accept()
        except (BlockingIOError, ConnectionError):
            return None
        opened.setblocking(False)
        if self.kind is Kind.UNIX:
            return Connection(opened, self.kind, self.where, 0)
        try:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # the dead do not stay
            if self._trust:
                opened = self._trust.wrap_socket(
                    opened, server_side=True, do_handshake_on_connect=False
                )
        except (OSError, ValueError) as e:  # it has hung up already
            opened.close()
            raise Refused(f"{peer_text(name[0])}: {e}") from e
        return Connection(opened, self.kind, peer_text(name[0]), name[1])

    def close(self) -> None:
        """Listen no more."""
        path = self._socket.getsockname() if self.kind is Kind.UNIX else ""
        self._socket.close()
        if path:
            with contextlib.suppress(OSError):
                Path(path).unlink()


def _subject(opened: ssl.SSLSocket) -> str:
    """Write the subject of the other end's certificate, which is a tuple of tuples of pairs."""
    certificate: Any = opened.getpeercert() or {}
    return ", ".join(
        f"{name}={value}" for part in certificate.get("subject", ()) for name, value in part
    )


def _no_password() -> str:
    raise BadSettings(
        "the key has a password", try_="openssl pkey -in KEY -out PLAIN; chmod 600 PLAIN"
    )
