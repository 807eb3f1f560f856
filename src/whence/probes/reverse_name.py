from collections.abc import Iterator

from whence.model import Confidence, Fact, Hostname, Ip, Reach, probe
from whence.world import Resolver

TRUE = "leads back"


@probe(answers="is-named", reach=Reach.REMOTE, near=1)
def reverse_name(ip: Ip, resolver: Resolver) -> Iterator[Fact]:
    """What name does this machine's resolver (DNS) have for the address?"""
    for line in resolver.names_of(ip.address).lines():
        name, _, verdict = line.partition(" ")
        if name:
            sure = Confidence.REPORTED if verdict == TRUE else Confidence.POSSIBLE
            yield ip.fact("is-named", Hostname(name), line.evidence, confidence=sure)
