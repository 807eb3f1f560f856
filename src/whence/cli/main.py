"""The entry point: finds the command, imports only that one, and turns errors into words."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import click

from whence import __version__
from whence.cli.on_call import OnCall
from whence.model.errors import WhenceError

# Command → the module that holds it, and the line that `whence --help` shows. A table, so that
# asking for help imports nothing.
COMMANDS = {
    "explain": ("explain", "Explain this traffic. `whence TARGET` is short for it."),
    "watch": ("watch", "Name the process of each matching connection as it happens."),
    "live": ("live", "Show who talks to whom right now."),
    "flows": ("flows", "Show the flows of captures: who talked to whom, when, how much."),
    "talkers": ("talkers", "Say who is loud, and how many times louder than the others."),
    "path": ("path", "Say which way traffic goes: does it start here, or pass through?"),
    "findings": (
        "findings",
        "Say what is odd in captures: calls without answer, beacons, scans …",
    ),
    "capture": ("capture", "Keep the packets of a target, in bounded files, for weeks."),
    "bisect": ("bisect", "Find the port by which traffic comes in, by mirroring ports in halves."),
    "logs": ("logs", "Receive, read and explain log lines: what makes nine times the usual?"),
    "station": ("station", "Say which machine has an address: its network card, its names."),
    "place": ("place", "Say at which switch port a machine is plugged in, and what else is there."),
    "switch": ("switch", "Ask a switch about its ports, its forwarding table, its neighbours."),
    "started": ("started", "Say what started a process, and what that in turn."),
    "program": ("program", "Say whose program a file is."),
    "remote": ("remote", "Say who is at the other end: whose address it is, and what it is."),
    "find": ("find", "Say where on this machine an address is configured."),
    "changes": ("changes", "Say what was changed here before something began."),
    "trap": ("trap", "Report each run of a program: who ran it, how it ended, whom it called."),
    "undo": ("undo", "Take back what a killed whence left changed; also at boot."),
    "import": ("import_", "Take in what other tools wrote: netstat, lsof, Sysmon, Zeek …"),
    "record": ("record", "Keep a history of connections, so that one can look back."),
    "case": ("case", "List, show, note, export, import, verify, replay or forget cases."),
    "report": ("report", "Write what a case came to: a page, PDF, Markdown, JSON, STIX, OCSF …"),
    "show": ("show", "Show a piece of evidence of the last case: `whence show E5`."),
    "data": ("data", "The tables that whence looks things up in, and newer ones."),
    "config": ("config", "Say once what whence cannot find out, such as where cables lead."),
    "doctor": ("doctor", "Say what this machine lets whence see, and what would give more."),
    "lab": ("lab", "A small office in network namespaces, with a mystery in it."),
}

HELP = """Say who makes a piece of network traffic: which process, from which program, started by
what, whose it is, talking to whom; with the evidence for each step.

\b
    whence 203.0.113.7:443             who talks to this address? Looks back, and now.
    whence 203.0.113.7:443 --wait 2h   … and waits until it happens again.

TARGET is an address, address:port, :port, a host name, a pid, a neighbour's MAC address, a case,
or - for a log line.
"""


CLOSED = 128 + signal.SIGPIPE  # 141: as a shell has it of `cat`, whose reader had enough


class _Closed(Exception):
    """Nobody reads what is written any more."""


@contextmanager
def _closed() -> Iterator[None]:
    """Keep a closed pipe from click, which would end with status 1: “nothing seen” here."""
    try:
        yield
    except BrokenPipeError as error:
        raise _Closed from error


class Commands(OnCall):
    """Commands that are imported when they are called; anything else is a target to explain."""

    def make_context(self, *words: Any, **more: Any) -> click.Context:
        """Read the words, or show help."""
        with _closed():
            return super().make_context(*words, **more)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        with _closed():
            return super().invoke(ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put “explain” before what is not a command, also behind options of its own."""
        words = [word for word in args if not word.startswith("-") or word == "-"]
        if words and words[0] not in COMMANDS:
            position = next(i for i, word in enumerate(args) if word not in ("-v", "--verbose"))
            args = [*args[:position], "explain", *args[position:]]
        elif all(word in ("-v", "--verbose") for word in args):
            args = ["--help"]
        return super().parse_args(ctx, args)


@click.group(
    cls=Commands,
    table=COMMANDS,
    help=HELP,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, message="whence %(version)s")
@click.option("-v", "--verbose", is_flag=True, help="Log what is being done, for developers.")
@click.pass_context
def cli(context: click.Context, verbose: bool) -> None:
    """Say who makes a piece of network traffic."""
    if verbose:
        import logging  # not before: `whence --help` is to be quick

        logging.basicConfig(level=logging.DEBUG, stream=sys.stderr, format="%(name)s: %(message)s")
    if context.invoked_subcommand not in ("bisect", "undo"):
        _take_back()


def _take_back() -> None:
    """Take back what was left changed by a whence that was killed; promised for any start."""
    from whence.world.places import BISECT, UNDO, Places  # not before, as above

    try:
        places = Places.of_this_user()
        left = (places.state / BISECT / UNDO).exists() or any(places.passing.glob("*"))
    except (OSError, WhenceError):
        return
    if not left:
        return
    from whence.api import undoing
    from whence.cli.say import safe

    try:
        for outcome in undoing.take_back():
            hint = "" if outcome.done else "; try: whence undo"
            click.echo(f"whence: {safe('; '.join(outcome.said))}{hint}", err=True)
    except WhenceError as e:
        click.echo(f"whence: {safe(e)}; see: whence undo", err=True)


def main() -> None:
    """Run whence. Exit statuses: 0, 1, 2 usage, 65, 69, 70, 74, 77, 78 (sysexits), 130, 141."""
    signal.signal(signal.SIGTERM, _interrupt)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # not under nohup
        signal.signal(signal.SIGHUP, _hang_up)
    _take_any_text()
    try:
        status = cli.main(prog_name="whence", standalone_mode=False)
        if sys.stdout:  # None where it is closed
            sys.stdout.flush()
    except (_Closed, BrokenPipeError):  # the reader had enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = CLOSED
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        status = _say_interrupted()
    except Exception as fault:  # noqa: BLE001  the last door: no user ever sees a traceback
        from whence.cli.say import explain_fault  # not before: `whence --help` imports nothing

        status = _say_interrupted() if _is_interrupt(fault) else explain_fault(fault)
    sys.exit(status if isinstance(status, int) else 0)


def _is_interrupt(fault: Exception) -> bool:
    """Tell what Python makes of an interrupt: where a class was made, or a lock was let go."""
    wrapped = isinstance(fault.__cause__, KeyboardInterrupt)
    unlocked = type(fault) is RuntimeError and isinstance(fault.__context__, KeyboardInterrupt)
    return wrapped or unlocked


def _say_interrupted() -> int:
    print("whence: interrupted", file=sys.stderr)
    return 130


def _interrupt(*_: object) -> None:
    """End as on ^C, so that the case is put in order and everybody is told the rest."""
    raise KeyboardInterrupt


def _hang_up(_number: int, frame: FrameType | None) -> None:
    """End as on SIGTERM where the terminal went: what is changed is to be put back."""
    asked = signal.getsignal(signal.SIGTERM)
    if callable(asked):
        asked(signal.SIGTERM, frame)
    elif asked is not signal.SIG_IGN:
        os.kill(os.getpid(), signal.SIGTERM)


def _take_any_text() -> None:
    """Let neither a narrow locale nor a stranger's bytes stop what is said or read."""
    for stream, errors in (
        (sys.stdin, "replace"),
        (sys.stdout, "backslashreplace"),
        (sys.stderr, "backslashreplace"),
    ):
        if isinstance(stream, io.TextIOWrapper):  # None where it is closed
            stream.reconfigure(errors=errors)


if __name__ == "__main__":
    main()
