"""ClamAV by a real clamd with one signature, YARA-X with real rules, a hash service on loopback."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.world.outside_servers import Registry, registry, serving
from whence.model import BadInput, BadSettings, CannotAsk
from whence.world.clamd import VARIABLE, clamd_said
from whence.world.hash_lookup import hash_lookup
from whence.world.online_settings import OnlineSettings
from whence.world.yara_rules import rules_matched

MARKER = b"whence-test-marker"
RULE = """rule Marker : test { meta: description = "of a test" author = "A"
  strings: $m = "whence-test-marker" condition: $m }"""
SUM = "ab" * 32


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    file = tmp_path / "marked"
    file.write_bytes(b"\0 " + MARKER)
    return file


@pytest.fixture(scope="module")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A clamd that knows the marker, and nothing else."""
    folder = tmp_path_factory.mktemp("clamd")
    (folder / "db").mkdir()
    (folder / "db" / "test.ndb").write_text(f"Test.Marker:0:*:{MARKER.hex()}\n")
    at = folder / "clamd.ctl"
    settings = f"LocalSocket {at}\nDatabaseDirectory {folder}/db\nForeground yes\n"
    (folder / "clamd.conf").write_text(settings)
    command = ["clamd", "-c", str(folder / "clamd.conf")]
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": "/usr/sbin:/usr/bin"},
    ) as process:
        end = time.monotonic() + 20
        while not at.exists() and time.monotonic() < end and process.poll() is None:
            time.sleep(0.02)
        yield at
        process.kill()


def test_clamav_knows_a_file_or_not(clamd: Path, marked: Path, tmp_path: Path) -> None:
    found, version = clamd_said(str(marked), {VARIABLE: str(clamd)}).splitlines()
    assert found == "Test.Marker.UNOFFICIAL FOUND"
    assert version.startswith("ClamAV ")
    (tmp_path / "other").write_text("nothing")
    assert clamd_said(str(tmp_path / "other"), {VARIABLE: str(clamd)}).startswith("OK\n")


def test_a_clamd_that_takes_no_descriptor_is_sent_the_bytes(clamd: Path, marked: Path) -> None:
    def forward(end: socket.socket) -> None:
        with socket.socket(socket.AF_UNIX) as real:
            real.connect(str(clamd))
            command = end.recv(4096)
            assert not command.startswith(b"zFILDES")
            real.sendall(command)
            real.settimeout(0.2)
            while True:
                try:
                    end.sendall(real.recv(4096))
                    return
                except TimeoutError:
                    real.sendall(end.recv(1 << 20))

    with serving(forward) as port:
        said = clamd_said(str(marked), {VARIABLE: f"127.0.0.1:{port}"})
    assert said.startswith("Test.Marker.UNOFFICIAL FOUND\n")


def garbage(end: socket.socket) -> None:
    end.recv(100)
    end.sendall(b"\xff\x1b[31m" * 5000)


@pytest.mark.parametrize("serve", [garbage, lambda end: end.close()])
def test_what_is_no_clamd_gives_no_answer(serve: object, marked: Path) -> None:
    with serving(serve) as port, pytest.raises(CannotAsk):  # type: ignore[arg-type]
        clamd_said(str(marked), {VARIABLE: f"127.0.0.1:{port}"})


@pytest.mark.parametrize("where", ["/nowhere/clamd.ctl", "nonsense", "127.0.0.1:9"])
def test_a_clamd_that_is_not_there_is_said_so(where: str, marked: Path) -> None:
    with pytest.raises(CannotAsk) as refused:
        clamd_said(str(marked), {VARIABLE: where})
    assert VARIABLE in refused.value.try_


def test_rules_that_match_are_told_with_what_they_say_and_where(marked: Path) -> None:
    rules = marked.with_name("rules.yar")
    rules.write_text(RULE)
    told = json.loads(rules_matched(str(marked), rules))
    assert told == {
        "rule": "Marker",
        "said": {"description": "of a test", "author": "A"},
        "at": [["$m", 2]],
    }
    assert not rules_matched("/bin/true", rules)


@pytest.mark.parametrize("text", ["rule {", "\0", "no rules"])
def test_rules_that_are_none_are_said_so(marked: Path, text: str) -> None:
    rules = marked.with_name("rules.yar")
    rules.write_text(text)
    with pytest.raises(BadInput, match="holds no rules of YARA"):
        rules_matched(str(marked), rules)


Service = tuple[Registry, OnlineSettings]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with registry(tmp_path) as (server, authority):
        at = {"rdap.example.net": f"127.0.0.1:{server.server_port}"}
        place = "https://rdap.example.net/api/"
        yield server, OnlineSettings(hash_lookup=place, ca=authority, patience=2, at=at)


def test_a_known_and_an_unknown_sum(service: Service) -> None:
    server, settings = service
    server.say(f"/api/lookup/sha256/{SUM}", 200, {"FileName": "ls"})
    assert json.loads(hash_lookup(SUM, settings)) == {"FileName": "ls"}
    assert hash_lookup("cd" * 32, settings) == "{}\n"


@pytest.mark.parametrize(("status", "words"), [(429, "too often"), (500, "gave no answer")])
def test_a_service_that_refuses_is_said_so(service: Service, status: int, words: str) -> None:
    server, settings = service
    server.say(f"/api/lookup/sha256/{SUM}", status)
    with pytest.raises(CannotAsk, match=words):
        hash_lookup(SUM, settings)


@pytest.mark.parametrize("place", ["http://a.example/", "", "https://[", "https://a:0x/"])
def test_settings_that_are_not_right_are_said_so(service: Service, place: str) -> None:
    with pytest.raises(BadSettings):
        hash_lookup(SUM, replace(service[1], hash_lookup=place))
