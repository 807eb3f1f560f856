from collections.abc import Mapping

import pytest

from whence.model import CannotAsk, Confidence, Fact, Package, Program
from whence.probes.dpkg_package import dpkg_package
from whence.world import RecordedHost

FORMAT = (
    "-f=Name: ${Package}\\nVersion: ${Version}\\nMaintainer: ${Maintainer}\\n"
    "Homepage: ${Homepage}\\nSummary: ${binary:Summary}\\nSection: ${Section}, ${Priority}\\n"
)
STATUS = {"/var/lib/dpkg/status": ""}
NOBODY = CannotAsk("grep gave no answer", because="exit status 1")


def search(*names: str) -> str:
    patterns = " ".join(f"-e {name}" for name in names)
    return f"grep -rxFH --include=*.list {patterns} /var/lib/dpkg/info"


def owned(path: str, *packages: str) -> str:
    return "".join(f"/var/lib/dpkg/info/{name}.list:{path}\n" for name in packages)


def package(name: str) -> dict[str, str]:
    text = (
        f"Name: {name.partition(':')[0]}\nVersion: 1.2-3\nMaintainer: Ada <ada@example.org>\n"
        "Homepage: \nSummary: does this: and that\nSection: net, optional\n"
    )
    return {f"dpkg-query -W {FORMAT} {name}": text}


def asked(path: str, texts: Mapping[str, str], *owners: str, nobody: str = "") -> list[Fact]:
    known = [text for owner in owners for text in package(owner).items()]
    refused = [(nobody, NOBODY)] if nobody else []
    host = RecordedHost({**STATUS, **texts, **dict(known)}, answers=refused)
    return [*dpkg_package(Program("here", path), host)]


def names(facts: list[Fact]) -> list[str]:
    return [f.value.name for f in facts if isinstance(f.value, Package)]


OPT = {search("/opt/app/run"): owned("/opt/app/run", "app")}
DASH = search("/usr/bin/dash", "/bin/dash")
SHELL = search("/bin/sh", "/usr/bin/sh")


def test_a_program_of_a_package_and_the_line_of_its_list() -> None:
    belongs, *_ = asked("/opt/app/run", OPT, "app")
    assert belongs.value == Package("dpkg", "app", "1.2-3")
    assert belongs.evidence[0].excerpt == "/var/lib/dpkg/info/app.list:/opt/app/run"


def test_what_the_package_says_of_itself_without_what_it_leaves_empty() -> None:
    _, *said = asked("/opt/app/run", OPT, "app")
    assert {fact.relation: fact.value for fact in said} == {
        "described-as": "does this: and that",
        "maintained-by": "Ada <ada@example.org>",
        "filed-under": "net, optional",
    }


@pytest.mark.parametrize("path", ["/bin/dash", "/usr/bin/dash"])
def test_a_package_that_knows_its_file_by_the_name_before_or_after_the_merge(path: str) -> None:
    assert names(asked("/usr/bin/dash", {DASH: owned(path, "dash")}, "dash")) == ["dash"]


def test_a_library_of_an_architecture() -> None:
    found = {search("/usr/lib/x/libc.so", "/lib/x/libc.so"): owned("/lib/x/libc.so", "libc6:arm64")}
    assert names(asked("/usr/lib/x/libc.so", found, "libc6:arm64")) == ["libc6"]


def test_a_file_that_two_packages_share() -> None:
    found = {search("/etc/app"): owned("/etc/app", "one", "two")}
    assert names(asked("/etc/app", found, "one", "two")) == ["one", "two"]


DIVERTED = {
    "/var/lib/dpkg/diversions": "/usr/x\n/usr/y\nother\n/bin/sh\n/bin/sh.distrib\ndash\n",
    SHELL: owned("/bin/sh", "bash", "dash"),
}


@pytest.mark.parametrize("path", ["/bin/sh", "/usr/bin/sh"])
def test_a_diverted_path_holds_the_file_of_who_diverted_it(path: str) -> None:
    assert names(asked(path, DIVERTED, "dash", "bash")) == ["dash"]


def test_a_diverted_file_stays_its_owner_s_under_its_new_name() -> None:
    assert names(asked("/bin/sh.distrib", DIVERTED, "dash", "bash")) == ["bash"]


def test_a_file_that_the_administrator_put_in_place_of_a_package_s_is_nobody_s() -> None:
    own = {"/var/lib/dpkg/diversions": "/bin/sh\n/bin/sh.real\n:\n"}
    assert not asked("/bin/sh", DIVERTED | own, "dash")


def test_compiled_python_likely_belongs_to_the_package_of_its_source() -> None:
    compiled, source = "/opt/app/__pycache__/poll.cpython-311.pyc", "/opt/app/poll.py"
    found = {search(source): owned(source, "app")}
    belongs, *_ = asked(compiled, found, "app", nobody=search(compiled))
    assert (str(belongs.value), belongs.confidence) == ("app 1.2-3 (dpkg)", Confidence.LIKELY)


def test_an_alternative_belongs_to_the_package_of_what_it_points_to() -> None:
    found = {
        "readlink -f /usr/bin/awk": "/usr/bin/mawk\n",
        search("/usr/bin/mawk", "/bin/mawk"): owned("/usr/bin/mawk", "mawk"),
    }
    unowned = search("/usr/bin/awk", "/bin/awk")
    assert names(asked("/usr/bin/awk", found, "mawk", nobody=unowned)) == ["mawk"]


def test_nobody_s_program() -> None:
    assert not asked("/opt/own", {}, nobody=search("/opt/own"))


def test_a_container_s_program_is_not_looked_for_among_the_host_s() -> None:
    elsewhere = Program("here/mnt:[99]", "/usr/bin/dash")
    assert not [*dpkg_package(elsewhere, RecordedHost(STATUS))]


def test_a_host_that_has_no_dpkg() -> None:
    assert not [*dpkg_package(Program("here", "/usr/bin/dash"), RecordedHost())]


def test_lists_that_cannot_be_searched() -> None:
    with pytest.raises(CannotAsk):
        asked("/opt/x", {})
