"""Other people's syslog servers, as senders: unpacked beside the tests, never installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UNPACKED = Path(sys.prefix) / "senders"  # see the Makefile
PATIENCE = 15.0


def program(name: str) -> str:
    """Find a program that is unpacked, or installed."""
    there = UNPACKED / "usr/sbin" / name
    found = str(there) if there.exists() else shutil.which(name)
    assert found, f"{name} is not there: make senders"
    return found


@contextmanager
def rsyslog(folder: Path, forwarding: str) -> Iterator[str]:
    """Run rsyslog; give the socket at which it hears datagrams."""
    socket = folder / "rsyslog.socket"
    settings = folder / "rsyslog.conf"
    settings.write_text(
        f'global(workDirectory="{folder}")\n'
        'module(load="imuxsock" SysSock.Use="off")\n'
        f'input(type="imuxsock" Socket="{socket}" RateLimit.Interval="0")\n{forwarding}'
    )
    (modules,) = [*UNPACKED.glob("usr/lib/*/rsyslog")] or [Path("/usr/lib/rsyslog")]
    argv = [program("rsyslogd"), "-n", "-f", str(settings), "-i", str(folder / "rsyslog.pid")]
    with _running([*argv, "-M", str(modules)], folder / "rsyslog.log", socket):
        yield str(socket)


@contextmanager
def syslog_ng(folder: Path, forwarding: str) -> Iterator[str]:
    """Run syslog-ng; give the socket at which it hears datagrams."""
    socket = folder / "syslog-ng.socket"
    settings = folder / "syslog-ng.conf"
    settings.write_text(
        "@version: 3.38\n"
        f'source s_src {{ unix-dgram("{socket}"); }};\n{forwarding}'
    )  # fmt: skip
    libraries = UNPACKED / "usr/lib/syslog-ng"
    (modules,) = [*libraries.glob("3.*")] or [Path("/usr/lib/syslog-ng/3.38")]
    argv = [program("syslog-ng"), "-F", "--no-caps", "-f", str(settings)]
    argv += ["-p", str(folder / "ng.pid"), "-c", str(folder / "ng.ctl")]
    argv += ["-R", str(folder / "ng.persist"), f"--module-path={modules}"]
    with _running(argv, folder / "syslog-ng.log", socket, LD_LIBRARY_PATH=str(libraries)):
        yield str(socket)


@contextmanager
def _running(argv: list[str], log: Path, socket: Path, **variables: str) -> Iterator[None]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env={**os.environ, **variables}
        )
        try:
            end = time.monotonic() + PATIENCE
            while not socket.exists():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < end, log.read_text()
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE)
