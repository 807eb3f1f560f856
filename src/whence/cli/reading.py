"""What all commands that read captures have in common: options, progress, what was not read."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

import whence.api.loudness as loudness  # and no more of it: the rest is slow to import
import whence.api.reading_words as reading_words
from whence import api
from whence.api.span import Span
from whence.cli.say import Progress, duration, safe
from whence.cli.types import Duration, Listen, Moment
from whence.model.plural import many
from whence.world.memory import return_large_blocks

if TYPE_CHECKING:
    from whence.world.captures import Listening, Reached

Command = TypeVar("Command", bound=Callable[..., Any])
Read = TypeVar("Read", bound="api.Traffic | api.Summed | api.Flows")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which packets, of which files."""

    files: tuple[str, ...]
    filter_: str
    since: datetime | None
    until: datetime | None
    internal: tuple[str, ...] = ()
    exports: bool | None = None  # not asked by every command

    def no_choice_of_packets(self, why: str) -> None:
        """Refuse options that choose among the packets of files, where there are none."""
        if self.files or self.filter_ or self.since or self.until or self.exports:
            raise click.UsageError(
                f"{why} goes without FILES, --filter, --since, --until and --exports"
            )


OPTIONS = (
    click.option("--filter", "filter_", default="", metavar="BPF",
                 help="Only packets that match, as in tcpdump: “host 192.0.2.9 and udp”."),
    click.option("--since", type=Moment(), help="Only packets from this moment on."),
    click.option("--until", type=Moment(), help="Only packets up to this moment."),
    click.option("--internal", multiple=True, metavar="NETWORK",
                 help="A network of the own site, beside the private ones; may be given again."),
    click.option("--exports", is_flag=True,
                 help="Read the flows that NetFlow, IPFIX and sFlow in the packets tell of, "
                 "in place of the packets' own."),
)  # fmt: skip


def reading_options(command: Command) -> Command:
    """Add the options, and hand them over as one ``Wanted`` in place of them and the files."""

    @wraps(command)
    def gathered(
        *,
        files: tuple[str, ...],
        filter_: str,
        since: datetime | None,
        until: datetime | None,
        internal: tuple[str, ...],
        exports: bool,
        **others: Any,
    ) -> Any:
        wanted = Wanted(files, filter_, since, until, internal, exports)
        return command(wanted=wanted, **others)

    for option in reversed(OPTIONS):
        option(gathered)
    return gathered  # type: ignore[return-value]  # wraps: same parameters but for these


def receive_option(help_: str) -> Callable[[Command], Command]:
    """Add the option to hear flow exporters in place of reading files."""
    return click.option("--receive", type=Listen(2055), metavar="ADDRESS:PORT", help=help_)


receive_span_option = click.option(
    "--for", "span", type=Duration(), help="With --receive: end after this long; else with ^C."
)


def check_one_source(wanted: Wanted, receive: tuple[str, int] | None) -> None:
    """Refuse files and exporters together, and neither of them."""
    if bool(wanted.files) == bool(receive):
        raise click.UsageError("give captures, or where to hear exporters with --receive")


@contextmanager
def captures(
    wanted: Wanted, columns: Sequence[str] | None = None, names: Listening = "all"
) -> Iterator[api.Traffic]:
    """Read captures, with progress and time left; say at the end what could not be read."""
    read = partial(api.read_captures, columns=columns, names=names, exports=bool(wanted.exports))
    with _shown(read, wanted) as traffic:
        yield traffic


@contextmanager
def flows_of(wanted: Wanted) -> Iterator[api.Flows]:
    """Read only the flows of captures, to show them, as ``captures`` does."""
    from whence.api.flow_lines import read_flows  # nobody else needs it

    read = partial(read_flows, exports=bool(wanted.exports))
    with _shown(read, wanted) as flows:
        yield flows


@contextmanager
def sums(wanted: Wanted) -> Iterator[api.Traffic | api.Summed]:
    """Read captures only to say who is loud, in the same way."""
    with _shown(loudness.read_sums, wanted) as traffic:
        yield traffic


@contextmanager
def _shown(read: Callable[..., AbstractContextManager[Read]], wanted: Wanted) -> Iterator[Read]:
    return_large_blocks()
    progress = Progress()
    begun = time.monotonic()

    def hear(now: Reached) -> None:
        elapsed = time.monotonic() - begun
        progress.show(_how_far(now.bytes_read, now.bytes_total, now.packets, elapsed))

    span = Span(wanted.since, wanted.until)
    try:
        with read(
            wanted.files, filter_=wanted.filter_, span=span, internal=wanted.internal, hear=hear
        ) as traffic:
            progress.clear()
            yield traffic
            for line in reading_words.not_read(traffic):
                click.echo(f"whence: {safe(line)}", err=True)
            for line in reading_words.not_asked(traffic) if wanted.exports is not None else ():
                click.echo(line, err=True)
    finally:
        progress.clear()


@contextmanager
def exporters(
    listen: tuple[str, int], wanted: Wanted, span: timedelta | None
) -> Iterator[api.Traffic]:
    """Hear flow exporters until ^C or for a while; say at the end what did not arrive."""
    wanted.no_choice_of_packets("--receive")
    with (
        in_order() as stop,
        api.read_exporters(*listen, span=span, internal=wanted.internal, stop=stop,
                           listening=say_listening(listen[0])) as traffic,
    ):  # fmt: skip
        yield traffic
        if totals := traffic.exports:
            records = many(totals.records, "record")
            click.echo(f"heard {many(totals.datagrams, 'datagram')}, {records}", err=True)
        for line in reading_words.not_read(traffic):
            click.echo(f"whence: {safe(line)}", err=True)


@contextmanager
def in_order() -> Iterator[Callable[[], bool]]:
    """Let ^C and SIGTERM only be noted, for who asks whether to stop; another ends at once.

    Within a second it is the same wish: `timeout` and a terminal with `sudo` signal twice.
    """
    wishes: list[float] = []

    def note(_number: int, _frame: object) -> None:
        wishes.append(time.monotonic())
        if wishes[-1] - wishes[0] > 1:
            raise KeyboardInterrupt

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(wishes)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def say_listening(address: str) -> Callable[[int], None]:
    """Say where exporters are heard, once the port is known."""
    shown = f"[{address}]" if ":" in address else address

    def say(port: int) -> None:
        click.echo(f"listening for NetFlow, IPFIX and sFlow on {shown}:{port}", err=True)

    return say


def _how_far(done: int, whole: int | None, packets: int, seconds: float) -> str:
    """Say how much is read, and how long the rest will take."""
    if not whole:
        return f"read {packets:,} packets, {done / 1e6:,.0f} MB"
    share = min(1.0, done / whole)
    bar = "#" * round(share * 30)
    left = f", {duration(timedelta(seconds=seconds / share - seconds))} left" if share else ""
    return f"[{bar:30}] {share:4.0%}  {packets:,} packets{left}"
