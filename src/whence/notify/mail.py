"""Mail: plain text to people, by the mail server of the house."""

from __future__ import annotations

import re
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import unquote

import msgspec

from whence.model import BadSettings
from whence.notify.addresses import options, server, split
from whence.notify.declare import Channel, Deliver, Message
from whence.notify.plain import clip
from whence.notify.settings import Settings
from whence.world.post import NO_SECRET, Secret, verifying
from whence.world.smtp_wire import MailServer, Tls, send_mail

PORTS = {Tls.STARTTLS: 587, Tls.IMPLICIT: 465, Tls.NONE: 25}  # RFC 6409, RFC 8314, RFC 5321
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")
LARGEST = 1 << 20  # octets of text; servers take about ten times that


class MailSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The section [mail] of the settings file."""

    server: str = ""
    port: int = 0  # 0: the usual one for tls
    tls: Tls = Tls.STARTTLS
    user: str = ""
    password: Secret = NO_SECRET
    ca: str = ""  # PEM file of the authorities to trust; empty: those of the system
    sender: str = msgspec.field(name="from", default="")


def mail(url: str, settings: Settings) -> Deliver:
    """Make mail ready: check addresses, server, certificates and password before they matter."""
    chosen, recipients = _from_address(url, settings.section("mail", MailSettings))
    if recipients == [""]:
        raise BadSettings(
            "this mail address names nobody who would get it",
            try_="mailto:admin@example.org, or ?to=admin@example.org behind a server",
        )
    sender = chosen.sender or f"whence@{_domain(settings.host)}"
    for address in (sender, *recipients):
        if not address or not ADDRESS.fullmatch(address):
            raise BadSettings(
                f"{address!r} is not a mail address",
                because="a recipient has the form NAME@DOMAIN",
                try_="mailto:admin@example.org",
            )
    where = _server(chosen, settings)

    def deliver(message: Message, now: datetime) -> None:
        send_mail(where, sender, recipients, compose(message, sender, recipients))

    return deliver


CHANNEL = Channel(section="mail", schemes=("mailto", "smtp", "smtps"), prepare=mail)


def compose(message: Message, sender: str, recipients: list[str]) -> bytes:
    """Write the message as RFC 5322 wants it, marked as made by a machine (RFC 3834)."""
    text = "\n\n".join(filter(None, (message.text, "\n".join(message.notes))))
    letter = EmailMessage(policy=SMTP)
    letter["From"] = sender
    letter["To"] = ", ".join(recipients)
    letter["Subject"] = "".join(c if c.isprintable() else "?" for c in message.subject)
    letter["Date"] = format_datetime(message.at)
    letter["Message-ID"] = f"<{message.identity}@{sender.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(clip(text, LARGEST).decode(), charset="utf-8")
    return letter.as_bytes()


def _from_address(url: str, chosen: MailSettings) -> tuple[MailSettings, list[str]]:
    """Let what the address says go before what the settings file says."""
    parts = split(url)
    if parts.scheme == "mailto":
        options(parts)
        return chosen, _recipients(unquote(parts.path))
    said = options(parts, "to", "from", "tls")
    chosen = msgspec.structs.replace(
        chosen,
        server=server(parts),
        port=parts.port or 0,
        tls=Tls.IMPLICIT if parts.scheme == "smtps" else _tls(said.get("tls", "starttls")),
        user=unquote(parts.username or ""),  # that of the file is for the server of the file
        sender=said.get("from", chosen.sender),
    )
    return chosen, _recipients(said.get("to", ""))


def _recipients(text: str) -> list[str]:
    return [address.strip() for address in text.split(",")]


def _tls(word: str) -> Tls:
    try:
        return Tls(word)
    except ValueError:
        known = ", ".join(Tls)
        raise BadSettings(f"tls cannot be {word!r}", try_=f"use one of {known}") from None


def _server(chosen: MailSettings, settings: Settings) -> MailServer:
    password = settings.secret("WHENCE_SMTP_PASSWORD", chosen.password)
    if not chosen.server:
        raise BadSettings(
            "mail needs a server to hand it to",
            because="neither the address nor the section [mail] of the settings names one",
            try_="--notify 'smtp://USER@mail.example.org/?to=admin@example.org'",
        )
    if chosen.user and not password:
        raise BadSettings(
            f"there is no password for {chosen.user} at {chosen.server}",
            try_="set WHENCE_SMTP_PASSWORD, or password in the section [mail]",
        )
    if chosen.user and chosen.tls is Tls.NONE:
        raise BadSettings(
            "a password is not sent in the clear",
            because=f"tls is none for {chosen.server}",
            try_="use tls=starttls or smtps://",
        )
    return MailServer(
        chosen.server,
        chosen.port or PORTS[chosen.tls],
        chosen.tls,
        verifying(settings.authorities(chosen.ca)),
        _domain(settings.host),
        chosen.user,
        password,
        settings.patience,
    )


def _domain(host: str) -> str:
    """Make a machine's name fit for the wire; it may be anything."""
    return re.sub(r"[^A-Za-z0-9.-]", "-", host).strip(".-")[:253] or "localhost"
