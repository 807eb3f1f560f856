from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.model import BadInput, Flow, Hostname, Mac, Observable, Process
from whence.model.targets import from_log_line, is_name, parse_target

ASA = (
    "%ASA-4-419002: Received duplicate TCP SYN from inside:192.0.2.5/51514 to "
    "outside:203.0.113.7/443 with different initial sequence number"
)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("203.0.113.7", Flow("203.0.113.7")),
        ("203.0.113.7:443", Flow("203.0.113.7", 443)),
        ("[2001:DB8::1]:443", Flow("2001:db8::1", 443)),
        ("2001:db8::1", Flow("2001:db8::1")),
        ("::ffff:203.0.113.7", Flow("203.0.113.7")),
        (":8080", Flow(destination_port=8080)),
        ("example.org", Hostname("example.org")),
        ("Example.org:443", Flow("example.org", 443)),
        ("4242", Process("fw", "b", 4242, 0)),
        ("02-00-5E-00-53-07", Mac("02:00:5e:00:53:07")),
        ("0200.5e00.5307", Mac("02:00:5e:00:53:07")),
        ("0200-5E00-5307", Mac("02:00:5e:00:53:07")),
        ("02005e-005307", Mac("02:00:5e:00:53:07")),
        ("02005e005307", Mac("02:00:5e:00:53:07")),
        ("020050005307", Mac("02:00:50:00:53:07")),
        ("2:0:5e:0:53:7", Mac("02:00:5e:00:53:07")),
    ],
)
def test_the_forms_of_a_target(text: str, target: Observable) -> None:
    assert parse_target(text, "fw", "b") == target


@pytest.mark.parametrize(
    "text", ["", "203.0.113.7:70000", "203.0.113.7:0", "300.1.1.1", "1.2.3", ":", "a b", "x:y"]
)
def test_what_is_no_target_is_said_to_be_none(text: str) -> None:
    with pytest.raises(BadInput) as told:
        parse_target(text)
    assert told.value.try_


def test_a_name_with_a_port_is_to_be_resolved() -> None:
    assert is_name(Flow("example.org", 443))
    assert not is_name(Flow("203.0.113.7", 443))


@pytest.mark.parametrize(
    ("line", "flow"),
    [
        (ASA, Flow("203.0.113.7", 443)),
        ("IN= OUT=eth0 SRC=192.0.2.5 DST=203.0.113.7 LEN=60", Flow("203.0.113.7")),
        ("SRC=192.0.2.5 DST=203.0.113.7 PROTO=TCP SPT=5000 DPT=443", Flow("203.0.113.7", 443)),
        (
            '{"source.ip":"192.0.2.5","destination.ip":"203.0.113.7","destination.port":443}',
            Flow("203.0.113.7", 443),
        ),
        ("srcip=192.0.2.5 srcport=5000 dstip=203.0.113.7 dstport=443", Flow("203.0.113.7", 443)),
        ("SRC=192.0.2.5 DST=203.0.113.7 DPT=70000", Flow("203.0.113.7")),
        ("192.0.2.5.51514 > 203.0.113.7.443: Flags [S]", Flow("203.0.113.7", 443)),
        ("connect to [2001:db8::7]:443 failed", Flow("2001:db8::7", 443)),
    ],
)
def test_the_destination_in_a_log_line(line: str, flow: Flow) -> None:
    assert from_log_line(line) == flow


def test_a_log_line_without_an_address() -> None:
    with pytest.raises(BadInput):
        from_log_line("CRON[77]: (root) CMD (true)")


@given(st.text(max_size=300))
def test_no_text_breaks_the_reading_of_targets(text: str) -> None:
    for read in (parse_target, from_log_line):
        with suppress(BadInput):
            read(text)
