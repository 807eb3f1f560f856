from datetime import UTC, datetime
from pathlib import Path

from tests.cli.conftest import Whence
from whence.cli.trap_output import amount, output_lines
from whence.model.run_output import RunOutput, StreamOutput, Written
from whence.model.trapped import Run
from whence.store.trapped_runs import TrapFolder

AT = datetime(2026, 11, 26, 8, tzinfo=UTC)
TEXT = "".join(f"line {number}\n" for number in range(12))
OUTPUT = RunOutput(
    (Written("stdout", TEXT), Written("stderr", "a\tb\x1b[31m\n\nnoline", 7)),
    StreamOutput("pipe", 200, 100, beyond=100),
    StreamOutput("pipe", 24, 17, lost=7),
)


def test_how_much_it_was() -> None:
    assert amount(OUTPUT) == "; wrote 224 B (24 B of it to stderr)"
    assert amount(RunOutput(stderr=StreamOutput(written=3))) == "; wrote 3 B to stderr"
    assert amount(RunOutput()) == "; wrote nothing"
    assert amount(RunOutput(complete=False)) == amount(None) == ""


def test_the_first_and_the_last_lines_are_shown() -> None:
    shown = [*output_lines(OUTPUT, "whence trap show x")]
    assert shown[0] == "          out  line 0"
    assert shown[5:7] == [
        "          …    5 lines more; see: whence trap show x",
        "          out  line 10",
    ]
    assert shown[-2:] == [
        "          …    stdout: 100 bytes beyond the first 100 were not kept",
        "          …    stderr: 7 bytes could not be read in time",
    ]


def test_nothing_of_it_steers_the_terminal() -> None:
    shown = [*output_lines(OUTPUT, "", everything=True)]
    assert shown[12:15] == [
        "          err  a       b\\x1b[31m",
        "          err",
        "          err  noline",
    ]


def test_a_gap_is_shown_where_it_is() -> None:
    output = RunOutput((Written("stdout", "a\n", 5), Written("stdout", "b\n")))
    assert [*output_lines(output, "")][1] == "          …    5 bytes of stdout are missing here"


def test_what_was_kept_is_shown_with_its_run(whence: Whence, tmp_path: Path) -> None:
    keeper = TrapFolder(tmp_path / "state/traps").keep("/opt/agent", "vm", AT)
    keeper.keep(Run(1, AT, (), ended=AT, status=0, output=OUTPUT))
    keeper.close()
    shown = whence("trap", "show", "agent")[1]
    assert "exit 0; wrote 224 B" in shown
    assert "see: whence trap show agent --output" in shown
    assert "err  noline" in whence("trap", "show", "agent", "--output")[1]
    assert '"total_bytes_skipped":107' in whence("trap", "show", "agent", "--json")[1]


def test_options_that_make_no_sense(whence: Whence) -> None:
    for words, what in (
        (("--output-bytes", "5"), "is for --output"),
        (("--output", "--output-bytes", "0"), "from 1 byte to 1M"),
        (("--output", "--output-bytes", "2M"), "from 1 byte to 1M"),
    ):
        status, _, error = whence("trap", "/bin/true", *words)
        assert status == 2, error
        assert what in error
