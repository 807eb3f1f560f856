"""What is read through a shell, beside what the same machine tells directly. Nobody logs in."""

from __future__ import annotations

import gzip
import io
import json
import os
import socket
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from whence.model import BadInput, CannotAsk, Flow, NotPermitted, Sighting
from whence.model.address_forms import Wanted
from whence.model.mentions import NotRead, mentions_of
from whence.world import ThisHost
from whence.world.changed_files import ThisMachinesFiles
from whence.world.present import PresentWitness
from whence.world.processes import LiveProcesses
from whence.world.ssh_changed_files import SshChangedFiles
from whence.world.ssh_host import SshHost, status_text
from whence.world.ssh_neighbours import SshNeighbours
from whence.world.ssh_proc import SshProc, ssh_processes
from whence.world.ssh_search import SshSearch, unpack
from whence.world.ssh_shell import SshLogin, SshShell
from whence.world.ssh_sockets import SshSensor, SshSockets
from whence.world.this_search import ThisSearch


@dataclass(frozen=True)
class NoLogin:
    """In place of ssh: a shell of this machine."""

    argv: tuple[str, ...] = ("sh",)
    host: str = "here"
    by_hand: str = "ssh here"
    is_root_by_sudo: bool = False

    def __str__(self) -> str:
        return "here"


@pytest.fixture
def shell() -> Iterator[SshShell]:
    """Open a shell."""
    opened = SshShell(cast(SshLogin, NoLogin()))
    yield opened
    opened.close()


def test_files_folders_links_and_status_are_as_they_are_here(
    shell: SshShell, tmp_path: Path
) -> None:
    odd = tmp_path / "it's; $(odd)\\n"
    odd.mkdir()
    (odd / "file").write_bytes(b"no end, \xff and \x00")
    (odd / "packed.gz").write_bytes(gzip.compress(b"two\nlines\n"))
    (odd / "link").symlink_to("file")
    there, here = SshHost(shell), ThisHost()
    assert there.name == here.name
    assert there.boot == here.boot
    for name in ("file", "packed.gz"):
        assert there.read(f"{odd}/{name}").text == here.read(f"{odd}/{name}").text
    assert there.list(str(odd)).text == here.list(str(odd)).text == "file\nlink\npacked.gz\n"
    assert there.link(f"{odd}/link").text == "file"
    found, expected = (json.loads(h.status(f"{odd}/link").text) for h in (there, here))
    for moment in ("modified", "changed"):
        assert found.pop(moment) == int(expected.pop(moment))
    assert found == expected
    assert there.run("printf", "%s|", "a b", "$HOME").text == "a b|$HOME|"


@pytest.mark.parametrize("ask", ["read", "list", "link", "status"])
def test_what_is_not_there_is_said_to_be_not_there(shell: SshShell, ask: str) -> None:
    with pytest.raises(CannotAsk, match="/nowhere is not there on"):
        getattr(SshHost(shell), ask)("/nowhere")


def test_a_command_that_is_not_there_and_one_that_fails(shell: SshShell) -> None:
    host = SshHost(shell)
    with pytest.raises(CannotAsk, match="nosuchthing is not installed"):
        host.run("nosuchthing", "now")
    with pytest.raises(CannotAsk, match="grep gave no answer"):
        host.run("grep", "x", "/dev/null")


def test_a_folder_a_null_byte_and_damaged_gzip_cannot_be_read(
    shell: SshShell, tmp_path: Path
) -> None:
    (tmp_path / "x.gz").write_bytes(b"\x1f\x8b nothing of the kind")
    for path in (str(tmp_path), "/etc/pass\0wd", f"{tmp_path}/x.gz"):
        with pytest.raises(CannotAsk, match="could not read"):
            SshHost(shell).read(path)


def test_questions_do_not_hear_each_other(shell: SshShell) -> None:
    assert shell.ask("cd /; x=1; exit 3").status == 3
    assert shell.ask('echo "$x"; pwd').out.decode() == f"\n{Path.cwd()}\n"
    assert shell.ask("cat; printf done").out == b"done"  # there is nothing to read


def test_more_than_is_taken_is_thrown_away(shell: SshShell) -> None:
    answer = shell.ask("head -c 3000000 /dev/zero; echo late >&2", most=1000)
    assert (answer.out, answer.is_whole, answer.errors) == (b"\0" * 1000, False, "late")
    assert shell.ask("printf whole", most=5).is_whole


def test_an_answer_that_does_not_come_is_given_up_and_the_next_is_heard(shell: SshShell) -> None:
    with pytest.raises(CannotAsk, match="gave no answer"):
        shell.ask("sleep 5", patience=0.2)
    assert shell.ask("echo again").out == b"again\n"


def test_a_shell_that_ends_says_why() -> None:
    refuses = NoLogin(
        ("sh", "-c", "echo 'root@here: Permission denied (publickey).' >&2; exit 255")
    )
    with pytest.raises(NotPermitted) as refused:
        SshShell(cast(SshLogin, refuses)).ask("true")
    assert "Permission denied" in refused.value.because


def test_who_can_be_logged_in_to() -> None:
    login = SshLogin.parse("ssh://root@srv7:2222")
    assert (login.user, login.host, login.port) == ("root", "srv7", 2222)
    assert SshLogin.parse("srv7").argv[-3:] == ("--", "srv7", "exec sh")
    assert SshLogin.parse("admin@srv7", sudo=True).argv[-1] == "exec sudo -n sh"
    for hostile in ("-oProxyCommand=x", "-l@srv7", "a b", "", "ssh://", "x;y"):
        with pytest.raises(BadInput):
            SshLogin.parse(hostile)


def test_words_that_are_no_status_are_refused() -> None:
    for words in (b"", b"1 2 3", b"81a4 0 0 x 1 2 3 4 5"):
        with pytest.raises(CannotAsk):
            status_text(words)


def test_a_process_and_its_ancestors_are_as_they_are_here(shell: SshShell) -> None:
    there = ssh_processes(shell, SshHost(shell), SshProc(shell))
    here = LiveProcesses.open()
    found, expected = there.lineage(os.getpid()), here.lineage(os.getpid())
    assert [one.process for one in found] == [one.process for one in expected]
    for one, other in zip(found, expected, strict=True):
        assert abs((one.started_at - other.started_at).total_seconds()) < 2
        runs = [replace(run, at=other.started_at) for run in (*one.executions, *other.executions)]
        same = replace(one, started_at=other.started_at, executions=other.executions)
        assert same == other
        assert runs[: len(runs) // 2] == runs[len(runs) // 2 :]


def test_sockets_have_their_holders_and_the_wait_ends_with_them(
    shell: SshShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("whence.world.ssh_sockets.LOOKS", 2)
    files = SshProc(shell)
    processes = ssh_processes(shell, SshHost(shell), files)
    sockets = SshSockets(shell, processes, files)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        flow = Flow("127.0.0.1", port)
        waits = SshSensor(shell, sockets, [flow, flow.reversed()])
        events = [event for _, event in waits.timed_events(timedelta(seconds=0.1)) if event]
        assert len(events) == 1, "a listener alone is no traffic"
        with socket.create_connection(("127.0.0.1", port)) as call, server.accept()[0]:
            events = [event for _, event in waits.timed_events(timedelta(seconds=0.1)) if event]
            makers = {e.maker.process.pid for e in events if isinstance(e, Sighting) and e.maker}
            assert makers == {os.getpid()}
            exact = Flow("127.0.0.1", port, *call.getsockname())
            told = PresentWitness(processes, sockets).connections(exact).text
    assert f'"pid":{os.getpid()}' in told.replace(" ", "")


def test_an_address_is_found_where_it_is_found_here(shell: SshShell, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/peers.conf").write_text("# peers\npeer = 203.0.113.77\n")
    (tmp_path / "etc/old.gz").write_bytes(gzip.compress(b"203.0.113.77 was here\n"))
    (tmp_path / "etc/ranges").write_text("203.0.113.0/24\n")
    (tmp_path / "etc/other").write_text("192.0.2.1\n")
    wanted = Wanted("203.0.113.77")
    places = [str(tmp_path / "etc"), "/nowhere"]
    there = SshSearch(shell, SshHost(shell)).mentions(wanted, places)
    here = ThisSearch().mentions(wanted, places)
    assert there.source == here.source
    found, expected = (
        [replace(m, changed=0) for m, _ in mentions_of(r.lines(), NotRead())] for r in (there, here)
    )
    assert len(found) == 3
    key = str
    for one, other in zip(sorted(found, key=key), sorted(expected, key=key), strict=True):
        assert replace(one, modified=0) == replace(other, modified=0)
        assert abs(one.modified - other.modified) < 1


def test_a_command_line_with_the_address_is_a_trace(shell: SshShell) -> None:
    wanted = Wanted("203.0.113.77")
    with subprocess.Popen(["sleep", "60"], env={"PEER": "203.0.113.77:443"}) as process:
        try:
            for search in (SshSearch(shell, SshHost(shell)), ThisSearch()):
                reading = search.traces(wanted, process.pid)
                (mention,) = (m for m, _ in mentions_of(reading.lines(), NotRead()))
                assert mention.part == "variable PEER"
        finally:
            process.kill()


def archive(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """Pack what another machine may send."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as packed:
        for member, content in members:
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    return gzip.compress(data.getvalue())


def test_a_hostile_archive_writes_nothing_outside(tmp_path: Path) -> None:
    folder, outside = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    leads_out = tarfile.TarInfo("../out")
    link = tarfile.TarInfo("link")
    link.type, link.linkname = tarfile.SYMTYPE, str(outside)
    fine = tarfile.TarInfo("etc/fine")
    unpack(archive((link, b""), (fine, b"x"), (tarfile.TarInfo("link/y"), b"x")), folder)
    copy = unpack(archive((leads_out, b"x")), folder)
    assert not copy.is_whole
    assert not outside.exists()
    assert (folder / "etc/fine").read_bytes() == b"x"
    assert not (folder / "link").is_symlink()
    whole = archive((tarfile.TarInfo("a"), b"1" * 9000), (tarfile.TarInfo("b"), b"2"))
    for cut in range(0, len(whole), 7):
        assert unpack(whole[:cut], folder).is_whole == (cut == 0)
    assert unpack(gzip.compress(b""), folder).is_whole, "nothing was there"


@pytest.mark.parametrize("way", ["0.1", "1.0"])
def test_a_file_that_claims_to_be_mostly_holes_is_not_made(tmp_path: Path, way: str) -> None:
    holes = tarfile.TarInfo("GNUSparseFile.0/huge")
    major, _, minor = way.partition(".")
    holes.pax_headers = {
        "GNU.sparse.major": major, "GNU.sparse.minor": minor, "GNU.sparse.name": "etc/huge",
        "GNU.sparse.size": str(1 << 42), "GNU.sparse.realsize": str(1 << 42),
    }  # fmt: skip
    content = b""
    if way == "0.1":
        holes.pax_headers["GNU.sparse.map"] = f"{1 << 42},0"
    else:
        content = f"1\n{1 << 42}\n0\n".encode().ljust(512, b"\0")
    copy = unpack(archive((holes, content), (tarfile.TarInfo("etc/fine"), b"x")), tmp_path)
    assert not copy.is_whole
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["fine"]


def test_changed_files_are_those_that_are_told_here(shell: SshShell, tmp_path: Path) -> None:
    (tmp_path / "new line\n").write_text("x")
    (tmp_path / "link").symlink_to("x")
    since, until = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(hours=1)
    there = SshChangedFiles(shell, SshHost(shell)).changed_files([str(tmp_path)], since, until)
    here = ThisMachinesFiles().changed_files([str(tmp_path)], since, until)
    assert there.source == here.source

    def told(text: str) -> list[tuple[object, ...]]:
        rows = [json.loads(line) for line in text.splitlines()[:-1]]
        return sorted((r["path"], r["kind"], r["uid"], r["mode"], r["size"]) for r in rows)

    assert told(there.text) == told(here.text)
    assert len(told(here.text)) == 3


def test_neighbours_are_known_and_not_asked(shell: SshShell) -> None:
    from whence.model.neighbour_questions import NeighbourQuestion
    from whence.world import utc_now

    neighbours = SshNeighbours(SshHost(shell), utc_now)
    rows = [json.loads(line) for line in neighbours.known().text.splitlines()]
    assert ("127.0.0.1", "OWN") in {(row["ip"], row["state"]) for row in rows}
    with pytest.raises(CannotAsk, match="was not asked"):
        neighbours.ask(next(iter(NeighbourQuestion)), "192.0.2.7")


def test_what_is_to_be_typed_by_hand_has_the_same_settings() -> None:
    login = SshLogin("srv7", "root", 2222, "/etc/our config")
    assert login.by_hand == "ssh -F '/etc/our config' -p 2222 root@srv7"
    assert SshLogin("srv7", "root").by_hand == "ssh root@srv7"
