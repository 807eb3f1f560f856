from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.model import BadInput
from whence.model.bisection import Event, Frame, Mirrored, Plan
from whence.model.port_names import read_ports
from whence.world.mirror import read_address
from whence.world.mirror_folder import Before, MirrorFolder, read_events
from whence.world.mirror_sniffer import digest, mark

PLAN = Plan(0.0, "sw1", ("1", "2"))


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("tc:///mon0", "tc:///mon0"),
        ("smon://private@192.0.2.2/24", "smon://192.0.2.2/24"),
        ("cisco-ios://me:geheim@192.0.2.2/Gi1/0/24", "cisco-ios://me@192.0.2.2/Gi1/0/24"),
        ("ovs://br0/mon?db=unix:/run/db.sock", "ovs://br0/mon?db=unix:/run/db.sock"),
        ("smon://private@[2001:db8::1]:1161/24", "smon://[2001:db8::1]:1161/24"),
    ],
)
def test_what_is_kept_of_an_address_has_no_secret(url: str, kept: str) -> None:
    assert read_address(url).text == kept
    assert read_address(kept).to == read_address(url).to


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_bad_input(text: str) -> None:
    with contextlib.suppress(BadInput):
        assert read_address(text).scheme


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("1-3", ("1", "2", "3")),
        ("p1-p2,p9", ("p1", "p2", "p9")),
        ("Gi1/0/1-2", ("Gi1/0/1", "Gi1/0/2")),
        ("ge-0/0/3", ("ge-0/0/3",)),
        ("pc-anna, pc-ben", ("pc-anna", "pc-ben")),
    ],
)
def test_ports_are_read(text: str, ports: tuple[str, ...]) -> None:
    assert read_ports(text) == ports


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("", "there are none"),
        (",", "there are none"),
        ("1-999999999", "a range of more than 4,096"),
        ("0-4096", "a range of more than 4,096"),
        (f"1-{'9' * 5000}", "a range of more than 4,096"),
        (",".join(f"a{n}/1-4000" for n in range(9)), "more than 4,096"),
        ("3,3", "3 is there more than once"),
        ("5-4", "ends at 4, before it begins"),
    ],
)
def test_what_names_no_ports_is_said(text: str, because: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_ports(text)
    assert because in refused.value.because
    assert len(str(refused.value)) < 120


@given(st.text(alphabet="0123456789-p,/", max_size=20))
def test_any_text_is_ports_or_bad_input(text: str) -> None:
    with contextlib.suppress(BadInput):
        assert read_ports(text)


def test_a_log_that_was_cut_off_goes_on_where_it_was_whole(tmp_path: Path) -> None:
    folder = MirrorFolder(tmp_path)
    events: list[Event] = [PLAN, Mirrored(1.0, ("1",)), Frame(2.0, "ab")]
    for event in events:
        folder.note(event)
    folder.close()
    with folder.log.open("ab") as file:
        file.write(b'{"type":"frame","at":3')
    assert folder.events() == events
    folder.note(Frame(4.0))
    folder.close()
    assert folder.events() == [*events, Frame(4.0)]
    assert folder.log.stat().st_mode & 0o777 == 0o600


@given(st.binary(max_size=200))
def test_any_file_is_a_log_or_bad_input(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    file = tmp_path_factory.mktemp("log") / "log.jsonl"
    file.write_bytes(data + b"\n")
    with contextlib.suppress(BadInput):
        assert read_events(file) == []


def test_what_was_there_before_is_kept_until_it_was_put_back(tmp_path: Path) -> None:
    folder = MirrorFolder(tmp_path)
    folder.will_change(Before("tc:///mon0", "sw1", "first"))
    folder.will_change(Before("tc:///mon0", "sw1", "ours"))
    assert folder.before() == Before("tc:///mon0", "sw1", "first")
    folder.was_put_back()
    assert folder.before() is None


@given(st.binary(max_size=120))
def test_any_frame_has_a_digest(frame: bytes) -> None:
    assert digest(frame) == digest(frame)


def test_a_frame_that_a_router_passed_on_has_the_same_digest() -> None:
    addresses, port = bytes(12), b"\x08\x00"
    head = bytes.fromhex("45000030abcd0000") + b"%s" + bytes.fromhex("0a6300010a630002")
    before = addresses + port + head.replace(b"%s", b"\x40\x11\x12\x34") + b"payload!"
    after = bytes(range(12)) + port + head.replace(b"%s", b"\x3f\x11\x13\x34") + b"payload!"
    other = addresses + port + head.replace(b"%s", b"\x40\x11\x12\x34") + b"payloaD!"
    assert digest(before) == digest(after) != digest(other)


@given(st.binary(max_size=120), st.integers(0, 100))
def test_any_frame_has_a_mark_or_none(frame: bytes, cut: int) -> None:
    assert mark(frame, cut) in ("", "port", "short")


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        (f"0800 4500 {84:04x}", "port"),
        (f"8100 0007 0800 4500 {84:04x}", "port"),
        (f"86dd 6000 0000 {40:04x}", "port"),
        (f"0800 4500 {50:04x}", "short"),  # as long as it says, or padded
        ("0806 0001 0800", "short"),
    ],
)
def test_a_frame_that_was_cut_is_known_by_its_ip_header(frame: str, told: str) -> None:
    data = (bytes(12) + bytes.fromhex(frame)).ljust(64, b"\0")
    assert mark(data, 64) == told
    assert mark(data, 0) == mark(data + b"more", 64) == ""
