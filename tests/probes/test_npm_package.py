import pytest

from whence.model import Fact, Package, Program
from whence.probes.npm_package import npm_package
from whence.world import RecordedHost

MANIFEST = """{
  "author": {
    "name": "Ada"
  },
  "version": "1.2.0",
  "description": "says \\"hello\\"",
  "homepage": "https://example.org/",
  "config": {
    "version": "9",
    "token": [redacted]
  }
}
"""
FOLDER = "/usr/local/lib/node_modules"


def asked(path: str, **texts: str) -> list[Fact]:
    host = RecordedHost({f"{FOLDER}/@it/poll/package.json": MANIFEST} | texts)
    return [*npm_package(Program("here", path), host)]


def test_the_nearest_package_of_a_script_and_what_it_says_of_itself() -> None:
    belongs, *said = asked(f"{FOLDER}/@it/poll/lib/cli.js")
    assert belongs.value == Package("npm", "@it/poll", "1.2.0")
    assert [fact.value for fact in said] == ['says "hello"', "https://example.org/"]


def test_a_package_inside_a_package() -> None:
    inner = f"{FOLDER}/@it/poll/node_modules/tiny"
    (fact,) = asked(f"{inner}/x.js", **{f"{inner}/package.json": "{}"})
    assert fact.value == Package("npm", "tiny")


def test_a_command_is_a_link_into_its_package() -> None:
    links = {"readlink -f /usr/local/bin/poll": f"{FOLDER}/@it/poll/lib/cli.js\n"}
    fact, *_ = asked("/usr/local/bin/poll", **links)
    assert fact.value == Package("npm", "@it/poll", "1.2.0")


@pytest.mark.parametrize("path", ["/srv/app/main.js", "/usr/bin/node", "/etc/passwd"])
def test_a_file_of_no_package(path: str) -> None:
    assert not asked(path)
