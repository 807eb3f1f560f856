"""The recorder as a service: put there, and taken away without a trace but its history."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from whence.model import BadSettings, CannotAsk
from whence.world import durable, systemd
from whence.world.trust import account_for, this_whence
from whence.world.undo import Run, Undo

NAME = "whence-record.service"
UNIT = f"etc/systemd/system/{NAME}"
STATE = "var/lib/whence"
JOURNAL = f"{STATE}/undo/record-install.jsonl"  # below a folder that is root's, not the service's

BY_HAND = (
    f"systemd does not run here; where it does: systemctl enable --now {NAME}",
    "without it, have something else run this from boot on, as root: whence record",
)


def install(
    command: Sequence[str],
    *,
    root: Path = Path("/"),
    rests_on: Sequence[Path] | None = None,
    run: Run = systemd.run,
) -> list[str]:
    """Write the unit that runs ``command``, start it, and say what was done.

    ``rests_on`` is what the command needs to be there and unchanged: by default, this Python and
    this whence. Doing it once more is harmless, and brings a unit of an older whence up to date.

    Raises
    ------
    BadSettings
        If there is a unit of this name that whence did not write, or that was changed since, or
        if whence lies where a service cannot see it.
    NotPermitted
        If this user may not install, or others could change what root would run.

    """
    parts = [root / word.lstrip("/") for word in command[:1]]
    parts += this_whence() if rests_on is None else rests_on
    _refuse_temporary(parts, root)
    account = account_for(parts, root)
    text = systemd.recorder_unit(command, account)
    durable.make_folder(root / STATE, 0o755)
    with durable.only_one(root / STATE):
        return [*_write(root, text, account), *_start(root, run)]


def remove(*, root: Path = Path("/"), run: Run = systemd.run) -> list[str]:
    """Take away what ``install`` did, and say what was done. The history stays."""
    state = root / STATE
    if not state.is_dir():
        return [_not_ours(root)]
    with durable.only_one(state):
        said = [*dict.fromkeys(Undo(root / JOURNAL).undo_all(run))]
    if not said:
        return [_not_ours(root)]
    history = state / "history"
    if history.exists():  # it may be a link: DynamicUser= of systemd.exec(5)
        way = f", where {history} leads to" if history.is_symlink() else ""
        said.append(f"the history stays in {history.resolve()}{way}")
    return said


def status(*, root: Path = Path("/"), run: Run = systemd.run) -> list[str]:
    """Say whether the recorder is installed as a service, and whether it runs."""
    unit = root / UNIT
    if not unit.exists() or not Undo(root / JOURNAL).wrote(unit):
        return [_not_ours(root)]
    if not systemd.is_running(root):
        return [f"installed as {unit}", *BY_HAND]
    runs = "it runs" if _is_active(run) else f"it does not run; see: journalctl -u {NAME}"
    return [f"installed as {unit}", runs]


def _refuse_temporary(parts: Sequence[Path], root: Path) -> None:
    """A service has a /tmp and a /var/tmp of its own: PrivateTmp= of systemd.exec(5)."""
    for part in parts:
        if any(part.is_relative_to(root / folder) for folder in ("tmp", "var/tmp")):
            raise BadSettings(
                f"the service could not run {part}",
                because="a service has a /tmp of its own, and files there do not last",
                try_="install whence under a lasting path, such as /opt/whence",
            )


def _write(root: Path, text: str, account: systemd.Account) -> list[str]:
    unit, undo = root / UNIT, Undo(root / JOURNAL)
    if unit.is_symlink() or (unit.exists() and not undo.wrote(unit)):
        raise BadSettings(
            f"{unit} is not as whence wrote it",
            because="somebody else wrote or changed it, so it is not overwritten",
            try_="move it away, and put your own changes in with: systemctl edit whence-record",
        )
    if account is systemd.Account.OWN:
        undo.open(root / STATE, 0o011)  # the recorder's account passes through to its history
    if systemd.is_running(root):
        undo.will_run("systemctl", "daemon-reload")  # undone last: when the unit is gone
    undo.write(unit, text.encode())
    said = [f"wrote {unit}"]
    if account is systemd.Account.ROOT:
        said.append("it runs as root, with its capabilities alone: only root can reach this whence")
    return said


def _start(root: Path, run: Run) -> list[str]:
    if not systemd.is_running(root):
        return [*BY_HAND]
    Undo(root / JOURNAL).will_run("systemctl", "disable", "--now", NAME)
    for action in ("daemon-reload", "enable", "restart"):
        run(("systemctl", action, *([NAME] if action != "daemon-reload" else [])))
    return [f"enabled and started {NAME}"]


def _not_ours(root: Path) -> str:
    unit = root / UNIT
    if unit.exists():
        return f"{unit} is not as whence wrote it; it stays"
    return "the recorder is not installed as a service; see: whence record install"


def _is_active(run: Run) -> bool:
    try:
        run(("systemctl", "is-active", "--quiet", NAME))
    except CannotAsk:
        return False
    return True
