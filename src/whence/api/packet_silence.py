"""Watch, by the packets of interfaces, whether a machine or some traffic falls silent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime, timedelta

import msgspec

from whence.inquiry.counting import count
from whence.inquiry.packet_silence import PacketSilence, figures, watch
from whence.model import BadInput, Flow, Ip, Reading
from whence.store.case_file import CaseFile
from whence.world import ThisHost, utc_now
from whence.world.person import Ask, ask_to

STEP = "packet_silence"  # in the case's journal, in place of a probe
LOOK = timedelta(seconds=5)  # that is counted before the change
EVERY = timedelta(seconds=0.5)


def until_silent_on(
    case: CaseFile,
    interfaces: Sequence[str],
    quiet: timedelta,
    *,
    after: datetime | None = None,
    grace: timedelta = timedelta(minutes=1),
    ask: Ask = ask_to,
    hear: Callable[[int, timedelta], None] = lambda packets, silent: None,
) -> PacketSilence:
    """Count what a case's machine sends, have a person make the change, and watch for silence.

    Where the change was made already, ``after`` says when. What was counted becomes part of the
    case.

    Raises
    ------
    BadInput
        If the case is about nothing that sends packets, or there is no such interface.
    NotPermitted, CannotAsk
        If nothing counts packets here, or nobody is there to make the change.

    """
    target = case.subject
    if not isinstance(target, Ip | Flow) or (isinstance(target, Flow) and not target.destination):
        raise BadInput(f"{target} sends no packets that could be told from others",
                       try_="whence ADDRESS --until-silent 1m -i lan0")  # fmt: skip

    def change() -> datetime:
        ask(f"make the change that is to end {target}")
        return utc_now()

    with closing(count(interfaces, None, EVERY)) as counts:
        found = watch(target, tuple(interfaces), counts, quiet, grace, after or change, LOOK, hear)
    text = msgspec.json.encode({"sentence": found.sentence, "figures": found}).decode()
    reading = Reading("what was counted for silence", text, utc_now(), ThisHost().name)
    case.keep_reading(reading.source, reading)
    relation = "seen-after-the-change" if found.goes_on else "silent-on-interface"
    case.note_step(STEP, target, [target.fact(relation, found.sentence, reading.whole())])
    return found


__all__ = ["PacketSilence", "figures", "until_silent_on"]
