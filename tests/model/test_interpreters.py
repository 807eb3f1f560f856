import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.model import Execution
from whence.model.interpreters import (
    GRAMMARS,
    MANY_IN_ONE,
    Given,
    Script,
    interpreter_name,
    runs_others,
    script_behind,
    script_of,
)
from whence.world import EPOCH

TOLD = [
    ("python3.11", "python3 poll.py 192.0.2.1", "file poll.py"),
    ("python3.11", "python3 -Es -X dev -W ignore poll.py", "file poll.py"),
    ("python3.11", "python3 -OO -- poll.pyc", "file poll.pyc"),
    ("python3.11", "python3 -OOm http.server 8000", "module http.server"),
    ("python3.11", "python3 -mhttp.server", "module http.server"),
    ("python3.11", "python3 -Ic 'import os' x", "code import os"),
    ("python3.13t", "python3 -", "standard input "),
    ("python2.7", "python", "standard input "),
    ("pypy3", "pypy3 --check-hash-based-pycs always a.py", "file a.py"),
    ("bash", "bash -euo pipefail deploy.sh", "file deploy.sh"),
    ("bash", "bash -c -e 'curl 192.0.2.1' name", "code curl 192.0.2.1"),
    ("bash", "bash --rcfile x --login +x s.sh", "file s.sh"),
    ("bash", "-bash", "standard input "),
    ("dash", "sh -s one two", "standard input "),
    ("dash", "/bin/sh -ec 'a && b'", "code a && b"),
    ("zsh", "zsh -o extendedglob s.zsh", "file s.zsh"),
    ("ksh93", "ksh s.ksh", "file s.ksh"),
    ("fish", "fish --command=ls", "code ls"),
    ("perl", "perl -lne print access.log", "code print"),
    ("perl", "perl -pi -e s/a/b/ file", "code s/a/b/"),
    ("perl", "perl -pie s/a/b/ file", "file s/a/b/"),
    ("perl5.36.0", "perl -MList::Util=sum -I lib -w poll.pl", "file poll.pl"),
    ("ruby3.1", "ruby -r json -Ilib poll.rb", "file poll.rb"),
    ("ruby3.1", "ruby -ne 'puts 1'", "code puts 1"),
    ("node", "node -r dotenv/config --max-old-space-size=99 app.js", "file app.js"),
    ("node", "node --require dotenv/config inspect app.js", "file app.js"),
    ("node", "node --eval=1+1", "code 1+1"),
    ("nodejs", "nodejs /usr/bin/npm start", "file /usr/bin/npm"),
    ("deno", "deno run --allow-net main.ts", "file main.ts"),
    ("java", "java -Xmx1g -cp a.jar:b.jar com.example.Poll", "class com.example.Poll"),
    ("java", "java -jar -Dx=y poll.jar arg", "file poll.jar"),
    ("java", "java --module-path mods -m com.example/com.example.Poll",
     "module com.example/com.example.Poll"),
    ("java", "java Poll.java", "file Poll.java"),
    ("java", "java @args", "arguments args"),
    ("php8.2", "php -d display_errors=0 -f poll.php", "file poll.php"),
    ("php8.2", "php -r 'echo 1;'", "code echo 1;"),
    ("php8.2", "php -n poll.php", "file poll.php"),
    ("lua5.4", "lua -l socket -e x=1 poll.lua", "file poll.lua"),
    ("lua5.4", "lua -e x=1", "code x=1"),
    ("tclsh8.6", "tclsh -encoding utf-8 poll.tcl", "file poll.tcl"),
    ("expect", "expect -f login.exp", "file login.exp"),
    ("Rscript", "Rscript --vanilla poll.R", "file poll.R"),
    ("R", "R --no-echo --file=poll.R", "file poll.R"),
    ("busybox", "sh -c 'wget x'", "code wget x"),
    ("busybox", "busybox ash /etc/poll", "file /etc/poll"),
    ("busybox", "/usr/bin/wget http://192.0.2.1", "applet wget"),
    ("busybox", "busybox nc 192.0.2.1 80", "applet nc"),
]  # fmt: skip


@pytest.mark.parametrize(("program", "line", "expected"), TOLD)
def test_what_an_interpreter_was_told_to_run(program: str, line: str, expected: str) -> None:
    script = script_of(f"/usr/bin/{program}", shlex.split(line))
    assert script
    assert f"{script.given} {script.text}" == expected


@pytest.mark.parametrize("line", ["java -version", "java"])
def test_java_without_a_class_runs_nothing(line: str) -> None:
    assert script_of("/usr/bin/java", line.split()) is None


def test_an_ordinary_program_is_told_no_script() -> None:
    assert script_of("/usr/bin/curl", ["curl", "-s", "x"]) is None


def test_nothing_is_known_of_the_arguments() -> None:
    assert script_of("/usr/bin/python3", []) is None


def test_the_name_of_an_interpreter_has_no_version() -> None:
    names = [interpreter_name(f"/opt/{name}") for name in ("python3.11-dbg", "php8.2", "node-20")]
    assert names == ["python", "php", "node"]


def test_a_deleted_interpreter_is_still_one() -> None:
    assert runs_others("/usr/bin/python3.11 (deleted)")


def execution(executable: str, *args: str, file: str = "") -> Execution:
    return Execution(EPOCH, executable, file, args)


def test_the_kernel_names_the_script_of_an_interpreter_that_is_not_known() -> None:
    run = execution("/opt/vm", "/opt/vm", "-q", "/srv/poll.x", file="/srv/poll.x")
    assert script_behind([run]) == Script(Given.FILE, "/srv/poll.x")


def test_a_program_called_by_another_name_is_no_script() -> None:
    assert script_behind([execution("/usr/bin/dash", "sh", file="/bin/sh")]) == Script(Given.INPUT)


def test_a_process_that_ran_nothing_runs_no_script() -> None:
    assert script_behind([]) is None


words = st.lists(st.text(max_size=6) | st.sampled_from(["-", "--", "-c", "-m", "-e", "@", "-jar"]))
names = st.sampled_from([*GRAMMARS, *MANY_IN_ONE, "cat"])


@given(names, words)
def test_no_command_line_is_too_strange(name: str, args: list[str]) -> None:
    script = script_of(f"/usr/bin/{name}", args)
    assert script is None or not script.text or any(script.text in word for word in args)


@given(st.lists(st.builds(execution, st.text(), file=st.text()), max_size=3), words)
def test_no_history_is_too_strange(history: list[Execution], args: list[str]) -> None:
    script_behind([*history, execution("/usr/bin/python3", *args, file=args[0] if args else "")])
