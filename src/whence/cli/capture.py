"""``whence capture``: the packets of a target, in bounded files."""

from __future__ import annotations

import signal
from datetime import timedelta
from pathlib import Path

import click

from whence import api
from whence.cli.interface_option import interface_option
from whence.cli.say import Progress, safe
from whence.cli.types import ANY_PATH, Duration, Level, Size
from whence.model.capture import ENGINES, WHOLE
from whence.model.plural import many


class _Stop(KeyboardInterrupt):
    """Somebody asked the capture to end."""


@click.command(name="capture")
@click.argument("target")
@interface_option("Only on this one; may be given again.")
@click.option("-o", "--output", type=ANY_PATH, help="The folder of the files.")
@click.option("--filter", "filter_", default="", metavar="BPF",
              help="Only these of its packets, as tcpdump writes it: 'not port 22'.")  # fmt: skip
@click.option("--full", is_flag=True, help="Keep packets whole, not their first 128 bytes.")
@click.option("--for", "span", type=Duration(), help="End after this long; else with ^C.")
@click.option("--wait", "sporadic", is_flag=True, help="A file for each event; see below.")
@click.option("--before", type=Duration(), default="10s", show_default=True, help="With --wait.")
@click.option("--after", type=Duration(), default="30s", show_default=True, help="With --wait.")
@click.option("--memory", type=Size(), default="64M", show_default=True,
              help="What the time before may take.")  # fmt: skip
@click.option("--file-size", type=Size(), default="64M", show_default=True, help="Of one file.")
@click.option("--file-age", type=Duration(), help="Begin a new file after this long.")
@click.option("--files", type=click.IntRange(min=1), default=None,
              help="Keep so many files: 16, with --wait 1000.")  # fmt: skip
@click.option("--total", type=Size(), default="1G", show_default=True, help="Of all files.")
@click.option("--keep", type=Duration(), help="Delete files that are older.")
@click.option("--reserve", type=Size(), default="1G", show_default=True,
              help="What stays free on the disk, whatever happens.")  # fmt: skip
@click.option("--ring", type=Size(), default="64M", show_default=True,
              help="Memory in which packets wait to be written.")  # fmt: skip
@click.option("--engine", type=click.Choice(ENGINES), default="auto", show_default=True,
              help="What reads packets; auto: dumpcap if only that has the right.")  # fmt: skip
@click.option("--no-processes", is_flag=True, help="Do not write whose packets they are.")
@click.option(
    "--level", default="auto", type=Level(), help="Which sensor names processes; `whence doctor`."
)
@click.option("--online", is_flag=True, help="Allow asking a DNS server about a host name.")
def command(
    target: str,
    interfaces: tuple[str, ...],
    output: Path | None,
    filter_: str,
    full: bool,
    span: timedelta | None,
    sporadic: bool,
    before: timedelta,
    after: timedelta,
    memory: int,
    file_size: int,
    file_age: timedelta | None,
    files: int | None,
    total: int,
    keep: timedelta | None,
    reserve: int,
    ring: int,
    engine: str,
    no_processes: bool,
    level: str,
    online: bool,
) -> int:
    """Keep the packets of TARGET: an address, address:port, :port, MAC, host name or case.

    The files are pcapng, with the process of each packet in its comment. When a limit is reached
    the oldest file is deleted; when less than the reserve would stay free, nothing is written,
    and that is said.

    With --wait nothing is written until a packet of TARGET passes; then a file with all packets
    before and after it. It may wait for weeks.

    With --filter a packet must match both TARGET and the filter; with --wait, the packets before
    and after, too. It cannot ask for MAC addresses, VLANs and lengths.
    """
    settings = api.capture_settings(
        target,
        interfaces=interfaces,
        folder=output,
        limits=api.Limits(
            file_size,
            _seconds(file_age),
            files or (1000 if sporadic else 16),
            total,
            _seconds(keep),
            reserve,
        ),
        around=api.Around(_seconds(before), _seconds(after), memory) if sporadic else None,
        largest=WHOLE if full else 128,
        ring=ring,
        names_processes=not no_processes,
        engine=engine,
        filter_=filter_,
        online=online,
    )
    wishes: list[int] = []  # to end, while it begins: then it is ended in order
    for number in _ending():
        signal.signal(number, lambda wish, _frame: wishes.append(wish))
    with api.capture(settings, level=level) as capture:
        for number in _ending():
            signal.signal(number, _stop)
        if wishes:
            capture.end()
        status = _follow(capture, span)
    _sum_up(status, settings, capture.nameless)
    return 0 if status.packets else 1


def _follow(capture: api.Capture, span: timedelta | None) -> api.CaptureStatus:
    """Show how it goes until it has ended; ^C ends it."""
    progress = Progress()
    status = api.CaptureStatus()
    problem = named_by = ""
    try:
        for number, status in enumerate(capture.statuses(span)):
            if not number:
                by = " by dumpcap" if status.engine == "dumpcap" else ""
                click.echo(safe(f"capturing {status.which}{by}"), err=True)
                click.echo(safe(f"into {capture.settings.folder}"), err=True)
            if capture.named_by != named_by:
                progress.clear()
                named_by = capture.named_by
                click.echo(f"naming processes with {named_by}", err=True)
            if status.problem != problem:
                progress.clear()
                problem = status.problem
                click.echo(
                    safe(f"not writing: {problem}" if problem else "writing again"), err=True
                )
            progress.show(f"{_counted(status)}; end with ^C")
    except _Stop:
        capture.end()
        *_, status = capture.statuses()
    progress.clear()
    return status


def _counted(status: api.CaptureStatus) -> str:
    parts = [
        many(status.packets, "packet"),
        many(status.files, "file"),
        f"{status.dropped:,} dropped",
    ]
    if status.unwritten:
        parts.append(f"{status.unwritten} not written")
    return ", ".join(parts)


def _sum_up(status: api.CaptureStatus, settings: api.CaptureSettings, nameless: str) -> None:
    """Say what there is, and what is missing."""
    packets, files = many(status.packets, "packet"), many(status.files, "file")
    click.echo(f"{packets} in {files}, {many(status.size, 'byte')}")
    click.echo(f"{status.dropped} of {status.received} dropped by the kernel, "
               f"{status.unwritten} not written to disk")  # fmt: skip
    if settings.around:
        click.echo(f"{many(status.events, 'event')}; "
                   f"{many(status.pushed_out, 'packet')} before events did not "
                   "fit the memory")  # fmt: skip
    if status.deleted:
        deleted = many(status.deleted, "file")
        click.echo(f"{deleted} deleted, the oldest first, to stay within the limits")
    if settings.names_processes:
        click.echo(f"{many(status.named, 'packet')} with their process")
    if nameless:
        click.echo(safe(f"processes could not be named: {nameless}"))
    if status.files:
        click.echo(safe(f"in {settings.folder}"))


def _seconds(span: timedelta | None) -> float:
    return span.total_seconds() if span else 0


def _ending() -> tuple[int, ...]:
    """Give the signals that end it; under nohup, ^C is ignored."""
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    return (signal.SIGTERM,) if ignored else (signal.SIGTERM, signal.SIGINT)


def _stop(*_: object) -> None:
    """Ask it to end, once: timeout(1) and impatient people ask again while files are completed."""
    for number in _ending():
        signal.signal(number, lambda *_: None)
    raise _Stop
