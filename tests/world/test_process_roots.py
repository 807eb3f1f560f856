"""Links below the root directory of another process, as it sees them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from whence.model import CannotAsk
from whence.world.process_roots import in_its_root
from whence.world.program_file import sums
from whence.world.this_host import ThisHost

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may change its root directory")
CHILD = "import os, sys; os.chroot(sys.argv[1]); os.chdir('/'); print('there', flush=True); input()"


@pytest.fixture
def root(tmp_path: Path) -> Iterator[str]:
    """Give the root of a process that has one of its own."""
    (tmp_path / "etc/cron.d").mkdir(parents=True)
    (tmp_path / "opt").mkdir()
    (tmp_path / "opt/job").write_text("of the container\n")
    (tmp_path / "etc/cron.d/job").symlink_to("/opt/job")
    (tmp_path / "etc/up").symlink_to("../../../opt/job")
    (tmp_path / "etc/folder").symlink_to("/opt")
    (tmp_path / "etc/passwd").symlink_to("/etc/passwd-")
    (tmp_path / "etc/passwd-").symlink_to("/etc/passwd")
    (tmp_path / "etc/hostname").symlink_to("/etc/hosts")  # which only this machine has
    words = [sys.executable, "-c", CHILD, str(tmp_path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        assert child.stdin
        assert child.stdout.readline() == b"there\n"
        yield f"/proc/{child.pid}/root"
        child.stdin.close()


@AS_ROOT
@pytest.mark.parametrize("path", ["/etc/cron.d/job", "/etc/up", "/etc/folder/job", "/opt/./job"])
def test_a_link_of_a_container_is_followed_in_it(root: str, path: str) -> None:
    host = ThisHost()
    assert host.read(root + path).text == "of the container\n"
    assert host.status(root + path).json() == host.status(f"{root}/opt/job").json()
    assert sums(root + path) == sums(f"{root}/opt/job")


@AS_ROOT
def test_what_its_links_lead_to_is_never_this_machine_s(root: str) -> None:
    host = ThisHost()
    for path in ("/etc/hostname", "/etc/passwd"):
        with pytest.raises(CannotAsk):
            host.read(root + path)
        with pytest.raises(CannotAsk):
            sums(root + path)


@AS_ROOT
def test_folders_and_links_themselves(root: str) -> None:
    host = ThisHost()
    assert host.list(f"{root}/etc/folder").text == "job\n"
    assert host.link(f"{root}/etc/cron.d/job").text.strip() == "/opt/job"
    assert host.link(f"{root}/etc/folder").text.strip() == "/opt"


def test_other_paths_are_left_as_they_are() -> None:
    for path in ("/etc/hosts", "/proc/1/root", "/proc/self/exe", "/srv/../etc", "relative/x"):
        assert in_its_root(path) == path


def test_a_root_that_is_not_there() -> None:
    assert in_its_root("/proc/999999999/root/etc/hosts") == "/proc/999999999/root/etc/hosts"
