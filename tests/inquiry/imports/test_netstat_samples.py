import json
from pathlib import Path
from typing import Any

import pytest

from tests.inquiry.imports.reading import is_complete, likeliest, read
from whence.model.reported import Socket
from whence.model.text_encoding import encoding_of

RECORDED = Path(__file__).parent / "recorded"
EXPECTED = sorted(RECORDED.glob("*.expected.json"))


@pytest.mark.parametrize("file", EXPECTED, ids=lambda file: file.name.partition(".")[0])
def test_each_row_of_windows_says_what_it_says(file: Path) -> None:
    expected = json.loads(file.read_text())
    data = file.with_name(file.name.replace(".expected.json", ".txt")).read_bytes()
    encoding = encoding_of(data).name
    text = data.decode(encoding)
    rows, lines = read(text)
    assert encoding == expected["encoding"]
    assert [_as_expected(row) for row in rows] == expected["rows"]
    assert likeliest(text) == "windows_netstat"
    assert is_complete(rows, lines)
    assert not lines.strange_lines


def _as_expected(row: object) -> dict[str, Any]:
    assert isinstance(row, Socket)
    return {
        "proto": row.transport,
        "laddr": row.local,
        "lport": row.local_port,
        "raddr": row.remote,
        "rport": row.remote_port,
        "state_text": row.state,
        "listening": row.listening,
        "pid": row.pid,
        "exe": row.program,
        "components": [*row.components],
        "owner": str(row.owner),
    }


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("linux-ss-tunap", "ss"),
        ("linux-ss-tunapeOi", "ss"),
        ("linux-netstat-tunap", "linux_netstat"),
        ("linux-lsof-nPi", "lsof"),
    ],
)
def test_tools_of_linux_tell_the_same(file: str, kind: str) -> None:
    text = (RECORDED / f"{file}.txt").read_text()
    rows, lines = read(text)
    assert likeliest(text) == kind
    assert is_complete(rows, lines)
    assert not lines.strange_lines
    told = {
        (row.transport, row.local, row.local_port, row.remote, row.pid, row.program, row.listening)
        for row in rows
        if isinstance(row, Socket) and row.remote not in (None, "0.0.0.0", "*")
    }
    python = (10489, "python3", False)
    assert told == {
        ("tcp", "192.0.2.10", "33440", "203.0.113.7", *python),
        ("tcp", "192.0.2.10", "52904", "192.0.2.10", *python),
        ("tcp", "192.0.2.10", "8080", "192.0.2.10", *python),
        ("tcp", "2001:db8::10", "48136", "2001:db8:1::7", *python),
    }
    listening = [row.local_port for row in rows if isinstance(row, Socket) and row.listening]
    assert listening == ["8080"]


def test_looks_are_told_apart_by_their_headings() -> None:
    text = (RECORDED / "19-en-ano-interval-repeated.txt").read_text()
    assert [row.look for row in read(text)[0] if isinstance(row, Socket)] == [0, 1, 2]


def test_the_tables_of_the_kernel() -> None:
    text = (RECORDED / "linux-proc-net-tcp.txt").read_text()
    rows, lines = read(text)
    assert likeliest(text) == "proc_net"
    assert is_complete(rows, lines)
    assert [(row.local, row.local_port, row.remote, row.state) for row in rows][:2] == [  # type: ignore[union-attr]
        ("192.0.2.10", "8080", "0.0.0.0", "LISTEN"),
        ("192.0.2.10", "33440", "203.0.113.7", "SYN_SENT"),
    ]


XP = """
  Proto  Local Address          Foreign Address        State           PID
  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       1088
  c:\\windows\\system32\\WS2_32.dll
  C:\\Program Files\\Common Files\\rpcss.dll
  -- unknown component(s) --
  [svchost.exe]
  TCP    192.0.2.1:1025     198.51.100.2:80     ESTABLISHED     7 InHost
 Can not obtain ownership information
"""


def test_libraries_are_components_too() -> None:
    first, second = (row for row in read(XP)[0] if isinstance(row, Socket))
    assert first.components[1] == "C:\\Program Files\\Common Files\\rpcss.dll"
    assert (first.program, len(first.components)) == ("svchost.exe", 3)
    assert (second.state, second.pid, second.owner) == ("ESTABLISHED", 7, "unavailable")


def test_a_time_between_looks_is_used() -> None:
    look = "Aktive Verbindungen\n\n  Proto  Lokal\n  TCP 192.0.2.1:5 192.0.2.2:6 SYN_GESENDET 9\n"
    text = f"17.11.2026 09:30:00\n{look}\n17.11.2026 09:31:00\n{look}"
    first, second = (row.at for row in read(text)[0] if isinstance(row, Socket))
    assert first
    assert second == first + 60_000_000
