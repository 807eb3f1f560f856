"""The made-up flood is the same for the same seed, and is as long as it says."""

from pathlib import Path

from bench.logs.generator.flood import flood


def test_a_flood_and_the_truth_about_it(tmp_path: Path) -> None:
    truth = flood(tmp_path / "a.log", 4000, seed=5)
    again = flood(tmp_path / "b.log", 4000, seed=5)
    text = (tmp_path / "a.log").read_text(encoding="ascii")
    assert truth == again
    assert text == (tmp_path / "b.log").read_text(encoding="ascii")
    assert truth["lines"] == text.count("\n")
    assert abs(truth["lines"] - 4000) < 400
    assert truth["causes"][0]["lines"] == text.count("/10050 ") + text.count("/10050\n")
    assert truth["bytes"] == len(text)
