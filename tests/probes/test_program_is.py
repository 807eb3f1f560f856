import pytest

from tests.probes.telling import status
from whence.model import CannotAsk, Fact, Program
from whence.probes.program_is import program_is
from whence.world import RecordedHost


def asked(path: str, mode: str, folder: str, folder_mode: str = "0755") -> list[str]:
    texts = {f"status {path}": status(mode=mode), f"status {folder}": status(mode=folder_mode)}
    return [said(fact) for fact in program_is(Program("here", path), RecordedHost(texts))]


def said(fact: Fact) -> str:
    return f"{fact.relation} {fact.value}"


def test_an_ordinary_program() -> None:
    assert not asked("/usr/bin/curl", "0755", "/usr/bin")


def test_a_program_that_everybody_may_change() -> None:
    assert asked("/opt/x/y", "0777", "/opt/x") == ["is writable by everybody"]


def test_a_program_in_a_folder_for_all() -> None:
    assert asked("/tmp/a/y", "0755", "/tmp/a") == ["is in /tmp, where everybody may write"]


def test_a_program_in_a_folder_that_somebody_opened_to_all() -> None:
    assert asked("/opt/x/y", "0755", "/opt/x", "1777") == [
        "is in /opt/x, where everybody may write"
    ]


def test_a_program_that_runs_with_the_rights_of_its_owner_and_group() -> None:
    assert asked("/usr/bin/su", "6755", "/usr/bin") == [
        "runs-with-rights-of uid 0, whoever starts it",
        "runs-with-rights-of gid 0, whoever starts it",
    ]


def test_a_program_that_is_there_no_more() -> None:
    with pytest.raises(CannotAsk):
        [*program_is(Program("here", "/usr/bin/gone"), RecordedHost())]


@pytest.mark.parametrize("program", [Program("other", "/tmp/x"), Program("here", "memfd:x")])
def test_a_program_that_is_no_file_of_this_host(program: Program) -> None:
    assert not [*program_is(program, RecordedHost())]
