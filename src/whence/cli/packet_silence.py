"""``whence TARGET --until-silent … -i IF``: has it ceased, by the packets of an interface?"""

from __future__ import annotations

from datetime import datetime, timedelta

from whence.api.packet_silence import PacketSilence, figures, until_silent_on
from whence.cli.say import Progress, duration, safe
from whence.model import Flow, ecs
from whence.model.flow_documents import address_fields, time_text, without_empty
from whence.store.case_file import CaseFile
from whence.world.person import ask_to


def watch_packets_for_silence(
    case: CaseFile,
    interfaces: tuple[str, ...],
    quiet: timedelta,
    *,
    after: datetime | None,
    grace: timedelta,
    as_json: bool,
) -> int:
    """Watch, and say what came of it; 0: silent as long as asked, where packets were expected."""
    progress = Progress()

    def ask(do: str) -> None:
        progress.clear()
        ask_to(do)

    def hear(packets: int, silent: timedelta) -> None:
        so_far = f"silent for {duration(silent)}" if silent else "counting"
        progress.show(f"{case.subject} on {' '.join(interfaces)}: {packets:,} packets, {so_far}")

    try:
        found = until_silent_on(
            case, interfaces, quiet, after=after, grace=grace, ask=ask, hear=hear
        )
    finally:
        progress.clear()
    if as_json:
        print(ecs.encode(_document(case.id, found)))
    else:
        print(safe(found.sentence))
        for name, text in figures(found):
            print(f"  {name:12} {safe(text)}")
        print(f"case: {case.id}")
    if not found.done:
        return 130
    return 0 if found.is_silent else 1


def _document(case: str, found: PacketSilence) -> ecs.Document:
    action = "goes-on" if found.goes_on else ("ceased" if found.is_silent else "watched")
    end = "destination" if isinstance(found.target, Flow) else "source"
    address = found.target.destination if isinstance(found.target, Flow) else found.target.address
    port = found.target.destination_port if isinstance(found.target, Flow) else None
    return {
        "@timestamp": time_text(found.now),
        "event": {
            "kind": "state", "category": ["network"], "action": action,
            "start": time_text(found.since), "end": time_text(found.now),
            "reason": found.sentence,
        },
        end: address_fields(address or "") | without_empty(port=port),
        "observer": {"ingress": {"interface": {"name": " ".join(found.interfaces)}}},
        "whence": {
            "case": case,
            "target": str(found.target),
            "silence": without_empty(
                packets_before=found.before, seconds_before=round(found.before_span, 1),
                packets_after=found.after, seconds_after=round(found.after_span, 1),
                expected=round(found.expected, 1), lost=found.lost,
                last=time_text(found.last) if found.last else None,
            ),
        },
    }  # fmt: skip
