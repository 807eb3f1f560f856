from datetime import UTC, datetime, timedelta

from whence.model import Execution, Process, ProcessRecord
from whence.model.trap_words import DISTINCT, Tally, document, outcome, sentence, started_by
from whence.model.trapped import Called, Run

AT = datetime(2026, 11, 26, 8, tzinfo=UTC)
HOME = Called("203.0.113.5", 443, "tcp", 1)
SHELL = ProcessRecord(
    Process("vm", "boot", 2, 2), AT, executions=(Execution(AT, "/bin/sh", args=("sh", "-c", "x")),)
)
AGENT = ProcessRecord(
    Process("vm", "boot", 3, 3),
    AT,
    executions=(Execution(AT, "/usr/bin/agent", args=("agent",)),),
    user_id=7,
)


def run(number: int = 1, launch: str = "cron line", called: tuple[Called, ...] = (HOME,)) -> Run:
    return Run(number, AT, (AGENT, SHELL), launch=launch, ended=AT, status=0, called=called)


def test_a_program_that_one_job_runs() -> None:
    runs = [run(number) for number in range(12)]
    assert sentence("/usr/bin/agent", Tally(runs), "10 min") == (
        "/usr/bin/agent ran 12 times in 10 min: by cron line, 12 of 12; "
        "it called 203.0.113.5:443 each time."
    )


def test_a_program_that_several_run_and_that_calls_now_and_then() -> None:
    runs = [run(1), run(2, launch=""), run(3, called=())]
    assert sentence("agent", Tally(runs), "1 h") == (
        "agent ran 3 times in 1 h: by cron line, 2 of 3; by “sh -c x”, 1 of 3; "
        "it called 203.0.113.5:443 2 times."
    )


def test_a_program_that_nobody_ran() -> None:
    assert sentence("agent", Tally(), "1 h") == "agent did not run in 1 h."


def test_more_launchers_than_can_be_counted_apart() -> None:
    tally = Tally(run(number, launch=f"job {number}") for number in range(DISTINCT + 50))
    assert len(tally.launches) == DISTINCT + 1
    assert sentence("agent", tally, "1 h").startswith(
        "agent ran 1050 times in 1 h: by job 0, 1 of 1050; by job 1, 1 of 1050; "
        "by job 2, 1 of 1050; by others, 1047 of 1050; it called"
    )


def test_what_the_process_was_before_is_who_ran_it() -> None:
    before = Execution(AT, "/usr/bin/env", args=("env", "agent"))
    own = ProcessRecord(AGENT.process, AT, executions=(before, *AGENT.executions))
    assert started_by(Run(1, AT, (own, SHELL))) == "“env agent”"
    assert started_by(Run(1, AT, ())) == "a process that is not seen from here"


def test_how_a_run_ended() -> None:
    ended = [
        Run(1, AT, (AGENT,), ended=AT, status=status) for status in (0, 3 << 8, 15, 0x80 | 11, None)
    ]
    words = ["exit 0", "exit 3", "killed by SIGTERM", "killed by SIGSEGV", "ended"]
    assert [outcome(one) for one in ended] == words
    assert outcome(Run(1, AT, (AGENT,))).startswith("still runs")
    assert outcome(Run(1, AT, (), ended=AT)) == "ran; how it ended is not seen from here"


def test_a_run_as_a_document() -> None:
    one = Run(1, AT, (AGENT, SHELL), 0x8801, "", True, AT, 3 << 8, timedelta(microseconds=250))
    told = document(one, "/usr/bin/agent", "vm", action="end")
    assert told["event"]["duration"] == 250_000
    assert told["process"]["exit_code"] == 3
    assert told["process"]["parent"]["args"] == ["sh", "-c", "x"]
    assert told["process"]["tty"] == {"char_device": {"major": 136, "minor": 1}}
    assert told["user"] == {"id": "7"}
    assert document(run(), "agent", "vm", action="end")["destination"]["port"] == 443
