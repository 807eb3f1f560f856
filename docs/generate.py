"""Write the reference from the code: commands, questions, findings, sensors, kinds of imports."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

import whence.analysis
import whence.probes
import whence.sensors
from whence.analysis._declare import Analysis
from whence.cli.main import COMMANDS, cli
from whence.inquiry.importing import kinds
from whence.model import Probe, Sensor
from whence.model.discovery import discover

REFERENCE = Path(__file__).parent / "reference"
MADE = "<!-- Made by docs/generate.py from the code; do not edit. -->\n"


def pages() -> dict[str, str]:
    """Give each page of the reference by its file name."""
    return {
        "commands.md": MADE + "\n# Commands\n\n" + "\n".join(_commands()),
        "probes.md": MADE + "\n# Questions\n\n" + "\n".join(_probes()),
        "findings.md": MADE + "\n# Findings\n\n" + "\n".join(_findings()),
        "sensors.md": MADE + "\n# Sensors\n\n" + "\n".join(_sensors()),
        "imports.md": MADE + "\n# Imports\n\n" + "\n".join(_imports()),
    }


def _commands() -> Iterator[str]:
    top = click.Context(cli, info_name="whence")
    yield _block(cli.get_help(top))
    for name in COMMANDS:
        command = cli.get_command(top, name)
        assert command is not None
        yield from _command(command, click.Context(command, info_name=name, parent=top))


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    yield f"## `{context.command_path}`\n"
    yield _block(command.get_help(context))
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from _command(inner, click.Context(inner, info_name=name, parent=context))


def _probes() -> Iterator[str]:
    yield "Each is a file in `src/whence/probes`, named as here, and is about one thing.\n"
    yield "| probe | asked about | the question | its answer is the relation | heard |"
    yield "|---|---|---|---|---|"
    for probe in sorted(discover(whence.probes, Probe), key=lambda probe: probe.name):
        about = getattr(probe.about, "__name__", str(probe.about)).lower()
        heard = probe.reach.name.lower().replace("_", " ")
        yield f"| `{probe.name}` | {about} | {probe.question} | {probe.answers} | {heard} |"
    yield ""


def _findings() -> Iterator[str]:
    yield "What `whence findings` asks of traffic. Each is a file in `src/whence/analysis`.\n"
    for analysis in sorted(discover(whence.analysis, Analysis), key=lambda found: found.name):
        yield f"## `{analysis.name}`\n"
        yield f"{analysis.question}\n"
        yield f"{analysis.limits}\n"


def _sensors() -> Iterator[str]:
    yield "The lowest level that a machine allows is used; `whence doctor` says which.\n"
    for sensor in sorted(discover(whence.sensors, Sensor, {}), key=lambda found: found.level):
        yield f"## Level {sensor.level}: `{sensor.name}`\n"
        yield f"{sensor.does}\n"
        if sensor.cannot_see:
            yield "Cannot see: " + "; ".join(sensor.cannot_see) + ".\n"
        if sensor.better_with:
            yield f"Needs: {sensor.better_with}.\n"


def _imports() -> Iterator[str]:
    yield "What `whence import` takes in. Each is a file in `src/whence/inquiry/imports`.\n"
    for kind in kinds():
        yield f"## `{kind.name}`\n"
        yield f"{kind.title}.\n"
        yield f"{kind.notes}\n"


def _block(text: str) -> str:
    return f"```text\n{text}\n```\n"


def main() -> None:
    """Write the pages."""
    REFERENCE.mkdir(exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text)
        print(f"wrote {name}", file=sys.stderr)


if __name__ == "__main__":
    main()
