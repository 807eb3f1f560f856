"""``whence program`` on this machine's own files, and on files that a test made."""

from __future__ import annotations

import json
import py_compile
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Whence, squeezed
from tests.world.outside_servers import registry
from whence.world.clamd import VARIABLE

SCRIPT = """import socket, time
HOST = "\\x1b[31m"
print(1, flush=True)
time.sleep(60)
connect(("198.51.100.7", 4443))
"""


@pytest.fixture(autouse=True)
def no_scanner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/nowhere/clamd")


def test_a_program_of_a_package_and_the_same_again_without_asking(whence: Whence) -> None:
    status, said, _ = whence("program", "/usr/bin/env")
    assert status == 0
    first = said.splitlines()[0]
    assert first.startswith("/usr/bin/env belongs to coreutils ")
    assert first.endswith("is as its package brought it.")
    for words in (
        "what it is\n", "ELF 64-bit", "SHA-256 ", "whose it is\n", "maintained by", "filed under",
        "loads libc.so.6", "agrees with package MD5 of coreutils", "not checked:",
        "--run-help", "--rules FILE", "--online",
    ):  # fmt: skip
        assert words in squeezed(said)
    assert "clean" not in said
    _, replayed, _ = whence("case", "replay", "last")
    assert replayed.splitlines()[0] == first


def test_the_code_behind_a_script_that_has_no_source(whence: Whence, tmp_path: Path) -> None:
    source = tmp_path / "build/agent.py"
    source.parent.mkdir()
    source.write_text("import socket\nsocket.create_connection(('198.51.100.7', 4443))\n")
    (tmp_path / "acme").mkdir()
    compiled = tmp_path / "acme/agent.pyc"
    py_compile.compile(str(source), str(compiled), doraise=True)
    script = tmp_path / "agent"
    script.write_text("#!/usr/bin/python3\nfrom acme.agent import main\n")
    _, with_source, _ = whence("program", str(script))
    assert f"takes code from {compiled}" in with_source
    assert "no source" not in with_source
    source.unlink()
    _, said, _ = whence("program", str(script))
    assert (
        f"Its code is in {compiled}, of which there is no source: "
        f"compiled from {source}, which is not here.\n"
    ) in said
    below = said.partition("where its code is\n")[2].partition("\n\n")[0]
    assert "compiled by Python 3." in below
    assert "names address 198.51.100.7" in below or "names host" in below


def test_json_has_the_names_of_ecs(whence: Whence) -> None:
    _, said, _ = whence("program", "/usr/bin/env", "--json")
    document = json.loads(said)
    assert document["file"]["path"] == "/usr/bin/env"
    assert len(document["file"]["hash"]["sha256"]) == 64
    assert document["package"]["name"] == "coreutils"
    assert document["package"]["type"] == "dpkg"


def test_the_script_of_a_process_and_what_it_names(whence: Whence, tmp_path: Path) -> None:
    script = tmp_path / "sync.py"
    script.write_text(SCRIPT)
    with subprocess.Popen(
        [sys.executable, "sync.py"], cwd=tmp_path, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.readline()
        status, said, _ = whence("program", str(process.pid))
        process.kill()
    assert status == 1
    assert said.startswith(f"{script} is in no package that is known here.")
    assert "names address 198.51.100.7 (line 5)" in said
    assert "names port 4443 (line 5)" in squeezed(said)
    assert "imports socket, time" in squeezed(said)
    assert "\x1b" not in said


def test_a_file_that_was_deleted_while_it_runs(whence: Whence, tmp_path: Path) -> None:
    program = tmp_path / "hidden"
    shutil.copy("/bin/sleep", program)
    with subprocess.Popen([program, "60"]) as process:
        program.unlink()
        _, said, _ = whence("program", str(process.pid))
        process.send_signal(signal.SIGKILL)
    assert said.startswith(f"/proc/{process.pid}/exe is in no package that is known here.")
    assert f"It runs without its file: {program} is there no more" in said
    assert "SHA-256 " in said


def test_traffic_whose_program_names_the_address(whence: Whence, tmp_path: Path) -> None:
    script = tmp_path / "call.py"
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        script.write_text(f"""import socket, time
with socket.create_connection(("127.0.0.1", {port})):
    print(1, flush=True)
    time.sleep(60)
""")
        with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            _, said, _ = whence(f"127.0.0.1:{port}")
            process.kill()
    assert f"The address 127.0.0.1 stands in line 2 of {script}." in said


def test_rules_and_a_service_that_knows_the_file(
    whence: Whence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = tmp_path / "rules.yar"
    rules.write_text('rule Marker { strings: $a = "marker-of-a-test" condition: $a }')
    file = tmp_path / "file"
    file.write_text("#!/bin/sh\n# marker-of-a-test\n")
    with registry(tmp_path) as (server, authority):
        monkeypatch.setenv("WHENCE_ONLINE_HASH_LOOKUP", "https://rdap.example.net")
        monkeypatch.setenv("WHENCE_ONLINE_CA", authority)
        monkeypatch.setenv("WHENCE_ONLINE_AT", f"rdap.example.net=127.0.0.1:{server.server_port}")
        _, said, _ = whence("program", str(file), "--rules", str(rules), "--online", "--json")
        sha256 = json.loads(said)["file"]["hash"]["sha256"]
        assert server.asked == [f"/lookup/sha256/{sha256}"]
        server.say(f"/lookup/sha256/{sha256}", 200, {"KnownMalicious": "a list", "db": "x"})
        _, said, _ = whence("program", str(file), "--online", "--rules", str(rules))
    assert "A rule that was given matches it: Marker — $a at byte 0xc." in said
    assert "It is known as malware: known as malicious by a list, in x (reported)." in said
    assert "verdict: suspicious" in said


@pytest.mark.parametrize(
    ("target", "status"),
    [("/nowhere/x", 65), ("/etc", 65), ("/dev/null", 65), ("4194304999", 69), ("", 65), ("2", 65)],
)
def test_what_is_no_program_is_said_so(whence: Whence, target: str, status: int) -> None:
    code, _, told = whence("program", target)
    if target == "2" and "not there" in told:
        return  # a container, in which no thread of the kernel is seen
    assert code == status
    assert told.startswith("whence: ")


def test_an_option_that_makes_no_sense_alone(whence: Whence) -> None:
    status, _, told = whence("program", "/usr/bin/env", "--any-owner")
    assert (status, "--run-help" in told) == (2, True)
