from hypothesis import given
from hypothesis import strategies as some

from tests.snmp_agents import Recorded, Value, integer, octets, serving
from whence.world import EPOCH, RecordedHost
from whence.world.ber import Oid
from whence.world.recorded import Answer
from whence.world.recording import RecordingDevice
from whence.world.snmp import Binding, Patience, SnmpAccess, SnmpAgent
from whence.world.snmp_device import SnmpDevice, read_binding, read_bindings, write_binding

NUMBERS = some.sampled_from(["INTEGER", "Counter32", "Gauge32", "Timeticks", "Counter64"])
VALUES = some.one_of(
    some.tuples(some.integers(-(1 << 63), (1 << 64) - 1), NUMBERS),
    some.tuples(some.binary(max_size=40), some.just("STRING")),
    some.tuples(some.text(max_size=20).map(lambda text: text.encode()), some.just("STRING")),
    some.tuples(some.sampled_from(["1.3.6.1", "0.0"]), some.just("OID")),
    some.tuples(some.none(), some.just("NULL")),
)


@given(some.lists(some.integers(0, (1 << 32) - 1), min_size=2, max_size=20), VALUES)
def test_what_is_written_is_read_back_as_it_was(
    oid: list[int], value: tuple[int | bytes | str | None, str]
) -> None:
    line = write_binding(Binding(tuple(oid), *value))
    assert len(line.splitlines()) == 1
    assert read_binding(line)[:2] == (tuple(oid), value[0])


def test_a_walk_that_was_cut_short_says_so_in_its_text() -> None:
    rows: dict[Oid, Value] = {(1, 3, 6, 1, 2, 1, 17, n): integer(n) for n in range(50)}
    with serving(Recorded({"public": rows})) as port:
        agent = SnmpAgent(SnmpAccess("127.0.0.1", port), Patience(rows=20))
        reading = SnmpDevice("sw1", agent, lambda: EPOCH).ask("walk 1.3.6.1.2.1.17")
        agent.close()
    assert "# the walk of 1.3.6.1.2.1.17" in reading.text
    assert len([*read_bindings(reading.lines())]) == 20


def test_what_a_device_said_is_said_again_by_its_recording() -> None:
    kept: list[tuple[str, Answer]] = []
    with serving(Recorded({"public@7": {(1, 3, 6, 1): octets(b"a\nb\xff")}})) as port:
        agent = SnmpAgent(SnmpAccess("127.0.0.1", port))
        device = RecordingDevice(
            SnmpDevice("sw1", agent, lambda: EPOCH), lambda *answer: kept.append(answer)
        )
        said = device.ask("walk 1.3.6 of 7")
        agent.close()
    again = RecordedHost(answers=kept).device("sw1").ask("walk 1.3.6 of 7")
    assert again.text == said.text == "1.3.6.1 = Hex-STRING: 61 0a 62 ff\n"
