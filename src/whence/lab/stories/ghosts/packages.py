"""The packages of the three programs, built with dpkg-deb."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from whence.lab.building import CannotBuild, run
from whence.lab.stories.ghosts import programs
from whence.lab.stories.ghosts.drawing import Drawn, Ghost

PYTHON = "/usr/bin/python3"
OLD, NEW = "3.1.4-1", "3.2.0-1"
URL = "postgresql://monitor@/monitoring?host=/run/postgresql"


def build_package(drawn: Drawn, ghost: Ghost, folder: Path, version: str) -> Path:
    """Build a program's package in ``folder``, and give its path."""
    about = programs.ABOUT[ghost.kind]
    company, package = ghost.company, ghost.package
    control = programs.CONTROL.format(
        package=package, version=version, company=company, domain=company.lower(),
        kind=ghost.kind, about=about,
    )  # fmt: skip
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        root = Path(scratch, "root")
        _write(root, "/DEBIAN/control", control)
        _write(root, "/DEBIAN/conffiles", f"{ghost.settings}\n")
        _write(root, path_of(ghost), _program(drawn, ghost), executable=True)
        _write(root, ghost.settings, _settings(drawn, ghost))
        if ghost.kind == "inventory":
            (root / ghost.state.lstrip("/")).parent.mkdir(parents=True)
        if ghost.service:
            unit = programs.UNIT.format(company=company, package=package, program=path_of(ghost))
            _write(root, f"/lib/systemd/system/{ghost.service}", unit)
        else:
            cron = programs.CRON.format(company=company, package=package, program=path_of(ghost))
            _write(root, f"/etc/cron.d/{package}", cron)
        target = folder / f"{package}_{version}_all.deb"
        run(("dpkg-deb", "--root-owner-group", "--build", "-Znone", str(root), str(target)))
    return target


def _program(drawn: Drawn, ghost: Ghost) -> str:
    text = {
        "inventory": programs.SCANNER,
        "monitoring": programs.MONITOR,
        "management": programs.AGENT,
    }[ghost.kind]
    alone = drawn.variant == "sporadic-only"
    return text.format(
        python=python(), company=ghost.company, package=ghost.package, settings=ghost.settings,
        table=ghost.table, column=ghost.column, burst=30 if alone else 6,
        least=3 if alone else 1.5, most=9 if alone else 7,
    )  # fmt: skip


def _settings(drawn: Drawn, ghost: Ghost) -> str:
    words = {
        "state": ghost.state, "port": ghost.port, "pause": ghost.pause, "url": URL,
        "company": ghost.company, "package": ghost.package,
    }  # fmt: skip
    if ghost.kind == "management":
        known = [f"poll {drawn.lan}.1 community public\n"]
        known += [f"poll {target} community public\n" for target in ghost.targets]
        return programs.AGENT_SETTINGS.format(lines="".join(known), **words)
    text = programs.SCANNER_SETTINGS if ghost.kind == "inventory" else programs.MONITOR_SETTINGS
    return text.format(**words)


def path_of(ghost: Ghost) -> str:
    """Say where a program lies in this office, in which no host really runs Windows."""
    return f"/usr/sbin/{ghost.package}"


def python() -> str:
    """Say which Python runs the programs: Debian's, where it is there."""
    try:
        run((PYTHON, "-I", "-c", "import configparser, socket, sqlite3"))
    except CannotBuild:
        return str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())
    return PYTHON


def _write(root: Path, path: str, text: str, executable: bool = False) -> None:
    file = root / path.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755 if executable else 0o644)
