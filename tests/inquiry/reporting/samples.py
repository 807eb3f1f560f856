"""A report of a small case, made of names that a test may choose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from whence.inquiry.explain import NotChecked
from whence.inquiry.known import Verdict
from whence.inquiry.reporting.ecs_lines import ecs_lines
from whence.inquiry.reporting.html_page import html_page
from whence.inquiry.reporting.json_document import json_document
from whence.inquiry.reporting.markdown_text import markdown
from whence.inquiry.reporting.ocsf_lines import ocsf_lines
from whence.inquiry.reporting.questions import Asked, answered
from whence.inquiry.reporting.report import (
    Cited,
    CitedLine,
    CitedReading,
    Custody,
    Event,
    Remedy,
    Report,
)
from whence.inquiry.reporting.rewriting import rewritten
from whence.inquiry.reporting.stix_bundle import stix_bundle
from whence.model import (
    ATTEMPTED,
    Confidence,
    Execution,
    Fact,
    Flow,
    Hostname,
    Ip,
    Job,
    Mac,
    Package,
    Process,
    ProcessRecord,
    Program,
    Reading,
    Remote,
    Sighting,
    SwitchPort,
    User,
    ecs,
)
from whence.store.ledger import NoteRow

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
REMOTE, NAME_OUTSIDE = "203.0.113.7", "updates.vendor.example"

TEXTS: dict[str, Callable[[Report], str]] = {
    "html": html_page,
    "md": markdown,
    "json": json_document,
    "stix": stix_bundle,
    "ecs": lambda report: "\n".join(ecs_lines(report)),
    "ocsf": lambda report: "\n".join(ocsf_lines(report)),
}


@dataclass(frozen=True)
class Own:
    """What is one's own in a case."""

    user: str = "quillfeather"
    host: str = "zebrafinch"
    domain: str = "okapiworks.internal"
    address: str = "10.20.30.41"
    second: str = "fd12:3456:789a::41"
    public: str = "192.0.2.77"
    mac: str = "00:14:22:ab:cd:ef"
    file: str = "merger-plans"

    @property
    def path(self) -> str:
        return f"/home/{self.user}/secret folder/{self.file}.py"

    @property
    def plain_path(self) -> str:
        return f"/home/{self.user}/bin/{self.file}"


def sighting(own: Own, number: int = 0) -> Sighting:
    """Give a connection to the remote address, by a process in the user's home."""
    process = Process(own.host, "boot-1", 4711, 1000)
    parent = Process(own.host, "boot-1", 1, 10)
    args = (
        "python3",
        own.path,
        f"--peer={own.address}",
        f"--user={own.user}",
        "--token=[redacted]",
    )
    ran = Execution(NOON, own.plain_path, own.path, args, working_directory=f"/home/{own.user}")
    chain = (
        ProcessRecord(process, NOON, own.file[:15], parent, (ran,), user_id=1000),
        ProcessRecord(parent, NOON - timedelta(days=1), "systemd", None, (), user_id=0),
    )
    flow = Flow(REMOTE, 443, own.public, 40000 + number, "tcp")
    at = NOON + timedelta(minutes=number)
    return Sighting(flow, ATTEMPTED, at, at, chain, "ebpf", own.host, cookie=number, packets_sent=3)


def written_texts(own: Own) -> str:
    """Write what is one's own in many ways."""
    first, *_ = own.host.split(".")
    a, b, c, d = own.address.split(".")
    octets = bytes(int(part) for part in (a, b, c, d))
    swapped, port = octets[::-1].hex().upper(), 443
    bare = own.mac.replace(":", "")
    lines = (
        f"{own.address} {first} {first}.{own.domain}",
        f'{{"user": "{own.user}", "ip": "{own.address}", "file": "{own.path}"}}',
        f"https://{own.user}@{own.host}:8443/?from={own.address}&to=[{own.second}]",
        f"{d}.{c}.{b}.{a}.in-addr.arpa. PTR {first}.{own.domain.upper()}.",
        f"{c}.{b}.{a}.in-addr.arpa zone",
        f"sl  local_address 0: {swapped}:{port:04X} {octets.hex()} ip-{a}-{b}-{c}-{d}",
        f"{int.from_bytes(octets, 'big')} {a.zfill(3)}.{b.zfill(3)}.{c.zfill(3)}.{d.zfill(3)}",
        f"::ffff:{own.address} {own.second.upper()}",
        f"{own.mac} {own.mac.upper().replace(':', '-')} {bare} {bare[:4]}.{bare[4:8]}.{bare[8:]}",
        f"client 01:{own.mac} 1:LQU9qZlK+B5F3KDmev6m5PMibrg= {own.plain_path}:12: {own.user}",
        own.user.title(),
        f"C:\\Users\\{own.user}\\Documents\\{own.file}.xlsx",
    )
    return "\n".join(lines)


def a_report(own: Own | None = None) -> Report:
    """Make a report in which each name stands in each kind of place."""
    own = own or Own()
    seen = sighting(own)
    told = Reading(f"connections {REMOTE}", ecs.encode(ecs.from_sighting(seen)), NOON, own.host)
    texts = Reading(f"/etc/{own.user}.conf", written_texts(own), NOON, own.host)
    flow, process = Flow(REMOTE, 443), seen.lineage[0].process
    card, inside, remote = Mac(own.mac), Ip(own.public), Remote(REMOTE, 443)
    line, conf = told.whole(), texts.whole()
    job = Job(own.host, "cron", f"/home/{own.user}/crontab", 3, "17 * * * *", "x", own.user)
    facts = [
        flow.fact("seen", "once", line),
        flow.fact("made-by", process, line),
        process.fact("runs", Program(own.host, own.plain_path), line),
        process.fact("executes", Program(own.host, own.path), line, conf),
        process.fact("runs-as", User(own.host, 1000, own.user), conf),
        process.fact("started-by", job, conf, confidence=Confidence.LIKELY),
        Program(own.host, own.plain_path).fact("belongs-to", Package("pip", "acme", "1.0"), conf),
        flow.fact("ends-at", inside, conf),
        inside.fact("answers-at", card, conf),
        inside.fact("is-named", Hostname(f"{own.host}.{own.domain}"), conf),
        inside.fact("has-user", own.user, conf, confidence=Confidence.REPORTED),
        card.fact("plugged-in-at", SwitchPort(f"sw-{own.host}", "Gi1/0/7"), conf),
        flow.fact("other-end", remote, line),
        remote.fact("reverse-name", NAME_OUTSIDE, line, confidence=Confidence.REPORTED),
        *(
            Ip(own.address).fact("configured-in", text, conf)
            for text in written_texts(own).split("\n")
        ),
    ]
    return report_of_facts(flow, facts, (told, texts), (seen,), own)


def remedies(own: Own) -> tuple[Remedy, ...]:
    """Give what would stop it, with names in each place."""
    return (
        Remedy(
            f"End pid 4711 of {own.user} on {own.host}.",
            "one-process",
            Confidence.LIKELY,
            ("E1",),
            (f"kill -TERM 4711 # {own.user}", f"sed -i 3s/^/#/ {own.plain_path}"),
            (f"sed -i 3s/^#// {own.plain_path}",),
            f"ask {own.user}",
            (f"{own.address} → x",),
        ),
        Remedy(f"Refuse it on {own.address}.", "block", Confidence.POSSIBLE, ()),
    )


def report_of_facts(
    flow: Flow,
    facts: list[Fact],
    readings: tuple[Reading, ...],
    sightings: tuple[Sighting, ...],
    own: Own,
) -> Report:
    """Put a report together as gathering does, without a case."""
    numbers: dict[object, str] = {}
    for fact in facts:
        for piece in fact.evidence:
            numbers.setdefault(piece, f"E{len(numbers) + 1}")
    cited = tuple(Cited(f, tuple(numbers[piece] for piece in f.evidence)) for f in facts)
    process = f"{REMOTE}:443 was contacted by {own.path} (as {own.user}) on {own.host}"
    why = NotChecked(f"Is {own.address} here?", f"{own.host} was silent", f"ssh {own.user}@x")
    return Report(
        case="2026-11-23-k7f3",
        title=f"{REMOTE}:443",
        subject=flow,
        opened=NOON,
        seen=NOON,
        written=NOON,
        version="0",
        verdict=Verdict.EXPLAINED,
        sentence=f"{process}.",
        others=(f"{own.public} is {own.host}, at {own.mac}.",),
        lineage=cited[:14],
        facts=cited,
        questions=answered(flow, cited, facts[:14], Asked({}, {}), remedies(own), own.public),
        timeline=(Event(NOON, process, "process", ("E1",)),),
        untold=0,
        readings=tuple(
            CitedReading(one.source, NOON, one.observer, one.digest,
                         (CitedLine(f"E{number}", 0, one.text),))
            for number, one in enumerate(readings, start=1)
        ),
        conflicts=(f"two have {own.address}",),
        not_checked=(why,),
        notes=(NoteRow(NOON, own.user, f"{own.user} says: {written_texts(own)}"),),
        sightings=sightings,
        maker=sightings[0].lineage if sightings else (),
        custody=Custody("ab" * 32, 9, ()),
    )  # fmt: skip


@cache
def plain() -> Report:
    """Give the report with its usual names."""
    return a_report()


def hostile(text: str) -> Report:
    """Put a text at the end of each text in a report, which has little of everything."""
    return rewritten(little(), lambda words: words + text)


@cache
def little() -> Report:
    """Give a report with few facts, which is read quickly."""
    whole = plain()
    told = tuple(replace(one, facts=one.facts[:1]) for one in whole.questions)
    facts = whole.facts[1:9]
    return replace(
        whole, facts=facts, lineage=facts[:7], questions=told, readings=whole.readings[1:]
    )
