"""Calling a server outside: never for long, never for much, and never led into the own network."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from whence.model import BadSettings, CannotAsk
from whence.model.special_ranges import is_public
from whence.world.online_settings import OnlineSettings
from whence.world.post import Undelivered, reaching

PIECE = 1 << 14
MOST_ADDRESSES = 4  # of one server, that are tried one after the other


@dataclass(frozen=True, slots=True)
class Server:
    """A server by the name under which it is known, and its port."""

    host: str
    port: int
    is_named_by_stranger: bool = False  # by a referral or redirect: it could lead anywhere

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @classmethod
    def of(cls, text: str, port: int) -> Server:
        """Read HOST or HOST:PORT of the settings.

        Raises
        ------
        BadSettings
            If it is neither.

        """
        host, colon, number = text.strip().rpartition(":")
        is_address = ":" in host and not host.startswith("[")  # 2001:db8::1, without a port
        if not colon or is_address:
            host, number = text.strip(), str(port)
        if not host.strip("[]") or not number.isdigit() or not 0 < int(number) < 1 << 16:
            raise BadSettings(f"“{text}” is not a server", try_="write HOST or HOST:PORT")
        return cls(host.strip("[]"), int(number))


def call(server: Server, settings: OnlineSettings) -> socket.socket:
    """Connect to where a server is, or is set to be.

    Raises
    ------
    CannotAsk
        If a stranger named it and it is not a public address: nobody outside shall make whence
        speak to the inside.
    OSError
        If it cannot be reached.

    """
    place = settings.at.get(str(server)) or settings.at.get(server.host)
    if place:
        instead = Server.of(place, server.port)
        return socket.create_connection((instead.host, instead.port), settings.patience)
    refused = OSError("it has no address")
    for address in _addresses(server):
        if server.is_named_by_stranger and not is_public(address):
            raise CannotAsk(
                f"{server} is not asked",
                because=f"somebody referred to it, and it is at {address}, which is not public",
                try_="if it is right, set it in online.toml, under [at]",
            )
        try:  # a machine without IPv6 gets no further than the next one
            return socket.create_connection((address, server.port), settings.patience)
        except OSError as e:
            refused = e
    raise refused


def _addresses(server: Server) -> list[str]:
    try:
        return [str(ipaddress.ip_address(server.host))]
    except ValueError:
        found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
        addresses = dict.fromkeys(str(one[4][0]).partition("%")[0] for one in found)
        return [*addresses][:MOST_ADDRESSES]


@contextmanager
def asking(
    where: object, settings: OnlineSettings, connection: Callable[[], socket.socket | None]
) -> Iterator[None]:
    """Say in the user's words why a server could not be asked, and hang up on it in time."""
    try:
        with reaching(str(where), settings.patience, connection):
            yield
    except Undelivered as reason:
        advice = "if its authority is your own: ca in online.toml" if reason.try_ else ""
        raise CannotAsk(str(reason), because=reason.because, try_=advice) from reason
    except UnicodeError as reason:  # a host's name that cannot be asked for
        raise CannotAsk(f"{where} was not found", because=str(reason)) from reason


def received(connection: socket.socket, most: int) -> tuple[bytes, bool]:
    """Read to the end, or as much as ``most`` bytes; say whether there would have been more."""
    pieces, size = [], 0
    while piece := connection.recv(PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > most:
            return b"".join(pieces)[:most], True
    return b"".join(pieces), False


def readable(said: bytes) -> str:
    """Read UTF-8, and ISO 8859-1 where it is not that."""
    try:
        return said.decode()
    except UnicodeDecodeError:
        return said.decode("latin-1")
