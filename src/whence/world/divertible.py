"""Which programs may have a shim in their place: none that the system needs to repair itself."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from whence.model import BadInput, CannotAsk, NotPermitted
from whence.world.diversion import SUFFIX

PATIENCE = 30.0  # seconds
# What package managers, logins and whence itself run; others are told by their package.
NEEDED = frozenset(
    {"apt", "apt-get", "bash", "busybox", "dash", "dpkg", "dpkg-deb", "dpkg-divert", "dpkg-query",
     "init", "ld.so", "login", "perl", "python", "sh", "sshd", "su", "sudo", "systemctl", "systemd",
     "whence"}
)  # fmt: skip
PREFIXES = ("ld-linux", "ld-musl", "perl5", "python2", "python3", "pypy")
PACKAGES = frozenset(
    {"apt", "base-files", "dpkg", "init", "libc-bin", "libc6", "openssh-server", "passwd",
     "perl-base", "sudo", "systemd", "systemd-sysv", "util-linux"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Divertible:
    """A program that may be diverted."""

    path: Path
    registered: str  # the name under which its package has it
    package: str  # empty: it is in none


def divertible(path: Path) -> Divertible:
    """Say under which name a program is to be diverted.

    Raises
    ------
    BadInput
        If a shim in its place could do harm, or callers would notice it.
    NotPermitted, CannotAsk
        If we are not root, or there is no dpkg.

    """
    if os.geteuid() != 0:
        raise NotPermitted(
            f"{path} may not be diverted", because="that takes root", try_="use sudo"
        )
    if shutil.which("dpkg-divert") is None:
        raise CannotAsk(
            f"{path} cannot be diverted",
            because="there is no dpkg-divert: this is no Debian, or one of its kind",
            try_="whence trap without --script",
        )
    _refuse_by_file(path)
    _refuse_by_name(path)
    for name in _names(path):
        found = _asked("dpkg-query", "--search", name)
        packages, _, _ = found.partition(": ")
        if packages and not packages.startswith("diversion by"):
            package = packages.partition(",")[0].partition(":")[0]
            _refuse_by_package(path, package)
            _refuse_diverted(path, name)
            return Divertible(path, name, package)
    _refuse_diverted(path, str(path))
    return Divertible(path, str(path), "")


def _refuse_by_file(path: Path) -> None:
    status = path.stat()
    if status.st_mode & (stat.S_ISUID | stat.S_ISGID):
        raise _refused(path, "it is setuid or setgid, and a shim must not gain what it may do")
    if "security.capability" in _attributes(path):
        raise _refused(path, "it has capabilities, which a shim must not gain")
    with path.open("rb") as file:
        begin = file.read(4)
    if begin != b"\x7fELF" and not begin.startswith(b"#!"):
        raise _refused(path, "it is neither ELF nor begins with #!, so a shell has to read it")
    if path.with_name(path.name + SUFFIX).exists():
        raise _refused(path, f"there is already a file {path.name}{SUFFIX}",
                       "whence undo, if a whence left it")  # fmt: skip


def _refuse_by_name(path: Path) -> None:
    if path.name in NEEDED or path.name.startswith(PREFIXES) or str(path) in _shells():
        raise _refused(path, "it is a shell, an interpreter, or what the system is repaired with")


def _refuse_by_package(path: Path, package: str) -> None:
    told = _asked("dpkg-query", "--show", "--showformat", "${Essential} ${Protected}\n", package)
    if package in PACKAGES or "yes" in told.split():
        raise _refused(path, f"it is of the package {package}, which the system cannot do without")


def _refuse_diverted(path: Path, name: str) -> None:
    for one in {name, str(path)}:
        if told := _asked("dpkg-divert", "--list", one).strip():
            raise _refused(path, f"it is diverted already: {told}", "dpkg-divert --list")


def _refused(path: Path, because: str, try_: str = "") -> BadInput:
    what = f"{path} is not replaced by a shim"
    return BadInput(what, because=because, try_=try_ or "whence trap without --script")


def _names(path: Path) -> list[str]:
    """Give the names that a package may have for it: /usr/bin may be the same as /bin."""
    names = [str(path)]
    if str(path).startswith("/usr/"):
        short = Path(str(path).removeprefix("/usr"))
        if short.exists() and short.samefile(path):
            names.append(str(short))
    return names


def _shells() -> set[str]:
    try:
        listed = Path("/etc/shells").read_text(errors="replace").splitlines()
    except OSError:
        return set()
    return {str(Path(line.strip()).resolve()) for line in listed if line.startswith("/")}


def _attributes(path: Path) -> list[str]:
    try:
        return os.listxattr(path)
    except OSError:
        return []


def _asked(*command: str) -> str:
    """Ask dpkg; nothing where it knows nothing."""
    try:
        return subprocess.run(
            command, capture_output=True, timeout=PATIENCE, check=False, stdin=subprocess.DEVNULL,
            text=True, errors="replace", env=os.environ | {"LC_ALL": "C"},
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError) as e:
        raise CannotAsk(f"{command[0]} does not answer", because=str(e)) from e
