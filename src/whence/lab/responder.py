"""A server that answers whoever calls within some milliseconds, and writes down who called.

Usage: ``responder.py LOG CERTIFICATE ADDRESS:PORT…``, LOG and CERTIFICATE may be ``-``; an address
that begins with ``tls:`` is served with TLS where there is a certificate. ``@FILE`` stands for the
places in a file: a command line could be seen on another machine of the lab.
"""

from __future__ import annotations

import asyncio
import random
import ssl
import sys
from datetime import UTC, datetime
from pathlib import Path


async def main(log: str, certificate: str, *places: str) -> None:
    """Serve all places until killed."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        write_down(log, writer)
        try:
            await asyncio.wait_for(reader.read(4096), timeout=2)
            await asyncio.sleep(random.uniform(0.001, 0.006))
            writer.write(b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nok\n")
            await writer.drain()
        except (TimeoutError, OSError):
            pass  # callers come and go
        finally:
            writer.close()

    if places[0].startswith("@"):
        places = tuple(Path(places[0][1:]).read_text(encoding="utf-8").split())
    for place in places:
        address, _, port = place.removeprefix("tls:").rpartition(":")
        secret = place.startswith("tls:") and certificate != "-"
        await asyncio.start_server(
            answer, address, int(port), ssl=secured(certificate) if secret else None
        )
    await asyncio.Event().wait()


def secured(certificate: str) -> ssl.SSLContext:
    """Serve with the certificate and key in one file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def write_down(log: str, writer: asyncio.StreamWriter) -> None:
    """Note a caller the way a firewall would: time, source, destination."""
    if log == "-":
        return
    (caller, port), (ours, our_port) = (
        writer.get_extra_info(name)[:2] for name in ("peername", "sockname")
    )
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    with Path(log).open("a", encoding="utf-8") as lines:
        lines.write(f"{now} TCP {caller}:{port} -> {ours}:{our_port}\n")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
