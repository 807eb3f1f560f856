"""RDAP (RFC 7480, 9082, 9083) over HTTPS, at the registry that IANA's table names (RFC 9224)."""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from whence.model import BadSettings, CannotAsk
from whence.world.online_settings import OnlineSettings
from whence.world.outside import Server, asking, call, readable
from whence.world.post import verifying

BOOTSTRAP = Path(__file__).with_name("rdap_bootstrap.json")
LARGEST = 512 << 10  # bytes of an answer
MOST_REDIRECTS = 4
HEADERS = {"Accept": "application/rdap+json", "User-Agent": "whence", "Connection": "close"}


def rdap(address: str, settings: OnlineSettings) -> str:
    """Ask the registry in charge about an address, and follow redirects.

    Raises
    ------
    CannotAsk
        If there is none, or it gives no answer: why, and what it said.
    BadSettings
        If the settings name no server, or no file of certificates.

    """
    base = _parts(settings.rdap_server or _registry(address, settings))
    if base is None:
        raise BadSettings(
            f"“{settings.rdap_server}” is no address of an RDAP server", try_="https://HOST/…"
        )
    url, met = urljoin(base.geturl().rstrip("/") + "/", f"ip/{address}"), set[str]()
    for _ in range(MOST_REDIRECTS + 1):
        parts = _parts(url)
        if parts is None:
            raise CannotAsk(f"{base.hostname} leads to “{url[:200]}”", because="that is not https")
        server = Server(parts.hostname or "", parts.port or 443, parts.netloc != base.netloc)
        status, where, body = _get(server, parts, settings)
        if status == 200:
            return body
        if not 300 <= status < 400 or not where:
            raise _refused(server.host, status, where)
        met.add(url)
        url = _joined(url, where)
        if url in met:
            raise CannotAsk(
                f"{server.host} gave no answer", because="it leads back to where it began"
            )
    raise CannotAsk(
        f"{base.hostname} gave no answer",
        because=f"it leads on and on, over {MOST_REDIRECTS} times",
    )


def _get(server: Server, parts: SplitResult, settings: OnlineSettings) -> tuple[int, str, str]:
    """Send one request; give status, where it leads or how long to wait, and the body."""
    trust = verifying(Path(settings.ca) if settings.ca else None)
    connection: socket.socket | None = None
    with asking(f"the RDAP server {server}", settings, lambda: connection):
        connection = call(server, settings)
        with connection:
            connection = trust.wrap_socket(connection, server_hostname=server.host)
            with connection:
                answer, body = _exchange(connection, server, parts)
    if len(body) > LARGEST:
        raise CannotAsk(f"{server} said too much", because=f"over {LARGEST} bytes")
    where = answer.headers.get("Location") or answer.headers.get("Retry-After") or ""
    return answer.status, where, readable(body)


def _exchange(
    connection: socket.socket, server: Server, parts: SplitResult
) -> tuple[http.client.HTTPResponse, bytes]:
    speaker = http.client.HTTPConnection(server.host, server.port)
    speaker.sock = connection
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        speaker.request("GET", path, headers=HEADERS)
        answer = speaker.getresponse()
        return answer, answer.read(LARGEST + 1)
    except http.client.RemoteDisconnected:
        raise  # an OSError, too
    except (http.client.HTTPException, ValueError) as e:
        because = type(e).__name__  # its text is the stranger's
        raise CannotAsk(f"{server} does not speak HTTP", because=because) from e


def _joined(url: str, where: str) -> str:
    try:
        return urljoin(url, where)
    except ValueError:  # “https://[”
        return where


def _parts(url: str) -> SplitResult | None:
    """Take an address apart; None where it is not one of https."""
    try:
        parts = urlsplit(url)
        is_right = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    is_plain = url.isascii() and url.isprintable() and " " not in url
    return parts if is_right and is_plain else None


def _refused(host: str, status: int, wait: str) -> CannotAsk:
    if status == 404:
        return CannotAsk(f"{host} knows no network with this address", because="it answered 404")
    if status == 429:  # RFC 6585, RFC 7480 section 5.5
        later = f", and to wait {wait} s" if wait.isdigit() and len(wait) < 7 else ""
        return CannotAsk(
            f"{host} was asked too often",
            because=f"it answered 429{later}",
            try_="ask again later; whois may answer meanwhile",
        )
    return CannotAsk(f"{host} gave no answer", because=f"it answered {status}")


def _registry(address: str, settings: OnlineSettings) -> str:
    """Find who is in charge: the URL of the longest prefix that holds the address."""
    path = Path(settings.rdap_bootstrap) if settings.rdap_bootstrap else BOOTSTRAP
    asked = ipaddress.ip_address(address)
    try:
        services = json.loads(path.read_bytes())["services"]
        best = max(_holding(services, asked), default=None)
    except OSError as e:
        raise BadSettings(f"could not read {path}", because=e.strerror or str(e)) from e
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as e:
        raise BadSettings(f"{path} is not IANA's table of RDAP servers", because=str(e)) from e
    if best is None:
        raise CannotAsk(
            f"no registry is in charge of {address}",
            because="IANA's table of RDAP servers has no network that holds it",
        )
    return best[1]


def _holding(
    services: Any, asked: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> Iterator[tuple[int, str]]:
    for networks, urls in services:
        for text in networks:
            network = ipaddress.ip_network(text)
            if network.version == asked.version and asked in network:
                url = next((one for one in urls if one.startswith("https://")), "")
                if url:
                    yield network.prefixlen, url
