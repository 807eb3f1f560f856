import pytest

from whence.model import CannotAsk, Fact, Package, Program
from whence.probes.rpm_package import rpm_package
from whence.world import RecordedHost

FORMAT = (
    "--queryformat=Name: %{NAME}\\nVersion: %{VERSION}-%{RELEASE}\\nVendor: %{VENDOR}\\n"
    "Homepage: %{URL}\\nSummary: %{SUMMARY}\\n"
)
CURL = "Name: curl\nVersion: 8.6-7.fc40\nVendor: Example\nHomepage: (none)\nSummary: gets URLs\n"
DATABASE = {"list /usr/lib/sysimage/rpm": "rpmdb.sqlite\n"}


def search(path: str, text: str = CURL) -> dict[str, str]:
    return {f"rpm -qf {FORMAT} {path}": text}


def asked(path: str, texts: dict[str, str], refused: CannotAsk | None = None) -> list[Fact]:
    answers = [(f"rpm -qf {FORMAT} {path}", refused)] if refused else []
    return [*rpm_package(Program("here", path), RecordedHost(texts, answers=answers))]


def test_a_program_of_a_package_and_what_that_says_of_itself() -> None:
    belongs, *said = asked("/usr/bin/curl", DATABASE | search("/usr/bin/curl"))
    assert belongs.value == Package("rpm", "curl", "8.6-7.fc40")
    assert [str(fact.value) for fact in said] == ["gets URLs", "Example"]


def test_a_file_that_two_packages_share() -> None:
    facts = asked("/etc/x", DATABASE | search("/etc/x", CURL + CURL.replace("curl", "wget")))
    packages = [fact.value for fact in facts if fact.relation == "belongs-to"]
    assert packages == [Package("rpm", "curl", "8.6-7.fc40"), Package("rpm", "wget", "8.6-7.fc40")]


def test_an_alternative_belongs_to_the_package_of_what_it_points_to() -> None:
    links = {"readlink -f /usr/bin/x": "/usr/lib/x\n"}
    nobody = CannotAsk("rpm gave no answer", because="exit status 1")
    facts = asked("/usr/bin/x", DATABASE | links | search("/usr/lib/x"), nobody)
    assert [fact.relation for fact in facts][:1] == ["belongs-to"]


def test_nobody_s_program() -> None:
    nobody = CannotAsk("rpm gave no answer", because="exit status 1")
    assert not asked("/opt/own", DATABASE, nobody)


def test_a_host_that_has_no_rpm() -> None:
    assert not asked("/usr/bin/curl", {})


def test_a_database_that_is_in_the_way() -> None:
    with pytest.raises(CannotAsk):
        asked("/opt/own", DATABASE, CannotAsk("rpm gave no answer", because="it took over 10 s"))
