from collections.abc import Iterator

from whence.model import Fact, Hostname, Ip, probe
from whence.model.leases.lease import canonical_ip
from whence.world import Host


@probe(answers="is-named-in-hosts")
def hosts_file(ip: Ip, host: Host) -> Iterator[Fact]:
    """What does this machine's own /etc/hosts call it?"""
    for line in host.read("/etc/hosts").lines():
        address, *names = line.partition("#")[0].split() or [""]
        if canonical_ip(address) == ip.address:
            for name in names[:1]:
                yield ip.fact("is-named-in-hosts", Hostname(name), line.evidence)
