import pytest

from tests.probes.telling import pid, ran, record, status, story, values
from whence.model import Confidence, Execution, Fact
from whence.probes.pretends_to_be import pretends_to_be
from whence.world import RecordedHost

SYSTEM = {
    "status /usr/sbin/cron": status(inode=1),
    "status /usr/bin/firefox": status(inode=2),
    "status /usr/bin/java": status(inode=7),
}


def asked(execution: Execution, name: str = "x", **told: bool) -> list[Fact]:
    host = RecordedHost(story(record(5, execution, name=name, **told)) | SYSTEM)
    return [*pretends_to_be(pid(5), host, host)]


def test_a_program_that_calls_itself_a_thread_of_the_kernel() -> None:
    (fact,) = asked(ran("memfd:sneaky", "[kworker/0:0]", links=0))
    assert fact.value == (
        "a thread of the kernel: it calls itself [kworker/0:0], while it runs memfd:sneaky"
    )
    assert fact.confidence is Confidence.LIKELY


@pytest.mark.parametrize("name", ["kworker/u8:3-ev", "kthreadd", "rcu_sched", "ksoftirqd/0"])
def test_a_program_with_the_name_of_a_thread_of_the_kernel(name: str) -> None:
    (text,) = values(asked(ran("/home/a/x", "x"), name))
    assert text == f"a thread of the kernel: its name is {name}, while it runs /home/a/x"


@pytest.mark.parametrize("called", ["sshd", "/usr/sbin/sshd -D", "sshd: root@pts/0", "-sshd"])
def test_a_program_from_elsewhere_that_calls_itself_like_a_daemon(called: str) -> None:
    assert values(asked(ran("/home/a/x", called))) == ["the system's sshd, while it runs /home/a/x"]


def test_a_program_that_calls_itself_by_the_path_of_another() -> None:
    execution = ran("/opt/mine/poll", "/usr/sbin/cron", inode=7)
    assert values(asked(execution)) == ["the system's /usr/sbin/cron, while it runs /opt/mine/poll"]


HARMLESS = {
    "a thread of the kernel has no program": ran(""),
    "a login shell": ran("/usr/bin/bash", "-bash"),
    "a daemon that writes its title": ran("/usr/sbin/sshd", "sshd: ada [priv]"),
    "a task queue that writes brackets and a space": ran("/usr/bin/python3", "[celeryd: a@b:Main]"),
    "a wrapper that hands its name on": ran(
        "/usr/lib/firefox/firefox", "/usr/bin/firefox", inode=9
    ),
    "a link": ran("/usr/lib/jvm/17/bin/java", "/usr/bin/java", inode=7),
    "an interpreter by another name": ran("/opt/py/bin/python3.11", "/usr/sbin/cron", inode=9),
    "many programs in one": ran("/opt/busybox", "/usr/sbin/cron", inode=9),
    "a file that is not there": ran("/opt/poll", "/usr/sbin/nobody", inode=9),
    "a file whose number nobody saw": ran("/opt/poll", "/usr/sbin/cron"),
    "no name at all": ran("/opt/poll"),
}


@pytest.mark.parametrize("execution", HARMLESS.values(), ids=HARMLESS.keys())
def test_a_process_that_pretends_nothing(execution: Execution) -> None:
    assert not asked(execution)


def test_a_thread_of_the_kernel_is_what_it_says() -> None:
    assert not asked(ran("", "[kworker/0:0]"), "kworker/0:0", kernel_thread=True)
