from dataclasses import replace

from tests.probes.telling import pid, ran, record, told, values
from whence.probes.called_as import called_as


def test_a_command_line_as_a_shell_would_take_it_and_where_it_was_given() -> None:
    host = told(record(5, ran("/usr/bin/curl", "curl", "-d", "a b", cwd="/srv")))
    assert values(called_as(pid(5), host)) == ["curl -d 'a b'  (in /srv)"]


def test_a_command_line_that_was_cut() -> None:
    host = told(record(5, replace(ran("/usr/bin/curl", "curl", cwd=""), args_bytes=999)))
    assert values(called_as(pid(5), host)) == ["curl …"]


def test_a_process_whose_command_line_nobody_saw() -> None:
    assert not [*called_as(pid(5), told(record(5)))]
