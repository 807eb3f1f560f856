import pytest

from tests.probes.telling import pid, ran, record, told
from whence.model import Execution, Program
from whence.probes.runs_without_a_file import runs_without_a_file

DELETED = "deleted while it ran"


@pytest.mark.parametrize(
    ("execution", "path", "text"),
    [
        (ran("/opt/x", links=0), "/opt/x", DELETED),
        (ran("/opt/x (deleted)"), "/opt/x", DELETED),
        (ran("/tmp/x", links=0), "/tmp/x", f"{DELETED}, from /tmp where everybody may write"),
        (
            ran("memfd:x", links=0),
            "memfd:x",
            "in memory only: it was never a file, memfd_create(2)",
        ),
    ],
)
def test_a_program_that_has_no_file(execution: Execution, path: str, text: str) -> None:
    host = told(record(5, execution))
    (fact,) = runs_without_a_file(pid(5), host, host)
    assert (fact.subject, fact.value) == (Program("here", path), text)


def test_a_program_whose_file_is_there() -> None:
    host = told(record(5, ran("/usr/bin/curl")))
    assert not [*runs_without_a_file(pid(5), host, host)]
