from collections.abc import Iterator

from whence.model import Confidence, Fact, Ip, Mac, probe
from whence.probes._stations import MOST, all_leases, named
from whence.world import LeaseFiles


@probe(answers="was-leased")
def was_leased(mac: Mac, files: LeaseFiles) -> Iterator[Fact]:
    """Which addresses did a DHCP server give this machine?"""
    for _, reading, leases in all_leases(files):
        own = {lease.ip: lease for lease in leases if lease.mac == mac.address}
        latest = {lease.ip: lease.mac for lease in leases}
        for ip, lease in [*own.items()][-MOST:]:
            held = lease.holds(reading.taken) and latest[ip] == mac.address
            sure = Confidence.CERTAIN if held else Confidence.POSSIBLE
            yield mac.fact("was-leased", Ip(ip), *lease.evidence, confidence=sure)
            yield from named(mac, lease.name, lease.evidence[-1])
