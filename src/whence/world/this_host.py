"""The machine whence runs on."""

from __future__ import annotations

import gzip
import json
import os
import stat
import subprocess
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import IO

from whence.model import CannotAsk, NotPermitted, Reading
from whence.model.secrets import redact, redact_file
from whence.world.contracts import Clock
from whence.world.process_roots import in_its_root
from whence.world.recorded import BOOT_ID

LARGEST = 16 << 20  # bytes of a file that are read; what is configured by hand is smaller
PIECE = 1 << 16  # sysctl files refuse to be read in larger ones, proc_sys_call_handler()
PATIENCE = 10.0  # seconds that a command may take


def utc_now() -> datetime:
    """Say what time it is."""
    return datetime.now(UTC)


class ThisHost:
    """The machine whence runs on. Passwords are redacted before anybody sees a reading."""

    def __init__(self, name: str | None = None, now: Clock = utc_now, root: str = "/") -> None:
        self.name = name or os.uname().nodename
        self._now = now
        self._root = Path(root)

    @cached_property
    def boot(self) -> str:
        """The id of the running boot, random(4)."""
        return self.read(BOOT_ID).text.strip()

    def read(self, path: str) -> Reading:
        """Read a file; a log that was packed with gzip(1) is unpacked."""

        def text() -> str:
            opened = gzip.open if path.endswith(".gz") else unbuffered
            with opened(self._at(path)) as file:
                pieces = iter(lambda: file.read(PIECE), b"")
                return b"".join(islice(pieces, LARGEST // PIECE)).decode("utf-8", "replace")

        return self._reading(path, path, text)

    def list(self, directory: str) -> Reading:
        """Name the entries of a directory, sorted, one a line."""

        def names() -> str:
            return "".join(
                f"{name}\n"
                for name in sorted(entry.name for entry in self._at(directory).iterdir())
            )

        return self._reading(f"list {directory}", directory, names)

    def link(self, path: str) -> Reading:
        """Say where a symbolic link points, as it is written there."""
        return self._reading(
            f"link {path}", path, lambda: str(self._at(path, last_too=False).readlink())
        )

    def status(self, path: str) -> Reading:
        """Give stat(2) of a path as JSON, following links."""
        return self._reading(f"status {path}", path, lambda: describe_status(self._at(path).stat()))

    def run(self, *argv: str) -> Reading:
        """Run a command that changes nothing, in the C locale, and give what it printed."""
        environment = os.environ | {"LC_ALL": "C.UTF-8", "SYSTEMD_PAGER": "", "PAGER": "cat"}
        try:
            done = subprocess.run(
                argv,
                capture_output=True,
                timeout=PATIENCE,
                check=True,
                stdin=subprocess.DEVNULL,
                env=environment,
            )
        except FileNotFoundError as e:
            raise CannotAsk(f"{argv[0]} is not installed", try_=f"install {argv[0]}") from e
        except PermissionError as e:
            raise NotPermitted(f"may not run {argv[0]}", try_="run it as root") from e
        except subprocess.CalledProcessError as e:
            words = e.stderr.decode("utf-8", "replace").strip().splitlines()
            because = words[-1] if words else f"exit status {e.returncode}"
            raise CannotAsk(f"{argv[0]} gave no answer", because=because) from e
        except subprocess.TimeoutExpired as e:
            raise CannotAsk(
                f"{argv[0]} gave no answer", because=f"it took over {PATIENCE:.0f} s"
            ) from e
        text = done.stdout.decode("utf-8", "replace")
        return Reading(" ".join(argv), redact(text), self._now(), self.name)

    def _at(self, path: str, *, last_too: bool = True) -> Path:
        return Path(in_its_root(str(self._root / path.lstrip("/")), last_too=last_too))

    def _reading(self, source: str, path: str, look: Callable[[], str]) -> Reading:
        with asking_for(path):
            return Reading(source, redact_file(path, look()), self._now(), self.name)


def _may_not_read(path: str) -> NotPermitted:
    if os.geteuid() == 0:
        return NotPermitted(f"may not read {path}, not even as root",
                            because="the kernel refuses it: a container, or a security module",
                            )  # fmt: skip
    return NotPermitted(f"may not read {path}", try_="run it as root")


def unbuffered(path: Path) -> IO[bytes]:
    """Open a file whose size, as of all in /proc, says nothing of what can be read."""
    return path.open("rb", buffering=0)


@contextmanager
def asking_for(path: str) -> Iterator[None]:
    """Turn what the operating system refuses into CannotAsk."""
    try:
        yield
    except PermissionError as e:
        raise _may_not_read(path) from e
    except (FileNotFoundError, NotADirectoryError, ProcessLookupError) as e:
        raise CannotAsk(f"{path} is not there") from e
    except (OSError, EOFError, zlib.error) as e:  # the latter two: gzip that is damaged
        because = getattr(e, "strerror", None) or str(e)
        raise CannotAsk(f"could not read {path}", because=because) from e
    except ValueError as e:  # a path with a null byte in it
        raise CannotAsk(f"could not read {path!r}", because=str(e)) from e


def describe_status(found: os.stat_result) -> str:
    """Write stat(2) as the JSON of ``Host.status``."""
    kinds = ((stat.S_ISREG, "file"), (stat.S_ISDIR, "directory"))
    return json.dumps(
        {
            "kind": next((name for is_kind, name in kinds if is_kind(found.st_mode)), "other"),
            "mode": f"{stat.S_IMODE(found.st_mode):04o}",
            "uid": found.st_uid,
            "gid": found.st_gid,
            "size": found.st_size,
            "inode": found.st_ino,
            "device": found.st_dev,
            "links": found.st_nlink,
            "modified": found.st_mtime,
            "changed": found.st_ctime,
        }
    )
