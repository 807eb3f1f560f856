"""Random nights of a log as rows, with one to four causes of the increase, and the truth.

Made by the engine itself, since three hundred of them are wanted. The table ``logs`` has the
columns of ``LOGS`` and one more, ``cause``, which is the truth and which no analysis reads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from duckdb import DuckDBPyConnection

from whence.model.log_tables import LOGS

BEGIN = datetime(2026, 8, 17, 2, tzinfo=UTC)
LENGTH = timedelta(hours=2)
BACK = timedelta(days=7)  # the reference: the same hours a week earlier
USUAL = 20_000  # rows in either of the two
FIREWALLS, ROUTERS, SERVERS = 10, 10, 40
PUBLIC = "concat_ws('.', 11 + {a} % 180, {b} % 256, {c} % 256, {d} % 256)"


@dataclass(frozen=True, slots=True)
class Scenario:
    """What was made."""

    causes: tuple[str, ...]  # the values of the column
    silent: str | None  # a host that said nothing any more
    window: tuple[datetime, datetime]
    reference: tuple[datetime, datetime]
    rows: int


def scenario(connection: DuckDBPyConnection, seed: int, usual: int = USUAL) -> Scenario:
    """Make the table ``logs``; the same seed gives the same one."""
    random = Random(seed)
    columns = ", ".join(f'"{name}" {kind}' for name, kind in LOGS.items())
    connection.execute(f"CREATE OR REPLACE TABLE logs ({columns}, cause VARCHAR)")
    silent = f"app{random.randrange(8):02}" if random.random() < 0.3 else None
    for begin in (BEGIN - BACK, BEGIN):
        gone = silent if begin == BEGIN else None
        _usual(connection, begin, round(usual * random.gauss(1, 0.02)), random, gone)
    names: list[str] = []
    told: set[tuple[str | None, ...]] = set()
    for number in range(random.randint(1, 4)):
        kind = random.choice([*CAUSES])
        names.append(f"{number}-{kind}")
        rows = round(usual * random.uniform(0.5, 8.5))
        cells = CAUSES[kind](random)
        while _about(cells) in told:  # what agrees in all of this is one cause, not two
            cells = CAUSES[kind](random)
        told.add(_about(cells))
        _put(connection, BEGIN, LENGTH, rows, random, names[-1], cells)
    [(rows,)] = connection.execute("SELECT count(*) FROM logs").fetchall()
    return Scenario(
        tuple(names), silent, (BEGIN, BEGIN + LENGTH), (BEGIN - BACK, BEGIN - BACK + LENGTH), rows
    )


def _about(cells: Mapping[str, str]) -> tuple[str | None, ...]:
    host = cells["host"] if cells["host"].startswith("'") else None
    return host, cells.get("program"), cells.get("destination_port")


def _put(
    connection: DuckDBPyConnection,
    begin: datetime,
    length: timedelta,
    rows: int,
    random: Random,
    cause: str | None,
    cells: Mapping[str, str],
    where: str = "TRUE",
) -> None:
    """Put rows in; cells are expressions over the random numbers h1 … h9 of a row."""
    seed = random.getrandbits(40)
    numbers = ", ".join(f"hash(i * 10 + {seed + n}) >> 8 AS h{n}" for n in range(1, 10))
    names = ", ".join(f'"{name}"' for name in cells)
    micro = length // timedelta(microseconds=1)
    connection.execute(
        f"""INSERT INTO logs (position, received, weight, cause, {names})
        SELECT i, $begin::TIMESTAMP + to_microseconds((h9 % {micro})::BIGINT), 1, $cause,
            {", ".join(cells.values())}
        FROM (SELECT i, {numbers} FROM range({rows}) AS t(i)) WHERE {where}""",
        {"begin": begin.replace(tzinfo=None), "cause": cause},
    )


def _usual(
    connection: DuckDBPyConnection, begin: datetime, rows: int, random: Random, silent: str | None
) -> None:
    firewall = f"printf('fw%02d', (h1 % {FIREWALLS} * (h2 % 3) / 2)::INTEGER)"
    codes = ["302013"] * 6 + ["302014"] * 6 + ["302015", "302016", "305011", "106023", "106100"]
    code = _one_of(codes, "h3")
    inside = "concat_ws('.', 10, h4 % 8, h5 % 4, 2 + h6 % 50)"
    outside = PUBLIC.format(a="h7", b="h7 // 9 % 7", c="h6 % 5", d="h5")
    _put(
        connection, begin, LENGTH, rows * 6 // 10, random, None,
        {
            "host": firewall, "vendor": "'cisco_asa'", "code": code,
            "template": f"concat('cisco_asa:', {code})",
            "severity": f"CASE {code} WHEN '106023' THEN 4 ELSE 6 END",
            "source_interface": "'inside'", "source": inside,
            "source_port": "1024 + h8 % 60000",
            "destination_interface": "'outside'", "destination": outside,
            "destination_port": _one_of(["443"] * 9 + ["80", "53", "123", "22", "25"], "h2 // 7"),
            "transport": "'tcp'",
        },
    )  # fmt: skip
    code = _one_of(["LINK-3-UPDOWN", "LINEPROTO-5-UPDOWN", "SYS-6-LOGOUT", "SEC-6-ACL"], "h3")
    _put(
        connection, begin, LENGTH, rows // 10, random, None,
        {
            "host": f"printf('rt%02d', (h1 % {ROUTERS})::INTEGER)", "vendor": "'cisco_ios'",
            "code": code, "template": f"concat('cisco_ios:', {code})",
            "severity": f"split_part({code}, '-', 2)::UTINYINT",
        },
    )  # fmt: skip
    host = f"printf('app%02d', (h1 % {SERVERS})::INTEGER)"
    program = _one_of(["app"] * 5 + ["sshd", "CRON", "systemd", "kernel", "nginx"], "h3")
    _put(
        connection, begin, LENGTH, rows * 3 // 10, random, None,
        {
            "host": host, "program": program, "template": f"concat({program}, ':', h4 % 6)",
            "severity": "5 + h4 % 2",
            "user": f"CASE WHEN {program} = 'sshd' THEN concat('user', h5 % 20) END",
        },
        f"{host} <> '{silent}'" if silent else "TRUE",
    )  # fmt: skip


def _scan(random: Random) -> dict[str, str]:
    wide = random.random() < 0.5
    third = f"h2 % {random.choice((1, 40, 250))}" if wide else str(random.randrange(256))
    net = f"10.{random.randrange(40, 250)}"
    source = (
        f"10.{random.randrange(8)}.{random.randrange(4)}.{random.randrange(60, 250)}"
        if random.random() < 0.6
        else f"45.{random.randrange(200)}.{random.randrange(256)}.{random.randrange(256)}"
    )
    ports = random.choice(([22], [3389], [445], [161], [1900], [80, 8080, 443], [*range(1, 400)]))
    code = random.choice(("106023", "106100", "106001"))
    return _asa(
        random, [code], f"'{source}'", f"concat_ws('.', '{net}', {third}, h3 % 256)",
        _one_of([*map(str, ports)], "h4"),
    )  # fmt: skip


def _ddos(random: Random) -> dict[str, str]:
    codes = random.choice((["106023"], ["302013", "302014"], ["106015"], ["302013"]))
    source = PUBLIC.format(a="h2", b="h3", c="h4", d="h5")
    return _asa(
        random, codes, source, f"'198.51.100.{random.randrange(1, 255)}'",
        str(random.choice((80, 443, 53, 25, 8443, 3478, 5060, 27015))), ("outside", "dmz"),
    )  # fmt: skip


def _ghost(random: Random) -> dict[str, str]:
    net = f"192.168.{random.randrange(1, 250)}"
    first = f"10.{random.randrange(8)}.{random.randrange(4)}"
    sources = [f"'{first}.{n}'" for n in random.sample(range(2, 250), random.randint(1, 3))]
    called = [f"'{net}.{n}'" for n in random.sample(range(2, 250), random.randint(1, 5))]
    return _asa(
        random, ["419002"] * 5 + ["302013", "302014"], _one_of(sources, "h2"),
        _one_of(called, "h3"), str(random.choice((10050, 17777, 161, 9100, 5985))),
        ("inside", "transit"),
    )  # fmt: skip


def _asa(
    random: Random,
    codes: list[str],
    source: str,
    destination: str,
    port: str,
    interfaces: tuple[str, str] = ("inside", "outside"),
) -> dict[str, str]:
    code = _one_of([f"'{code}'" for code in codes], "h7")
    return {
        "host": f"'fw{random.randrange(FIREWALLS):02}'", "vendor": "'cisco_asa'", "code": code,
        "template": f"concat('cisco_asa:', {code})",
        "severity": f"CASE WHEN {code} IN ('106023', '419002') THEN 4 ELSE 6 END",
        "source_interface": f"'{interfaces[0]}'", "source": source,
        "source_port": "1024 + h8 % 60000", "destination_interface": f"'{interfaces[1]}'",
        "destination": destination, "destination_port": port, "transport": "'tcp'",
    }  # fmt: skip


def _program(random: Random) -> dict[str, str]:
    program = random.choice(("kernel", "nginx", "java", "sshd", "snmpd", "dockerd"))
    wordings = random.randint(1, 3)
    return {
        "host": f"'app{random.randrange(8, SERVERS):02}'", "program": f"'{program}'",
        "template": f"concat('{program}:new{random.randrange(1000)}-', h2 % {wordings})",
        "severity": str(random.choice((3, 4, 6))),
    }  # fmt: skip


def _fleet(random: Random) -> dict[str, str]:
    program = random.choice(("snapd", "agent", "systemd-resolved", "puppet", "kernel"))
    return {
        "host": f"printf('app%02d', (h1 % {random.choice((12, 25, SERVERS))})::INTEGER)",
        "program": f"'{program}'",
        "template": f"'{program}:fleet{random.randrange(1000)}'",
        "severity": str(random.choice((3, 4, 6))),
    }


def _debug(random: Random) -> dict[str, str]:
    first = random.randrange(700000, 720000)
    codes = random.randint(15, 40)
    device = f"fw{random.randrange(FIREWALLS):02}"
    return {
        "host": f"'{device}'", "vendor": "'cisco_asa'",
        "code": f"({first} + h1 % {codes})::VARCHAR",
        "template": f"concat('cisco_asa:', {first} + h1 % {codes})",
        "severity": random.choice(("7", "6", "4 + h1 % 4")),
        "source": "concat_ws('.', 10, h4 % 8, h5 % 4, 2 + h6 % 50)",
        "source_interface": "'inside'",
        "destination": PUBLIC.format(a="h7", b="h7 // 9 % 7", c="h6 % 5", d="h5"),
        "destination_interface": "'outside'",
        "destination_port": "CASE WHEN h2 % 3 = 0 THEN 53 ELSE 443 END",
    }  # fmt: skip


CAUSES: dict[str, Callable[[Random], dict[str, str]]] = {
    "scan": _scan,
    "ddos": _ddos,
    "ghost": _ghost,
    "program": _program,
    "fleet": _fleet,
    "debug": _debug,
}


def _one_of(values: list[str], number: str) -> str:
    """Choose one of the values by a number; what is no expression yet is made one."""
    texts = [v if v.startswith("'") or (v.isdigit() and len(v) < 6) else f"'{v}'" for v in values]
    return f"([{', '.join(texts)}])[1 + ({number} % {len(texts)})::INTEGER]"
