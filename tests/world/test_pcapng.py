"""What is written can be read by those who defined the format."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from whence.world import pcapng

FRAME = bytes(12) + b"\x08\x00" + bytes(20)
COMMENT = "PID: 42\nCmd: /usr/bin/curl\nArgs: curl http://example.com/\nObtained: told"


def sample() -> bytes:
    return b"".join(
        (
            pcapng.section("whence 0", "Linux", ["a comment"]),
            pcapng.interface(pcapng.ETHERNET, 128, "eth0", "host 192.0.2.1"),
            pcapng.packet(
                0, 1_700_000_000_123_456_789, FRAME, 99, 5, pcapng.comment_option(COMMENT)
            ),
            pcapng.packet(0, 1_700_000_001_000_000_000, FRAME[:15], 15, 0),
            pcapng.statistics(0, (1, 2), 2, 5, 3, ["lost"]),
        )
    )


def test_blocks_have_their_length_at_both_ends() -> None:
    data = sample()
    while data:
        length = int.from_bytes(data[4:8], "little")
        assert length % 4 == 0
        assert data[length - 4 : length] == data[4:8]
        data = data[length:]


def test_a_comment_that_is_too_long_is_cut_off() -> None:
    assert len(pcapng.comment_option("x" * 100_000)) <= 65536


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
def test_wireshark_shows_it(tmp_path: Path) -> None:
    file = tmp_path / "sample.pcapng"
    file.write_bytes(sample())
    fields = ("frame.time_epoch", "frame.len", "frame.interface_name", "frame.comment",
              "frame.packet_flags_direction")  # fmt: skip
    argv = ["tshark", "-n", "-r", str(file), "-T", "fields"]
    for field in fields:
        argv += ["-e", field]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    first, second = (line.split("\t") for line in done.stdout.splitlines())
    assert first[:3] == ["1700000000.123456789", "99", "eth0"]
    assert first[3].replace("\\n", "\n") == COMMENT
    assert int(first[4], 16) == 1
    assert second[3:] == ["", ""]
