"""The sentence, when it began, who never answers, and what was changed before."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.analysis.log_lines import MONDAY, NIGHT, WEEK_BEFORE, Lines, asa
from whence.analysis._log_course import course
from whence.analysis._log_interval import Interval
from whence.analysis._log_messages import meaning
from whence.analysis._log_window import extent, reference_of, unusual_window
from whence.analysis.log_explanation import Explanation, explanation, whole_percents

WEEK = Interval(MONDAY - timedelta(days=7), MONDAY + timedelta(hours=4))
ONSET = MONDAY + timedelta(hours=3, minutes=17, seconds=5)
FLOOD = Interval(ONSET, WEEK.end)
GHOST = asa(
    "302014", "10.20.5.17", "='192.168.77.' || 10 + i % 3", 10050, initiator="source",
    action="teardown", bytes=0, reason="SYN Timeout",
    original="=concat('<166>Nov 16 03:17:05 fw1 : %ASA-6-302014: Teardown ', i)",
)  # fmt: skip


def week() -> Lines:
    lines = Lines()
    lines.add(
        40_000,
        WEEK,
        **asa(
            "302013",
            "='10.1.0.' || i % 40",
            "='198.51.100.' || i % 50",
            443,
            bytes=900,
            action="teardown",
            initiator="source",
            original="usual",
        ),
    )
    return lines  # fmt: skip


def told(lines: Lines) -> Explanation:
    found = explanation(lines.tables)
    assert found is not None
    return found


def test_the_onset_is_found_to_the_second() -> None:
    lines = week().add(3000, FLOOD, **GHOST)
    window = unusual_window(lines.tables, WEEK)
    assert window is not None
    assert abs(window.begin - ONSET) <= timedelta(seconds=1)
    [pattern] = told(lines).patterns
    assert pattern.first == ONSET.replace(microsecond=0)
    assert pattern.goes_on


def test_destinations_that_never_answer() -> None:
    found = told(week().add(3000, FLOOD, **GHOST))
    [pattern] = found.patterns
    assert pattern.silent is not None
    assert pattern.silent.attempts == 3000
    assert "10.20.5.17 → 192.168.77.0/24 port 10050 at fw1 (302014)" in found.sentence
    assert "(no answer in 3,000 attempts over 42.9 min)" in found.sentence
    assert any("whether they exist, a log cannot say" in line for line in pattern.evidence)
    assert pattern.commands == (
        "whence 10.20.5.17",
        *(f"whence 192.168.77.{last}:10050" for last in (10, 11, 12)),
    )


def test_one_byte_is_an_answer() -> None:
    lines = week().add(3000, FLOOD, **GHOST)
    lines.add(1, FLOOD, **GHOST | {"bytes": 1, "reason": "TCP FINs"})
    assert told(lines).patterns[0].silent is None


def test_who_is_a_source_is_there() -> None:
    lines = week().add(3000, FLOOD, **GHOST)
    lines.add(1, FLOOD, **asa("302013", "192.168.77.11", "10.1.0.1", 53))
    assert told(lines).patterns[0].silent is None


def test_what_a_firewall_refuses_cannot_answer_and_is_no_ghost() -> None:
    [pattern] = told(week().add(3000, FLOOD, **GHOST | {"code": "106023"})).patterns
    assert pattern.silent is None


def test_a_source_that_finishes_connections_is_not_made_up() -> None:
    lines = week().add(3000, FLOOD, **asa("106023", "10.1.0.3", "203.0.113.9", 22))
    [pattern] = told(lines).patterns
    assert any("the source is not made up" in line for line in pattern.evidence)


def test_thousands_of_sources_may_be_made_up() -> None:
    source = "=concat_ws('.', 20 + i % 90, i % 256, i % 250, i % 251)"
    [pattern] = told(week().add(5000, FLOOD, **asa("106023", source, "198.51.100.1", 80))).patterns
    assert any("the sources may be made up" in line for line in pattern.evidence)
    assert any("a flood from many" in line for line in pattern.evidence)


def test_a_sweep_is_called_one() -> None:
    sweep = asa("106023", "10.8.0.44", "='198.51.100.' || i % 250", 1900)
    [pattern] = told(week().add(4000, FLOOD, **sweep)).patterns
    assert any("a sweep" in line for line in pattern.evidence)


def changed(lines: Lines, before: timedelta, **cells: object) -> None:
    lines.add(1, Interval(ONSET - before, ONSET), **cells)


def test_what_was_changed_coincides_the_same_host_first() -> None:
    lines = week().add(3000, FLOOD, **GHOST)
    changed(
        lines,
        timedelta(minutes=25),
        host="fw1",
        vendor="cisco_asa",
        code="111010",
        original="%ASA-5-111010: User 'jdoe', running 'CLI' from IP 10.9.9.9, executed 'no nat'",
    )
    changed(
        lines,
        timedelta(seconds=31),
        host="zbx",
        program="dpkg",
        original="dpkg: upgrade proxy:amd64 6.0 7.0",
    )
    changed(
        lines,
        timedelta(hours=30),
        host="zbx",
        program="dpkg",
        original="dpkg: upgrade old:amd64 1 2",
    )
    for hour in range(5):
        changed(
            lines,
            timedelta(hours=1 + hour),
            host="zbx",
            program="systemd",
            original="systemd[1]: Started logrotate.service.",
        )
    found = told(lines)
    assert [(change.host, change.words, change.near) for change in found.changes] == [
        ("fw1", "jdoe (from 10.9.9.9) executed “no nat”", True),
        ("zbx", "upgrade of proxy:amd64 6.0 7.0", False),
    ]
    assert "coincides with zbx: upgrade of proxy:amd64 6.0 7.0 (31 s before) and fw1" in (
        found.sentence
    )  # fmt: skip


@pytest.mark.parametrize(
    ("original", "code", "words"),
    [
        ("%SYS-5-CONFIG_I: Configured from console by ops on vty0 (192.0.2.7)", "SYS-5-CONFIG_I",
         "ops (from 192.0.2.7) changed the configuration"),
        ("mgd[1]: UI_COMMIT: User 'ops' requested 'commit' operation", "UI_COMMIT",
         "ops asked for “commit”"),
        ("%ASA-1-104001: (Primary) Switching to ACTIVE - Other unit wants me", "104001",
         "it became the active firewall of its pair"),
        ("Nov 26 08:00:03 fw1 %ASA-6-199002: Startup completed. Beginning operation.", "199002",
         "the device was started anew"),
        ("%LINK-3-UPDOWN: Interface Gi0/1, changed state to down", "LINK-3-UPDOWN",
         "interface Gi0/1 went down"),
    ],
)  # fmt: skip
def test_how_devices_tell_of_changes(original: str, code: str, words: str) -> None:
    lines = week().add(3000, FLOOD, **GHOST)
    changed(lines, timedelta(minutes=5), host="fw1", code=code, original=original)
    assert [change.words for change in told(lines).changes] == [words]


def test_the_log_begins_with_the_flood() -> None:
    lines = Lines().add(900, NIGHT, **GHOST).add(100, NIGHT, host="b", template="u")
    found = explanation(lines.tables, NIGHT)
    assert found is not None
    assert found.sentence.startswith("There is nothing to compare with")
    assert [round(pattern.share, 1) for pattern in found.patterns] == [0.9, 0.1]
    assert found.patterns[0].evidence[0].startswith("900 events, and nothing to compare them with;")


def test_a_decrease_is_told_as_one() -> None:
    lines = week()
    lines.tables.execute(f"DELETE FROM logs WHERE {NIGHT.sql()} AND position % 40 <> 0")
    lines.add(30, NIGHT, host="b", template="u").add(30, WEEK_BEFORE, host="b", template="u")
    found = explanation(lines.tables, NIGHT)
    assert found is not None
    assert not found.patterns
    assert "of the decrease is" in found.sentence


WEDNESDAY = datetime(2026, 11, 4, tzinfo=UTC)
SHIFT = Interval(MONDAY + timedelta(days=3, hours=12), MONDAY + timedelta(days=3, hours=18))


def office() -> Lines:
    """Twelve days that no other week is known for when they begin, with a weekend in them."""
    lines = Lines()
    for number in range(16):
        day = Interval(WEDNESDAY, WEDNESDAY + timedelta(days=1)).moved(timedelta(days=number))
        for host in ("fw1", "web1"):
            lines.add(720 if day.begin.weekday() > 4 else 1440, day, host=host, template=host)
    return lines


def test_a_weekend_does_not_hide_that_a_host_went_quiet() -> None:
    lines = office()
    lines.tables.execute(f"DELETE FROM logs WHERE host = 'fw1' AND {SHIFT.sql()}")
    found = told(lines)
    assert abs(found.window.begin - SHIFT.begin) <= timedelta(minutes=1)
    assert abs(found.window.end - SHIFT.end) <= timedelta(minutes=1)
    assert "100 % of the decrease is fw1, which has gone quiet (0 lines, 360 usual)" in (
        found.sentence
    )


def test_where_nobody_logs_that_is_said() -> None:
    lines = office()
    lines.tables.execute(f"DELETE FROM logs WHERE {SHIFT.sql()}")
    assert (
        "the log had no line where 720 are usual: 100 % of the decrease is fw1 and web1, "
        "which have gone quiet"
    ) in told(lines).sentence


def test_a_monday_does_not_hide_an_increase_of_the_week_after() -> None:
    found = told(office().add(600, SHIFT, host="='nas' || i % 60", template="t"))
    assert abs(found.window.begin - SHIFT.begin) <= timedelta(minutes=1)
    assert "100 % of the increase is" in found.sentence


def test_the_onset_is_found_though_days_are_busier_than_nights() -> None:
    lines = Lines()
    for number in range(9):
        midnight = MONDAY + timedelta(days=number - 8)
        for begin, end, count in ((0, 8, 480), (8, 18, 6000), (18, 24, 360)):
            hours = Interval(midnight + timedelta(hours=begin), midnight + timedelta(hours=end))
            lines.add(count, hours, host="web1", template="w")
    flood = Interval(MONDAY + timedelta(hours=6), MONDAY + timedelta(hours=18))
    window = unusual_window(lines.add(7200, flood, host="a", template="t").tables, Interval(
        MONDAY - timedelta(days=8), MONDAY + timedelta(days=1)
    ))  # fmt: skip
    assert window is not None
    assert abs(window.begin - flood.begin) <= timedelta(minutes=2)


def test_a_flood_that_lasts_does_not_become_the_usual() -> None:
    hours = Interval(MONDAY, MONDAY + timedelta(hours=2))
    flood = Interval(MONDAY + timedelta(minutes=70), hours.end)
    lines = Lines().add(1440, hours, host="web1", template="w")
    found = told(lines.add(15_000, flood, host="fw1", template="t"))
    assert found.window.begin == flood.begin
    assert abs(found.window.end - flood.end) <= timedelta(seconds=2)
    assert found.sentence.startswith("Since ")


LOGINS = {"host": "web1", "program": "sshd", "action": "login-failed", "source": "198.51.100.77"}


def test_a_kind_of_message_is_said_in_words_and_not_by_its_number() -> None:
    lines = week()
    for kind, words in (("a1b2c3", "invalid user admin"), ("d4e5f6", "root")):
        lines.add(1500, FLOOD, **LOGINS, template=kind, original=(
            f"Nov 16 03:17:05 web1 sshd[7]: Failed password for {words} from 198.51.100.77 port 9"
        ))  # fmt: skip
    assert "198.51.100.77 at web1 (a login was refused)" in told(lines).sentence


def test_a_port_of_a_switch_is_named() -> None:
    lines = week()
    for port, when, count in (("Gi0/1", WEEK, 200), ("Gi0/17", FLOOD, 3000)):
        for kind in ("LINK-3-UPDOWN", "LINEPROTO-5-UPDOWN"):
            template = f"cisco_ios:{kind}"
            lines.add(count, when, host="sw1", template=template, source_interface=port)
    assert "sw1 Gi0/17 (LINEPROTO-5-UPDOWN and LINK-3-UPDOWN)" in told(lines).sentence


def test_a_steady_log_has_nothing_to_tell() -> None:
    assert explanation(week().tables) is None
    assert explanation(Lines().tables) is None


def test_what_is_compared_with() -> None:
    lines = week()
    whole = extent(lines.tables)
    assert whole is not None
    assert reference_of(lines.tables, NIGHT, whole).words == "the same hours a week earlier"
    tuesday = NIGHT.moved(timedelta(days=-5))
    assert reference_of(lines.tables, tuesday, whole).words == "the same hours of the 2 days before"
    first = Interval(WEEK.begin + timedelta(hours=1), WEEK.begin + timedelta(hours=2))
    assert reference_of(lines.tables, first, whole).words == "the same hours of the day after"
    alone = Interval(first.begin, first.end)
    assert reference_of(lines.tables, alone, alone).intervals == ()
    hours = Interval(WEEK.begin, first.end)
    assert reference_of(lines.tables, first, hours).words == "the time before it"


def test_bursts_have_a_period() -> None:
    seconds = [(1000 + 300 * n + k, 20.0) for n in range(40) for k in range(2)]
    found = course(seconds, 0.0, 0.1, datetime.fromtimestamp(1000 + 300 * 40, UTC))
    assert found is not None
    assert found.burst_seconds == pytest.approx(300, rel=0.02)
    assert found.burst_events == pytest.approx(40)


def test_something_that_ended_does_not_go_on() -> None:
    seconds = [(1000 + n, 5.0) for n in range(600)]
    found = course(seconds, 0.01, 2.0, datetime.fromtimestamp(9000, UTC))
    assert found is not None
    assert (found.onset.timestamp(), found.last.timestamp(), found.goes_on) == (1000, 1599, False)


def test_what_ended_is_told_with_what_would_have_come_since() -> None:
    ended = ONSET + timedelta(minutes=20)
    lines = week().add(1200, Interval(ONSET, ended), **GHOST)
    found = told(lines)
    [pattern] = found.patterns
    assert pattern.after is not None
    assert (pattern.goes_on, pattern.after.late) == (False, 0)
    assert pattern.after.expected == pytest.approx((WEEK.end - ended).total_seconds(), rel=0.02)
    said = "it has ended: none in the 22.7 min of log since, where 1,360"
    assert said in found.sentence
    assert any(line.startswith("none in the 22.7 min of log since") for line in pattern.evidence)


def test_what_comes_late_is_no_silence() -> None:
    ended = ONSET + timedelta(minutes=20)
    lines = week().add(1200, Interval(ONSET, ended), **GHOST)
    last = ended + timedelta(minutes=9)
    found = told(lines.add(1, Interval(last, last + timedelta(seconds=1)), **GHOST))
    [after] = [pattern.after for pattern in found.patterns]
    assert after is not None
    assert (after.late, after.last) == (1, last)
    assert after.seconds == pytest.approx((WEEK.end - last).total_seconds(), abs=20)


def test_of_two_the_one_that_ended_is_told_as_ended() -> None:
    """A line of the one that went on is none of the other."""
    ended = ONSET + timedelta(minutes=20)
    lines = week().add(1200, Interval(ONSET, ended), **GHOST)
    other = GHOST | {"source": "10.20.5.99", "destination": "192.168.200.5"}
    found = told(lines.add(3000, FLOOD, **other))
    assert f"(ended {ended - timedelta(seconds=1):%H:%M:%S})" in found.sentence
    assert "it has ended" not in found.sentence
    parts = {pattern.source: pattern for pattern in found.patterns}
    assert parts["10.20.5.99"].goes_on
    assert parts["10.20.5.17"].after is not None
    assert parts["10.20.5.17"].after.late == 0


def test_percents_add_up() -> None:
    assert whole_percents([0.861, 0.0795, 0.0595, 0.0]) == [86, 8, 6, 0]
    assert sum(whole_percents([1 / 3, 1 / 3, 1 / 3])) == 100
    assert whole_percents([1.02, -0.02]) == [100, 0]


def test_messages_are_said_in_plain_words() -> None:
    assert meaning("cisco_asa:106023") == "an access list refused a packet"
    assert meaning("cisco_ios:SYS-5-CONFIG_I") == "the configuration was changed"
    assert meaning("1a2b", "nf_conntrack: table full, dropping packet")
    assert meaning(None) is None
