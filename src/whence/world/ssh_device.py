"""A switch's command line, by OpenSSH's own client: its keys, its known hosts, its settings.

Not by a library: the one that knows most switches depends on code under the LGPL.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import threading
from pathlib import Path

from whence.model import CannotAsk, NotPermitted, Reading
from whence.model.secrets import redact
from whence.world.contracts import Clock
from whence.world.switch_settings import Login

PATIENCE = 60.0  # seconds that a login and its answer may take
LARGEST = 32 << 20  # bytes of an answer
SECRET = "WHENCE_SSH_SECRET"  # the variable in which ssh's own child finds the password
ASKPASS = f'#!/bin/sh\nprintf "%s\\n" "${SECRET}"\n'  # SSH_ASKPASS, ssh(1); has no secret in it

# What terminals obey, and what pagers leave behind.
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[()][0-9A-Za-z]|\x1b[=>78EDM]|[\x00\x07\r]")
_PAGER = re.compile(r"(?:--+ ?More ?--+|-- MORE --.*?Control-C)[ \x08]*|.\x08", re.IGNORECASE)
SHELL = "type "  # of a question: what follows is typed, line by line …
PARTS = "; "  # … parted by this


class SshDevice:
    """Logs in for each question. ``type a; b`` types lines into a shell, other text is a command.

    Most switches run a command that is given with the login (RFC 4254 section 6.5); some only
    have a shell with a terminal.
    """

    def __init__(self, name: str, login: Login, now: Clock) -> None:
        self.name = name
        self._login = login
        self._now = now

    def ask(self, question: str) -> Reading:
        """Log in, ask, and log out."""
        is_typed = question.startswith(SHELL)
        lines = question.removeprefix(SHELL).split(PARTS) if is_typed else []
        typed = "".join(f"{line}\n" for line in lines).encode()
        words = ["-tt"] if is_typed else ["-T"]
        command = [] if is_typed else [question]
        text = self._run([*words, *self._options(), "--", self._login.host, *command], typed)
        return Reading(question, redact(plain(text)), self._now(), self.name)

    def _options(self) -> list[str]:
        login = self._login
        options = ["-o", "ConnectTimeout=10", "-o", "StrictHostKeyChecking=yes", "-l", login.user]
        options += (
            ["-o", "NumberOfPasswordPrompts=1"] if login.password else ["-o", "BatchMode=yes"]
        )
        options += ["-F", login.config] if login.config else []
        return [*options, "-p", str(login.port)] if login.port else options

    def _run(self, words: list[str], typed: bytes) -> str:
        with tempfile.TemporaryDirectory(prefix="whence-") as folder:
            askpass = Path(folder, "askpass")
            askpass.write_text(ASKPASS)
            askpass.chmod(0o700)
            environment = dict(os.environ)
            if self._login.password:
                environment |= {
                    "SSH_ASKPASS": str(askpass),
                    "SSH_ASKPASS_REQUIRE": "force",
                    SECRET: self._login.password.reveal(),
                }
            return self._talk(["ssh", *words], typed, environment)

    def _talk(self, words: list[str], typed: bytes, environment: dict[str, str]) -> str:
        try:
            process = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
            )
        except FileNotFoundError as e:
            raise CannotAsk("ssh is not installed", try_="apt install openssh-client") from e
        late = threading.Timer(PATIENCE, process.kill)
        late.start()
        try:
            out, errors = process.communicate(typed)
        finally:
            late.cancel()
            process.kill()
        if len(out) > LARGEST:
            raise CannotAsk(f"{self.name} said more than is read", because="over 32 MiB")
        if not out.strip() and process.returncode:  # else there is nothing to tell
            raise self._refused(process.returncode, errors.decode("utf-8", "replace"))
        return out.decode("utf-8", "replace")

    def _refused(self, status: int, errors: str) -> CannotAsk:
        words = [line for line in errors.strip().splitlines() if line.strip()]
        because = words[-1] if words else f"ssh ended with status {status}"
        if status < 0:
            because = f"it took over {PATIENCE:.0f} s"
        refused = "permission denied" in errors.lower() or "authentication" in errors.lower()
        advice = f"ssh {self._login.user}@{self._login.host} by hand, once"
        if refused:
            return NotPermitted(f"{self.name} refused the login", because=because, try_=advice)
        return CannotAsk(f"{self.name} gave no answer by ssh", because=because, try_=advice)


def plain(text: str) -> str:
    """Take out of a terminal's text what steers it, and what its pager left."""
    text = _ESCAPES.sub("", text)
    return _PAGER.sub("", text)
