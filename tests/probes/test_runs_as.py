from tests.probes.telling import pid, record, story
from whence.model import Fact, ProcessRecord, User
from whence.probes.runs_as import runs_as
from whence.world import RecordedHost

PASSWD = {"/etc/passwd": "root:x:0:0:root:/root:/bin/bash\nada:x:1000:1000::/home/ada:/bin/sh\n"}


def asked(told: ProcessRecord, **texts: str) -> list[Fact]:
    host = RecordedHost(story(told) | PASSWD | texts)
    return [*runs_as(pid(5), host, host)]


def test_an_account_by_its_name_with_the_line_of_it() -> None:
    (fact,) = asked(record(5, user_id=1000, login_id=1000))
    assert fact.value == User("here", 1000, "ada")
    assert (fact.evidence[1].source, fact.evidence[1].line) == ("/etc/passwd", 2)


def test_somebody_who_logged_in_and_became_root() -> None:
    facts = asked(record(5, user_id=0, login_id=1000))
    assert [(f.relation, str(f.value)) for f in facts] == [
        ("runs-as", "root"),
        ("logged-in-as", "ada"),
    ]


def test_an_account_of_a_directory_service() -> None:
    found = {"getent passwd 70001": "eve:*:70001:70001:Eve:/home/eve:/bin/bash\n"}
    (fact,) = asked(record(5, user_id=70001), **found)
    assert fact.value == User("here", 70001, "eve")


def test_an_account_without_a_name() -> None:
    (fact,) = asked(record(5, user_id=70001))
    assert str(fact.value) == "uid 70001"


def test_a_process_whose_user_nobody_saw() -> None:
    assert not asked(record(5))
