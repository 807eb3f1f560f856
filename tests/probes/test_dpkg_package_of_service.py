from tests.probes.test_dpkg_package import STATUS, owned, package, search
from whence.model import Service
from whence.probes.dpkg_package_of_service import dpkg_package_of_service
from whence.world import RecordedHost


def test_a_service_made_of_a_packaged_template() -> None:
    path = "/usr/lib/systemd/system/poll@.service"
    found = {search(path, path[4:]): owned(path, "app")}
    host = RecordedHost(STATUS | {path: "[Unit]\n"} | found | package("app"))
    fact, *_ = dpkg_package_of_service(Service("here", "systemd", "poll@east.service"), host)
    assert str(fact.value) == "app 1.2-3 (dpkg)"
