"""``whence switch URL ports|learned|neighbours|counters|check``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import click

import whence.api.switching as api
from whence.cli.columns import lines, size
from whence.cli.say import safe
from whence.cli.switch_rows import Row, document, heads_of, row_of
from whence.model import ecs
from whence.world import Switch

QUESTIONS = ("ports", "learned", "neighbours", "counters", "check")


@click.command(name="switch")
@click.argument("url", metavar="URL")
@click.argument("question", type=click.Choice(QUESTIONS), default="check")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(url: str, question: str, as_json: bool) -> int:
    """Ask a switch about its ports, its forwarding table, its neighbours. Only reads.

    URL is snmp://HOST, snmp://COMMUNITY@HOST:PORT?version=2c, bridge:br0 (with
    ?namespace=NAME), ovs:br0, or a name of ~/.config/whence/switches.toml. Without a
    question, says what the switch can tell and what not.
    """
    switch = api.switch(url)
    if question == "check":
        return _check(switch, as_json)
    asked: dict[str, Callable[[], Iterable[Row]]] = {
        "ports": switch.ports,
        "learned": switch.learned,
        "neighbours": switch.neighbours,
        "counters": switch.counters,
    }
    rows = [*asked[question]()]
    shown = _as_json(switch, rows) if as_json else _as_table(question, rows)
    for line in shown:
        click.echo(line)
    for remark in switch.remarks():
        click.echo(safe(f"whence: {remark}"), err=True)
    return 0 if rows else 1


def _as_json(switch: Switch, rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        yield ecs.encode(document(switch.name, row))


def _as_table(question: str, rows: Sequence[Row]) -> Iterator[str]:
    if not rows:
        yield "The switch tells of none."
        return
    yield from lines(heads_of(question), [row_of(row, size) for row in rows])


def _check(switch: Switch, as_json: bool) -> int:
    works = False
    for told in api.check_switch(switch):
        works = works or (told.works and told.what == "the forwarding table")
        if as_json:
            check = {
                "what": told.what,
                "works": told.works,
                "says": told.says,
                "because": told.because,
                "try": told.try_,
            }
            click.echo(ecs.encode({"observer": {"name": switch.name}, "whence": {"check": check}}))
            continue
        click.echo(safe(f"{'yes' if told.works else 'no ':3}  {told.what}"))
        for label, text in (("", told.says), ("because: ", told.because), ("try: ", told.try_)):
            if text:
                click.echo(safe(f"       {label}{text}"))
    return 0 if works else 1
