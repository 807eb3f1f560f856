import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.model import BadInput
from whence.model.mac_blocks import blocks

CSV = (
    "Registry,Assignment,Organization Name,Organization Address\r\n"
    'MA-L,001422,"Dell, Inc.",One Dell Way Round Rock TX US 78682 \r\n'
    "MA-M,0055DA1,KoolPOS Inc.,China\r\n"
    "MA-S,8C1F64003,Brighten Controls LLP,India\r\n"
)
MANUF = (
    "# Wireshark's\n"
    "00:14:22\tDell\tDell Inc.\n"
    "00:55:DA:10:00:00/28\tKoolPOS\tKoolPOS Inc.\n"
    "8C:1F:64:00:30:00/36\tBrighten\tBrighten Controls LLP\n"
    "01-80-C2-00-00-00/48\tSpanning-tree\n"
)
JSON = '{"001422": "Dell Inc.\\nOne Dell Way", "0055DA1": "KoolPOS Inc."}'


def test_the_registry_as_the_ieee_writes_it() -> None:
    assert blocks(CSV, "oui.csv") == {
        "001422": "Dell, Inc.",
        "0055DA1": "KoolPOS Inc.",
        "8C1F64003": "Brighten Controls LLP",
    }


def test_the_registry_as_wireshark_writes_it() -> None:
    assert blocks(MANUF, "manuf") == {
        "001422": "Dell Inc.",
        "0055DA1": "KoolPOS Inc.",
        "8C1F64003": "Brighten Controls LLP",
    }


def test_the_registry_as_the_npm_package_has_it() -> None:
    assert blocks(JSON, "index.json") == {"001422": "Dell Inc.", "0055DA1": "KoolPOS Inc."}


def test_control_characters_in_a_name_are_taken_out() -> None:
    assert blocks('{"001422": "Dell\\u001b[31m\\tInc."}', "x") == {"001422": "Dell [31m Inc."}


@pytest.mark.parametrize("text", ["", "hello\n", "{}", "[1]", '{"001422": 7}', "<xml/>"])
def test_what_is_no_registry_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadInput):
        blocks(text, "x")


@given(st.one_of(st.text(), st.text().map(lambda text: CSV + text), st.text().map(MANUF.__add__)))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = blocks(text, "x")
    except BadInput:
        return
    assert all(len(prefix) in (6, 7, 9) and name for prefix, name in found.items())
