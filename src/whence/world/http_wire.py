"""One HTTP request that is not led elsewhere: no redirect, no proxy, no cookie."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from whence.world.post import Refused, Undelivered, reaching

TRY_LATER = (408, 425, 429)  # besides 5xx, RFC 9110 and 6585


@dataclass(frozen=True, slots=True)
class WebServer:
    """Where a request goes. Its path is not shown to anybody: it may hold a token."""

    host: str
    port: int
    trust: ssl.SSLContext | None  # None: http
    patience: float = 20.0  # seconds without an answer

    def __str__(self) -> str:
        return f"the web server {self.host}:{self.port}"


def post(server: WebServer, path: str, headers: Mapping[str, str], body: bytes) -> None:
    """Send ``body`` and see that it is taken.

    Raises
    ------
    Undelivered
        If the server could not be reached, or is to be tried again later.
    Refused
        If it did not want the request, or wanted it elsewhere.

    """
    connection = _connection(server)
    with reaching(str(server), server.patience, lambda: connection.sock):
        try:
            connection.request("POST", path, body, dict(headers))
            answer = connection.getresponse()
        except http.client.RemoteDisconnected:
            raise  # an OSError, too
        except http.client.HTTPException as e:
            because = type(e).__name__  # its text is the stranger's
            raise Undelivered(f"{server} does not speak HTTP", because=because) from e
        finally:
            connection.close()
    _check(server, answer.status)


def _connection(server: WebServer) -> http.client.HTTPConnection:
    if server.trust is None:
        return http.client.HTTPConnection(server.host, server.port, timeout=server.patience)
    return http.client.HTTPSConnection(
        server.host, server.port, timeout=server.patience, context=server.trust
    )


def _check(server: WebServer, status: int) -> None:
    if 200 <= status < 300:
        return
    because = f"it answered {status}"
    if status >= 500 or status in TRY_LATER:
        raise Undelivered(f"{server} did not take the message", because=because)
    if 300 <= status < 400:
        raise Refused(
            f"{server} wants the message to go elsewhere",
            because=because,
            try_="give --notify the address that it means, if you trust that one",
        )
    raise Refused(f"{server} refused the message", because=because)
