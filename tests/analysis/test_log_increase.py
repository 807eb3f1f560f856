"""What makes up an increase: in small made-up logs, and in random scenarios."""

import random

import pytest
from bench.logs.scenarios import judged

from tests.analysis.log_lines import NIGHT, WEEK_BEFORE, Lines, asa
from whence.analysis._log_leaves import summed
from whence.analysis._log_search import Leaf, deviance, search
from whence.analysis.log_increase import Increase, increase


def usual() -> Lines:
    lines = Lines()
    for when in (WEEK_BEFORE, NIGHT):
        lines.add(
            900,
            when,
            **asa("302013", "='10.1.0.' || i % 40", "='198.51.100.' || i % 50", 443, host="fw1"),
        )
        lines.add(300, when, host="='app' || i % 6", program="cron", template="='c' || i % 3")
    return lines  # fmt: skip


def explained(lines: Lines) -> Increase:
    return increase(lines.tables, NIGHT, [WEEK_BEFORE])


def test_one_source_that_calls_one_network() -> None:
    flood = asa("419002", "10.20.5.17", "='192.168.77.' || 10 + i % 3", 10050)
    [part] = explained(usual().add(5000, NIGHT, **flood)).more
    assert part.attributes["source"] == ("10.20.5.17",)
    assert part.attributes["destination_network"] == ("192.168.77.0/24",)
    assert part.attributes["destination_port"] == ("10050",)
    assert (part.now, part.usual) == (5000, 0)
    assert part.share == pytest.approx(1, abs=0.01)
    assert dict(part.made_of["destination"])["192.168.77.10"] == pytest.approx(1 / 3, abs=0.01)


def test_the_order_in_which_lines_are_stored_changes_nothing() -> None:
    lines = usual()
    before = summed(lines.tables, NIGHT, [WEEK_BEFORE])
    lines.tables.execute("CREATE TABLE other AS FROM logs ORDER BY position DESC")
    lines.tables.execute("DELETE FROM logs; INSERT INTO logs FROM other")
    assert summed(lines.tables, NIGHT, [WEEK_BEFORE]) == before


def test_two_causes_are_told_apart_and_their_shares_add_up() -> None:
    lines = usual().add(6000, NIGHT, **asa("419002", "10.20.5.17", "192.168.77.10", 10050))
    lines.add(3000, NIGHT, host="app3", program="kernel", template="full", severity=3)
    told = explained(lines)
    assert [round(part.share, 2) for part in told.more] == [0.67, 0.33]
    assert sum(part.share for part in told.more) + told.rest == pytest.approx(1)
    assert told.more[1].attributes["host"] == ("app3",)


def test_two_firewalls_that_begin_to_log_everything_are_two_patterns() -> None:
    lines = usual()
    for host, first in (("fw7", 711000), ("fw8", 712000)):
        lines.add(
            2000, NIGHT,
            **asa(f"={first} + i % 20", "='10.1.0.' || i % 40", "='198.51.100.' || i % 50", 443,
                  host=host)
            | {"template": f"='cisco_asa:' || {first} + i % 20"},
        )  # fmt: skip
    assert {part.attributes["host"] for part in explained(lines).more} == {("fw7",), ("fw8",)}


def test_a_line_counts_as_often_as_it_says() -> None:
    lines = usual().add(20, NIGHT, **asa("106100", "10.9.9.9", "198.51.100.1", 80), weight=250)
    [part] = explained(lines).more
    assert (part.attributes["source"], part.now) == (("10.9.9.9",), 5000)


def test_the_end_of_a_connection_belongs_to_who_began_it() -> None:
    called, caller = "198.51.100.7", "10.20.5.17"
    built = asa("302013", called, caller, 50123, action="built", initiator="destination")
    ended = asa("302014", called, caller, 50123, action="teardown", bytes=0, reason="SYN Timeout")
    lines = usual()
    for cells in (built, ended):
        lines.add(2000, NIGHT, **cells | {"source_port": 8443, "destination_port": "=40000 + i"})
    [part] = explained(lines).more
    assert (part.attributes["source"], part.attributes["destination"]) == ((caller,), (called,))
    assert part.attributes["destination_port"] == ("8443",)


def test_a_few_ends_of_connections_to_a_high_port_belong_to_who_began_them() -> None:
    called, caller = "='192.168.77.' || 8 + i % 6", "10.20.5.17"
    built = asa("302013", called, caller, 0, action="built", initiator="destination")
    ended = asa("302014", called, caller, 0, action="teardown", bytes=0, reason="SYN Timeout")
    lines = usual()
    for count, cells in ((5, built), (15, ended)):
        lines.add(count, NIGHT, **cells | {"source_port": 62078, "destination_port": "=40000 + i"})
    [part, *_] = explained(lines).more
    assert part.attributes["source"] == (caller,)
    assert (part.attributes["destination_port"], part.now) == (("62078",), 20)


def test_many_addresses_of_an_ipv6_network_are_told_by_it() -> None:
    flood = asa("106023", "2001:db8::5", "='2001:db8:1:2::' || lower(to_hex(i))", 22)
    lines = usual().add(3000, NIGHT, **flood)
    [part] = explained(lines).more
    assert part.attributes["destination_network"] == ("2001:db8:1:2::/64",)
    found = lines.tables.execute(f"SELECT count(*) FROM logs WHERE {part.where}").fetchall()
    assert found == [(3000,)]


def test_what_an_office_does_anyway_is_no_increase_because_an_hour_has_so_few_lines_of_it() -> None:
    lines = Lines().add(200, NIGHT, **asa("419002", "10.9.9.9", "192.168.77.10", 10050))
    office = "='10.9.9.' || 20 + i % 5", "='203.0.113.' || i"
    lines.add(1, WEEK_BEFORE, **asa("302013", *office, 443))
    for code, count in (("302013", 8), ("302014", 6)):
        lines.add(count, NIGHT, **asa(code, *office, 443))
    [part] = explained(lines).more
    assert part.attributes["source"] == ("10.9.9.9",)


def test_a_few_lines_of_others_are_in_no_pattern() -> None:
    lines = Lines()
    for source, network, port, times in (("10.9.9.1", 172, 62078, 3), ("10.9.9.2", 192, 12489, 1)):
        called = f"='{network}.16.8.' || 151 + 30 * (i % 2)"
        built = asa("302013", called, source, 0, action="built", initiator="destination")
        ended = asa("302014", called, source, 0, action="teardown", bytes=0)
        lines.add(46 * times, NIGHT, **asa("419002", source, called, port))
        for count, cells in ((12, built), (8, ended)):
            ports = {"source_port": port, "destination_port": "=40000 + i"}
            lines.add(count * times, NIGHT, **cells | ports)
    lines.add(1, WEEK_BEFORE, **asa("302013", "10.9.9.44", "203.0.113.9", 443))
    names = asa("302015", "='203.0.113.' || i", "='10.9.9.' || 20 + i", 0, initiator="destination")
    lines.add(4, NIGHT, **names | {"source_port": 53, "transport": "udp"})
    polled = asa("302015", "='10.104.127.' || i % 2", "10.9.9.3", 0, transport="udp")
    for code, count, more in (("302015", 36, {"initiator": "destination"}), ("302016", 24, {})):
        ports = {"source_port": 161, "destination_port": "=40000 + i", "code": code}
        lines.add(count, NIGHT, **polled | ports | {"template": f"cisco_asa:{code}"} | more)
    parts = explained(lines).more
    assert [part.attributes["source"] for part in parts[:2]] == [("10.9.9.1",), ("10.9.9.2",)]
    assert sum(part.now for part in parts) == 198 + 66 + 60


def test_two_lines_of_others_do_not_widen_a_small_cause() -> None:
    """They are more than one in fifty of its lines, and each of them is less."""
    called = "='192.168.77.' || 10 + i % 2"
    lines = Lines().add(76, NIGHT, **asa("419002", "10.20.5.17", called, 10050))
    lines.add(1, NIGHT, **asa("302013", "10.20.5.9", "198.51.100.7", 443))
    lines.add(
        1, NIGHT, **(asa("111008", "10.20.5.9", "198.51.100.7", 443) | {"source": "10.99.0.1"})
    )
    [part] = explained(lines).more
    assert part.attributes["source"] == ("10.20.5.17",)
    assert part.attributes["destination_port"] == ("10050",)


def test_only_decreases() -> None:
    lines = Lines().add(4000, WEEK_BEFORE, host="fw1", template="a")
    for when in (WEEK_BEFORE, NIGHT):
        lines.add(500, when, host="fw2", template="a")
    told = explained(lines)
    assert not told.more
    assert [part.attributes["host"] for part in told.less] == [("fw1",)]
    assert told.quiet == (("fw1", 0.0, 4000.0),)


def test_a_host_that_went_silent_beside_a_flood() -> None:
    lines = usual().add(9000, NIGHT, **asa("106023", "10.9.9.9", "198.51.100.1", 23))
    lines.add(60, WEEK_BEFORE, host="ups", program="upsd", template="u")
    assert explained(lines).quiet == (("ups", 0.0, 60.0),)


def test_nothing_at_all() -> None:
    told = explained(Lines())
    assert (told.more, told.less, told.now, told.usual, told.times) == ((), (), 0, 0, None)


def test_one_line() -> None:
    told = explained(Lines().add(1, NIGHT, host="fw1", template="a"))
    assert (told.more, told.now) == ((), 1)


def test_lines_of_which_nothing_is_known() -> None:
    told = explained(Lines().add(5000, NIGHT, weight=None, size=None))
    assert (told.more, told.now, told.rest) == ((), 5000, 1)


def test_text_from_strangers_is_a_value_and_no_sql() -> None:
    hostile = "x'; DROP TABLE logs; --\x1b[2J{n}\\"
    lines = usual().add(3000, NIGHT, host=hostile, program=hostile, template=hostile, user=hostile)
    [part] = explained(lines).more
    assert part.attributes["host"] == (hostile,)
    found = lines.tables.execute(f"SELECT count(*) FROM logs WHERE {part.where}").fetchall()
    assert found == [(3000,)]


def test_without_a_reference_the_largest_kinds_are_told() -> None:
    lines = Lines().add(800, NIGHT, host="a", template="t").add(200, NIGHT, host="b", template="u")
    told = increase(lines.tables, NIGHT, [])
    assert [part.share for part in told.more] == [0.8, 0.2]


def test_many_values_are_added_up_to_few_leaves() -> None:
    lines = Lines().add(
        30_000, NIGHT,
        **asa("106023", "=concat_ws('.', 20 + i % 90, i % 256, i % 250, i % 251)", "198.51.100.1",
              80),
    )  # fmt: skip
    assert len(summed(lines.tables, NIGHT, [WEEK_BEFORE]).leaves) < 4000


def leaf(host: str, port: str, now: float, usual: float) -> Leaf:
    return Leaf((host, *[None] * 7, port, *[None] * 7), now, usual)


def test_a_pattern_that_is_just_no_chance_is_told_with_all_that_makes_it_so() -> None:
    [found] = search([leaf("a", "80", 16.0, 0), leaf("a", "22", 0.3, 0)], 16.3)
    assert found.now == 16.0
    assert deviance(16.3, 0) > 40 > deviance(16.0, 0)


def test_a_pattern_is_what_is_furthest_from_usual_not_what_is_largest() -> None:
    [found] = search([leaf("a", "80", 900, 850), leaf("a", "22", 700, 1)], 750)
    assert found.attributes == {"host": ("a",), "destination_port": ("22",)}
    assert deviance(5, 9) == 0


SEEDS = (3, 11, 20, 202, 226)


@pytest.mark.parametrize("seed", SEEDS)
def test_random_causes_are_found(seed: int) -> None:
    score = judged(seed, usual=400)
    assert score.covered >= 0.95
    assert score.patterns <= len(score.causes) + 1
    assert score.foreign <= 0.06
    assert min(score.f1) >= 0.85


def test_in_any_scenario_the_shares_add_up_and_nearly_all_is_covered() -> None:
    seed = random.SystemRandom().randrange(1 << 30)
    score = judged(seed, usual=400)
    assert score.shares == pytest.approx(1), seed
    assert score.covered >= 0.9, seed
