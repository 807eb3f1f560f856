"""What lines of a log have in common: the attributes by which an increase is told.

A dimension is a column, or a network that an address of it belongs to. Source ports are left out:
each is used once, and they tell nothing. Where a device names the two ends of a connection by its
sides (Cisco ASA does), the source here is who began it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dimension:
    """One attribute of a line."""

    name: str
    family: str  # dimensions of one family say the same thing more or less narrowly
    sql: str  # over the columns of LOGS
    ecs: str
    narrow: int = 0  # among the family's: 0 is the narrowest, and is shown instead of the others
    leads: bool = True  # patterns are looked for by it; else they are only made narrower by it


TURNED = "log_turned(initiator, action, source_port, destination_port)"


def _end(of: str, other: str) -> str:
    return f"CASE WHEN {TURNED} THEN {other} ELSE {of} END"


_SOURCE = _end("source", "destination")
_DESTINATION = _end("destination", "source")
CALLED_PORT = _end("destination_port", "source_port")

# What a device says of itself and of a kind of its lines, as it is written.
SHAPE = {
    "host": "host", "peer": "peer", "template": "coalesce(template, code)", "program": "program",
    "severity": "severity", "vendor": "vendor", "source_interface": "source_interface",
    "destination_interface": "destination_interface",
}  # fmt: skip

COLUMNS = (
    Dimension("host", "who", "host", "host.name"),
    Dimension("peer", "who", "peer", "log.source.address", 1, False),
    Dimension("template", "what", "coalesce(template, code)", "whence.template.id"),
    Dimension("program", "what", "program", "process.name", 1),
    Dimension("severity", "what", "severity::VARCHAR", "log.syslog.severity.code", 2, False),
    Dimension("vendor", "what", "vendor", "event.module", 3, False),
    Dimension("source", "from", _SOURCE, "source.address"),
    Dimension("destination", "to", _DESTINATION, "destination.address"),
    Dimension(
        "destination_port", "port", f"{CALLED_PORT}::VARCHAR", "destination.port",
    ),
    Dimension(
        "source_interface", "way", _end("source_interface", "destination_interface"),
        "observer.ingress.interface.name",
    ),
    Dimension(
        "destination_interface", "way", _end("destination_interface", "source_interface"),
        "observer.egress.interface.name",
    ),
    Dimension("user", "user", '"user"', "user.name"),
)  # fmt: skip

# The /24 and /16 of an IPv4 address, the /64 and /48 of an IPv6 one. A zone, and what is a name
# and no address, have no network.
NETWORKS = (
    Dimension("source_network", "from", f"log_network({_SOURCE}, 3, 4)", "source.address", 1),
    Dimension("source_region", "from", f"log_network({_SOURCE}, 2, 3)", "source.address", 2),
    Dimension(
        "destination_network", "to", f"log_network({_DESTINATION}, 3, 4)", "destination.address", 1
    ),
    Dimension(
        "destination_region", "to", f"log_network({_DESTINATION}, 2, 3)", "destination.address", 2
    ),
)  # fmt: skip

DIMENSIONS = COLUMNS + NETWORKS
BY_NAME = {dimension.name: dimension for dimension in DIMENSIONS}
NUMBER = {dimension.name: number for number, dimension in enumerate(DIMENSIONS)}


# Lines about the end of a connection that do not say who began it.
UNTOLD = "initiator IS NULL AND action = 'teardown'"


def turned_macro(called: Sequence[int]) -> str:
    """Write the macro ``log_turned``: is the destination of a line who began the connection?

    Of lines that do not say it, called was the port that is among those ``called``, else the
    lower one.
    """
    ports = f"[{', '.join(map(str, called))}]::UINTEGER[]"  # a long IN would become a join
    one, other = (f"list_contains({ports}, {port})" for port in ("source_port", "port"))
    return f"""CREATE OR REPLACE TEMP MACRO log_turned(initiator, action, source_port, port) AS
    coalesce(CASE WHEN initiator IS NOT NULL THEN initiator = 'destination'
        WHEN action = 'teardown' THEN
            CASE WHEN {one} = {other} THEN source_port < port ELSE {one} END END, FALSE)"""


# Addresses as they are written; what may stand behind one of IPv6 is its zone: RFC 4007 11.
IPV4, IPV6, ZONE = r"\d+\.\d+\.\d+\.\d+", r"[0-9a-f]*:[0-9a-f:.]*", r"(%.+)?"

# The network of an address by its first groups: of IPv4, and of IPv6, whose “::” is filled in.
NETWORK_MACRO = rf"""CREATE OR REPLACE TEMP MACRO log_groups(text) AS
    list_filter(string_split(text, ':'), lambda g: g <> '');
CREATE OR REPLACE TEMP MACRO log_network(address, groups4, groups6) AS CASE
    WHEN address IS NULL THEN NULL
    WHEN regexp_full_match(address, '{IPV4}') THEN concat(
        array_to_string(string_split(address, '.')[1:groups4], '.'),
        CASE groups4 WHEN 3 THEN '.0/24' ELSE '.0.0/16' END)
    WHEN regexp_full_match(address, '{IPV6}') THEN concat(
        array_to_string(list_concat(log_groups(split_part(address, '::', 1)), list_concat(
            list_slice(['0', '0', '0', '0', '0', '0', '0', '0'], 1, 8
                - len(log_groups(split_part(address, '::', 1)))
                - len(log_groups(split_part(address, '::', 2)))),
            log_groups(split_part(address, '::', 2))))[1:groups6], ':'),
        CASE groups6 WHEN 4 THEN '::/64' ELSE '::/48' END)
    END"""
