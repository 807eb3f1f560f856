"""Real senders: rsyslog, syslog-ng and logger, over every way that they have."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.lab.log_servers import rsyslog, syslog_ng
from tests.sensors.certificates import Authority
from tests.sensors.log_receiver import HERE, Running, messages, receiving
from whence.model.forwarding import forwarding
from whence.model.log_receiving import Certificate, LogSources, SpoolLimits
from whence.world.log_spool import Kind

pytestmark = pytest.mark.lab

COUNT = 300
LINES = [f"line {number} of many, é" for number in range(COUNT)]


def log(*arguments: str, lines: Sequence[str] = LINES) -> None:
    argv = ["logger", "--tag", "app", *arguments]
    subprocess.run(argv, input="\n".join(lines) + "\n", text=True, check=True, timeout=30)


def lines_of(running: Running, count: int = COUNT) -> list[str]:
    """Give the numbered lines in the order in which they were received."""
    running.wait_for_messages(count)
    found = [record.payload.decode() for record in messages(running.spool)]
    return [text[text.index("line ") :] for text in found if "line " in text]


def test_logger_is_heard_every_way_it_sends(tmp_path: Path) -> None:
    path = str(tmp_path / "log")
    sources = LogSources(udp=(HERE,), tcp=(HERE,), unix=(path,))
    with receiving(tmp_path / "spool", sources) as running:
        udp, tcp = (str(running.port(one)) for one in ("udp", "tcp"))
        for number, way in enumerate(
            (
                ["-n", "127.0.0.1", "-d", "-P", udp],
                ["-n", "127.0.0.1", "-d", "-P", udp, "--rfc3164"],
                ["-n", "127.0.0.1", "-T", "-P", tcp],
                ["-n", "127.0.0.1", "-T", "-P", tcp, "--octet-count"],
                ["--socket", path],
            ),
            start=1,
        ):
            log(*way)
            assert lines_of(running, COUNT * number)[-COUNT:] == LINES
        status = running.finish()
    assert (status.received, status.halves, status.misframed) == (5 * COUNT, 0, 0)


def test_rsyslog_sends_a_copy_by_the_printed_lines(tmp_path: Path) -> None:
    with receiving(tmp_path / "spool", LogSources(tcp=(HERE,))) as running:
        printed = forwarding("rsyslog", "127.0.0.1", running.port("tcp"))
        with rsyslog(tmp_path, printed) as socket:
            log("--socket", socket)
            assert lines_of(running) == LINES
            log("--socket", socket, lines=["line a\tb"])
            assert lines_of(running, COUNT + 1)[-1].startswith("line a")
        first = messages(running.spool)[0].payload.decode()
    assert first.startswith("<13>1 2")  # RFC 5424


def test_syslog_ng_sends_a_copy_by_the_printed_lines(tmp_path: Path) -> None:
    with receiving(tmp_path / "spool", LogSources(tcp=(HERE,))) as running:
        printed = forwarding("syslog-ng", "127.0.0.1", running.port("tcp"))
        with syslog_ng(tmp_path, printed) as socket:
            log("--socket", socket)
            assert lines_of(running) == LINES


def test_rsyslog_and_syslog_ng_are_heard_over_tls_when_we_know_them(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    ours, theirs = authority.vouch("receiver"), authority.vouch("sender")
    certificate = Certificate(ours.certificate, ours.key, authority.certificate)
    with receiving(tmp_path / "spool", LogSources(tls=(HERE,)), certificate=certificate) as running:
        port = running.port("tls")
        by_rsyslog = (
            f'global(DefaultNetstreamDriver="ossl"'
            f' DefaultNetstreamDriverCAFile="{authority.certificate}"'
            f' DefaultNetstreamDriverCertFile="{theirs.certificate}"'
            f' DefaultNetstreamDriverKeyFile="{theirs.key}")\n'
            f'*.* action(type="omfwd" target="127.0.0.1" port="{port}" protocol="tcp"'
            ' StreamDriver="ossl" StreamDriverMode="1" StreamDriverAuthMode="x509/name"'
            ' StreamDriverPermittedPeers="receiver" TCP_Framing="octet-counted")\n'
        )
        by_syslog_ng = (
            f'destination d {{ syslog("127.0.0.1" port({port}) transport("tls")'
            f' tls(ca-file("{authority.certificate}") cert-file("{theirs.certificate}")'
            f' key-file("{theirs.key}") peer-verify(required-trusted))); }};\n'
            "log { source(s_src); destination(d); };\n"
        )
        with rsyslog(tmp_path, by_rsyslog) as socket:
            log("--socket", socket)
            assert lines_of(running)[:COUNT] == LINES
        with syslog_ng(tmp_path, by_syslog_ng) as socket:
            log("--socket", socket)
            assert lines_of(running, 2 * COUNT)[-COUNT:] == LINES
        status = running.finish()
    assert {record.kind for record in messages(tmp_path / "spool")} == {Kind.TLS}
    assert status.refused == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], check=True)
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 65_536):
            pass


def test_a_full_disk_ends_nothing_and_everything_is_counted(small_disk: Path) -> None:
    disk = small_disk
    path = str(disk.parent / "log")
    limits = SpoolLimits(segment_size=1 << 20, floor=0, floor_share=0)
    with receiving(disk / "spool", LogSources(tcp=(HERE,), unix=(path,)), limits=limits) as one:
        port = str(one.port("tcp"))
        tcp = ["-n", "127.0.0.1", "-T", "-P", port, "--octet-count", "-p", "user.err"]
        log(*tcp)
        one.wait_for(lambda status: status.stored == COUNT)
        ballast = disk / "ballast"
        fill(ballast)  # somebody else takes all that is left
        long = [f"{line} {'x' * 900}" for line in LINES]
        for _ in range(3):
            log(*tcp, "--size", "2KiB", lines=long)
        full = one.wait_for(lambda status: status.received == 4 * COUNT)
        assert full.problem
        assert full.unstored == full.received - full.stored > 0
        assert full.severities == {"error": full.unstored}
        ballast.unlink()
        one.wait_for(lambda status: not status.problem)
        log(*tcp)
        status = one.finish()
    kept = messages(disk / "spool")
    assert len(kept) == status.stored == status.received - status.unstored
