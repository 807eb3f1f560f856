from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Whence
from whence.api import trapping
from whence.model.trapped import Run, TrapStatus
from whence.store.trapped_runs import TrapFolder

AT = datetime(2026, 11, 26, 8, tzinfo=UTC)


def test_there_are_no_traps_yet(whence: Whence) -> None:
    status, said, _ = whence("trap", "ls")
    assert (status, said) == (1, "no trap was set yet; see: whence trap PROGRAM\n")
    status, _, error = whence("trap", "show", "none")
    assert status == 65
    assert "no trap was set yet" in error
    assert "there are:" not in error


def test_a_program_that_is_none(whence: Whence, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    for words, what in (
        (("no-such-program",), "there is no program “no-such-program” in PATH"),
        ((str(tmp_path / "none"),), "there is no program"),
        ((str(tmp_path),), "is no program"),
        ((str(tmp_path / "text"),), "cannot be executed"),
    ):
        status, said, error = whence("trap", *words)
        assert (status, said) == (65, "")
        assert what in error
        assert "  try  " in error


def test_the_runs_that_were_kept(whence: Whence, tmp_path: Path) -> None:
    keeper = TrapFolder(tmp_path / "state/traps").keep("/opt/agent", "vm", AT)
    keeper.keep(Run(1, AT, (), launch="cron\x1b[31m", ended=AT, status=2 << 8))
    keeper.end(AT, 0)
    keeper.close()
    assert "/opt/agent" in whence("trap", "ls")[1]
    first, *rest = whence("trap", "show", "agent")[1].splitlines()
    assert first == "/opt/agent ran once in 0 s: by cron\\x1b[31m, 1 of 1."
    assert "exit 2" in rest[-1]
    assert '"exit_code":2' in whence("trap", "show", "agent", "--json")[1].replace(" ", "")
    assert whence("trap", "rm", "agent")[1] == "forgot agent\n"
    assert whence("trap", "show", "agent")[0] == 65


def test_one_damaged_line_is_told_as_one(whence: Whence, tmp_path: Path) -> None:
    keeper = TrapFolder(tmp_path / "state/traps").keep("/opt/agent", "vm", AT)
    keeper.keep(Run(1, AT, (), ended=AT, status=0))
    keeper.close()
    with (tmp_path / "state/traps/agent/runs.jsonl").open("a") as file:
        file.write("{\n")
    assert whence("trap", "show", "agent")[1].endswith("\n1 line of the file cannot be read\n")


class Blinded:
    """A trap whose sensor of connections dies, after it lost some."""

    status = TrapStatus(AT)
    until = blind = why_unkept = output_problem = name = ""
    host, watched = "vm", timedelta(minutes=1)
    sees_output = False
    put_back = ()
    unkept = unasked = outputs_missed = 0
    connections_lost, connections_untold = 7, 2

    def __init__(self, program: Path, *_: object, **__: object) -> None:
        self.program = str(program)

    def runs(self, *_: object) -> Iterator[Run | None]:
        yield None
        self.blind = "the sensor ended by itself: killed"
        yield None

    def finish(self) -> Iterator[Run]:
        yield from ()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def test_that_connections_are_not_seen_any_more_is_told(
    whence: Whence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trapping, "Trapped", Blinded)
    error = whence("trap", "/bin/true")[2]
    assert error.count("where it connects to is not seen any more: the sensor ended by itself") == 1
    assert "connections lost: 7" in error
    assert "connections of too many peers: 2" in error


def test_no_sum_is_told_of_a_trap_that_another_whence_has_set(
    whence: Whence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trapping, "Trap", Ready)
    other = TrapFolder(tmp_path / "state/traps").keep("/usr/bin/true", "vm", AT)
    status, said, error = whence("trap", "/usr/bin/true", "--json")
    other.close()
    assert (status, said) == (74, "")
    assert "another whence has set a trap for it" in error


class Ready:
    """A sensor of a trap that is ready at once, and sees no run."""

    status = TrapStatus(AT)
    connections = outputs = None

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def runs(self, *_: object) -> Iterator[Run | None]:
        yield None

    def finish(self) -> Iterator[Run]:
        yield from ()

    def close(self) -> None:
        pass
