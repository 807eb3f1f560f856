"""systemd's journal as it grows, through journalctl(1)."""

from __future__ import annotations

import contextlib
import os
import subprocess
from typing import Any, cast

import msgspec

from whence.model import CannotAsk
from whence.world.own_process import ask_to_end, wait_for_end

CHUNK = 1 << 18
LONGEST = 16 << 20  # bytes of an entry; a core dump's is longer and is passed over
CURSOR = "-- cursor: "
PATIENCE = 5.0

Entry = dict[str, Any]


class Journal:
    """Entries from a cursor on."""

    def __init__(self, after: str) -> None:
        begin = [f"--after-cursor={after}"] if after else []
        try:
            self._process = subprocess.Popen(
                [
                    "journalctl",
                    "--output=json",
                    "--follow",
                    "--no-tail",
                    "--all",
                    "--quiet",
                    *begin,
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as e:
            raise _absent(e) from e
        self._pipe = cast(Any, self._process.stdout).fileno()
        os.set_blocking(self._pipe, False)
        self._rest = bytearray()
        self.passed = 0  # entries that could not be read

    def fileno(self) -> int:
        """Give the descriptor, to wait for it."""
        return cast(int, self._pipe)

    def read(self) -> list[Entry] | None:
        """Read what there is; None: journalctl has ended."""
        try:
            data = os.read(self._pipe, CHUNK)
        except BlockingIOError:
            return []
        if not data:
            return None
        self._rest += data
        end = self._rest.rfind(b"\n") + 1
        if not end and len(self._rest) > LONGEST:
            self._rest.clear()
        lines = bytes(self._rest[:end]).splitlines()
        del self._rest[:end]
        entries: list[Entry] = []
        for line in lines:
            with contextlib.suppress(msgspec.DecodeError, KeyError):
                entry = msgspec.json.decode(line, type=Entry)
                entries.append({**entry, "__CURSOR": entry["__CURSOR"]})
        self.passed += len(lines) - len(entries)
        return entries

    def close(self) -> None:
        """End it."""
        ask_to_end(self._process)
        wait_for_end(self._process, PATIENCE)
        cast(Any, self._process.stdout).close()


def newest_cursor() -> str:
    """Say where the journal ends now; empty where it has no entry.

    Raises
    ------
    CannotAsk
        If there is no journalctl.

    """
    try:
        told = subprocess.run(
            ["journalctl", "--lines=1", "--show-cursor", "--quiet", "--output=cat"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return ""
    except OSError as e:
        raise _absent(e) from e
    lines = told.stdout.decode("utf-8", "replace").splitlines()
    return next(
        (line.removeprefix(CURSOR) for line in reversed(lines) if line.startswith(CURSOR)), ""
    )


def _absent(error: OSError) -> CannotAsk:
    return CannotAsk(
        "could not read the journal",
        because=f"journalctl: {error.strerror or error}",
        try_="follow files in its place: --tail /var/log/syslog",
    )
