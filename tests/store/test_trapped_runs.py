from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from whence.model import BadInput, CannotStore, Process, ProcessRecord
from whence.model.run_output import RunOutput, StreamOutput, Written
from whence.model.trapped import Called, Run
from whence.store import trapped_runs
from whence.store.trapped_runs import TrapFolder

AT = datetime(2026, 11, 26, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
RUN = Run(1, AT, (), ended=AT, status=0, called=(Called("203.0.113.5", 443, "tcp", 2),))


def test_what_is_kept_is_read_back(tmp_path: Path) -> None:
    traps = TrapFolder(tmp_path / "traps")
    for day in range(2):
        keeper = traps.keep("/usr/bin/agent", "vm", AT + 24 * day * HOUR)
        keeper.keep(RUN)
        keeper.end(AT + (24 * day + 1) * HOUR, 0)
        keeper.close()
    kept = traps.read("agent")
    assert (kept.program, kept.host, kept.runs) == ("/usr/bin/agent", "vm", (RUN, RUN))
    assert (kept.began, kept.ended, kept.watched) == (AT, AT + 25 * HOUR, 2 * HOUR)
    assert (tmp_path / "traps/agent/runs.jsonl").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "traps/agent").stat().st_mode & 0o777 == 0o700


def test_parents_are_written_once_and_read_back_with_each_run(tmp_path: Path) -> None:
    def process(pid: int) -> ProcessRecord:
        return ProcessRecord(Process("vm", "boot", pid, pid), AT, name="x" * 1000)

    runs = tuple(
        replace(RUN, number=number, lineage=(process(100 + number), process(2), process(1)))
        for number in range(5)
    )
    for _ in range(2):
        keeper = TrapFolder(tmp_path).keep("/usr/bin/agent", "vm", AT)
        for run in runs:
            keeper.keep(run)
        keeper.close()
    assert TrapFolder(tmp_path).read("agent").runs == (*runs, *runs)
    assert (tmp_path / "agent/runs.jsonl").stat().st_size < 25_000


def test_programs_of_one_name_are_two_traps(tmp_path: Path) -> None:
    traps = TrapFolder(tmp_path)
    for path in ("/usr/bin/agent", "/opt/agent", "/usr/bin/agent"):
        traps.keep(path, "vm", AT).close()
    assert traps.names() == ["agent", "agent-2"]
    assert traps.read("agent-2").program == "/opt/agent"


def test_a_line_that_was_never_finished_is_cut_off(tmp_path: Path) -> None:
    traps = TrapFolder(tmp_path)
    keeper = traps.keep("/usr/bin/agent", "vm", AT)
    keeper.keep(RUN)
    keeper.close()
    file = tmp_path / "agent/runs.jsonl"
    file.write_bytes(file.read_bytes() + b'{"type":"run","run":{"num')
    assert traps.read("agent").runs == (RUN,)
    traps.keep("/usr/bin/agent", "vm", AT + HOUR).close()
    kept = traps.read("agent")
    assert (len(kept.runs), kept.damaged) == (1, 0)


@pytest.mark.parametrize("left", ["", '{"type":"set","at"'])
def test_a_trap_that_found_no_room_to_begin_is_none(tmp_path: Path, left: str) -> None:
    (tmp_path / "agent").mkdir()
    (tmp_path / "agent/runs.jsonl").write_text(left)
    traps = TrapFolder(tmp_path)
    assert traps.names() == []
    with pytest.raises(BadInput, match="there is no trap"):
        traps.read("agent")
    traps.keep("/usr/bin/agent", "vm", AT).close()
    assert (traps.names(), traps.read("agent").program) == (["agent"], "/usr/bin/agent")


def test_damage_is_counted(tmp_path: Path) -> None:
    traps = TrapFolder(tmp_path)
    keeper = traps.keep("/usr/bin/agent", "vm", AT)
    keeper.keep(RUN)
    keeper.close()
    file = tmp_path / "agent/runs.jsonl"
    file.write_bytes(b"\0\xff nonsense\n" + file.read_bytes())
    assert (traps.read("agent").damaged, len(traps.read("agent").runs)) == (1, 1)


def test_one_at_a_time_and_none_is_removed_while_it_is_set(tmp_path: Path) -> None:
    traps = TrapFolder(tmp_path)
    keeper = traps.keep("/usr/bin/agent", "vm", AT)
    with pytest.raises(CannotStore):
        traps.keep("/usr/bin/agent", "vm", AT)
    with pytest.raises(CannotStore):
        traps.remove("agent")
    keeper.close()
    traps.remove("agent")
    assert not traps.names()


@pytest.mark.parametrize("name", ["", ".", "..", "nope", "../agent", "a/b"])
def test_a_name_that_is_none(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="there is no trap"):
        TrapFolder(tmp_path).read(name)


def test_output_leaves_room_for_the_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trapped_runs, "WITH_OUTPUT", 1000)
    output = RunOutput((Written("stdout", "x" * 900),), StreamOutput("pipe", 900, 900))
    keeper = TrapFolder(tmp_path).keep("/usr/bin/agent", "vm", AT)
    for number in (1, 2):
        keeper.keep(replace(RUN, number=number, output=output))
    keeper.close()
    one, other = TrapFolder(tmp_path).read("agent").runs
    assert one.output == output
    assert other.output == output.counted()
