from tests.probes.telling import pid, values
from tests.probes.test_open_files import STAT
from whence.model import Fact
from whence.probes.other_connections import other_connections
from whence.world import RecordedHost

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue\n"
FD = {"list /proc/5/fd": "3\n4\n", "link /proc/5/fd/3": "socket:[77]", "link /proc/5/fd/4": "/x"}


def row(remote: str, inode: int = 77, local: str = "0100007F:1F90") -> str:
    state = "0A" if remote == "00000000:0000" else "01"
    return f"   0: {local} {remote} {state} 00000000:00000000 00:00000000 00000000 0 0 {inode} 1\n"


def asked(**tables: str) -> list[Fact]:
    texts = {f"/proc/5/net/{name}": HEAD + rows for name, rows in tables.items()}
    return [*other_connections(pid(5), RecordedHost(STAT | FD | texts))]


def test_the_far_ends_of_a_process_s_own_sockets() -> None:
    facts = asked(tcp=row("077100CB:01BB") + row("087100CB:01BB", inode=78))
    assert values(facts) == ["203.0.113.7:443/tcp"]
    assert facts[0].evidence[0].line == 2


def test_addresses_of_the_newer_kind_and_of_the_older_in_its_dress() -> None:
    new, mapped = "B80D0120000000000000000001000000:0035", "0000000000000000FFFF0000077100CB:0035"
    assert values(asked(udp6=row(new), tcp6=row(mapped))) == [
        "203.0.113.7:53/tcp",
        "[2001:db8::1]:53/udp",
    ]


def test_a_far_end_that_it_has_many_connections_to_is_named_once() -> None:
    assert len(asked(tcp=row("077100CB:01BB") * 3)) == 1


def test_a_socket_that_listens_talks_to_nobody() -> None:
    assert not asked(tcp=row("00000000:0000"))


def test_a_process_with_very_many_far_ends() -> None:
    facts = values(asked(tcp="".join(row(f"077100CB:{port:04X}") for port in range(1, 71))))
    assert (len(facts), facts[-1]) == (51, "20 more")


def test_a_table_that_was_cut_off() -> None:
    assert not asked(tcp="   0: 0100007F:1F90 0700")


def test_a_process_that_is_gone() -> None:
    assert not [*other_connections(pid(5), RecordedHost())]
