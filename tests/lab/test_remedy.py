"""The last resort does what is said of it, and its undo leaves nothing."""

from __future__ import annotations

import subprocess

import pytest

from whence.inquiry.remedy import suggestions
from whence.model import Flow, Process, Reading, Service, User
from whence.model.suggestions import Invasive, typed
from whence.world import EPOCH

pytestmark = pytest.mark.lab

EVIDENCE = Reading("test", "text", EPOCH, "here").whole()
MAKER = Process("here", "boot", 4242, 4242)
CALL = (
    "python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", 4443), 2)' 2>&1 | tail -1"
)
LISTEN = (
    "ip link set lo up; python3 -c 'import socket, time; "
    'kept = socket.create_server(("127.0.0.1", 4443)); time.sleep(30)\' > /dev/null & server=$!; '
    f'for try in $(seq 50); do test -z "$({CALL})" && break; sleep 0.1; done'
)


def test_the_filter_refuses_what_the_user_sends_and_nothing_is_left_of_it() -> None:
    facts = [
        Flow("127.0.0.1", 4443).fact("made-by", MAKER, EVIDENCE),
        MAKER.fact("runs-as", User("here", 0, "root"), EVIDENCE),
    ]
    block = suggestions(Flow("127.0.0.1", 4443), facts)[-1]
    assert block.invasive is Invasive.BLOCK
    rules, undo = (" && ".join(map(typed, words)) for words in (block.commands, block.undo))
    script = (
        f"{LISTEN}; echo before: $({CALL}); {rules} && echo blocked: $({CALL}); "
        f"{undo} && echo after: $({CALL}); nft list ruleset; kill $server"
    )
    done = subprocess.run(["unshare", "--net", "sh", "-c", script], text=True, timeout=60,
                          capture_output=True, check=False)  # fmt: skip
    assert done.stdout.splitlines()[0] == "before:", done
    assert "refused" in done.stdout.splitlines()[1]
    assert done.stdout.splitlines()[2:] == ["after:"]


def test_a_rule_for_a_unit_is_one_that_nft_understands() -> None:
    service = Service("here", "systemd", "acme-agent.service")
    facts = [
        Flow("2001:db8::7", 443, transport="tcp").fact("made-by", MAKER, EVIDENCE),
        MAKER.fact("part-of", service, EVIDENCE),
    ]
    block = suggestions(Flow("2001:db8::7", 443, transport="tcp"), facts)[-1]
    made = " && ".join(map(typed, block.commands))
    # nft looks the group up; the machine of the test has none of this name
    script = f"{made}; nft list ruleset"
    done = subprocess.run(["unshare", "--net", "sh", "-c", script], text=True, timeout=60,
                          capture_output=True, check=False)  # fmt: skip
    said = done.stderr.replace("\n", " ")
    assert "ip6 daddr 2001:db8::7 tcp dport 443" in done.stdout or "cgroupv2 path" in said, done
