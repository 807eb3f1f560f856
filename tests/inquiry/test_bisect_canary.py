from whence.inquiry.bisect_canary import Canary

PORTS = {"02:00:00:00:00:01": "1", "02:00:00:00:00:02": "2"}
ONE, TWO = PORTS


def canary() -> Canary:
    found = Canary(PORTS)
    found.begin(0.0)
    for second in range(10):
        found.hear([ONE, TWO] * 2, second + 0.5)
    found.learn(10.0)
    found.begin(10.0)
    return found


def test_a_station_that_is_not_mirrored_and_heard_is_a_complaint() -> None:
    told = canary()
    told.hear([TWO] * 3, 10.5)
    assert TWO in told.complaint(frozenset({"1"}), 11.0)
    assert not told.complaint(frozenset({"1", "2"}), 11.0)


def test_a_mirrored_station_that_has_become_silent_is_a_complaint() -> None:
    told = canary()
    assert not told.complaint(frozenset({"1"}), 12.0)
    assert "nothing arrives" in told.complaint(frozenset({"1"}), 23.0)
    told.hear([ONE], 23.0)
    assert not told.complaint(frozenset({"1"}), 23.0)
    assert told.is_confirmed(frozenset({"1"}))


def test_of_strangers_only_so_many_are_kept() -> None:
    told = Canary({})
    told.hear((str(number) for number in range(5000)), 0.5)
    assert not told.complaint(frozenset(), 1.0)


def test_who_is_heard_with_nothing_mirrored_is_flooded_unless_most_are() -> None:
    told = canary()
    told.hear([TWO] * 5, 10.5)
    assert not told.complaint(frozenset(), 11.0)
    told.begin(12.0)
    told.hear([TWO] * 5, 12.5)
    assert not told.complaint(frozenset({"1"}), 13.0)
    ignored = canary()
    ignored.hear([ONE, TWO] * 5, 10.5)
    assert "not mirrored" in ignored.complaint(frozenset(), 11.0)


def test_a_station_that_sends_in_bursts_may_pause_between_them() -> None:
    told = Canary(PORTS)
    told.begin(0.0)
    for second in (1, 11, 21):
        told.hear([ONE] * 20, second)
    told.learn(30.0)
    told.begin(30.0)
    assert not told.complaint(frozenset({"1"}), 90.0)
    assert "10 of 100 seconds" in told.complaint(frozenset({"1"}), 160.0)
