"""A command line behind a real ssh server: as a command, and typed into a shell."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Whence, whence
from tests.lab.sshd import sshd
from whence.switches.mirror_command_line import CommandLineMirror
from whence.switches.mirror_commands import WORDS
from whence.world import utc_now
from whence.world.mirror import Mirrors
from whence.world.ssh_device import SshDevice
from whence.world.switch_settings import Login

__all__ = ["whence"]  # a fixture
pytestmark = pytest.mark.lab

SWITCH = r"""#!/bin/bash
# A switch: runs one command, or has a shell that echoes what is typed and asks before it ends.
table() {
  case "$1" in
    "show mac address-table") printf '  10    0050.56be.0001    DYNAMIC     Gi1/0/1\r\n' ;;
    "show mac-address") printf '  001122-334455 12    10\r\n' ;;
    "show running-config | include monitor") cat "$0.mirror" ;;
    "no interface "*|"no mirror 4") : > "$0.mirror" ;;
    "interface "*|"mirror "*) printf '%s\r\n' "$1" >> "$0.mirror" ;;
    "show lldp neighbors detail") printf 'Local Intf: Gi1/0/9\r\nChassis id: 0050.56be.00aa\r\n' ;;
  esac
}
if [ -n "$SSH_ORIGINAL_COMMAND" ]; then table "$SSH_ORIGINAL_COMMAND"; exit; fi
stty -echo
printf '\033[2JPress any key to continue'
read -r _
while printf 'sw# ' && read -r line; do
  line=${line%$'\r'}
  printf '%s\r\n' "$line"
  table "$line"
  case "$line" in exit) printf 'Do you want to log out [y/n]?'; read -r _; exit ;; esac
done
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    """Run sshd on loopback, for one key; give the folder and the port."""
    folder = tmp_path_factory.mktemp("ssh")
    (folder / "switch").write_text(SWITCH)
    (folder / "switch").chmod(0o755)
    with sshd(folder, f"ForceCommand {folder}/switch\n") as port:
        yield folder, port


@pytest.fixture
def settings(
    server: tuple[Path, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, int]:
    """Name a switch of each kind in the user's settings."""
    folder, port = server
    user = os.environ.get("USER") or "root"
    file = tmp_path / "whence/switches.toml"
    file.parent.mkdir()
    entries = [
        f'[[switch]]\nname = "{name}"\nurl = "ssh://{user}@127.0.0.1:{port}?platform={platform}"\n'
        f'ssh_config = "{folder}/config"\n'
        for name, platform in (("ios", "cisco_ios"), ("curve", "hp_procurve"))
    ]
    file.write_text("".join(entries))
    file.chmod(0o600)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return server


def test_a_command_is_given_with_the_login(whence: Whence, settings: tuple[Path, int]) -> None:
    status, shown, said = whence("switch", "ios", "learned")
    assert status == 0, said
    assert "00:50:56:be:00:01  Gi1/0/1  10" in shown
    assert "Gi1/0/9" in whence("switch", "ios", "neighbours")[1]
    status, told, _ = whence("place", "00:50:56:be:00:01", "--switch", "ios")
    assert (status, "plugged in at ios Gi1/0/1" in told) == (0, True)
    assert "same facts" in whence("case", "replay", "last")[2]


def test_lines_are_typed_where_there_is_only_a_shell(
    whence: Whence, settings: tuple[Path, int]
) -> None:
    status, shown, said = whence("switch", "curve", "learned")
    assert status == 0, said
    assert "00:11:22:33:44:55  12    10" in shown


def test_a_mirror_is_set_read_back_and_taken_away(server: tuple[Path, int]) -> None:
    folder, port = server
    user = os.environ.get("USER") or "root"
    login = Login("127.0.0.1", port, user, "procurve", config=str(folder / "config"))
    device = SshDevice("sw1", login, utc_now)
    switch = CommandLineMirror(WORDS["procurve"], device, "sw1", "24")
    assert switch.mirrored() == Mirrors()
    before = switch.saved()
    switch.mirror(Mirrors(frozenset({"1", "2"}), "23"))
    assert switch.mirrored() == Mirrors(frozenset({"1", "2"}), "23")
    switch.restore(before)
    assert switch.mirrored() == Mirrors()


def test_a_server_that_nobody_vouches_for_is_not_logged_in_to(
    whence: Whence, settings: tuple[Path, int]
) -> None:
    folder, _ = settings
    (folder / "known").write_text("")
    status, _, said = whence("switch", "ios", "learned")
    assert (status, "host key" in said.lower()) == (69, True)
