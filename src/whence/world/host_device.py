"""A bridge of a machine as a device: its questions are commands."""

from __future__ import annotations

import shlex
from dataclasses import replace

import msgspec

from whence.model import Reading
from whence.world.contracts import Host


class HostDevice:
    """Runs commands of a machine, in a network namespace if one is named."""

    def __init__(self, name: str, host: Host, namespace: str = "") -> None:
        self.name = name
        self._host = host
        self._before = ("ip", "netns", "exec", namespace) if namespace else ()

    def ask(self, question: str) -> Reading:
        """Run a command that changes nothing.

        JSON comes with one object a line, whatever the command printed, so that a fact can cite
        the line that it rests on.
        """
        reading = self._host.run(*self._before, *shlex.split(question))
        return replace(reading, source=question, text=one_a_line(reading.text))


def one_a_line(text: str) -> str:
    """Write the elements of a JSON list, or of the list “data” in it, one a line."""
    try:
        told = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
    if isinstance(told, list):
        return _listed(told)
    if isinstance(told, dict) and isinstance(told.get("data"), list):
        rest = {name: value for name, value in told.items() if name != "data"}
        return f'{{"rest":{_text(rest)},"data":{_listed(told["data"])}}}'
    return text


def _listed(elements: list[object]) -> str:
    return "[\n" + ",\n".join(map(_text, elements)) + "\n]"


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()
