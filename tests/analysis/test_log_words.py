from whence.analysis._log_words import in_common


def test_what_differs_between_messages_of_a_kind_is_left_out() -> None:
    assert in_common(["unpacked libc6:amd64 2.36", "unpacked bash:amd64 5.2"]) == "unpacked … …"
    assert in_common(["login user=root, from [10.0.0.7]", "login user=eve, from [10.0.0.9]"]) == (
        "login user=…, from […]"
    )


def test_messages_that_are_all_alike_stay_as_they_are() -> None:
    assert in_common(["table full,  dropping packet"] * 3) == "table full,  dropping packet"


def test_a_message_of_another_length_does_not_disturb() -> None:
    assert in_common(["job 1 done", "job 2 done", "job 3 was done late"]) == "job … done"


def test_where_nothing_is_in_common_one_message_stands_for_them() -> None:
    assert in_common(["a b", "c d"]) == "a b"
    assert in_common([]) == ""
