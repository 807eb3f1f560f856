import pytest

from tests.probes.telling import pid, values
from whence.model import CannotAsk, Fact
from whence.probes.open_files import open_files
from whence.world import RecordedHost

# The 20th word after the name is field 22, when it started.
STAT = {"/proc/5/stat": "5 (a) b) S " + "0 " * 18 + "100 0\n"}


def asked(files: list[str], stat: dict[str, str] = STAT) -> list[Fact]:
    links = {f"link /proc/5/fd/{number}": name for number, name in enumerate(files)}
    names = {"list /proc/5/fd": "".join(f"{number}\n" for number in range(len(files) + 1))}
    return [*open_files(pid(5), RecordedHost(stat | names | links))]


def test_the_files_of_a_process_and_nothing_that_every_process_has() -> None:
    files = ["/dev/null", "socket:[1]", "/srv/app.db", "/usr/lib/x.so", "/srv/app.db", "/etc/app"]
    assert values(asked(files)) == ["/srv/app.db", "/etc/app"]


def test_a_process_with_very_many_files() -> None:
    facts = values(asked([f"/srv/{number}" for number in range(70)]))
    assert (len(facts), facts[-1]) == (51, "20 more files")


@pytest.mark.parametrize(
    "stat", [{}, {"/proc/5/stat": ""}, {"/proc/5/stat": "5 (other) S " + "0 " * 18 + "200 0\n"}]
)
def test_a_process_that_is_gone_or_whose_number_another_has_now(stat: dict[str, str]) -> None:
    assert not asked(["/srv/app.db"], stat)


def test_a_process_of_an_earlier_boot() -> None:
    assert not [*open_files(pid(5), RecordedHost(STAT, boot="another"))]


def test_a_process_that_we_may_not_look_into() -> None:
    with pytest.raises(CannotAsk):
        [*open_files(pid(5), RecordedHost(STAT))]
