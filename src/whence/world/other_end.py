"""Calling the very one that is asked about: its certificates, and the first that it says."""

from __future__ import annotations

import socket
import ssl
from typing import Any

from whence.model import CannotAsk
from whence.world.online_settings import OnlineSettings
from whence.world.outside import PIECE, Server, asking, call, readable

LARGEST = 8192  # bytes of a banner
MOST_CERTIFICATES = 10  # of a chain
SPOKEN_TO = 1.5  # seconds in which a server that speaks first has spoken
TLS_FIRST = (443, 465, 636, 853, 989, 990, 993, 995, 5061, 8443)
SPOKEN_TO_FIRST = (80, 443, 8000, 8080, 8443)  # the web, where nobody waits for a greeting
REQUEST = "HEAD / HTTP/1.1\r\nHost: {}\r\nUser-Agent: whence\r\nConnection: close\r\n\r\n"


def certificates(address: str, port: int, settings: OnlineSettings) -> str:
    """Give what it shows in a TLS handshake, PEM, after a line that says how it was encrypted.

    Nothing is verified: whoever is there, it is to be seen what it shows. No name is given (SNI),
    for none is known; a server of many names shows the certificate that it has for such callers.

    Raises
    ------
    CannotAsk
        If it cannot be reached or does not speak TLS.

    """
    server = Server(address, port)
    connection: socket.socket | None = None
    with asking(server, settings, lambda: connection):
        connection = call(server, settings)
        with connection:
            connection = _lenient().wrap_socket(connection)
            with connection:
                shown = _chain(connection)
                cipher = (connection.cipher() or ("",))[0]
                how = f"{connection.version()} {cipher}, {len(shown)} shown"
    return "\n".join([how, *(ssl.DER_cert_to_PEM_cert(one).rstrip() for one in shown)]) + "\n"


def banner(address: str, port: int, settings: OnlineSettings) -> str:
    """Give the first that it says; where it waits to be spoken to, to a request for a page's head.

    Raises
    ------
    CannotAsk
        If it cannot be reached or says nothing.

    """
    ways = (True, False) if port in TLS_FIRST else (False, True)
    refused: CannotAsk | None = None
    for is_encrypted in ways:
        try:
            if said := _said(Server(address, port), settings, is_encrypted):
                return said
        except CannotAsk as reason:
            refused = refused or reason
    raise refused or CannotAsk(
        f"{Server(address, port)} says nothing", because="neither by itself nor to a web request"
    )


def _said(server: Server, settings: OnlineSettings, is_encrypted: bool) -> str:
    connection: socket.socket | None = None
    with asking(server, settings, lambda: connection):
        connection = call(server, settings)
        with connection:
            if is_encrypted:
                connection = _lenient().wrap_socket(connection)
            with connection:
                said = None
                if server.port not in SPOKEN_TO_FIRST:
                    said = _greeting(connection, min(SPOKEN_TO, settings.patience))
                if said is None:
                    connection.settimeout(settings.patience)
                    connection.sendall(REQUEST.format(server.host).encode())
                    said = _first(connection)
    text = readable(said)
    return text if text[:1].isprintable() else ""  # what is not text is TLS, or a protocol of bytes


def _greeting(connection: socket.socket, patience: float) -> bytes | None:
    """Give what it says by itself; None where it waits."""
    connection.settimeout(patience)
    try:
        return connection.recv(LARGEST)
    except TimeoutError:
        return None


def _first(connection: socket.socket) -> bytes:
    """Read up to the empty line that ends a head, the end, or enough."""
    said = b""
    while b"\r\n\r\n" not in said and len(said) < LARGEST:
        piece = connection.recv(PIECE)
        if not piece:
            break
        said += piece
    return said[:LARGEST]


def _lenient() -> ssl.SSLContext:
    """Speak with old appliances, too: it is only looked at what they show."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


def _chain(connection: ssl.SSLSocket) -> list[bytes]:
    """Give the chain; Python offers it from 3.13 on, and before that one level deeper."""
    told: Any = getattr(connection, "get_unverified_chain", None)
    if told is None:
        inner = getattr(getattr(connection, "_sslobj", None), "get_unverified_chain", None)
        if inner is not None:
            return [ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in inner() or ()][
                :MOST_CERTIFICATES
            ]
        leaf = connection.getpeercert(binary_form=True)
        return [leaf] if leaf else []
    return [*(told() or ())][:MOST_CERTIFICATES]
