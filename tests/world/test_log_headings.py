"""Logs whose head names their columns."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.world.log_rows import NOW, parsed, rows
from whence import _native
from whence.world.log_file_rows import end_of_file

IIS = (
    "#Software: Microsoft Internet Information Services 10.0",
    "#Version: 1.0",
    "#Date: 2026-03-03 10:11:12",
    "#Fields: date time s-computername s-ip cs-method cs-uri-stem s-port cs-username c-ip "
    "cs(User-Agent) sc-status sc-bytes cs-bytes",
)
HIT = "2026-03-03 10:11:12 WEB1 10.0.0.5 GET /a 443 ACME\\bob 192.0.2.9 curl/8.5+(x) 200 100 20"
LOCAL = (
    "#Version: 1.5",
    "#Software: Microsoft Windows Firewall",
    "#Time Format: Local",
    "#Fields: date time action protocol src-ip dst-ip src-port dst-port size tcpflags info path",
    "",
)
DROP = "2026-03-03 10:11:12 DROP TCP 192.0.2.9 10.0.0.5 51234 445 52 S - RECEIVE"
ZEEK = (
    "#separator \\x09",
    "#set_separator\t,",
    "#unset_field\t-",
    "#path\tconn",
    "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\torig_bytes\tresp_bytes",
    "#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tcount\tcount",
)
CONNECTION = "1772532672.000000\tCHhAvV\t192.0.2.9\t51234\t198.51.100.9\t443\ttcp\t100\t-"
MOMENT = datetime(2026, 3, 3, 10, 11, 12)  # noqa: DTZ001 - in UTC
EAST = 12_600  # seconds: what is taken for a zone where none is said


def _last(folder: Path, *lines: str, **options: Any) -> dict[str, Any]:
    return parsed(folder, lines, **({"zone_seconds": EAST} | options))[-1]


def _all(stream: _native.Stream) -> list[tuple[Any, ...]]:
    engine = duckdb.connect()
    engine.register("logs", stream)
    return engine.sql("FROM logs").fetchall()


def _said(row: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in known}


def test_a_log_of_iis_is_of_greenwich_and_its_columns_are_those_of_its_head(
    tmp_path: Path,
) -> None:
    known = {
        "time": MOMENT, "host": "WEB1", "source": "192.0.2.9", "destination": "10.0.0.5",
        "destination_port": 443, "user": "ACME\\bob", "bytes": 120, "initiator": "source",
    }  # fmt: skip
    assert _said(_last(tmp_path, *IIS, HIT), known) == known


def test_no_zone_is_assumed_of_what_is_of_greenwich(tmp_path: Path) -> None:
    file = tmp_path / "u_ex260303.log"
    file.write_text("\n".join((*IIS, HIT, HIT, "")))
    stream, reading = _native.parse_logs([file], now=NOW, zone_seconds=EAST)
    assert len(_all(stream)) == len(IIS) + 2
    assert reading.summary()["zone_assumed"] == 0


def test_the_firewall_of_windows_says_that_its_times_are_local(tmp_path: Path) -> None:
    known = {
        "time": datetime(2026, 3, 3, 6, 41, 12), "action": "deny", "transport": "tcp",  # noqa: DTZ001
        "source": "192.0.2.9", "source_port": 51234, "destination": "10.0.0.5",
        "destination_port": 445, "bytes": 52, "direction": "inbound",
    }  # fmt: skip
    assert _said(_last(tmp_path, *LOCAL, DROP), known) == known


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ("time c-ip", "10:11:12 192.0.2.9"),
        ("date time x c-ip", "2026-03-03\t10:11:12\ta b\t192.0.2.9"),
        ("date time x c-ip", '2026-03-03 10:11:12 "a b" 192.0.2.9'),
        ("date-time,client,c-ip", "2026-03-03T10:11:12.000Z,a b,192.0.2.9"),
    ],
)
def test_other_extended_logs(fields: str, line: str, tmp_path: Path) -> None:
    row = _last(tmp_path, "#Version: 1.0", "#Date: 2026-03-03 00:00:00", f"#Fields: {fields}", line)
    assert (row["time"], row["source"]) == (MOMENT, "192.0.2.9")


def test_a_table_of_zeek_has_its_ports(tmp_path: Path) -> None:
    known = {
        "time": MOMENT, "vendor": "zeek", "template": "zeek:conn", "source": "192.0.2.9",
        "source_port": 51234, "destination": "198.51.100.9", "destination_port": 443,
        "transport": "tcp", "bytes": 100,
    }  # fmt: skip
    assert _said(_last(tmp_path, *ZEEK, CONNECTION), known) == known


def test_flow_logs_of_any_format(tmp_path: Path) -> None:
    names = "version srcaddr pkt-srcaddr dstaddr srcport dstport protocol bytes start action"
    line = "5 10.0.0.1 10.9.9.9 192.0.2.9 51234 53 17 80 1772532672 REJECT"
    known = {
        "time": MOMENT, "vendor": "aws_vpc", "code": "REJECT", "action": "deny",
        "source": "10.0.0.1", "source_port": 51234, "destination": "192.0.2.9",
        "destination_port": 53, "transport": "udp", "bytes": 80,
    }  # fmt: skip
    assert _said(_last(tmp_path, names, line), known) == known


def test_what_has_other_columns_is_a_line_as_any_other(tmp_path: Path) -> None:
    row = _last(tmp_path, *IIS, "Mar  3 10:11:12 UTC web-1 app[7]: text")
    assert (row["host"], row["program"], row["time"]) == ("web-1", "app", MOMENT)


def test_a_head_counts_for_its_own_file(tmp_path: Path) -> None:
    head, other = tmp_path / "a.log", tmp_path / "b.log"
    head.write_text("\n".join((*IIS, HIT, "")))
    other.write_text(f"{HIT}\n")
    stream, _reading = _native.parse_logs([head, other], now=NOW, zone_seconds=EAST)
    engine = duckdb.connect()
    engine.register("logs", stream)
    [(here,), (there,)] = engine.sql("SELECT time FROM logs WHERE time IS NOT NULL").fetchall()
    assert here == MOMENT != there


def test_what_is_read_later_has_the_head_of_its_file(tmp_path: Path) -> None:
    file = tmp_path / "u_ex260303.log"
    file.write_text("\n".join((*IIS, HIT, "")))
    before = file.stat().st_size
    with file.open("a") as log:
        log.write(f"{HIT}\n")
    [row] = rows(file, zone_seconds=EAST, start=before)
    assert (row["time"], row["host"]) == (MOMENT, "WEB1")


def test_the_end_of_a_file_has_its_head(tmp_path: Path) -> None:
    file = tmp_path / "u_ex260303.log"
    file.write_text("\n".join((*IIS, *[HIT] * 500, "")))
    with end_of_file(file, 4 * len(HIT)) as end:
        last = rows(end, zone_seconds=EAST)
    assert [row["time"] for row in last] == [None] * len(IIS) + [MOMENT] * 3


def test_what_is_counted_under_a_head_is_what_is_read(tmp_path: Path) -> None:
    file = tmp_path / "conn.log"
    file.write_text("\n".join((*ZEEK, CONNECTION, CONNECTION, "")))
    stream, _reading = _native.count_logs([file], now=NOW, zone_seconds=EAST)
    counted = _all(stream)
    stream, _reading = _native.parse_logs([file], now=NOW, zone_seconds=EAST)
    engine = duckdb.connect()
    engine.register("logs", stream)
    read = engine.sql(
        "SELECT date_trunc('hour', received), host, template, count(*), sum(weight), sum(size) "
        "FROM logs GROUP BY ALL"
    ).fetchall()
    assert {*counted} == {*read}
