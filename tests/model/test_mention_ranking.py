"""What is nearest to a program is first."""

from whence.model.mention_ranking import BESIDE, ranked
from whence.model.mentions import Mention


def test_beside_the_program_is_between_what_its_package_brought_and_the_rest_of_etc() -> None:
    places = [
        (Mention("/etc/a.conf", "dotted", "192.0.2.7"), ""),
        (Mention("/home/ops/agent/conf.json", "dotted", "192.0.2.7"), BESIDE),
        (Mention("/etc/zz/agent.conf", "dotted", "192.0.2.7"), "of its package agent"),
        (Mention("/usr/lib/agent/agent.conf", "dotted", "192.0.2.7"), BESIDE),
        (Mention("/usr/lib/other/sample.conf", "dotted", "192.0.2.7"), ""),
    ]
    assert ranked(places) == [2, 1, 3, 0, 4]
