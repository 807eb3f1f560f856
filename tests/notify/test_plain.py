from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from whence.notify.plain import clip, plain

ANY = st.text(st.characters(codec=None))


@given(ANY)
def test_no_text_leaves_its_line_or_becomes_a_command(text: str) -> None:
    assert plain(text, 100).isprintable()
    assert len(plain(text, 100)) <= 100
    assert plain(plain(text)) == plain(text)


@given(ANY, st.integers(0, 50))
def test_a_clipped_text_is_still_text(text: str, octets: int) -> None:
    assert len(clip(text, octets)) <= octets
    assert clip(text, octets).decode() in text.encode("utf-8", "backslashreplace").decode()


def test_what_does_not_print_is_shown() -> None:
    assert plain("a\r\nb\x1b[2J\u202e\udcff é") == "a\\r\\nb\\x1b[2J\\u202e\\udcff é"
