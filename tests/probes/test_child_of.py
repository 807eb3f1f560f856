from tests.probes.telling import pid, record, told
from whence.probes.child_of import child_of


def test_the_parent_and_not_the_grandparent() -> None:
    (fact,) = child_of(pid(5), told(record(5), record(4), record(3)))
    assert fact.value == pid(4)


def test_a_parent_of_which_nothing_is_known_but_who_it_was() -> None:
    (fact,) = child_of(pid(5), told(record(5, parent=pid(4))))
    assert fact.value == pid(4)


def test_the_first_process_has_no_parent() -> None:
    assert not [*child_of(pid(1), told(record(1)))]
