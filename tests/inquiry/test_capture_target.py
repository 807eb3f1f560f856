from datetime import UTC, datetime

import pytest

from whence.inquiry.capture_target import patterns_of
from whence.inquiry.packet_comments import told
from whence.model import (
    ATTEMPTED,
    BadInput,
    Execution,
    Flow,
    Ip,
    Mac,
    Process,
    ProcessRecord,
    Reading,
    Sighting,
)
from whence.model.capture import Pattern

NOW = datetime(2026, 11, 17, tzinfo=UTC)
EVIDENCE = Reading("a test", "line", NOW, "here").whole()
ME = Process("here", "boot", 42, 1)


def test_the_packets_of_a_target() -> None:
    assert patterns_of(Flow("192.0.2.1", 443)) == (Pattern("192.0.2.1", 443),)
    assert patterns_of(Flow(destination_port=53)) == (Pattern(port=53),)
    assert patterns_of(Mac("02:00:00:00:00:01")) == (Pattern(mac="02:00:00:00:00:01"),)
    assert patterns_of(Ip("2001:db8::1")) == (Pattern("2001:db8::1"),)


def test_what_a_case_found_out_is_captured_too() -> None:
    subject, mac = Flow("192.0.2.1", 443), Mac("02:00:00:00:00:01")
    facts = [
        Ip("192.0.2.1").fact("answers-at", mac, EVIDENCE),
        Ip("192.0.2.9").fact("answers-at", Mac("02:00:00:00:00:09"), EVIDENCE),
        subject.fact("seen", "once", EVIDENCE),
    ]
    assert patterns_of(subject, facts) == (Pattern(mac=mac.address), Pattern("192.0.2.1", 443))
    talks = [ME.fact("talks-to", Flow("192.0.2.1", 80, transport="tcp"), EVIDENCE)]
    assert patterns_of(ME, talks) == (Pattern("192.0.2.1", 80, transport="tcp"),)


def test_a_process_of_which_nothing_is_known() -> None:
    with pytest.raises(BadInput, match="nothing to capture"):
        patterns_of(ME)


def test_a_process_in_a_comment() -> None:
    run = Execution(NOW, "/usr/bin/curl", args=("curl", "--password", "x", "a\nPID: 1"))
    record = ProcessRecord(ME, NOW, "curl", executions=(run,))
    flow = Flow("192.0.2.1", 443, "192.0.2.2", 40000, "tcp")
    words = told(Sighting(flow, ATTEMPTED, NOW, NOW, (record,), "ebpf", "here"))
    assert words
    first, second, third, how = words.comment.splitlines()
    assert (first, second) == ("PID: 42", "Cmd: /usr/bin/curl")
    assert third == "Args: curl --password '[redacted]' 'a\\x0aPID: 1'"
    assert how.startswith("Obtained: sensor ebpf, same addresses and ports, certain, seen 2026")
    assert "after this packet" in words.earlier
    assert told(Sighting(flow, ATTEMPTED, NOW, NOW, (), "ebpf", "here")) is None
