"""Webhook: a signed JSON document by HTTP, for programs and chat rooms."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate

import msgspec

from whence import __version__
from whence.model.ecs import Document
from whence.notify.addresses import server, split
from whence.notify.declare import Channel, Deliver, Message
from whence.notify.settings import Settings
from whence.world.http_wire import WebServer, post
from whence.world.post import NO_SECRET, Secret, verifying

LARGEST = 1 << 20  # octets of documents
SIGNATURE = "Whence-Signature"


class WebhookSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The section [webhook] of the settings file."""

    secret: Secret = NO_SECRET
    ca: str = ""  # PEM file of the authorities to trust; empty: those of the system


def webhook(url: str, settings: Settings) -> Deliver:
    """Make a webhook ready. Without a secret nothing is signed: chat rooms ask for none."""
    parts = split(url)
    chosen = settings.section("webhook", WebhookSettings)
    secret = settings.secret("WHENCE_WEBHOOK_SECRET", chosen.secret)
    private = parts.scheme == "https"
    trust = verifying(settings.authorities(chosen.ca)) if private else None
    port = parts.port or (443 if trust else 80)
    where = WebServer(server(parts), port, trust, settings.patience)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def deliver(message: Message, now: datetime) -> None:
        body = compose(message)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"whence/{__version__}",
            "Whence-Delivery": message.identity,
        }
        if secret:
            headers[SIGNATURE] = sign(body, secret.reveal(), now)
        post(where, path, headers, body)

    return deliver


CHANNEL = Channel(section="webhook", schemes=("https", "http"), prepare=webhook)


def compose(message: Message) -> bytes:
    """Write a message as JSON. Chat rooms that take Slack's form show ``text``."""
    documents = _fitting(message.documents)
    return msgspec.json.encode(
        {
            "summary": message.subject,
            "text": "\n".join((message.subject, message.text, *message.notes)),
            "notes": message.notes,
            "count": message.sightings,
            "@timestamp": message.at,
            "documents": documents,
            "left_out": len(message.documents) - len(documents),
        }
    )


def _fitting(documents: Sequence[Document]) -> list[msgspec.Raw]:
    """Encode as many documents as a receiver may be expected to read; the text names all."""
    encoded = [msgspec.Raw(msgspec.json.encode(document)) for document in documents]
    sizes = accumulate(len(document) for document in encoded)
    return [document for document, size in zip(encoded, sizes, strict=True) if size <= LARGEST]


def sign(body: bytes, secret: str, now: datetime) -> str:
    """Sign a body, with the time, so that nobody can send it a second time later."""
    at = int(now.timestamp())
    return f"t={at},v1={_mac(at, body, secret)}"


def verify(
    body: bytes,
    signature: str,
    secret: str,
    now: datetime,
    tolerance: timedelta = timedelta(minutes=5),
) -> bool:
    """Say whether a body was signed with ``secret``, not long ago: what a receiver asks."""
    found = re.fullmatch(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})", signature, re.ASCII)
    if not found:
        return False
    at = int(found[1])
    is_recent = abs(now.timestamp() - at) <= tolerance.total_seconds()
    return hmac.compare_digest(_mac(at, body, secret), found[2]) and is_recent


def _mac(at: int, body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
