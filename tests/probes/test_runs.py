import pytest

from tests.probes.telling import pid, ran, record, status, story, told
from whence.model import CannotAsk, Program
from whence.probes.runs import runs
from whence.world import RecordedHost

CURL = ran("/usr/bin/curl", "curl", inode=7)


def test_the_executable_of_a_process_that_is_gone() -> None:
    (fact,) = runs(pid(5), host := told(record(5, CURL)), host)
    assert fact.value == Program("here", "/usr/bin/curl")


def test_a_fork_without_exec_runs_what_its_parent_runs_and_cites_both() -> None:
    host = told(record(5, CURL, inherited=True), record(4, CURL))
    (fact,) = runs(pid(5), host, host)
    assert [evidence.line for evidence in fact.evidence] == [1, 2]


def test_a_deleted_program_keeps_the_name_it_had() -> None:
    (fact,) = runs(pid(5), host := told(record(5, ran("/tmp/x (deleted)", links=0))), host)
    assert str(fact.value) == "/tmp/x"


def test_a_thread_of_the_kernel_runs_no_program() -> None:
    assert not [*runs(pid(5), host := told(record(5, kernel_thread=True)), host)]


def test_nobody_saw_what_it_ran() -> None:
    with pytest.raises(CannotAsk, match="nobody saw what pid 5 ran"):
        [*runs(pid(5), host := told(record(5)), host)]


def in_namespace(inode: int) -> RecordedHost:
    return RecordedHost(
        story(record(5, CURL, mount_namespace=99))
        | {"link /proc/self/ns/mnt": "mnt:[1]", "status /usr/bin/curl": status(inode=inode)}
    )


def test_a_containers_program_is_not_the_hosts() -> None:
    (fact,) = runs(pid(5), host := in_namespace(inode=8), host)
    assert fact.value == Program("here/mnt:[99]", "/usr/bin/curl")


def test_a_unit_with_private_folders_runs_the_hosts_program() -> None:
    (fact,) = runs(pid(5), host := in_namespace(inode=7), host)
    assert fact.value == Program("here", "/usr/bin/curl")
