from collections.abc import Iterator

from whence.model import Confidence, Fact, Ip, Reach, probe
from whence.model.neighbour_questions import NeighbourQuestion
from whence.probes._stations import named, not_taken, rows
from whence.world import Neighbours

SAMBA = "6.1.0"  # what Samba says in place of a version of its own
WINDOWS = (  # the first build of each, the newest first; a server has its client's build
    (26100, "Windows 11 24H2 or Server 2025"),
    (22000, "Windows 11"),
    (20348, "Windows Server 2022"),
    (17763, "Windows 10 1809 or later, or Server 2019"),
    (14393, "Windows 10 or Server 2016"),
    (10240, "Windows 10"),
    (9600, "Windows 8.1 or Server 2012 R2"),
    (9200, "Windows 8 or Server 2012"),
    (7600, "Windows 7 or Server 2008 R2"),
    (6000, "Windows Vista or Server 2008"),
)


@probe(answers="greets-as", reach=Reach.LOCAL_NET, near=1)
def smb_greeting(ip: Ip, neighbours: Neighbours) -> Iterator[Fact]:
    """What does its file service (SMB) say of it before anybody logs in?"""
    reading = neighbours.ask(NeighbourQuestion.SMB, ip.address)
    for row, line in rows(reading):
        if "computer" not in row:
            continue
        for name in dict.fromkeys((row["computer"], row.get("dns_computer", ""))):
            yield from named(ip, name, line.evidence)
        domain = row.get("dns_domain") or row.get("domain", "")
        if domain.lower() not in (
            "",
            row["computer"].lower(),
        ):  # a machine in no domain names itself
            yield ip.fact("is-in-workgroup", domain, line.evidence, confidence=Confidence.REPORTED)
        if text := _system(row.get("system", "")):
            yield ip.fact("may-run", text, line.evidence, confidence=Confidence.POSSIBLE)
    yield from not_taken(ip, reading)


def _system(version: str) -> str:
    build = version.rpartition(".")[2]
    if version == SAMBA:
        return "Samba, by what its SMB service says"
    if not build.isdecimal():
        return ""
    known = next((name for first, name in WINDOWS if int(build) >= first), "Windows")
    return f"{known}, by what its SMB service says (version {version})"
