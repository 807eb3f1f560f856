import pytest

from whence.model import Fact, Package, Program
from whence.probes.pip_package import pip_package
from whence.world import RecordedHost

ROOT = "/opt/app/lib/python3.11/site-packages"
METADATA = (
    "Metadata-Version: 2.1\nName: Poll.er\nVersion: 1.2\nSummary: polls\nAuthor: Ada\n\n# Poll.er\n"
)
RECORD = "../../../bin/poll,sha256=x,1\npoller/main.py,sha256=x,1\npoller/fast.so,sha256=x,1\n"
INSTALLED = {
    f"{ROOT}/Poll.er-1.2.dist-info/METADATA": METADATA,
    f"{ROOT}/Poll.er-1.2.dist-info/RECORD": RECORD,
    f"{ROOT}/other-2.dist-info/RECORD": "other.py,,\n",
    f"{ROOT}/from_the_system-3.dist-info/METADATA": "Name: from-the-system\n",
}


def asked(path: str) -> list[Fact]:
    return [*pip_package(Program("here", path), RecordedHost(INSTALLED))]


@pytest.mark.parametrize(
    "path", [f"{ROOT}/poller/main.py", f"{ROOT}/poller/fast.so", "/opt/app/bin/poll"]
)
def test_a_module_a_compiled_one_and_a_command_of_a_package(path: str) -> None:
    belongs, *said = asked(path)
    assert belongs.value == Package("pip", "Poll.er", "1.2")
    assert [str(fact.value) for fact in said] == ["polls", "Ada"]


def test_the_line_of_the_record_is_the_evidence() -> None:
    belongs, *_ = asked(f"{ROOT}/poller/main.py")
    assert belongs.evidence[0].excerpt == "poller/main.py,sha256=x,1"


@pytest.mark.parametrize("path", [f"{ROOT}/own.py", "/opt/app/bin/own", "/usr/bin/x", "/srv/x.py"])
def test_a_file_that_pip_did_not_bring(path: str) -> None:
    assert not asked(path)
