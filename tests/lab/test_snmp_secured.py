"""SNMPv3 against net-snmp's agent: every protocol that it knows, and what it refuses."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from whence.model import BadSettings, CannotAsk, NotPermitted
from whence.world.post import NO_SECRET, Secret
from whence.world.snmp import Binding, Patience, SnmpAccess, SnmpAgent

pytestmark = pytest.mark.lab

LEVELS = {
    "none": ("", ""),
    "md5": ("md5", ""),
    "sha": ("sha", ""),
    "sha256": ("sha256", ""),
    "sha512": ("sha512", ""),
    "md5des": ("md5", "des"),
    "shaaes": ("sha", "aes"),
    "sha224aes": ("sha224", "aes"),
    "sha384aes": ("sha384", "aes"),
    "sha256aes256": ("sha256", "aes256"),
}
NAMES = {"sha224": "SHA-224", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
NAMES |= {"aes256": "AES-256"}
NAME = "1.3.6.1.2.1.1.5.0"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run snmpd on a free port of loopback, with a user for each level of security."""
    directory = tmp_path_factory.mktemp("snmpd")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    lines = [f"agentAddress udp:127.0.0.1:{number}", "sysName lab-agent", "rwcommunity writes"]
    for user, (auth, privacy) in LEVELS.items():
        words = ["createUser", user]
        words += [NAMES.get(auth, auth.upper()), "authentic-1"] if auth else []
        words += [NAMES.get(privacy, privacy.upper()), "private-22"] if privacy else []
        level = "priv" if privacy else "auth" if auth else "noauth"
        lines += [" ".join(words), f"rwuser {user} {level}"]
    (directory / "snmpd.conf").write_text("\n".join(lines) + "\n")
    environment = os.environ | {"SNMP_PERSISTENT_DIR": str(directory / "state")}
    agent = subprocess.Popen(
        ["snmpd", "-f", "-Lf", str(directory / "log"), "-C", "-c", str(directory / "snmpd.conf")],
        env=environment,
    )
    try:
        _await(number, directory / "log")
        yield number
    finally:
        agent.terminate()
        agent.wait(10)


def _await(port: int, log: Path) -> None:
    access = SnmpAccess("127.0.0.1", port, community=Secret("writes"))
    for _ in range(100):
        try:
            with SnmpAgent(access, Patience(timeout=0.1, retries=0)) as asked:
                asked.get(NAME)
            return
        except CannotAsk:
            time.sleep(0.1)
    pytest.fail(f"snmpd did not start: {log.read_text()}")


def user(port: int, name: str, auth_password: str = "authentic-1") -> SnmpAgent:
    auth, privacy = LEVELS[name]
    access = SnmpAccess(
        "127.0.0.1",
        port,
        "3",
        user=name,
        auth=auth,
        auth_password=Secret(auth_password) if auth else NO_SECRET,
        privacy=privacy,
        privacy_password=Secret("private-22") if privacy else NO_SECRET,
    )
    return SnmpAgent(access, Patience(timeout=0.5, retries=1))


@pytest.mark.parametrize("level", LEVELS)
def test_each_level_of_security_reads_and_writes(port: int, level: str) -> None:
    with user(port, level) as asked:
        assert asked.get(NAME)[0].value == b"lab-agent"
        assert len([*asked.walk("1.3.6.1.2.1.1")]) > 5
        asked.set(Binding((1, 3, 6, 1, 2, 1, 1, 6, 0), level.encode()))
        assert asked.get("1.3.6.1.2.1.1.6.0")[0].value == level.encode()


def test_a_wrong_password_is_called_so(port: int) -> None:
    with user(port, "shaaes", "not the one") as asked, pytest.raises(NotPermitted) as refused:
        asked.get(NAME)
    assert "password is wrong" in refused.value.because


def test_an_unknown_user_is_called_so(port: int) -> None:
    access = SnmpAccess("127.0.0.1", port, "3", user="nobody-knows-me")
    with SnmpAgent(access) as asked, pytest.raises(NotPermitted) as refused:
        asked.get(NAME)
    assert "does not know this user" in refused.value.because


def test_a_community_may_write(port: int) -> None:
    with SnmpAgent(SnmpAccess("127.0.0.1", port, community=Secret("writes"))) as asked:
        asked.set(Binding((1, 3, 6, 1, 2, 1, 1, 6, 0), b"cellar"))
        assert asked.get("1.3.6.1.2.1.1.6.0")[0].value == b"cellar"


def test_a_short_password_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(BadSettings):
        SnmpAgent(SnmpAccess("x", 1, "3", user="u", auth="sha", auth_password=Secret("short")))
