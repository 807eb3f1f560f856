"""The outside, asked for real: a ``world.Internet``. Each module is imported when it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from whence.model import Reading, Remote
from whence.world.contracts import Clock
from whence.world.online_settings import OnlineSettings


class RealInternet:
    """Asks resolvers, registries, and the other end itself."""

    def __init__(self, settings: OnlineSettings, observer: str, clock: Clock) -> None:
        self._settings = settings
        self._observer = observer
        self._clock = clock

    def dns(self, name: str, kind: str) -> Reading:
        """Ask the resolver for records; PTR takes an address in place of the name."""
        from whence.world.dns_client import ask, reverse_name

        asked = reverse_name(name) if kind == "PTR" else name
        return self._lines(f"dns {name} {kind}", lambda: ask(asked, kind, self._settings))

    def origin(self, address: str) -> Reading:
        """Ask by DNS which network announces an address."""
        from whence.world.dns_client import origin

        return self._lines(f"origin {address}", lambda: origin(address, self._settings))

    def rdap(self, address: str) -> Reading:
        """Ask the registry by RDAP."""
        from whence.world.rdap_client import rdap

        return self._reading(f"rdap {address}", rdap(address, self._settings))

    def whois(self, address: str) -> Reading:
        """Ask whois servers."""
        from whence.world.whois_client import whois

        return self._reading(f"whois {address}", whois(address, self._settings))

    def known_file(self, sha256: str) -> Reading:
        """Ask a service for the sums of known files."""
        from whence.world.hash_lookup import hash_lookup

        return self._reading(f"known file {sha256}", hash_lookup(sha256, self._settings))

    def certificate(self, address: str, port: int) -> Reading:
        """Call it for its certificates."""
        from whence.world.other_end import certificates

        text = certificates(address, port, self._settings)
        return self._reading(f"certificate {Remote(address, port)}", text)

    def banner(self, address: str, port: int) -> Reading:
        """Call it for what it says."""
        from whence.world.other_end import banner

        text = banner(address, port, self._settings)
        return self._reading(f"banner {Remote(address, port)}", text)

    def _lines(self, source: str, ask: Callable[[], Iterable[str]]) -> Reading:
        return self._reading(source, "".join(f"{line}\n" for line in ask()))

    def _reading(self, source: str, text: str) -> Reading:
        return Reading(source, text, self._clock(), self._observer)
