"""From a process to the script behind its interpreter."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from whence.model import CannotAsk, Confidence, Fact, Process, probe
from whence.model.interpreters import Given, Script, interpreter_name, script_behind
from whence.probes._programs import absolute, program_seen_by, sees_what_the_host_sees
from whence.probes._records import Run, last_run
from whence.world import Host, Witness

LONGEST = 120  # characters of inline code that a fact shows; the reading keeps it whole


@probe(answers="executes")
def executes(process: Process, witness: Witness, host: Host) -> Iterator[Fact]:
    """Which script does this interpreter run?"""
    run = last_run(process, witness)
    script = script_behind(run.record.executions) if run else None
    if run and script:
        yield _fact(run, script, host)


def _fact(run: Run, script: Script, host: Host) -> Fact:
    if script.given is Given.FILE:
        return _file(run, script.text, host)
    if script.given is Given.MODULE and (found := _module(run, script.text, host)):
        return found
    return run.record.process.fact("executes", _in_words(script), *run.evidence)


def _file(run: Run, name: str, host: Host) -> Fact:
    process, directory = run.record.process, run.execution.working_directory
    cut = run.execution.args_cut and name == run.execution.args[-1]
    sure = Confidence.POSSIBLE if cut else Confidence.CERTAIN
    path = absolute(name, directory)
    if re.match(r"/dev/fd/|/proc/self/fd/|/dev/stdin$", name):
        text = f"a script read from {name}, which is not kept"
        return process.fact("executes", text, *run.evidence)
    if path is None:
        text = f"{name}, in a directory that was not recorded"
        return process.fact("executes", text, *run.evidence, confidence=sure)
    program = program_seen_by(run, path, host)
    return process.fact("executes", program, *run.evidence, confidence=sure)


def _in_words(script: Script) -> str:
    match script.given:
        case Given.CODE:
            code = " ".join(script.text.split())
            return f"inline code: {code[:LONGEST]}" + (" …" if len(code) > LONGEST else "")
        case Given.INPUT:
            return "commands or a script from its standard input, which is not kept"
        case Given.ARGUMENTS:
            return f"what the argument file {script.text} says"
        case _:
            return f"{script.given} {script.text}"


def _module(run: Run, name: str, host: Host) -> Fact | None:
    """Look where Python would; ``-m`` puts the working directory first, python(1)."""
    python = interpreter_name(run.execution.executable) == "python"
    if not python or not sees_what_the_host_sees(run, host):
        return None
    for path in _module_paths(run, name.replace(".", "/")):
        try:
            found = host.status(path)
        except CannotAsk:
            continue
        if found.json()["kind"] == "file":
            program = program_seen_by(run, path, host)
            evidence = (*run.evidence, found.whole())
            sure = Confidence.LIKELY  # PYTHONPATH may say otherwise, and it was not recorded
            return run.record.process.fact("executes", program, *evidence, confidence=sure)
    return None


def _module_paths(run: Run, name: str) -> Iterator[str]:
    for folder in _module_folders(run):
        yield f"{folder}/{name}/__main__.py"
        yield f"{folder}/{name}.py"


def _module_folders(run: Run) -> Iterator[str]:
    version = re.search(r"python(\d+)\.(\d+)", run.execution.executable)
    yield from filter(None, [run.execution.working_directory])
    if not version:
        return
    library = f"lib/python{version[1]}.{version[2]}"
    for prefix in _prefixes(run):
        yield f"{prefix}/{library}"
        yield f"{prefix}/{library}/site-packages"
        yield f"{prefix}/{library}/dist-packages"
        yield f"{prefix}/lib64/{library[4:]}/site-packages"
        yield f"{prefix}/lib/python{version[1]}/dist-packages"


def _prefixes(run: Run) -> Iterator[str]:
    """Give the folders that hold bin/: a virtual environment shows in the name it was called by."""
    execution = run.execution
    called = [execution.args[0], execution.file] if execution.args else []
    named = [absolute(name, execution.working_directory) for name in called if "/" in name]
    paths = [path for path in (*named, execution.executable) if path and "/bin/" in path]
    prefixes = [posixpath.dirname(posixpath.dirname(path)) for path in paths]
    yield from dict.fromkeys([*prefixes, "/usr/local", "/usr"])
