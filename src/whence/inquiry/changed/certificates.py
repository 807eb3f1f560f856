"""Certificates and keys that were put in or renewed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.changed._changed import changed, says
from whence.inquiry.changed._declare import Past, change_source
from whence.model.changed import Change

FOLDERS = ("/etc/ssl", "/etc/pki", "/etc/letsencrypt", "/usr/local/share/ca-certificates")
_CERTIFICATE = re.compile(r".*\.(?:pem|crt|cer|key|p12|jks)$|.*/java/cacerts$")


@change_source
def certificates(past: Past) -> Iterator[Change]:
    """Certificates and keys that were put in or renewed."""
    yield from changed(FOLDERS, "certificate", _words, past)


def _words(path: str, entry: dict[str, object]) -> str | None:
    return says("the certificate", path, entry) if _CERTIFICATE.match(path) else None
