from whence.cli.fact_rows import FactRow, fact_rows
from whence.model import Program, Reading, Remote
from whence.world import EPOCH

SCRIPT = Program("fw", "/usr/lib/acme/agent.py")


def row(relation: str, value: str, *, is_below: bool = False) -> FactRow:
    fact = SCRIPT.fact(relation, value, Reading("test", "text", EPOCH, "here").whole())
    return FactRow(fact, "E1", is_below)


def shown(*rows: FactRow) -> list[str]:
    return [line.removeprefix("  E1   certain   ") for line in fact_rows(rows, everything=False)]


def test_an_article_is_said_once() -> None:
    assert shown(row("is-a", "a Python program")) == ["is a         Python program"]
    assert shown(row("says", "a lot")) == ["says         a lot"]


def test_what_is_said_begins_in_one_column() -> None:
    assert shown(
        row("runs", "python"), row("agrees-with-package", "MD5"), row("seen", "b", is_below=True)
    ) == [
        "runs                python",
        "agrees with package MD5",
        "    seen b",
    ]


def test_one_long_relation_does_not_push_all_away() -> None:
    assert shown(row("runs", "x"), row("r" * 60, "y")) == ["runs" + " " * 21 + "x", "r" * 60 + " y"]


def test_of_two_registries_it_is_said_which_one_says_so() -> None:
    remote = Remote("203.0.113.7")
    rows = [
        FactRow(
            remote.fact("registered-to", "X", Reading(f"{by} 1", "t", EPOCH, "here").whole()),
            "E1",
            is_below=False,
        )
        for by in ("rdap", "whois", "test")
    ]
    assert [line.partition(" to ")[2] for line in fact_rows(rows, everything=False)] == [
        "X (RDAP)",
        "X (whois)",
        "X",
    ]
