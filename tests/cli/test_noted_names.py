"""Names that Wireshark writes into a capture, as a user sees them."""

import subprocess
from pathlib import Path

import pytest

pytest.importorskip("whence._native")

from tests.cli.conftest import Whence
from tests.frames import conversation, write_pcap

DESK, SERVER = "192.0.2.9", "198.51.100.7"


@pytest.fixture
def capture(tmp_path: Path) -> str:
    """A capture that was saved with the names that tshark knew of a hosts file."""
    plain = write_pcap(tmp_path / "plain.pcap", conversation(DESK, SERVER, (40_000, 443)))
    hosts = tmp_path / "hosts"
    hosts.write_text(f"{DESK} desk.example\n{SERVER} \x1b]0;far\x07.example\n")
    saved = tmp_path / "saved.pcapng"
    words = [
        "tshark",
        "-r",
        f"{plain}",
        "-H",
        f"{hosts}",
        "-N",
        "n",
        "-W",
        "n",
        "-P",
        "-w",
        f"{saved}",
    ]
    subprocess.run(words, check=True, capture_output=True)
    return str(saved)


def test_they_stand_beside_the_addresses(whence: Whence, capture: str) -> None:
    _, out, _ = whence("talkers", capture)
    assert out.startswith(f"{DESK} (desk.example) sends most")
    _, out, _ = whence("path", "desk.example", capture)
    assert out.startswith(f"{DESK} → {SERVER} port 443/tcp")


def test_they_cannot_move_the_cursor(whence: Whence, capture: str) -> None:
    _, out, _ = whence("flows", capture)
    assert "example" in out
    assert "\x1b" not in out
    assert "\x07" not in out


def test_they_become_facts_with_their_block(whence: Whence, capture: str) -> None:
    _, out, _ = whence(SERVER, "--read", capture, "--json")
    assert f"{SERVER} noted-as " in out
    assert f"(nrb, {capture} name resolution block at byte " in out
