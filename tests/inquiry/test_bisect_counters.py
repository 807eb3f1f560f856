from __future__ import annotations

import random

from whence.inquiry.bisect_counters import Counted, correlation, scores, verdict


def counted(busy: float, seed: int) -> tuple[list[Counted], list[float]]:
    """Port 3 passes the suspect; all ports have traffic of their own."""
    chance = random.Random(seed)
    packets = [chance.uniform(0, 120) for _ in range(60)]
    samples, totals = [], {str(port): 0 for port in range(1, 9)}
    for second in range(121):
        samples.append(Counted(float(second), dict(totals)))
        for port in totals:
            totals[port] += int(chance.expovariate(1 / busy)) if busy else 0
        totals["3"] += sum(second <= at < second + 1 for at in packets)
    return samples, packets


def test_on_quiet_ports_the_others_count_too_few() -> None:
    samples, packets = counted(0.0, 1)
    port, because = verdict(samples, scores(samples, packets), len(packets))
    assert port == "3"
    assert because.startswith("certain")


def test_on_busy_ports_it_is_never_the_wrong_one() -> None:
    told = []
    for seed in range(20):
        samples, packets = counted(2.0, seed)
        told.append(verdict(samples, scores(samples, packets), len(packets))[0])
    assert set(told) <= {"3", ""}
    assert "3" in told


def test_a_few_packets_say_nothing() -> None:
    samples, _ = counted(0.0, 1)
    assert verdict(samples[:4], scores(samples[:4], [1.5]), 1)[0] == ""
    assert scores([], []) == []


def test_what_never_changes_goes_with_nothing() -> None:
    assert correlation([1, 1, 1], [1, 2, 3]) == 0
    assert correlation([], []) == 0


def test_a_counter_that_begins_anew_excludes_no_port() -> None:
    width = 1 << 32
    packets = [4 * burst + part / 10 for burst in range(12) for part in range(5)]
    samples = [
        Counted(float(at), {"3": (width - 13 + sum(one < at for one in packets)) % width, "4": 0})
        for at in range(48)
    ]
    port, because = verdict(samples, scores(samples, packets), len(packets))
    assert (port, because.partition(":")[0]) == ("3", "certain")
