import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Whence
from whence.cli.main import COMMANDS

WHENCE = str(Path(sys.executable).with_name("whence"))


def test_help_names_every_command(whence: Whence) -> None:
    status, out, _ = whence("--help")
    assert status == 0
    assert all(name in out for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(whence: Whence, name: str) -> None:
    status, out, _ = whence(name, "--help")
    assert status == 0
    assert "Usage: whence" in out


def test_help_imports_no_command() -> None:
    code = (
        "import sys, whence.cli.main; print(any(m.startswith('whence.api') for m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_list_of_cases_needs_nothing_that_asks_about_traffic() -> None:
    code = (
        "import sys\nfrom whence import api\nimport whence.cli.case_list\napi.cases\n"
        "rooms = ('whence.inquiry', 'whence.probes', 'whence.analysis')\n"
        "print([name for name in sys.modules if name.startswith(rooms)])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_who_asks_about_a_connection_does_not_wait_for_the_engine() -> None:
    code = "import sys, whence.api.everything; print('duckdb' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_without_a_word_it_helps(whence: Whence) -> None:
    assert "Usage: whence" in whence()[1]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["203.0.113.7:70000"], 65),
        (["300.1.1.1"], 65),
        (["no such target"], 65),
        (["example.invalid"], 69),
        (["4194304999"], 69),
        (["started", "init"], 65),
        (["program", "/no/such/program"], 65),
        (["watch", "4242"], 69),
        (["capture", "no such target"], 65),
        (["capture", "192.0.2.1", "--reserve", "much"], 2),
        (["203.0.113.7", "--wait", "soon"], 2),
        (["203.0.113.7", "--no-such-option"], 2),
        (["203.0.113.7", "--notify", "pigeon:loft"], 78),
        (["case", "show", "2026-01-01-none"], 65),
        (["case", "import", "/no/such/file"], 65),
        (["show", "E1"], 65),
        (["203.0.113.7", "--on", ""], 65),
        (["203.0.113.7", "--on", "-oProxyCommand=id"], 65),
        (["203.0.113.7", "--on", "root@-oProxyCommand=id"], 65),
        (["203.0.113.7", "--on", "root@srv7\nx"], 65),
        (["203.0.113.7", "--on", "root@srv7 -v"], 65),
    ],
)
def test_bad_input_gets_words_and_a_status(whence: Whence, words: list[str], expected: int) -> None:
    status, _, err = whence(*words)
    assert status == expected
    assert err
    assert "Traceback" not in err


def test_an_error_says_what_why_and_what_to_do(whence: Whence) -> None:
    _, _, err = whence("203.0.113.7:70000")
    assert err.startswith("whence: “70000” is not a port\n  because")
    assert "  try " in err


def test_hostile_words_do_not_steer_the_terminal(whence: Whence) -> None:
    _, _, err = whence("\x1b]0;gotcha\x07 x")
    assert "\x1b" not in err


@pytest.mark.parametrize(
    "words",
    [
        ["--no-such-option"],
        ["--", "-1"],
        ["203.0.113.7", "--since", "1h", "--until", "2h"],
        ["203.0.113.7", "--since", "2999-01-01"],
        ["203.0.113.7", "--until", "1h", "--wait", "1h"],
        ["case", "note", "last", " "],
    ],
)
def test_what_contradicts_itself_is_no_question(whence: Whence, words: list[str]) -> None:
    status, out, err = whence(*words)
    assert (status, out) == (2, "")
    assert "Usage" in err


def test_a_program_by_its_bare_name_is_pointed_to(
    whence: Whence, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    agent = tmp_path / "acme-agent"
    agent.touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    status, _, err = whence("program", "acme-agent")
    assert (status, f"whence program {agent}" in err) == (65, True)


def test_a_folder_is_no_program(whence: Whence, tmp_path: Path) -> None:
    assert whence("program", str(tmp_path))[0] == 65


def test_without_a_terminal_live_comes_to_an_end(whence: Whence) -> None:
    assert whence("live")[0] == 0


def test_the_time_to_watch_begins_when_the_sensor_is_ready(whence: Whence) -> None:
    _, _, err = whence("watch", "203.0.113.7", "--for", "0.01s", "--level", "sock_diag")
    assert "watching with sock_diag" in err


def test_a_sensor_that_does_not_exist_is_refused_before_a_case_begins(whence: Whence) -> None:
    status, _, err = whence("203.0.113.7", "--wait", "1s", "--level", "kprobes")
    assert status == 2
    assert "“kprobes” is no sensor: one of ebpf," in err
    assert "there is no case yet" in "".join(whence("case", "list")[1:])


@pytest.mark.parametrize("words", [["--help"], ["lab", "stories"], ["case", "--help"]])
def test_a_reader_who_had_enough_is_told_from_nothing_seen(words: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    main = "from whence.cli.main import main; main()"
    command = [sys.executable, "-c", main, *words]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize(
    ("name", "content", "instead"),
    [
        ("office.log", b"Nov 27 10:00:00 fw sshd[1]: no key for root\n" * 3, "whence logs parse"),
        ("office.pcap", b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00" + b"\x00" * 16, "whence flows"),
    ],
)
def test_a_file_in_place_of_an_address_is_told_what_takes_it(
    whence: Whence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes,
    instead: str,
) -> None:  # fmt: skip
    """Also one whose name could be that of a host."""
    (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    for given in (name, f"./{name}", str(tmp_path / name)):
        status, _, err = whence(given)
        assert status == 65
        assert f"{given} is a file, and no address" in err
        assert f"{instead} {given}" in err


def test_a_folder_in_place_of_an_address_is_told_what_takes_its_files(
    whence: Whence, tmp_path: Path
) -> None:
    status, _, err = whence(str(tmp_path))
    assert status == 65
    assert f"{tmp_path} is a folder, and no address" in err
    assert f"whence import {tmp_path}/*" in err


@pytest.mark.parametrize("name", ["/nowhere/at.pcap", "./gone.pcap", "../gone.pcap"])
def test_a_path_where_nothing_is_is_told_to_be_none(whence: Whence, name: str) -> None:
    status, _, err = whence(name)
    assert status == 65
    assert f"there is no file {name}" in err


def test_a_file_that_may_not_be_read_is_told_to_be_so(tmp_path: Path) -> None:
    """Neither one in a folder that may not be entered, nor one that may not be opened."""
    closed = tmp_path / "closed"
    closed.mkdir()
    (closed / "file.pcap").write_bytes(b"x")
    (tmp_path / "own.pcap").write_bytes(b"x")
    (tmp_path / "own.pcap").chmod(0)
    closed.chmod(0)
    for given in (closed / "file.pcap", closed, tmp_path / "own.pcap"):
        # Root may read everything, unless it gave that up.
        told = subprocess.run(
            ["setpriv", "--bounding-set=-dac_override,-dac_read_search", WHENCE, str(given)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert told.returncode == 77
        assert f"{given} is no address, and may not be read" in told.stderr
        assert "Permission denied" in told.stderr


@pytest.mark.parametrize("name", ["a" * 5000, "/" + "b/" * 3000])
def test_a_name_that_no_file_can_have_is_no_target(whence: Whence, name: str) -> None:
    status, _, err = whence(name)
    assert status == 65
    assert "is not something that can be asked about" in err
