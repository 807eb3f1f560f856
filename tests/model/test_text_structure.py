"""A position in a structured text is told by key, section, row or element."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.model.text_structure import part_of

HERE = "192.0.2.77"
TEXTS = {
    ("a.json", '{"x": [1, {"y": "192.0.2.77"}]}'): "$.x[1].y",
    ("a.json", '{"x": {"a": "}{"}, "servers": ["b", "192.0.2.77"]}'): "$.servers[1]",
    ("state", '{"peer": "192.0.2.77"}'): "$.peer",
    ("a.yaml", "scanners:\n  - name: one\n    targets:\n      - 192.0.2.77\nlast: 1\n"):
        "scanners.targets",
    ("a.yml", "a:\n  b:\n    c: 1\n  d: 192.0.2.77\n"): "a.d",
    ("a.ini", "top = 1\n[remote]\n; which\nhost = 192.0.2.77\n[other]\n"): "[remote] host",
    ("a.service", "[Service]\nEnvironment=UP=192.0.2.77\n"): "[Service] Environment",
    ("a.csv", "name,address\nold,192.0.2.1\ndb,192.0.2.77\n"): "row 3, column address",
    ("a.csv", 'name;address\n"a;b";192.0.2.77\n'): "row 2, column address",
    ("a.xml", "<?xml version='1.0'?><hosts><host>192.0.2.77</host></hosts>"): "/hosts/host",
    ("a.xml", "<hosts><a/><host ip='192.0.2.77'/></hosts>"): "/hosts/host",
    ("a.txt", "x 192.0.2.77"): "",
}  # fmt: skip


@pytest.mark.parametrize(("given", "part"), TEXTS.items())
def test_where_it_is(given: tuple[str, str], part: str) -> None:
    name, text = given
    assert part_of(name, text.encode(), text.index(HERE)) == part


def test_a_billion_laughs_are_not_laughed() -> None:
    bomb = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><l>&b;192.0.2.77</l>'
    assert part_of("a.xml", bomb, bomb.index(b"192")) == ""


def test_keys_within_keys_have_an_end() -> None:
    deep = b"[" * 100_000 + b'"192.0.2.77"'
    assert part_of("a.json", deep, 100_001) == ""


@given(st.binary(max_size=300), st.sampled_from([".json", ".yaml", ".ini", ".csv", ".xml"]))
def test_no_bytes_do_harm(data: bytes, suffix: str) -> None:
    part_of("a" + suffix, data, len(data) // 2)
