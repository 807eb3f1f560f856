"""Whois (RFC 3912): a line to a server, text back, and on to the server that it refers to."""

from __future__ import annotations

import socket

from whence.model import CannotAsk
from whence.model.whois_answers import referral
from whence.world.online_settings import OnlineSettings
from whence.world.outside import Server, asking, call, readable, received

PORT = 43
MOST_SERVERS = 4  # IANA, the registry, and a provider's own
LARGEST = 256 << 10  # bytes of an answer
ASKED = {"whois.arin.net": "n + {}"}  # else it lists the names of networks, and no holder


def whois(address: str, settings: OnlineSettings) -> str:
    """Ask, and follow referrals; each answer stands after a line ``% from SERVER``.

    What became of a referral that could not be followed stands there, too.

    Raises
    ------
    CannotAsk
        If not even the first server answers.

    """
    server = Server.of(settings.whois_server, PORT)
    told = [f"% from {server}", _ask(server, address, settings)]
    met = {str(server)}
    while named := referral(told[-1]):
        server = Server(*named, is_named_by_stranger=True)
        if str(server) in met:
            break
        if len(met) == MOST_SERVERS:
            told.append(f"% {MOST_SERVERS} servers were asked, and not {server}, the next one")
            break
        met.add(str(server))
        try:
            told += [f"% from {server}", _ask(server, address, settings)]
        except CannotAsk as reason:
            told.append(f"% {reason}" + (f": {reason.because}" if reason.because else ""))
            break
    return "\n".join(told)


def _ask(server: Server, address: str, settings: OnlineSettings) -> str:
    question = ASKED.get(server.host, "{}").format(address)
    connection: socket.socket | None = None
    with asking(f"the whois server {server}", settings, lambda: connection):
        connection = call(server, settings)
        with connection:
            connection.sendall(f"{question}\r\n".encode())
            said, is_cut = received(connection, LARGEST)
    note = f"\n% cut off after {LARGEST} bytes" if is_cut else ""
    return readable(said).replace("\r\n", "\n").strip("\n") + note
