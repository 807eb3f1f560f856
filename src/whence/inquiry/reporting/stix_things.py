"""Things as STIX 2.1 observables (SCO), each once. Pure.

What STIX has no observable for (a job, a service, a switch port …) is one of our own type
``whence-thing``, which an extension definition declares, as section 7.3 of the standard has it.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

import msgspec

from whence.inquiry.reporting.report import CitedReading
from whence.inquiry.reporting.stix_ids import observable_id, own_id
from whence.model import (
    ACCEPTED,
    Flow,
    Hostname,
    Ip,
    Mac,
    Observable,
    Package,
    Process,
    ProcessRecord,
    Program,
    Remote,
    Sighting,
    User,
)
from whence.model.ecs import entity_id
from whence.model.json_text import encode

Object = dict[str, Any]
_LABEL = re.compile(rb"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)  # RFC 1123
PROPERTIES = own_id("extension-definition", "properties")
THINGS = own_id("extension-definition", "things")


class Things:
    """The observables of a bundle."""

    def __init__(self, records: Sequence[ProcessRecord]) -> None:
        self.objects: dict[str, Object] = {}
        self._records = {record.process: record for record in records}

    def of(self, thing: Observable) -> str:
        """Give the id of a thing, which from then on is in the bundle."""
        match thing:
            case Ip() | Remote():
                return self.address(thing.address)
            case Mac():
                return self._add("mac-addr", value=thing.address)
            case Hostname() if _is_domain(thing.name):
                return self._add("domain-name", value=thing.name)
            case Flow() if thing.destination or thing.source:
                return self.traffic(thing)
            case Process():
                return self.process(thing)
            case Program():
                return self.file(thing.path)
            case Package():
                version = {"version": thing.version} if thing.version else {}
                return self._add("software", name=thing.name, **version)
            case User():
                login = {"account_login": thing.name} if thing.name else {}
                return self._add(
                    "user-account", user_id=str(thing.uid), account_type="unix", **login
                )
            case _:
                return self._own(thing)

    def address(self, address: str) -> str:
        """Give the id of an address; the link of a link-local one is no part of it."""
        plain = address.partition("%")[0]
        try:
            version = ipaddress.ip_address(plain).version
        except ValueError:
            return self._add("domain-name", value=plain)
        return self._add(f"ipv{version}-addr", value=plain)

    def file(self, path: str) -> str:
        """Give the id of a file, in its folder."""
        pure = PurePosixPath(path)
        folder: Object = {}
        if path.startswith("/") and pure.name:
            folder["parent_directory_ref"] = self._add("directory", path=str(pure.parent))
        return self._add("file", name=pure.name or path, **folder)

    def traffic(self, flow: Flow, seen: Sighting | None = None) -> str:
        """Give the id of traffic; of a sighting, with its times and sums."""
        told: Object = {}
        for end, address, port in (
            ("src", flow.source, flow.source_port),
            ("dst", flow.destination, flow.destination_port),
        ):
            if address is not None:
                told[f"{end}_ref"] = self.address(address)
            if port is not None:
                told[f"{end}_port"] = port
        told["protocols"] = _protocols(flow)
        if seen:
            told["start"] = shortest(seen.first)
            if moment(seen.last) > moment(seen.first):
                told |= {"end": shortest(seen.last), "is_active": False}
            ours, theirs = ("dst", "src") if seen.action == ACCEPTED else ("src", "dst")
            if seen.packets_sent or seen.packets_received:
                told |= {
                    f"{ours}_byte_count": seen.bytes_sent,
                    f"{ours}_packets": seen.packets_sent,
                    f"{theirs}_byte_count": seen.bytes_received,
                    f"{theirs}_packets": seen.packets_received,
                }
        return self._add("network-traffic", **told)

    def process(self, process: Process) -> str:
        """Give the id of a process, with its ancestors as far as they are known."""
        known = own_id("process", entity_id(process))
        if known in self.objects:
            return known
        made: Object = {"type": "process", "spec_version": "2.1", "id": known, "pid": process.pid}
        self.objects[known] = made
        record = self._records.get(process)
        if record is None:
            return known
        if record.start_is_known:
            made["created_time"] = shortest(record.started_at)
        if record.user_id is not None:
            made["creator_user_ref"] = self._add(
                "user-account", user_id=str(record.user_id), account_type="unix"
            )
        if run := record.execution:
            if run.executable:
                made["image_ref"] = self.file(run.executable)
            if run.args:
                made["command_line"] = shlex.join(run.args)
            if run.working_directory:
                made["cwd"] = run.working_directory
        if record.parent in self._records and record.parent is not None:
            made["parent_ref"] = self.process(record.parent)
        return known

    def artifact(self, reading: CitedReading) -> str:
        """Give the id of what is cited of a reading: its lines, and where they stood."""
        text = "".join(f"{line.text}\n" for line in reading.lines)
        raw = text.encode("utf-8", "replace")
        own: Object = {
            "extension_type": "property-extension",
            "source": reading.source,
            "taken": moment(reading.taken),
            "observer": reading.observer,
            "cited": [f"{line.label}: line {line.number}" for line in reading.lines],
        }
        if reading.digest:
            own["reading_sha256"] = reading.digest
        return self._add(
            "artifact",
            mime_type="text/plain",
            payload_bin=base64.b64encode(raw).decode(),
            hashes={"SHA-256": hashlib.sha256(raw).hexdigest()},
            extensions={PROPERTIES: own},
        )

    def _own(self, thing: Observable) -> str:
        fields: Object = msgspec.to_builtins(thing)
        known = own_id("whence-thing", thing.kind, encode(dict(sorted(fields.items()))))
        self.objects[known] = {
            "type": "whence-thing",
            "spec_version": "2.1",
            "id": known,
            "kind": thing.kind,
            "name": str(thing) or thing.kind,
            "fields": {
                name: str(value) for name, value in fields.items() if value not in ("", None)
            },
            "extensions": {THINGS: {"extension_type": "new-sco"}},
        }
        return known

    def _add(self, kind: str, **properties: Any) -> str:
        known = observable_id(kind, properties)
        self.objects.setdefault(
            known, {"type": kind, "spec_version": "2.1", "id": known, **properties}
        )
        return known


def _protocols(flow: Flow) -> list[str]:
    address = flow.destination or flow.source or ""
    below = ["ipv6" if ":" in address else "ipv4"]
    return [*below, flow.transport] if flow.transport else below


def moment(at: datetime) -> str:
    """Write a time as STIX does: RFC 3339, UTC, milliseconds."""
    rounded = at.astimezone(UTC) - timedelta(microseconds=at.microsecond % 1000)
    return rounded.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shortest(at: datetime) -> str:
    """Write a time without zeros at its end: ids are made of it, and libraries write it so."""
    return moment(at).removesuffix("Z").rstrip("0").rstrip(".") + "Z"


def _is_domain(name: str) -> bool:
    """Whether a name is one that STIX takes (RFC 1034, RFC 5890); NetBIOS and SRV names are not."""
    try:
        encoded = name.removesuffix(".").encode("idna")
    except UnicodeError:
        return False
    return len(encoded) <= 253 and all(map(_LABEL.fullmatch, encoded.split(b".")))
