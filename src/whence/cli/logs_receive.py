"""``whence logs receive``: hear senders of log lines, and keep what they say."""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

import whence.api.log_reception as log_reception  # and no more of the api: the rest is slow
from whence.cli.reading import in_order
from whence.cli.say import Progress, duration, safe
from whence.cli.types import ANY_PATH, Duration, GivenFile, Listen, Size
from whence.model.forwarding import FORWARDING
from whence.model.log_receiving import Certificate, LogSources, SpoolLimits
from whence.model.plural import many

if TYPE_CHECKING:
    from whence.inquiry.log_reception import LogReceptionStatus

SELDOM = 60.0  # seconds between two lines where nobody watches a terminal
PLACE = {"type": Listen(514), "metavar": "ADDRESS:PORT", "multiple": True}
SECURE = PLACE | {"type": Listen(6514)}  # RFC 5425


@click.command(name="receive")
@click.option("--udp", help="Hear datagrams here; :514 for IPv4, [::]:514 for both.", **PLACE)  # type: ignore[arg-type]
@click.option("--tcp", help="Hear connections here, framed either way (RFC 6587).", **PLACE)  # type: ignore[arg-type]
@click.option("--tls", help="The same over TLS (RFC 5425); see --certificate.", **SECURE)  # type: ignore[arg-type]
@click.option("--unix", multiple=True, metavar="PATH", help="Hear datagrams at this socket.")
@click.option("--unix-stream", multiple=True, metavar="PATH", help="Hear connections at it.")
@click.option("--tail", multiple=True, metavar="FILE", help="Follow a file, or 'DIR/*.log'.")
@click.option("--journal", is_flag=True, help="Follow systemd's journal.")
@click.option("--from-start", is_flag=True,
              help="Read what files hold already, not only what is added.")  # fmt: skip
@click.option("--certificate", type=GivenFile(), help="Ours, for TLS; with the chain, as PEM.")
@click.option("--key", type=GivenFile(), help="The key of that.")
@click.option("--client-ca", type=GivenFile(),
              help="Only hear senders that this authority vouches for.")  # fmt: skip
@click.option("--state", type=ANY_PATH, help="The folder to keep all in.")
@click.option("--floor", type=Size(),
              help="What of the disk stays free: 1G, or 5 % of it if that is more.")  # fmt: skip
@click.option("--for", "span", type=Duration(), help="End after this long; else with ^C.")
@click.option("--json", "as_json", is_flag=True, help="How it is, an object of JSON each second.")
@click.option("--only-spool", is_flag=True,
              help="Only receive: a later run without this makes rows of it.")  # fmt: skip
@click.option("--print-config", type=click.Choice([*FORWARDING]),
              help="Show the lines that make that server send us a copy, and end.")  # fmt: skip
@click.option("--print-unit", is_flag=True,
              help="Show a systemd unit that receives so from boot on, and end.")  # fmt: skip
def command(
    udp: tuple[tuple[str, int], ...],
    tcp: tuple[tuple[str, int], ...],
    tls: tuple[tuple[str, int], ...],
    unix: tuple[str, ...],
    unix_stream: tuple[str, ...],
    tail: tuple[str, ...],
    journal: bool,
    from_start: bool,
    certificate: Path | None,
    key: Path | None,
    client_ca: Path | None,
    state: Path | None,
    floor: int | None,
    span: timedelta | None,
    as_json: bool,
    only_spool: bool,
    print_config: str | None,
    print_unit: bool,
) -> int:
    """Receive log lines: by syslog over UDP, TCP and TLS, from sockets, files and the journal.

    Without options, UDP and TCP are heard on port 514, of an ordinary user on 5514. A message is
    on disk as it came before anything is made of it. What is lost is counted and shown: what the
    kernel had no room for, and what was not stored because the disk would be full.

    A server that has the port already can keep it: --tail its files, or let it send a copy;
    --print-config shows how. Nothing of it is changed. --print-unit shows a hardened service that
    does it from boot on, with the rights that these sources need and no others.
    """
    sources = LogSources(udp, tcp, tls, unix, unix_stream, tail, journal)
    if print_config:
        click.echo(log_reception.forwarding_lines(print_config, sources), nl=False)
        return 0
    if bool(certificate) != bool(key) or (client_ca and not certificate):
        raise click.UsageError("--certificate and --key go together, and --client-ca with them")
    settings = log_reception.receiver_settings(
        sources,
        folder=state,
        certificate=Certificate(str(certificate), str(key), str(client_ca or ""))
        if certificate and key
        else None,
        limits=SpoolLimits() if floor is None else SpoolLimits(floor=floor, floor_share=0),
        from_start=from_start,
    )
    if print_unit:
        if state or only_spool:
            raise click.UsageError("a service keeps rows in /var/lib/whence/logs; leave out --state"
                                   " and --only-spool")  # fmt: skip
        click.echo(log_reception.unit_text(settings), nl=False)
        return 0
    with (
        in_order() as stop,
        log_reception.receive_logs(settings, only_spool=only_spool) as reception,
    ):
        shown = _Shown(as_json=as_json)
        for status in reception.statuses(span.total_seconds() if span else None, stop):
            shown.show(status)
        shown.end(status, reception.spool)
    return 0 if status.receiver.received else 1


class _Shown:
    """What is shown while lines are received."""

    def __init__(self, *, as_json: bool) -> None:
        self._json = as_json
        self._progress = Progress()
        self._problems = ("", "")
        self._listening = False
        self._next = time.monotonic() + SELDOM

    def show(self, status: LogReceptionStatus) -> None:
        """Show how it is."""
        receiver = status.receiver
        if not self._listening:
            self._listening = True
            for place in receiver.listening:
                self._say(f"listening on {place}")
        for note in (*status.notes, *receiver.notes):
            self._say(note)
        problems = receiver.problem, status.problem
        for old, new, words in zip(self._problems, problems, WORDS, strict=True):
            if new != old:
                self._say(f"{words[0]}: {new}" if new else words[1])
        self._problems = problems
        if self._json:
            print(json.dumps(_document(status)), flush=True)
        elif sys.stderr.isatty():
            self._progress.show(f"{_counted(status)}; end with ^C")
        elif time.monotonic() >= self._next:
            self._next = time.monotonic() + SELDOM
            self._say(_counted(status))

    def end(self, status: LogReceptionStatus, spool: Path) -> None:
        """Sum up what came, and what is missing."""
        self._progress.clear()
        if self._json:
            return
        receiver = status.receiver
        received = many(receiver.received, "message")
        click.echo(f"{received}, {receiver.stored:,} of them stored")
        for count, words in _losses(status):
            click.echo(f"{count:,} {words}")
        for peer, count in receiver.peers:
            click.echo(f"  {safe(peer)}: {count:,}")
        click.echo(f"in {safe(spool)}")

    def _say(self, text: str) -> None:
        self._progress.clear()
        click.echo(f"whence: {safe(text)}", err=True)


WORDS = (
    ("not storing", "storing again"),
    ("lines wait in the spool", "lines are taken from the spool again"),
)


def _counted(status: LogReceptionStatus) -> str:
    receiver = status.receiver
    parts = [many(receiver.received, "message")]
    parts += [f"{count:,} {words}" for count, words in _losses(status)]
    if not receiver.dropped:
        parts.append("none lost in the kernel")
    if receiver.connections:
        parts.append(many(receiver.connections, "connection"))
    if receiver.unread:
        parts.append(f"{many(receiver.unread, 'byte')} of files unread")
    if status.behind >= 2:
        parts.append(f"{duration(timedelta(seconds=status.behind))} behind")
    if receiver.peers:
        peer, count = receiver.peers[0]
        parts.append(f"most from {peer}: {count:,}")
    return ", ".join(parts)


def _losses(status: LogReceptionStatus) -> list[tuple[int, str]]:
    """Say each loss and oddity that there was."""
    receiver = status.receiver
    found = (
        (receiver.dropped, "lost in the kernel: they came faster than they could be read"),
        (receiver.unstored, "counted but not stored, because the disk is full"),
        (receiver.cut, "cut off where the receiver before was killed"),
        (receiver.refused, "connections refused"),
        (receiver.halves, "cut off at the end of their connection, and kept"),
        (receiver.split, "pieces of messages that were too long for one"),
        (receiver.misframed, "connections whose lengths did not fit their messages"),
    )
    return [(count, words) for count, words in found if count]


def _document(status: LogReceptionStatus) -> dict[str, object]:
    """How it is as JSON; ECS has no names for any of it."""
    receiver = status.receiver
    return {
        "@timestamp": log_reception.now_text(),
        "event": {"kind": "metric", "dataset": "whence.logs.receiver"},
        "whence": {
            "received": receiver.received,
            "stored": receiver.stored,
            "bytes": receiver.size,
            "position": receiver.position,
            "lost": {"kernel": receiver.dropped, "unstored": receiver.unstored,
                     "cut": receiver.cut},
            "unstored_severities": receiver.severities,
            "odd": {"refused": receiver.refused, "halves": receiver.halves,
                    "split": receiver.split, "misframed": receiver.misframed},
            "connections": receiver.connections,
            "files": receiver.files,
            "unread": receiver.unread,
            "rows": status.rows,
            "behind": round(status.behind, 1),
            "peers": [{"name": name, "messages": count} for name, count in receiver.peers],
            "problem": receiver.problem or status.problem,
            "ended": status.ended,
        },
    }  # fmt: skip
