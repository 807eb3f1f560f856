from whence.model.output_words import by_stream, missing, process_io
from whence.model.run_output import RunOutput, StreamOutput, Written

OUTPUT = RunOutput(
    (Written("stdout", "é\n", 5), Written("stderr", "no\n"), Written("stdout", "b", 80)),
    StreamOutput("null", written=89, kept=4, beyond=80, passed_on=5),
    StreamOutput("tty", written=3, kept=3),
)


def test_ecs_has_the_text_and_where_bytes_are_missing() -> None:
    assert process_io(OUTPUT) == {
        "type": "tty",
        "text": "é\nno\nb",
        "total_bytes_captured": 7,
        "total_bytes_skipped": 85,
        "bytes_skipped": [{"offset": 3, "length": 5}, {"offset": 7, "length": 80}],
        "max_bytes_per_process_exceeded": True,
    }


def test_the_two_streams_are_told_apart() -> None:
    found = by_stream(OUTPUT)
    assert found["stdout"]["text"] == "é\nb"
    assert found["stderr"] == {"type": "tty", "text": "no\n", "bytes": 3, "captured": 3}


def test_what_is_missing_has_its_reason() -> None:
    assert [*missing(OUTPUT)] == [
        "stdout: 80 bytes beyond the first 9 were not kept, "
        "5 bytes were passed on by splice(2) or its kind, and not seen"
    ]
    assert "half full" in [*missing(OUTPUT.counted())][-1]
    assert "more" in [*missing(RunOutput(complete=False))][-1]
    assert not [*missing(RunOutput())]
