"""A package that dpkg installed below a folder, and programs that are run for their help."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from whence.model import CannotAsk, Fact, Program, Reading
from whence.probes.diverted import diverted
from whence.probes.dpkg_package import dpkg_package
from whence.probes.dpkg_sum import dpkg_sum
from whence.world import ThisHost, run_help, utc_now
from whence.world.run_help import LARGEST, SANDBOX, help_of
from whence.world.these_programs import ThesePrograms

pytestmark = pytest.mark.lab

CONTROL = """Package: poller
Version: 1.2-3
Architecture: all
Maintainer: Ada <ada@example.org>
Section: net
Priority: optional
Description: asks things
"""


class RootedHost(ThisHost):
    """A host whose commands, too, see only what is below a folder."""

    def __init__(self, root: Path) -> None:
        super().__init__("here", utc_now, str(root))
        self.below = str(root)

    def run(self, *argv: str) -> Reading:
        """Run grep, dpkg-query or readlink as if the folder were all."""
        words = [word.replace("/var/lib/dpkg", f"{self.below}/var/lib/dpkg") for word in argv]
        if argv[0] == "dpkg-query":
            words.insert(1, f"--admindir={self.below}/var/lib/dpkg")
        if argv[0] == "readlink":
            words[-1] = self.below + words[-1]
        told = super().run(*words)
        text = told.text.replace(self.below, "")
        return Reading(" ".join(argv), text, told.taken, told.observer)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root in which the package is installed, with one program, a setting and a link."""
    source, root = tmp_path / "source", tmp_path / "root"
    for folder in ("DEBIAN", "usr/bin", "etc"):
        (source / folder).mkdir(parents=True)
    (source / "DEBIAN/control").write_text(CONTROL)
    (source / "DEBIAN/conffiles").write_text("/etc/poller.conf\n")
    (source / "etc/poller.conf").write_text("a=1\n")
    (source / "usr/bin/poll").write_text("#!/bin/sh\nexit 0\n")
    (source / "usr/bin/poll").chmod(0o755)
    (source / "usr/bin/ask").symlink_to("poll")
    sums = subprocess.check_output(["md5sum", "usr/bin/poll"], cwd=source, text=True)
    (source / "DEBIAN/md5sums").write_text(sums)
    for folder in ("info", "updates"):
        (root / "var/lib/dpkg" / folder).mkdir(parents=True)
    (root / "var/lib/dpkg/status").touch()
    deb = tmp_path / "poller.deb"
    subprocess.run(["dpkg-deb", "-Znone", "-b", source, deb], check=True, capture_output=True)
    subprocess.run(
        ["dpkg", f"--root={root}", "--log=/dev/null", "-i", deb], check=True, capture_output=True
    )
    return root


def asked(root: Path, path: str) -> list[Fact]:
    host, programs = RootedHost(root), ThesePrograms("here", utc_now, root=str(root))
    program = Program("here", path)
    return [
        *dpkg_package(program, host),
        *dpkg_sum(program, host, programs),
        *diverted(program, host),
    ]


def relations(root: Path, path: str) -> list[str]:
    return [fact.relation for fact in asked(root, path) if fact.subject == Program("here", path)]


def test_a_program_as_it_was_installed_and_a_link_to_it(root: Path) -> None:
    assert str(asked(root, "/usr/bin/poll")[0].value) == "poller 1.2-3 (dpkg)"
    for path in ("/usr/bin/poll", "/usr/bin/ask", "/etc/poller.conf"):
        assert relations(root, path) == ["belongs-to", "agrees-with-package"]


def test_a_program_and_a_setting_that_were_edited(root: Path) -> None:
    for path in ("usr/bin/poll", "etc/poller.conf"):
        with (root / path).open("a") as file:
            file.write("# more\n")
    assert relations(root, "/usr/bin/poll")[1:] == ["differs-from-package"]
    assert relations(root, "/etc/poller.conf")[1:] == ["changed-as-a-setting"]
    verified = subprocess.run(
        ["dpkg", f"--root={root}", "--verify", "poller"], capture_output=True, text=True
    )
    assert "/usr/bin/poll" in verified.stdout


def test_a_diverted_program_keeps_its_owner_and_the_one_in_its_place_has_none(root: Path) -> None:
    subprocess.run(
        ["dpkg-divert", f"--root={root}", "--local", "--rename", "--divert", "/usr/bin/poll.real",
         "--add", "/usr/bin/poll"],
        check=True, capture_output=True,
    )  # fmt: skip
    (root / "usr/bin/poll").write_text("#!/bin/sh\nexec evil\n")
    assert relations(root, "/usr/bin/poll.real") == ["belongs-to", "agrees-with-package"]
    assert relations(root, "/usr/bin/poll") == ["stands-in-place-of"]


CURIOUS = """#!/bin/sh
echo "curious asks what it can reach"
id -u
for place in /var/x /tmp/x /etc/x; do touch $place 2>/dev/null && echo "wrote $place"; done
for place in /root /home /run /tmp; do ls $place; done
ls /proc | grep -c '^[0-9]'
grep -c : /proc/net/dev
grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status
env | sort
echo TOLD
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that nobody can look into, too, and that is not emptied for the program."""
    path = Path(f"/opt/whence-test-{os.getpid()}")
    path.mkdir()
    yield path
    for file in path.iterdir():
        file.unlink()
    path.rmdir()


def script(folder: Path, text: str, mode: int = 0o755) -> str:
    file = folder / "curious"
    file.write_text(text)
    file.chmod(mode)
    return str(file)


def test_a_program_that_is_run_for_its_help_can_change_and_reach_nothing(folder: Path) -> None:
    os.environ["SECRET"] = "of whence"
    said = help_of(script(folder, CURIOUS)).splitlines()
    del os.environ["SECRET"]
    assert said[:2] == ["curious asks what it can reach", "65534"]
    assert not [line for line in said if "wrote" in line or "SECRET" in line]
    assert "CapEff:\t0000000000000000" in said
    assert "NoNewPrivs:\t1" in said
    assert said[-1] == "TOLD"
    assert int(said[2]) < 10  # processes that it sees: its own
    assert said[3] == "1"  # interfaces: loopback, which is down


def test_one_that_does_not_end_is_ended_with_all_that_it_started(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_help, "PATIENCE", 1.0)
    began = time.monotonic()
    name = f"sleep 6{os.getpid()}"
    said = help_of(script(folder, f"#!/bin/sh\n{name} &\necho begun\n{name}\n"))
    assert said == "begun\n"
    assert time.monotonic() - began < 5
    running = subprocess.run(["pgrep", "-f", name], capture_output=True, text=True, check=False)
    assert not running.stdout


def test_one_that_says_too_much_is_cut_off(folder: Path) -> None:
    assert len(help_of(script(folder, "#!/bin/sh\nyes\n"))) == LARGEST


@pytest.mark.parametrize("mode", [0o4755, 0o2755, 0o644])
def test_one_with_the_rights_of_others_is_never_run(folder: Path, mode: int) -> None:
    with pytest.raises(CannotAsk, match="was not run"):
        help_of(script(folder, CURIOUS, mode))


def test_without_root_it_is_run_as_nobody_too_or_not_at_all(folder: Path) -> None:
    sandbox = folder / "sandbox.py"
    sandbox.write_bytes(SANDBOX.read_bytes())
    done = subprocess.run(
        ["setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "/usr/bin/python3", "-I",
         "-S", str(sandbox), "2", script(folder, CURIOUS), "--help"],
        capture_output=True, text=True, check=False, env={},
    )  # fmt: skip
    if done.returncode == 125:  # user namespaces are forbidden here
        assert not done.stdout
    else:
        said = done.stdout.splitlines()
        assert said[1] == "65534"
        assert "CapEff:\t0000000000000000" in said
        assert not [line for line in said if "wrote" in line]
