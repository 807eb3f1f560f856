"""What was typed on several machines is in one file: prompts tell it apart."""

import json
from pathlib import Path

from tests.cli.conftest import Whence

SESSION = """\
root@fw01:~# netstat -anp
Active Internet connections (servers and established)
Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name
tcp        0      0 0.0.0.0:22              0.0.0.0:*               LISTEN      812/sshd
tcp        0      1 192.0.2.10:49972        192.0.2.77:17777        SYN_SENT    4711/inv
root@fw01:~# date
{more}root@fw01:~#
"""
FURTHER = """\
root@fw01:~# ssh db02
[root@db02 ~]# netstat -anp
Active Internet connections (servers and established)
Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name
tcp        0      1 192.0.2.11:22           192.0.2.77:17777        SYN_SENT    4711/agent
[root@db02 ~]# exit
"""


def _rows(whence: Whence, file: Path) -> list[tuple[str, str]]:
    _, out, _ = whence("import", str(file), "--dry-run", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    return [(row["host"]["name"], row["process"]["name"]) for row in rows]


def test_the_machine_is_the_one_of_the_prompt(whence: Whence, tmp_path: Path) -> None:
    file = tmp_path / "session.txt"
    file.write_text(SESSION.format(more=""))
    status, out, err = whence("import", str(file))
    assert (status, "linux_netstat of fw01" in out) == (0, True)
    assert "not understood" not in err
    assert "by inv (pid 4711, on fw01" in whence("192.0.2.77:17777")[1]


def test_sockets_are_of_the_machine_whose_prompt_stands_above_them(
    whence: Whence, tmp_path: Path
) -> None:
    file = tmp_path / "session.txt"
    file.write_text(SESSION.format(more=FURTHER))
    assert _rows(whence, file) == [("fw01", "sshd"), ("fw01", "inv"), ("db02", "agent")]
    assert whence("import", str(file))[0] == 0
    _, out, _ = whence("192.0.2.77:17777")
    assert "fw01: inv, pid 4711, calls" in out
    assert "db02: agent, pid 4711, calls" in out  # though fw01 listens on its port 22
    assert "looks" not in out
