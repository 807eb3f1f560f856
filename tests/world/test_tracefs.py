"""Events of the kernel's tracing, from pages that were written down."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.world.tracefs import EXECUTED, Format, page_records

FORMAT = """name: sched_process_exec
ID: 365
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:__data_loc char[] filename;	offset:8;	size:4;	signed:0;
	field:pid_t pid;	offset:12;	size:4;	signed:1;
	field:pid_t old_pid;	offset:16;	size:4;	signed:1;
	field:__u8 saddr[4];	offset:20;	size:4;	signed:0;

print fmt: "filename=%s pid=%d old_pid=%d", __get_str(filename), REC->pid, REC->old_pid
"""
EXEC = Format.parse(EXECUTED, FORMAT)


def record(name: bytes = b"/bin/sh\0") -> bytes:
    return struct.pack("=HBBiIii4B", 365, 0, 0, 42, len(name) << 16 | 24, 42, 42, 1, 2, 3, 4) + name


def page(*entries: bytes) -> bytes:
    body = b"".join(entries)
    return struct.pack("=QQ", 1000, len(body)) + body.ljust(4080, b"\0")


def entry(delta: int, data: bytes) -> bytes:
    assert len(data) % 4 == 0
    return struct.pack("=I", delta << 5 | len(data) // 4) + data


def test_a_program_that_was_executed() -> None:
    event = EXEC.event(1007, record())
    assert event.raw("filename") == b"/bin/sh"
    assert (event.number("pid"), event.thread) == (42, 42)
    assert event.raw("saddr") == b"\1\2\3\4"


def test_a_field_that_this_kernel_does_not_have() -> None:
    event = EXEC.event(1007, record())
    assert (event.number("group_dead"), event.raw("group_dead")) == (0, b"")


def test_the_time_of_an_event_counts_from_the_one_before() -> None:
    times = [time for time, _ in page_records(page(entry(7, record()), entry(5, record())))]
    assert times == [1007, 1012]


def test_a_long_pause_between_two_events() -> None:
    extend = struct.pack("=II", 1 << 5 | 30, 2)
    ((time, _),) = page_records(page(extend, entry(7, record())))
    assert time == 1000 + 1 + (2 << 27) + 7


def test_an_event_too_long_for_the_short_form() -> None:
    data = record(b"/opt/" + b"x" * 298 + b"\0")
    head = struct.pack("=II", 3 << 5, len(data) + 4)
    ((time, found),) = page_records(page(head + data))
    assert (time, found) == (1003, data)


def test_padding_between_events_is_passed_over() -> None:
    padding = struct.pack("=II", 1 << 5 | 29, 8) + b"\xff" * 4
    assert len([*page_records(page(padding, entry(1, record())))]) == 1


def test_something_that_is_no_format() -> None:
    with pytest.raises(ValueError, match="no format"):
        Format.parse(EXECUTED, "not a format")


@given(st.binary(max_size=400), st.integers(0, 2**40))
def test_hostile_pages_end(hostile: bytes, commit: int) -> None:
    for time, data in page_records(struct.pack("=QQ", 0, commit) + hostile):
        EXEC.event(time, data)


@given(st.binary(max_size=64))
def test_a_name_cannot_write_events_of_its_own(name: bytes) -> None:
    data = record(name + b"\0" * (4 - len(name) % 4))
    events = [*page_records(page(entry(1, data)))] if len(data) <= 112 else [(0, data)]
    assert len(events) == 1
    assert EXEC.event(*events[0]).raw("filename") == name.split(b"\0")[0]
