from collections.abc import Mapping

import pytest

from whence.model import CannotAsk, Confidence, Fact, Package, Program
from whence.probes.dpkg_package import dpkg_package
from whence.world import RecordedHost

FORMAT = (
    "-f=Name: ${Package}\\nVersion: ${Version}\\nMaintainer: ${Maintainer}\\n"
    "Homepage: ${Homepage}\\nSummary: ${binary:Summary}\\n"
)
NOBODY = CannotAsk(
    "dpkg-query gave no answer", because="dpkg-query: no path found matching pattern"
)


def package(name: str) -> dict[str, str]:
    text = (
        f"Name: {name.partition(':')[0]}\nVersion: 1.2-3\nMaintainer: Ada <ada@example.org>\n"
        "Homepage: \nSummary: does this: and that\n"
    )
    return {f"dpkg-query -W {FORMAT} {name}": text}


def asked(path: str, searches: Mapping[str, str | CannotAsk], *owners: str) -> list[Fact]:
    texts = {"/var/lib/dpkg/status": ""}
    for owner in owners:
        texts |= package(owner)
    texts |= {f"dpkg-query -S {p}": t for p, t in searches.items() if isinstance(t, str)}
    refused = [(f"dpkg-query -S {p}", t) for p, t in searches.items() if isinstance(t, CannotAsk)]
    return [*dpkg_package(Program("here", path), RecordedHost(texts, answers=refused))]


def names(facts: list[Fact]) -> list[str]:
    return [f.value.name for f in facts if isinstance(f.value, Package)]


def test_a_program_of_a_package() -> None:
    belongs, *_ = asked("/opt/app/run", {"/opt/app/run": "app: /opt/app/run\n"}, "app")
    assert belongs.value == Package("dpkg", "app", "1.2-3")
    assert belongs.evidence[0].source == "dpkg-query -S /opt/app/run"


def test_what_the_package_says_of_itself_without_what_it_leaves_empty() -> None:
    _, *said = asked("/opt/app/run", {"/opt/app/run": "app: /opt/app/run\n"}, "app")
    assert {fact.relation: fact.value for fact in said} == {
        "described-as": "does this: and that",
        "maintained-by": "Ada <ada@example.org>",
    }


@pytest.mark.parametrize("owned", ["/bin/dash", "/usr/bin/dash"])
def test_a_package_that_knows_its_file_by_the_name_before_or_after_the_merge(owned: str) -> None:
    found = {"/usr/bin/dash": NOBODY} | {owned: f"dash: {owned}\n"}
    assert names(asked("/usr/bin/dash", found, "dash")) == ["dash"]


def test_a_library_of_an_architecture() -> None:
    found = {"/usr/lib/x/libc.so.6": "libc6:amd64: /usr/lib/x/libc.so.6\n"}
    assert names(asked("/usr/lib/x/libc.so.6", found, "libc6:amd64")) == ["libc6"]


def test_a_file_that_two_packages_share() -> None:
    found = {"/etc/app": "one, two: /etc/app\n"}
    assert names(asked("/etc/app", found, "one", "two")) == ["one", "two"]


DIVERTED = (
    "diversion by dash from: /bin/sh\ndiversion by dash to: /bin/sh.distrib\nbash, dash: /bin/sh\n"
)


def test_a_diverted_path_holds_the_file_of_who_diverted_it() -> None:
    assert names(asked("/bin/sh", {"/bin/sh": DIVERTED}, "dash", "bash")) == ["dash"]


def test_a_diverted_file_stays_its_owners_under_its_new_name() -> None:
    found = {"/bin/sh.distrib": DIVERTED, "/bin/sh": DIVERTED}
    assert names(asked("/bin/sh.distrib", found, "dash", "bash")) == ["bash"]


def test_a_file_that_the_administrator_put_in_place_of_a_package_s_is_nobody_s() -> None:
    found = "local diversion from: /bin/sh\nlocal diversion to: /bin/sh.real\ndash: /bin/sh\n"
    assert not asked("/bin/sh", {"/bin/sh": found, "/usr/bin/sh": NOBODY}, "dash")


def test_compiled_python_likely_belongs_to_the_package_of_its_source() -> None:
    compiled = "/opt/app/__pycache__/poll.cpython-311.pyc"
    found: Mapping[str, str | CannotAsk] = {
        compiled: NOBODY,
        "/opt/app/poll.py": "app: /opt/app/poll.py\n",
    }
    belongs, *_ = asked(compiled, found, "app")
    assert (str(belongs.value), belongs.confidence) == ("app 1.2-3 (dpkg)", Confidence.LIKELY)


def test_an_alternative_belongs_to_the_package_of_what_it_points_to() -> None:
    texts = {
        "/var/lib/dpkg/status": "",
        "readlink -f /usr/bin/awk": "/usr/bin/mawk\n",
        "dpkg-query -S /usr/bin/mawk": "mawk: /usr/bin/mawk\n",
    }
    unowned = [(f"dpkg-query -S {path}", NOBODY) for path in ("/usr/bin/awk", "/bin/awk")]
    host = RecordedHost(texts | package("mawk"), answers=unowned)
    assert names([*dpkg_package(Program("here", "/usr/bin/awk"), host)]) == ["mawk"]


def test_a_path_that_looks_like_a_pattern() -> None:
    found = {r"/usr/bin/\[": "coreutils: /usr/bin/[\n"}
    assert names(asked("/usr/bin/[", found, "coreutils")) == ["coreutils"]


def test_nobody_s_program() -> None:
    assert not asked("/opt/own", {"/opt/own": NOBODY})


def test_a_container_s_program_is_not_looked_for_among_the_host_s() -> None:
    elsewhere = Program("here/mnt:[99]", "/usr/bin/dash")
    assert not [*dpkg_package(elsewhere, RecordedHost({"/var/lib/dpkg/status": ""}))]


def test_a_host_that_has_no_dpkg() -> None:
    assert not [*dpkg_package(Program("here", "/usr/bin/dash"), RecordedHost())]


def test_a_database_that_is_in_the_way() -> None:
    with pytest.raises(CannotAsk):
        asked("/opt/x", {"/opt/x": CannotAsk("no answer", because="it took over 10 s")})
