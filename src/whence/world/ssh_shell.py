"""A POSIX shell on another machine, by OpenSSH's own client; nothing is installed there.

One login serves all questions. What is asked is fed to ``sh`` there, a piece of script at a time;
a mark that nobody can guess says where an answer ends.
"""

from __future__ import annotations

import os
import re
import secrets
import selectors
import shlex
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, cast
from urllib.parse import urlsplit

from whence.model import BadInput, CannotAsk, NotPermitted

PATIENCE = 30.0  # seconds that an answer may take
LOGIN = 90.0  # seconds for the login; somebody may have to type a password
LARGEST = 96 << 20  # bytes of an answer
ENDING = 2.0  # seconds until an ended client is killed
CONFIG = "WHENCE_SSH_CONFIG"  # in the environment: a file of ssh_config(5) in place of the user's
_LOGIN = re.compile(r"(?:(?P<user>[^@\s]+)@)?(?P<host>\[?[A-Za-z0-9._:%-]+\]?)")


@dataclass(frozen=True, slots=True)
class SshLogin:
    """Whom to log in as, and where."""

    host: str  # a name of ssh_config(5), too
    user: str = ""
    port: int | None = None
    config: str = ""
    is_root_by_sudo: bool = False

    @classmethod
    def parse(cls, text: str, *, sudo: bool = False) -> SshLogin:
        """Read ``user@host``, ``host`` or ``ssh://user@host:port``.

        Raises
        ------
        BadInput
            If it is none of them; a host that begins like an option is none.

        """
        port = None
        named = text.strip()
        if named.startswith("ssh://"):
            parts = urlsplit(named)
            with suppress(ValueError):
                port = parts.port
            host = parts.hostname or ""
            named = f"{parts.username}@{host}" if parts.username else host
        found = _LOGIN.fullmatch(named)
        if not found or found["host"].startswith("-") or (found["user"] or "").startswith("-"):
            raise BadInput(
                f"“{text}” is no machine to log in to",
                try_="--on root@srv7, --on ssh://root@srv7:2222, or a name of your ssh settings",
            )
        host, config = found["host"].strip("[]"), os.environ.get(CONFIG, "")
        return cls(host, found["user"] or "", port, config, is_root_by_sudo=sudo)

    @property
    def argv(self) -> tuple[str, ...]:
        """The words that open a shell there."""
        words = ["ssh", "-T", "-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=10"]
        if not sys.stdin or not sys.stdin.isatty():
            words += ["-o", "BatchMode=yes"]  # nobody is there who could type
        words += ["-F", self.config] if self.config else []
        words += ["-l", self.user] if self.user else []
        words += ["-p", str(self.port)] if self.port else []
        shell = "exec sudo -n sh" if self.is_root_by_sudo else "exec sh"
        return (*words, "--", self.host, shell)

    @property
    def by_hand(self) -> str:
        """What a person types to log in there, with the same settings."""
        words = ["ssh", *(["-F", self.config] if self.config else [])]
        words += ["-p", str(self.port)] if self.port else []
        return shlex.join([*words, str(self)])

    def __str__(self) -> str:
        """Write it as the user would for ssh."""
        return f"{self.user}@{self.host}" if self.user else self.host


@dataclass(frozen=True, slots=True)
class Answered:
    """What a piece of script came to."""

    status: int
    out: bytes
    errors: str
    is_whole: bool = True  # False: more came than is taken


class SshShell:
    """A shell that is asked one thing after the other.

    Raises CannotAsk, or NotPermitted, where the login fails or an answer does not come.
    """

    def __init__(self, login: SshLogin) -> None:
        self.login = login
        self._mark = secrets.token_hex(16)
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, script: str, *, patience: float = PATIENCE, most: int = LARGEST) -> Answered:
        """Run a piece of script, in a shell of its own, and give all that it printed.

        ``most`` bytes are taken of what it prints, and the rest is thrown away.
        """
        process = self._opened()
        mark = self._mark
        # A shell of its own: what it sets, and where it goes, is not there for the next.
        text = (
            f"( {script}\n) </dev/null\nprintf '\\n%s %s\\n' {mark} $?; printf '\\n{mark}\\n' >&2\n"
        )
        try:
            stdin = cast(IO[bytes], process.stdin)
            stdin.write(text.encode("utf-8", "surrogateescape"))
            stdin.flush()
            return self._answer(process, patience, most)
        except BrokenPipeError:
            raise self._refused(self._last_words(process)) from None

    def close(self) -> None:
        """Log out."""
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                with suppress(BrokenPipeError):
                    pipe.close()
        try:
            process.wait(ENDING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _opened(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            try:
                self._process = subprocess.Popen(
                    self.login.argv,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    start_new_session=not sys.stdin or not sys.stdin.isatty(),
                )
            except FileNotFoundError as e:
                raise CannotAsk("ssh is not installed", try_="apt install openssh-client") from e
            self.ask(":", patience=LOGIN)
        return self._process

    def _answer(self, process: subprocess.Popen[bytes], patience: float, most: int) -> Answered:
        ends = {"out": re.compile(rb"\n%s (\d+)\n\Z" % self._mark.encode()),
                "errors": re.compile(rb"\n%s\n\Z" % self._mark.encode())}  # fmt: skip
        texts = {"out": bytearray(), "errors": bytearray()}
        longest = {"out": most, "errors": 1 << 16}
        is_whole, status = True, 0
        deadline = time.monotonic() + patience
        with selectors.DefaultSelector() as selector:
            selector.register(cast(IO[bytes], process.stdout), selectors.EVENT_READ, "out")
            selector.register(cast(IO[bytes], process.stderr), selectors.EVENT_READ, "errors")
            while selector.get_map():
                ready = selector.select(max(0.0, deadline - time.monotonic()))
                if not ready:
                    self.close()
                    raise CannotAsk(
                        f"{self.login} gave no answer", because=f"it took over {patience:.0f} s"
                    )
                for key, _ in ready:
                    piece = os.read(key.fd, 1 << 16)
                    if not piece:
                        raise self._refused(bytes(texts["errors"]))
                    text = texts[key.data]
                    text += piece
                    # What is beyond the limit is thrown away, but for as much as a mark may take.
                    if len(text) > longest[key.data] + 256:
                        del text[longest[key.data] : -128]
                        is_whole = is_whole and key.data != "out"
                    end = ends[key.data].search(text, max(0, len(text) - 64))
                    if end:
                        status = int(end[1]) if key.data == "out" else status
                        del text[end.start() :]
                        selector.unregister(key.fileobj)
        out = bytes(texts["out"][:most])
        is_whole = is_whole and len(texts["out"]) <= most
        return Answered(status, out, texts["errors"].decode("utf-8", "replace").strip(), is_whole)

    def _last_words(self, process: subprocess.Popen[bytes]) -> bytes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(ENDING)
        stderr = cast(IO[bytes], process.stderr)
        os.set_blocking(stderr.fileno(), False)
        return stderr.read() or b""

    def _refused(self, said: bytes) -> CannotAsk:
        self.close()
        lines = [line for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
        because = lines[-1].strip() if lines else "the connection ended"
        advice = f"{self.login.by_hand} by hand, once"
        if self.login.is_root_by_sudo and "sudo" in because:
            return NotPermitted(
                f"may not become root on {self.login}", because=because,
                try_="--on root@…, or allow sudo there without a password",
            )  # fmt: skip
        if "verification failed" in because:
            return NotPermitted(
                f"the key of {self.login.host} is not known, or not the one that is",
                because=because, try_=advice,
            )  # fmt: skip
        if "permission denied" in because.lower():
            return NotPermitted(f"{self.login} refused the login", because=because, try_=advice)
        return CannotAsk(f"could not log in to {self.login}", because=because, try_=advice)
