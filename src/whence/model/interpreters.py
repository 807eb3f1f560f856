"""Which script an interpreter runs, by its command line. Never raises, whatever it is given.

Each interpreter reads its own options; their grammar is a table here. Sources: python(1),
bash(1), dash(1), zsh(1), ksh(1), perlrun(1), ruby(1), node(1), java(1), php(1), lua(1),
tclsh(1), expect(1), Rscript(1).
"""

from __future__ import annotations

import enum
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from whence.model.sightings import Execution


class Given(enum.StrEnum):
    """How an interpreter was told what to run."""

    FILE = "file"
    MODULE = "module"
    CLASS = "class"  # of Java, found on the class path
    CODE = "code"  # on the command line itself
    INPUT = "standard input"
    ARGUMENTS = "arguments"  # of Java: @FILE holds the rest of the command line
    APPLET = "applet"  # of a binary that is many programs, such as busybox
    NOTHING = "nothing"  # an option's value that does not decide what runs


@dataclass(frozen=True, slots=True)
class Script:
    """What an interpreter was told to run: its file, its module, its code or another."""

    given: Given
    text: str = ""


@dataclass(frozen=True, slots=True)
class Grammar:
    """The options of an interpreter, as far as they decide what it runs.

    Letters may stand together, and an option's value is the rest of its word or else the next
    word, as getopt(3) has it.
    """

    values: Mapping[str, Given]  # options that have a value, and what that value is
    switches: Mapping[str, Given] = field(default_factory=dict)  # what they make the first word
    sticky: str = ""  # letters that take the rest of their word, and never the next
    first_word: Given = Given.FILE
    before: tuple[str, ...] = ()  # words that may stand before the first
    whole_words: bool = False  # -version is one option, not seven
    plus: bool = False  # +x is an option too
    code_then_file: bool = False  # a script may follow the code: lua -e CODE FILE


def _values(ignored: str, **kinds: str) -> dict[str, Given]:
    """Spell out a table: option by option, what kind of value follows it."""
    named = {option: Given[kind] for kind, options in kinds.items() for option in options.split()}
    return dict.fromkeys(ignored.split(), Given.NOTHING) | named


SHELL = Grammar(
    _values("-o -O --rcfile --init-file"),
    switches={"-c": Given.CODE, "-s": Given.INPUT},
    plus=True,
)
FISH = Grammar(_values("-C --init-command -d -D -f", CODE="-c --command"))
PYTHON = Grammar(_values("-W -X -Q --check-hash-based-pycs", CODE="-c", MODULE="-m"))
PERL = Grammar(_values("-I", CODE="-e -E"), sticky="CDFVMdimx")
RUBY = Grammar(
    _values("-C -E -I -r --encoding --external-encoding --internal-encoding", CODE="-e"),
    sticky="FKTWix",
)
NODE = Grammar(
    _values(
        "-r -C --require --import --loader --experimental-loader --conditions --env-file "
        "--input-type --title --inspect-port --icu-data-dir",
        CODE="-e -p --eval --print",
    ),
    before=("inspect",),
)
DENO = Grammar(_values("-c --config --import-map --lock --cert --seed"), before=("run",))
JAVA = Grammar(
    _values(
        "-cp -classpath --class-path -p --module-path --upgrade-module-path --add-modules "
        "--add-exports --add-opens --add-reads --limit-modules --patch-module --source",
        MODULE="-m --module",
    ),
    switches={"-jar": Given.FILE},
    first_word=Given.CLASS,
    whole_words=True,
)
PHP = Grammar(
    _values(
        "-c -d -z -S -t --php-ini --define --zend-extension --server --docroot",
        CODE="-r -B -R -E --run --process-begin --process-code --process-end",
        FILE="-f -F --file --process-file",
    )
)
LUA = Grammar(_values("-l -j -O", CODE="-e"), code_then_file=True)
TCL = Grammar(_values("-encoding"), whole_words=True)
EXPECT = Grammar(_values("-C", CODE="-c", FILE="-f -b"))
R = Grammar(_values("--encoding --default-packages", CODE="-e", FILE="-f --file"), whole_words=True)

GRAMMARS: Mapping[str, Grammar] = {
    **dict.fromkeys(("sh", "ash", "bash", "rbash", "dash", "zsh", "ksh", "ksh93", "mksh"), SHELL),
    **dict.fromkeys(("python", "pypy"), PYTHON),
    **dict.fromkeys(("ruby", "jruby"), RUBY),
    **dict.fromkeys(("node", "nodejs"), NODE),
    **dict.fromkeys(("deno", "bun"), DENO),
    **dict.fromkeys(("lua", "luajit"), LUA),
    **dict.fromkeys(("tclsh", "wish"), TCL),
    **dict.fromkeys(("R", "Rscript"), R),
    "fish": FISH,
    "perl": PERL,
    "java": JAVA,
    "php": PHP,
    "expect": EXPECT,
}
MANY_IN_ONE = frozenset({"busybox", "toybox", "coreutils"})
_VERSION = re.compile(r"[-.\d]+[a-z]?(?:-dbg)?$")


def interpreter_name(executable: str) -> str:
    """Name a program without its folder and its version: ``/usr/bin/python3.11`` is python."""
    name = posixpath.basename(executable.removesuffix(" (deleted)"))
    return name if name in GRAMMARS else _VERSION.sub("", name)


def runs_others(executable: str) -> bool:
    """Say whether a program runs what others wrote, or is many programs in one file."""
    name = interpreter_name(executable)
    return name in GRAMMARS or name in MANY_IN_ONE


def script_of(executable: str, args: Sequence[str]) -> Script | None:
    """Say what an interpreter was told to run; None if the program is no interpreter.

    ``args`` begins with the name that the program was called by.
    """
    name = interpreter_name(executable)
    if name in MANY_IN_ONE:
        return _applet(args)
    grammar = GRAMMARS.get(name)
    return _CommandLine(grammar, args[1:]).script() if grammar and args else None


def script_behind(executions: Sequence[Execution]) -> Script | None:
    """Say which script a process runs, by all that it executed, the oldest first.

    ``#!/usr/bin/env x`` executes twice: env first, then x, and only the first names the script.
    An earlier script counts only while the command line still holds it: a wrapper script that
    ended in ``exec program`` is past.
    """
    if not executions:
        return None
    last = executions[-1]
    scripts = {run.file for run in executions if is_script(run)}
    named = next((argument for argument in last.args[1:] if argument in scripts), None)
    return Script(Given.FILE, named) if named else script_of(last.executable, last.args)


def is_script(run: Execution) -> bool:
    """Say whether execve(2) was given a ``#!`` file.

    The kernel then puts the interpreter and at most one option before the file's name
    (fs/binfmt_script.c), so the name is the second or third argument.
    """
    return run.file in run.args[1:3] and run.file not in ("", run.executable, run.args[0])


def _applet(args: Sequence[str]) -> Script | None:
    names = [posixpath.basename(argument).lstrip("-") for argument in args[:2]]
    if names and names[0] in MANY_IN_ONE:
        names, args = names[1:], args[1:]
    if not names:
        return None
    if GRAMMARS.get(names[0]) is SHELL:
        return _CommandLine(SHELL, args[1:]).script()
    return Script(Given.APPLET, names[0])


class _CommandLine:
    """The words of a command line, read one after the other."""

    def __init__(self, grammar: Grammar, words: Sequence[str]) -> None:
        self._grammar = grammar
        self._words = iter(words)
        self._first_word = grammar.first_word
        self._code: Script | None = None

    def script(self) -> Script | None:
        for word in self._words:
            if found := self._read(word):
                return found
        if self._code or self._grammar.first_word is Given.CLASS:
            return self._code
        return Script(Given.INPUT)

    def _read(self, word: str) -> Script | None:
        if word == "-":
            return self._code or Script(Given.INPUT)
        if word == "--":
            return self._plain(next(self._words, ""))
        if word.startswith("--") or (word.startswith("-") and self._grammar.whole_words):
            return self._option(*_split(word))
        if word.startswith("-") or (word.startswith("+") and self._grammar.plus):
            return next(filter(None, self._letters(word[1:])), None)
        return None if word in self._grammar.before else self._plain(word)

    def _letters(self, letters: str) -> Iterator[Script | None]:
        for place, letter in enumerate(letters, start=1):
            if letter in self._grammar.sticky:
                return
            yield self._option(f"-{letter}", letters[place:])
            if f"-{letter}" in self._grammar.values:
                return

    def _option(self, name: str, value: str) -> Script | None:
        if switched := self._grammar.switches.get(name):
            self._first_word = switched
        given = self._grammar.values.get(name)
        if given is None:
            return None
        value = value or next(self._words, "")
        if given is Given.CODE and self._grammar.code_then_file:
            self._code = self._code or Script(given, value)
            return None
        return None if given is Given.NOTHING or not value else Script(given, value)

    def _plain(self, word: str) -> Script | None:
        if self._first_word is Given.INPUT or not word:
            return Script(Given.INPUT)
        if self._first_word is Given.CLASS and word.startswith("@"):
            return Script(Given.ARGUMENTS, word[1:])
        if self._first_word is Given.CLASS and word.endswith(".java"):
            return Script(Given.FILE, word)
        return Script(self._first_word, word)


def _split(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    return name, value
