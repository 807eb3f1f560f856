"""The native parser beside its slow twin, on lines that chance makes."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world.log_reference import reference
from tests.world.log_rows import NOW, parsed
from tests.world.log_samples import ALL

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
UTC_NOW = datetime.fromtimestamp(NOW / 1e6, UTC)

letters = "abcdefghijklmnopqrstuvwxyz"
names = st.from_regex(r"[a-z]{1,6}-[a-z0-9]{1,4}", fullmatch=True)
interfaces = st.from_regex(r"[a-z]{2,6}([:_-][a-z]{1,5})?", fullmatch=True)
addresses = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str).filter(lambda text: "." not in text and text.count(":") > 1),
    st.from_regex(r"[a-z]{2,5}_srv[0-9]{0,2}", fullmatch=True),
)
ports = st.integers(0, 99_999)
times = st.datetimes(datetime(2025, 4, 1), datetime(2026, 3, 3))  # noqa: DTZ001 as devices write


@st.composite
def stamps(draw: st.DrawFn) -> str:
    moment = draw(times)
    return draw(st.sampled_from([f"{moment:%b %e %H:%M:%S}", f"{moment:%b %d %Y %H:%M:%S}"]))


@st.composite
def ends(draw: st.DrawFn) -> tuple[str, str]:
    address, port = draw(addresses), draw(ports)
    return f"{draw(interfaces)}:{address}/{port}", f"({draw(addresses)}/{port})"


@st.composite
def messages(draw: st.DrawFn) -> str:
    (one, nat), (other, other_nat) = draw(ends()), draw(ends())
    way = draw(st.sampled_from(["inbound", "outbound"]))
    wording = draw(st.sampled_from(["Received duplicate", "Duplicate"]))
    reason = draw(st.sampled_from(["", " TCP FINs", " SYN Timeout", " TCP Reset-O from inside"]))
    return draw(
        st.sampled_from(
            [
                f"%ASA-4-419002: {wording} TCP SYN from {one} to {other} with different initial "
                "sequence number",
                f'%ASA-4-106023: Deny udp src {one} dst {other} by access-group "in to" [0x0, 0x0]',
                f"%ASA-6-302013: Built {way} TCP connection 7 for {one} {nat} to {other} "
                f"{other_nat}",
                f"%ASA-6-302014: Teardown TCP connection 7 for {one} to {other} duration 1:02:03 "
                f"bytes {draw(ports)}{reason}",
            ]
        )
    )


@st.composite
def lines(draw: st.DrawFn) -> str:
    priority = draw(st.sampled_from(["", "<166>", "<0>", "<191>"]))
    stamp, host = draw(stamps()), draw(names)
    between = draw(st.sampled_from([f" {host} : ", f" {host} ", ": "]))
    other = f"{priority}{stamp} {host} {draw(st.sampled_from(['cron', 'sshd[12]']))}: text"
    return draw(st.sampled_from([f"{priority}{stamp}{between}{draw(messages())}", other]))


@QUICK
@given(st.lists(lines(), min_size=20, max_size=60))
def test_the_native_parser_says_what_its_twin_says(said: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        read = parsed(Path(folder), said)
    assert len(read) == len(said)
    for line, row in zip(said, read, strict=True):
        known = reference(line, UTC_NOW)
        if known.get("time"):
            known["time"] = known["time"].replace(tzinfo=None)
        assert {name: row[name] for name in known} == known, line


@QUICK
@given(st.data())
def test_a_line_that_chance_changed_is_a_row(data: st.DataObject) -> None:
    changed = []
    for line, _ in data.draw(st.lists(st.sampled_from(ALL), min_size=5, max_size=20)):
        raw = line.encode()
        at = data.draw(st.integers(0, len(raw)))
        to = data.draw(st.integers(at, min(len(raw), at + 30)))
        new = raw[:at] + data.draw(st.binary(max_size=12)) + raw[to:]
        changed.append(new.replace(b"\n", b" "))
    with tempfile.TemporaryDirectory() as folder:
        read = parsed(Path(folder), changed)
    assert [row["size"] for row in read] == [len(line) for line in changed]
