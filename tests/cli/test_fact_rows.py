from whence.cli.fact_rows import FactRow, fact_rows
from whence.model import Program, Reading
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
