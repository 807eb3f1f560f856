from whence.model.evidence import Reading
from whence.model.program_contents import Said, encode_said, once, said_of
from whence.model.script_text import interpreter_line, script_said
from whence.world import EPOCH

SHELL = """#!/bin/bash
# curl https://comment.example.org/ is not run
poll() { wget -q "$1"; }
FOO=1 curl -s https://x.vendor.io/a | grep foo
scp a.txt u@backup.office.example:/x && ssh -p 22 10.0.0.9
exec 3<>/dev/tcp/evil.test/4444
if ! ping -c1 192.0.2.7; then poll z; fi
cat <<END
rsync this is a text
END
echo "logger not called"
""".splitlines()
PERL = """#!/usr/bin/perl
my $s = IO::Socket::INET->new(PeerAddr => "logs.vendor.com", PeerPort => 514);
$self.id; foo.name;
""".splitlines()


def told(lines: list[str], what: str, *, is_shell: bool = True) -> dict[str, int]:
    found = once(script_said(lines, is_shell=is_shell))
    return {said.text: said.line for said in found if said.what == what}


def test_what_a_shell_script_names_and_in_which_line() -> None:
    assert told(SHELL, "host") == {"x.vendor.io": 4, "backup.office.example": 5, "evil.test": 6}
    assert told(SHELL, "address") == {"10.0.0.9": 5, "192.0.2.7": 7}


def test_what_a_shell_script_calls_but_for_words_of_the_shell_texts_and_its_own_functions() -> None:
    assert told(SHELL, "calls") == {
        "wget": 3, "curl": 4, "grep": 4, "scp": 5, "ssh": 5, "ping": 7, "cat": 8,
    }  # fmt: skip


def test_of_another_language_only_strings_are_names_as_a_whole() -> None:
    assert told(PERL, "host", is_shell=False) == {"logs.vendor.com": 2}
    assert not told(PERL, "calls", is_shell=False)


def test_the_line_that_names_an_interpreter() -> None:
    assert interpreter_line("#! /usr/bin/env -S python3 -u ") == "/usr/bin/env -S python3 -u"
    assert interpreter_line("# no") == ""


def test_what_is_too_much_is_counted() -> None:
    rows = [Said("host", f"h{number}.example.org") for number in range(30)]
    *kept, left = once(rows, most=10)
    assert (len(kept), left) == (10, Said("left-out", "20 more that it says"))


def test_what_is_said_is_kept_line_by_line_without_passwords() -> None:
    text = encode_said([Said("url", "https://u:secret@h.example.org/"), Said("port", "8", 3)])
    assert "secret" not in text
    rows = [said for said, _ in said_of(Reading("x", text, EPOCH, "here").lines())]
    assert rows[1] == Said("port", "8", 3)
