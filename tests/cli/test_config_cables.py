"""``whence config cables``, as a user runs it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from xml.etree import ElementTree

from tests.cli.conftest import Whence, whence

__all__ = ["whence"]  # a fixture
PLAN = """Switch;Port;Patchfeld;Feldport;Dose;Raum;Notiz
sw1;Gi1/0/7;PP<A>;12;2.14;214;am Fenster
sw1;Gi1/0/8;PP<A>;12;;;
;Gi1/0/9;;;;;
"""


def test_a_plan_is_kept_and_shown_and_drawn(whence: Whence, tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_bytes(PLAN.encode("cp1252"))
    status, said, _ = whence("config", "cables", str(tmp_path / "plan.csv"))
    assert status == 0
    assert said.startswith("2 cables are kept; 1 line could not be used.")
    assert "line 4: there is no switch" in said
    kept = tmp_path / "state/cables.csv"
    assert kept.stat().st_mode & 0o777 == 0o600
    status, shown, err = whence(
        "config", "cables", "show", "sw1", "GigabitEthernet1/0/7", "--svg", str(tmp_path / "x.svg")
    )
    assert (status, err) == (0, f"wrote {tmp_path / 'x.svg'}\n")
    assert "→ panel PP<A> port 12" in shown
    assert "doubtful: line 3 claims the same" in shown
    assert "→ room 214" in shown
    drawn = ElementTree.parse(tmp_path / "x.svg").getroot()
    texts = [element.text for element in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"PP<A>", "2.14", "214", "port Gi1/0/7"} <= set(texts)


def test_a_plan_may_come_by_a_pipe(whence: Whence, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.write(writer, PLAN.encode())
    os.close(writer)
    try:
        status, said, _ = whence("config", "cables", f"/dev/fd/{reader}")
    finally:
        os.close(reader)
    assert (status, said[:19]) == (0, "2 cables are kept; ")
    assert (tmp_path / "state/cables.csv").read_bytes() == PLAN.encode()


def test_a_way_with_a_break_and_a_port_that_the_plan_has_not(
    whence: Whence, tmp_path: Path
) -> None:
    (tmp_path / "plan.csv").write_text(PLAN)
    whence("config", "cables", str(tmp_path / "plan.csv"))
    status, shown, _ = whence("config", "cables", "show", "sw1 Gi1/0/8", "--json")
    assert status == 1
    stops = [json.loads(line)["whence"]["stop"] for line in shown.splitlines()]
    assert [stop["kind"] for stop in stops] == ["switch port", "panel", "break"]
    assert whence("config", "cables", "show", "sw1", "Gi9/9")[0] == 65


def test_what_is_no_plan_is_refused_and_the_old_one_stays(whence: Whence, tmp_path: Path) -> None:
    assert whence("config", "cables", "show", "sw1", "1")[0] == 69
    (tmp_path / "plan.csv").write_text(PLAN)
    whence("config", "cables", str(tmp_path / "plan.csv"))
    (tmp_path / "none.csv").write_text("colour\nred\n")
    status, _, said = whence("config", "cables", str(tmp_path / "none.csv"))
    assert (status, "no column for the switch and the port" in said) == (65, True)
    assert whence("config", "cables", str(tmp_path / "missing.csv"))[0] == 65
    assert whence("config", "cables", "show", "sw1", "Gi1/0/7")[0] == 0


def test_show_alone_asks_for_the_switch_and_the_port(whence: Whence) -> None:
    status, _, said = whence("config", "cables", "show")
    assert (status, "name the switch and the port" in said) == (2, True)


def test_a_file_without_a_usable_cable_does_not_take_the_place_of_a_plan(
    whence: Whence, tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("switch,port,outlet\nsw1,Gi1/0/7,A-12\n")
    bad.write_text('switch,port\n"a\n')
    assert whence("config", "cables", str(good))[0] == 0
    status, out, err = whence("config", "cables", str(bad))
    assert (status, out) == (65, "")
    assert "line 2: there is no port" in err
    assert "A-12" in whence("config", "cables", "show", "sw1", "Gi1/0/7")[1]


def test_unicode_text_of_a_spreadsheet_and_a_switch_with_a_blank_in_its_name(
    whence: Whence, tmp_path: Path
) -> None:
    text = PLAN.replace(";", "\t").replace("sw1", "Büro oben")
    (tmp_path / "plan.txt").write_bytes(text.encode("utf-16"))
    assert whence("config", "cables", str(tmp_path / "plan.txt"))[0] == 0
    status, shown, _ = whence("config", "cables", "show", "Büro oben", "Gi1/0/7")
    assert status == 0
    assert "→ room 214" in shown
