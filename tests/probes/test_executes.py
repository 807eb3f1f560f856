from dataclasses import replace

import pytest

from tests.probes.telling import pid, ran, record, status, told, values
from whence.model import Confidence, Execution, Fact, Program
from whence.probes.executes import executes

PYTHON = "/usr/bin/python3.11"


def asked(*executions: Execution, **texts: str) -> list[Fact]:
    host = told(record(5, *executions), **texts)
    return [*executes(pid(5), host, host)]


def test_a_script_with_its_interpreter_in_the_first_line() -> None:
    script = ran(
        "/usr/bin/dash", "/bin/sh", "/etc/cron.hourly/probe", file="/etc/cron.hourly/probe"
    )
    (fact,) = asked(script)
    assert fact.value == Program("here", "/etc/cron.hourly/probe")


def test_a_relative_script_lies_in_the_working_directory_of_its_execution() -> None:
    assert values(asked(ran(PYTHON, "python3", "../bin/poll.py", cwd="/srv/app"))) == [
        "/srv/bin/poll.py"
    ]


def test_env_names_the_interpreter_and_the_history_names_the_script() -> None:
    env = ran("/usr/bin/env", "/usr/bin/env", "vm", "./poll.x", file="./poll.x")
    assert values(asked(env, ran("/opt/vm/bin/vm", "vm", "./poll.x"))) == ["/srv/poll.x"]


def test_a_wrapper_script_that_became_another_program_is_past() -> None:
    wrapper = ran("/usr/bin/dash", "/bin/sh", "/srv/start", file="/srv/start")
    assert not asked(wrapper, ran("/usr/sbin/nginx", "nginx"))


def test_a_program_called_through_a_link_is_no_script() -> None:
    assert not asked(ran("/usr/bin/vim.basic", "vi", "/srv/x", file="/usr/bin/vi"))


@pytest.mark.parametrize("code", ["print(1)\n" * 99, "print(1);" * 99])
def test_inline_code_is_shown_shortened(code: str) -> None:
    (text,) = values(asked(ran(PYTHON, "python3", "-c", code)))
    assert text.startswith("inline code: print(1)")
    assert (text[-2:], len(text)) == (" …", len("inline code: ") + 120 + 2)


def test_a_script_from_standard_input_is_not_kept() -> None:
    (text,) = values(asked(ran("/usr/bin/bash", "bash", "-s", "x")))
    assert text == "commands or a script from its standard input, which is not kept"


def test_a_script_from_a_descriptor_is_not_kept() -> None:
    (text,) = values(asked(ran("/usr/bin/bash", "bash", "/dev/fd/63")))
    assert text == "a script read from /dev/fd/63, which is not kept"


def test_a_module_that_cannot_be_found_is_named() -> None:
    assert values(asked(ran(PYTHON, "python3", "-m", "poller.main"))) == ["module poller.main"]


@pytest.mark.parametrize(
    ("called", "path"),
    [
        ("python3", "/srv/poller/__main__.py"),
        ("python3", "/usr/lib/python3.11/poller.py"),
        ("python3", "/usr/local/lib/python3.11/dist-packages/poller.py"),
        ("/opt/app/bin/python", "/opt/app/lib/python3.11/site-packages/poller/__main__.py"),
    ],
)
def test_a_module_is_found_where_python_looks(called: str, path: str) -> None:
    (fact,) = asked(ran(PYTHON, called, "-m", "poller"), **{f"status {path}": status()})
    assert (str(fact.value), fact.confidence) == (path, Confidence.LIKELY)


def test_a_virtual_environment_that_only_the_file_given_to_execve_names() -> None:
    path = "/opt/app/lib/python3.11/site-packages/poller.py"
    run = ran(PYTHON, "python", "-m", "poller", file="/opt/app/bin/python")
    assert values(asked(run, **{f"status {path}": status()})) == [path]


def test_a_relative_script_whose_directory_nobody_recorded() -> None:
    (text,) = values(asked(ran(PYTHON, "python3", "poll.py", cwd="")))
    assert text == "poll.py, in a directory that was not recorded"


def test_a_path_at_which_the_arguments_were_cut_is_only_possible() -> None:
    (fact,) = asked(replace(ran(PYTHON, "python3", "/srv/po"), args_bytes=99))
    assert fact.confidence is Confidence.POSSIBLE


def test_an_ordinary_program_executes_no_script() -> None:
    assert not asked(ran("/usr/bin/curl", "curl", "/bin/sh"))


def test_a_module_of_a_container_is_not_looked_for_among_the_host_s_files() -> None:
    told_of = record(5, ran(PYTHON, "python3", "-m", "poller"), mount_namespace=99)
    texts = {"link /proc/self/ns/mnt": "mnt:[1]", "status /srv/poller.py": status()}
    host = told(told_of, **texts)
    assert values(executes(pid(5), host, host)) == ["module poller"]


def test_a_script_of_a_container_is_not_the_host_s() -> None:
    told_of = record(5, ran(PYTHON, "python3", "/srv/poll.py"), mount_namespace=99)
    host = told(told_of, **{"link /proc/self/ns/mnt": "mnt:[1]", "status /srv/poll.py": status()})
    (fact,) = executes(pid(5), host, host)
    assert fact.value == Program("here/mnt:[99]", "/srv/poll.py")
