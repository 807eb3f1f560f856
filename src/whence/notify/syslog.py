"""Syslog: a record for each program and peer, to this machine's log or a collector's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from whence.model import BadSettings
from whence.model.ecs import Document
from whence.notify.addresses import options, server, split
from whence.notify.declare import Channel, Deliver, Message
from whence.notify.plain import clip
from whence.notify.settings import Settings
from whence.world.post import verifying
from whence.world.syslog_wire import Collector, send_datagrams, send_local, send_stream

PRIORITY = 3 * 8 + 5  # facility daemon, severity notice: RFC 5424, 6.2.1
LARGEST_DATAGRAM = 2048  # octets that every receiver should take: RFC 5424, 6.1
LARGEST_RECORD = 8192  # RFC 5425, 4.3.1
LONGEST_VALUE = 160  # octets of a parameter: all of them leave room for the message
PARAMETERS = (
    ("process.executable", ("process", "executable")),
    ("process.pid", ("process", "pid")),
    ("user.id", ("user", "id")),
    ("source.ip", ("source", "ip")),
    ("destination.ip", ("destination", "ip")),
    ("destination.port", ("destination", "port")),
    ("network.transport", ("network", "transport")),
    ("count", ("whence", "count")),
)


class SyslogSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The section [syslog] of the settings file."""

    socket: str = "/dev/log"
    ca: str = ""  # PEM file of the authorities to trust; empty: those of the system


def syslog(url: str, settings: Settings) -> Deliver:
    """Make syslog ready."""
    parts = split(url)
    options(parts)
    if not parts.hostname:
        if parts.scheme != "syslog":
            server(parts)
        path = parts.path or settings.section("syslog", SyslogSettings).socket
        return lambda message, now: send_local(path, [*_local(message)])
    if parts.path.strip("/"):
        raise BadSettings(
            "a syslog address has a server or a path, not both",
            try_=f"{parts.scheme}://{parts.netloc}",
        )
    send = _STREAMS.get(parts.scheme, _by_datagram)
    port = parts.port or (6514 if parts.scheme.endswith("tls") else 514)
    return send(Collector(parts.hostname, port, settings.patience), settings)


CHANNEL = Channel(section="syslog", schemes=("syslog", "syslog+tcp", "syslog+tls"), prepare=syslog)


def record(
    text: str, document: Document, at: datetime, host: str, largest: int = LARGEST_RECORD
) -> bytes:
    """Write a record of RFC 5424, with structured data, in at most ``largest`` octets."""
    stamp = at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    header = f"<{PRIORITY}>1 {stamp} {_word(host, 255)} whence - sighting {_structured(document)} "
    mark = b"" if text.isascii() else b"\xef\xbb\xbf"  # RFC 5424, 6.4: UTF-8 begins with its mark
    start = header.encode() + mark
    return start + clip(text, largest - len(start))


def _by_datagram(collector: Collector, settings: Settings) -> Deliver:
    return lambda message, now: send_datagrams(
        collector, [*_records(message, settings.host, LARGEST_DATAGRAM)]
    )


def _by_stream(collector: Collector, settings: Settings) -> Deliver:
    return lambda message, now: send_stream(collector, [*_records(message, settings.host)], None)


def _by_tls(collector: Collector, settings: Settings) -> Deliver:
    trust = verifying(settings.authorities(settings.section("syslog", SyslogSettings).ca))
    return lambda message, now: send_stream(collector, [*_records(message, settings.host)], trust)


_STREAMS = {"syslog+tcp": _by_stream, "syslog+tls": _by_tls}


def _lines(message: Message) -> Iterator[tuple[str, Document]]:
    """Give a line for each document, and one for each thing that no document says."""
    for document in message.documents:
        yield document.get("message", message.subject), document
    if not message.documents:
        yield message.subject, {}
    yield from ((note, {}) for note in message.notes)


def _records(message: Message, host: str, largest: int = LARGEST_RECORD) -> Iterator[bytes]:
    return (record(text, doc, message.at, host, largest) for text, doc in _lines(message))


def _local(message: Message) -> Iterator[bytes]:
    """Write what syslog(3) writes: local daemons expect RFC 3164, without a host."""
    stamp = message.at.astimezone().strftime("%b %e %H:%M:%S")
    for text, _document in _lines(message):
        yield clip(f"<{PRIORITY}>{stamp} whence: {text}", LARGEST_DATAGRAM)


def _structured(document: Document) -> str:
    """Write what machines look for; 32473 is the number for examples, RFC 5612."""
    values = ((name, _find(document, *path)) for name, path in PARAMETERS)
    parameters = [f'{name}="{_escaped(value)}"' for name, value in values if value is not None]
    return f"[whence@32473 {' '.join(parameters)}]" if parameters else "-"


def _find(document: Document, section: str, field: str) -> object:
    part = document.get(section)
    return part.get(field) if isinstance(part, dict) else None


def _escaped(value: object) -> str:
    printable = "".join(c if c.isprintable() else "?" for c in str(value))
    short = clip(printable, LONGEST_VALUE).decode()
    return re.sub(r'(["\\\]])', r"\\\1", short)


def _word(text: str, longest: int) -> str:
    """Make a header field: printable ASCII without spaces, or the nil value."""
    return re.sub(r"[^!-~]", "?", text)[:longest] or "-"
