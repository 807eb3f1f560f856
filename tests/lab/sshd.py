"""A real sshd on loopback, for one key."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def sshd(folder: Path, settings: str = "") -> Iterator[int]:
    """Run it with further settings, and give its port; ``folder/config`` is for the client."""
    for name in ("host", "user"):
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(words, check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    (folder / "sshd").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {folder}/host\nPidFile none\nStrictModes no\n"
        f"AuthorizedKeysFile {folder}/user.pub\nUsePAM no\n{settings}"
        "PermitRootLogin yes\nPasswordAuthentication no\nPrintMotd no\n"
    )
    key = (folder / "host.pub").read_text()
    (folder / "known").write_text(f"[127.0.0.1]:{port} {key}")
    (folder / "config").write_text(
        f"UserKnownHostsFile {folder}/known\nIdentityFile {folder}/user\nIdentitiesOnly yes\n"
    )
    Path("/run/sshd").mkdir(exist_ok=True)  # where sshd separates its privileges
    path = shutil.which("sshd") or "/usr/sbin/sshd"
    process = subprocess.Popen(
        [path, "-D", "-f", str(folder / "sshd"), "-E", str(folder / "log")],
        stdin=subprocess.DEVNULL,
    )
    try:
        _await(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _await(port: int) -> None:
    for _ in range(100):
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail("sshd did not start")
