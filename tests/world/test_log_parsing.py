"""What is read of files and segments, whatever is in them."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest

from tests.world.log_rows import NOW, parsed, rows
from whence import _native
from whence.model.log_tables import LOGS
from whence.world.log_file_rows import LogFile, is_packed

LINE = "<166>Mar 03 2026 03:17:00 fw-1 : %ASA-6-302010: 4 in use, 20 most used"


def test_the_columns_are_those_of_the_contract(tmp_path: Path) -> None:
    file = tmp_path / "one.log"
    file.write_text(LINE + "\n")
    stream, _ = _native.parse_logs([file], now=NOW)
    engine = duckdb.connect()
    engine.register("logs", stream)
    found = engine.sql("FROM logs")
    assert dict(zip(found.columns, map(str, found.types), strict=True)) == LOGS


def test_nothing_is_left_out_because_it_is_nothing(tmp_path: Path) -> None:
    nul = LINE.encode() + b"\x00"
    lines = [b"", b"\x00\x01\xff\xfe", b"a" * 300_000, b"text\r", nul, b"\xe2\x82"]
    found = parsed(tmp_path, lines)
    assert [row["size"] for row in found] == [len(line) for line in lines]
    assert found[0]["unsure"] == "an empty line"
    assert found[1]["unsure"] == "not UTF-8"
    assert found[2]["original"] == "a" * 300_000
    assert found[3]["original"] == "text"
    assert found[4]["original"] == LINE
    assert all(row["template"] for row in found)


def test_a_line_longer_than_a_mebibyte_is_cut_and_that_is_said(tmp_path: Path) -> None:
    long, after = parsed(tmp_path, [b"x" * 3_000_000, LINE])
    assert len(long["original"]) == 1 << 20
    assert long["size"] == 3_000_000
    assert long["unsure"] == "cut after 1 MiB"
    assert after["code"] == "302010"
    assert after["position"] == 3_000_001


@pytest.mark.parametrize("length", [(1 << 20) - 1, 1 << 20, (1 << 20) + 1])
def test_lines_about_as_long_as_the_longest(length: int, tmp_path: Path) -> None:
    whole, after = parsed(tmp_path, [b"y" * length, b"z"])
    assert len(whole["original"]) == min(length, 1 << 20)
    assert after["original"] == "z"


def test_a_last_line_without_an_end(tmp_path: Path) -> None:
    file = tmp_path / "cut.log"
    file.write_text(f"{LINE}\n{LINE}")
    assert [row["original"] for row in rows(file)] == [LINE, LINE]


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_a_packed_file_says_the_same(
    pack: Callable[[bytes], bytes], encoding: str, tmp_path: Path
) -> None:
    text = "".join(f"{LINE} {number}\n" for number in range(70_000))
    plain, packed = tmp_path / "plain", tmp_path / "packed"
    plain.write_text(text)
    data = text.encode(encoding)
    half = len(data) // 2  # pigz, pbzip2 and lbzip2 write several streams
    packed.write_bytes(pack(data[:half]) + pack(data[half:]))
    counts = [rows(file, columns=["position"]) for file in (plain, packed)]
    assert counts[0] == counts[1]
    assert len(counts[0]) == 70_000


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress])
def test_a_packed_file_that_is_cut_off_gives_what_it_has_and_says_so(
    pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    text = "".join(f"{LINE} {sha256(b'%d' % number).hexdigest()}\n" for number in range(20_000))
    file = tmp_path / "cut"
    whole = pack(text.encode())
    file.write_bytes(whole[: len(whole) * 9 // 10])
    stream, reading = _native.parse_logs([file], now=NOW, columns=["original"])
    engine = duckdb.connect()
    engine.register("logs", stream)
    found = [line for (line,) in engine.sql("FROM logs").fetchall()]
    assert len(found) > 5_000
    assert found[:-1] == text.splitlines()[: len(found) - 1]
    [(name, offset, reason)] = reading.summary()["damage"]
    assert (name, bool(reason)) == (str(file), True)
    assert offset > 1_000_000


def test_lines_in_utf_16_are_their_text(tmp_path: Path) -> None:
    lines = [f"Mar  3 03:17:{second:02} fw-1 app: Grüße “{second}” 😀" for second in range(60)]
    file = tmp_path / "transcript.log"
    file.write_bytes("\r\n".join([*lines, ""]).encode("utf-16"))
    found = rows(file)
    assert [row["original"] for row in found] == lines
    assert {(row["host"], row["unsure"]) for row in found} == {("fw-1", None)}
    half_a_letter = b"\x3d\xd8"
    file.write_bytes(file.read_bytes() + half_a_letter + "x\r\ny".encode("utf-16-le") + b"z")
    *_, damaged, last = rows(file)
    assert (damaged["original"], damaged["unsure"]) == ("\ufffdx", "not UTF-8")
    assert (last["original"], last["unsure"]) == ("y\ufffd", "not UTF-8")


def test_reading_goes_on_where_it_ended(tmp_path: Path) -> None:
    file = tmp_path / "long.log"
    file.write_text("".join(f"{LINE} {number}\n" for number in range(100)))
    stream, reading = _native.parse_logs([file], now=NOW, most_rows=40)
    engine = duckdb.connect()
    engine.register("logs", stream)
    first = engine.sql("SELECT position FROM logs").fetchall()
    rest = rows(file, start=reading.summary()["next"])
    assert len(first) == 40
    assert len(rest) == 60
    assert len({*(p for (p,) in first), *(row["position"] for row in rest)}) == 100


def test_a_year_that_is_not_written_is_the_latest_that_is_not_to_come(tmp_path: Path) -> None:
    now = round(datetime.fromisoformat("2026-01-02T00:00:00+00:00").timestamp() * 1e6)
    said = ["Dec 31 23:59:59 a-1 b: c", "Jan  3 00:00:00 a-1 b: c", "Feb 29 00:00:00 a-1 b: c"]
    found = [row["time"] for row in parsed(tmp_path, said, now=now)]
    assert [str(time) for time in found] == [
        "2025-12-31 23:59:59", "2026-01-03 00:00:00", "2024-02-29 00:00:00",
    ]  # fmt: skip


def test_a_zone_that_is_not_written_is_the_one_that_was_stated(tmp_path: Path) -> None:
    lines = ["Mar  3 03:17:00 a-1 b: c", "2026-03-03T03:17:00+05:30 a-1 b: c"]
    one, other = parsed(tmp_path, lines, zone_seconds=3600)
    assert str(one["time"]) == "2026-03-03 02:17:00"
    assert str(other["time"]) == "2026-03-02 21:47:00"


def test_summer_times_are_those_of_their_day(tmp_path: Path) -> None:
    summer, winter = datetime(2025, 3, 30, 1, tzinfo=UTC), datetime(2025, 10, 26, 1, tzinfo=UTC)
    changes = [(round(at.timestamp() * 1e6), east) for at, east in ((summer, 7200), (winter, 3600))]
    said = ["Mar 30 01:59:59", "Mar 30 03:00:00", "Jul  1 12:00:00", "Oct 26 01:59:59",
            "Oct 26 02:30:00", "Oct 26 03:00:00", "Feb  3 12:00:00"]  # fmt: skip
    meant = ["03-30 00:59:59", "03-30 01:00:00", "07-01 10:00:00", "10-25 23:59:59",
             "10-26 00:30:00", "10-26 02:00:00", "02-03 11:00:00"]  # fmt: skip
    for line in ("web1 app: hello", "fw-1 : %ASA-6-302010: 4 in use, 20 most used"):
        found = parsed(tmp_path, [f"{time} {line}" for time in said * 2],
                       zone_seconds=3600, zone_changes=changes)  # fmt: skip
        assert [f"{row['time']:%m-%d %H:%M:%S}" for row in found] == meant * 2


def test_a_line_without_a_time_was_received_with_the_one_before(tmp_path: Path) -> None:
    first, second = parsed(tmp_path, ["Mar  3 03:17:00 a-1 b: c", "  at somewhere"])
    assert second["time"] is None
    assert second["received"] == first["time"]


def test_a_repeat_is_of_the_wording_before_it_of_the_same_host(tmp_path: Path) -> None:
    lines = [
        "Mar  3 03:17:00 a-1 kernel: disk 7 is gone",
        "Mar  3 03:17:00 b-1 kernel: all is well",
        "Mar  3 03:17:01 a-1 last message repeated 5 times",
    ]
    found = parsed(tmp_path, lines)
    assert found[2]["template"] == found[0]["template"]
    assert found[2]["weight"] == 5


def _record(
    payload: bytes, kind: int = 1, received: int = NOW, peer: bytes = b"192.0.2.9"
) -> bytes:
    return struct.pack("<IQBBH", len(payload), received, kind, len(peer), 514) + peer + payload


def _segment(folder: Path, records: bytes, number: int = 3) -> Path:
    file = folder / f"{number:020}.spool"
    file.write_bytes(b"whspool1" + struct.pack("<Q", number) + records)
    return file


def test_records_of_a_segment_are_rows_with_their_positions(tmp_path: Path) -> None:
    gap = _record(b'{"lost": 7, "why": "the kernel"}', kind=7, peer=b"")
    one, other = _record(LINE.encode()), _record(b"<13>Mar  5 00:00:00 web-1 a: b", kind=2)
    file = _segment(tmp_path, one + gap + other + one[:-3])
    stream, reading = _native.parse_logs([file], form="spool")
    engine = duckdb.connect()
    engine.register("logs", stream)
    found = engine.sql("SELECT position, peer, epoch_us(received), host FROM logs").fetchall()
    after = 16 + len(one) + len(gap)
    assert found == [
        ((3 << 32) + 16, "192.0.2.9", NOW, "fw-1"),
        ((3 << 32) + after, "192.0.2.9", NOW, "web-1"),
    ]
    told = reading.summary()
    assert told["next"] == (3 << 32) + after + len(other)
    assert told["damage"] == []
    assert [text for _, _, text in told["gaps"]] == ['{"lost": 7, "why": "the kernel"}']


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (_record(b"x", kind=9), "a record of an unknown kind"),
        (struct.pack("<IQBBH", 2_000_000, 0, 1, 0, 0), "a record longer than any can be"),
    ],
)
def test_a_record_that_cannot_be_ends_the_segment_and_is_said(
    broken: bytes, why: str, tmp_path: Path
) -> None:
    file = _segment(tmp_path, _record(b"fine") + broken + _record(b"lost"))
    stream, reading = _native.parse_logs([file], form="spool")
    engine = duckdb.connect()
    engine.register("logs", stream)
    assert len(engine.sql("FROM logs").fetchall()) == 1
    assert reading.summary()["damage"] == [(str(file), 16 + len(_record(b"fine")), why)]


def test_what_is_counted_is_what_is_read(tmp_path: Path) -> None:
    from tests.world.log_samples import ALL

    file = tmp_path / "samples.log"
    file.write_text("".join(f"{line}\n" for line, _ in ALL) * 3)
    engine = duckdb.connect()
    stream, _ = _native.count_logs([file], now=NOW)
    engine.register("counted", stream)
    counted = engine.sql("FROM counted ORDER BY ALL").fetchall()
    stream, _ = _native.parse_logs([file], now=NOW)
    engine.register("logs", stream)
    read = engine.sql(
        "SELECT date_trunc('hour', received), host, template, count(*), sum(weight), sum(size) "
        "FROM logs GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    assert counted == read


def test_wordings_and_their_ids_are_the_same_each_time_and_go_on(tmp_path: Path) -> None:
    lines = [f"Mar  3 03:17:00 a-1 app: user u{n} logged in from 10.0.0.{n}" for n in range(9)]
    lines += [f"Mar  3 03:17:00 a-1 app: cannot open /srv/x{n}: no space" for n in range(5)]
    file = tmp_path / "app.log"
    file.write_text("\n".join(lines))

    def wordings(known: list[tuple[str, str]]) -> list[tuple[str, str, int]]:
        stream, reading = _native.parse_logs([file], now=NOW, templates=known)
        while stream.texts((), "template", ()) is not None:
            pass
        return reading.templates()

    found = wordings([])
    assert [(text, count) for _, text, count in found] == [
        ("app: user <*> logged in from <*>", 9),
        ("app: cannot open <*>: no space", 5),
    ]
    assert wordings([(id_, text) for id_, text, _ in found]) == found


def test_values_make_no_wordings_of_their_own_but_words_do(tmp_path: Path) -> None:
    alike = (
        ("kernel: [    1.234567] eth0: Link is Down", "kernel: [98765.432101] eth0: Link is Down"),
        ("systemd[1]: Started nginx.service.", "systemd[1]: Started cron.service."),
        ("CRON[7]: (root) CMD (/usr/bin/a)", "CRON[8]: (alice) CMD (/usr/bin/b)"),
        (
            "sudo: alice : TTY=pts/1 ; PWD=/a ; COMMAND=/b",
            "sudo: bob : TTY=pts/2 ; PWD=/c ; COMMAND=/d",
        ),
    )
    apart = ("su: session opened for user alice", "su: session closed for user alice")
    said = [line for pair in alike for line in pair] + [*apart]
    rows = parsed(tmp_path, [f"Mar  3 03:17:00 app-1 {line}" for line in said])
    found = [row["template"] for row in rows]
    assert found[:8:2] == found[1:8:2]
    assert len({*found}) == len(alike) + len(apart)


@pytest.mark.parametrize(
    "behind",
    [
        "10.0.0.1 7: *Mar  1 00:12:34.567: %LINK-3-UPDOWN: Interface Gi0/1, changed state to up",
        "10.0.0.1 7: Mar 1 1993 00:12:34: %LINK-3-UPDOWN: Interface Gi0/1, changed state to up",
        "10.0.0.1 Jan 01 1970 00:00:12 fw9 : %ASA-5-111008: User 'a' executed the 'x' command.",
        "Mar  1 00:12:34 sw7 %LINK-3-UPDOWN: Interface Gi0/1, changed state to up",
        "10.0.0.1 RP/0/RSP0/CPU0:Mar  1 00:12:34.567 : ifmgr[394]: %PKT_INFRA-LINK-3-UPDOWN : Int",
    ],
)
def test_a_line_came_when_the_relay_says_and_not_when_the_device_thinks(
    behind: str, tmp_path: Path
) -> None:
    [row] = parsed(tmp_path, [f"Mar  3 10:00:03 {behind}"])
    assert f"{row['received']:%Y-%m-%d %H:%M:%S}" == "2026-03-03 10:00:03"
    assert row["time"] < row["received"]


def test_the_device_may_say_the_same_time_as_the_relay(tmp_path: Path) -> None:
    [row] = parsed(tmp_path, ["Mar  3 10:00:03 web1 Mar  3 10:00:03 web1 sshd[7]: hello"])
    assert (row["program"], row["pid"]) == ("sshd", 7)


def test_a_line_of_a_time_that_is_yet_to_come_was_received_with_the_one_before(
    tmp_path: Path,
) -> None:
    _, row = parsed(tmp_path, [LINE, "2036-02-07T06:28:16Z ap5 kernel: the clock is not set"])
    assert row["time"].year == 2036
    assert f"{row['received']:%Y-%m-%d %H:%M:%S}" == "2026-03-03 03:17:00"


def test_a_year_that_is_written_counts_though_the_file_is_said_to_be_older(tmp_path: Path) -> None:
    lines = [LINE, LINE.replace("03:17", "04:17")]
    assert [row["received"].hour for row in parsed(tmp_path, lines, now=10**15)] == [3, 4]


@pytest.mark.parametrize("uptime", ["1w2d", "3d04h", "2y11w", "00:01:12"])
def test_how_long_a_router_is_up_is_no_host(uptime: str, tmp_path: Path) -> None:
    [row] = parsed(tmp_path, [f"<189>12: {uptime}: %SYS-5-CONFIG_I: Configured from console by al"])
    assert (row["host"], row["code"], row["user"]) == (None, "SYS-5-CONFIG_I", "al")


@pytest.mark.parametrize(
    "head", ["U6,784558aabbcc,U6-LR-6.6.77+15402:", "U6-LR 784558aabbcc,U6-LR-6.6.77+15402:"]
)
def test_an_access_point_of_unifi_writes_its_model_before_the_program(
    head: str, tmp_path: Path
) -> None:
    [row] = parsed(tmp_path, [f"<30>Mar  3 10:00:14 {head} hostapd[22]: wifi0: STA associated"])
    assert (row["host"], row["program"], row["pid"]) == (head[:5].partition(",")[0], "hostapd", 22)


def test_a_mark_of_the_encoding_does_not_hide_the_time(tmp_path: Path) -> None:
    [row] = parsed(tmp_path, ["\ufeffMar  3 10:00:14 web1 app: hello"])
    assert (row["host"], row["time"].day) == ("web1", 3)


@pytest.mark.parametrize(
    ("message", "source", "destination"),
    [
        ("named[1]: client @0x7f 192.0.2.5#5321 (a.example): query: a.example IN A + (192.0.2.53)",
         ("192.0.2.5", 5321), ("192.0.2.53", None)),
        ("named[1]: client 2001:db8::5#5321 (a.example): query: a.example IN A +",
         ("2001:db8::5", 5321), (None, None)),
        ("postfix/smtpd[1]: warning: unknown[192.0.2.5]: SASL LOGIN authentication failed",
         ("192.0.2.5", None), (None, None)),
        ("postfix/smtp[1]: 4F: to=<a@b.example>, relay=mx.b.example[192.0.2.25]:25, delay=1",
         (None, None), ("192.0.2.25", 25)),
        ("sshd[1]: pam_unix(sshd:auth): authentication failure; ruser= rhost=192.0.2.5  user=root",
         ("192.0.2.5", None), (None, None)),
        ("dovecot: imap-login: Disconnected: user=<bob>, rip=192.0.2.5, lip=192.0.2.10, TLS",
         ("192.0.2.5", None), ("192.0.2.10", None)),
        ("charon: 07[NET] received packet: from 192.0.2.5[500] to 192.0.2.1[4500] (372 bytes)",
         ("192.0.2.5", 500), ("192.0.2.1", 4500)),
        ("snmpd[1]: Connection from UDP: [192.0.2.5]:51000->[192.0.2.1]:161",
         ("192.0.2.5", 51000), ("192.0.2.1", 161)),
    ],
)  # fmt: skip
def test_ends_as_servers_write_them(
    message: str,
    source: tuple[str | None, int | None],
    destination: tuple[str | None, int | None],
    tmp_path: Path,
) -> None:
    [row] = parsed(tmp_path, [f"Mar  3 10:00:14 web1 {message}"])
    assert (row["source"], row["source_port"]) == source
    assert (row["destination"], row["destination_port"]) == destination
    assert row["source_nat"] is None


def test_a_switch_says_which_of_its_ports_it_is(tmp_path: Path) -> None:
    link, moving, login = parsed(tmp_path, [
        "Mar  3 10:00:14 sw1 7: %LINEPROTO-5-UPDOWN: Line protocol on Interface Gi0/17, changed st",
        "Mar  3 10:00:14 sw1 8: %SW_MATM-4-MACFLAP_NOTIF: Host 0050.56aa.bbcc in vlan 10 is "
        "flapping between port Gi0/3 and port Gi0/4",
        "Mar  3 10:00:14 sw1 9: %SEC_LOGIN-4-LOGIN_FAILED: Login failed [user: al] "
        "[Source: 192.0.2.9] [localport: 22]",
    ])  # fmt: skip
    assert link["source_interface"] == "Gi0/17"
    assert (moving["source_interface"], moving["destination_interface"]) == ("Gi0/3", "Gi0/4")
    assert (login["action"], login["user"]) == ("login-failed", "al")


def _templates(tmp_path: Path, said: list[str]) -> list[str]:
    rows = parsed(tmp_path, [f"Mar  3 03:17:00 app-1 {line}" for line in said])
    return [row["template"] for row in rows]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "ftpd[7]: login of bob at Tue Jun  7 09:01:02",
            "ftpd[7]: login of bob at Sat May 28 09:01:02",
        ),
        ("proxy: sent 2818 bytes (2.75 KB), took 12 ms", "proxy: sent 91 bytes, took 3 s"),
        ("proxy: closed, lifetime <1 sec", "proxy: closed, lifetime 01:52"),
        ("dhcpd: seen aa:be:0c:11:22:33 here", "dhcpd: seen 00:1b:fe:ed:22:33 here"),
        ("nova: instance 616f9d1e-dcea-80de-aced-d3ebc0011223 is up", "nova: instance 1 is up"),
        ("core: stopped, iar ccfedbed dear 0b37b8b3", "core: stopped, iar 00105bd4 dear 1"),
        (
            "dovecot: imap(alice): Logged out in=12 out=9",
            "dovecot: imap(bob): Logged out in=7 out=10",
        ),
        ("app: opened for user alice by the door", "app: opened for user bob by the door"),
        ("app: asked with name=a.example.org, ws=null", "app: asked with name=gate, ws=Source{7}"),
        ("dpkg: upgrade bash:amd64 5.2-1 5.2-2", "dpkg: upgrade vim:amd64 9.0-1 9.1-3"),
    ],
)
def test_what_has_no_digit_may_be_a_value_too(one: str, other: str, tmp_path: Path) -> None:
    first, second = _templates(tmp_path, [one, other])
    assert first == second


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "sshd[7]: Received disconnect from 1.2.3.4: Bye Bye",
            "sshd[7]: Received disconnect from 1.2.3.4: by user",
        ),
        (
            "cbs: Session: 7_8 initialized by client SPP.",
            "cbs: Session: 7_9 initialized by client Agent.",
        ),
        (
            "yarn: task_7 Transitioned from NEW to RUNNING",
            "yarn: task_7 Transitioned from RUNNING to KILLED",
        ),
        (
            'api: 10.0.0.1 "GET /a HTTP/1.1" status: 200',
            'api: 10.0.0.1 "POST /a HTTP/1.1" status: 200',
        ),
        ("proxy: a:80 open through b:1 HTTPS", "proxy: a:80 open through b:1 SOCKS5"),
        ("ui: panels: force=false, visible", "ui: panels: force=true, visible"),
        ("net: address is IPv4 10.0.0.1 now", "net: address is IPv6 fe80::1 now"),
        ("app: onReceive action: my.app.SCREEN_ON", "app: onReceive action: my.app.SCREEN_OFF"),
        ("ppc: stored at lr:0x12 only", "ppc: stored at cr=0x12 only"),
    ],
)
def test_another_word_is_another_wording(one: str, other: str, tmp_path: Path) -> None:
    first, second = _templates(tmp_path, [one, other])
    assert first != second


def test_a_word_that_is_another_one_each_time_is_a_value(tmp_path: Path) -> None:
    colours = ("red", "green", "blue", "pink", "grey", "teal", "lime", "navy", "gold", "plum")
    found = _templates(tmp_path, [f"app: the lamp in the hall is now {word}" for word in colours])
    assert len({*found[:8]}) == 8
    assert len({*found[8:]}) == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            '{"@timestamp":"2026-03-03T03:17:00Z","host":{"name":"s-2"},"log.level":"warn",'
            '"process":{"name":"nginx","pid":4},"message":"slow","source":{"ip":"192.0.2.1",'
            '"port":1024},"destination.ip":"2001:db8::1","network":{"transport":"tcp"}}',
            ("s-2", "nginx", 4, 4, "192.0.2.1", 1024, "2001:db8::1", "tcp"),
        ),
        (
            '{"level":30,"time":1772507820000,"pid":9,"hostname":"pod-7","name":"shop","msg":"ok"}',
            ("pod-7", "shop", 9, 6, None, None, None, None),
        ),
        (
            '{"level":"error","ts":1772507820.0,"name":"an object","src_ip":"192.0.2.1",'
            '"dest_ip":"198.51.100.1","proto":"UDP","msg":"dial failed"}',
            (None, None, None, 3, "192.0.2.1", None, "198.51.100.1", "udp"),
        ),
        (
            '{"log":"{\\"level\\":\\"fatal\\",\\"time\\":\\"2026-03-03T03:17:00Z\\",\\"msg\\":'
            '\\"lost 192.0.2.9:80\\"}\\n","time":"2026-03-03T03:17:05Z","stream":"stdout"}',
            (None, None, None, 2, "192.0.2.9", 80, None, None),
        ),
        (
            '{"__REALTIME_TIMESTAMP":"1772507829000000","_SOURCE_REALTIME_TIMESTAMP":'
            '"1772507820000000","_HOSTNAME":"a-1","SYSLOG_IDENTIFIER":"sshd","PRIORITY":"6",'
            '"MESSAGE":"Failed password for root from 192.0.2.7 port 503 ssh2","_PID":"12"}',
            ("a-1", "sshd", 12, 6, "192.0.2.7", 503, None, "tcp"),
        ),
    ],
)
def test_a_line_of_json_says_who_wrote_it_and_when(
    line: str, said: tuple[object, ...], tmp_path: Path
) -> None:
    [row] = parsed(tmp_path, [line])
    names = ("host", "program", "pid", "severity", "source", "source_port", "destination",
             "transport")  # fmt: skip
    assert tuple(row[name] for name in names) == said
    assert str(row["time"]) == "2026-03-03 03:17:00"
    assert row["original"] == line


def test_a_message_inside_of_json_has_the_wording_that_it_has_outside(tmp_path: Path) -> None:
    message = "worker 7 lost its queue orders after 30 s"
    micros = 1_772_507_820_000_000
    entry = {"__REALTIME_TIMESTAMP": f"{micros}", "_HOSTNAME": "a-1", "MESSAGE": message}
    lines = [
        f"Mar  3 03:17:00 a-1 app: {message}",
        json.dumps(entry | {"SYSLOG_IDENTIFIER": "app"}),
        json.dumps({"log": f"<13>Mar  3 03:17:00 a-1 app: {message}\n", "time": "2026-03-03"}),
        f"2026-03-03T03:17:00.0Z stdout F Mar  3 03:17:00 a-1 app: {message}",
    ]
    assert len({row["template"] for row in parsed(tmp_path, lines)}) == 1


OBJECT = (
    '{"msg":"dial 7 failed","level":"error","src_ip":"192.0.2.1","src_port":53,"proto":"UDP",'
    '"dst_ip":"198.51.100.1","user":"al"}'
)


@pytest.mark.parametrize(
    "head",
    [
        "<134>Mar  3 03:17:00 web app[12]: @cee: ",
        "<134>Mar  3 03:17:00 web app[12]: ",
        "<134>Mar 03 2026 03:17:00 web app[12]: @cee:",
        "<134>1 2026-03-03T03:17:00Z web app 12 - - @cee: ",
        '<134>1 2026-03-03T03:17:00Z web app 12 ID [a@1 b="{\\"]"] ',
    ],
)
def test_an_object_behind_a_header_is_read_as_one_that_stands_alone(
    head: str, tmp_path: Path
) -> None:
    alone = '{"time":"2026-03-03T03:17:00Z","hostname":"web","program":"app","pid":12,'
    lines = [alone + OBJECT[1:], head + OBJECT, head + OBJECT]
    one, *others = parsed(tmp_path, lines)
    assert (one["severity"], one["source"], one["destination_port"]) == (3, "192.0.2.1", None)
    for row, line in zip(others, lines[1:], strict=True):
        assert (row["original"], row["facility"]) == (line, 16)
        own = ("position", "size", "original", "facility")
        assert {k: v for k, v in row.items() if k not in own} == {
            k: v for k, v in one.items() if k not in own
        }


def test_an_object_behind_a_header_without_a_program(tmp_path: Path) -> None:
    lines = [f"Mar  3 03:17:00 web {cookie}{OBJECT}" for cookie in ("", "@cee: ")]
    lines.append(f"<11>@cee: {OBJECT}")
    rows = parsed(tmp_path, lines)
    assert [row["host"] for row in rows] == ["web", "web", None]
    assert {(row["program"], row["source"], row["severity"]) for row in rows} == {
        (None, "192.0.2.1", 3)
    }
    assert len({row["template"] for row in rows}) == 1


def test_an_object_says_when_it_was_and_its_header_when_it_was_passed_on(tmp_path: Path) -> None:
    inner = "2026-03-03T03:16:00.5Z"
    line = f'Mar  3 03:17:00 web app: {{"time":"{inner}","msg":"a","host":"shop.example.org"}}'
    follows = "Mar  3 03:17:30 web app: b"
    rows = parsed(tmp_path, [line, follows, line])
    said = [(str(row["time"]), str(row["received"]), row["host"]) for row in rows]
    first = ("2026-03-03 03:16:00.500000", "2026-03-03 03:17:00", "web")
    assert said == [first, ("2026-03-03 03:17:30", "2026-03-03 03:17:30", "web"), first]


@pytest.mark.parametrize(
    "text", [f"@cee: {OBJECT[:-1]}", f"{OBJECT} and more", "{}", '{"a":1}', f"bad: {OBJECT}"]
)
def test_what_is_no_whole_object_behind_a_header_is_text(text: str, tmp_path: Path) -> None:
    line = f"Mar  3 03:17:00 a-1 app: {text}"
    [row] = parsed(tmp_path, [line])
    assert (row["host"], row["program"], row["severity"], row["user"]) == ("a-1", "app", None, None)
    assert row["original"] == line


@pytest.mark.parametrize(
    "line",
    [
        '{"time":"2026-03-03T03:17:00Z","host":"a-1","msg":"cut off',
        '{"time":"2026-03-03T03:17:00Z","host":"a-1"} and more',
        '{"time":"2026-03-03T03:17:00Z","msg":' + "[" * 50_000,
        '{"time":"2026-03-03T03:17:00Z",}',
        '{"a":1}',
        "{",
    ],
)
def test_damaged_json_is_a_line_as_any_other(line: str, tmp_path: Path) -> None:
    before, row = parsed(tmp_path, ["Mar  3 03:16:00 a-1 b: c", line])
    assert (row["host"], row["time"], row["original"]) == (None, None, line)
    assert row["received"] == before["time"]


def test_an_address_in_two_pairs_of_brackets(tmp_path: Path) -> None:
    said = "zabbix: cannot connect to [[{}]:10050]: connection timed out"
    for address in ("192.0.2.9", "2001:db8::9"):
        [row] = parsed(tmp_path, [f"Mar  3 03:17:00 a-1 {said.format(address)}"])
        assert (row["destination"], row["destination_port"]) == (address, 10050)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Mar  3 10:11:12 UTC web-1 app: text", "web-1"),
        ("Mar  3 10:11:12 GMT fw-1 %ASA-6-302010: 4 in use, 20 most used", "fw-1"),
        ("2026-03-03 10:11:12 UTC web-1 app: text", "web-1"),
        ('id=firewall sn=7 time="2026-03-03 10:11:12 UTC" fw=203.0.113.9 m=98', None),
        ("192.0.2.9 - - [03/Mar/2026:10:11:12 +0000] text", None),
        ("<134> 03/03/2026:10:11:12 GMT ns1 0-PPE-0 : default TCP text", None),
    ],
)
def test_what_says_that_it_is_of_greenwich_is_not_shifted(
    line: str, said: str | None, tmp_path: Path
) -> None:
    for row in parsed(tmp_path, [line, line], zone_seconds=7200):
        assert row["time"] == datetime(2026, 3, 3, 10, 11, 12)  # noqa: DTZ001 - in UTC
        assert row["host"] == said


@pytest.mark.parametrize(
    "line",
    [
        "Mar  3 10:11:12 CST web-1 sshd[7]: text",
        "2026-03-03 10:11:12 IST web-1 sshd[7]: text",
        "Tue Mar  3 10:11:12 BST 2026 web-1 sshd[7]: text",
    ],
)
def test_a_name_of_several_zones_is_no_host_and_leaves_the_zone_open(
    line: str, tmp_path: Path
) -> None:
    file = tmp_path / "lines.log"
    file.write_text(f"{line}\n")
    stream, reading = _native.parse_logs([file], now=NOW, zone_seconds=3600)
    engine = duckdb.connect()
    engine.register("logs", stream)
    (row,) = engine.sql("SELECT time, host, program FROM logs").fetchall()
    assert row == (datetime(2026, 3, 3, 9, 11, 12), "web-1", "sshd")  # noqa: DTZ001 - in UTC
    assert reading.summary()["zone_assumed"] == 1


@pytest.mark.parametrize(
    ("line", "hours"),
    [
        ("Mar  3 10:11:12 CET web-1 app: text", 1),
        ("<189>49: Mar  3 10:11:12 EST: %SYS-5-CONFIG_I: Configured from console by admin", -5),
        ("2026-03-03 10:11:12.000 CEST [47] LOG:  connection received: host=192.0.2.9", 2),
        ("2026-03-03 10:11:12 PDT web-1 sshd[7]: text", -7),
        ("Tue Mar  3 10:11:12 JST 2026 text", 9),
        ("2026-03-03 10:11:12 ACST web-1 sshd[7]: text", 9.5),
        ('device="SFW" date=2026-03-03 time=10:11:12 timezone="CET" device_name="XG"', 1),
        ('date=2026-03-03 time=10:11:12 devname=F devid=F tz="-0330" logid=13 type=traffic', -3.5),
    ],
)
def test_the_name_of_a_zone_says_its_offset(line: str, hours: float, tmp_path: Path) -> None:
    file = tmp_path / "lines.log"
    file.write_text(f"{line}\n{line}\n")
    stream, reading = _native.parse_logs([file], now=NOW, zone_seconds=12_600)
    engine = duckdb.connect()
    engine.register("logs", stream)
    local = datetime(2026, 3, 3, 10, 11, 12)  # noqa: DTZ001 - in UTC
    assert (
        engine.sql("SELECT time FROM logs").fetchall()
        == [
            (local - timedelta(hours=hours),),
        ]
        * 2
    )
    assert reading.summary()["zone_assumed"] == 0


@pytest.mark.parametrize(
    "line",
    [
        "<189>49: Mar  3 10:11:12 CST: %SYS-5-CONFIG_I: Configured from console by admin",
        "<189>49: Mar  3 10:11:12 IST: %SYS-5-CONFIG_I: Configured from console by admin",
        "<189>49: Mar  3 10:11:12 BST: %SYS-5-CONFIG_I: Configured from console by admin",
        "Mar  3 10:11:12 ESTA app[7]: text",
        "date=2026-03-03 time=10:11:12 devname=F devid=F logid=13 type=traffic",
        "1,2026/03/03 10:11:13,001801,SYSTEM,general,0,2026/03/03 10:11:12,,x,,0,0,general,high,t",
    ],
)
def test_what_says_no_zone_or_one_of_several_is_of_the_one_that_is_stated(
    line: str, tmp_path: Path
) -> None:
    [row] = parsed(tmp_path, [line], zone_seconds=12_600)
    assert row["time"] == datetime(2026, 3, 3, 6, 41, 12)  # noqa: DTZ001 - in UTC


def test_how_many_times_say_no_zone_is_counted_in_files_that_mix_them(tmp_path: Path) -> None:
    file = tmp_path / "mixed.log"
    with_zone = "2026-03-03T03:17:00+01:00 web-1 app: text\n"
    without = "Mar  3 03:17:00 fw-1 %ASA-6-302010: 4 in use, 20 most used\n"
    file.write_text((with_zone + 2 * without) * 50 + with_zone)
    stream, reading = _native.parse_logs([file], now=NOW)
    engine = duckdb.connect()
    engine.register("logs", stream)
    assert len(engine.sql("FROM logs").fetchall()) == 151
    assert reading.summary()["zone_assumed"] == 100


def test_a_log_that_only_begins_as_a_packed_file_does_is_plain(tmp_path: Path) -> None:
    file = tmp_path / "BZh.log"
    file.write_text("BZhost-1 app: text\nhalf a li")
    assert not is_packed(file)
    assert LogFile.of(file, settled=False).size == 19
    for name, pack in (("a.gz", gzip.compress), ("a.xz", lzma.compress), ("a.bz2", bz2.compress)):
        (tmp_path / name).write_bytes(pack(b"text\n"))
        assert is_packed(tmp_path / name)
