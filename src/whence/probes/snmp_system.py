from collections.abc import Iterator

from whence.model import Confidence, Fact, Ip, Reach, probe
from whence.probes._stations import named
from whence.world import Agents
from whence.world.snmp_device import read_binding

DESCRIPTION, NAME, LOCATION = (1, 0), (5, 0), (6, 0)  # of the system group, RFC 3418 2
SAYS: dict[tuple[int, ...], str] = {
    DESCRIPTION: "describes-itself-as",
    LOCATION: "says-it-stands-in",
}


@probe(answers="is-named", reach=Reach.DEVICE, near=1)
def snmp_system(ip: Ip, agents: Agents) -> Iterator[Fact]:
    """What does its SNMP agent say: its name, what it is, where it stands?"""
    for line in agents.system(ip.address).lines():
        if not line:
            continue
        variable = read_binding(line)
        if not isinstance(variable.value, bytes):
            continue
        text = " ".join(variable.value.decode("utf-8", "replace").replace("\0", "").split())
        which = variable.oid[-2:]
        if which == NAME:
            yield from named(ip, text, line.evidence)
        elif text and (relation := SAYS.get(which)):
            yield ip.fact(relation, text, line.evidence, confidence=Confidence.REPORTED)
