"""Whose packets they are, as tshark reads it from the comments that a report adds."""

import gzip
import struct
import subprocess
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.frames import Frame, conversation, ethernet, udp, write_pcap, write_pcapng
from tests.inquiry.reporting.samples import NOON, REMOTE, Own, plain
from whence.inquiry.reporting.commented_packets import commented
from whence.model import BadInput
from whence.world.packet_files import read_packets

OURS = conversation(Own().public, REMOTE, (40000, 443), NOON.timestamp())
OTHERS = [Frame(NOON.timestamp(), ethernet(udp("192.0.2.9", "192.0.2.53", (5353, 53))))]


def comments(content: bytes, tmp_path: Path) -> list[str]:
    path = tmp_path / "commented.pcapng"
    path.write_bytes(content)
    told = subprocess.run(
        ["tshark", "-r", path, "-T", "fields", "-e", "frame.comment"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return told.stdout.splitlines()


@pytest.mark.parametrize("kind", ["pcap", "pcapng", "gz"])
def test_packets_of_a_case_say_whose_they_are(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "capture"
    if kind == "pcapng":
        write_pcapng(path, [*OURS, *OTHERS], ["eth0"])
    else:
        write_pcap(path, [*OURS, *OTHERS])
    if kind == "gz":
        path.write_bytes(gzip.compress(path.read_bytes()))
    told = comments(commented(read_packets(path), plain()), tmp_path)
    assert len(told) == len(OURS) + 1
    assert all("PID: 4711" in one and "2026-11-23-k7f3" in one for one in told[:-1])
    assert told[-1] == ""


def test_keys_of_tls_are_left_out(tmp_path: Path) -> None:
    content = write_pcapng(tmp_path / "capture", OURS, ["eth0"]).read_bytes()
    keys = b"CLIENT_RANDOM 00 1111"
    body = struct.pack("<II", 0x544C534B, len(keys)) + keys + b"\0" * (-len(keys) % 4)
    block = struct.pack("<II", 10, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))
    assert b"CLIENT_RANDOM" not in commented(content + block, plain())


def test_a_capture_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no packet of this capture"):
        commented(read_packets(write_pcap(tmp_path / "capture", OTHERS)), plain())


@pytest.mark.parametrize("content", [b"", b"x", b"GIF89a", b"\x1f\x8b\0\0", b"\xd4\xc3\xb2\xa1"])
def test_what_is_no_capture_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(content)
    with pytest.raises(BadInput):
        read_packets(path)


@given(st.integers(0, 700), st.binary(min_size=1, max_size=9))
def test_damaged_captures_are_read_as_far_as_they_go(at: int, bytes_: bytes) -> None:
    whole = _capture()
    damaged = whole[:at] + bytes_ + whole[at + len(bytes_) :]
    with suppress(BadInput):  # what is damaged may have no packet of ours any more
        assert len(commented(damaged, plain())) < 10 * len(whole)


@cache
def _capture() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return write_pcapng(Path(folder, "capture"), OURS, ["eth0"]).read_bytes()
