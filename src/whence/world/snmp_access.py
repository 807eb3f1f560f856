"""How an SNMP agent is reached, and how patient one is with it."""

from __future__ import annotations

from dataclasses import dataclass

from whence.world.post import NO_SECRET, Secret

PORT = 161  # RFC 3417 section 3.1
PUBLIC = Secret("public")  # what devices come with


@dataclass(frozen=True, slots=True)
class SnmpAccess:
    """Where an agent is, and what it wants to be told: a community, or a user of version 3."""

    host: str
    port: int = PORT
    version: str = "2c"  # "1", "2c" or "3"
    community: Secret = PUBLIC
    user: str = ""
    auth: str = ""  # "md5", "sha", "sha224", "sha256", "sha384" or "sha512"; empty: none
    auth_password: Secret = NO_SECRET
    privacy: str = ""  # "des", "aes", "aes192", "aes256", "aes192c", "aes256c"; empty: none
    privacy_password: Secret = NO_SECRET
    context: str = ""  # of version 3, where a device has several: RFC 3411 section 3.3.1

    def __str__(self) -> str:
        """Say where it is, without what is secret."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORT else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how much of an agent is taken before one gives up."""

    timeout: float = 1.0  # seconds for the first answer to a request; each retry waits longer
    retries: int = 2
    rows: int = 1_000_000  # of one walk
    seconds: float = 300.0  # of one walk
    repetitions: int = 40  # rows that are asked for at once, RFC 3416 section 4.2.3
