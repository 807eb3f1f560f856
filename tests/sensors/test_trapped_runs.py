from datetime import UTC, datetime

from whence.model import Execution, Process, ProcessRecord
from whence.model.trapped import RunBegan, RunEnded
from whence.sensors.trapped_runs import TrappedRuns
from whence.world.asked_execution import AskedExecution
from whence.world.callers import Caller
from whence.world.netlink import EXEC, EXIT, FORK, ProcessEvent

AT = datetime(2026, 11, 26, 8, tzinfo=UTC)
SHELL = Execution(AT, "/usr/bin/dash", args=("sh", "-c", "prog 1; prog 2"))
ASKED = AskedExecution("/usr/bin/prog", ("prog", "1"), 7)


def process(pid: int, *executions: Execution) -> ProcessRecord:
    return ProcessRecord(Process("vm", "boot", pid, pid), AT, "sh", executions=executions)


def runs() -> TrappedRuns:
    def describe(asked: AskedExecution | None, folder: str, at: datetime) -> Execution:
        return Execution(at, "/usr/bin/prog", args=asked.args if asked else ())

    return TrappedRuns(describe, lambda pid: ("prog", f"of {pid}"))


def began(
    trapped: TrappedRuns, pid: int, asked: AskedExecution | None = ASKED
) -> list[RunBegan | RunEnded]:
    caller = Caller((process(pid, SHELL), process(1, SHELL)))
    return trapped.began(AT, pid, caller, asked, 0)


def test_a_fork_of_the_caller_is_the_program_and_nothing_else() -> None:
    (told,) = began(runs(), 20)
    assert isinstance(told, RunBegan)
    own, parent = told.lineage
    assert [run.args for run in own.executions] == [("prog", "1")]
    assert (own.name, parent.executions) == ("prog", (SHELL,))


def test_a_caller_that_becomes_the_program_is_not_forgotten() -> None:
    caller = Caller((process(20, SHELL), process(1, Execution(AT, "/usr/sbin/cron"))))
    (told,) = runs().began(AT, 20, caller, ASKED, 0)
    assert isinstance(told, RunBegan)
    assert [run.executable for run in told.lineage[0].executions] == [
        "/usr/bin/dash",
        "/usr/bin/prog",
    ]


def test_a_run_ends_with_its_status_and_how_long_it_took() -> None:
    trapped = runs()
    began(trapped, 20)
    events = [
        ProcessEvent(FORK, 5, 20, 1),
        ProcessEvent(EXEC, 100, 20),
        ProcessEvent(EXIT, 120, 21),
        ProcessEvent(EXIT, 350, 20, status=3 << 8),
    ]
    assert trapped.hear(events, lambda: AT) == [RunEnded(1, AT, True, 3 << 8, 250)]


def test_a_run_that_was_refused_was_not_executed() -> None:
    trapped = runs()
    began(trapped, 20)
    (ended,) = trapped.hear([ProcessEvent(EXIT, 350, 20, status=127 << 8)], lambda: AT)
    assert ended == RunEnded(1, AT, False, 127 << 8, None)


def test_a_process_may_execute_the_program_twice() -> None:
    trapped = runs()
    began(trapped, 20)
    trapped.hear([ProcessEvent(EXEC, 100, 20)], lambda: AT)
    first, second = began(trapped, 20)
    assert first == RunEnded(1, AT, True, again=True)
    assert isinstance(second, RunBegan)
    assert second.number == 2


def test_arguments_that_could_not_be_read_before_are_read_after() -> None:
    trapped = runs()
    assert not began(trapped, 20, None)
    (told,) = trapped.hear([ProcessEvent(EXEC, 100, 20)], lambda: AT)
    assert isinstance(told, RunBegan)
    assert told.lineage[0].executions[-1].args == ("prog", "of 20")


def test_a_run_outside_of_our_container_ends_at_once() -> None:
    told = runs().began(AT, 0, Caller(()), None, 0)
    assert told == [RunBegan(1, AT, ()), RunEnded(1, AT, True)]


def test_a_run_that_nobody_tells_more_of_is_told_in_the_end() -> None:
    trapped = runs()
    began(trapped, 20, None)
    assert [told.number for told in trapped.rest()] == [1]
    assert not trapped.rest()
