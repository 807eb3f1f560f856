from whence.model import CannotAsk, Package, Program
from whence.probes.apk_package import apk_package
from whence.world import RecordedHost

CURL = Program("here", "/usr/bin/curl")
ASKED = "apk info --who-owns /usr/bin/curl"
DATABASE = {"/lib/apk/db/installed": ""}


def test_a_program_of_a_package() -> None:
    answer = {ASKED: "/usr/bin/curl is owned by curl-static-8.6.0-r1\n"}
    (fact,) = apk_package(CURL, RecordedHost(DATABASE | answer))
    assert fact.value == Package("apk", "curl-static", "8.6.0-r1")


def test_nobody_s_program() -> None:
    nobody = CannotAsk("apk gave no answer", because="ERROR: Could not find owner package")
    assert not [*apk_package(CURL, RecordedHost(DATABASE, answers=[(ASKED, nobody)]))]


def test_a_host_that_has_no_apk() -> None:
    assert not [*apk_package(CURL, RecordedHost())]
