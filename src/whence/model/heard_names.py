"""Names that packets gave to addresses while somebody listened, as lines of JSON."""

from __future__ import annotations

from datetime import datetime

import msgspec

from whence.model.refusal import Refusal

HOW = {  # what each kind of packet says about the address
    "dns": "a name server said that this name has the address",
    "tls": "a TLS client asked the address for this name (SNI, RFC 6066 3)",
    "http": "an HTTP client asked the address for this name (Host, RFC 9110 7.2)",
    "certificate": "the certificate that the address showed is for this name (RFC 5280 4.2.1.6)",
}

NAMES_HOSTS = ("dns", "tls", "http")  # a certificate may as well name a company


class HeardName(msgspec.Struct, frozen=True, tag="heard"):
    """A name of an address."""

    at: datetime  # within a second
    address: str
    name: str
    how: str  # one of HOW
    count: int = 1  # times since it was last told


class HearingStatus(msgspec.Struct, frozen=True, tag="status"):
    """How the listening is; the first one says that it began."""

    at: datetime
    packets: int = 0
    lost: int = 0  # packets that came faster than they were read


HeardLine = HeardName | HearingStatus | Refusal
