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


TASKLIST = """
C:\\>netstat -ano

  Proto  Local Address          Foreign Address        State           PID
  TCP    192.0.2.10:49972       192.0.2.77:17777       SYN_SENT        4711
  TCP    192.0.2.10:49973       192.0.2.78:17777       SYN_SENT        4712

C:\\>tasklist

Image Name                     PID Session Name        Session#    Mem Usage
========================= ======== ================ =========== ============
System Idle Process              0 Services                   0          8 K
Acme Inventory.exe            4711 Services                   0     12,144 K
"""


def test_tasklist_below_names_the_programs_of_pids(whence: Whence, tmp_path: Path) -> None:
    file = tmp_path / "netstat.txt"
    file.write_text(TASKLIST)
    status, out, err = whence("import", str(file), "--host", "srv7")
    assert (status, "windows_netstat, tasklist" in out) == (0, True)
    assert "not understood" not in err
    assert "by Acme Inventory.exe (pid 4711, on srv7" in whence("192.0.2.77:17777")[1]
    assert "Acme" not in whence("192.0.2.78:17777")[1]
