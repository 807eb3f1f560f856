"""Identifiers of STIX 2.1 objects: the same for the same thing, in each report. Pure."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any

from whence.model.json_text import whole

# Section 2.9 of the standard: of observables, from the properties that it names for each type.
OBSERVABLES = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")

CONTRIBUTING = {
    "artifact": ("hashes", "payload_bin"),
    "autonomous-system": ("number",),
    "directory": ("path",),
    "domain-name": ("value",),
    "file": ("hashes", "name", "extensions", "parent_directory_ref"),
    "ipv4-addr": ("value",),
    "ipv6-addr": ("value",),
    "mac-addr": ("value",),
    "network-traffic": (
        "start", "end", "src_ref", "dst_ref", "src_port", "dst_port", "protocols", "extensions",
    ),
    "software": ("name", "cpe", "swid", "vendor", "version"),
    "user-account": ("account_type", "user_id", "account_login"),
}  # fmt: skip


def observable_id(kind: str, properties: Mapping[str, Any]) -> str:
    """Make the id of an observable from what the standard says that its id is made of."""
    made_of = {name: properties[name] for name in CONTRIBUTING[kind] if name in properties}
    # RFC 8785, as far as texts and whole numbers go.
    text = json.dumps(made_of, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{kind}--{uuid.uuid5(OBSERVABLES, whole(text))}"


def own_id(kind: str, *names: str) -> str:
    """Make the id of any other object from what it is to us.

    The standard wants version 4 here, which is for pseudo-random numbers: these are from SHA-256.
    """
    digest = hashlib.sha256(chr(0).join(("whence", kind, *names)).encode("utf-8", "replace"))
    return f"{kind}--{uuid.UUID(bytes=digest.digest()[:16], version=4)}"
