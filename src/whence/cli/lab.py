"""``whence lab …``: a small office with a mystery in it."""

from __future__ import annotations

import click

from whence import lab

variant_option = click.option(
    "--variant", default="anacron", show_default=True, help="What starts it: anacron or cron."
)
seed_option = click.option("--seed", type=int, help="Draws all names; another one each time.")


@click.group(name="lab")
def command() -> None:
    """A small office in network namespaces, with a mystery in it. Needs root."""


@command.command()
@seed_option
@variant_option
def up(seed: int | None, variant: str) -> int:
    """Build the office, and say what its firewall's log shows."""
    click.echo(lab.describe(lab.up(seed, variant)))
    return 0


@command.command()
def down() -> int:
    """Take everything down that belongs to the office."""
    for line in lab.down() or ["there was no office"]:
        click.echo(line)
    return 0


@command.command()
def status() -> int:
    """Say whether the office is up, and how to look around in it."""
    office = lab.status()
    click.echo(lab.describe(office) if office else "there is no office")
    return 0 if office else 1


@command.command()
@seed_option
@variant_option
def demo(seed: int | None, variant: str) -> int:
    """Build the office, let whence solve its mystery with nothing told, and take it down."""
    return lab.demo(seed=seed, variant=variant)
