from whence.model.plural import many


def test_one_is_not_several() -> None:
    assert [many(count, "packet") for count in (0, 1, 9998)] == [
        "0 packets", "1 packet", "9,998 packets",
    ]  # fmt: skip
    assert many(1, "entry is", "entries are") == "1 entry is"
    assert many(2, "entry is", "entries are") == "2 entries are"
