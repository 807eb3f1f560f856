"""``whence import FILE…``: take in what other tools wrote."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from itertools import islice

import click

import whence.api.importing as importing  # and no more of the api: the rest is slow to import
from whence.cli.say import explain_fault, safe
from whence.cli.source_zones import SourceZone
from whence.cli.types import Duration, Moment
from whence.model import WhenceError, ecs
from whence.model.plural import many

MOST_SHOWN = 20  # rows of a --dry-run


class Encoding(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.3
    """An encoding that Python knows."""

    name = "encoding"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check the name."""
        try:
            "".encode(value)
            b"".decode(value)
        except (LookupError, ValueError):
            self.fail(f"“{value}” is no encoding; utf-8, cp850 and gbk are", param, ctx)
        return value


@click.command(name="import")
@click.argument("files", nargs=-1)
@click.option("--host", default="", metavar="NAME", help="The machine that the files are about.")
@click.option(
    "--zone", type=SourceZone(), help="The zone of times that have none: Europe/Berlin, +02:00."
)
@click.option(
    "--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day on which times begin."
)
@click.option(
    "--began", type=Moment(), help="When the first look was taken, where the file has no times."
)
@click.option("--every", type=Duration(), help="How far looks are apart: 10s.")
@click.option("--encoding", type=Encoding(), help="The code page, where the guess is wrong.")
@click.option("--kind", "kind", metavar="KIND", help="Read it as this kind of file; see --kinds.")
@click.option("--dry-run", is_flag=True, help="Show what would be taken in, and keep nothing.")
@click.option("--list", "listing", is_flag=True, help="Show what was imported.")
@click.option("--kinds", "kinds", is_flag=True, help="Show which kinds of files there are.")
@click.option("--forget", "forget", metavar="ID", help="Delete an import for good.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with ECS names.")
def command(
    files: tuple[str, ...],
    host: str,
    zone: tuple[str, tzinfo] | None,
    day: datetime | None,
    began: datetime | None,
    every: timedelta | None,
    encoding: str | None,
    kind: str | None,
    dry_run: bool,
    listing: bool,
    kinds: bool,
    forget: str | None,
    as_json: bool,
) -> int:
    """Take in FILES that other tools wrote, so that `whence TARGET` answers from them, too.

    netstat, ss, lsof, tcpdump, arp, Sysmon, Zeek, Suricata, nfdump, DHCP leases, forwarding tables
    of switches and others; what a file is, is told by its content. Compressed files are unpacked;
    - is standard input.
    """
    if sum((listing, kinds, forget is not None, bool(files))) != 1:
        raise click.UsageError("give files; or one of --list, --kinds, --forget ID")
    if listing:
        return _list(as_json)
    if kinds:
        return _kinds(as_json)
    if forget is not None:
        gone = importing.forget(forget)
        print(f"import {gone.id} of {safe(gone.file)} is deleted")
        return 0
    if zone and zone[0]:
        raise click.UsageError("--zone is for all files of one import: give no name before =")
    if every is not None and not timedelta() < every < timedelta(days=366):
        raise click.UsageError("--every is the time between two looks: 10s, 5m")
    options = importing.Options(
        host.strip(), zone[1] if zone else None, _day(day), began, every, encoding, kind
    )
    status = 0
    for file in files:
        try:
            if dry_run:
                _preview(file, options, as_json)
            else:
                _take_in(file, options, as_json)
        except (WhenceError, OSError) as error:  # the other files can be read all the same
            if isinstance(error, BrokenPipeError):
                raise
            status = explain_fault(error)
    return status


def _day(day: datetime | None) -> date | None:
    return day.date() if day else None


def _take_in(file: str, options: importing.Options, as_json: bool) -> None:
    done = importing.take_in(file, options)
    receipt = done.receipt
    if as_json:
        print(ecs.encode(_document(receipt) | {"event": _event(done.is_new)}))
        return
    print(_line(receipt, "" if done.is_new else ", which was there already: nothing changed"))
    if done.is_new:
        _tell(receipt.remarks)


def _line(receipt: importing.Receipt, more: str = "") -> str:
    whose = f" of {receipt.host}" if receipt.host else ""
    looks = f" in {receipt.looks:,} looks" if receipt.looks > 1 else ""
    return safe(
        f"{receipt.file}: {', '.join(receipt.kinds)}{whose}, {many(receipt.rows, 'row')} of"
        f" {many(receipt.lines, 'line')}{looks}, {many(receipt.connections, 'connection')},"
        f" {many(receipt.processes, 'process', 'processes')}; import {receipt.id}{more}"
    )


def _preview(file: str, options: importing.Options, as_json: bool) -> None:
    sums: list[importing.Summary] = []
    rows = importing.preview(file, options, sums.append)
    if as_json:
        for row in rows:
            print(ecs.encode(row))
    else:
        for row in islice(rows, MOST_SHOWN):
            print(safe(_shown(row)))
        more = sum(1 for _ in rows)
        if more:
            print(f"… and {many(more, 'row')} more: --json shows all")
    summary = sums[0]
    click.echo(
        safe(
            f"whence: {summary.file}: {', '.join(summary.kinds)}, {summary.encoding};"
            f" {many(summary.lines, 'line')}: {many(summary.rows, 'row')},"
            f" {summary.parts:,} that belong to them, {summary.blank:,} blank,"
            f" {summary.left_out:,} left out,"
            f" {summary.strange:,} not understood"
        ),
        err=True,
    )
    _tell(summary.remarks)


def _tell(remarks: tuple[str, ...]) -> None:
    for remark in remarks:
        click.echo(f"  {safe(remark)}", err=True)


def _shown(row: ecs.Document) -> str:
    """Show a row in one line: line number, ends, process, state."""
    own = row["whence"]
    socket = own.get("socket", {})
    parts = [f"{own['import']['line']:>6}", row.get("network", {}).get("transport", "")]
    parts += [" → ".join(filter(None, (_end(row.get("source")), _end(row.get("destination")))))]
    process = row.get("process", {})
    if process:
        parts.append(f"{process.get('name', '')} [{process.get('pid', '?')}]".strip())
    station = own.get("station") or (
        {"mac": own["mac"], "port": own["port"]} if "mac" in own else {}
    )
    parts += [str(value) for value in station.values()]
    parts += [str(own.get("container", {}).get(name, "")) for name in ("image", "node")]
    parts.append(row["event"].get("reason", ""))
    parts.append(row.get("dns", {}).get("question", {}).get("name", ""))
    parts.append(socket.get("state") or own.get("state") or "")
    return "  ".join(part for part in parts if part)


def _end(end: ecs.Document | None) -> str:
    if not end:
        return ""
    address = end.get("address", "*")
    port = end.get("port")
    return str(address) if port is None else f"{address}:{port}"


def _list(as_json: bool) -> int:
    found = importing.receipts()
    for receipt in found:
        print(
            ecs.encode(_document(receipt)) if as_json else f"{receipt.imported}  {_line(receipt)}"
        )
    for path, reason in importing.imports().unreadable.items():
        click.echo(f"whence: {safe(path)}: {safe(reason)}", err=True)
    if not found and not as_json:
        print("nothing was imported yet: whence import FILE…")
    return 0 if found else 1


def _kinds(as_json: bool) -> int:
    kinds = importing.kinds()
    if as_json:
        for kind in kinds:
            print(ecs.encode({"whence": {"kind": kind.name, "title": kind.title}}))
        return 0
    width = max(len(kind.name) for kind in kinds)
    for kind in kinds:
        print(f"{kind.name:{width}}  {kind.title}")
    return 0


def _document(receipt: importing.Receipt) -> ecs.Document:
    document: ecs.Document = {
        "@timestamp": receipt.imported,
        "event": _event(True),
        "log": {"file": {"path": receipt.file}},
        "file": {"name": receipt.file, "hash": {"sha256": receipt.digest}},
        "whence": {
            "import": {
                "id": receipt.id, "kinds": list(receipt.kinds), "options": receipt.options,
                "encoding": receipt.encoding, "lines": receipt.lines, "rows": receipt.rows,
                "connections": receipt.connections, "processes": receipt.processes,
                "looks": receipt.looks, "not_understood": receipt.strange,
                "remarks": list(receipt.remarks),
            }
        },
    }  # fmt: skip
    if receipt.host:
        document["host"] = {"name": receipt.host}
    return document


def _event(is_new: bool) -> ecs.Document:
    return {"kind": "state", "category": ["file"], "action": "imported" if is_new else "known"}
