"""``whence lab …``: a small office with a mystery in it."""

from __future__ import annotations

import click

from whence import lab

variant_option = click.option("--variant", help="One of the story's variants; else its first.")
seed_option = click.option("--seed", type=int, help="Draws all names; another one each time.")


@click.group(name="lab")
def command() -> None:
    """A small office in network namespaces, with a mystery in it. Needs root.

    `whence lab stories` says which mysteries there are, and in which variants.
    """


@command.command(short_help="Build the office of STORY, and say what is known there.")
@click.argument("story", default="firewall")
@seed_option
@variant_option
def up(story: str, seed: int | None, variant: str | None) -> int:
    """Build the office of STORY (firewall), and say what its administrator knows."""
    click.echo(lab.describe(lab.up(story, seed, variant)))
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
def stories() -> int:
    """Say which stories there are, and in which variants."""
    for story in lab.all_stories().values():
        click.echo(f"{story.name:10} {story.about}.")
        click.echo(f"{'':10} variants: {', '.join(story.variants)}")
    return 0


@command.command(short_help="Build the office, let whence solve its mystery, take it down.")
@click.argument("story", required=False)
@seed_option
@variant_option
def demo(story: str | None, seed: int | None, variant: str | None) -> int:
    """Build the office, let whence solve its mystery with nothing told, and take it down.

    Without STORY, all of them one after the other.
    """
    return lab.demo(seed=seed, variant=variant, name=story)
