"""The resolver, asked by dnspython: PTR, TXT and addresses, each value on a line."""

from __future__ import annotations

import ipaddress

import dns.exception
import dns.name
import dns.resolver
import dns.reversename

from whence.model import CannotAsk
from whence.world.online_settings import OnlineSettings
from whence.world.outside import Server

PORT = 53
MOST = 50  # values of an answer


def ask(name: str, kind: str, settings: OnlineSettings) -> list[str]:
    """Ask for the records of a name; none, where there are none or there is no such name.

    Values are as zone files have them (RFC 1035, section 5.1): what is not printable is escaped.

    Raises
    ------
    CannotAsk
        If no resolver answered.

    """
    try:
        answer = _resolver(settings).resolve(
            name, kind, search=False, raise_on_no_answer=False, lifetime=settings.patience
        )
    except dns.resolver.NXDOMAIN:
        return []
    except (dns.exception.DNSException, OSError, UnicodeError) as e:
        because = str(e).partition("\n")[0][:200] or type(e).__name__
        raise CannotAsk(f"no name server told of {name}", because=because) from e
    return [value.to_text() for value, _ in zip(answer.rrset or (), range(MOST), strict=False)]


def reverse_name(address: str) -> str:
    """Give the name under which the names of an address stand (RFC 1035, RFC 3596)."""
    return dns.reversename.from_address(address).to_text()


def origin(address: str, settings: OnlineSettings) -> list[str]:
    """Ask which network announces an address, then what that is called.

    Team Cymru's form: ``"64500 | 203.0.113.0/24 | US | arin | 2010-01-01"``, then
    ``"64500 | US | arin | 2010-01-01 | EXAMPLE-AS Example Networks, US"``.
    """
    is_four = ipaddress.ip_address(address).version == 4
    zone = settings.origin_zone if is_four else settings.origin6_zone
    reverse = reverse_name(address)
    labels = reverse.removesuffix("in-addr.arpa." if is_four else "ip6.arpa.")
    told = ask(f"{labels}{zone}", "TXT", settings)
    for number in {line.strip('"').split("|")[0].split()[0] for line in told if "|" in line}:
        if number.isascii() and number.isdigit():
            told += ask(f"AS{number}.{settings.names_zone}", "TXT", settings)
    return told


def _resolver(settings: OnlineSettings) -> dns.resolver.Resolver:
    if not settings.dns_server:
        return dns.resolver.Resolver()
    server = Server.of(settings.dns_server, PORT)
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = [server.host], server.port
    return resolver
