"""The container that the maker runs in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.remedies._declare import Chain, remedy
from whence.inquiry.remedies._others import other_connections
from whence.model import Container, Fact, Process
from whence.model.suggestions import Invasive, Suggestion, Words, all_or_none, command

_NAME = re.compile(r"\w[\w.@-]*")


@remedy
def stop_the_container(chain: Chain) -> Iterator[Suggestion]:
    """Stop the container that it runs in."""
    for process in chain.asked_processes():
        for ancestor in chain.known.ancestors(process):
            for fact in chain.known.about(ancestor, "inside"):
                if isinstance(fact.value, Container):
                    yield _stop(chain, process, fact.value, fact)


def _stop(chain: Chain, process: Process, box: Container, fact: Fact) -> Suggestion:
    stop, start, advice = _commands(box)
    pods = [str(one.value) for one in chain.known.about(box, "part-of")]
    if pods:
        advice = (
            f"It is part of {pods[0]}: whoever deploys that must take it away, for the cluster "
            "starts it again."
        )
        stop, start = (), ()
    undo = "" if start else "start it again by whatever started it"
    return Suggestion(
        f"Stop {box}. {advice}".rstrip(),
        Invasive.ONE_CONTAINER,
        fact.evidence,
        stop,
        start,
        undo,
        ("all else that runs in this container", *other_connections(chain, process)),
        fact.confidence,
    )


def _commands(box: Container) -> tuple[tuple[Words, ...], tuple[Words, ...], str]:
    name, runtime = box.identifier, box.runtime
    if not _NAME.fullmatch(name):
        return (), (), ""
    if runtime in ("docker", "podman"):
        shown = command(runtime, "inspect", "--format={{.Name}} {{.HostConfig.RestartPolicy.Name}}",
                        name)  # fmt: skip
        off = command(runtime, "update", "--restart=no", name)
        advice = (
            "What the first command shows is the policy by which it would be started again; "
            f"“{runtime} update --restart=” gives that back."
        )
        return (
            all_or_none(shown, off, command(runtime, "stop", name)),
            command(runtime, "start", name),
            advice,
        )
    if runtime == "lxc":
        return (command("lxc-stop", f"--name={name}"), command("lxc-start", f"--name={name}"),
                "Where lxd or incus keeps it: lxc stop, or incus stop.")  # fmt: skip
    if runtime == "systemd-nspawn":
        return (command("machinectl", "poweroff", name), command("machinectl", "start", name),
                "machinectl disable keeps it down after a boot.")  # fmt: skip
    if runtime == "snap":
        return (
            command("snap", "stop", "--disable", name),
            command("snap", "start", "--enable", name),
            "",
        )
    if runtime == "flatpak":
        return command("flatpak", "kill", name), (), ""
    return (), (), f"Its runtime is {runtime}; whatever deploys it must take it away."
