from __future__ import annotations

from dataclasses import replace

import msgspec

from tests.notify.seen import NOON, sighting
from whence.model import ACCEPTED, LISTENING, Flow
from whence.notify import describe


def test_a_caller_is_told_with_its_address_but_not_its_port() -> None:
    flow = Flow("192.0.2.1", 22, "198.51.100.9", 50000, "tcp")
    line = describe.line(sighting("/usr/sbin/sshd", flow=flow, action=ACCEPTED))
    assert "was called: 198.51.100.9 → 192.0.2.1:22/tcp" in line


def test_a_listener() -> None:
    flow = Flow(source="192.0.2.1", source_port=8080, transport="tcp")
    seen = sighting("/usr/bin/nc", flow=flow, action=LISTENING)
    line = describe.line(seen)
    assert "/usr/bin/nc (pid 4711, uid 0) listens on 192.0.2.1:8080/tcp, 2026" in line
    assert describe.message([seen], NOON).subject == "whence: nc → 192.0.2.1:8080/tcp on fw1"


def test_a_process_that_nobody_could_tell() -> None:
    seen = replace(sighting(), lineage=())
    assert describe.line(seen).startswith("a process that could not be told called 203.0.113.7")
    assert describe.message([seen], NOON).subject.startswith("whence: somebody → 203.0.113.7")


def test_names_that_are_no_text_can_be_written_as_json() -> None:
    (document,) = describe.message([sighting("/tmp/\udcff", "\ud800")], NOON).documents
    assert b"\\\\udcff" in msgspec.json.encode(document)
