"""Which database a URL names, and who asks it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from whence.model import BadInput

PORTS = {"postgresql": 5432, "mysql": 3306}
KINDS = {"postgres": "postgresql", "mariadb": "mysql"}
FORMS = "postgresql://USER:PASSWORD@HOST:PORT/NAME or mysql://…; ?host=/folder for a socket"


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """Which database, and who asks."""

    kind: str
    host: str
    port: int
    name: str
    user: str
    password: str | None = field(repr=False)
    socket: str | None = None  # the folder of PostgreSQL's socket, or the file of MySQL's

    @classmethod
    def parse(cls, url: str, environment: Mapping[str, str] = os.environ) -> DatabaseAddress:
        """Read a connection URL; what it leaves out is taken from PGUSER, PGPASSWORD, MYSQL_PWD.

        Raises
        ------
        BadInput
            If it is none; the words do not repeat it, for the password in it.

        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as e:
            raise BadInput("this is not the address of a database", try_=f"give {FORMS}") from e
        kind = KINDS.get(parts.scheme, parts.scheme)
        if kind not in PORTS:
            raise BadInput("this is not the address of a database", try_=f"give {FORMS}")
        user_variable, word = (
            ("PGUSER", "PGPASSWORD") if kind == "postgresql" else ("", "MYSQL_PWD")
        )
        user = unquote(parts.username or "") or environment.get(user_variable, "")
        socket = next(iter(parse_qs(parts.query).get("host", [])), None)
        return cls(
            kind, parts.hostname or "localhost", port or PORTS[kind],
            unquote(parts.path.lstrip("/")), user or environment.get("USER", ""),
            unquote(parts.password) if parts.password is not None else environment.get(word),
            socket if socket and socket.startswith("/") else None,
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind}://{self.socket or f'{self.host}:{self.port}'}/{self.name}"
