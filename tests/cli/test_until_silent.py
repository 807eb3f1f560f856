"""After a change: has it ceased? In a history that a recorder kept."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Whence, squeezed
from whence.model import (
    ACCEPTED,
    ATTEMPTED,
    Execution,
    Flow,
    Process,
    ProcessRecord,
    SensorStatus,
    Sighting,
)
from whence.store.history import History
from whence.world import ThisHost, utc_now

TARGET = "203.0.113.7:443"
STEP, SIGN = timedelta(minutes=3), timedelta(seconds=50)


def call(at: datetime, pid: int = 4242, program: str = "/opt/agent") -> Sighting:
    run = Execution(at, program, args=(program,))
    maker = ProcessRecord(
        Process(ThisHost().name, "boot", pid, pid), at, "agent", executions=(run,)
    )
    flow = Flow("203.0.113.7", 443, "192.0.2.5", 50000, "tcp")
    return Sighting(flow, ATTEMPTED, at, at + timedelta(seconds=1), (maker,), "ebpf", "here")


def history(tmp_path: Path, calls: list[Sighting], until: datetime, lost: int = 0) -> None:
    """Keep what a recorder would have kept that watched until a moment, a sign every 50 s."""
    clock = [min(seen.first for seen in calls) - STEP / 2]
    due = sorted(calls, key=lambda seen: seen.first)
    with closing(History(tmp_path / "state/history", lambda: clock[0])) as kept:
        while clock[0] < until:
            kept.note_status(SensorStatus("ebpf", clock[0]))
            clock[0] = min(clock[0] + SIGN, until)
            kept.add([seen for seen in due if seen.first <= clock[0]])
            due = [seen for seen in due if seen.first > clock[0]]
        kept.note_status(SensorStatus("ebpf", until, lost=lost))


def regular(until: datetime, many: int = 14) -> list[Sighting]:
    return [call(until - STEP * (many - n) + STEP / 2, 4000 + n) for n in range(many)]


def change() -> datetime:
    return utc_now() - 11 * STEP


def asked(*words: str, after: datetime) -> tuple[str, ...]:
    return (TARGET, "--until-silent", "30m", "--after", after.isoformat(), *words)


def test_it_ceased_and_the_figures_say_so(whence: Whence, tmp_path: Path) -> None:
    made = change()
    history(tmp_path, regular(made), utc_now(), lost=3)
    status, out, _ = whence(*asked(after=made))
    assert status == 0
    first, *figures = out.splitlines()
    said = f"{TARGET} ceased after {made:%Y-%m-%d %H:%M:%S} UTC (likely): none in 33 min watched"
    assert first.startswith(f"{said}, where 11 were to be expected")
    assert "14 contacts in 40 min watched, every 3 min" in figures[0]
    assert "watched by ebpf, 3 sightings lost" in figures[1]
    _, shown, _ = whence("case", "show", "last")
    assert first in shown
    assert " likely ceased after" in squeezed(shown)
    assert whence("case", "verify", "last")[0] == 0
    assert whence("case", "replay", "last")[0] == 0


def test_it_goes_on_and_by_whom_is_said(whence: Whence, tmp_path: Path) -> None:
    made = change()
    history(tmp_path, [*regular(made), call(made + 5 * STEP, 9999)], utc_now())
    status, out, _ = whence(*asked(after=made))
    assert status == 1
    assert f"{TARGET} goes on after the change of" in out
    assert "by /opt/agent (pid 9999), the same program as before, started again" in out
    since = f"{made:%Y-%m-%d %H:%M:%S}Z"
    assert f"  who now      whence {TARGET} --since '{since}' --wait 1h\n" in out


def test_another_program_is_told_from_the_first(whence: Whence, tmp_path: Path) -> None:
    made = change()
    history(tmp_path, [*regular(made, 5), call(made + STEP, 9, "/opt/other")], utc_now())
    _, out, _ = whence(*asked(after=made))
    assert "by /opt/other (pid 9), another program than before" in out


def test_it_is_made_by_who_calls_where_both_ends_are_here(whence: Whence, tmp_path: Path) -> None:
    made = change()
    again = call(made + STEP, 9)
    answer = replace(call(made + STEP, 7, "/opt/server"), action=ACCEPTED)
    answer = replace(answer, first=again.first - timedelta(milliseconds=1))
    history(tmp_path, [*regular(made, 5), answer, again], utc_now())
    _, out, _ = whence(*asked(after=made))
    assert "by /opt/agent (pid 9), the same program as before" in out


def test_what_ran_already_has_a_moment_to_end(whence: Whence, tmp_path: Path) -> None:
    made = change()
    history(tmp_path, [*regular(made), call(made + timedelta(seconds=20), 9)], utc_now())
    assert whence(*asked(after=made))[0] == 0
    assert whence(*asked("--grace", "5s", after=made))[0] == 1


def test_too_early_to_say_and_until_when_to_watch(whence: Whence, tmp_path: Path) -> None:
    made = utc_now() - STEP / 2
    history(tmp_path, regular(made, 12), utc_now())
    status, out, _ = whence(TARGET, "--until-silent", "1m", "--after", made.isoformat(), "--json")
    document = json.loads(out)
    silence = document["whence"]["silence"]
    assert status == 1
    assert silence["confidence"] == "unknown"
    assert "too early to say; to be sure, watch until" in document["event"]["reason"]
    left = datetime.fromisoformat(silence["enough_at"]) - utc_now()
    assert STEP < left < 4 * STEP


def test_the_case_remembers_when_the_change_was_made(whence: Whence, tmp_path: Path) -> None:
    made = change()
    history(tmp_path, regular(made), utc_now())
    whence(*asked(after=made))
    status, out, _ = whence("last", "--until-silent", "20m")
    assert status == 0
    assert f"after {made:%Y-%m-%d %H:%M:%S} UTC" in out


def test_time_that_nobody_watched_is_not_silence(whence: Whence, tmp_path: Path) -> None:
    made = change()
    history(tmp_path, regular(made, 8), made + STEP)
    status, out, err = whence(*asked("--level", "none", after=made))
    assert status not in (0, 1)  # it would go on watching, and there is no such sensor
    assert "ceased" not in out, err


def test_a_file_by_a_clock_that_is_ahead_tells_of_nothing_after_the_change(
    whence: Whence, tmp_path: Path
) -> None:
    made = change()
    calls = regular(made)
    history(tmp_path, calls, utc_now())
    rows = [
        {"ts": (seen.first + 5 * STEP).timestamp(), "uid": "C", "id.orig_h": "192.0.2.5",
         "id.orig_p": 50000, "id.resp_h": "203.0.113.7", "id.resp_p": 443, "proto": "tcp",
         "conn_state": "SF"}
        for seen in calls
    ]  # fmt: skip
    log = tmp_path / "conn.log"
    log.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    assert whence("import", str(log), "--host", "provider")[0] == 0
    _, explained, _ = whence(TARGET)
    assert "Mind that the clock of conn.log is 15 min ahead of this machine's" in explained
    status, out, _ = whence("last", "--until-silent", "30m", "--after", made.isoformat())
    assert status == 0, out
    assert "14 contacts in 40 min watched" in out


def test_what_a_case_and_the_recorder_both_saw_is_one_connection(
    whence: Whence, tmp_path: Path
) -> None:
    made = change()
    history(tmp_path, regular(made), utc_now())
    assert whence(TARGET)[0] in (0, 1)  # its case keeps the sightings, too
    status, out, _ = whence("last", "--until-silent", "30m", "--after", made.isoformat())
    assert status == 0
    assert "14 contacts in 40 min watched" in out  # and not “14 contacts (28 connections)”


def test_traffic_that_was_never_seen_is_not_said_to_have_ceased(
    whence: Whence, tmp_path: Path
) -> None:
    made = change()
    elsewhere = [replace(one, flow=Flow("192.0.2.9", 22)) for one in regular(made, 3)]
    history(tmp_path, elsewhere, utc_now())
    status, out, _ = whence(*asked(after=made))
    assert status == 1
    assert "too little was seen before to say what was to be expected" in out


@pytest.mark.parametrize(
    "words",
    [("--after", "1h"), ("--until-silent", "1h", "--wait", "1h"), ("--until-silent", "0")],
)
def test_options_that_make_no_sense_together(whence: Whence, words: tuple[str, ...]) -> None:
    assert whence(TARGET, *words)[0] == 2


def test_an_interface_is_only_for_the_watch_for_silence(whence: Whence) -> None:
    status, _, err = whence("192.0.2.7", "-i", "lo")
    assert (status, "--until-silent" in err) == (2, True)
    status, _, err = whence("192.0.2.7", "--until-silent", "1s", "-i", "no-such-interface")
    assert status in (2, 65, 69, 77)
    assert "Traceback" not in err
    assert "no-such-interface" in err or "root" in err
