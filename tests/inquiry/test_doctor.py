from __future__ import annotations

from pathlib import Path
from threading import Barrier

import pytest

from whence.inquiry import doctor
from whence.inquiry.doctor import EXTRAS, Checked, examine, extras
from whence.model import Sensor
from whence.world.places import Places


def test_what_is_not_installed_is_told_with_what_brings_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(EXTRAS, "no_such_package", ("nothing is done", "nothing"))
    told = {one.what: one for one in extras()}
    assert told["nothing is done"].try_ == "pip install 'whence[nothing]'"
    assert not told["nothing is done"].works


def test_each_extra_is_one_of_pyproject() -> None:
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")
    assert all(f"\n{extra} = [" in text for _, extra in EXTRAS.values())


def test_sensors_and_packets_are_tried_at_once_and_told_in_order(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    together = Barrier(len(doctor.levels({})) + 1, timeout=20)

    def tried(sensor: Sensor[...]) -> Checked:
        together.wait()
        return Checked(f"level {sensor.level}", sensor.level > 0, "Sees.")

    def packets() -> list[Checked]:
        together.wait()
        return [Checked("packets", True)]

    monkeypatch.setattr(doctor, "_try", tried)
    monkeypatch.setattr(doctor, "_packets", packets)
    told = [*examine(Places(tmp_path))]
    levels = [one for one in told if one.what.startswith("level ")]
    assert [one.what for one in levels] == [f"level {n}" for n in range(len(levels))]
    assert [one.what for one in levels if "in use" in one.says] == ["level 1"]
    assert "packets" in [one.what for one in told]
