from dataclasses import replace

from whence.model.capture import Limits
from whence.sensors.capture_ring import Delete, Now, Seal, Stop, Write, next_step
from whence.world.capture_folder import Sealed

MEGA = 1 << 20
LIMITS = Limits(
    file_size=10 * MEGA, file_age=60, files=3, total=100 * MEGA, keep=3600, reserve=50 * MEGA
)
OLD, YOUNG = Sealed("old", 10 * MEGA, 900), Sealed("young", 10 * MEGA, 950)
NOW = Now(at=1000, to_write=MEGA, free=500 * MEGA, sealed=(OLD, YOUNG), size=MEGA, began=990)


def test_there_is_room() -> None:
    assert next_step(LIMITS, NOW) == Write()
    assert next_step(LIMITS, Now(1000, MEGA, 500 * MEGA, ())) == Write()


def test_a_file_is_complete_when_it_is_large_or_old_enough() -> None:
    assert next_step(LIMITS, replace(NOW, size=9 * MEGA + 1)) == Seal()
    assert next_step(LIMITS, replace(NOW, began=940)) == Seal()
    assert next_step(replace(LIMITS, file_age=0), replace(NOW, began=1)) == Write()


def test_something_larger_than_a_file_is_written_all_the_same() -> None:
    assert next_step(LIMITS, replace(NOW, size=0, to_write=20 * MEGA)) == Write()


def test_the_oldest_goes_when_there_are_too_many() -> None:
    third = Sealed("third", MEGA, 990)
    assert next_step(LIMITS, replace(NOW, sealed=(OLD, YOUNG, third))) == Delete("old")


def test_the_oldest_goes_when_they_are_too_large_or_too_old() -> None:
    assert next_step(replace(LIMITS, total=21 * MEGA), NOW) == Delete("old")
    assert next_step(replace(LIMITS, keep=99), NOW) == Delete("old")


def test_before_the_reserve_is_used_up_the_oldest_goes_and_then_nothing_is_written() -> None:
    scarce = replace(NOW, free=50 * MEGA)
    assert next_step(LIMITS, scarce) == Delete("old")
    assert next_step(LIMITS, replace(scarce, sealed=())) == Stop()
    assert next_step(LIMITS, replace(scarce, sealed=(), free=51 * MEGA)) == Write()


def test_without_limits_everything_is_written() -> None:
    boundless = Limits(file_size=0, file_age=0, files=0, total=0, keep=0, reserve=0)
    assert next_step(boundless, replace(NOW, size=1 << 40, began=0)) == Write()
