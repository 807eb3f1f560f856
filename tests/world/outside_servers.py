"""The outside on loopback: a resolver, whois servers, a registry with RDAP, and hostile ones."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from dnslib import RCODE, RR, DNSRecord
from dnslib.server import BaseResolver, DNSHandler, DNSLogger, DNSServer

from tests.sensors.certificates import Authority

Serve = Callable[[socket.socket], None]


@contextmanager
def serving(serve: Serve, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A TCP server on loopback that serves each caller in a thread; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def one(connection: socket.socket) -> None:
            with contextlib.suppress(OSError), connection:
                connection.settimeout(10)
                end = context.wrap_socket(connection, server_side=True) if context else connection
                with end:
                    serve(end)

        def loop() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    threading.Thread(target=one, args=(connection,), daemon=True).start()

        threading.Thread(target=loop, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)  # close() alone does not wake who waits in accept()


def answering(text: str | bytes, asked: list[str] | None = None) -> Serve:
    """Read a line, then say this."""

    def serve(end: socket.socket) -> None:
        question = end.recv(1000).decode()
        if asked is not None:
            asked.append(question)
        end.sendall(text if isinstance(text, bytes) else text.encode())

    return serve


def endless(end: socket.socket) -> None:
    end.recv(1000)
    while True:
        end.sendall(b"remarks: and so on\n" * 1000)


def dripping(end: socket.socket) -> None:
    end.recv(1000)
    while True:
        end.sendall(b"x")
        time.sleep(0.05)


def silent(end: socket.socket) -> None:
    while end.recv(1000):
        pass


def greeting(text: str) -> Serve:
    """Speak first, then wait for the caller to go."""

    def serve(end: socket.socket) -> None:
        end.sendall(text.encode())
        silent(end)

    return serve


class _Zone(BaseResolver):  # type: ignore[misc]  # dnslib has no types
    def __init__(self, records: Mapping[tuple[str, str], tuple[str, ...]]) -> None:
        self._records = records

    def resolve(self, request: DNSRecord, handler: DNSHandler) -> DNSRecord:
        reply = request.reply()
        name, kind = str(request.q.qname), request.q.qtype
        known = {asked for asked, _ in self._records}
        for (asked, of_kind), values in self._records.items():
            if asked == name:
                for value in values:
                    rows = RR.fromZone(f"{asked} 60 IN {of_kind} {value}")
                    reply.add_answer(*(row for row in rows if row.rtype == kind))
        if name not in known:
            reply.header.rcode = RCODE.NXDOMAIN
        return reply


@contextmanager
def resolver(records: Mapping[tuple[str, str], tuple[str, ...]]) -> Iterator[str]:
    """A name server that knows these records: (name, kind) → values; gives HOST:PORT."""
    quiet = DNSLogger("-request,-reply,-truncated,-error")
    server = DNSServer(_Zone(records), address="127.0.0.1", port=0, logger=quiet)
    server.start_thread()
    try:
        yield f"127.0.0.1:{server.server.server_address[1]}"
    finally:
        server.server.shutdown()
        server.server.server_close()


class Registry(ThreadingHTTPServer):
    """A registry with RDAP over HTTPS: path → (status, headers, body)."""

    daemon_threads = True

    def __init__(self, authority: Authority, name: str) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        pair = authority.vouch(name)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.certificate, pair.key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.answers: dict[str, tuple[int, Mapping[str, str], bytes]] = {}
        self.asked: list[str] = []

    def say(self, path: str, status: int, body: object = None, **headers: str) -> None:
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = (status, named, text)

    def handle_error(self, *_: object) -> None:
        """Say nothing of callers that hang up."""


class _Request(BaseHTTPRequestHandler):
    server: Registry

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        status, headers, body = self.server.answers.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def registry(folder: Path, name: str = "rdap.example.net") -> Iterator[tuple[Registry, str]]:
    """A registry; gives it and the file of the authority that vouches for it."""
    authority = Authority(folder, f"authority of {name}")
    server = Registry(authority, name)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server, authority.certificate
    finally:
        server.shutdown()
        server.server_close()
