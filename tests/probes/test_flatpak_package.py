from tests.probes.telling import pid, ran, record, story
from whence.model import Fact, Package
from whence.probes.flatpak_package import flatpak_package
from whence.world import RecordedHost

GROUP = "/user.slice/user-1000.slice/user@1000.service/app.slice/app-flatpak-org.example.Poll"


def asked(cgroup: str, **texts: str) -> list[Fact]:
    told = record(5, ran("/app/bin/poll", "poll"), cgroup=cgroup)
    host = RecordedHost(story(told) | texts)
    return [*flatpak_package(pid(5), host, host)]


def test_a_flatpak_by_its_cgroup() -> None:
    about = {"flatpak info org.example.Poll": "Poll - polls\n\n       ID: x\n  Version: 1.2\n"}
    (fact,) = asked(f"{GROUP}-4711.scope", **about)
    assert (str(fact.subject), fact.value) == (
        "/app/bin/poll",
        Package("flatpak", "org.example.Poll", "1.2"),
    )


def test_a_flatpak_of_which_only_the_name_is_known() -> None:
    (fact,) = asked(f"{GROUP}-4711.scope")
    assert fact.value == Package("flatpak", "org.example.Poll")


def test_a_process_of_no_flatpak() -> None:
    assert not asked("/system.slice/poll.service")
