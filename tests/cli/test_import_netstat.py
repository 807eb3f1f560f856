"""What `netstat -abn` of Windows says names a program, though it tells no pid."""

from pathlib import Path

from tests.cli.conftest import Whence

NETSTAT = """
Active Connections

  Proto  Local Address          Foreign Address        State
  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING
  RpcEptMapper
 [svchost.exe]
  TCP    192.0.2.10:49972       192.0.2.77:17777       SYN_SENT
 [Acme Inventory.exe]
"""


def test_the_program_is_named_without_a_pid(whence: Whence, tmp_path: Path) -> None:
    file = tmp_path / "netstat.txt"
    file.write_bytes((NETSTAT * 3).replace("\n", "\r\n").encode("cp437"))
    assert whence("import", str(file), "--host", "srv7")[0] == 0
    _, out, _ = whence("192.0.2.77:17777")
    assert "by Acme Inventory.exe (its pid is not told, on srv7, as reported)" in out
    assert "srv7: Acme Inventory.exe calls, seen in 3 of 3 looks" in out
    assert "never answered" in out
    assert "pid 0" not in out
