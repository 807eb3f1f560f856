from tests.probes.test_rpm_package import DATABASE, search
from whence.model import Service
from whence.probes.rpm_package_of_service import rpm_package_of_service
from whence.world import RecordedHost


def test_a_unit_that_a_package_brought() -> None:
    path = "/usr/lib/systemd/system/poll.service"
    host = RecordedHost(DATABASE | {path: "[Unit]\n"} | search(path))
    fact, *_ = rpm_package_of_service(Service("here", "systemd", "poll.service"), host)
    assert str(fact.value) == "curl 8.6-7.fc40 (rpm)"
