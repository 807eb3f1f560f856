"""Receiving log lines, as a user does it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

pytest.importorskip("whence._native")

from tests.cli.conftest import Whence
from tests.sensors.log_receiver import send_datagrams, send_stream
from whence.store.log_lake import LogLake

MAIN = "from whence.cli.start import main; main()"
LINE = (
    b"<164>Nov 26 2026 03:17:00 fw-dc1 : %ASA-4-419002: Received duplicate TCP SYN from "
    b"inside:10.20.5.17/4242 to transit:192.168.77.10/10050 with different initial sequence number"
)


@contextmanager
def receiving(folder: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], int, int]]:
    """Run it until it listens; give it and its ports of UDP and TCP."""
    here = ("--udp", "127.0.0.1:0", "--tcp", "127.0.0.1:0", "--state", str(folder))
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, "logs", "receive", *here, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr
        said = process.stderr.readline() + process.stderr.readline()
        udp, tcp = re.findall(r"listening on \w+ 127.0.0.1:(\d+)\n", said)
        yield process, int(udp), int(tcp)
    finally:
        process.kill()
        process.communicate()


def test_what_is_received_can_be_asked_and_is_summed_up(tmp_path: Path) -> None:
    with receiving(tmp_path, "--floor", "0") as (process, udp, tcp):
        send_datagrams(udp, LINE, LINE)
        send_stream(tcp, b"<13>app: one\n<13>app: ha")
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert out.splitlines()[0] == "4 messages, 4 of them stored"
    assert "1 cut off at the end of their connection, and kept" in out
    assert "  127.0.0.1: 4" in out
    with LogLake(tmp_path / "lake") as lake, duckdb.connect() as connection:
        rows = lake.relation(connection).select("peer, code, destination").fetchall()
    assert sorted(rows, key=str) == [
        ("127.0.0.1", "419002", "192.168.77.10"),
        ("127.0.0.1", "419002", "192.168.77.10"),
        ("127.0.0.1", None, None),
        ("127.0.0.1", None, None),
    ]
    modes = {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*.spool")}
    assert modes == {0o600}


def test_how_it_is_as_documents(tmp_path: Path) -> None:
    with receiving(tmp_path, "--json", "--for", "2s", "--only-spool") as (process, udp, _):
        send_datagrams(udp, LINE)
        out, _ = process.communicate(timeout=60)
    last = [json.loads(line) for line in out.splitlines()][-1]["whence"]
    assert (last["received"], last["ended"], last["problem"]) == (1, True, "")
    assert last["lost"] == {"kernel": 0, "unstored": 0, "cut": 0}
    assert last["peers"] == [{"name": "127.0.0.1", "messages": 1}]


def test_without_room_it_says_so_and_goes_on_counting(tmp_path: Path) -> None:
    with receiving(tmp_path, "--floor", "9999T") as (process, udp, _):
        send_datagrams(udp, LINE)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert "not storing: the disk is full" in err
    assert out.splitlines()[:2] == [
        "1 message, 0 of them stored",
        "1 counted but not stored, because the disk is full",
    ]


def test_the_lines_for_other_servers_are_printed_and_nothing_is_changed(whence: Whence) -> None:
    for server, word in (("rsyslog", 'target="127.0.0.1" port="5599"'), ("syslog-ng", "5599")):
        status, out, _ = whence("logs", "receive", "--tcp", ":5599", "--print-config", server)
        assert (status, word in out) == (0, True)


def test_what_does_not_go_together_is_refused(whence: Whence, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert whence("logs", "receive", "--tls", ":6514")[0] == 78
    assert whence("logs", "receive", "--tls", ":6514", "--certificate", str(file))[0] == 2
    pair = ("--certificate", str(file), "--key", str(file))
    assert whence("logs", "receive", "--udp", ":5599", *pair)[0] == 78
    status, _, err = whence("logs", "receive", "--tls", "127.0.0.1:0", *pair)
    assert (status, "could not use the certificate" in err) == (78, True)


def test_a_port_that_is_taken_is_told_with_who_has_it(whence: Whence) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        status, _, err = whence("logs", "receive", "--udp", f"127.0.0.1:{port}")
    assert status == 69
    assert f"(pid {os.getpid()}) listens there" in err
    assert "--print-config" in err
