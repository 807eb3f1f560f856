from pathlib import Path

from whence.model import Confidence, Outlet, SwitchPort
from whence.model.port_names import told_apart
from whence.probes.wired_to import wired_to
from whence.world import EPOCH, RecordedHost
from whence.world.cable_plan import CablePlan
from whence.world.recorded import Answer
from whence.world.recording import RecordingCables

PLAN = """switch,port,panel,panel port,outlet,room
sw1,Gi1/0/7,PP,12,2.14,214
sw1,Gi1/0/8,PP,13,,
sw1,Gi1/0/9,,,A,1
sw1,Gi1/0/9,,,B,1
"""


def test_the_outlet_of_a_port_and_the_lines_it_rests_on(tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text(PLAN)
    kept: list[tuple[str, Answer]] = []
    plan = CablePlan(tmp_path / "plan.csv", lambda: EPOCH)
    cables = RecordingCables(plan, lambda *answer: kept.append(answer))
    [fact] = wired_to(SwitchPort("SW1", "GigabitEthernet1/0/7"), cables)
    assert (fact.value, fact.confidence) == (Outlet("2.14", "214"), Confidence.REPORTED)
    assert '"panel"' in fact.evidence[1].excerpt
    again = wired_to(SwitchPort("SW1", "GigabitEthernet1/0/7"), RecordedHost(answers=kept))
    assert [one.value for one in again] == [fact.value]
    [broken] = wired_to(SwitchPort("sw1", "Gi1/0/8"), cables)
    assert broken.value == "panel PP port 13; the plan ends at the panel: it names no outlet"
    both = [*wired_to(SwitchPort("sw1", "Gi1/0/9"), cables)]
    assert [(one.value, one.confidence) for one in both] == [
        (Outlet("A", "1"), Confidence.POSSIBLE),
        (Outlet("B", "1"), Confidence.POSSIBLE),
    ]
    assert not [*wired_to(SwitchPort("sw1", "Gi1/0/10"), cables)]


def test_of_ports_that_are_called_alike_the_plan_may_mean_another(tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text(PLAN)
    cables = CablePlan(tmp_path / "plan.csv", lambda: EPOCH)
    [fact] = wired_to(SwitchPort("sw1", told_apart("Gi1/0/7", 43)), cables)
    assert (fact.value, fact.confidence) == (Outlet("2.14", "214"), Confidence.POSSIBLE)
    (tmp_path / "plan.csv").write_text(PLAN + "sw1,Gi1/0/7 (ifIndex 43),,,C,3\n")
    cables = CablePlan(tmp_path / "plan.csv", lambda: EPOCH)
    [fact] = wired_to(SwitchPort("sw1", told_apart("Gi1/0/7", 43)), cables)
    assert (fact.value, fact.confidence) == (Outlet("C", "3"), Confidence.REPORTED)
