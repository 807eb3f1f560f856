from dataclasses import replace
from datetime import timedelta

from tests.probes.telling import FLOW, record, saw, sighting, values
from whence.model import ACCEPTED, Flow, Sighting
from whence.probes.also_calls import also_calls
from whence.probes.seen import seen
from whence.world import EPOCH, RecordedHost

OWN = Flow("192.0.2.9")
BACK = Flow("192.0.2.9", 22, "203.0.113.7", 4000)


def back(number: int, *, action: str, port: int = 22) -> Sighting:
    """Tell that the called end called us, too."""
    flow = replace(BACK, destination_port=port)
    later = EPOCH + timedelta(seconds=number)
    return replace(sighting(record(5), action=action, at=later), flow=flow)


def test_an_end_that_is_called_and_calls_is_counted_both_ways() -> None:
    said = saw(sighting(record(4)), back(1, action=ACCEPTED), back(2, action=ACCEPTED, port=80))
    assert values(also_calls(FLOW, said)) == ["192.0.2.9:22, 192.0.2.9:80 2 times"]
    (text,) = values(seen(FLOW, said))
    assert text == "once, first 2026-01-01 00:00:00, last 2026-01-01 00:00:00 UTC"


def test_an_address_of_ours_is_counted_by_who_calls_it() -> None:
    called = replace(sighting(record(5), action=ACCEPTED), flow=BACK, count=3)
    calls = replace(sighting(record(4)), flow=replace(FLOW, source="192.0.2.9", source_port=4001))
    source = RecordedHost(
        {f"connections {OWN}": saw(calls, called).read(f"connections {FLOW}").text}
    )
    assert values(also_calls(OWN, source)) == ["203.0.113.7:443 once"]
    (text,) = values(seen(OWN, source))
    assert text.startswith("3 times, ")


def test_one_way_is_not_told_twice() -> None:
    inside = (sighting(record(9), action=ACCEPTED), sighting(record(5)))
    assert not [*also_calls(FLOW, saw(*inside))]
    assert not [*also_calls(FLOW, saw(back(1, action=ACCEPTED)))]
    assert not [*also_calls(Flow(None, 443), RecordedHost({"connections any:443": ""}))]
