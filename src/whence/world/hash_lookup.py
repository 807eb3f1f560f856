"""Is the sum of a file known to a service such as CIRCL hashlookup? The service learns the sum."""

from __future__ import annotations

import http.client
import socket
from pathlib import Path
from urllib.parse import urlsplit

from whence.model import BadSettings, CannotAsk
from whence.world.online_settings import OnlineSettings
from whence.world.outside import Server, asking, call, readable
from whence.world.post import verifying

LARGEST = 64 << 10  # bytes of an answer
HEADERS = {"Accept": "application/json", "User-Agent": "whence", "Connection": "close"}
UNKNOWN = "{}\n"


def hash_lookup(sha256: str, settings: OnlineSettings) -> str:
    """Give what the service knows of a file by its SHA-256: JSON; an empty object: nothing.

    Raises
    ------
    CannotAsk
        If it gives no answer.
    BadSettings
        If the settings name no service.

    """
    server, path = _service(settings.hash_lookup)
    status, body = _get(server, f"{path}/lookup/sha256/{sha256}", settings)
    if status == 404:  # it knows no such file
        return UNKNOWN
    if status == 429:
        raise CannotAsk(f"{server.host} was asked too often", try_="ask again later")
    if status != 200:
        raise CannotAsk(f"{server.host} gave no answer", because=f"it answered {status}")
    if len(body) > LARGEST:
        raise CannotAsk(f"{server.host} said too much", because=f"over {LARGEST >> 10} KB")
    return readable(body)


def _service(url: str) -> tuple[Server, str]:
    """Take an address apart: the server, and the path before what is asked."""
    try:
        parts = urlsplit(url)
        if parts.scheme == "https" and parts.hostname:
            return Server(parts.hostname, parts.port or 443), parts.path.rstrip("/")
    except ValueError:  # “https://[”
        pass
    raise BadSettings(f"“{url}” is no address of a service", try_="hash_lookup = https://…")


def _get(server: Server, path: str, settings: OnlineSettings) -> tuple[int, bytes]:
    trust = verifying(Path(settings.ca) if settings.ca else None)
    connection: socket.socket | None = None
    with asking(f"the hash service {server}", settings, lambda: connection):
        connection = call(server, settings)
        with connection:
            connection = trust.wrap_socket(connection, server_hostname=server.host)
            with connection:
                speaker = http.client.HTTPConnection(server.host, server.port)
                speaker.sock = connection
                try:
                    speaker.request("GET", path, headers=HEADERS)
                    answer = speaker.getresponse()
                    return answer.status, answer.read(LARGEST + 1)
                except http.client.RemoteDisconnected:
                    raise  # an OSError, too
                except (http.client.HTTPException, ValueError) as e:
                    because = type(e).__name__  # its text is the stranger's
                    raise CannotAsk(f"{server} does not speak HTTP", because=because) from e
