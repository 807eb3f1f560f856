"""Mail, handed to a server by SMTP (RFC 5321), with STARTTLS (3207) or TLS at once (8314)."""

from __future__ import annotations

import enum
import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from whence.world.post import NO_SECRET, Refused, Secret, Undelivered, reaching


class Tls(enum.StrEnum):
    """When the connection becomes private."""

    STARTTLS = "starttls"  # after a greeting in the clear; a server without it gets nothing
    IMPLICIT = "implicit"  # from the first byte
    NONE = "none"  # never: for a server on this machine


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in, and as whom."""

    host: str
    port: int
    tls: Tls
    trust: ssl.SSLContext
    calling_from: str  # what we call ourselves: an RFC 5321 domain
    user: str = ""  # empty: without AUTH
    password: Secret = NO_SECRET
    patience: float = 20.0  # seconds without an answer

    def __str__(self) -> str:
        return f"the mail server {self.host}:{self.port}"


def send_mail(server: MailServer, sender: str, recipients: Sequence[str], message: bytes) -> None:
    """Hand a message to the server for all recipients.

    Raises
    ------
    Undelivered
        If the server could not be reached, or said "later".
    Refused
        If the server said "never", or is not the one that the settings describe.

    """
    opened: list[smtplib.SMTP] = []
    with reaching(str(server), server.patience, lambda: opened[0].sock if opened else None):
        try:
            connection = _connect(server)
            opened.append(connection)
            _introduce(connection, server)
            missed = connection.sendmail(sender, recipients, message)
        except smtplib.SMTPServerDisconnected as e:  # hides that it was a timeout, say
            raise e.__context__ if isinstance(e.__context__, OSError) else e from None
        except smtplib.SMTPException as e:
            raise _in_words(server, e) from None  # the reply may repeat what we sent: our password
        finally:
            for connection in opened:
                _leave(connection)
    if missed:
        raise Refused(f"{server} did not take the message for {', '.join(missed)}")


def _connect(server: MailServer) -> smtplib.SMTP:
    if server.tls is Tls.IMPLICIT:
        return smtplib.SMTP_SSL(
            server.host,
            server.port,
            server.calling_from,
            timeout=server.patience,
            context=server.trust,
        )
    return smtplib.SMTP(server.host, server.port, server.calling_from, timeout=server.patience)


def _introduce(connection: smtplib.SMTP, server: MailServer) -> None:
    if server.tls is Tls.STARTTLS:
        connection.starttls(context=server.trust)
    if server.user:
        connection.login(server.user, server.password.reveal())


def _leave(connection: smtplib.SMTP) -> None:
    with suppress(OSError):  # whatever had to arrive has been acknowledged before
        connection.quit()
    connection.close()


def _in_words(server: MailServer, error: smtplib.SMTPException) -> Undelivered:
    match error:
        case smtplib.SMTPAuthenticationError():
            return Refused(
                f"{server} did not let {server.user} in",
                because=f"it answered {error.smtp_code}",
                try_="check the user and WHENCE_SMTP_PASSWORD",
            )
        case smtplib.SMTPNotSupportedError():
            lacks = "AUTH" if "AUTH" in str(error) else "STARTTLS"
            return Refused(f"{server} offers no {lacks}", try_="check its port and the tls setting")
        case smtplib.SMTPRecipientsRefused():
            codes = sorted({code for code, _reply in error.recipients.values()})
            return _by_code(f"{server} did not take the recipients", *codes)
        case smtplib.SMTPResponseException():
            return _by_code(f"{server} did not take the message", error.smtp_code)
        case _:
            return Refused(f"{server} offers no AUTH that whence knows", because=str(error))


def _by_code(what: str, *codes: int) -> Undelivered:
    because = "it answered " + ", ".join(map(str, codes))
    later = any(code < 500 for code in codes)  # RFC 5321, 4.2.1: 4yz is transient
    return (Undelivered if later else Refused)(what, because=because)
