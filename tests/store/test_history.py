from __future__ import annotations

import os
import random
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.store.samples import MAKER, NOON, lineage, sighting, sightings, ticking
from whence.model import (
    ACCEPTED,
    LISTENING,
    CannotStore,
    Confidence,
    Flow,
    ProcessRecord,
    SensorStatus,
    Sighting,
)
from whence.store.history import History

FLOW = Flow("203.0.113.7", 443)


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with closing(History(tmp_path / "history", ticking())) as opened:
        yield opened


def test_a_history_that_never_began(history: History) -> None:
    assert not history.exists()
    assert [*history.sightings(Flow())] == []
    assert history.process(MAKER) == ()
    assert history.watched() == []
    history.trim()
    assert not history.directory.exists()


ODD = (
    replace(sighting(1), action=ACCEPTED, flow=Flow("192.0.2.1", 22, "198.51.100.9", 4000, "tcp")),
    replace(sighting(2), action=LISTENING, flow=Flow(source="::", source_port=22, transport="tcp")),
    replace(sighting(3), lineage=(), confidence=Confidence.POSSIBLE),
    replace(sighting(4), flow=Flow("2001:db8::7", 53, "2001:db8::1", 40000, "udp")),
    replace(sighting(5), cookie=2**64 - 1, network_namespace=4026531840, interface="eth0"),
    replace(sighting(6), flow=Flow("198.51.100.1", transport="icmp")),
    replace(sighting(7), count=7, bytes_sent=1, packets_sent=2, bytes_received=3,
            packets_received=4, last=NOON + timedelta(hours=3)),
)  # fmt: skip


@pytest.mark.parametrize("seen", ODD)
def test_a_sighting_comes_back_as_it_was(history: History, seen: Sighting) -> None:
    history.add([sighting(0), seen])
    assert seen in [*history.sightings(Flow())]


def test_only_what_a_flow_covers_comes_back(history: History) -> None:
    history.add(ODD)
    for seen in ODD:
        assert [*history.sightings(seen.flow)] == [
            other for other in ODD if seen.flow.covers(other.flow)
        ]


def test_sightings_come_oldest_first_and_within_the_span(history: History) -> None:
    all_of_them = [sighting(number) for number in range(10)]
    history.add(all_of_them[5:])
    history.add(all_of_them[:5])
    assert [*history.sightings(FLOW)] == all_of_them
    since, until = all_of_them[3].first, all_of_them[6].first
    assert [*history.sightings(FLOW, since, until)] == all_of_them[3:7]
    assert [*history.newest(FLOW, 2)] == all_of_them[8:]


def test_a_process_is_told_with_its_ancestors(history: History) -> None:
    history.add([sighting()])
    assert history.process(MAKER.__class__("fw", "boot-1", 4711, 47110)) == lineage()
    assert history.process(lineage()[1].process) == lineage()[1:]


def test_a_process_that_ran_something_else_later_keeps_what_it_did_before(
    history: History,
) -> None:
    shell, *parents = lineage()
    curl = replace(shell, name="curl", executions=(*shell.executions, *shell.executions))
    history.add([sighting(1), replace(sighting(2), lineage=(curl, *parents))])
    assert [seen.maker for seen in history.sightings(FLOW)] == [shell, curl]
    assert history.process(shell.process) == (curl, *parents)


def test_the_first_connections_of_a_minute_stay_apart_and_the_rest_is_summed(
    history: History,
) -> None:
    burst = [
        replace(sighting(number), first=NOON, last=NOON + timedelta(seconds=number % 50))
        for number in range(1000)
    ]
    for start in range(0, 1000, 100):
        history.add(burst[start : start + 100])
    found = [*history.sightings(FLOW)]
    assert [seen.flow.source_port for seen in found] == [*range(1024, 1032), None]
    assert sum(seen.count for seen in found) == 1000
    assert sum(seen.bytes_sent for seen in found) == 60_000


def test_a_socket_that_goes_on_sending_is_one_row_a_minute(history: History) -> None:
    for second in range(90):
        history.add([replace(sighting(1), first=NOON + timedelta(seconds=second),
                             last=NOON + timedelta(seconds=second))])  # fmt: skip
    assert [seen.count for seen in history.sightings(FLOW)] == [60, 30]


def test_a_recorder_that_starts_again_goes_on_in_the_same_segment(tmp_path: Path) -> None:
    for number in range(3):
        with closing(History(tmp_path, ticking())) as history:
            history.add([sighting(number)])
    assert len([*tmp_path.iterdir()]) == 1
    assert len([*History(tmp_path, ticking()).sightings(FLOW)]) == 3


def test_each_day_has_a_segment_of_its_own_and_old_ones_are_dropped(tmp_path: Path) -> None:
    now = NOON
    with closing(History(tmp_path, lambda: now, keep=timedelta(days=2))) as history:
        for _ in range(6):
            history.add([sighting(0, at=now)])
            now += timedelta(days=1)
        history.trim()
        kept = [seen.first for seen in history.sightings(FLOW)]
    assert kept == [NOON + timedelta(days=days) for days in (2, 3, 4, 5)]


def test_the_folder_stays_within_its_bound_in_a_flood_of_peers(tmp_path: Path) -> None:
    largest = 2 << 20
    with closing(History(tmp_path, ticking(), largest=largest)) as history:
        for first in range(0, 60_000, 1000):
            history.add([*sightings(first, 1000)])
            assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= largest * 1.25
        newest = next(sightings(59_999, 1))
        assert [*history.sightings(newest.flow)] == [newest]


def test_a_clock_that_goes_back_does_not_make_new_sightings_the_oldest(tmp_path: Path) -> None:
    now = NOON
    with closing(History(tmp_path, lambda: now)) as history:
        history.add([sighting(0)])
        now = datetime.fromtimestamp(0, NOON.tzinfo)
        history.add([sighting(1)])
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "000001-2026-11-23.history",
        "000002-1970-01-01.history",
    ]


def test_a_damaged_segment_is_left_alone_and_a_new_one_begun(tmp_path: Path) -> None:
    with closing(History(tmp_path, ticking())) as history:
        history.add([sighting(0)])
    (path,) = tmp_path.iterdir()
    damaged = path.read_bytes()[:-5000] + bytes(5000)
    path.write_bytes(damaged)
    with closing(History(tmp_path, ticking())) as history:
        history.add([sighting(1)])
        assert sighting(1) in [*history.sightings(FLOW)]
        assert [*history.unreadable] == [path]
    assert path.read_bytes() == damaged


def test_random_damage_hides_no_more_than_it_must(tmp_path: Path) -> None:
    with closing(History(tmp_path, ticking())) as history:
        history.add([*sightings(0, 300), sighting(1)])
        history.note_status(SensorStatus("ebpf", NOON))
    (path,) = tmp_path.iterdir()
    whole, chance = path.read_bytes(), random.Random(2026)
    for _ in range(40):
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 20, 100))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path.write_bytes(damaged)
        reader = History(tmp_path, ticking())
        [*reader.sightings(Flow())], reader.newest(FLOW, 5), reader.watched()
        reader.process(lineage()[0].process)
        assert path.read_bytes() == damaged


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    for name in ("notes.txt", "x.history", "000001-2026-99-99.history"):
        (tmp_path / name).write_text("mine")
    with closing(History(tmp_path, ticking(), keep=timedelta(0), largest=0)) as history:
        history.add([*sightings(0, 5000)])
        history.trim()
        assert not history.unreadable
    assert (tmp_path / "x.history").read_text() == "mine"


def test_a_second_recorder_is_told_so(history: History) -> None:
    history.add([sighting(0)])
    with pytest.raises(CannotStore) as refusal:
        History(history.directory, ticking()).add([sighting(1)])
    assert refusal.value.because == "another recorder writes there"


def test_what_a_killed_recorder_left_half_made_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / ".000001-2026-11-23.history.draft").touch()
    with closing(History(tmp_path, ticking())) as history:
        history.add([sighting(0)])
    assert [path.name for path in tmp_path.iterdir()] == ["000001-2026-11-23.history"]


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_the_group_may_read_and_others_may_not(history: History, mask: int) -> None:
    before = os.umask(mask)
    try:
        history.add([sighting(0)])
    finally:
        os.umask(before)
    assert stat.S_IMODE(history.directory.stat().st_mode) == 0o750
    assert {stat.S_IMODE(path.stat().st_mode) for path in history.directory.iterdir()} == {0o640}


def test_it_can_be_read_while_it_is_written(history: History) -> None:
    reader = History(history.directory, ticking())
    for number in range(5):
        history.add([sighting(number)])
        assert len([*reader.sightings(FLOW)]) == number + 1


def test_when_nobody_was_watching(history: History) -> None:
    for second in (0, 5, 10, 100, 105):
        history.note_status(SensorStatus("ebpf", NOON + timedelta(seconds=second), lost=second))
    history.note_status(SensorStatus("proc", NOON + timedelta(seconds=3)))
    assert history.watched() == [
        (NOON, NOON + timedelta(seconds=10), "ebpf", 10),
        (NOON + timedelta(seconds=3), NOON + timedelta(seconds=3), "proc", 0),
        (NOON + timedelta(seconds=100), NOON + timedelta(seconds=105), "ebpf", 95),
    ]


def test_watching_goes_on_over_midnight(tmp_path: Path) -> None:
    now = NOON + timedelta(hours=11, minutes=59, seconds=30)
    began = now
    with closing(History(tmp_path, lambda: now)) as history:
        for _ in range(5):
            history.note_status(SensorStatus("ebpf", now, lost=2))
            now += timedelta(seconds=15)
        assert len([*tmp_path.glob("*.history")]) == 2
        assert history.watched() == [(began, began + timedelta(seconds=60), "ebpf", 2)]


def test_a_record_with_a_hostile_name(history: History) -> None:
    maker, *parents = lineage()
    hostile: ProcessRecord = replace(maker, name="\x1b[2J'; DROP", cgroup="/\0\u2028")
    history.add([replace(sighting(1), lineage=(hostile, *parents))])
    assert [seen.maker for seen in history.sightings(FLOW)] == [hostile]
