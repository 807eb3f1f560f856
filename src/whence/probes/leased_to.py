from collections.abc import Iterator

from whence.model import Confidence, Fact, Ip, Mac, probe
from whence.model.systems import system_by_class
from whence.probes._stations import all_leases, lease_text, named
from whence.world import LeaseFiles


@probe(answers="leased-to")
def leased_to(ip: Ip, files: LeaseFiles) -> Iterator[Fact]:
    """Whom did a DHCP server give this address?"""
    for name, reading, leases in all_leases(files):
        own = [lease for lease in leases if lease.ip == ip.address]
        for lease in own[-1:]:  # files only grow: the last is true
            held = lease.holds(reading.taken)
            sure = Confidence.CERTAIN if held else Confidence.POSSIBLE
            told = lease_text(name, lease, reading)
            if lease.mac:
                yield ip.fact("leased-to", Mac(lease.mac), *lease.evidence, confidence=sure)
            yield ip.fact("has-lease", told, *lease.evidence, confidence=sure)
            if held or not lease.mac:  # else the name is of who had it, not of who has it now
                yield from named(ip, lease.name, lease.evidence[-1])
            if lease.vendor:
                system = system_by_class(lease.vendor)
                text = f"what names itself {lease.vendor} to DHCP"
                text = f"{system}, by {text}" if system else text
                yield ip.fact("may-run", text, *lease.evidence, confidence=Confidence.POSSIBLE)
