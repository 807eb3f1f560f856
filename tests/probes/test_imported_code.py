"""Where the code of a Python program is, of recordings."""

from __future__ import annotations

import pytest

from whence.model import Confidence, Fact, Program
from whence.model.program_contents import Said, encode_said
from whence.probes.imported_code import imported_code
from whence.world import RecordedHost

PATH = "/usr/bin/agent"
RUN = Program("here", PATH)
DIST = "/usr/lib/python3/dist-packages"
COMPILED = (
    Said("kind", "compiled Python"), Said("compiled-by", "Python 3.11"),
    Said("compiled-from", "/build/agent.py"), Said("host", "api.acme.example", line=9),
)  # fmt: skip


def script(*imports: str, interpreter: str = "/usr/bin/python3") -> dict[str, str]:
    rows = [Said("interpreter", interpreter, 1), *(Said("imports", name, 2) for name in imports)]
    return {
        PATH: "#!/usr/bin/python3\n",
        f"contents of {PATH}": encode_said(rows),
        "readlink -f /usr/bin/python3": "/usr/bin/python3.11\n",
    }


def facts(files: dict[str, str], *imports: str, **more: str) -> list[Fact]:
    host = RecordedHost(script(*imports, **more) | files)
    return [*imported_code.ask(RUN, host, host)]


def test_compiled_code_without_a_source() -> None:
    code = f"{DIST}/acme/agent.pyc"
    told = facts({code: "", f"contents of {code}": encode_said(COMPILED)}, "sys", "acme.agent")
    first = told[0]
    assert (first.relation, str(first.value)) == ("takes-code-from", code)
    assert first.confidence is Confidence.LIKELY
    said = [f"{fact.subject} {fact.relation} {fact.value}" for fact in told]
    assert f"{code} has-no-source compiled from /build/agent.py, which is not here" in said
    assert f"{code} names-host api.acme.example (line 9)" in said


def test_compiled_code_of_which_the_source_is_there() -> None:
    code = f"{DIST}/acme/agent.pyc"
    files = {code: "", f"contents of {code}": encode_said(COMPILED), "/build/agent.py": ""}
    assert "has-no-source" not in {fact.relation for fact in facts(files, "acme.agent")}


def test_a_source_is_named_from_where_the_compiled_file_is() -> None:
    code = f"{DIST}/acme/agent.pyc"
    said = encode_said((Said("compiled-from", "src/agent.py"),))
    files = {code: "", f"contents of {code}": said}
    assert "has-no-source" in {fact.relation for fact in facts(files, "acme.agent")}
    files[f"{DIST}/acme/src/agent.py"] = ""
    assert "has-no-source" not in {fact.relation for fact in facts(files, "acme.agent")}


@pytest.mark.parametrize(
    ("files", "module", "found"),
    [
        ((f"{DIST}/acme.py", f"{DIST}/acme.pyc"), "acme", f"{DIST}/acme.py"),
        ((f"{DIST}/acme/__init__.py", f"{DIST}/acme.py"), "acme", f"{DIST}/acme/__init__.py"),
        (("/usr/bin/acme.py", f"{DIST}/acme.py"), "acme", "/usr/bin/acme.py"),
        ((f"{DIST}/acme/run.so",), "acme.run", f"{DIST}/acme/run.so"),
        ((f"{DIST}/acme/other.py",), "acme.agent", ""),
    ],
)
def test_python_looks_in_its_folders_one_after_the_other(
    files: tuple[str, ...], module: str, found: str
) -> None:
    told = facts(dict.fromkeys(files, ""), module)
    assert [str(fact.value) for fact in told] == ([found] if found else [])


def test_a_folder_that_the_program_adds_comes_first() -> None:
    own = {PATH: "#!/usr/bin/python3\nsys.path.insert(0, '/opt/acme/lib')\n"}
    files = dict.fromkeys(("/opt/acme/lib/acme.py", f"{DIST}/acme.py"), "")
    (fact,) = facts(own | files, "acme")
    assert str(fact.value) == "/opt/acme/lib/acme.py"


def test_what_is_no_python_imports_nothing() -> None:
    assert not facts({f"{DIST}/acme.py": ""}, "acme", interpreter="/bin/sh")
    assert not facts({f"{DIST}/acme.py": ""}, "acme", interpreter="")
    assert not facts({f"{DIST}/json.py": ""}, "json")  # of Python itself
    assert not facts({f"{DIST}/agent.py": ""}, ".agent", ".")


def test_env_looks_for_python() -> None:
    assert facts({f"{DIST}/acme.py": ""}, "acme", interpreter="/usr/bin/env python3")
