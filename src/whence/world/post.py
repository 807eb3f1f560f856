"""What every way out has in common: secrets, certificates, time limits, and words for failure."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from whence.model import BadSettings, WhenceError
from whence.model.secrets import HIDDEN

LONGEST = 4  # a whole delivery may take so many times the patience for one answer


class Undelivered(WhenceError):
    """A message did not arrive. It may, later."""

    exit_code = 69


class Refused(Undelivered):
    """A message was refused for good: sent once more, it would be refused once more."""


class Secret:
    """A password or token. It shows itself only to who asks for it by name."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Give the secret itself."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return HIDDEN


NO_SECRET = Secret("")


def verifying(ca: Path | None) -> ssl.SSLContext:
    """Trust the authorities of this system, or only those in ``ca``. Names are checked.

    Raises
    ------
    BadSettings
        If ``ca`` is not a file of PEM certificates.

    """
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as e:  # ssl.SSLError is one
        raise BadSettings(
            f"{ca} is not a file of certificates",
            because=e.strerror or str(e),
            try_="give a PEM file with the certificate of the authority",
        ) from e


@contextmanager
def reaching(
    where: str, patience: float, connection: Callable[[], socket.socket | None]
) -> Iterator[None]:
    """Say in the user's words what went wrong on the way to ``where``, and never hang there.

    Sockets give up after ``patience`` seconds without an answer; a server that keeps dripping
    bytes is hung up on after ``LONGEST`` times that.
    """
    late = threading.Event()

    def hang_up() -> None:
        late.set()
        if opened := connection():
            with contextlib.suppress(OSError):
                # Not its own method: that of a TLS socket is not for use by two threads.
                socket.socket.shutdown(opened, socket.SHUT_RDWR)

    timer = threading.Timer(patience * LONGEST, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
        if late.is_set():  # a hang-up can look like an end
            raise TimeoutError
    except OSError as e:
        reason = TimeoutError() if late.is_set() else e
        raise _in_words(where, patience, reason) from e
    finally:
        timer.cancel()


def _in_words(where: str, patience: float, error: OSError) -> Undelivered:
    match error:
        case ssl.SSLCertVerificationError():
            return Undelivered(
                f"{where} showed a certificate that is not trusted",
                because=error.verify_message,
                try_="if its authority is your own: --notify-ca FILE, or ca in notify.toml",
            )
        case TimeoutError():
            return Undelivered(f"{where} gave no answer", because=f"waited {patience:g} s")
        case ssl.SSLError():
            return Undelivered(
                f"{where} does not speak TLS as it should", because=error.reason or ""
            )
        case socket.gaierror():
            return Undelivered(f"{where} was not found", because=error.strerror or "")
        case _:
            return Undelivered(f"could not reach {where}", because=error.strerror or str(error))
