"""``whence find`` and ``whence changes`` as a user runs them, on real processes and files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Whence

ADDRESS = ".".join(("203", "0", "113", "77"))  # in no file, not even in this one


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has the address from its environment, beside a secret."""
    script = tmp_path / "srv" / "agent.py"
    script.parent.mkdir()
    script.write_text("import sys\nprint(1, flush=True)\nsys.stdin.read()\n")
    environment = os.environ | {"UPSTREAM": f"db://{ADDRESS}:5432", "TOKEN": "tok3n-of-somebody"}
    with subprocess.Popen([sys.executable, str(script)], stdin=subprocess.PIPE, cwd=script.parent,
                          stdout=subprocess.PIPE, env=environment) as process:  # fmt: skip
        assert process.stdout
        process.stdout.readline()
        yield process
        process.communicate()


def test_what_is_only_in_the_environment(
    whence: Whence, agent: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    status, out, _ = whence("find", ADDRESS, "--pid", str(agent.pid))
    assert (status, out.splitlines()[0]) == (
        0,
        f"{ADDRESS} stands in the environment of pid {agent.pid} (variable UPSTREAM), of the "
        "process itself.",
    )
    kept = b"".join(file.read_bytes() for file in (tmp_path / "state").rglob("*.case"))
    kept += out.encode()
    assert b"tok3n-of-somebody" not in kept
    assert "E1" in whence("show", "E1")[1]
    assert whence("case", "verify")[0] == 0
    assert whence("case", "replay")[0] == 0


def test_what_is_beside_the_program_as_json(
    whence: Whence, agent: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    other = ADDRESS.replace("77", "78")
    (tmp_path / "srv" / "hosts.csv").write_text(f"name,address\ndb,{other}\n")
    status, out, _ = whence("find", other, "--pid", str(agent.pid), "--json")
    first, *_, last = map(json.loads, out.splitlines())
    assert status == 0
    assert first["file"]["path"] == str(tmp_path / "srv" / "hosts.csv")
    assert first["whence"]["setting"]["part"] == "row 2, column address"
    assert first["whence"]["setting"]["why"] == "its working directory"
    assert any("--everywhere" in entry["try"] for entry in last["whence"]["not_checked"])


def test_what_is_only_in_memory(whence: Whence, agent: subprocess.Popen[bytes]) -> None:
    _, out, _ = whence("find", ADDRESS, "--pid", str(agent.pid), "--deep")
    assert f"the memory of pid {agent.pid}" in out


def test_an_address_that_is_nowhere(whence: Whence) -> None:
    status, out, _ = whence("find", "203.0.113.250")
    assert (status, out.splitlines()[0]) == (
        1, "203.0.113.250 was not found where it was looked for.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["300.1.1.1"], 65),
        ([":443"], 65),
        (["name-that-is-not.invalid"], 69),
        ([ADDRESS, "--pid", "4194304999"], 69),
        ([ADDRESS, "--program", "/no/such/program"], 65),
        ([ADDRESS, "--database", "foo"], 65),
        ([ADDRESS, "--database", "postgresql://db:port/inventory"], 65),
        ([ADDRESS, "--pid", "1", "--program", "/bin/sh"], 2),
    ],
)
def test_bad_input_gets_words_and_a_status(whence: Whence, words: list[str], expected: int) -> None:
    status, _, err = whence("find", *words)
    assert status == expected
    assert "Traceback" not in err
    assert "there is no case yet" in whence("case", "list")[2]


def test_a_folder_beside_the_address_gets_words_of_where_is_looked(whence: Whence) -> None:
    status, _, err = whence("find", ADDRESS, "/etc/app")
    assert (status, "what is /etc/app?" in err) == (2, True)
    assert f"whence find {ADDRESS} --everywhere" in err


def test_what_was_changed_on_this_machine(whence: Whence) -> None:
    status, out, _ = whence("changes", "--window", "2000d", "--count", "3")
    assert status == 0
    assert " changes from " in out.splitlines()[0]
    first, *_, last = map(
        json.loads, whence("changes", "--window", "2000d", "--json")[1].splitlines()
    )
    assert first["whence"]["change"]["rank"] == 1
    assert last["whence"]["changes"] > 0


def test_an_onset_that_contradicts_itself(whence: Whence) -> None:
    words = ("--before", "2026-01-01", "--onset-not-before", "2026-01-02")
    assert whence("changes", *words)[0] == 2


def test_changes_of_a_case(whence: Whence) -> None:
    whence("program", "/bin/sh")
    assert whence("changes", "--case", "last", "--count", "1")[0] in (0, 1)
    assert whence("changes", "--case", "2026-01-01-none")[0] == 65
