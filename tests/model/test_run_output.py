import time

from whence.model.run_output import (
    OutputEnded,
    OutputPiece,
    StreamOutput,
    StreamTotals,
    Written,
    put_together,
)

NONE = StreamTotals()


def out(offset: int, data: bytes) -> OutputPiece:
    return OutputPiece(1, 0, offset, data)


def err(offset: int, data: bytes) -> OutputPiece:
    return OutputPiece(1, 1, offset, data)


def ended(stdout: StreamTotals = NONE, stderr: StreamTotals = NONE) -> OutputEnded:
    return OutputEnded(1, (stdout, stderr))


def test_lines_are_whole_and_in_the_order_in_which_they_ended() -> None:
    pieces = [out(0, b"on"), err(0, b"warning\n"), out(2, b"e\ntwo\nth"), out(10, b"ree")]
    found = put_together(pieces, ended(StreamTotals("pipe", 13), StreamTotals("pipe", 8)))
    assert found.chunks == (
        Written("stderr", "warning\n"),
        Written("stdout", "one\ntwo\nthree"),
    )
    assert found.stdout == StreamOutput("pipe", 13, 13)
    assert found.complete


def test_pieces_that_come_in_the_wrong_order() -> None:
    pieces = [out(4, b"two\n"), out(0, b"one\n")]
    found = put_together(pieces, ended(StreamTotals("pipe", 8)))
    assert found.chunks == (Written("stdout", "one\ntwo\n"),)


def test_what_is_missing_is_said_where_it_is_missing() -> None:
    totals = StreamTotals("file", written=100, passed_on=5, lost=10)
    found = put_together([out(0, b"a"), out(16, b"b")], ended(totals))
    assert found.chunks == (Written("stdout", "a", 15), Written("stdout", "b", 83))
    assert found.stdout == StreamOutput("file", 100, kept=2, beyond=83, passed_on=5, lost=10)


def test_a_run_of_which_only_the_beginning_was_told() -> None:
    found = put_together([out(0, b"a"), out(3, b"b")], None)
    assert found.stdout == StreamOutput(written=4, kept=2, lost=2)
    assert not found.complete


def test_what_had_no_room_here_is_lost() -> None:
    found = put_together([out(0, b"a")], ended(StreamTotals("pipe", 9)), unheld=(8, 0))
    assert (found.stdout.lost, found.stdout.beyond) == (8, 0)


def test_a_secret_that_was_written_in_parts() -> None:
    pieces = [out(0, b"pass"), err(0, b"x\n"), out(4, b"word=ge"), out(11, b"heim\nmore")]
    found = put_together(pieces, ended(StreamTotals("pipe", 20), StreamTotals("pipe", 2)))
    assert found.of("stdout") == "password=[redacted]\nmore"
    assert "geheim" not in found.text


def test_bytes_that_are_no_text() -> None:
    found = put_together([out(0, b"\xc3"), out(1, b"\xa9\xff\0")], ended(StreamTotals("pipe", 4)))
    assert found.text == "é\\xff\0"


def test_looking_for_secrets_takes_no_time_to_speak_of() -> None:
    began = time.process_time()
    for data in (b"a." * 32768 + b"://pass", b"pass " * 13000, b"-" * 65000 + b"key"):
        put_together([out(0, data)], None)
    assert time.process_time() - began < 2


def test_how_much_it_was_is_kept_without_the_text() -> None:
    found = put_together([out(0, b"a\n")], ended(StreamTotals("pipe", 2))).counted()
    assert (found.text, found.stdout.written, found.dropped) == ("", 2, True)
