from pathlib import Path

from tests.cli.conftest import Whence
from tests.frames import conversation, write_pcap


def test_more_than_a_computer_counts_is_all_there_is(whence: Whence, tmp_path: Path) -> None:
    capture = write_pcap(
        tmp_path / "one.pcap", conversation("192.0.2.9", "203.0.113.62", (40000, 514))
    )
    many = "9" * 20
    assert whence("talkers", str(capture), "--count", many)[0] == 0
    assert whence("flows", str(capture), "--count", many)[0] == 0
    assert whence("talkers", str(capture), "--count", "0")[0] == 2
