"""From traffic to the stations whose connections only pass through this machine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from whence.model import CannotAsk, Fact, Flow, Line, NotPermitted, probe
from whence.model.tracked import TABLE, Tracked, tracked, written_in_table
from whence.probes._packages import is_there
from whence.world import Host
from whence.world.own_addresses import own_addresses

MOST = 20  # stations
CITED = 3  # lines of each


@probe(answers="passes-through", near=0)
def passes_through(flow: Flow, host: Host) -> Iterator[Fact]:
    """Which connections to it only pass through this machine, and which are translated (NAT)?

    The kernel tracks them where a filter or NAT needs it, for two minutes after their end.
    """
    own = own_addresses(host)
    found: defaultdict[tuple[str, str], list[Line]] = defaultdict(list)
    for connection, line in _to(flow, host):
        if not own & {connection.source, connection.answers}:
            found[connection.source, connection.leaves_as].append(line)
    for (source, leaves_as), lines in sorted(found.items(), key=lambda one: -len(one[1]))[:MOST]:
        text = f"{source}, {len(lines)} connection{'' if len(lines) == 1 else 's'}"
        text += f", leaving as {leaves_as} (NAT)" if source != leaves_as else ""
        yield flow.fact("passes-through", text, *(line.evidence for line in lines[:CITED]))


def _to(flow: Flow, host: Host) -> Iterator[tuple[Tracked, Line]]:
    wanted = flow.destination or flow.source
    if wanted is None or not is_there(TABLE, host):
        return
    try:
        table = host.run("grep", "-wF", written_in_table(wanted), TABLE)
    except CannotAsk as refusal:
        if refusal.because == "exit status 1":  # no line matched, grep(1)
            return
        if "Permission denied" in refusal.because:
            what = "the kernel's table of tracked connections may not be read"
            raise NotPermitted(what, because=refusal.because, try_="run it as root") from refusal
        raise
    for line in table.lines():
        connection = tracked(line)
        if connection and connection.goes_to(flow):
            yield connection, line
